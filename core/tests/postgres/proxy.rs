//! The way to the database, which can be cut before an answer, or stopped for a while.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::Duration;

/// Is a proxy before a database.
pub(crate) struct Proxy {
    pub(crate) url: String,
    ways: Arc<Ways>,
}

#[derive(Default)]
struct Ways {
    /// So many bytes that the journal sends with this mark in them lose their answer.
    cut: AtomicBool,
    cuts: AtomicU32,
    frozen: AtomicBool,
}

/// Is in the statement that writes a group.
const MARK: &[u8] = b"test-of-a-lost-answer";

impl Proxy {
    pub(crate) fn before(url: &str) -> Self {
        let (_, rest) = url.split_once('@').unwrap();
        let (address, database) = rest.split_once('/').unwrap();
        let (address, database) = (address.to_owned(), database.to_owned());
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let ways = Arc::new(Ways::default());
        let shared = Arc::clone(&ways);
        std::thread::spawn(move || {
            for client in listener.incoming() {
                let Ok(client) = client else { return };
                let Ok(server) = TcpStream::connect(&address) else { continue };
                carry(&client, &server, &shared, true);
                carry(&server, &client, &shared, false);
            }
        });
        Self { url: format!("postgres://postgres@127.0.0.1:{port}/{database}"), ways }
    }

    /// Cuts the connection once, after the next marked write reached the database.
    pub(crate) fn lose_an_answer(&self) {
        self.ways.cut.store(true, Ordering::SeqCst);
    }

    pub(crate) fn answers_lost(&self) -> u32 {
        self.ways.cuts.load(Ordering::SeqCst)
    }

    /// Holds everything back, both ways, or lets it go on.
    pub(crate) fn freeze(&self, frozen: bool) {
        self.ways.frozen.store(frozen, Ordering::SeqCst);
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.freeze(false);
    }
}

fn carry(from: &TcpStream, to: &TcpStream, ways: &Arc<Ways>, asks: bool) {
    let (mut from, mut to) = (from.try_clone().unwrap(), to.try_clone().unwrap());
    let ways = Arc::clone(ways);
    std::thread::spawn(move || {
        let mut bytes = [0; 65_536];
        loop {
            let read = from.read(&mut bytes).unwrap_or(0);
            while ways.frozen.load(Ordering::SeqCst) {
                std::thread::sleep(Duration::from_millis(5));
            }
            let marked = bytes[..read].windows(MARK.len()).any(|window| window == MARK);
            let cut = asks && marked && ways.cut.swap(false, Ordering::SeqCst);
            if cut {
                ways.cuts.fetch_add(1, Ordering::SeqCst);
                // Before the database gets it: its answer may be quick.
                let _closed = from.shutdown(Shutdown::Both);
            }
            if read == 0 || to.write_all(&bytes[..read]).is_err() {
                break;
            }
            if cut {
                // The database has it all, and finds nobody to answer.
                std::thread::sleep(Duration::from_millis(50));
                break;
            }
        }
        let _closed = (from.shutdown(Shutdown::Both), to.shutdown(Shutdown::Both));
    });
}
