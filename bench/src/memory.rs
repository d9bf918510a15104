//! How much memory a payment holds while it waits.

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use crate::Outcome;
use crate::bank::Bank;
use crate::table::Row;
use crate::work::{CLIENT_ID, CLIENT_SECRET, REGION, USER_ID};

/// Long enough for some polls.
const WAIT: Duration = Duration::from_secs(3);

/// Is a running `till pay`, ended when dropped.
struct Paying(Child);

impl Drop for Paying {
    fn drop(&mut self) {
        let _ended_already = self.0.kill();
        let _waited_already = self.0.wait();
    }
}

pub(crate) fn measure(folder: &Path, till: &Path) -> Outcome<Vec<Row>> {
    let place = tempfile::tempdir_in(folder)?;
    let bank = Bank::start(0, None)?;
    std::fs::write(place.path().join("ca.pem"), &bank.address.ca_pem)?;
    let config = place.path().join("till.toml");
    let base_url = &bank.address.base_url;
    std::fs::write(
        &config,
        format!(
            "[terminal]\nid = \"T-1\"\ncurrency = \"UZS\"\nrail = \"octo\"\n\
             journal = \"till.sqlite\"\n\n[octo]\nbase_url = \"{base_url}\"\n\
             client_id = \"{CLIENT_ID}\"\nclient_secret = \"{CLIENT_SECRET}\"\n\
             user_id = \"{USER_ID}\"\nregion = \"{REGION}\"\nextra_roots = \"ca.pem\"\n"
        ),
    )?;
    let command = Command::new(till)
        .args(["pay", "--json", "--amount", "12500", "--purpose", "Coffee", "--config"])
        .arg(&config)
        .current_dir(place.path())
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn();
    let mut paying = Paying(command.map_err(|error| format!("{}: {error}", till.display()))?);
    let progress = paying.0.stderr.take().ok_or("till has no standard error")?;
    let mut lines = BufReader::new(progress).lines();
    let mut seen = String::new();
    loop {
        let line = lines.next().ok_or_else(|| format!("till ended without a code: {seen}"))??;
        if line.contains("\"code_shown\"") {
            break;
        }
        seen = line;
    }
    std::thread::sleep(WAIT);
    let status = std::fs::read_to_string(format!("/proc/{}/status", paying.0.id()))?;
    let row = |what: &str, key: &str| {
        let line = status.lines().find_map(|line| line.strip_prefix(key));
        Row {
            what: format!("{what} of a waiting `till pay`"),
            measured: line.unwrap_or("unknown").trim_start_matches(':').trim().to_owned(),
            against: String::new(),
            figure: None,
            bound: None,
        }
    };
    Ok(vec![row("memory", "VmRSS"), row("peak memory", "VmHWM")])
}
