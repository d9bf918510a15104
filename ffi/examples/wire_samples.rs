//! Writes random values as they cross the boundary, for the Kotlin codecs to read and write again.
//!
//! Standard output: for each value its kind (0 call, 1 event, 2 hand-over), the length of its bytes
//! as 4 bytes, big endian, and the bytes.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::wildcard_imports,
    unreachable_pub,
    reason = "it serves tests, and shares their samples"
)]

use std::io::Write as _;

use till_ffi::wire;

#[path = "../tests/samples/mod.rs"]
mod samples;

fn main() {
    let mut out = std::io::stdout().lock();
    for number in 0..2_000_usize {
        let mut random = samples::Random::new(u64::try_from(number).unwrap());
        let values = [
            wire::put(random.call(number)),
            wire::put(random.event(number)),
            wire::put(random.hand_over(number)),
        ];
        for (kind, bytes) in (0_u8..).zip(values) {
            out.write_all(&[kind]).unwrap();
            out.write_all(&u32::try_from(bytes.len()).unwrap().to_be_bytes()).unwrap();
            out.write_all(&bytes).unwrap();
        }
    }
}
