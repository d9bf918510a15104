//! Between the records of this crate and the core's types, by full destructuring: a new field of
//! either side does not compile until it is thought of.

use till_core::engine::{self, Told};
use till_core::id::{Caller, OperationId, RequestId};
use till_core::intent::{self, AnswerCode, Extras, Metadata, StatusRequest, Verb};
use till_core::journal::Record;
use till_core::operation::{self, Order, State};
use till_core::secret::Opaque;
use till_core::{money, operation::Kind};

use crate::call::{Action, Choice, Extra, Intent, MapEntry, NamedExtra, Target, Word};
use crate::event::{
    Amount, Answer, CodeForm, FormField, HandOver, HandOverTo, Operation, OperationState, Stage,
    StoryLine,
};

/// Is an intent in the core's words.
pub(crate) struct Asked {
    pub(crate) caller: Caller,
    pub(crate) action: String,
    pub(crate) extras: Extras,
}

impl From<Intent> for Asked {
    fn from(Intent { caller, action, extras }: Intent) -> Self {
        let extras =
            extras.into_iter().map(|NamedExtra { name, value }| (name, value.into())).collect();
        Self { caller: Caller::new(caller), action, extras }
    }
}

impl From<Extra> for intent::Extra {
    fn from(extra: Extra) -> Self {
        match extra {
            Extra::Text { text } => Self::Text(text),
            Extra::Long { number } => Self::Long(number),
            Extra::Int { number } => Self::Int(number),
            Extra::Flag { flag } => Self::Bool(flag),
            Extra::Map { entries } => {
                let pair = |MapEntry { key, value }| (word(key), word(value));
                Self::Map(entries.into_iter().map(pair).collect())
            }
            Extra::Foreign { type_name } => Self::Foreign(type_name),
            Extra::Null => Self::Null,
        }
    }
}

fn word(word: Word) -> intent::Extra {
    match word {
        Word::Text { text } => intent::Extra::Text(text),
        Word::Foreign { type_name } => intent::Extra::Foreign(type_name),
    }
}

impl From<intent::Extra> for Extra {
    fn from(extra: intent::Extra) -> Self {
        match extra {
            intent::Extra::Text(text) => Self::Text { text },
            intent::Extra::Long(number) => Self::Long { number },
            intent::Extra::Int(number) => Self::Int { number },
            intent::Extra::Bool(flag) => Self::Flag { flag },
            intent::Extra::Map(pairs) => {
                let entry = |(key, value)| MapEntry { key: told(key), value: told(value) };
                Self::Map { entries: pairs.into_iter().map(entry).collect() }
            }
            intent::Extra::Foreign(type_name) => Self::Foreign { type_name },
            intent::Extra::Null => Self::Null,
        }
    }
}

fn told(extra: intent::Extra) -> Word {
    match extra {
        intent::Extra::Text(text) => Word::Text { text },
        intent::Extra::Long(_)
        | intent::Extra::Int(_)
        | intent::Extra::Bool(_)
        | intent::Extra::Map(_)
        | intent::Extra::Foreign(_)
        | intent::Extra::Null => Word::Foreign { type_name: extra.type_name().to_owned() },
    }
}

impl From<Target> for StatusRequest {
    fn from(Target { caller, request_id, action }: Target) -> Self {
        let metadata: Option<Metadata> = None;
        Self {
            caller: Caller::new(caller),
            request_id: RequestId::new(request_id),
            metadata,
            action: action.into(),
        }
    }
}

impl From<Action> for operation::Action {
    fn from(action: Action) -> Self {
        match action {
            Action::Pay => Self::Pay,
            Action::Refund => Self::Refund,
        }
    }
}

impl From<operation::Action> for Action {
    fn from(action: operation::Action) -> Self {
        match action {
            operation::Action::Pay => Self::Pay,
            operation::Action::Refund => Self::Refund,
        }
    }
}

impl From<Choice> for operation::Choice {
    fn from(choice: Choice) -> Self {
        match choice {
            Choice::GoodsKept => Self::GoodsKept,
            Choice::GoodsHandedOver => Self::GoodsHandedOver,
        }
    }
}

impl From<money::Amount> for Amount {
    fn from(money::Amount { minor, currency }: money::Amount) -> Self {
        Self {
            minor: signed(minor),
            currency: currency.code().to_owned(),
            exponent: currency.exponent().into(),
        }
    }
}

impl From<&engine::Stage> for Stage {
    fn from(stage: &engine::Stage) -> Self {
        match stage.clone() {
            engine::Stage::Started { amount } => Self::Started { amount: amount.into() },
            engine::Stage::CodeShown { code_value, form, expires_at_ms, left_ms, amount } => {
                let (form, left_ms, amount) = (form.into(), signed(left_ms), amount.into());
                Self::CodeShown { code_value, form, expires_at_ms, left_ms, amount }
            }
            engine::Stage::HandedToWallet => Self::HandedToWallet,
            engine::Stage::Closing => Self::Closing,
            engine::Stage::NotConfirmed => Self::NotConfirmed,
            engine::Stage::BankSilent { why } => Self::BankSilent { why },
            engine::Stage::BankRefuses { message } => Self::BankRefuses { words: message },
        }
    }
}

