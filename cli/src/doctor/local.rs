//! What can be checked on this machine alone.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use rustix::fs::{Access, access};
use till_config::readable_by_others;
use till_core::journal::{Findings, Journal, JournalError, SqliteJournal};
use till_core::rail::ecommpay::EcommpaySettings;
use till_core::rail::octo::OctoSettings;
use till_core::time::to_iso8601;

use super::{Check, wall_ms};
use crate::setup::{Bank, Setup};
use crate::trouble::Trouble;

/// No till ran before this time: 2026-01-01, wall clock, in milliseconds.
const EARLIEST_MS: i64 = 1_767_225_600_000;
/// Nor will one after this: 2100-01-01.
const LATEST_MS: i64 = 4_102_444_800_000;
/// How far the journal may seem to be ahead of the clock, in milliseconds.
const AHEAD_MS: i64 = 60_000;

/// Tells what is configured.
pub(super) fn configuration(setup: &Setup) -> Check {
    let settings = &setup.settings;
    let terminal = format!("{}, {}, {}", settings.terminal_id, settings.currency, settings.rail);
    let message = match &setup.bank {
        Bank::Sandbox { .. } => format!("{terminal}, the embedded sandbox: no money moves"),
        Bank::Configured(config) => {
            let octo = config.octo.iter().map(|octo| {
                let OctoSettings { base_url, live, .. } = &octo.settings;
                (base_url, *live)
            });
            let ecommpay = config.ecommpay.iter().map(|ecommpay| {
                let EcommpaySettings { gate_url, live, .. } = &ecommpay.settings;
                (gate_url, *live)
            });
            let banks: String = octo
                .chain(ecommpay)
                .map(|(url, live)| {
                    format!(", {url}, {}", if live { "LIVE: real money" } else { "no real money" })
                })
                .collect();
            let gateway = config.gateway.iter().filter_map(|gateway| gateway.terminal.as_ref());
            let gateway: String =
                gateway.map(|there| format!(", gateway {}", there.settings.url)).collect();
            format!("{}: {terminal}{banks}{gateway}", config.file.display())
        }
    };
    Check::well("configuration", message)
}

/// Tells which files with secrets others may read.
pub(super) fn secrets(setup: &Setup) -> Vec<Check> {
    let Bank::Configured(config) = &setup.bank else { return vec![] };
    let octo = config.octo.iter().map(|octo| &octo.secret_file);
    let ecommpay = config.ecommpay.iter().map(|ecommpay| &ecommpay.secret_file);
    let gateway = config.gateway.iter().filter_map(|gateway| gateway.terminal.as_ref());
    let gateway = gateway.map(|terminal| &terminal.token_file);
    let mut files: Vec<_> = octo.chain(ecommpay).chain(gateway).collect();
    files.dedup();
    let check = |file: &std::path::PathBuf| match readable_by_others(file) {
        None => Check::well("secrets", format!("{}: only for this user", file.display())),
        Some(mode) => Check::warning(
            "secrets",
            format!("warning: {} is open to others (mode {mode:03o})", file.display()),
            format!("chmod 600 {}", file.display()),
        ),
    };
    files.into_iter().map(check).collect()
}

/// Checks the journal, whole, and gives the time of its newest operation.
pub(super) fn journal(setup: &Setup) -> (Check, Option<i64>) {
    let path = &setup.journal;
    if !path.exists() {
        return (new_journal(path), None);
    }
    let mut beside = "";
    let opened = match setup.open_journal() {
        Ok(Some(journal)) => Ok(journal),
        Ok(None) => {
            beside = "; another till has it, so it was only read";
            SqliteJournal::open_read_only(path).map_err(Trouble::from)
        }
        Err(trouble) => Err(trouble),
    };
    let journal = match opened {
        Ok(journal) => journal,
        Err(trouble) => return (Check::bad("journal", trouble.to_string(), ADVICE), None),
    };
    let newest = journal.history(1).ok().and_then(|found| found.into_iter().next());
    let check = match journal.verify() {
        Ok(Findings { operations, open }) => {
            let message = format!("{}: {operations} operations, {open} open", path.display());
            let message = format!("{message} or watched{beside}");
            if open > 0 {
                Check::warning("journal", message, "till resume looks at them once")
            } else {
                Check::well("journal", message)
            }
        }
        Err(error) => Check::bad("journal", error.to_string(), advice(&error)),
    };
    (check, newest.map(|operation| operation.order.created.wall_ms))
}

const ADVICE: &str = "keep the file as it is, with those beside it; no payment is taken until it \
                      can be used again, and till history shows what can still be read";

fn advice(error: &JournalError) -> &'static str {
    match error {
        JournalError::Newer(_) => "use the newer till that wrote it",
        JournalError::Locked(_) => "end that process, or wait for its end",
        JournalError::Unavailable(_)
        | JournalError::Damaged(_)
        | JournalError::Unsure(_)
        | JournalError::TakenOver(_)
        | JournalError::Conflict(_) => ADVICE,
    }
}

/// Says whether a journal can be made where none is yet.
fn new_journal(path: &Path) -> Check {
    let mut folder = path.parent().filter(|parent| !parent.as_os_str().is_empty());
    // Missing folders are made with the journal.
    while let Some(missing) = folder.filter(|folder| !folder.exists()) {
        folder = missing.parent().filter(|parent| !parent.as_os_str().is_empty());
    }
    let folder = folder.unwrap_or(Path::new("."));
    let usable = folder.is_dir() && access(folder, Access::WRITE_OK | Access::EXEC_OK).is_ok();
    if !usable {
        let message = format!("{}: it cannot be made in {}", path.display(), folder.display());
        return Check::bad("journal", message, "give this user the folder, or name --journal");
    }
    let open = folder.metadata().is_ok_and(|found| found.permissions().mode() & 0o002 != 0);
    let message = format!("{}: none yet; the first payment makes it", path.display());
    if open && !sticky(folder) {
        return Check::warning("journal", message, format!("chmod o-w {}", folder.display()));
    }
    Check::well("journal", message)
}

fn sticky(folder: &Path) -> bool {
    folder.metadata().is_ok_and(|found| found.permissions().mode() & 0o1000 != 0)
}

/// Checks that the clock can be right.
pub(super) fn clock(newest_ms: Option<i64>) -> Check {
    judge_clock(wall_ms(), newest_ms)
}

fn judge_clock(now_ms: i64, newest_ms: Option<i64>) -> Check {
    let time = to_iso8601(now_ms);
    let advice = "set this machine's clock, best by NTP";
    if !(EARLIEST_MS..LATEST_MS).contains(&now_ms) {
        return Check::bad("clock", format!("it says {time}, which cannot be"), advice);
    }
    match newest_ms {
        Some(newest) if newest > now_ms.saturating_add(AHEAD_MS) => {
            let newest = to_iso8601(newest);
            let message = format!("it says {time}, but the journal has a payment of {newest}");
            Check::bad("clock", message, advice)
        }
        Some(_) | None => Check::well("clock", time),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_can_be_right_only_between_the_first_till_and_the_far_future() {
        assert!(judge_clock(EARLIEST_MS, None).ok);
        assert!(!judge_clock(0, None).ok, "1970");
        assert!(!judge_clock(LATEST_MS, None).ok);
    }

    #[test]
    fn a_clock_behind_the_journal_is_wrong() {
        let now = EARLIEST_MS + 1_000_000;
        assert!(judge_clock(now, Some(now + AHEAD_MS)).ok);
        assert!(!judge_clock(now, Some(now + AHEAD_MS + 1)).ok);
    }
}
