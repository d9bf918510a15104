//! What people read where nothing can be drawn over; the drawing has tests of its own.

use super::stage::{Bank, Home, Ran, lead_nowhere};

fn run(home: &Home, words: &[&str]) -> Ran {
    home.till(&[words, &["--config", "till.toml"]].concat())
}

const PAY: [&str; 5] = ["pay", "--amount", "12500", "--purpose", "Coffee"];

#[test]
fn a_payment_is_told_step_by_step_with_its_refund() {
    let home = Home::new();
    let bank = Bank::approving(&home, "");
    let ran = run(&home, &PAY);
    assert_eq!((ran.status, ran.err.as_str()), (Some(0), ""), "{}", ran.out);
    assert!(!ran.out.contains('\x1b') && !ran.out.contains('█'), "no drawing: {}", ran.out);
    for words in [
        "125.00\u{a0}UZS, request ",
        "Code: http://",
        "Payable until ",
        "Waiting for the customer. Ctrl-C cancels.",
        "PAID  125.00\u{a0}UZS",
        "Give it back, whole or in part:",
    ] {
        assert_eq!(ran.out.matches(words).count(), 1, "{words}: {}", ran.out);
    }
    // The command that is told works as it stands.
    let line = ran.out.lines().find(|line| line.contains("till refund")).unwrap().trim();
    let (echo, refund) = line.split_once(" | ").unwrap();
    let input = echo.strip_prefix("echo '").unwrap().strip_suffix('\'').unwrap();
    let words: Vec<&str> = refund.split(' ').skip(1).collect();
    let ran = home.till_reading(&words, input);
    assert_eq!(ran.status, Some(0), "{ran:?}");
    assert!(ran.out.contains("GIVEN BACK  125.00\u{a0}UZS"), "{}", ran.out);
    assert_eq!(bank.movements(), 2);
}

#[test]
fn a_refusal_names_the_next_command() {
    let home = Home::new();
    let _bank = Bank::new(&home, "wait_s = 1");
    let ran = run(&home, &PAY);
    assert_eq!(ran.status, Some(1));
    assert!(ran.out.contains("NOT PAID IN TIME"), "{}", ran.out);
    let again = "till pay --config till.toml --amount 12500 --purpose Coffee\n";
    assert!(ran.out.contains(again), "{}", ran.out);

    let ran = run(&home, &["status", "--request-id", "nobody"]);
    assert_eq!(ran.status, Some(2));
    assert!(ran.out.contains("REFUSED") && ran.out.contains("A new one is safe"), "{}", ran.out);
    lead_nowhere(&home);
    let ran = run(&home, &PAY);
    assert_eq!(ran.status, Some(5));
    assert!(ran.out.contains("REFUSED") && ran.out.contains("No connection"), "{}", ran.out);
    assert!(ran.out.contains("The bank does not answer"), "{}", ran.out);
}

#[test]
fn history_is_a_table_with_a_story() {
    let home = Home::new();
    let _bank = Bank::approving(&home, "");
    run(&home, &[&PAY[..], &["--request-id", "order-17"]].concat());
    let ran = run(&home, &["history"]);
    assert_eq!((ran.status, ran.err.as_str()), (Some(0), ""));
    let lines: Vec<&str> = ran.out.lines().collect();
    assert!(
        lines[0].contains("Z  pay     125.00\u{a0}UZS  approved  order-17  \"Coffee\""),
        "{}",
        ran.out
    );
    assert!(lines[1].ends_with("pay of 12500 UZS recorded"), "{}", ran.out);
    assert!(lines.last().unwrap().ends_with("answer handed over"), "{}", ran.out);
}

#[test]
fn hostile_text_does_not_reach_the_terminal() {
    let home = Home::new();
    let _bank = Bank::approving(&home, "");
    let id = "a\x1b[2J\u{202e}b";
    let words = ["pay", "--amount", "1", "--purpose", "\x1b[31mred", "--request-id", id];
    let ran = run(&home, &words);
    assert_eq!(ran.status, Some(0), "{ran:?}");
    let ran = [ran.out, ran.err, run(&home, &["history"]).out].concat();
    assert!(!ran.contains('\x1b') && !ran.contains('\u{202e}'), "{ran:?}");
}

#[test]
fn messages_are_in_the_terminals_language() {
    let home = Home::new();
    let _bank = Bank::new(&home, "language = \"ru\"\nwait_s = 1");
    let ran = run(&home, &PAY);
    assert_eq!(ran.status, Some(1));
    assert!(ran.out.contains("опла") || ran.out.contains("Опла"), "{}", ran.out);
}

#[test]
fn the_log_is_off_unless_asked_for_and_tells_no_secret() {
    let home = Home::new();
    let _bank = Bank::approving(&home, "");
    let ran = run(&home, &[&PAY[..], &["--log", "info"]].concat());
    assert_eq!(ran.status, Some(0));
    let lines: Vec<&str> = ran.err.lines().filter(|line| line.contains("answered")).collect();
    for call in ["token", "get-qr-code", "perform", "process"] {
        assert!(lines.iter().any(|line| line.contains(call)), "{call}: {}", ran.err);
    }
    assert!(lines.iter().any(|line| line.contains("external_id=")), "{}", ran.err);
    let trace = run(&home, &[&PAY[..], &["--log", "trace"]].concat()).err;
    for secret in ["sandbox-secret", "Bearer", "Basic", "208800000000000001"] {
        assert!(!trace.contains(secret), "{secret}: {trace}");
    }
}

#[test]
fn an_answer_that_nobody_could_read_was_not_handed_over() {
    let home = Home::new();
    let bank = Bank::approving(&home, "");
    let mut command =
        home.command(&[&PAY[..], &["--request-id", "r-1", "--config", "till.toml"]].concat());
    let full = std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    command.stdout(full).arg("--json");
    let output = command.output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(said.contains("the answer cannot be written"), "{said}");
    // So the repeated request gets the same success, and no second payment.
    run(&home, &[&PAY[..], &["--request-id", "r-1"]].concat());
    assert_eq!(bank.movements(), 1);
}
