//! The vectors in `tests/vectors/ecommpay`: a folder for each call, in it one for each case.
//!
//! A case has `case.json` (what is asked for), `request.json` (what is sent), `answer.http` (the
//! HTTP status, an empty line, the body byte for byte) and `verdict.txt` (what that proves). A page
//! has `address.txt` instead of an exchange, a callback `body.json` and `read.txt`. The folders are
//! the list of tests; `BLESS=1` writes what is made anew. In `invalid` stand hostile answers and
//! callbacks, none of which may end an operation or be taken.

use std::fs;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde_json::{Value, json};
use till_core::id::ExternalId;
use till_core::operation::{Ask, Verdict};

use super::support::*;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    flow: Flow,
    #[serde(default)]
    ask: Word,
    minor: Option<u64>,
    currency: Option<String>,
    payment_id: Option<String>,
    reference: Option<String>,
    #[serde(default)]
    wanted: Vec<String>,
    #[serde(default)]
    repeated: bool,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Flow {
    NewPage,
    Page,
    Gate,
    Refund,
}

#[derive(Clone, Copy, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Word {
    #[default]
    Create,
    Poll,
    Inquire,
    Payment,
}

impl Case {
    fn bench(&self) -> Bench {
        let ask = match self.ask {
            Word::Create => Ask::Create,
            Word::Poll => Ask::Poll,
            Word::Inquire => Ask::Inquire,
            Word::Payment => Ask::Payment,
        };
        let mut bench = match self.flow {
            Flow::NewPage => new_page(),
            Flow::Page => page(ask),
            Flow::Gate => gate(ask),
            Flow::Refund => refund(ask),
        };
        let currency = self.currency.as_deref().unwrap_or("CNY");
        bench.order.amount = sum(self.minor.unwrap_or(bench.order.amount.minor), currency);
        if let Some(id) = &self.payment_id {
            bench.order.external_id = ExternalId::new(id.as_str());
        }
        bench.reference.clone_from(&self.reference);
        bench.wanted.clone_from(&self.wanted);
        bench.repeated = self.repeated;
        bench
    }
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/vectors/ecommpay")
}

fn folders(path: &Path) -> Vec<PathBuf> {
    let mut found: Vec<PathBuf> = fs::read_dir(path)
        .unwrap_or_else(|why| panic!("{}: {why}", path.display()))
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.is_dir())
        .collect();
    found.sort();
    found
}

fn name(path: &Path) -> &str {
    path.file_name().unwrap().to_str().unwrap()
}

fn case(folder: &Path) -> Bench {
    let text = fs::read_to_string(folder.join("case.json")).unwrap();
    let case: Case =
        serde_json::from_str(&text).unwrap_or_else(|why| panic!("{}: {why}", folder.display()));
    case.bench()
}

fn answer(folder: &Path) -> (u16, Vec<u8>) {
    let bytes = fs::read(folder.join("answer.http")).unwrap();
    let end = bytes.windows(2).position(|pair| pair == b"\n\n").expect("an empty line");
    let status = std::str::from_utf8(&bytes[..end]).unwrap().trim().parse().unwrap();
    (status, bytes[end + 2..].to_vec())
}

/// Writes a verdict for people: it holds no secret here.
fn written(verdict: &Verdict) -> String {
    format!("{verdict:#?}\n")
}

/// Gives what stands in the folder and what is made now, where they differ.
fn check(path: &Path, made: &str) -> Option<String> {
    if std::env::var_os("BLESS").is_some() {
        fs::write(path, made).unwrap();
        return None;
    }
    let found = fs::read_to_string(path).unwrap_or_default();
    (found != made)
        .then(|| format!("{}:\n--- stands there\n{found}--- is made now\n{made}", path.display()))
}

fn run_call(call: &str, folder: &Path, invalid: bool) -> Vec<String> {
    let bench = case(folder);
    let request = bench.request();
    let last = request.path.rsplit('/').next().unwrap();
    assert_eq!(last, call, "{} is in the wrong folder", folder.display());
    let body: Value = serde_json::from_slice(&request.body).unwrap();
    let request = format!("{:#}\n", json!({"path": request.path, "body": body}));
    let (status, body) = answer(folder);
    let verdict = bench.reads_bytes(status, &body);
    let ends = matches!(
        verdict,
        Verdict::Paid(_) | Verdict::OtherSum(_) | Verdict::NotPaid(_) | Verdict::CodeIssued(_)
    );
    let mut wrong = vec![];
    wrong.extend(check(&folder.join("request.json"), &request));
    wrong.extend(check(&folder.join("verdict.txt"), &written(&verdict)));
    if invalid && ends {
        wrong.push(format!("{}: a hostile answer ends it\n{verdict:?}", folder.display()));
    }
    wrong
}

fn run_page(folder: &Path) -> Vec<String> {
    let Some(Verdict::CodeIssued(code)) = case(folder).without_call() else { panic!() };
    check(&folder.join("address.txt"), &format!("{}\n", code.value)).into_iter().collect()
}

fn run_callback(folder: &Path, invalid: bool) -> Vec<String> {
    let body = fs::read(folder.join("body.json")).unwrap();
    let read = gate(Ask::Poll).rail().read_callback(&body);
    let mut wrong = vec![];
    wrong.extend(check(&folder.join("read.txt"), &format!("{read:#?}\n")));
    if invalid == read.is_ok() {
        wrong.push(format!("{}: {read:?}", folder.display()));
    }
    wrong
}

fn run_all(root: &Path, invalid: bool) -> usize {
    let mut wrong = vec![];
    let mut count = 0;
    for call in folders(root) {
        // These have tests of their own: signatures.rs.
        if matches!(name(&call), "invalid" | "signature" | "signature-order") {
            continue;
        }
        for folder in folders(&call) {
            count += 1;
            wrong.extend(match name(&call) {
                "page" => run_page(&folder),
                "callback" => run_callback(&folder, invalid),
                call => run_call(call, &folder, invalid),
            });
        }
    }
    assert!(wrong.is_empty(), "{} differ; BLESS=1 writes them\n{}", wrong.len(), wrong.join("\n"));
    count
}

#[test]
fn every_case_sends_and_proves_what_its_folder_says() {
    assert!(run_all(&root(), false) > 0);
}

#[test]
fn no_hostile_answer_ends_an_operation_and_no_hostile_callback_is_taken() {
    assert!(run_all(&root().join("invalid"), true) > 0);
}

#[test]
fn every_call_has_cases_and_hostile_twins() {
    let names = |path: &Path| -> Vec<String> {
        let all = folders(path);
        all.iter().map(|path| name(path).to_owned()).filter(|name| name != "invalid").collect()
    };
    let expected = [
        "callback",
        "clarification",
        "page",
        "refund",
        "sale",
        "signature",
        "signature-order",
        "status",
    ];
    assert_eq!(names(&root()), expected);
    let hostile = ["callback", "clarification", "refund", "sale", "status"];
    assert_eq!(names(&root().join("invalid")), hostile);
}
