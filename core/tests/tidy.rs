//! The style that no other tool checks, over every file that git knows.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test fails by panicking"
)]

use std::collections::BTreeSet;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// The longest file of code, in lines; most are to stay below 400.
const LINES: usize = 500;
/// The longest line of code, in characters.
const COLUMNS: usize = 100;

#[test]
fn no_file_of_code_is_too_long() {
    let count = |file: &Text| file.text.lines().count();
    let long = code().into_iter().filter(|file| count(file) > LINES);
    none(long.map(|file| format!("{}: {} lines, at most {LINES}", file.name, count(&file))));
}

#[test]
fn no_line_of_code_is_too_wide() {
    let wide = |line: &str| line.chars().count() > COLUMNS;
    // A page, a style sheet or a table of symbols has lines as long as what is in them.
    let written =
        |file: &Text| [".rs", ".kt", ".java"].iter().any(|ending| file.name.ends_with(ending));
    none(
        lines(code().into_iter().filter(written), wide)
            .map(|place| format!("{place}: wider than {COLUMNS} columns")),
    );
}

#[test]
fn text_is_clean() {
    let dirty = |line: &str| line.ends_with([' ', '\t', '\r']);
    let trailing = lines(texts(), dirty).map(|place| format!("{place}: blanks at its end"));
    let open = texts().into_iter().filter(|file| !file.text.ends_with('\n'));
    let open = open.filter(|file| !file.text.is_empty() && !file.is_data());
    none(trailing.chain(open.map(|file| format!("{}: no line end at its end", file.name))));
}

#[test]
fn nothing_is_left_for_later() {
    let marks = [concat!("TO", "DO"), concat!("FIX", "ME"), concat!("to", "do!(")];
    let marked = |line: &str| marks.iter().any(|mark| line.contains(mark));
    none(lines(texts(), marked).map(|place| format!("{place}: finish it, or leave it out")));
}

#[test]
fn everything_speaks_of_the_product_only() {
    let places = [
        concat!("/wo", "rk/"),
        concat!("/ro", "ot/"),
        concat!("/ho", "me/"),
        concat!("../sha", "red"),
        concat!("sha", "red/contracts"),
    ];
    let foreign = |line: &str| places.iter().any(|place| line.contains(place));
    none(lines(texts(), foreign).map(|place| format!("{place}: a path of somebody's machine")));
}

#[test]
fn documents_and_scripts_name_only_hosts_of_the_product() {
    let prose = texts().into_iter().filter(|file| file.is_prose() || file.is_script());
    none(
        lines(prose, |line| hosts(line).any(|host| !is_known_host(host)))
            .map(|place| format!("{place}: a host that the product does not speak of")),
    );
}

#[test]
fn vectors_hold_no_card_numbers() {
    let recorded = texts().into_iter().filter(|file| {
        file.name.split('/').any(|part| matches!(part, "vectors" | "fixtures" | "seeds" | "corpus"))
    });
    none(lines(recorded, holds_card_number).map(|place| format!("{place}: a card's number?")));
}

#[test]
fn documents_name_only_what_exists() {
    let mut wrong = BTreeSet::new();
    for file in texts().into_iter().filter(|file| file.name.ends_with(".md")) {
        let folder = root().join(&file.name).parent().unwrap().to_owned();
        for (number, line) in file.text.lines().enumerate() {
            let missing = links(line).filter(|path| !folder.join(path).exists());
            let missing = missing.chain(paths(line).filter(|path| !root().join(path).exists()));
            wrong.extend(missing.map(|path| format!("{}:{}: no {path}", file.name, number + 1)));
        }
    }
    none(wrong);
}

#[test]
fn code_names_only_documents_that_exist() {
    let all = texts();
    let exists = |path: &str| {
        all.iter().any(|file| file.name == path || file.name.ends_with(&format!("/{path}")))
    };
    let mut wrong = BTreeSet::new();
    for file in all.iter().filter(|file| !file.is_data()) {
        for (number, line) in file.text.lines().enumerate() {
            let missing = documents(line).filter(|path| !exists(path));
            wrong.extend(missing.map(|path| format!("{}:{}: no {path}", file.name, number + 1)));
        }
    }
    none(wrong);
}

#[test]
fn every_script_runs_from_anywhere_and_tells_what_it_does() {
    let scripts: Vec<Text> = texts().into_iter().filter(Text::is_script).collect();
    assert!(!scripts.is_empty(), "the scripts are found");
    let elsewhere = tempfile::tempdir().unwrap();
    let mut wrong = Vec::new();
    for Text { name, text } in scripts {
        let path = root().join(&name);
        if path.metadata().unwrap().permissions().mode() & 0o111 == 0 {
            wrong.push(format!("{name}: not executable"));
            continue;
        }
        if text.starts_with("#!/usr/bin/env bash") && !text.contains("\nset -euo pipefail\n") {
            wrong.push(format!("{name}: without set -euo pipefail"));
        }
        let usage = format!("Usage: {name}");
        if !text.contains(&format!("# {usage}")) {
            wrong.push(format!("{name}: no line with {usage:?} at its head"));
        }
        // What these pass on, help included, is not theirs to answer.
        if matches!(name.as_str(), "scripts/till" | "scripts/till-gateway" | ".ci/run") {
            continue;
        }
        let help = Command::new(&path)
            .arg("--help")
            .current_dir(elsewhere.path())
            .stdin(Stdio::null())
            .output()
            .unwrap();
        let told = String::from_utf8_lossy(&help.stdout);
        if !help.status.success() || !told.contains(&usage) || !help.stderr.is_empty() {
            wrong.push(format!("{name} --help: {}, {} bytes of it", help.status, told.len()));
        }
    }
    none(wrong);
}

