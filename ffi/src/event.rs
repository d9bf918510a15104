//! What the terminal tells.

use crate::call::{Action, NamedExtra};
use crate::error::TillError;

/// Is something that a call brings: any number of stages, then one of the others, which ends it.
#[derive(Clone, Debug, PartialEq, Eq, uniffi::Enum)]
pub enum Event {
    /// Something that a screen may show.
    Stage {
        /// The operation.
        operation: String,
        /// The caller's id of the request, or the generated one.
        request_id: String,
        /// What happened.
        stage: Stage,
    },
    /// The answer to a request. Ends the call.
    Answer {
        /// The answer.
        answer: Answer,
    },
    /// The operations that were asked for. Ends the call.
    Operations {
        /// Newest first.
        operations: Vec<Operation>,
    },
    /// The QR code that was asked for. Ends the call.
    Drawn {
        /// How many modules it has from side to side, without a border.
        side: i32,
        /// One byte for each module, row by row; 1 is dark.
        modules: Vec<u8>,
    },
    /// It was done, and there is nothing to tell. Ends the call.
    Done,
    /// It was not done. Ends the call.
    Failed {
        /// Why.
        error: TillError,
    },
}

/// Is a step of an operation that people can see.
#[derive(Clone, Debug, PartialEq, Eq, uniffi::Enum)]
pub enum Stage {
    /// It is on disk, and the bank is being asked for a code, or for the refund.
    Started {
        /// The sum.
        amount: Amount,
    },
    /// The customer can pay: show this code.
    CodeShown {
        /// What the QR code holds, or a picture of it.
        code_value: String,
        /// What `code_value` is.
        form: CodeForm,
        /// When its showing ends, wall clock, in milliseconds.
        expires_at_ms: i64,
        /// How long it is shown at most, in milliseconds from now.
        left_ms: i64,
        /// The sum.
        amount: Amount,
    },
    /// The customer was handed over to the wallet; there is nothing to show.
    HandedToWallet,
    /// The code is off the screen, and the bank is asked once more.
    Closing,
    /// Not confirmed yet: the bank is asked on.
    NotConfirmed,
    /// The bank did not answer the last call.
    BankSilent {
        /// What happened.
        why: String,
    },
    /// The bank does not accept this terminal at present.
    BankRefuses {
        /// The bank's words.
        words: String,
    },
}

/// Says what the value of a payment code is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, uniffi::Enum)]
pub enum CodeForm {
    /// The text that the QR code holds: the code is drawn from it.
    Text,
    /// The https address of a picture of the QR code.
    PictureUrl,
    /// A picture of the QR code in Base64.
    Picture,
}

/// Is a sum of money.
#[derive(Clone, Debug, PartialEq, Eq, uniffi::Record)]
pub struct Amount {
    /// The sum in minor units.
    pub minor: i64,
    /// The currency, ISO 4217.
    pub currency: String,
    /// How many of the sum's last digits stand after the point.
    pub exponent: i32,
}

/// Is an answer to one request.
#[derive(Clone, Debug, PartialEq, Eq, uniffi::Record)]
pub struct Answer {
    /// The result intent's action: the request's.
    pub action: String,
    /// The `resultCode`: Android's `RESULT_OK`.
    pub result_code: i32,
    /// The result intent's extras, in the order of the contract.
    pub extras: Vec<NamedExtra>,
    /// What happened: the extra `code`.
    pub code: i32,
    /// The caller's id of the request, or the generated one.
    pub request_id: String,
    /// What a screen says, in the terminal's language; told to the POS only with an error.
    pub words: String,
    /// The operation that answers; `None` means that no operation does.
    pub operation: Option<String>,
}

/// Is an operation with its story, as history tells it.
#[derive(Clone, Debug, PartialEq, Eq, uniffi::Record)]
pub struct Operation {
    /// Names the operation.
    pub id: String,
    /// Pay or refund.
    pub action: Action,
    /// Who asked.
    pub caller: String,
    /// The caller's id of the request.
    pub request_id: String,
    /// The sum asked for.
    pub amount: Amount,
    /// What a payment is for; empty for a refund.
    pub purpose: String,
    /// The acquirer.
    pub rail: String,
    /// The name at the bank.
    pub external_id: String,
    /// When it was recorded, wall clock, in milliseconds.
    pub created_at_ms: i64,
    /// Whether the bank is the sandbox.
    pub sandbox: bool,
    /// What is known of it.
    pub state: OperationState,
    /// Whether it still needs driving.
    pub open: bool,
    /// Whether its answer was handed over.
    pub handed_over: bool,
    /// The payment of a refund.
    pub payment: Option<String>,
    /// Whether this is the give-back of late money, which nobody asked for.
    pub give_back: bool,
    /// What happened to it, oldest first.
    pub story: Vec<StoryLine>,
    /// What a STATUS request would be answered.
    pub answer: Answer,
}

/// Is one line of an operation's story.
#[derive(Clone, Debug, PartialEq, Eq, uniffi::Record)]
pub struct StoryLine {
    /// Its number within the operation, from 1.
    pub number: i64,
    /// What happened.
    pub event: String,
    /// When, wall clock, in milliseconds.
    pub at_ms: i64,
}

/// Is what is known of an operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, uniffi::Enum)]
pub enum OperationState {
    /// The calls that make it exist at the bank are under way.
    Creating,
    /// The customer can pay.
    Waiting,
    /// The code is off the screen, and the bank is asked once more.
    Closing,
    /// The bank did not say what became of it; only then can it be settled.
    InDoubt,
    /// The money moved, and was wanted.
    Approved,
    /// The bank's final word: no money, or given back.
    NotPaid,
    /// Refused before anything could have an effect.
    Refused,
    /// The POS was told a final answer; the money is still watched.
    Closed,
    /// Money came that nobody was told of.
    Late,
}

/// Asks to give the customer to the SDK or a browser.
#[derive(Clone, PartialEq, Eq, uniffi::Record)]
pub struct HandOver {
    /// The operation; tell with `Returned` that the user came back.
    pub operation: String,
    /// What is handed over.
    pub what: HandOverTo,
}

/// Is what the customer's device is given so that the payment goes on.
#[derive(Clone, PartialEq, Eq, uniffi::Enum)]
pub enum HandOverTo {
    /// For the SDK's `handleAction`, untouched.
    Sdk {
        /// `sdkActionPayload` in UTF-8; never printed.
        payload: Vec<u8>,
    },
    /// For the SDK's `launch` or a browser.
    Url {
        /// The https address.
        url: String,
        /// `userAgent` of the bank's answer.
        user_agent: Option<String>,
        /// `acDecodeConfig` of the bank's answer, JSON.
        ac_decode_config: Option<String>,
    },
    /// For a browser: a form that is submitted by itself, by POST, when it is opened.
    Form {
        /// The https address that it is sent to.
        url: String,
        /// Its fields, in this order.
        fields: Vec<FormField>,
    },
}

/// Is one field of a form.
#[derive(Clone, PartialEq, Eq, uniffi::Record)]
pub struct FormField {
    /// Its name.
    pub name: String,
    /// Its value.
    pub value: String,
}
