//! `till demo`: the whole story in one run, told step by step and checked against the bank's books.

pub(crate) mod gateway;
mod shop;
mod steps;

use std::fs::{self, DirBuilder};
use std::os::unix::fs::DirBuilderExt;
use std::path::PathBuf;
use std::time::Duration;

use data_encoding::HEXLOWER;
use serde::Serialize;

use crate::args::Common;
use crate::exit::Exit;
use crate::out::{self, Dress, Out};
use crate::random;
use crate::row::Row;
use crate::run::fail;
use crate::show::history;
use crate::trouble::Trouble;
use shop::Shop;

/// Is what came of one step.
#[derive(Debug, Serialize)]
struct Step {
    name: &'static str,
    /// Whether it came out as told.
    ok: bool,
    code: u8,
    outcome: &'static str,
    message: String,
    /// What the bank's books say of it.
    books: String,
}

#[derive(Serialize)]
struct Line<'a> {
    steps: &'a [Step],
    operations: &'a [Row],
}

/// Is where the demo's journal is: a folder that goes with the demo, unless the journal was named.
struct Folder(Option<PathBuf>);

impl Drop for Folder {
    fn drop(&mut self) {
        if let Some(folder) = &self.0 {
            let _gone_already = fs::remove_dir_all(folder);
        }
    }
}

/// Tells prose, unless a script reads.
#[derive(Clone, Copy, Debug)]
struct Voice {
    json: bool,
    out: Out,
}

/// Runs the demo; 0 only if every step came out as told.
pub(crate) async fn run(common: &Common) -> Exit {
    match tell(common).await {
        Ok(true) => Exit::Approved,
        Ok(false) => fail(common, &Trouble::Failed("a step did not come out as told".to_owned())),
        Err(trouble) => fail(common, &trouble),
    }
}

async fn tell(common: &Common) -> Result<bool, Trouble> {
    let voice = Voice { json: common.json, out: Out::new() };
    let (folder, journal) = place(common)?;
    let shop = Shop::open(common, journal).await?;
    voice.say(&format!(
        "\n  {}  A bank of its own, over real HTTPS at {}; no money moves.\n",
        voice.out.dress(Dress::Care, "SANDBOX"),
        shop.server.base_url()
    ));
    let steps = steps::all(&shop, voice).await?;
    let rows = shop.history(steps.len()).await?;
    voice.heading("The journal, newest first: every step was on disk before the bank heard of it.");
    voice.say(&history::table(&rows, voice.out));
    let well = steps.iter().all(|step| step.ok);
    if common.json {
        let line = serde_json::to_string(&Line { steps: &steps, operations: &rows });
        let line = line.map_err(|error| Trouble::Failed(error.to_string()))?;
        let told = out::print(&format!("{line}\n"));
        told.map_err(|error| Trouble::Failed(format!("nobody can be told: {error}")))?;
    }
    if well {
        voice.say(&format!(
            "\n  {}  Your turn:\n    till pay --sandbox --amount 12500 --purpose Coffee\n",
            voice.out.dress(Dress::Good, "All as told")
        ));
    }
    shop.close().await;
    drop(folder);
    Ok(well)
}

fn place(common: &Common) -> Result<(Folder, PathBuf), Trouble> {
    if let Some(journal) = &common.journal {
        return Ok((Folder(None), journal.clone()));
    }
    let name = format!("till-demo-{}", HEXLOWER.encode(&random::bytes()?));
    let folder = std::env::temp_dir().join(name);
    let made = DirBuilder::new().mode(0o700).create(&folder);
    made.map_err(|error| {
        Trouble::Journal(format!("{}: it cannot be made: {error}", folder.display()))
    })?;
    let journal = folder.join("demo.sqlite");
    Ok((Folder(Some(folder)), journal))
}

impl Voice {
    fn say(self, text: &str) {
        if !self.json {
            // If nobody can read it the demo still checks itself.
            let _nobody_reads = out::print(&format!("{text}\n"));
        }
    }

    fn heading(self, text: &str) {
        self.say(&format!("\n  {}", self.out.dress(Dress::Bold, text)));
    }

    /// Lets people read before the next step.
    async fn breathe(self) {
        if self.out.live && !self.json {
            tokio::time::sleep(Duration::from_millis(900)).await;
        }
    }
}
