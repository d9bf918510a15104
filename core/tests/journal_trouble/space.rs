//! Full disks: the write that does not fit is refused whole, and the next one that fits is taken.

use std::path::Path;
use std::process::Command;

use till_core::journal::{Durability, Entry, Journal, JournalError, SqliteJournal};
use till_core::operation::Operation;

use crate::file::{Site, open, put};
use crate::processes::again;
use crate::samples::{approved, doubt, pay, with};

/// Is a small file system in memory, for as long as this lives.
struct SmallDisk {
    folder: tempfile::TempDir,
}

impl SmallDisk {
    fn mount(size: &str) -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        let options = format!("size={size},mode=0700");
        let mounted = Command::new("mount")
            .args(["-t", "tmpfs", "-o", &options, "till-test"])
            .arg(folder.path())
            .output();
        mounted.is_ok_and(|mounted| mounted.status.success()).then_some(Self { folder })
    }

    fn path(&self) -> &Path {
        self.folder.path()
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg(self.folder.path()).status();
    }
}

/// Writes until the journal refuses; gives what was taken, and the refusal.
fn write_until_full(
    journal: &mut SqliteJournal,
    durability: Durability,
) -> (Vec<Operation>, JournalError) {
    let mut taken = Vec::new();
    for number in 0.. {
        let pair = [pay(2 * number, "pos", "a"), pay(2 * number + 1, "pos", "b")];
        let entries =
            pair.each_ref().map(|operation| Entry { operation, event: "recorded", at_ms: 1_000 });
        match journal.write(&entries, durability) {
            Ok(()) => taken.extend(pair),
            Err(error) => return (taken, error),
        }
        assert!(number < 100_000, "the disk is never full");
    }
    unreachable!()
}

fn holds_exactly(journal: &dyn Journal, taken: &[Operation]) {
    let newest: Vec<Operation> = taken.iter().rev().cloned().collect();
    assert_eq!(journal.history(usize::MAX).unwrap(), newest);
    let findings = journal.verify().unwrap();
    assert_eq!(findings.operations, u64::try_from(taken.len()).unwrap());
}

#[test]
fn a_full_disk_refuses_and_space_heals() {
    for durability in [Durability::PowerCut, Durability::Kill] {
        let Some(disk) = SmallDisk::mount("768k") else {
            println!("SKIPPED: no right to mount; the file size limit stands for it");
            return;
        };
        let ballast = disk.path().join("ballast");
        std::fs::write(&ballast, vec![0; 300_000]).unwrap();
        let path = disk.path().join("till.sqlite");
        let mut journal = open(&path, [1; 16]).unwrap();
        let (mut taken, refused) = write_until_full(&mut journal, durability);
        let JournalError::Unavailable(text) = &refused else { panic!("{refused:?}") };
        assert!(text.contains("disk is full") && text.contains("till.sqlite"), "{text}");
        assert!(taken.len() > 10);
        holds_exactly(&journal, &taken);
        assert_eq!(journal.damage(), None);
        let more = pay(1_000_000, "pos", "more");
        assert!(put(&mut journal, &more, Durability::PowerCut).is_err());
        std::fs::remove_file(&ballast).unwrap();
        put(&mut journal, &more, Durability::PowerCut).unwrap();
        taken.push(more);
        taken[0] = with(taken[0].clone(), approved());
        put(&mut journal, &taken[0], Durability::PowerCut).unwrap();
        holds_exactly(&journal, &taken);
        drop(journal);
        let journal = open(&path, [1; 16]).unwrap();
        holds_exactly(&journal, &taken);
    }
}

#[test]
fn a_journal_is_made_whole_or_not_at_all() {
    let Some(disk) = SmallDisk::mount("64k") else {
        println!("SKIPPED: no right to mount");
        return;
    };
    let ballast = disk.path().join("ballast");
    std::fs::write(&ballast, vec![0; 40_000]).unwrap();
    let path = disk.path().join("till.sqlite");
    let refused = SqliteJournal::open(&path, [1; 16]);
    assert!(matches!(refused, Err(JournalError::Unavailable(_))), "{refused:?}");
    assert!(!path.exists());
    std::fs::remove_file(ballast).unwrap();
}

/// Needs no rights: a file may not grow beyond a limit, which SQLite is told as a failed write.
#[test]
fn a_write_that_fails_is_refused_and_the_next_is_taken() {
    let site = Site::new();
    // The signal would end the process; ignored by the shell, it is ignored in here too.
    let exe = again("space::worker_limited");
    let line = "trap '' XFSZ; exec \"$0\" \"$@\"";
    let ran = Command::new("sh")
        .args(["-c", line])
        .arg(exe.get_program())
        .args(exe.get_args())
        .env("TILL_JOURNAL", &site.path)
        .output()
        .unwrap();
    assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
    assert!(String::from_utf8_lossy(&ran.stdout).contains("1 passed"));
    let journal = site.open().unwrap();
    assert_eq!(journal.verify().unwrap().open, 2);
}

#[test]
#[ignore = "run by another test, as a process of its own"]
fn worker_limited() {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

    let Some(path) = std::env::var_os("TILL_JOURNAL") else { return };
    let mut journal = SqliteJournal::open(Path::new(&path), [1; 16]).unwrap();
    let whole = getrlimit(Resource::Fsize);
    setrlimit(Resource::Fsize, Rlimit { current: Some(400_000), ..whole }).unwrap();
    let (mut taken, refused) = write_until_full(&mut journal, Durability::PowerCut);
    let JournalError::Unavailable(text) = &refused else { panic!("{refused:?}") };
    assert!(text.contains("till.sqlite"), "{text}");
    holds_exactly(&journal, &taken);
    setrlimit(Resource::Fsize, whole).unwrap();
    let more = pay(1_000_000, "pos", "more");
    put(&mut journal, &more, Durability::PowerCut).unwrap();
    taken.push(more);
    let ends: Vec<Operation> = taken
        .iter()
        .enumerate()
        .map(|(index, one)| {
            with(one.clone(), if index < 2 { doubt(None, None) } else { approved() })
        })
        .collect();
    for end in &ends {
        put(&mut journal, end, Durability::Kill).unwrap();
    }
    holds_exactly(&journal, &ends);
}
