//! The steps of the demo, each with what must come of it.

use till_core::intent::{Answer, AnswerCode, ErrorType};
use till_core::rail::ecommpay::Ecommpay;
use till_sandbox::octo::Account;
use till_sandbox::{Auto, Call, Fault, FaultKind};

use super::shop::{Operator, Shop};
use super::{Step, Voice};
use crate::args::{Named, Pay, Refund};
use crate::bank;
use crate::out::{Dress, plain};
use crate::trouble::Trouble;
use crate::wish::Ask;

/// A printed code, as a customer's wallet would read it from the counter.
const ENTRY_CODE: &str = "https://shop.till-sandbox.invalid/registan";
/// The sum of the payments, in minor units.
const COFFEE: u64 = 12_500;
/// The sum of the refund, in minor units.
const BACK: u64 = 5_000;
/// The refund's name: it is sent twice.
const REFUND_ID: &str = "refund-of-the-coffee";

/// Is what must come of a step: the code, and how often money moved under its name.
#[derive(Clone, Copy)]
struct Wanted {
    code: AnswerCode,
    moved: Option<u64>,
}

/// Tells the whole story.
pub(super) async fn all(shop: &Shop, voice: Voice) -> Result<Vec<Step>, Trouble> {
    let mut steps = Vec::new();
    let paid = Wanted { code: AnswerCode::Success, moved: Some(COFFEE) };
    let nothing = |code| Wanted { code, moved: None };

    voice.heading("1  A customer pays for a coffee.");
    shop.server.set_auto(Auto::Approve);
    let coffee = shop.run(voice, &pay("Coffee", None)?, Operator::Waits).await?;
    steps.push(check(shop, voice, "payment", &coffee, paid).await?);

    voice.heading("2  The next one has no money in the wallet.");
    shop.server.set_auto(Auto::Decline);
    let answer = shop.run(voice, &pay("Tea", None)?, Operator::Waits).await?;
    steps.push(check(shop, voice, "decline", &answer, nothing(AnswerCode::Declined)).await?);

    voice.heading("3  The third changes his mind; the operator cancels.");
    shop.server.set_auto(Auto::Ignore);
    let answer = shop.run(voice, &pay("Cake", None)?, Operator::Cancels).await?;
    steps.push(check(shop, voice, "cancel", &answer, nothing(AnswerCode::Cancelled)).await?);
    shop.walk_away();

    voice.heading("4  The fourth has scanned the printed code on the counter.");
    shop.server.set_auto(Auto::Approve);
    let answer = shop.run(voice, &pay("Lunch", Some(ENTRY_CODE))?, Operator::Waits).await?;
    steps.push(check(shop, voice, "entry code", &answer, paid).await?);

    voice.heading(
        "5  The coffee was cold: 50.00 go back. The bank does it, but its answer is lost.",
    );
    shop.server.faults().add(fault(FaultKind::DropAnswer, Call::Refund));
    shop.server.faults().add(fault(FaultKind::DropRequest, Call::Process));
    let answer = shop.run(voice, &refund(&coffee)?, Operator::Waits).await?;
    let unknown = Wanted { code: AnswerCode::Unknown, moved: Some(BACK) };
    let mut step = check(shop, voice, "refund without an answer", &answer, unknown).await?;
    step.ok &= answer.error_type() == Some(ErrorType::UnknownResult);
    steps.push(step);

    voice.heading("6  The network is back. The same refund is sent again, under the same name.");
    shop.server.faults().clear();
    let answer = shop.run(voice, &refund(&coffee)?, Operator::Waits).await?;
    let back = Wanted { code: AnswerCode::Success, moved: Some(BACK) };
    let mut step = check(shop, voice, "the same refund again", &answer, back).await?;
    step.ok &= refunded(shop, &coffee).await? == BACK;
    steps.push(step);
    second_bank(shop, voice, &mut steps).await?;
    Ok(steps)
}

/// Goes through another acquirer: the same terminal, the same journal.
async fn second_bank(shop: &Shop, voice: Voice, steps: &mut Vec<Step>) -> Result<(), Trouble> {
    voice.heading("7  A guest pays with Alipay through another acquirer, ecommpay, by its page.");
    let paid = Wanted { code: AnswerCode::Success, moved: Some(COFFEE) };
    let breakfast = Ask::pay(&Pay {
        amount: Some(COFFEE.to_string()),
        purpose: Some("Breakfast".to_owned()),
        rail: Some(Ecommpay::ID.to_owned()),
        currency: Some(bank::ECOMMPAY_CURRENCY.to_owned()),
        ..Pay::default()
    })?;
    let answer = shop.run(voice, &breakfast, Operator::Waits).await?;
    steps.push(check(shop, voice, "ecommpay payment", &answer, paid).await?);
    Ok(())
}

/// Compares what was told with the bank's books, and tells both.
async fn check(
    shop: &Shop,
    voice: Voice,
    name: &'static str,
    answer: &Answer,
    wanted: Wanted,
) -> Result<Step, Trouble> {
    let account = match &answer.operation {
        Some(operation) => shop.account(operation).await?,
        None => Account::default(),
    };
    let moved = account.moved.map(|sum| sum.amount);
    let times = u32::from(wanted.moved.is_some());
    let ok = answer.code == wanted.code && moved == wanted.moved && account.times == times;
    let books = match account.moved {
        Some(sum) => format!("{sum} moved, {}", times_in_words(account.times)),
        None => "nothing moved".to_owned(),
    };
    let outcome = answer.outcome().as_str();
    let (dress, mark) = if ok { (Dress::Good, "as told") } else { (Dress::Bad, "NOT AS TOLD") };
    voice.say(&format!(
        "     Till says   {outcome}: {}\n     The books   {books}  {}",
        plain(&answer.message),
        voice.out.dress(dress, mark)
    ));
    voice.breathe().await;
    let (code, message) = (answer.code.number(), answer.message.clone());
    Ok(Step { name, ok, code, outcome, message, books })
}

async fn refunded(shop: &Shop, payment: &Answer) -> Result<u64, Trouble> {
    match &payment.operation {
        Some(operation) => Ok(shop.account(operation).await?.refunded),
        None => Ok(0),
    }
}

fn pay(purpose: &str, code_value: Option<&str>) -> Result<Ask, Trouble> {
    Ask::pay(&Pay {
        amount: Some(COFFEE.to_string()),
        purpose: Some(purpose.to_owned()),
        code_value: code_value.map(str::to_owned),
        ..Pay::default()
    })
}

fn refund(payment: &Answer) -> Result<Ask, Trouble> {
    let named = Named { request_id: Some(REFUND_ID.to_owned()), metadata: vec![] };
    let refund = Refund { amount: Some(BACK.to_string()), transaction: None, named };
    let transaction = payment.transaction.clone().unwrap_or_default();
    Ok(Ask::refund(&refund)?.with_transaction(transaction))
}

fn times_in_words(times: u32) -> String {
    if times == 1 { "once".to_owned() } else { format!("{times} times") }
}

/// Makes a fault that lasts until it is cleared.
fn fault(kind: FaultKind, call: Call) -> Fault {
    Fault { kind, call, times: None }
}
