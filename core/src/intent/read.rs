//! Reading a request: every extra is hostile until it was checked.

use super::answer::Answer;
use super::extra::{Extra, Extras, Field, Metadata};
use super::refusal::{Refusal, Wrong, refusal};
use super::request::{PayRequest, RefundRequest, Request, StatusRequest, Verb};
use super::text::Language;
use super::transaction::QpTransaction;
use crate::id::{Caller, RailId, RequestId};
use crate::money::Currency;
use crate::operation::Action;

/// The longest `request_id`, in bytes of UTF-8.
pub const REQUEST_ID_MAX: usize = 1 << 10;
/// The most that `metadata` may hold, keys and values together, in bytes of UTF-8.
pub const METADATA_MAX: usize = 256 << 10;
/// The longest `purpose`, in UTF-16 units.
pub const PURPOSE_MAX: usize = 255;
/// The longest `primary_transaction`, in bytes of UTF-8: many times what a terminal writes.
pub const TRANSACTION_MAX: usize = 64 << 10;
/// The longest `CODE_VALUE`, in bytes of UTF-8: more text than a QR code can hold.
pub const CODE_VALUE_MAX: usize = 4 << 10;
/// The longest `RAIL`, in bytes of UTF-8.
pub const RAIL_MAX: usize = 64;

/// Reads a request.
///
/// Extras that the action does not know are ignored. `random` becomes the echoed request id of a
/// refusal if the request brought none that can be used.
///
/// # Errors
/// The answer with code 5, which names the first wrong extra.
pub fn read(
    caller: Caller,
    action: &str,
    extras: &Extras,
    language: Language,
    random: [u8; 16],
) -> Result<Request, Box<Answer>> {
    checked(caller, action, extras).map_err(|(field, wrong)| {
        let request_id = request_id(extras).ok().flatten();
        Box::new(refusal(
            action,
            about(action, extras),
            request_id.unwrap_or_else(|| RequestId::from_random(random)),
            metadata(extras).ok().flatten(),
            language,
            &Refusal::Extra(field, wrong),
        ))
    })
}

type Checked<T> = Result<T, (Field, Wrong)>;

fn checked(caller: Caller, action: &str, extras: &Extras) -> Checked<Request> {
    let verb = Verb::of(action).ok_or((Field::IntentAction, Wrong::Unknown))?;
    let request_id = request_id(extras)?;
    let metadata = metadata(extras)?;
    Ok(match verb {
        Verb::Pay => Request::Pay(PayRequest {
            caller,
            request_id,
            metadata,
            amount_minor: amount(extras)?,
            purpose: purpose(extras)?,
            currency: currency(extras)?,
            rail: text(extras, Field::Rail, RAIL_MAX)?.map(RailId::new),
            code_value: text(extras, Field::CodeValue, CODE_VALUE_MAX)?.map(str::to_owned),
            idempotent: idempotent(extras)?,
        }),
        Verb::Refund => Request::Refund(RefundRequest {
            caller,
            request_id,
            metadata,
            amount_minor: amount(extras)?,
            primary: Box::new(primary(extras)?),
            currency: currency(extras)?,
            rail: text(extras, Field::Rail, RAIL_MAX)?.map(RailId::new),
        }),
        Verb::Status => Request::Status(StatusRequest {
            caller,
            request_id: request_id.ok_or((Field::RequestId, Wrong::Missing))?,
            metadata,
            action: status_action(extras)?,
        }),
    })
}

fn about(action: &str, extras: &Extras) -> Action {
    match Verb::of(action) {
        Some(Verb::Refund) => Action::Refund,
        Some(Verb::Status) => status_action(extras).unwrap_or(Action::Pay),
        Some(Verb::Pay) | None => Action::Pay,
    }
}

fn get(extras: &Extras, field: Field) -> Option<&Extra> {
    extras.get(field.name()).filter(|extra| **extra != Extra::Null)
}

fn wrong_type(field: Field, found: &Extra) -> (Field, Wrong) {
    (field, Wrong::Type(found.type_name().to_owned()))
}

