//! Measures the terminal against its bounds and prints one table.
//!
//! Every figure is a ratio or a count taken in one run on one machine, so it can be compared with
//! that of another machine.

mod android;
mod bank;
mod bare;
mod code;
mod cpu;
mod fsyncs;
mod gateway;
mod job;
mod journals;
mod memory;
mod meter;
mod served;
mod simulator;
mod table;
mod work;

use std::error::Error;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand, ValueEnum};

use crate::table::{Row, say};

/// The exit status when something could not be measured.
const NOT_MEASURED: u8 = 2;

/// Is a result with whatever went wrong, in words.
type Outcome<T> = Result<T, Box<dyn Error + Send + Sync>>;

#[derive(Debug, Parser)]
#[command(about = "Measures the terminal against its bounds and prints one table")]
struct Args {
    /// Only this part; may be repeated.
    #[arg(long, value_name = "NAME")]
    only: Vec<Part>,
    /// Where journals are written; on a real disk.
    #[arg(long, value_name = "FOLDER", default_value = "target/bench")]
    folder: PathBuf,
    /// The command line terminal, for the part `memory`.
    #[arg(long, value_name = "FILE", default_value = "target/release/till")]
    till: PathBuf,
    /// The gateway, for the part `gateway`.
    #[arg(long, value_name = "FILE", default_value = "target/release/till-gateway")]
    gateway: PathBuf,
    /// What scripts/android made, for the part `android`.
    #[arg(long, value_name = "FOLDER", default_value = "target/android")]
    android: PathBuf,
    /// The script of the simulator, for the part `simulate`.
    #[arg(long, value_name = "FILE", default_value = "scripts/simulate")]
    simulate: PathBuf,
    #[command(subcommand)]
    role: Option<Role>,
}

/// Is what this program is inside a measurement, as a process of its own.
#[derive(Debug, Subcommand)]
enum Role {
    /// The bank.
    #[command(hide = true)]
    Bank {
        /// How much longer every call takes.
        #[arg(long)]
        round_trip_ms: u64,
        /// How long after perform customers pay; never if it is not given.
        #[arg(long)]
        pays_after_ms: Option<u64>,
    },
    /// What counts a disk's commits.
    #[command(hide = true)]
    Commits {
        /// A new SQLite file.
        file: PathBuf,
    },
    /// The one that is measured.
    #[command(hide = true)]
    Work {
        /// A [`job::Job`].
        job: String,
    },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Part {
    /// CPU and wall time of a payment against the same calls made by a bare HTTP client.
    Cpu,
    /// The fsyncs of a payment, a refund and a poll.
    Fsync,
    /// The time until the QR code is known against what pace and network leave no choice about.
    Code,
    /// Start and STATUS with a large journal against a small one.
    Journal,
    /// Operations a second in the simulator.
    Simulate,
    /// Memory of a payment that waits.
    Memory,
    /// Android's library on a JVM, against uniffi's stock bindings and a bare HTTP client; sizes.
    Android,
    /// Payments a second of a gateway against the commits of its database, and its callbacks.
    Gateway,
}

fn main() -> ExitCode {
    let args = Args::parse();
    let outcome = match &args.role {
        Some(Role::Bank { round_trip_ms, pays_after_ms }) => {
            bank::serve(*round_trip_ms, *pays_after_ms).map(|()| ExitCode::SUCCESS)
        }
        Some(Role::Commits { file }) => gateway::commit_and_tell(file).map(|()| ExitCode::SUCCESS),
        Some(Role::Work { job }) => work::run(job).map(|()| ExitCode::SUCCESS),
        None => measure(&args),
    };
    outcome.unwrap_or_else(|error| {
        say(format_args!("bench: {error}"));
        ExitCode::from(NOT_MEASURED)
    })
}

/// Runs the parts; a part that cannot be measured keeps none of the others from it.
fn measure(args: &Args) -> Outcome<ExitCode> {
    std::fs::create_dir_all(&args.folder)?;
    meter::refuse_memory_disk(&args.folder)?;
    let mut rows: Vec<Row> = Vec::new();
    let mut failed = false;
    for part in Part::value_variants() {
        if !args.only.is_empty() && !args.only.contains(part) {
            continue;
        }
        let name = part.to_possible_value().map(|value| value.get_name().to_owned());
        let name = name.unwrap_or_default();
        say(format_args!("bench: {name}"));
        let measured = match part {
            Part::Cpu => cpu::measure(&args.folder),
            Part::Fsync => fsyncs::measure(&args.folder),
            Part::Code => code::measure(&args.folder),
            Part::Journal => journals::measure(&args.folder),
            Part::Simulate => simulator::measure(&args.simulate),
            Part::Memory => memory::measure(&args.folder, &args.till),
            Part::Android => android::measure(&args.folder, &args.android),
            Part::Gateway => gateway::measure(&args.folder, &args.gateway),
        };
        match measured {
            Ok(measured) => rows.extend(measured),
            Err(error) => {
                say(format_args!("bench: {name}: {error}"));
                failed = true;
            }
        }
    }
    table::print(&rows)?;
    let holds = rows.iter().all(|row| row.holds() != Some(false));
    Ok(match (failed, holds) {
        (true, _) => ExitCode::from(NOT_MEASURED),
        (false, true) => ExitCode::SUCCESS,
        (false, false) => ExitCode::FAILURE,
    })
}
