//! `till-gateway`: the merchant's server.

mod args;
mod banks;
mod database;
mod serve;
mod token;
mod trouble;

use std::io::Write as _;
use std::process::ExitCode;

use args::{Args, Command};
use trouble::Trouble;

fn main() -> ExitCode {
    let args = match Args::read(std::env::args_os()) {
        Ok(args) => args,
        Err(error) => {
            let failed = error.use_stderr();
            let _nobody_reads = error.print();
            return if failed { ExitCode::from(2) } else { ExitCode::SUCCESS };
        }
    };
    let done = match &args.command {
        Command::Serve(serve) => serve::run(&args, serve),
        Command::Check => serve::check(&args),
        Command::Token(token) => token::run(&args, token),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(trouble) => {
            let _nobody_reads = writeln!(std::io::stderr(), "error: {trouble}");
            trouble.into()
        }
    }
}

/// Prints a line for people or scripts.
fn print(line: &str) -> Result<(), Trouble> {
    let mut out = std::io::stdout().lock();
    writeln!(out, "{line}")
        .and_then(|()| out.flush())
        .map_err(|error| Trouble::Failed(format!("standard output: {error}")))
}