#[test]
fn every_crate_takes_the_lints_of_the_workspace() {
    let manifests = texts().into_iter().filter(|file| file.name.ends_with("/Cargo.toml"));
    let loose = manifests.filter(|file| {
        file.text.contains("[package]") && !file.text.contains("\n[lints]\nworkspace = true\n")
    });
    none(loose.map(|file| format!("{}: no [lints] workspace = true", file.name)));
}

#[test]
fn the_checks_see_what_they_look_for() {
    assert!(holds_card_number(concat!("pan=4111 1111 ", "1111-1111;")));
    assert!(holds_card_number(concat!("\"55555555", "55554444\"")));
    assert!(!holds_card_number("4111111111111112"), "a wrong check digit");
    assert!(!holds_card_number("1747390187565 and 208800000000000001"));
    assert!(!holds_card_number("22222222-2222-4"), "a part of a UUID");
    assert!(holds_card_number(concat!("12 41111111", "11111111")));
    assert_eq!(
        hosts("see https://a.example/x, http://b:1").collect::<Vec<_>>(),
        ["a.example", "b"]
    );
    assert!(is_known_host("bank.example") && !is_known_host("mirror.net"));
    assert_eq!(
        links("[a](b.html#c) [d](https://e) ![f](g/h.png)").collect::<Vec<_>>(),
        ["b.html", "g/h.png"]
    );
    assert_eq!(
        documents(concat!("/// (a/b.m", "d, Times) `./c.m", "d`. x.mdb, .md")).collect::<Vec<_>>(),
        [concat!("a/b.m", "d"), concat!("c.m", "d")]
    );
    let found: Vec<_> =
        paths("`core/src/money.rs`, core/none.rs: (docs/) core/*.rs x/core/y").collect();
    assert_eq!(found, ["core/src/money.rs", "core/none.rs", "docs/"]);
    assert!(!code().is_empty());
}

/// One file that git knows, as text; `name` is its path from the root.
struct Text {
    name: String,
    text: String,
}

impl Text {
    fn extension(&self) -> &str {
        let file = self.name.rsplit('/').next().unwrap_or_default();
        file.rsplit_once('.').map_or("", |(_, extension)| extension)
    }

    fn is_code(&self) -> bool {
        matches!(
            self.extension(),
            "rs" | "kt" | "kts" | "java" | "gradle" | "js" | "css" | "html" | "sql" | "py" | "bash"
        ) || self.is_script()
    }

    fn is_prose(&self) -> bool {
        matches!(self.extension(), "md" | "toml" | "yml" | "yaml" | "bash")
    }

    fn is_script(&self) -> bool {
        (self.name.starts_with("scripts/") || self.name.starts_with(".ci/"))
            && self.text.starts_with("#!")
    }

    /// Is kept byte by byte: what a bank sent need not end like a text.
    fn is_data(&self) -> bool {
        self.name.contains("/vectors/") || self.name.contains("/corpus/")
    }
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

/// Reads every text file of the project; without git (an unpacked archive) all in its folders.
fn texts() -> Vec<Text> {
    let listed = Command::new("git")
        .args(["ls-files", "-z", "--cached"])
        .current_dir(root())
        .stderr(Stdio::null())
        .output();
    let mut names: Vec<String> = match listed {
        Ok(listed) if listed.status.success() => {
            let names = String::from_utf8(listed.stdout).unwrap();
            names.split_terminator('\0').map(str::to_owned).collect()
        }
        Ok(_) | Err(_) => {
            let mut names = Vec::new();
            walk(&root(), "", &mut names);
            names
        }
    };
    names.retain(|name| !matches!(name.as_str(), "Cargo.lock" | "LICENSE"));
    // A file that is being removed is listed still; one that is no text is not looked at.
    let read = |name: String| {
        let text = String::from_utf8(std::fs::read(root().join(&name)).ok()?).ok()?;
        (!text.contains('\0')).then_some(Text { name, text })
    };
    names.into_iter().filter_map(read).collect()
}

fn walk(folder: &Path, prefix: &str, names: &mut Vec<String>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let entry = entry.unwrap();
        let name = format!("{prefix}{}", entry.file_name().to_string_lossy());
        let skipped = matches!(name.as_str(), ".git" | "target") || name.starts_with("mutants.out");
        if entry.file_type().unwrap().is_dir() && !skipped {
            walk(&entry.path(), &format!("{name}/"), names);
        } else if entry.file_type().unwrap().is_file() {
            names.push(name);
        }
    }
}

