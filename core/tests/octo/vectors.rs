//! The vectors in `tests/vectors/octo`: a folder for each call, in it one for each case.
//!
//! A case has `case.json` (what is asked for), `request.json` (what is sent), `answer.http` (the
//! HTTP status, an empty line, the body byte for byte) and `verdict.txt` (what that proves). The
//! folders are the list of tests; `BLESS=1` writes `request.json` and `verdict.txt` anew. In
//! `invalid` stand hostile answers to the same calls, none of which may end an operation.

use std::fs;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde_json::{Value, json};
use till_core::http::{HttpRequest, HttpResponse};
use till_core::operation::{Ask, Kind, Verdict};
use till_core::rail::octo::RefundSum;
use till_core::rail::{Rail, TokenVerdict};

use super::support::*;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    flow: Flow,
    #[serde(default)]
    ask: Option<Word>,
    amount: Option<u64>,
    currency: Option<String>,
    purpose: Option<String>,
    code_value: Option<String>,
    #[serde(default = "yes")]
    bridge: bool,
    #[serde(default)]
    repeated: bool,
    #[serde(default)]
    settings: Settings,
}

#[derive(Clone, Copy, Deserialize, PartialEq)]
#[serde(rename_all = "snake_case")]
enum Flow {
    Token,
    NewPay,
    OrderCode,
    EntryCode,
    Refund,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Word {
    Create,
    Poll,
    Inquire,
    Payment,
}

#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Settings {
    final_codes: Vec<String>,
    refund_sum_is_payment: bool,
}

fn yes() -> bool {
    true
}

impl Case {
    fn bench(&self) -> Bench {
        let ask = match self.ask {
            None | Some(Word::Create) => Ask::Create,
            Some(Word::Poll) => Ask::Poll,
            Some(Word::Inquire) => Ask::Inquire,
            Some(Word::Payment) => Ask::Payment,
        };
        let mut bench = match self.flow {
            Flow::Token | Flow::NewPay => new_pay(),
            Flow::OrderCode => order_code(ask),
            Flow::EntryCode => entry_code(ask),
            Flow::Refund => refund(ask),
        };
        let currency = self.currency.as_deref().unwrap_or("UZS");
        bench.order.amount = sum(self.amount.unwrap_or(bench.order.amount.minor), currency);
        if let Kind::Pay { purpose, code_value } = &mut bench.order.kind {
            purpose.clone_from(self.purpose.as_ref().unwrap_or(&"Coffee".to_owned()));
            match (&self.code_value, code_value) {
                (Some(scanned), Some(value)) => value.clone_from(scanned),
                (Some(issued), None) => bench.code = Some(code(issued)),
                (None, _) => {}
            }
        }
        bench.bridge = self.bridge;
        bench.repeated = self.repeated;
        bench.set(|settings| {
            settings.final_codes.clone_from(&self.settings.final_codes);
            if self.settings.refund_sum_is_payment {
                settings.refund_sum = RefundSum::Payment;
            }
        })
    }
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/vectors/octo")
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

fn request_text(request: &HttpRequest) -> String {
    let body = match request.content_type {
        "application/json" => object(&request.body),
        _ => Value::from(String::from_utf8(request.body.clone()).unwrap()),
    };
    let text = json!({
        "path": request.path,
        "authorization": request.authorization,
        "contentType": request.content_type,
        "body": body,
    });
    format!("{text:#}\n")
}

fn answer(folder: &Path) -> HttpResponse {
    let bytes = fs::read(folder.join("answer.http")).unwrap();
    let end = bytes.windows(2).position(|pair| pair == b"\n\n").expect("an empty line");
    let status = std::str::from_utf8(&bytes[..end]).unwrap().trim().parse().unwrap();
    HttpResponse { status, body: bytes[end + 2..].to_vec() }
}

/// Runs one case; gives whether the verdict ends the operation, and what was sent and proven.
fn run(folder: &Path) -> (bool, &'static str, String, String) {
    let text = fs::read_to_string(folder.join("case.json")).unwrap();
    let case: Case =
        serde_json::from_str(&text).unwrap_or_else(|why| panic!("{}: {why}", folder.display()));
    let bench = case.bench();
    let answer = answer(folder);
    if case.flow == Flow::Token {
        let rail = bench.rail();
        let request = request_text(&rail.token_request().unwrap());
        let verdict = rail.read_token(&Ok(answer));
        let granted = matches!(verdict, TokenVerdict::Granted(..));
        let text = match verdict {
            TokenVerdict::Granted(token, life_ms) => {
                format!("granted: {}\nlife: {life_ms} ms\n", token.expose())
            }
            TokenVerdict::Refused(why) => format!("refused: {why}\n"),
            TokenVerdict::Unanswered(why) => format!("unanswered: {why}\n"),
        };
        return (granted, "token", request, text);
    }
    let verdict = bench.reads_bytes(answer.status, &answer.body);
    let issued = matches!(verdict, Verdict::CodeIssued(_));
    let ends = is_final(&verdict) || issued;
    (ends, bench.call_name(), request_text(&bench.request()), written(&verdict))
}

fn check(path: &Path, expected: &str) -> Option<String> {
    if std::env::var_os("BLESS").is_some() {
        fs::write(path, expected).unwrap();
        return None;
    }
    let found = fs::read_to_string(path).unwrap_or_default();
    (found != expected).then(|| {
        format!("{}:\n--- stands there\n{found}--- is made now\n{expected}", path.display())
    })
}

fn run_all(root: &Path, invalid: bool) -> usize {
    let mut wrong = Vec::new();
    let mut count = 0;
    for call in folders(root) {
        let name = call.file_name().unwrap().to_str().unwrap();
        if name == "invalid" {
            continue;
        }
        for folder in folders(&call) {
            count += 1;
            let (ends, made, request, verdict) = run(&folder);
            assert_eq!(made, name, "{} is in the wrong folder", folder.display());
            wrong.extend(check(&folder.join("request.json"), &request));
            wrong.extend(check(&folder.join("verdict.txt"), &verdict));
            if invalid && ends {
                wrong.push(format!("{}: a hostile answer ends it\n{verdict}", folder.display()));
            }
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
fn no_hostile_answer_ends_an_operation() {
    assert!(run_all(&root().join("invalid"), true) > 0);
}

#[test]
fn every_call_has_cases_and_hostile_twins() {
    let names = |path: &Path| -> Vec<String> {
        let name = |path: PathBuf| path.file_name().unwrap().to_str().unwrap().to_owned();
        folders(path).into_iter().map(name).filter(|name| name != "invalid").collect()
    };
    let calls = ["confirm", "get-qr-code", "perform", "process", "refund", "token"];
    assert_eq!(names(&root()), calls);
    assert_eq!(names(&root().join("invalid")), calls);
}
