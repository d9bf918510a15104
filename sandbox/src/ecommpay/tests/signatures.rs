//! The signature, against the tests of the platform's SDKs and what its PHP SDK prints.

use std::path::Path;

use serde_json::Value;

use super::super::signature::{is_right, line, sign, signed};

fn read(path: &Path) -> Value {
    serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
}

fn cases(family: &str) -> Vec<(String, Value, Value)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../core/tests/vectors/ecommpay");
    let mut cases = Vec::new();
    for entry in std::fs::read_dir(root.join(family)).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        cases.push((name, read(&path.join("input.json")), read(&path.join("expected.json"))));
    }
    assert!(cases.len() >= 12, "the cases are found");
    cases
}

#[test]
fn the_sdks_own_tests_hold() {
    for (name, input, expected) in cases("signature") {
        let params = &input["params"];
        if let Some(wanted) = expected["line"].as_str() {
            assert_eq!(line(params), wanted, "{name}");
        }
        if let Some(wanted) = expected["signature"].as_str() {
            assert_eq!(sign(params, input["secret"].as_str().unwrap()), wanted, "{name}");
        }
    }
}

#[test]
fn where_the_sdks_differ_php_is_followed() {
    for (name, input, expected) in cases("signature-order") {
        let params = &input["params"];
        if let Some(wanted) = expected["php"]["line"].as_str() {
            assert_eq!(line(params), wanted, "{name}");
        }
        if let Some(wanted) = expected["php"]["signature"].as_str() {
            assert_eq!(sign(params, input["secret"].as_str().unwrap()), wanted, "{name}");
        }
    }
}

#[test]
fn any_other_signature_is_wrong() {
    let body = signed(serde_json::json!({ "a": { "b": [1, null, true] } }), "key");
    let signature = body["signature"].as_str().unwrap();
    assert!(is_right(&body, "key", signature));
    assert!(!is_right(&body, "kex", signature));
    for wrong in ["", "AAAA", signature.trim_end_matches('='), &signature.to_lowercase()] {
        assert!(!is_right(&body, "key", wrong), "{wrong}");
    }
}
