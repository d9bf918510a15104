//! Operations for the tests: orders by number, and one state of every kind.

#![allow(dead_code, reason = "each test target takes what it needs")]

use till_core::id::{Caller, ExternalId, OperationId, RailId, RequestId};
use till_core::money::Amount;
use till_core::operation::state::{
    Approved, Closed, Closing, Creating, Doubt, Late, NotPaid, Refused, Taken, Waiting,
};
use till_core::operation::{
    Choice, Code, CodeForm, Kind, Life, NoReason, Operation, Order, Payment, Receipt, State, Story,
    Told,
};
use till_core::time::{BootId, Now};

pub(crate) const NOW: Now =
    Now { wall_ms: 1_747_390_187_565, boot_ms: 86_400_123, boot: BootId(0xfeed_beef) };
pub(crate) const LIFE: Life = Life { from: NOW, ms: 600_000 };

pub(crate) fn uzs(minor: u64) -> Amount {
    Amount::new(minor, "UZS".parse().unwrap())
}

pub(crate) fn caller(name: &str) -> Caller {
    Caller::new(name)
}

pub(crate) fn request(id: &str) -> RequestId {
    RequestId::new(id)
}

fn bytes(number: u64) -> [u8; 16] {
    // Spread over the whole range, as random ids are.
    let spread = number.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let mut bytes = [0; 16];
    bytes[..8].copy_from_slice(&spread.to_be_bytes());
    bytes[8..].copy_from_slice(&number.to_be_bytes());
    bytes
}

/// Makes a pay; equal numbers make equal names.
pub(crate) fn pay(number: u64, by: &str, request_id: &str) -> Operation {
    let kind = Kind::Pay { purpose: format!("Order {number}"), code_value: None };
    operation(number, kind, by, request_id)
}

/// Makes a refund of a part of a pay.
pub(crate) fn refund(number: u64, of: &Operation, by: &str, request_id: &str) -> Operation {
    let payment = Payment {
        id: of.id.clone(),
        external_id: of.order.external_id.clone(),
        ordered: of.order.amount,
        paid: of.order.amount,
        foreign: false,
        receipt: None,
    };
    operation(number, Kind::Refund { payment, late: false }, by, request_id)
}

fn operation(number: u64, kind: Kind, by: &str, request_id: &str) -> Operation {
    let order = Order {
        kind,
        caller: caller(by),
        request_id: request(request_id),
        amount: uzs(12_500 + number),
        rail: RailId::new("octo"),
        external_id: ExternalId::from_random(bytes(number)),
        created: NOW,
        sandbox: false,
    };
    Operation::new(OperationId::from_random(bytes(number)), order)
}

pub(crate) fn with(mut operation: Operation, state: State) -> Operation {
    operation.state = state;
    operation
}

pub(crate) fn waiting() -> State {
    let code = Some(Code::text("https://qr.example/281012020262467128", 90_000));
    let unknown = ("STRANGE".to_owned(), NOW);
    State::Waiting(Waiting {
        code,
        since: NOW,
        life: LIFE,
        handed: None,
        unanswered: true,
        undecided: Some(unknown),
    })
}

pub(crate) fn doubt(intent: Option<Told>, choice: Option<Choice>) -> State {
    State::InDoubt(Doubt {
        intent,
        choice,
        life: LIFE,
        repeatable: true,
        repeat: false,
        asked: true,
        silent: Some(NOW),
        undecided: None,
        reference: None,
        confirmed: false,
        settling: None,
    })
}

pub(crate) fn receipt() -> Receipt {
    Receipt {
        paid: uzs(12_000),
        ordered: Some(uzs(12_500)),
        payment: Some(uzs(12_000)),
        withdrawal: None,
        at_ms: NOW.wall_ms + 4_321,
        settled: None,
        relayed: None,
    }
}

pub(crate) fn approved() -> State {
    State::Approved(Approved { receipt: receipt(), late: false, watched: false, reversed: false })
}

pub(crate) fn refused() -> State {
    State::Refused(Refused { code: 7, message: "no connection".into(), ask_status: false })
}

fn not_paid(reason: NoReason, told: Option<Told>) -> State {
    State::NotPaid(NotPaid {
        reason,
        told,
        life: LIFE,
        watched: false,
        choice: None,
        unheard: false,
    })
}

