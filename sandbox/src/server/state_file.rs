//! The banks' books on disk, between two runs.

use std::fs::{self, OpenOptions};
use std::io::{self, Write as _};
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::ecommpay::Platform;
use crate::octo::Bank;

#[derive(Serialize)]
struct Kept<'a> {
    octo: &'a Bank,
    ecommpay: &'a Platform,
}

#[derive(Deserialize)]
struct Found {
    octo: Bank,
    #[serde(default)]
    ecommpay: Platform,
}

/// Reads the books; `None` if there is no such file.
pub(super) fn read(path: &Path) -> io::Result<Option<(Bank, Platform)>> {
    let text = match fs::read(path) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    if let Ok(Found { octo, ecommpay }) = serde_json::from_slice(&text) {
        return Ok(Some((octo, ecommpay)));
    }
    // Before there was a second bank, the file held the first one's books alone.
    let bank = serde_json::from_slice(&text)?;
    Ok(Some((bank, Platform::default())))
}

/// Replaces the file in one step, readable by its owner alone: it holds the banks' secrets.
pub(super) fn write(path: &Path, octo: &Bank, ecommpay: &Platform) -> io::Result<()> {
    let text = serde_json::to_vec(&Kept { octo, ecommpay })?;
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
