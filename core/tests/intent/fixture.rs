//! Operations, requests and answers to test with.

use std::collections::BTreeMap;

use till_core::id::{Caller, ExternalId, OperationId, RailId, RequestId};
use till_core::intent::{
    Answer, Extra, Extras, Language, Metadata, Request, Shape, Verb, answer, read,
};
use till_core::money::{Amount, Currency};
use till_core::operation::state::{
    Approved, Closed, Closing, Creating, Doubt, Late, NotPaid, Refused, Waiting,
};
use till_core::operation::{
    Action, Kind, Life, NoReason, Operation, Order, Payment, Receipt, State, Story, Told,
};
use till_core::secret::Secret;
use till_core::time::{BootId, Now};

pub(crate) const RANDOM: [u8; 16] = [7; 16];
pub(crate) const GENERATED: &str = "07070707-0707-4707-8707-070707070707";
pub(crate) const NOW: Now = Now { wall_ms: 1_747_390_187_565, boot_ms: 1_000, boot: BootId(1) };
const LIFE: Life = Life { from: NOW, ms: 600_000 };

pub(crate) fn currency(code: &str) -> Currency {
    code.parse().unwrap()
}

pub(crate) fn uzs(minor: u64) -> Amount {
    Amount::new(minor, currency("UZS"))
}

pub(crate) fn key() -> Secret<Vec<u8>> {
    Secret::new(b"a key of the rail".to_vec())
}

/// Makes an operation of 12500 UZS in this state.
pub(crate) fn operation(action: Action, state: State) -> Operation {
    let kind = match action {
        Action::Pay => Kind::Pay { purpose: "Coffee".to_owned(), code_value: None },
        Action::Refund => Kind::Refund {
            payment: Payment {
                id: OperationId::new("11111111-1111-4111-8111-111111111111"),
                external_id: ExternalId::new("PAYMENT"),
                ordered: uzs(20_000),
                paid: uzs(20_000),
                foreign: false,
                receipt: None,
            },
            late: false,
        },
    };
    let order = Order {
        kind,
        caller: Caller::new("com.example.pos"),
        request_id: RequestId::new("order-7"),
        amount: uzs(12_500),
        rail: RailId::new("octo"),
        external_id: ExternalId::new("77777777777777777777777774"),
        created: NOW,
        sandbox: false,
    };
    let id = OperationId::new("22222222-2222-4222-8222-222222222222");
    Operation { state, ..Operation::new(id, order) }
}

pub(crate) fn receipt(paid: Amount) -> Receipt {
    Receipt {
        paid,
        ordered: None,
        payment: None,
        withdrawal: None,
        at_ms: 1_747_390_200_001,
        settled: None,
        relayed: None,
    }
}

pub(crate) fn approved() -> State {
    State::Approved(Approved {
        receipt: receipt(uzs(12_500)),
        late: false,
        watched: false,
        reversed: false,
    })
}

pub(crate) fn not_paid(reason: NoReason, told: Option<Told>) -> State {
    State::NotPaid(NotPaid {
        reason,
        told,
        life: LIFE,
        watched: false,
        choice: None,
        unheard: false,
    })
}

pub(crate) fn refused(code: u8, message: &str) -> State {
    State::Refused(Refused { code, message: message.to_owned(), ask_status: false })
}

pub(crate) fn closed(told: Told) -> State {
    State::Closed(Closed { told, life: LIFE, silent: None, unheard: false })
}

pub(crate) fn late(told: Told, paid: Amount, story: Story) -> State {
    State::Late(Late { told, receipt: receipt(paid), story })
}

pub(crate) fn doubt() -> State {
    State::InDoubt(Doubt {
        intent: Some(Told::Cancelled),
        choice: None,
        life: LIFE,
        repeatable: false,
        repeat: false,
        asked: true,
        silent: None,
        undecided: None,
        reference: None,
        confirmed: false,
        settling: None,
    })
}

pub(crate) fn running() -> [State; 3] {
    let waiting = Waiting {
        code: None,
        since: NOW,
        life: LIFE,
        handed: None,
        unanswered: false,
        undecided: None,
    };
    [
        State::Creating(Creating::new(NOW)),
        State::Waiting(waiting),
        State::Closing(Closing { told: Told::Cancelled, life: LIFE }),
    ]
}

