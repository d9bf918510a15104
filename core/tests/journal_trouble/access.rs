//! Missing rights: another user meets a journal that it may read, or not even that.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Command;

use till_core::journal::{Durability, Journal, JournalError, SqliteJournal};

use crate::file::{Site, fill, mixed, put};
use crate::processes::again;
use crate::samples::pay;

/// Runs a worker as a user that has no rights of its own; false if that cannot be had.
fn as_nobody(worker: &str, site: &Site) -> bool {
    let exe = again(worker);
    let mut command = if rustix::process::getuid().is_root() {
        // The build folder may be closed to others.
        let copy = site.folder.path().join("worker");
        fs::copy(exe.get_program(), &copy).unwrap();
        let mut command = Command::new("setpriv");
        command.args(["--reuid=65534", "--regid=65534", "--clear-groups"]).arg(copy);
        command.args(exe.get_args());
        command
    } else {
        exe
    };
    let ran = match command.env("TILL_JOURNAL", &site.path).output() {
        Ok(ran) => ran,
        Err(error) => {
            println!("SKIPPED: setpriv cannot be run: {error}");
            return false;
        }
    };
    let (out, err) = (String::from_utf8_lossy(&ran.stdout), String::from_utf8_lossy(&ran.stderr));
    assert!(ran.status.success() && out.contains("1 passed"), "{out}{err}");
    true
}

fn mode(path: &Path, mode: u32) {
    fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
}

fn unavailable(result: Result<SqliteJournal, JournalError>) {
    let Err(JournalError::Unavailable(text)) = result else { panic!("{result:?}") };
    assert!(text.contains("till.sqlite") && text.contains("this user"), "{text}");
}

#[test]
fn new_files_and_folders_are_for_this_user_alone() {
    let site = Site::new();
    let path = site.folder.path().join("one/two/till.sqlite");
    let mut journal = SqliteJournal::open(&path, [1; 16]).unwrap();
    put(&mut journal, &pay(1, "pos", "a"), Durability::PowerCut).unwrap();
    let mut names = Vec::new();
    for entry in fs::read_dir(path.parent().unwrap()).unwrap() {
        let entry = entry.unwrap();
        assert_eq!(entry.metadata().unwrap().permissions().mode() & 0o777, 0o600, "{entry:?}");
        names.push(entry.file_name().into_string().unwrap());
    }
    names.sort();
    assert_eq!(names, ["till.sqlite", "till.sqlite-shm", "till.sqlite-wal", "till.sqlite.lock"]);
    for folder in ["one", "one/two"] {
        let folder = site.folder.path().join(folder);
        assert_eq!(folder.metadata().unwrap().permissions().mode() & 0o777, 0o700);
    }
}

#[test]
fn a_journal_that_may_not_be_written_is_refused_and_can_be_read() {
    let site = Site::new();
    fill(&site.path, &mixed(20));
    mode(site.folder.path(), 0o555);
    mode(&site.path, 0o444);
    mode(&site.beside(".lock"), 0o444);
    // Root needs the folder for the worker's copy.
    as_nobody("access::worker_reads", &site);
    mode(&site.beside(".lock"), 0o666);
    as_nobody("access::worker_reads", &site);
    mode(&site.path, 0o000);
    as_nobody("access::worker_is_shut_out", &site);
    mode(site.folder.path(), 0o755);
}

#[test]
fn a_journal_in_use_can_be_read_by_one_who_may_not_write_it() {
    let site = Site::new();
    fill(&site.path, &mixed(19));
    let mut journal = site.open().unwrap();
    put(&mut journal, &mixed(20)[19], Durability::Kill).unwrap();
    mode(site.folder.path(), 0o555);
    for suffix in ["", "-wal", "-shm"] {
        mode(&site.beside(suffix), 0o444);
    }
    as_nobody("access::worker_reads", &site);
    mode(site.folder.path(), 0o755);
}

#[test]
fn a_log_that_cannot_be_read_along_is_not_left_out() {
    let site = Site::new();
    fill(&site.path, &mixed(19));
    let mut journal = site.open().unwrap();
    put(&mut journal, &mixed(20)[19], Durability::PowerCut).unwrap();
    // What a kill leaves, where nobody may make the memory through which the log is read.
    let left = Site::new();
    for suffix in ["", "-wal"] {
        fs::copy(site.beside(suffix), left.beside(suffix)).unwrap();
        mode(&left.beside(suffix), 0o444);
    }
    assert_eq!(SqliteJournal::open_read_only(&left.path).unwrap().history(99).unwrap().len(), 20);
    let _ = fs::remove_file(left.beside("-shm"));
    assert!(left.beside("-wal").exists());
    mode(left.folder.path(), 0o555);
    as_nobody("access::worker_is_shut_out", &left);
    mode(left.folder.path(), 0o755);
}

#[test]
#[ignore = "run by another test, as another user"]
fn worker_reads() {
    let Some(path) = std::env::var_os("TILL_JOURNAL") else { return };
    let path = Path::new(&path);
    unavailable(SqliteJournal::open(path, [1; 16]));
    let mut journal = SqliteJournal::open_read_only(path).unwrap();
    let all: Vec<_> = mixed(20).into_iter().rev().collect();
    assert_eq!(journal.history(99).unwrap(), all);
    assert_eq!(journal.verify().unwrap().operations, 20);
    let refused = put(&mut journal, &pay(100, "pos", "a"), Durability::PowerCut);
    assert!(matches!(refused, Err(JournalError::Unavailable(_))), "{refused:?}");
    assert_eq!(journal.damage(), None);
}

#[test]
#[ignore = "run by another test, as another user"]
fn worker_is_shut_out() {
    let Some(path) = std::env::var_os("TILL_JOURNAL") else { return };
    unavailable(SqliteJournal::open(Path::new(&path), [1; 16]));
    unavailable(SqliteJournal::open_read_only(Path::new(&path)));
}

#[test]
fn a_name_that_is_no_file_is_refused() {
    let site = Site::new();
    let refused = SqliteJournal::open(site.folder.path(), [1; 16]);
    assert!(matches!(refused, Err(JournalError::Unavailable(_))), "{refused:?}");
    std::os::unix::fs::symlink(site.folder.path().join("nowhere"), &site.path).unwrap();
    let refused = site.open();
    assert!(matches!(refused, Err(JournalError::Unavailable(_))), "{refused:?}");
    let missing = SqliteJournal::open_read_only(&site.folder.path().join("missing.sqlite"));
    assert!(matches!(missing, Err(JournalError::Unavailable(_))), "{missing:?}");
    assert!(!site.folder.path().join("missing.sqlite").exists());
}

#[test]
fn odd_file_names_work() {
    let site = Site::new();
    for name in ["50% off?.sqlite", "#1 'x' \"y\".sqlite", "журнал.sqlite", "file:x?mode=memory"]
    {
        let path = site.folder.path().join(name);
        fill(&path, &mixed(3));
        assert_eq!(SqliteJournal::open_read_only(&path).unwrap().history(9).unwrap().len(), 3);
        assert!(path.metadata().unwrap().len() > 4096, "{name}");
    }
}
