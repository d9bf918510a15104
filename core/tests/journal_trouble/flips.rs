//! Single flipped bits at random places: every answer is right, or says that there is damage.

use std::fs;
use std::path::Path;

use till_core::journal::{Journal, JournalError, SqliteJournal};
use till_core::operation::{Action, Operation};

use crate::file::{Site, bytes, fill, fill_unmoved, mixed, open};

/// Gives the same numbers in every run (splitmix64).
pub(crate) struct Dice(pub(crate) u64);

impl Dice {
    pub(crate) fn roll(&mut self, below: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % below
    }
}

/// Is what a spoilt journal answered.
#[derive(Default)]
struct Answers {
    /// Some said that there is damage.
    reported: bool,
    /// Some were right but for what they left out.
    lacking: bool,
}

impl Answers {
    fn add<T: PartialEq + std::fmt::Debug>(
        &mut self,
        answer: Result<impl IntoIterator<Item = T>, JournalError>,
        expected: impl IntoIterator<Item = T>,
        place: &str,
    ) {
        let answer: Vec<T> = match answer {
            Ok(answer) => answer.into_iter().collect(),
            Err(JournalError::Damaged(text) | JournalError::Newer(text)) => {
                assert!(text.contains(".sqlite"), "{place}: {text}");
                self.reported = true;
                return;
            }
            Err(other) => panic!("{place}: {other:?}"),
        };
        let expected: Vec<T> = expected.into_iter().collect();
        if answer != expected {
            let mut rest = expected.iter();
            let part = answer.iter().all(|one| rest.any(|other| other == one));
            assert!(part, "{place}: {answer:?} instead of {expected:?}");
            self.lacking = true;
        }
    }
}

/// Asks everything about all operations.
fn ask(journal: &SqliteJournal, all: &[Operation], place: &str) -> Answers {
    let newest = |fits: &dyn Fn(&Operation) -> bool| -> Vec<Operation> {
        all.iter().rev().filter(|one| fits(one)).cloned().collect()
    };
    let oldest = |fits: &dyn Fn(&Operation) -> bool| -> Vec<Operation> {
        all.iter().filter(|one| fits(one)).cloned().collect()
    };
    let mut answers = Answers::default();
    answers.add(journal.open_operations(), oldest(&Operation::is_open), place);
    for one in all {
        let order = &one.order;
        let (by, action, id) = (&order.caller, order.action(), &order.request_id);
        answers.add(journal.get(&one.id), [one.clone()], place);
        answers.add(journal.by_external_id(&order.external_id), [one.clone()], place);
        let of_request = newest(&|other| {
            let other = &other.order;
            other.caller == *by && other.action() == action && other.request_id == *id
        });
        answers.add(journal.by_request(by, action, id), of_request, place);
        let pays =
            newest(&|other| other.order.action() == Action::Pay && other.order.request_id == *id);
        answers.add(journal.pays_by_request_id(id), pays, place);
        let refunds = oldest(&|other| {
            other.order.payment().is_some_and(|payment| payment.external_id == order.external_id)
        });
        answers.add(journal.refunds_of(&order.external_id), refunds, place);
        let events = journal
            .events(&one.id)
            .map(|events| events.into_iter().map(|event| (event.number, event.event, event.at_ms)));
        let told = [(1, "recorded".to_owned(), 1_000), (2, "test".to_owned(), 1_000)];
        answers.add(events, told, place);
    }
    answers
}

/// Tells whether a byte says how many entries an index page has or where they are. A flip there can
/// hide an entry from its own search without a trace, and only the whole check finds it.
fn holds_entries(whole: &[u8], byte: usize) -> bool {
    let page = byte / 4096 * 4096;
    let entries = usize::from(u16::from_be_bytes([whole[page + 3], whole[page + 4]]));
    match whole[page] {
        // sqlite.org/fileformat.html, B-tree Pages: index interior and index leaf.
        2 => byte < page + 12 + 2 * entries,
        10 => byte < page + 8 + 2 * entries,
        _ => false,
    }
}

