//! The bank's books on disk, between two runs.

use std::fs::{self, OpenOptions};
use std::io::{self, Write as _};
use std::path::Path;

use crate::octo::Bank;

/// Reads the books; `None` if there is no such file.
pub(super) fn read(path: &Path) -> io::Result<Option<Bank>> {
    let text = match fs::read(path) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    let bank = serde_json::from_slice(&text)?;
    Ok(Some(bank))
}

/// Replaces the file in one step, readable by its owner alone: it holds the client's secret.
pub(super) fn write(path: &Path, bank: &Bank) -> io::Result<()> {
    let text = serde_json::to_vec(bank)?;
    let mut name = path.as_os_str().to_owned();
    name.push(".new");
    let fresh = Path::new(&name);
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(fresh)?;
    file.write_all(&text)?;
    drop(file);
    fs::rename(fresh, path)
}
