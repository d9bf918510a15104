//! Random bytes of the system.

use std::fs::File;
use std::io::Read;

use crate::trouble::Trouble;

/// Reads 16 random bytes; without them no id is safe to use.
pub(crate) fn bytes() -> Result<[u8; 16], Trouble> {
    let mut bytes = [0; 16];
    File::open("/dev/urandom")
        .and_then(|mut source| source.read_exact(&mut bytes))
        .map_err(|error| Trouble::Failed(format!("the system gives no random numbers: {error}")))?;
    Ok(bytes)
}
