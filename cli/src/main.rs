//! The Till payment terminal on a command line.

mod again;
mod args;
mod bank;
mod demo;
mod doctor;
mod exit;
mod lines;
mod log;
mod note;
mod out;
mod random;
mod row;
mod run;
mod sandbox;
mod setup;
mod share;
mod show;
mod trouble;
mod wish;

use std::ffi::OsString;
use std::process::ExitCode;

use args::{Args, Stop};
use exit::Exit;

fn main() -> ExitCode {
    let words: Vec<OsString> = std::env::args_os().collect();
    let json = words.iter().any(|word| word == "--json");
    let args = match Args::read(words) {
        Ok(args) => args,
        Err(Stop::Text(text)) => {
            let _nobody_reads = out::print(&text);
            return Exit::Approved.into();
        }
        Err(Stop::Wrong(line)) => {
            if json {
                let _nobody_reads = out::print(&out::error_line(&line));
            }
            out::error(json, &line);
            return Exit::BadRequest.into();
        }
    };
    if let Some(level) = args.common.log {
        log::start(level);
    }
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            out::error(json, &format!("the system gives no threads: {error}"));
            return Exit::Unknown.into();
        }
    };
    let exit = runtime.block_on(run::run(&args));
    // Whatever still runs belongs to the journal, not to this process.
    runtime.shutdown_background();
    exit.into()
}
