//! Several processes on one journal: one writes it, and a dead one leaves it free.

use std::io::{BufRead, BufReader, Read, Write};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};

use till_core::journal::{Durability, Journal, JournalError, SqliteJournal};
use till_core::operation::Operation;

use crate::file::{Site, fill, mixed, open, put};
use crate::samples::{pay, with};

/// Makes a command that runs one worker of this program as a process of its own.
pub(crate) fn again(worker: &str) -> Command {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args([worker, "--exact", "--ignored", "--nocapture", "--test-threads=1"]);
    command
}

/// Is a worker that says what it does, a line at a time, and waits for its input to end.
pub(crate) struct Worker {
    pub(crate) child: Child,
    pub(crate) lines: BufReader<ChildStdout>,
}

impl Worker {
    pub(crate) fn start(worker: &str, journal: &Path) -> Self {
        let mut child = again(worker)
            .env("TILL_JOURNAL", journal)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap());
        Self { child, lines }
    }

    /// Gives what stands after `mark` in its next line that has it; `None` when it says no more.
    pub(crate) fn said(&mut self, mark: &str) -> Option<String> {
        let mut line = String::new();
        while self.lines.read_line(&mut line).unwrap() > 0 {
            // The test runner's own words may stand before the mark; a line cut short says nothing.
            if let Some((_, said)) = line.split_once(mark)
                && let Some(said) = said.strip_suffix('\n')
            {
                return Some(said.to_owned());
            }
            line.clear();
        }
        None
    }

    fn end(mut self) {
        drop(self.child.stdin.take());
        assert!(self.child.wait().unwrap().success());
    }
}

/// Says a line at once, whatever buffers there are.
pub(crate) fn say(line: &str) {
    let mut out = std::io::stdout().lock();
    out.write_all(format!("{line}\n").as_bytes()).unwrap();
    out.flush().unwrap();
}

#[test]
fn of_four_processes_one_gets_the_journal() {
    let site = Site::new();
    for new in [true, false] {
        let mut workers: Vec<Worker> =
            (0..4).map(|_| Worker::start("processes::worker_holds", &site.path)).collect();
        let said: Vec<String> =
            workers.iter_mut().map(|worker| worker.said("worker: ").unwrap()).collect();
        let holders: Vec<usize> = (0..4).filter(|index| said[*index] == "has it").collect();
        assert_eq!(holders.len(), 1, "{said:?}");
        let holder = workers[holders[0]].child.id();
        let locked = said.iter().filter(|line| line.contains("is in use by"));
        assert_eq!(locked.clone().count(), 3, "{said:?}");
        // One that looked before the holder wrote its number there does not know it.
        let known = format!("process {holder}");
        assert!(locked.clone().all(|line| line.contains(&known) || line.contains("another")));
        assert!(locked.clone().all(|line| line.contains("till.sqlite")), "{said:?}");
        assert!(matches!(site.open(), Err(JournalError::Locked(_))));
        let reader = SqliteJournal::open_read_only(&site.path).unwrap();
        assert_eq!(reader.history(9).unwrap().len(), if new { 1 } else { 2 });
        drop(reader);
        workers.into_iter().for_each(Worker::end);
    }
    assert_eq!(site.open().unwrap().verify().unwrap().operations, 2);
}

#[test]
fn a_killed_process_leaves_the_journal_free() {
    let site = Site::new();
    for count in 1..4 {
        let mut worker = Worker::start("processes::worker_holds", &site.path);
        assert_eq!(worker.said("worker: ").unwrap(), "has it");
        assert!(matches!(site.open(), Err(JournalError::Locked(_))));
        worker.child.kill().unwrap();
        worker.child.wait().unwrap();
        let journal = site.open().unwrap();
        assert_eq!(journal.history(9).unwrap().len(), count);
    }
}

#[test]
#[ignore = "run by another test, as a process of its own"]
fn worker_holds() {
    let Some(path) = std::env::var_os("TILL_JOURNAL") else { return };
    let held = SqliteJournal::open(Path::new(&path), [1; 16]);
    match held {
        Ok(mut journal) => {
            let number = journal.verify().unwrap().operations;
            put(&mut journal, &pay(number, "pos", "a"), Durability::Kill).unwrap();
            say("worker: has it");
            std::io::stdin().read_to_end(&mut Vec::new()).unwrap();
        }
        Err(JournalError::Locked(text)) => {
            say(&format!("worker: {text}"));
            std::io::stdin().read_to_end(&mut Vec::new()).unwrap();
        }
        Err(other) => panic!("{other:?}"),
    }
}

#[test]
fn one_process_does_not_write_it_twice_and_links_are_the_same_journal() {
    let site = Site::new();
    let mut journal = site.open().unwrap();
    let link = site.folder.path().join("link.sqlite");
    std::os::unix::fs::symlink(&site.path, &link).unwrap();
    assert!(matches!(site.open(), Err(JournalError::Locked(_))));
    assert!(matches!(SqliteJournal::open(&link, [1; 16]), Err(JournalError::Locked(_))));
    put(&mut journal, &pay(1, "pos", "a"), Durability::Kill).unwrap();
    drop(journal);
    let journal = open(&link, [1; 16]).unwrap();
    assert_eq!(journal.history(9).unwrap().len(), 1);
    assert!(matches!(site.open(), Err(JournalError::Locked(_))));
}

#[test]
fn a_reader_beside_the_writer_sees_each_write() {
    let site = Site::new();
    let all = mixed(12);
    fill(&site.path, &all[..10]);
    let mut journal = site.open().unwrap();
    let reader = SqliteJournal::open_read_only(&site.path).unwrap();
    put(&mut journal, &all[10], Durability::Kill).unwrap();
    assert_eq!(reader.get(&all[10].id).unwrap().as_ref(), Some(&all[10]));
    let late = SqliteJournal::open_read_only(&site.path).unwrap();
    put(&mut journal, &all[11], Durability::PowerCut).unwrap();
    assert_eq!(late.history(99).unwrap().len(), 12);
    drop(journal);
    assert_eq!(late.verify().unwrap().operations, 12);
    drop((reader, late));
    assert_eq!(site.open().unwrap().history(99).unwrap().len(), 12);
}

#[test]
fn a_reader_beside_the_writer_never_sees_half_a_write() {
    let site = Site::new();
    let all = mixed(300);
    fill(&site.path, &all[..10]);
    let mut journal = site.open().unwrap();
    let path = &site.path;
    let done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let reader = scope.spawn(|| {
            let reader = SqliteJournal::open_read_only(path).unwrap();
            let mut rounds = 0;
            while !done.load(Ordering::Relaxed) {
                let found = reader.history(1).unwrap();
                for one in reader.open_operations().unwrap().iter().chain(&found) {
                    assert!(!reader.events(&one.id).unwrap().is_empty());
                    let order = &one.order;
                    reader.by_request(&order.caller, order.action(), &order.request_id).unwrap();
                }
                reader.verify().unwrap();
                rounds += 1;
            }
            (rounds, reader.damage())
        });
        for one in &all[10..] {
            put(&mut journal, &pay_of(one), Durability::Kill).unwrap();
            put(&mut journal, one, Durability::Kill).unwrap();
        }
        done.store(true, Ordering::Relaxed);
        let (rounds, damage) = reader.join().unwrap();
        assert_eq!(damage, None, "after {rounds} rounds");
    });
}

/// Gives an operation as it began.
fn pay_of(operation: &Operation) -> Operation {
    with(operation.clone(), pay(0, "", "").state)
}