/// Reads the history: all of it, or a part in the same order with the damage noted.
fn read(journal: &SqliteJournal, all: &[Operation], place: &str) {
    let found = match journal.history(usize::MAX) {
        Ok(found) => found,
        Err(JournalError::Damaged(_)) => return,
        Err(other) => panic!("{place}: {other:?}"),
    };
    let mut rest = all.iter().rev();
    for one in &found {
        assert!(rest.any(|other| other == one), "{place}: {one:?}");
    }
    let whole = found.len() == all.len();
    assert!(whole || journal.damage().is_some(), "{place}: {} of {}", found.len(), all.len());
}

/// Flips one bit of a whole journal and asks everything; gives whether the damage was seen at all.
fn flip(path: &Path, whole: &[u8], all: &[Operation], bit: u64) -> bool {
    let byte = usize::try_from(bit / 8).unwrap();
    let place = &format!("byte {byte}, bit {}", bit % 8);
    let mut spoilt = whole.to_vec();
    spoilt[byte] ^= 1 << (bit % 8);
    fs::write(path, &spoilt).unwrap();
    let seen = match open(path, [0; 16]) {
        Ok(journal) => {
            let answers = ask(&journal, all, place);
            read(&journal, all, place);
            let verified = match journal.verify() {
                Ok(_) => true,
                Err(JournalError::Damaged(_) | JournalError::Newer(_)) => false,
                Err(other) => panic!("{place}: {other:?}"),
            };
            assert!(!(verified && answers.reported), "{place}: not seen by the whole check");
            assert!(!(verified && answers.lacking), "{place}: lacking, and never seen");
            assert!(!answers.lacking || holds_entries(whole, byte), "{place}: lacking");
            !verified
        }
        Err(JournalError::Damaged(_) | JournalError::Newer(_)) => {
            assert_eq!(bytes(path), spoilt, "{place}: the file changed");
            true
        }
        Err(other) => panic!("{place}: {other:?}"),
    };
    fs::write(path, &spoilt).unwrap();
    match SqliteJournal::open_read_only(path) {
        Ok(journal) => {
            let answers = ask(&journal, all, place);
            assert!(!answers.lacking || holds_entries(whole, byte), "{place}: lacking");
            read(&journal, all, place);
        }
        Err(JournalError::Damaged(_) | JournalError::Newer(_)) => {}
        Err(other) => panic!("{place}: {other:?}"),
    }
    seen
}

#[test]
fn a_flipped_bit_never_makes_a_wrong_answer() {
    let site = Site::new();
    let all = mixed(40);
    fill(&site.path, &all);
    let whole = bytes(&site.path);
    let mut dice = Dice(20_260_714);
    let bits = u64::try_from(whole.len()).unwrap() * 8;
    let flips = 200;
    let seen = (0..flips).filter(|_| flip(&site.path, &whole, &all, dice.roll(bits))).count();
    println!("{seen} of {flips} flips were seen; the others hit unused places");
    assert!(seen > 0);
}

#[test]
fn a_flipped_bit_among_the_newest_never_makes_a_wrong_answer() {
    let site = Site::new();
    let all = mixed(40);
    fill_unmoved(&site.path, &all);
    let whole = bytes(&site.path);
    let mut dice = Dice(20_260_716);
    let bits = u64::try_from(whole.len()).unwrap() * 8;
    let seen = (0..100).filter(|_| flip(&site.path, &whole, &all, dice.roll(bits))).count();
    println!("{seen} of 100 flips were seen; the others hit unused places");
    assert!(seen > 0);
}

#[test]
fn a_flipped_bit_in_the_head_of_a_page_is_seen() {
    let site = Site::new();
    let all = mixed(40);
    fill(&site.path, &all);
    let whole = bytes(&site.path);
    let mut dice = Dice(20_260_715);
    let pages = u64::try_from(whole.len() / 4096).unwrap();
    for page in 0..pages {
        let head = page * 4096 + if page == 0 { 100 } else { 0 };
        for _ in 0..2 {
            flip(&site.path, &whole, &all, head * 8 + dice.roll(12 * 8));
        }
    }
}