impl From<operation::CodeForm> for CodeForm {
    fn from(form: operation::CodeForm) -> Self {
        match form {
            operation::CodeForm::Text => Self::Text,
            operation::CodeForm::PictureUrl => Self::PictureUrl,
            operation::CodeForm::Picture => Self::Picture,
        }
    }
}

impl From<intent::Answer> for Answer {
    fn from(answer: intent::Answer) -> Self {
        let extras = answer.extras().into_iter();
        let extras = extras
            .map(|(name, value)| NamedExtra { name: name.to_owned(), value: value.into() })
            .collect();
        let intent::Answer {
            action,
            code,
            request_id,
            metadata: _,
            transaction: _,
            message,
            advice: _,
            late_payment: _,
            paid_amount: _,
            sandbox: _,
            operation,
        } = answer;
        Self {
            action,
            result_code: intent::RESULT_OK,
            extras,
            code: code.number().into(),
            request_id: request_id.to_string(),
            words: message,
            operation: operation.map(|id| id.to_string()),
        }
    }
}

/// Makes of an answer's operation and code what the terminal notes as handed over.
pub(crate) fn handed(operation: String, code: i32) -> Option<intent::Answer> {
    let code = AnswerCode::of(u8::try_from(code).ok()?)?;
    Some(intent::Answer {
        action: Verb::Pay.action().to_owned(),
        code,
        request_id: RequestId::new(""),
        metadata: None,
        transaction: None,
        message: String::new(),
        advice: intent::Advice::None,
        late_payment: None,
        paid_amount: None,
        sandbox: false,
        operation: Some(OperationId::new(operation)),
    })
}

impl From<Told> for Operation {
    fn from(Told { operation, story, answer }: Told) -> Self {
        let open = operation.is_open();
        let give_back = operation.order.is_give_back();
        let action = operation.order.action().into();
        let operation::Operation { id, order, state, handed_over } = operation;
        let Order { kind, caller, request_id, amount, rail, external_id, created, sandbox } = order;
        let (purpose, payment) = match kind {
            Kind::Pay { purpose, code_value: _ } => (purpose, None),
            Kind::Refund { payment, late: _ } => (String::new(), Some(payment.id.to_string())),
        };
        Self {
            id: id.to_string(),
            action,
            caller: caller.to_string(),
            request_id: request_id.to_string(),
            amount: amount.into(),
            purpose,
            rail: rail.to_string(),
            external_id: external_id.to_string(),
            created_at_ms: created.wall_ms,
            sandbox,
            state: (&state).into(),
            open,
            handed_over,
            payment,
            give_back,
            story: story.into_iter().map(StoryLine::from).collect(),
            answer: answer.into(),
        }
    }
}

impl From<Record> for StoryLine {
    fn from(Record { number, event, at_ms }: Record) -> Self {
        Self { number: number.into(), event, at_ms }
    }
}

impl From<&State> for OperationState {
    fn from(state: &State) -> Self {
        match state {
            State::Creating(_) => Self::Creating,
            State::Waiting(_) => Self::Waiting,
            State::Closing(_) => Self::Closing,
            State::InDoubt(_) => Self::InDoubt,
            State::Approved(_) => Self::Approved,
            State::NotPaid(_) => Self::NotPaid,
            State::Refused(_) => Self::Refused,
            State::Closed(_) => Self::Closed,
            State::Late(_) => Self::Late,
        }
    }
}

/// Makes of a hand-over what the bridge gets.
pub(crate) fn hand_over(operation: &OperationId, what: &operation::HandOver) -> HandOver {
    let what = match what {
        operation::HandOver::Sdk(payload) => HandOverTo::Sdk { payload: bytes(payload) },
        operation::HandOver::Url { url, user_agent, ac_decode_config } => HandOverTo::Url {
            url: url.clone(),
            user_agent: user_agent.clone(),
            ac_decode_config: ac_decode_config.clone(),
        },
        operation::HandOver::Form { url, fields } => {
            let field = |(name, value): &(String, String)| FormField {
                name: name.clone(),
                value: value.clone(),
            };
            HandOverTo::Form { url: url.clone(), fields: fields.iter().map(field).collect() }
        }
    };
    HandOver { operation: operation.to_string(), what }
}

fn bytes(payload: &Opaque) -> Vec<u8> {
    // EXPOSE: the SDK gets it untouched; bytes are never printed.
    payload.expose().as_bytes().to_vec()
}

/// Gives a number in the form that Java has; none of ours is that great.
fn signed(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}
