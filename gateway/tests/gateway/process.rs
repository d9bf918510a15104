//! The gateway as a process, with a folder of its own.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use till_sandbox::{Certificate, Server, certificate};

pub(crate) struct Gateway(Child);

impl Gateway {
    fn command(folder: &Path, words: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_till-gateway"));
        command.args(words).arg("--config").arg(folder.join("gateway.toml")).stdin(Stdio::null());
        command
    }

    /// Starts it and waits until it listens; what it logs goes to `log`.
    pub(crate) fn start(folder: &Path, level: &str, log: Stdio) -> Self {
        let mut command = Self::command(folder, &["serve", "--log", level]);
        let mut child = command.stdout(Stdio::piped()).stderr(log).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        assert!(line.contains("listening"), "{line}");
        Self(child)
    }

    /// Makes a token.
    pub(crate) fn token(folder: &Path, words: &[&str]) -> String {
        let words = [&["token", "add"], words].concat();
        let made = Self::command(folder, &words).output().unwrap();
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        String::from_utf8(made.stdout).unwrap().trim().to_owned()
    }

    pub(crate) fn kill(mut self) {
        self.0.kill().unwrap();
        self.0.wait().unwrap();
    }
}

/// Writes the configuration of a gateway to this bank; gives where it will listen.
pub(crate) fn set_up(folder: &Path, bank: &Server, wait_s: u32) -> SocketAddr {
    let free = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap();
    let Certificate { ca_pem, chain_pem, key_pem } = certificate(free, "gateway").unwrap();
    for (name, text) in [("ca.pem", ca_pem), ("chain.pem", chain_pem), ("key.pem", key_pem)] {
        fs::write(folder.join(name), text).unwrap();
    }
    let terminal = format!("[terminal]\nwait_s = {wait_s}\n");
    let listen = format!(
        "{}\n[gateway]\nlisten = \"{free}\"\ndatabase = \"g.sqlite\"\n\
         certificate_file = \"chain.pem\"\nkey_file = \"key.pem\"\nrequests_per_second = 500\n",
        bank.till_config().replacen("[terminal]\n", &terminal, 1)
    );
    fs::write(folder.join("gateway.toml"), listen).unwrap();
    free
}
