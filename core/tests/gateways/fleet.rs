//! The gateway processes, as their terminals reach them.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::{Value, json};
use till_sandbox::Server;
use tokio::sync::oneshot;

use crate::Dice;

type Waiting = Arc<Mutex<Option<BTreeMap<u64, oneshot::Sender<Value>>>>>;

pub(crate) struct Fleet {
    ships: Vec<Mutex<Option<Ship>>>,
    job: String,
    next: AtomicU64,
    kills: AtomicU64,
    stops: AtomicU64,
    calm: AtomicBool,
}

struct Ship {
    child: Child,
    orders: Option<ChildStdin>,
    /// Who waits for which answer; `None` after the end.
    waiting: Waiting,
}

impl Fleet {
    pub(crate) fn start(count: usize, database: &str, bank: &Server) -> Self {
        let job = json!({ "database": database, "bank": bank.base_url(), "ca": bank.ca_pem() });
        let fleet = Self {
            ships: (0..count).map(|_| Mutex::new(None)).collect(),
            job: job.to_string(),
            next: AtomicU64::new(1),
            kills: AtomicU64::new(0),
            stops: AtomicU64::new(0),
            calm: AtomicBool::new(false),
        };
        (0..count).for_each(|index| fleet.launch(index));
        fleet
    }

    pub(crate) fn count(&self) -> u64 {
        u64::try_from(self.ships.len()).unwrap()
    }

    pub(crate) fn kills(&self) -> u64 {
        self.kills.load(Ordering::SeqCst)
    }

    pub(crate) fn stops(&self) -> u64 {
        self.stops.load(Ordering::SeqCst)
    }

    fn launch(&self, index: usize) {
        let mut command = Command::new(std::env::current_exe().unwrap());
        command.args(["--exact", "a_gateway_process", "--nocapture"]);
        command.env("TILL_GATEWAY_JOB", &self.job);
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::inherit())
            .spawn()
            .unwrap();
        let orders = child.stdin.take();
        let answers = BufReader::new(child.stdout.take().unwrap());
        let waiting: Waiting = Arc::new(Mutex::new(Some(BTreeMap::new())));
        let told = Arc::clone(&waiting);
        std::thread::spawn(move || {
            for line in answers.lines().map_while(Result::ok) {
                let Some((_, line)) = line.split_once('@') else { continue };
                let Ok(answer) = serde_json::from_str::<Value>(line) else { continue };
                let number = answer["n"].as_u64().unwrap_or_default();
                let waiter = told.lock().unwrap().as_mut().and_then(|all| all.remove(&number));
                if let Some(waiter) = waiter {
                    let _gone = waiter.send(answer);
                }
            }
            // Whoever waits hears that the connection broke.
            *told.lock().unwrap() = None;
        });
        *self.ships[index].lock().unwrap() = Some(Ship { child, orders, waiting });
    }

    /// Asks processes one after the other until one answers.
    pub(crate) async fn ask(&self, dice: &Dice, request: &Value) -> Value {
        let mut index = usize::try_from(dice.below(self.count())).unwrap();
        loop {
            match self.ask_one(index, request).await {
                Some(answer) if answer["elsewhere"].as_bool() != Some(true) => {
                    // The journal was in trouble: the request is made again, as it was.
                    if answer["code"].as_u64() != Some(10) {
                        return answer;
                    }
                }
                Some(_) | None => {}
            }
            tokio::time::sleep(Duration::from_millis(60)).await;
            index = (index + 1) % self.ships.len();
        }
    }

    /// Asks one process; `None` if it died before it answered.
    pub(crate) async fn ask_one(&self, index: usize, request: &Value) -> Option<Value> {
        let number = self.next.fetch_add(1, Ordering::SeqCst);
        let (told, answer) = oneshot::channel();
        {
            let mut ship = self.ships[index].lock().unwrap();
            let ship = ship.as_mut()?;
            ship.waiting.lock().unwrap().as_mut()?.insert(number, told);
            let mut request = request.clone();
            request["n"] = number.into();
            writeln!(ship.orders.as_mut()?, "{request}").ok()?;
        }
        answer.await.ok()
    }

    /// Kills a process, and starts it again later.
    pub(crate) async fn kill(&self, index: usize, pause: Duration) {
        if let Some(mut ship) = self.ships[index].lock().unwrap().take() {
            ship.child.kill().unwrap();
            ship.child.wait().unwrap();
            self.kills.fetch_add(1, Ordering::SeqCst);
        }
        tokio::time::sleep(pause).await;
        self.launch(index);
    }

    /// Stops a process for longer than its lease, and lets it go on.
    pub(crate) async fn stop_for(&self, index: usize, pause: Duration) {
        let pid = self.ships[index].lock().unwrap().as_ref().map(|ship| ship.child.id());
        let Some(pid) = pid else { return };
        signal("STOP", pid);
        self.stops.fetch_add(1, Ordering::SeqCst);
        tokio::time::sleep(pause).await;
        signal("CONT", pid);
    }

    /// Lets nothing befall the processes any more: all run.
    pub(crate) fn calm(&self) {
        self.calm.store(true, Ordering::SeqCst);
        for index in 0..self.ships.len() {
            let pid = self.ships[index].lock().unwrap().as_ref().map(|ship| ship.child.id());
            match pid {
                Some(pid) => signal("CONT", pid),
                None => self.launch(index),
            }
        }
    }

    /// Ends all processes in order.
    pub(crate) fn stop(&self) {
        for ship in &self.ships {
            if let Some(mut ship) = ship.lock().unwrap().take() {
                drop(ship.orders.take());
                ship.child.wait().unwrap();
            }
        }
    }
}

fn signal(name: &str, pid: u32) {
    let _gone = Command::new("kill").arg(format!("-{name}")).arg(pid.to_string()).status();
}

impl Drop for Ship {
    fn drop(&mut self) {
        let _ended_already = self.child.kill();
        let _reaped = self.child.wait();
    }
}
