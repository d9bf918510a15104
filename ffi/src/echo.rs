//! A record there and back, and nothing else: what the boundary itself costs.

#![expect(unreachable_pub, reason = "exported: uniffi and JNI find them by name")]

use jni::EnvUnowned;
use jni::errors::{Error, ThrowRuntimeExAndDefault};
use jni::jni_mangle;
use jni::objects::{JByteArray, JClass};

use crate::{Operation, wire};

/// Gives an operation back, over uniffi's own bindings.
#[uniffi::export]
#[must_use]
pub fn echo(operation: Operation) -> Operation {
    operation
}

/// `operation(bytes: ByteArray): ByteArray`: gives an operation back, over JNI.
#[jni_mangle("dev.till.bench.Echo")]
pub extern "system" fn operation<'a>(
    mut env: EnvUnowned<'a>,
    _: JClass<'a>,
    bytes: JByteArray<'a>,
) -> JByteArray<'a> {
    env.with_env(|env| -> Result<JByteArray<'a>, Error> {
        let bytes = env.convert_byte_array(&bytes)?;
        let operation: Operation =
            wire::get(&bytes).map_err(|error| Error::ParseFailed(error.to_string()))?;
        env.byte_array_from_slice(&wire::put(operation))
    })
    .resolve::<ThrowRuntimeExAndDefault>()
}
