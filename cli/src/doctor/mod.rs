//! `till doctor`: what stands in the way of a payment, and what to do about each.

mod acceptance;
mod bank;
mod ecommpay;
mod gateway;
mod local;

use serde::Serialize;
use till_core::terminal::Line;
use till_core::time::Clock;

use crate::args::{Common, Customer, Doctor};
use crate::exit::Exit;
use crate::lines;
use crate::out::{self, Dress, Out, plain};
use crate::run::fail;
use crate::setup::{Bank, Setup};
use crate::trouble::Trouble;
use till_sandbox::Auto;

/// Is one thing that was looked at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(super) struct Check {
    /// What it is.
    name: String,
    /// Whether it is well.
    ok: bool,
    /// What was found.
    message: String,
    /// What to do; empty if nothing.
    advice: String,
}

impl Check {
    pub(super) fn well(name: &str, message: impl Into<String>) -> Self {
        Self { name: name.to_owned(), ok: true, message: message.into(), advice: String::new() }
    }

    pub(super) fn bad(name: &str, message: impl Into<String>, advice: impl Into<String>) -> Self {
        let (message, advice) = (message.into(), advice.into());
        Self { name: name.to_owned(), ok: false, message, advice }
    }

    /// Makes a check that is well but for what the advice speaks of.
    pub(super) fn warning(
        name: &str,
        message: impl Into<String>,
        advice: impl Into<String>,
    ) -> Self {
        Self { ok: true, ..Self::bad(name, message, advice) }
    }
}

#[derive(Serialize)]
struct Told<'a> {
    checks: &'a [Check],
}

/// Looks at everything.
pub(crate) async fn run(common: &Common, doctor: Doctor) -> Exit {
    let checks = match Setup::new(common, Customer::default()) {
        Ok(setup) => look(&setup, doctor, common.json).await,
        Err(trouble) => {
            let advice = "correct that line, or name another file with --config";
            vec![Check::bad("configuration", trouble.to_string(), advice), local::clock(None)]
        }
    };
    let told = if common.json {
        let line = serde_json::to_string(&Told { checks: &checks }).unwrap_or_default();
        out::print(&format!("{line}\n"))
    } else {
        out::print(&text(&checks, Out::new()))
    };
    if let Err(error) = told {
        return fail(common, &Trouble::Failed(format!("the checks cannot be written: {error}")));
    }
    if checks.iter().all(|check| check.ok) { Exit::Approved } else { Exit::NotConfigured }
}

async fn look(setup: &Setup, doctor: Doctor, json: bool) -> Vec<Check> {
    let mut checks = vec![local::configuration(setup)];
    if let Some(missing) = setup.missing_rail(None) {
        checks.push(Check::bad(
            "rail",
            missing,
            "set terminal.rail = \"octo\", or add its section",
        ));
    }
    checks.extend(local::secrets(setup));
    let (journal, newest_ms) = local::journal(setup);
    checks.push(journal);
    checks.push(local::clock(newest_ms));
    let server = match &setup.bank {
        Bank::Configured(_) => None,
        // Another process may have the sandbox's books, so this bank has none.
        Bank::Sandbox { .. } => match crate::bank::start(None, Auto::Ignore, None).await {
            Ok(server) => Some(server),
            Err(trouble) => {
                checks.push(Check::bad("sandbox", trouble.to_string(), "free some ports"));
                return checks;
            }
        },
    };
    let (octo, ecommpay) = match (&setup.bank, &server) {
        (Bank::Configured(config), _) => {
            (config.octo.as_ref().map(lines::octo), config.ecommpay.as_ref().map(lines::ecommpay))
        }
        (Bank::Sandbox { .. }, Some(server)) => {
            (Some(lines::sandbox_octo(server)), Some(lines::sandbox_ecommpay(server)))
        }
        (Bank::Sandbox { .. }, None) => (None, None),
    };
    if let Some(line) = octo {
        checks.extend(octo_checks(line, setup, doctor, json).await);
    }
    if let Some(line) = ecommpay {
        checks.extend(match line {
            Ok(line) => bank::look(&line, setup, ["ecommpay", "gate_url"], ecommpay::judge).await,
            Err(trouble) => vec![Check::bad("ecommpay", trouble.to_string(), "correct that key")],
        });
    }
    let gateway = match &setup.bank {
        Bank::Configured(config) => config.gateway.as_ref().and_then(|one| one.terminal.as_ref()),
        Bank::Sandbox { .. } => None,
    };
    // Its ways differ in nothing that can be asked for here.
    if let Some(line) = gateway.and_then(|client| lines::gateway(client).next()) {
        checks.extend(match line {
            Ok(line) => bank::look(&line, setup, ["gateway", "url"], gateway::judge).await,
            Err(trouble) => vec![Check::bad("gateway", trouble.to_string(), "correct that key")],
        });
    }
    checks
}

async fn octo_checks(
    line: Result<Line, Trouble>,
    setup: &Setup,
    doctor: Doctor,
    json: bool,
) -> Vec<Check> {
    let line = match line {
        Ok(line) => line,
        Err(trouble) => {
            return vec![Check::bad("octo", trouble.to_string(), "correct that key")];
        }
    };
    let (mut checks, token) = bank::way(&line).await;
    let Some(token) = token else { return checks };
    let probe = bank::Probe::new(&line, token, setup);
    checks.push(probe.unknown_payment("bank").await);
    if doctor.acceptance {
        checks.extend(acceptance::run(&probe, setup, doctor, json).await);
    }
    checks
}

fn text(checks: &[Check], out: Out) -> String {
    let width = checks.iter().map(|check| check.name.chars().count()).max().unwrap_or(0);
    let mut text = String::new();
    for Check { name, ok, message, advice } in checks {
        let (mark, dress) = match (ok, advice.is_empty()) {
            (true, true) => ("ok  ", Dress::Dim),
            (true, false) => ("note", Dress::Bold),
            (false, _) => ("BAD ", Dress::Bad),
        };
        let mark = out.dress(dress, mark);
        text.push_str(&format!("  {mark}  {name:width$}  {}\n", plain(message)));
        if !advice.is_empty() {
            text.push_str(&format!("        {:width$}  -> {}\n", "", plain(advice)));
        }
    }
    let bad = checks.iter().filter(|check| !check.ok).count();
    text.push_str(&match bad {
        0 => format!("\n  {}\n", out.dress(Dress::Good, "All well")),
        1 => format!("\n  {}\n", out.dress(Dress::Bad, "1 thing is wrong")),
        bad => format!("\n  {}\n", out.dress(Dress::Bad, &format!("{bad} things are wrong"))),
    });
    text
}

/// Gives the present time, wall clock, in milliseconds.
pub(super) fn wall_ms() -> i64 {
    Clock::new().now().wall_ms
}
