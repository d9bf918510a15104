//! Folders of cases: the directory is the list. `BLESS=1` rewrites what is expected.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

/// Compares what `run` makes of each case's `input.json` with its `expected.json`.
pub(crate) fn each_case(folder: &str, run: impl Fn(&str) -> Value) {
    let mut cases: Vec<PathBuf> = fs::read_dir(path(folder))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|case| case.join("input.json").exists())
        .collect();
    cases.sort();
    assert!(!cases.is_empty(), "no cases in {folder}");
    for case in cases {
        let input = fs::read_to_string(case.join("input.json")).unwrap();
        let mut made = serde_json::to_string_pretty(&run(&input)).unwrap();
        made.push('\n');
        check(&case.join("expected.json"), &made);
    }
}

/// Compares a whole text with a file.
pub(crate) fn check_text(file: &str, made: &str) {
    check(&path(file), made);
}

fn path(relative: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/vectors").join(relative)
}

fn check(file: &Path, made: &str) {
    if std::env::var_os("BLESS").is_some_and(|bless| bless == "1") {
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(file, made).unwrap();
    }
    let expected = fs::read_to_string(file).unwrap_or_default();
    assert_eq!(expected, made, "{}", file.display());
}
