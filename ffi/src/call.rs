//! What is asked of the terminal.

use crate::config::Config;

/// Asks for one thing. Its answers come to the listener as events.
///
/// *Thread* says for each whether it may be made on a main thread: all may, since none blocks.
#[expect(clippy::large_enum_variant, reason = "one call is at hand at a time")]
#[derive(Clone, PartialEq, Eq, uniffi::Enum)]
pub enum Call {
    /// Opens the journal and starts the terminal on it, or goes on if it runs with an equal
    /// configuration already; ends with `Done` or `Failed`.
    ///
    /// *Journal:* opens, reads. *Thread:* main-safe.
    Configure {
        /// The whole configuration.
        config: Config,
    },
    /// Runs a pay, a refund or a STATUS; tells stages and ends with `Answer`, whatever happens.
    ///
    /// *Journal:* writes (STATUS: reads). *Thread:* main-safe.
    Run {
        /// The request.
        intent: Intent,
        /// Whether an operator stands before a screen and decides about the goods in doubt.
        attended: bool,
    },
    /// Goes on with an operation that was begun before: tells its stages and ends with `Answer`.
    /// Begins nothing.
    ///
    /// *Journal:* reads. *Thread:* main-safe.
    Again {
        /// The operation.
        operation: String,
        /// The request, for what of it is echoed; its caller must be the operation's.
        intent: Intent,
        /// Whether an operator stands before a screen and decides about the goods in doubt.
        attended: bool,
    },
    /// Draws a text as a QR code; ends with `Drawn` or `Failed`.
    ///
    /// *Journal:* none. *Thread:* main-safe.
    Draw {
        /// What the code holds.
        text: String,
    },
    /// Answers a request that never reaches the terminal's rules; ends with `Answer`.
    ///
    /// *Journal:* none. *Thread:* main-safe.
    Refuse {
        /// The request, with as many of its extras as could be read.
        intent: Intent,
        /// Why.
        why: Refused,
    },
    /// Gives an operation up: its code goes off the screen, and the bank has the last word; ends
    /// with `Answer`, as STATUS does.
    ///
    /// *Journal:* writes. *Thread:* main-safe.
    Cancel {
        /// Which one.
        target: Target,
    },
    /// Records the operator's word for an operation in doubt, after the bank was asked once more;
    /// ends with `Answer`, as STATUS does.
    ///
    /// *Journal:* writes. *Thread:* main-safe.
    Settle {
        /// Which one.
        target: Target,
        /// Whether the money moved.
        paid: bool,
        /// Why the operator says so.
        note: String,
    },
    /// Says what becomes of the goods while a payment is in doubt; ends with `Done`.
    ///
    /// *Journal:* writes. *Thread:* main-safe.
    Choose {
        /// The payment's operation.
        operation: String,
        /// What becomes of the goods.
        choice: Choice,
    },
    /// Notes that the caller has the answer to its pay or refund; ends with `Done`.
    ///
    /// *Journal:* writes. *Thread:* main-safe.
    HandedOver {
        /// The answer's operation.
        operation: String,
        /// The answer's code.
        code: i32,
    },
    /// Tells that whoever was handed over came back, or could not be; ends with `Done`.
    ///
    /// *Journal:* none. *Thread:* main-safe.
    Returned {
        /// The operation that was handed over.
        operation: String,
    },
    /// Makes tokens and connections ready for a payment that is near; ends with `Done`.
    ///
    /// *Journal:* none. *Thread:* main-safe.
    Warm,
    /// Tells that the device's network is another one; ends with `Done`.
    ///
    /// *Journal:* none. *Thread:* main-safe.
    NetworkChanged,
    /// Looks once at everything open or watched; ends with `Operations` or `Failed`.
    ///
    /// *Journal:* writes. *Thread:* main-safe.
    Resume,
    /// Tells the newest operations, newest first; ends with `Operations` or `Failed`.
    ///
    /// *Journal:* reads. *Thread:* main-safe.
    History {
        /// The most to tell.
        limit: i32,
    },
    /// Stops the terminal and closes its journal, where open operations stay; ends with `Done`.
    ///
    /// *Journal:* closes. *Thread:* main-safe.
    Stop,
}

/// Is a request as an intent carries it; nothing of it is checked.
#[derive(Clone, PartialEq, Eq, uniffi::Record)]
pub struct Intent {
    /// Who asks: the Android package.
    pub caller: String,
    /// The intent's action.
    pub action: String,
    /// All extras.
    pub extras: Vec<NamedExtra>,
}

/// Is one extra with its name.
#[derive(Clone, PartialEq, Eq, uniffi::Record)]
pub struct NamedExtra {
    /// The extra's name.
    pub name: String,
    /// Its value.
    pub value: Extra,
}

/// Is one value of an intent, whoever sent it.
#[derive(Clone, PartialEq, Eq, uniffi::Enum)]
pub enum Extra {
    /// A `String`.
    Text {
        /// The text.
        text: String,
    },
    /// A `Long`.
    Long {
        /// The number.
        number: i64,
    },
    /// An `Int`.
    Int {
        /// The number.
        number: i32,
    },
    /// A `Boolean`.
    Flag {
        /// The truth.
        flag: bool,
    },
    /// A `Map`.
    Map {
        /// Its entries.
        entries: Vec<MapEntry>,
    },
    /// Any other type.
    Foreign {
        /// The type's name.
        type_name: String,
    },
    /// A null.
    Null,
}

/// Is one entry of a map.
#[derive(Clone, PartialEq, Eq, uniffi::Record)]
pub struct MapEntry {
    /// The key.
    pub key: Word,
    /// The value.
    pub value: Word,
}

/// Is a key or a value of a map.
#[derive(Clone, PartialEq, Eq, uniffi::Enum)]
pub enum Word {
    /// A `String`.
    Text {
        /// The text.
        text: String,
    },
    /// Anything else, null included.
    Foreign {
        /// The type's name.
        type_name: String,
    },
}

/// Says why a request is refused before it is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, uniffi::Enum)]
pub enum Refused {
    /// Its extras could not be read: code 5.
    Unreadable,
    /// Its sender is not on the list of allowed callers: code 6.
    CallerNotAllowed,
    /// The operator gave up before it was begun: code 2.
    Cancelled,
}

/// Names an operation as STATUS does: the newest one of a request.
#[derive(Clone, PartialEq, Eq, uniffi::Record)]
pub struct Target {
    /// Who asked for it.
    pub caller: String,
    /// The caller's id of the request.
    pub request_id: String,
    /// What was asked for.
    pub action: Action,
}

/// Tells a pay from a refund.
#[derive(Clone, Copy, Debug, PartialEq, Eq, uniffi::Enum)]
pub enum Action {
    /// Takes a payment.
    Pay,
    /// Gives money back.
    Refund,
}

/// Is what becomes of the goods, and so of later money, while a payment is in doubt.
#[derive(Clone, Copy, Debug, PartialEq, Eq, uniffi::Enum)]
pub enum Choice {
    /// The goods stay: later money is given back.
    GoodsKept,
    /// The goods went: later money is reported.
    GoodsHandedOver,
}
