//! Where the processes of one journal meet.

use std::ffi::OsStr;
use std::fs::{self, DirBuilder};
use std::io::ErrorKind;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{DirBuilderExt, MetadataExt};
use std::path::{Path, PathBuf};

use data_encoding::HEXLOWER;
use sha2::{Digest, Sha256};

use crate::setup::beside;
use crate::trouble::Trouble;

/// The longest name that every system takes for a socket, in bytes.
const NAME_MAX: usize = 103;

/// Gives the socket of a journal: beside it, or where that name is too long, under a hash of it in
/// the runtime folder. The journal's name is followed through links, so that all find the same.
pub(crate) fn socket(journal: &Path) -> Result<PathBuf, Trouble> {
    let settled = settle(journal);
    let beside = beside(&settled, ".sock");
    if beside.as_os_str().len() <= NAME_MAX {
        return Ok(beside);
    }
    let hash = Sha256::digest(settled.as_os_str().as_bytes());
    let hash = HEXLOWER.encode(hash.get(..16).unwrap_or_default());
    Ok(runtime_folder(std::env::var_os("XDG_RUNTIME_DIR").as_deref())?
        .join(format!("till-{hash}.sock")))
}

/// Gives the journal's one name; its folder, if there is no journal yet.
fn settle(journal: &Path) -> PathBuf {
    if let Ok(full) = fs::canonicalize(journal) {
        return full;
    }
    let parent = journal.parent().filter(|parent| !parent.as_os_str().is_empty());
    let folder = fs::canonicalize(parent.unwrap_or(Path::new(".")));
    match (folder, journal.file_name()) {
        (Ok(folder), Some(name)) => folder.join(name),
        _ => journal.to_owned(),
    }
}

/// Gives a folder for sockets that belongs to this user alone.
fn runtime_folder(named: Option<&OsStr>) -> Result<PathBuf, Trouble> {
    /// What a hashed name needs beside its folder.
    const ROOM: usize = 45;
    let named = named.map(PathBuf::from).filter(|path| path.is_absolute() && path.is_dir());
    if let Some(folder) = named.filter(|path| path.as_os_str().len() + ROOM <= NAME_MAX) {
        return Ok(folder);
    }
    let user = rustix::process::geteuid().as_raw();
    let folder = PathBuf::from(format!("/tmp/till-{user}"));
    let wrong = |what: String| Trouble::Journal(format!("{}: {what}", folder.display()));
    match DirBuilder::new().mode(0o700).create(&folder) {
        Err(error) if error.kind() != ErrorKind::AlreadyExists => {
            return Err(wrong(format!("it cannot be made: {error}")));
        }
        _ => {}
    }
    // Anybody may have made it before; a link would lead elsewhere.
    let found = fs::symlink_metadata(&folder).map_err(|error| wrong(error.to_string()))?;
    if !found.is_dir() || found.uid() != user || found.mode() & 0o077 != 0 {
        return Err(wrong("it must be a folder of this user alone (mode 700)".to_owned()));
    }
    Ok(folder)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_short_name_is_beside_the_journal() {
        let folder = tempfile::tempdir().unwrap();
        let full = fs::canonicalize(folder.path()).unwrap();
        let place = socket(&folder.path().join("till.sqlite")).unwrap();
        assert_eq!(place, full.join("till.sqlite.sock"));
    }

    #[test]
    fn all_names_of_a_journal_lead_to_one_socket() {
        let folder = tempfile::tempdir().unwrap();
        let (journal, link) = (folder.path().join("a"), folder.path().join("b"));
        fs::write(&journal, "x").unwrap();
        std::os::unix::fs::symlink(&journal, &link).unwrap();
        assert_eq!(socket(&link).unwrap(), socket(&journal).unwrap());
    }

    #[test]
    fn a_long_name_is_hashed_into_a_folder_of_this_user() {
        let folder = tempfile::tempdir().unwrap();
        let long = folder.path().join("f".repeat(120));
        fs::create_dir(&long).unwrap();
        let place = socket(&long.join("till.sqlite")).unwrap();
        assert!(place.as_os_str().len() <= NAME_MAX, "{}", place.display());
        assert_ne!(place, socket(&long.join("other.sqlite")).unwrap());
        let folder = runtime_folder(None).unwrap();
        assert_eq!(fs::metadata(folder).unwrap().mode() & 0o777, 0o700);
    }

    #[test]
    fn a_runtime_folder_that_is_none_does_not_count() {
        let usual = runtime_folder(None).unwrap();
        for named in ["", "relative", "/nowhere/at/all"] {
            assert_eq!(runtime_folder(Some(OsStr::new(named))).unwrap(), usual, "{named}");
        }
    }
}
