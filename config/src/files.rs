//! Files beside the configuration: secrets, certificates, and who may read them.

use std::fs::{self, File};
use std::io::Read;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use till_core::secret::Secret;

/// No secret is longer, in bytes.
const SECRET_MAX: u64 = 4 << 10;
/// No file of certificates is longer, in bytes.
const ROOTS_MAX: u64 = 4 << 20;

/// Reads a secret that is alone in its file; an end of line after it does not count.
pub(crate) fn read_secret(path: &Path) -> Result<Secret<String>, String> {
    let bytes = Secret::new(read(path, SECRET_MAX)?);
    // EXPOSE: it is checked and taken over into a secret of its own.
    let text = std::str::from_utf8(bytes.expose())
        .map_err(|_| format!("{} is not text", path.display()))?;
    let text = text.trim_end_matches(['\r', '\n']);
    if text.trim().is_empty() {
        return Err(format!("{} is empty", path.display()));
    }
    Ok(Secret::new(text.to_owned()))
}

/// Reads certificates.
pub(crate) fn read_roots(path: &Path) -> Result<Vec<u8>, String> {
    read(path, ROOTS_MAX)
}

/// Tells who else may read a file that holds a secret; `None`: nobody, or it cannot be told.
pub fn readable_by_others(path: &Path) -> Option<u32> {
    let mode = fs::metadata(path).ok()?.permissions().mode() & 0o777;
    (mode & 0o077 != 0).then_some(mode)
}

/// Gives a path of the configuration: relative ones begin at the configuration's folder.
pub(crate) fn beside(file: &Path, path: &str) -> PathBuf {
    file.parent().unwrap_or(Path::new("")).join(path)
}

fn read(path: &Path, most: u64) -> Result<Vec<u8>, String> {
    let failed = |error: std::io::Error| format!("{} cannot be read: {error}", path.display());
    let mut bytes = Vec::new();
    let file = File::open(path).map_err(failed)?;
    file.take(most + 1).read_to_end(&mut bytes).map_err(failed)?;
    if u64::try_from(bytes.len()).is_ok_and(|length| length > most) {
        return Err(format!("{} is longer than {most} bytes", path.display()));
    }
    Ok(bytes)
}
