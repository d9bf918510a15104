//! The file itself, before SQLite gets it: its lock, its header, its making.

use std::collections::BTreeSet;
use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, ErrorKind, Read, Seek, SeekFrom, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use rusqlite::Connection;
use rustix::fs::FlockOperation;
use rustix::io::Errno;

use super::schema;
use super::trouble::{Outcome, Trouble};

/// Is the right to write the journal; ends with the process, however that ends.
#[derive(Debug)]
pub(super) struct Lock {
    file: File,
    /// When a process used the journal last before this one, wall clock, in milliseconds.
    pub(super) used_ms: Option<i64>,
}

impl Lock {
    /// Takes the lock of a journal, `<journal>.lock`.
    pub(super) fn take(journal: &Path) -> Outcome<Self> {
        let path = beside(journal, ".lock");
        let is_new = !path.exists();
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true).truncate(false).mode(0o600);
        let mut file = options.open(&path).map_err(io("opening its .lock"))?;
        match rustix::fs::flock(&file, FlockOperation::NonBlockingLockExclusive) {
            Ok(()) => {}
            Err(Errno::WOULDBLOCK) => {
                let mut holder = String::new();
                let known = file.read_to_string(&mut holder).is_ok() && may_run(&holder);
                let process = if known { holder.trim_end() } else { "another process" };
                return Err(Trouble::Locked(process.to_owned()));
            }
            Err(error) => return Err(Trouble::Io("locking it", error.into())),
        }
        let used_ms = used_ms(journal, (!is_new).then_some(&path));
        // Only for the message to others: the lock is the kernel's.
        let _ = file.set_len(0).and_then(|()| writeln!(file, "process {}", std::process::id()));
        Ok(Self { file, used_ms })
    }

    /// Notes a use for which nothing is written.
    pub(super) fn mark(&self, at_ms: i64) {
        let since_1970 = Duration::from_millis(u64::try_from(at_ms).unwrap_or(0));
        // Who cannot note it has a disk in trouble, which every write tells.
        let _ = self.file.set_modified(SystemTime::UNIX_EPOCH + since_1970);
    }
}

/// Tells whether the process that a lock names may still run: a new holder may not have written
/// its number over that of the last one yet.
fn may_run(holder: &str) -> bool {
    let number = holder.trim_end().strip_prefix("process ").and_then(|it| it.parse().ok());
    let process = number.and_then(rustix::process::Pid::from_raw);
    process.is_some_and(|process| rustix::process::test_kill_process(process) != Err(Errno::SRCH))
}

/// Gives when a journal that nobody has was used last: written to, or marked in its lock.
fn used_ms(journal: &Path, lock: Option<&PathBuf>) -> Option<i64> {
    let mut used_ms = i64::MIN;
    for path in [&journal.to_owned(), &beside(journal, "-wal")].into_iter().chain(lock) {
        let changed = match fs::metadata(path) {
            Err(error) if error.kind() == ErrorKind::NotFound => continue,
            found => found.ok()?.modified().ok()?,
        };
        let since_1970 = changed.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        used_ms = used_ms.max(i64::try_from(since_1970.as_millis()).ok()?);
    }
    Some(used_ms)
}

/// Gives the name of a companion of the journal.
pub(super) fn beside(journal: &Path, suffix: &str) -> PathBuf {
    let mut name = journal.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}

/// Gives the one name of the journal, through links, so that the lock is the same for all;
/// missing folders are made.
pub(super) fn settle(path: &Path) -> Outcome<PathBuf> {
    let name =
        path.file_name().ok_or_else(|| Trouble::Unavailable("is no file name".to_owned()))?;
    match fs::canonicalize(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => {
            if fs::symlink_metadata(path).is_ok() {
                let text = "is a link to nothing; correct the link or the configured name";
                return Err(Trouble::Unavailable(text.to_owned()));
            }
            let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty());
            let parent = parent.unwrap_or(Path::new("."));
            make_folder(parent).map_err(io("making its folder"))?;
            Ok(fs::canonicalize(parent).map_err(io("finding its folder"))?.join(name))
        }
        found => found.map_err(io("finding it")),
    }
}

