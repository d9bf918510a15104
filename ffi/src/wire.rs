//! The bytes of JNI: uniffi's own wire format, read and written by uniffi itself.

use uniffi::{Lift, Lower};

use crate::UniFfiTag;

/// Says that bytes are not what they should be: only our own codec writes them.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("bytes that no Till wrote: {0}")]
pub struct BadBytes(String);

/// Reads a value that fills the bytes.
///
/// # Errors
/// They end too early or too late, or hold what is no such value. A damaged length of a list makes
/// uniffi reserve memory for it before it looks: bytes of strangers must not come here.
pub fn get<T: Lift<UniFfiTag>>(mut bytes: &[u8]) -> Result<T, BadBytes> {
    let value = T::try_read(&mut bytes).map_err(|error| BadBytes(error.to_string()))?;
    match bytes.len() {
        0 => Ok(value),
        left => Err(BadBytes(format!("{left} of them are left"))),
    }
}

/// Writes a value.
pub fn put<T: Lower<UniFfiTag>>(value: T) -> Vec<u8> {
    let mut bytes = Vec::new();
    T::write(value, &mut bytes);
    bytes
}