pub(crate) const TOLDS: [Told; 5] =
    [Told::OtherSum, Told::Cancelled, Told::Expired, Told::Unknown, Told::NoConnection];
pub(crate) const STORIES: [Story; 4] =
    [Story::Refunding, Story::Refunded, Story::RefundFailed, Story::Reported];

pub(crate) fn reasons() -> [NoReason; 6] {
    [
        NoReason::Declined(String::new()),
        NoReason::Declined("Insufficient funds".to_owned()),
        NoReason::Cancelled,
        NoReason::Expired,
        NoReason::GivenBack,
        NoReason::Settled("seen in the bank's portal".to_owned()),
    ]
}

/// Makes every kind of state, with a name for each.
pub(crate) fn all_states() -> Vec<(String, State)> {
    let mut states: Vec<(String, State)> = vec![
        ("approved".to_owned(), approved()),
        ("approved late".to_owned(), approved_late()),
        ("in doubt".to_owned(), doubt()),
    ];
    for (name, state) in ["creating", "waiting", "closing"].into_iter().zip(running()) {
        states.push((name.to_owned(), state));
    }
    for reason in reasons() {
        states.push((format!("not paid {reason:?}"), not_paid(reason.clone(), None)));
        for told in TOLDS {
            let name = format!("not paid {reason:?}, told {told:?}");
            states.push((name, not_paid(reason.clone(), Some(told))));
        }
    }
    for code in [1, 5, 6, 7, 9] {
        states.push((format!("refused {code}"), refused(code, "")));
        states.push((format!("refused {code} with words"), refused(code, "403: who are you?")));
    }
    for told in TOLDS {
        states.push((format!("closed {told:?}"), closed(told)));
        for story in STORIES {
            for paid in [uzs(12_500), uzs(9_000)] {
                let name = format!("late {told:?} {story:?} {}", paid.minor);
                states.push((name, late(told, paid, story)));
            }
        }
    }
    states
}

pub(crate) fn approved_late() -> State {
    State::Approved(Approved {
        receipt: receipt(uzs(12_500)),
        late: true,
        watched: false,
        reversed: false,
    })
}

/// Answers the verb of the operation's own action.
pub(crate) fn told(action: Action, state: State) -> Answer {
    told_to(action.into(), Language::En, &operation(action, state))
}

pub(crate) fn told_to(verb: Verb, language: Language, operation: &Operation) -> Answer {
    answer(operation, &Shape { verb, metadata: None, language, mac_key: &key() })
}

pub(crate) fn metadata() -> Metadata {
    BTreeMap::from([("OrderId".to_owned(), "12345".to_owned())])
}

pub(crate) fn text(text: &str) -> Extra {
    Extra::Text(text.to_owned())
}

pub(crate) const PAYMENT: &str = r#"{"schemaVersion":1,"id":"p","type":"PAY","status":"SUCCESS"}"#;

/// Makes the extras without which a request of this verb is wrong, and no others.
pub(crate) fn least(verb: Verb) -> Extras {
    let pairs: &[(&str, Extra)] = match verb {
        Verb::Pay => &[("amount", Extra::Long(12_500)), ("purpose", text("Coffee"))],
        Verb::Refund => &[("amount", Extra::Long(12_500)), ("primary_transaction", text(PAYMENT))],
        Verb::Status => &[("request_id", text("order-7"))],
    };
    pairs.iter().map(|(name, extra)| ((*name).to_owned(), extra.clone())).collect()
}

pub(crate) fn read_en(verb: Verb, extras: &Extras) -> Result<Request, Box<Answer>> {
    read(Caller::new("com.example.pos"), verb.action(), extras, Language::En, RANDOM)
}

/// Reads the least request with one extra put in.
pub(crate) fn with(verb: Verb, name: &str, extra: Extra) -> Result<Request, Box<Answer>> {
    let mut extras = least(verb);
    extras.insert(name.to_owned(), extra);
    read_en(verb, &extras)
}

/// Reads the least request with one extra taken out.
pub(crate) fn without(verb: Verb, name: &str) -> Result<Request, Box<Answer>> {
    let mut extras = least(verb);
    extras.remove(name);
    read_en(verb, &extras)
}