/// Reads a text as it came.
fn any_text(extras: &Extras, field: Field) -> Checked<Option<&str>> {
    match get(extras, field) {
        None => Ok(None),
        Some(Extra::Text(text)) => Ok(Some(text)),
        Some(found) => Err(wrong_type(field, found)),
    }
}

/// Reads a text of 1 to `max` bytes.
fn text(extras: &Extras, field: Field, max: usize) -> Checked<Option<&str>> {
    match any_text(extras, field)? {
        Some("") => Err((field, Wrong::Empty)),
        Some(text) if text.len() > max => Err((field, Wrong::TooLong)),
        usable => Ok(usable),
    }
}

fn request_id(extras: &Extras) -> Checked<Option<RequestId>> {
    match any_text(extras, Field::RequestId)? {
        None | Some("") => Ok(None),
        Some(id) if id.len() > REQUEST_ID_MAX => Err((Field::RequestId, Wrong::TooLong)),
        Some(id) => Ok(Some(RequestId::new(id))),
    }
}

fn metadata(extras: &Extras) -> Checked<Option<Metadata>> {
    let wrong = |wrong| (Field::Metadata, wrong);
    let pairs = match get(extras, Field::Metadata) {
        None => return Ok(None),
        Some(Extra::Map(pairs)) => pairs,
        Some(found) => return Err(wrong_type(Field::Metadata, found)),
    };
    let mut metadata = Metadata::new();
    let mut size: usize = 0;
    for pair in pairs {
        match pair {
            (Extra::Text(key), Extra::Text(value)) => {
                size = size.saturating_add(key.len()).saturating_add(value.len());
                if size > METADATA_MAX {
                    return Err(wrong(Wrong::TooLong));
                }
                if metadata.insert(key.clone(), value.clone()).is_some() {
                    return Err(wrong(Wrong::Repeated));
                }
            }
            (Extra::Text(_), found) | (found, _) => {
                return Err(wrong(Wrong::NotText(found.type_name().to_owned())));
            }
        }
    }
    Ok(Some(metadata))
}

fn amount(extras: &Extras) -> Checked<u64> {
    let amount = match get(extras, Field::Amount) {
        None => return Err((Field::Amount, Wrong::Missing)),
        Some(Extra::Long(amount)) => *amount,
        Some(Extra::Int(amount)) => (*amount).into(),
        Some(found) => return Err(wrong_type(Field::Amount, found)),
    };
    let positive = u64::try_from(amount).ok().filter(|amount| *amount > 0);
    positive.ok_or((Field::Amount, Wrong::NotPositive))
}

fn purpose(extras: &Extras) -> Checked<String> {
    let purpose = any_text(extras, Field::Purpose)?.ok_or((Field::Purpose, Wrong::Missing))?;
    if purpose.encode_utf16().take(PURPOSE_MAX.saturating_add(1)).count() > PURPOSE_MAX {
        return Err((Field::Purpose, Wrong::TooLong));
    }
    Ok(purpose.to_owned())
}

fn primary(extras: &Extras) -> Checked<QpTransaction> {
    let field = Field::PrimaryTransaction;
    let text = any_text(extras, field)?.ok_or((field, Wrong::Missing))?;
    if text.is_empty() {
        return Err((field, Wrong::Empty));
    }
    QpTransaction::parse(text).map_err(|wrong| (field, wrong))
}

fn currency(extras: &Extras) -> Checked<Option<Currency>> {
    let currency = any_text(extras, Field::Currency)?.map(str::parse).transpose();
    currency.map_err(|_| (Field::Currency, Wrong::Unknown))
}

fn idempotent(extras: &Extras) -> Checked<bool> {
    match get(extras, Field::Idempotent) {
        None => Ok(false),
        Some(Extra::Bool(idempotent)) => Ok(*idempotent),
        Some(found) => Err(wrong_type(Field::Idempotent, found)),
    }
}

fn status_action(extras: &Extras) -> Checked<Action> {
    match any_text(extras, Field::Action)? {
        None => Ok(Action::Pay),
        Some(word) => [Action::Pay, Action::Refund]
            .into_iter()
            .find(|action| action.as_str() == word)
            .ok_or((Field::Action, Wrong::Unknown)),
    }
}
