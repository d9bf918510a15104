//! A TCP proxy that loses, delays and cuts, as bad networks do.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// A proxy on a free port of the loopback interface; ends with its runtime.
pub(crate) struct Proxy {
    pub(crate) address: SocketAddr,
    faulty: Arc<AtomicBool>,
}

/// What becomes of a connection.
#[derive(Clone, Copy)]
enum Fate {
    Good,
    /// Closed before anything.
    Refused,
    /// Both directions end after this many bytes.
    Cut(u64),
    /// What the bank says is lost after this many bytes.
    Deaf(u64),
}

impl Proxy {
    pub(crate) async fn start(bank: SocketAddr, seed: u64) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let faulty = Arc::new(AtomicBool::new(true));
        let dice = Arc::new(Dice::new(seed));
        let flag = Arc::clone(&faulty);
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let fate = if flag.load(Ordering::Relaxed) { dice.fate() } else { Fate::Good };
                tokio::spawn(carry(client, bank, fate, Arc::clone(&dice)));
            }
        });
        Self { address, faulty }
    }

    /// Lets every connection pass from now on.
    pub(crate) fn calm(&self) {
        self.faulty.store(false, Ordering::Relaxed);
    }
}

async fn carry(client: TcpStream, bank: SocketAddr, fate: Fate, dice: Arc<Dice>) {
    if matches!(fate, Fate::Refused) {
        return;
    }
    let Ok(server) = TcpStream::connect(bank).await else { return };
    let (from_client, to_client) = client.into_split();
    let (from_server, to_server) = server.into_split();
    let (up, down) = match fate {
        Fate::Good | Fate::Refused => (u64::MAX, u64::MAX),
        Fate::Cut(bytes) => (bytes, bytes),
        Fate::Deaf(bytes) => (u64::MAX, bytes),
    };
    let deaf = matches!(fate, Fate::Deaf(_));
    let up = pump(from_client, to_server, up, false, Arc::clone(&dice));
    let down = pump(from_server, to_client, down, deaf, dice);
    tokio::select! { () = up => {}, () = down => {} }
}

/// Carries one direction until it ends, or its bytes are used up; a deaf one then swallows
/// the rest.
async fn pump(
    mut from: tokio::net::tcp::OwnedReadHalf,
    mut to: tokio::net::tcp::OwnedWriteHalf,
    mut left: u64,
    deaf: bool,
    dice: Arc<Dice>,
) {
    let mut buffer = vec![0; 4_096];
    while let Ok(read) = from.read(&mut buffer).await {
        if read == 0 {
            return;
        }
        tokio::time::sleep(Duration::from_millis(dice.below(30))).await;
        let bytes = u64::try_from(read).unwrap();
        if bytes > left && !deaf {
            return;
        }
        if bytes <= left && to.write_all(&buffer[..read]).await.is_err() {
            return;
        }
        left = left.saturating_sub(bytes);
    }
}

/// Random numbers from a seed, shared by threads.
pub(crate) struct Dice(AtomicU64);

impl Dice {
    pub(crate) fn new(seed: u64) -> Self {
        Self(AtomicU64::new(seed))
    }

    pub(crate) fn below(&self, limit: u64) -> u64 {
        let mut mixed = self.0.fetch_add(0x9e37_79b9_7f4a_7c15, Ordering::Relaxed);
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % limit
    }

    /// Tells yes this many times in a hundred.
    pub(crate) fn percent(&self, yes: u64) -> bool {
        self.below(100) < yes
    }

    fn fate(&self) -> Fate {
        match self.below(100) {
            0..10 => Fate::Refused,
            10..25 => Fate::Cut(1_000 + self.below(9_000)),
            25..35 => Fate::Deaf(1_500 + self.below(9_000)),
            _ => Fate::Good,
        }
    }
}