fn code() -> Vec<Text> {
    texts().into_iter().filter(Text::is_code).collect()
}

/// Gives the places (`file:line`) of the lines that `found` finds.
fn lines(
    files: impl IntoIterator<Item = Text>,
    found: impl Fn(&str) -> bool,
) -> impl Iterator<Item = String> {
    files.into_iter().flat_map(move |file| {
        let hits = file.text.lines().enumerate().filter(|(_, line)| found(line));
        hits.map(|(number, _)| format!("{}:{}", file.name, number + 1)).collect::<Vec<_>>()
    })
}

/// Fails with all findings, one a line.
fn none(findings: impl IntoIterator<Item = String>) {
    let findings: Vec<String> = findings.into_iter().collect();
    assert!(findings.is_empty(), "\n{}\n", findings.join("\n"));
}

/// Gives the hosts of the URLs in a line.
fn hosts(line: &str) -> impl Iterator<Item = &str> {
    line.split("https://").flat_map(|part| part.split("http://")).skip(1).map(|rest| {
        let end = rest.find(|one: char| !(one.is_ascii_alphanumeric() || ".-_[]".contains(one)));
        rest.get(..end.unwrap_or(rest.len())).unwrap_or_default()
    })
}

fn is_known_host(host: &str) -> bool {
    let known = [
        "",
        "127.0.0.1",
        "[",
        "localhost",
        // The banks that Till speaks to.
        "oi-dev.octo.uz",
        "api.ecommpay.com",
        "paymentpage.ecommpay.com",
        // Where Till is, and what its documents and licence refer to.
        "github.com",
        "keepachangelog.com",
        "semver.org",
        "www.apache.org",
    ];
    let made_up = [".example", "example.com", "example.org", ".test", ".invalid"];
    known.contains(&host) || made_up.iter().any(|end| host.ends_with(end))
}

/// Tells whether 13 to 19 digits, in a row or grouped as on a card, are a payment card's number:
/// the first ones those of a scheme, the last one the check digit.
fn holds_card_number(line: &str) -> bool {
    let mut groups: Vec<Vec<u32>> = vec![vec![]];
    for one in line.chars().chain(['.']) {
        match one.to_digit(10) {
            Some(digit) => groups.last_mut().unwrap().push(digit),
            None if matches!(one, ' ' | '-') && !groups.last().unwrap().is_empty() => {
                groups.push(vec![]);
            }
            None => {
                let lengths: Vec<usize> = groups.iter().map(Vec::len).filter(|n| *n > 0).collect();
                let grouped = matches!(lengths[..], [] | [_] | [4, 4, 4, _] | [4, 6, 4..=5]);
                if (grouped && is_card_number(&groups.concat()))
                    || groups.iter().any(|group| is_card_number(group))
                {
                    return true;
                }
                groups = vec![vec![]];
            }
        }
    }
    false
}

fn is_card_number(digits: &[u32]) -> bool {
    let scheme = matches!(digits, [2, 2..=7, ..] | [3, 4..=7, ..] | [4..=6, ..]);
    let sum: u32 = digits
        .iter()
        .rev()
        .enumerate()
        .map(|(place, digit)| match (place % 2, digit * 2) {
            (0, _) => *digit,
            (_, double) => double / 10 + double % 10,
        })
        .sum();
    (13..=19).contains(&digits.len()) && scheme && sum.is_multiple_of(10)
}

/// Gives the relative targets of Markdown's links in a line, without their fragments.
fn links(line: &str) -> impl Iterator<Item = &str> {
    line.split("](").skip(1).filter_map(|rest| {
        let target = rest.split([')', ' ', '#']).next()?;
        let local = !target.is_empty() && !target.contains("://") && !target.starts_with("mailto:");
        local.then_some(target)
    })
}

/// Gives the Markdown files that a line names, with or without their folders.
fn documents(line: &str) -> impl Iterator<Item = &str> {
    let word = |one: char| one.is_alphanumeric() || "./_-".contains(one);
    line.split(move |one| !word(one)).filter_map(|word| {
        let path = word.trim_end_matches('.').trim_start_matches(['.', '/']);
        (path.ends_with(".md") && path.len() > ".md".len()).then_some(path)
    })
}

/// Gives the paths in a line that begin in one of the project's folders; patterns are not paths.
fn paths(line: &str) -> impl Iterator<Item = &str> {
    const FOLDERS: [&str; 10] = [
        "core/", "sandbox/", "cli/", "ffi/", "gateway/", "android/", "docs/", "scripts/", "bench/",
        ".ci/",
    ];
    let word = |one: char| one.is_alphanumeric() || "./_-{}*<>:".contains(one);
    line.split(move |one| !word(one)).filter_map(|word| {
        let path = word.split(':').next()?.trim_end_matches(['.', '-']);
        let named = FOLDERS.iter().any(|folder| path.starts_with(folder));
        (named && !path.contains(['{', '}', '*', '<', '>'])).then_some(path)
    })
}
