//! `till history` and `till resume`.

use std::sync::Arc;

use serde::Serialize;
use till_core::journal::SqliteJournal;

use super::wait::Interrupts;
use super::{Waited, fail, fail_listing, quietly};
use crate::args::{Common, Customer};
use crate::exit::Exit;
use crate::out::{self, Out};
use crate::row::{self, Row};
use crate::setup::Setup;
use crate::share::Reply;
use crate::show::history;
use crate::trouble::Trouble;
use crate::wish::Wish;

#[derive(Serialize)]
struct Line<'a> {
    operations: &'a [Row],
}

/// Tells operations.
pub(super) async fn run(common: &Common, wish: Wish) -> Exit {
    let setup = match Setup::new(common, Customer::default()) {
        Ok(setup) => Arc::new(setup),
        Err(trouble) => return fail_listing(common, &trouble),
    };
    let (desk, reply) = match quietly(Arc::clone(&setup), wish.clone()).await {
        Waited::Done(desk, reply) => (desk, reply),
        Waited::Left => (None, Err(Trouble::Failed("left".to_owned()))),
    };
    let interrupts = Interrupts::new();
    let exit = match reply {
        Ok(Reply::Rows(rows)) => tell(common, &rows),
        Err(trouble @ Trouble::Journal(_)) => {
            let read = match &wish {
                Wish::History { limit } => read_only(&setup, *limit),
                Wish::Ask(_) | Wish::Resume => None,
            };
            match read {
                Some(rows) => {
                    out::error(common.json, "this is what can still be read");
                    let _written = tell(common, &rows);
                    fail(common, &trouble)
                }
                None => fail_listing(common, &trouble),
            }
        }
        Err(trouble) => fail_listing(common, &trouble),
        Ok(Reply::Answer(_)) => {
            fail_listing(common, &Trouble::Failed("no operations were told".to_owned()))
        }
    };
    interrupts.leave(desk, |_| {}).await;
    exit
}

/// Reads what a journal still tells that cannot be used.
fn read_only(setup: &Setup, limit: usize) -> Option<Vec<Row>> {
    let journal = SqliteJournal::open_read_only(&setup.journal).ok()?;
    row::read(&journal, limit, setup.settings.language).ok()
}

fn tell(common: &Common, rows: &[Row]) -> Exit {
    let text = if common.json {
        let line = serde_json::to_string(&Line { operations: rows }).unwrap_or_default();
        format!("{line}\n")
    } else {
        history::table(rows, Out::new())
    };
    match out::print(&text) {
        Ok(()) => Exit::Approved,
        Err(error) => {
            fail(common, &Trouble::Failed(format!("the list cannot be written: {error}")))
        }
    }
}
