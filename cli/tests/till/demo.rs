//! `till demo`: exits 0 only if every step came out as told.

use super::stage::Home;

#[test]
fn every_step_comes_out_as_told() {
    let home = Home::new();
    let told = home.till(&["demo", "--json"]).json(0);
    let steps = told["steps"].as_array().unwrap();
    let outcomes: Vec<&str> = steps.iter().map(|step| step["outcome"].as_str().unwrap()).collect();
    let octo = ["approved", "declined", "cancelled", "approved", "unknown", "approved"];
    assert_eq!(outcomes, [&octo[..], &["approved"]].concat());
    assert!(steps.iter().all(|step| step["ok"] == true), "{told}");
    assert_eq!(steps[4]["books"], "5000 UZS moved, once");
    assert_eq!(steps[5]["books"], "5000 UZS moved, once");
    assert_eq!(steps[6]["books"], "12500 CNY moved, once");
    assert_eq!(told["operations"].as_array().unwrap().len(), 6);
}

#[test]
fn people_read_a_story_and_the_journal_is_gone_after_it() {
    let home = Home::new();
    let temp = home.path("tmp");
    std::fs::create_dir(&temp).unwrap();
    let mut command = home.command(&["demo"]);
    command.env("TMPDIR", &temp);
    let ran = super::stage::Running::start(command).end();
    assert_eq!((ran.status, ran.err.as_str()), (Some(0), ""), "{}", ran.out);
    for words in ["SANDBOX", "A customer pays", "its answer is lost", "All as told"] {
        assert!(ran.out.contains(words), "{words}: {}", ran.out);
    }
    assert!(!ran.out.contains("NOT AS TOLD"), "{}", ran.out);
    assert!(!ran.out.contains('\x1b'), "no colours where nobody watches");
    assert_eq!(std::fs::read_dir(&temp).unwrap().count(), 0);
}
