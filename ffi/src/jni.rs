//! The natives of `dev.till.internal.Native`: bytes in, bytes out, nothing else.
//!
//! The bytes are those of the records that uniffi knows (the module `wire`); till-bindgen writes
//! their Kotlin side. Nothing unwinds into Java: `with_env` catches panics and throws.

use std::sync::{Arc, OnceLock};

use jni::errors::{Error, ThrowRuntimeExAndDefault};
use jni::objects::{JByteArray, JClass, JObject};
use jni::refs::Global;
use jni::sys::{JNI_ERR, JNI_VERSION_1_6, jint, jlong};
use jni::{Env, EnvUnowned, JavaVM, jni_mangle, jni_sig, jni_str};
use zeroize::Zeroizing;

use crate::contract::CONTRACT;
use crate::event::{Event, HandOver};
use crate::{Bridge, Listener, desk, office, wire};

/// Keeps the classes whose methods this library calls: threads of ours cannot find an app's
/// classes, and a shrunk app that lacks one is refused when the library is loaded, not later.
struct Classes {
    _listener: Global<JClass<'static>>,
    _bridge: Global<JClass<'static>>,
}

static CLASSES: OnceLock<Classes> = OnceLock::new();

/// Runs when the library is loaded.
///
/// # Safety
/// Only Java calls it, with its own machine.
#[expect(unsafe_code, reason = "the one place where Java gives a bare pointer")]
#[unsafe(no_mangle)]
pub unsafe extern "system" fn JNI_OnLoad(
    vm: *mut jni::sys::JavaVM,
    _: *mut std::ffi::c_void,
) -> jint {
    let loaded = std::panic::catch_unwind(|| {
        #[cfg(target_os = "android")]
        crate::log::begin();
        // SAFETY: as this function's.
        let vm = unsafe { JavaVM::from_raw(vm) };
        vm.attach_current_thread(|env| -> Result<(), Error> {
            let listener = env.find_class(jni_str!("dev/till/internal/Listener"))?;
            let bridge = env.find_class(jni_str!("dev/till/internal/BridgeListener"))?;
            env.get_method_id(&listener, jni_str!("event"), jni_sig!("([B)V"))?;
            env.get_method_id(&bridge, jni_str!("handOver"), jni_sig!("([B)Z"))?;
            let _loaded_before = CLASSES.set(Classes {
                _listener: env.new_global_ref(&listener)?,
                _bridge: env.new_global_ref(&bridge)?,
            });
            Ok(())
        })
    });
    if let Ok(Ok(())) = loaded { JNI_VERSION_1_6 } else { JNI_ERR }
}

/// `contract(): Long`: the number of the interface.
#[jni_mangle("dev.till.internal.Native")]
pub extern "system" fn contract<'a>(_: EnvUnowned<'a>, _: JClass<'a>) -> jlong {
    CONTRACT
}

/// `start(call: ByteArray, listener: Listener): Long`: begins a call, gives its handle.
#[jni_mangle("dev.till.internal.Native")]
pub extern "system" fn start<'a>(
    mut env: EnvUnowned<'a>,
    _: JClass<'a>,
    call: JByteArray<'a>,
    listener: JObject<'a>,
) -> jlong {
    env.with_env(|env| -> Result<jlong, Error> {
        let bytes = Zeroizing::new(env.convert_byte_array(&call)?);
        let listener = Arc::new(JavaListener(env.new_global_ref(&listener)?));
        Ok(desk::start(desk::Asked::Bytes(bytes), listener))
    })
    .resolve::<ThrowRuntimeExAndDefault>()
}

/// `cancel(handle: Long)`: lets go of a call.
#[jni_mangle("dev.till.internal.Native")]
pub extern "system" fn cancel<'a>(mut env: EnvUnowned<'a>, _: JClass<'a>, handle: jlong) {
    env.with_env(|_| -> Result<(), Error> {
        desk::cancel(handle);
        Ok(())
    })
    .resolve::<ThrowRuntimeExAndDefault>();
}

/// `exponent(currency: ByteArray): Int`: the digits after the point, -1 for what is no currency.
#[jni_mangle("dev.till.internal.Native")]
pub extern "system" fn exponent<'a>(
    mut env: EnvUnowned<'a>,
    _: JClass<'a>,
    currency: JByteArray<'a>,
) -> jint {
    env.with_env(|env| -> Result<jint, Error> {
        let bytes = env.convert_byte_array(&currency)?;
        Ok(std::str::from_utf8(&bytes).map_or(-1, crate::exponent))
    })
    .resolve::<ThrowRuntimeExAndDefault>()
}

/// `setBridge(bridge: BridgeListener?)`: sets who takes customers to the SDK or a browser.
#[jni_mangle("dev.till.internal.Native", "setBridge")]
pub extern "system" fn set_bridge<'a>(mut env: EnvUnowned<'a>, _: JClass<'a>, bridge: JObject<'a>) {
    env.with_env(|env| -> Result<(), Error> {
        let bridge: Option<Arc<dyn Bridge>> = if bridge.is_null() {
            None
        } else {
            Some(Arc::new(JavaBridge(env.new_global_ref(&bridge)?)))
        };
        office::set_bridge(bridge);
        Ok(())
    })
    .resolve::<ThrowRuntimeExAndDefault>();
}

/// Is a `dev.till.internal.Listener`.
struct JavaListener(Global<JObject<'static>>);

impl Listener for JavaListener {
    fn event(&self, event: Event) {
        let bytes = wire::put(event);
        let told = call(|env| {
            let bytes = env.byte_array_from_slice(&bytes)?;
            let arguments = [(&bytes).into()];
            env.call_method(&self.0, jni_str!("event"), jni_sig!("([B)V"), &arguments)?;
            Ok(())
        });
        if let Err(error) = told {
            tracing::error!(%error, "a listener failed");
        }
    }
}

/// Is a `dev.till.internal.BridgeListener`.
struct JavaBridge(Global<JObject<'static>>);

impl Bridge for JavaBridge {
    fn hand_over(&self, hand_over: HandOver) -> bool {
        let bytes = Zeroizing::new(wire::put(hand_over));
        let handed = call(|env| {
            let bytes = env.byte_array_from_slice(&bytes)?;
            let arguments = [(&bytes).into()];
            env.call_method(&self.0, jni_str!("handOver"), jni_sig!("([B)Z"), &arguments)?.z()
        });
        handed.unwrap_or_else(|error| {
            tracing::error!(%error, "the bridge failed");
            false
        })
    }
}

/// Calls Java from a thread of ours, attached for this call only: attached threads would keep a
/// Java program from ending.
fn call<T>(calls: impl FnOnce(&mut Env<'_>) -> Result<T, Error>) -> Result<T, Error> {
    JavaVM::singleton()?.attach_current_thread_for_scope(calls)
}