/// Is what [`examine`] found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Found {
    /// There is no journal yet.
    Nothing,
    /// There is one, and its header and size are right.
    Journal,
}

/// Looks at the header and the size. What this refuses, SQLite must not see: it would take an empty
/// file for a new one, and throw away the log of a file that is gone.
pub(super) fn examine(path: &Path) -> Outcome<Found> {
    let log = fs::metadata(beside(path, "-wal")).map_or(0, |log| log.len());
    let mut file = match OpenOptions::new().read(true).write(true).open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == ErrorKind::NotFound && log > 0 => {
            return Err(Trouble::Damaged("the file is gone, and only its -wal is left".to_owned()));
        }
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Found::Nothing),
        Err(error) if error.kind() == ErrorKind::PermissionDenied => {
            return Err(Trouble::Io("opening it", ErrorKind::ReadOnlyFilesystem.into()));
        }
        Err(error) => return Err(Trouble::Io("opening it", error)),
    };
    let length = file.metadata().map_err(io("reading it"))?.len();
    refuse_empty(length)?;
    let mut header = [0; 100];
    match file.read_exact(&mut header) {
        Ok(()) => {}
        Err(error) if error.kind() == ErrorKind::UnexpectedEof => {
            return Err(Trouble::Damaged(format!("only {length} bytes are left of it")));
        }
        Err(error) => return Err(Trouble::Io("reading it", error)),
    }
    let header = Header::read(&header)?;
    let whole = u64::from(header.pages) * u64::from(header.page_size);
    if length < whole {
        let first = u32::try_from(length / u64::from(header.page_size)).unwrap_or(u32::MAX);
        let missing = first.saturating_add(1)..=header.pages;
        let logged = logged_pages(&beside(path, "-wal"), header.page_size)?;
        // A kill in the middle of a checkpoint leaves a short file whose rest is in the log.
        if !missing.clone().all(|page| logged.contains(&page)) {
            return Err(Trouble::Damaged(format!("{length} bytes are left of {whole}")));
        }
    }
    Ok(Found::Journal)
}

/// Refuses an empty file. A journal is made under another name and then moved, so an empty one is
/// never new: something emptied it.
pub(super) fn refuse_empty(length: u64) -> Outcome<()> {
    if length > 0 {
        return Ok(());
    }
    let text = "the file is empty (if it was made by hand and never used, delete it)";
    Err(Trouble::Damaged(text.to_owned()))
}

/// Tells whether a file without a log is shorter than it says.
pub(super) fn is_cut(conn: &Connection, path: &Path) -> Outcome<bool> {
    let pages: i64 = conn.query_one("PRAGMA page_count", [], |row| row.get(0))?;
    let page_size: i64 = conn.query_one("PRAGMA page_size", [], |row| row.get(0))?;
    let whole = u64::try_from(pages.saturating_mul(page_size)).unwrap_or(u64::MAX);
    let found = path.metadata().map_err(io("reading it"))?;
    Ok(found.len() < whole)
}

/// Makes a new journal, whole or not at all: `fill` builds it under another name.
pub(super) fn create(path: &Path, fill: impl FnOnce(&Path) -> Outcome<()>) -> Outcome<()> {
    let new = beside(path, ".new");
    for rest in ["", "-journal", "-wal", "-shm"] {
        match fs::remove_file(beside(&new, rest)) {
            Err(error) if error.kind() != ErrorKind::NotFound => {
                return Err(Trouble::Io("removing an unfinished one", error));
            }
            _ => {}
        }
    }
    let mut options = OpenOptions::new();
    options.write(true).create_new(true).mode(0o600).open(&new).map_err(io("making it"))?;
    fill(&new)?;
    let make = || {
        File::open(&new)?.sync_all()?;
        fs::rename(&new, path)?;
        sync_folder(path.parent().unwrap_or(Path::new(".")))
    };
    make().map_err(io("making it"))
}