/// Gives one operation in every state, and every word that a state or an order can hold, by name.
pub(crate) fn all() -> Vec<(&'static str, Operation)> {
    let code = Code::text("281012020262467128", 60_000);
    let begun = Creating {
        attempt: 2,
        code: Some(code),
        issued: Some(NOW),
        reached: true,
        verified: true,
        ..Creating::new(NOW)
    };
    let settled = Receipt {
        withdrawal: Some(uzs(1)),
        settled: Some("seen on the statement".into()),
        relayed: None,
        ..receipt()
    };
    let late = |told, story| State::Late(Late { told, receipt: receipt(), story });
    let states = vec![
        ("creating", State::Creating(begun)),
        ("waiting", waiting()),
        ("closing-cancelled", State::Closing(Closing { told: Told::Cancelled, life: LIFE })),
        ("in-doubt", doubt(None, None)),
        ("in-doubt-kept", doubt(Some(Told::Expired), Some(Choice::GoodsKept))),
        ("in-doubt-handed-over", doubt(Some(Told::Unknown), Some(Choice::GoodsHandedOver))),
        ("approved", approved()),
        (
            "approved-settled",
            State::Approved(Approved {
                receipt: settled,
                late: true,
                watched: true,
                reversed: true,
            }),
        ),
        ("not-paid-declined", not_paid(NoReason::Declined("no funds".into()), None)),
        ("not-paid-cancelled", not_paid(NoReason::Cancelled, None)),
        ("not-paid-expired", not_paid(NoReason::Expired, Some(Told::Expired))),
        ("not-paid-given-back", not_paid(NoReason::GivenBack, Some(Told::OtherSum))),
        ("not-paid-settled", not_paid(NoReason::Settled("nothing there".into()), None)),
        ("refused", refused()),
        (
            "closed-expired",
            State::Closed(Closed { told: Told::Expired, life: LIFE, silent: None, unheard: false }),
        ),
        (
            "closed-no-connection",
            State::Closed(Closed {
                told: Told::NoConnection,
                life: LIFE,
                silent: Some(NOW),
                unheard: false,
            }),
        ),
        ("late-refunding", late(Told::Cancelled, Story::Refunding)),
        ("late-refunded", late(Told::Expired, Story::Refunded)),
        ("late-refund-failed", late(Told::Unknown, Story::RefundFailed)),
        ("late-reported", late(Told::OtherSum, Story::Reported)),
    ];
    let mut all = Vec::new();
    for (number, (name, state)) in (0..).zip(states) {
        all.push((name, with(pay(number, "org.example.pos", name), state)));
    }
    let number = u64::try_from(all.len()).unwrap();
    let mut entry = pay(number, "cli", "order entry-code");
    entry.order.kind =
        Kind::Pay { purpose: "Чай, 茶".into(), code_value: Some("https://m.example/1".into()) };
    entry.order.sandbox = true;
    let mut given = refund(number + 1, &all[6].1, "org.example.pos", "order refund");
    given.handed_over = true;
    let mut foreign = with(refund(number + 2, &all[6].1, "cli", "order late"), refused());
    if let Kind::Refund { payment, late } = &mut foreign.order.kind {
        (payment.foreign, *late) = (true, true);
    }
    if let State::Refused(refused) = &mut foreign.state {
        refused.ask_status = true;
    }
    all.extend([("order-entry-code", entry), ("order-refund", given), ("order-foreign", foreign)]);
    for (name, state) in second_rail() {
        let number = u64::try_from(all.len()).unwrap();
        all.push((name, with(pay(number, "org.example.pos", name), state)));
    }
    all
}

/// Gives what only a rail holds that takes a call first and says later how it is paid.
fn second_rail() -> [(&'static str, State); 4] {
    let taken = Taken {
        reference: "85d4801f8fa9dead54d3".into(),
        since: NOW,
        silent: Some(NOW),
        wanted: vec!["customer.email".into()],
    };
    let picture = |form| {
        let value = "https://pics.example/q.png".into();
        let State::Waiting(waiting) = waiting() else { panic!("waiting") };
        State::Waiting(Waiting { code: Some(Code { value, life_ms: 90_000, form }), ..waiting })
    };
    let State::InDoubt(was) = doubt(None, None) else { panic!("in doubt") };
    let reference = Some("85d4801f8fa9dead54d3".into());
    [
        ("creating-taken", State::Creating(Creating { taken: Some(taken), ..Creating::new(NOW) })),
        ("waiting-picture", picture(CodeForm::Picture)),
        ("waiting-picture-url", picture(CodeForm::PictureUrl)),
        ("in-doubt-reference", State::InDoubt(Doubt { reference, ..was })),
    ]
}
