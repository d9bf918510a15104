//! Writes the Kotlin side of libtill from the metadata that uniffi left in the library.
//!
//! ```text
//! till-bindgen wire LIBRARY CONTRACT.rs OUT.kt    types and codecs for JNI
//! till-bindgen stock LIBRARY OUT_FOLDER           uniffi's own bindings, for JNA
//! ```
//!
//! The library must not be stripped. `wire` fails if CONTRACT.rs does not hold the number of the
//! interface, and says which one it is.

mod kotlin;

use std::io::Write as _;
use std::process::ExitCode;

use anyhow::{Context as _, bail};
use camino::{Utf8Path, Utf8PathBuf};
use sha2::Digest as _;
use uniffi_bindgen::bindings::{GenerateOptions, TargetLanguage};
use uniffi_bindgen::{BindgenLoader, BindgenPaths, GlobalConfig};

/// The package of the natives and of what is generated for them.
const PACKAGE: &str = "dev.till.internal";

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let _nobody_reads = writeln!(std::io::stderr(), "till-bindgen: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> anyhow::Result<()> {
    let arguments: Vec<Utf8PathBuf> = std::env::args().skip(1).map(Utf8PathBuf::from).collect();
    let arguments: Vec<&Utf8Path> = arguments.iter().map(Utf8PathBuf::as_path).collect();
    match arguments.as_slice() {
        [what, library, contract, out] if *what == "wire" => wire(library, contract, out),
        [what, library, out] if *what == "stock" => stock(library, out),
        _ => bail!("till-bindgen wire LIBRARY CONTRACT.rs OUT.kt | stock LIBRARY OUT_FOLDER"),
    }
}

/// Writes types and codecs, and compares the interface's number with the library's own.
fn wire(library: &Utf8Path, contract: &Utf8Path, out: &Utf8Path) -> anyhow::Result<()> {
    let loader = BindgenLoader::new(BindgenPaths::default(), GlobalConfig::default());
    let metadata = loader.load_metadata(library)?;
    let interfaces = loader.load_cis(metadata)?;
    let [interface] = interfaces.as_slice() else {
        bail!("{library}: {} interfaces, not one", interfaces.len());
    };
    let shape = kotlin::code(interface, PACKAGE, false)?;
    let hash = sha2::Sha256::digest(&shape);
    // Seven bytes: positive in Kotlin and in Rust, and enough to tell two interfaces apart.
    let number = hash.iter().take(7).fold(0_i64, |number, byte| number << 8 | i64::from(*byte));
    let line = format!("CONTRACT: i64 = {number:#x};");
    let held = std::fs::read_to_string(contract).with_context(|| contract.to_string())?;
    if !held.replace('_', "").contains(&line.replace('_', "")) {
        bail!("the interface is another one than {contract} says; write there: {line}");
    }
    let code = kotlin::code(interface, PACKAGE, true)?;
    let code = format!("{code}\ninternal const val CONTRACT: kotlin.Long = {number:#x}L\n");
    std::fs::write(out, code).with_context(|| out.to_string())
}

/// Writes the bindings that uniffi itself makes.
fn stock(library: &Utf8Path, out: &Utf8Path) -> anyhow::Result<()> {
    uniffi_bindgen::bindings::generate(GenerateOptions {
        languages: vec![TargetLanguage::Kotlin],
        source: library.to_owned(),
        out_dir: out.to_owned(),
        config_override: None,
        format: false,
        crate_filter: None,
        metadata_no_deps: true,
    })
}