/// Is what the first 100 bytes say (sqlite.org/fileformat.html, The Database Header).
struct Header {
    page_size: u32,
    pages: u32,
}

impl Header {
    fn read(bytes: &[u8; 100]) -> Outcome<Self> {
        let no_journal = || Trouble::Damaged("it is no journal of Till".to_owned());
        if !bytes.starts_with(b"SQLite format 3\0") {
            return Err(no_journal());
        }
        if number(bytes, 68) != schema::APPLICATION_ID {
            return Err(no_journal());
        }
        schema::check(i64::from(number(bytes, 60).cast_signed()))?;
        let page_size = match number(bytes, 16) >> 16 {
            1 => 65_536,
            size if size.is_power_of_two() && size >= 512 => size,
            size => return Err(Trouble::Damaged(format!("pages of {size} bytes never were"))),
        };
        // The page count holds only where both counters say that the same version wrote it.
        let known = number(bytes, 24) == number(bytes, 92);
        Ok(Self { page_size, pages: if known { number(bytes, 28) } else { 0 } })
    }
}

fn number(bytes: &[u8], at: usize) -> u32 {
    let field = bytes.get(at..).and_then(|rest| rest.first_chunk());
    field.map_or(0, |field| u32::from_be_bytes(*field))
}

/// Gives the pages that the log holds (sqlite.org/fileformat.html, The Write-Ahead Log).
fn logged_pages(log: &Path, page_size: u32) -> Outcome<BTreeSet<u32>> {
    let mut file = match File::open(log) {
        Ok(file) => file,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(BTreeSet::new()),
        Err(error) => return Err(Trouble::Io("reading its -wal", error)),
    };
    let mut pages = BTreeSet::new();
    let mut head = [0; 32];
    if file.read_exact(&mut head).is_err() {
        return Ok(pages);
    }
    let mut frame = [0; 24];
    while file.read_exact(&mut frame).is_ok() && number(&frame, 0) != 0 {
        if frame.get(8..16) == head.get(16..24) {
            pages.insert(number(&frame, 0));
        }
        file.seek(SeekFrom::Current(i64::from(page_size))).map_err(io("reading its -wal"))?;
    }
    Ok(pages)
}

/// Opens the log, which SQLite has made.
pub(super) fn open_log(journal: &Path) -> Outcome<File> {
    let log = OpenOptions::new().write(true).open(beside(journal, "-wal"));
    log.map_err(io("opening its -wal"))
}

/// Makes the log longer before it is needed, with zeros, which SQLite takes for its end. A write
/// into a file that does not grow is on disk without waiting for the file system's own log.
pub(super) fn reserve_log(mut log: &File, length: u64) {
    let Ok(present) = log.seek(SeekFrom::End(0)) else { return };
    let missing = usize::try_from(length.saturating_sub(present)).unwrap_or(0);
    if log.write_all(&vec![0; missing]).is_err() {
        // No room: the log takes what it needs, if there is that much.
        let _ = log.set_len(present);
    }
}

/// Makes a folder and those above it, each for this user alone and each on disk.
fn make_folder(folder: &Path) -> io::Result<()> {
    if folder.is_dir() {
        return Ok(());
    }
    let parent = folder.parent().filter(|parent| !parent.as_os_str().is_empty());
    let parent = parent.unwrap_or(Path::new("."));
    make_folder(parent)?;
    match DirBuilder::new().mode(0o700).create(folder) {
        Err(error) if error.kind() == ErrorKind::AlreadyExists && folder.is_dir() => Ok(()),
        made => made.and_then(|()| sync_folder(parent)),
    }
}

fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

fn io(what: &'static str) -> impl Fn(io::Error) -> Trouble {
    move |error| Trouble::Io(what, error)
}
