//! What an intent carries: named values of the few types that the contract knows, and of any other.

use std::collections::BTreeMap;

/// Is the POS app's own data, echoed untouched.
pub type Metadata = BTreeMap<String, String>;

/// Is everything that a request carried, by name.
pub type Extras = BTreeMap<String, Extra>;

/// Is one value of an intent, whoever sent it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Extra {
    /// A `String`.
    Text(String),
    /// A `Long`.
    Long(i64),
    /// An `Int`.
    Int(i32),
    /// A `Boolean`.
    Bool(bool),
    /// A `Map` with keys and values of any types.
    Map(Vec<(Self, Self)>),
    /// Any other type, by its name only.
    Foreign(String),
    /// A null: as an extra it is absent, within a map it is not text.
    Null,
}

impl Extra {
    /// Names the type as a POS app's author knows it.
    pub fn type_name(&self) -> &str {
        match self {
            Self::Text(_) => "String",
            Self::Long(_) => "Long",
            Self::Int(_) => "Int",
            Self::Bool(_) => "Boolean",
            Self::Map(_) => "HashMap",
            Self::Foreign(name) => name,
            Self::Null => "null",
        }
    }
}

impl From<&Metadata> for Extra {
    fn from(metadata: &Metadata) -> Self {
        let pairs = metadata.iter();
        Self::Map(pairs.map(|(k, v)| (Self::Text(k.clone()), Self::Text(v.clone()))).collect())
    }
}

/// Names a part of a request that can be wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Field {
    /// The intent's action itself.
    IntentAction,
    /// The POS app's name for the request.
    RequestId,
    /// The POS app's own data.
    Metadata,
    /// The sum in minor units.
    Amount,
    /// What a payment is for.
    Purpose,
    /// The payment of a refund.
    PrimaryTransaction,
    /// The currency of the sum.
    Currency,
    /// The acquirer.
    Rail,
    /// A scanned code.
    CodeValue,
    /// Whether a repeated pay always gets the first answer.
    Idempotent,
    /// What a STATUS asks about.
    Action,
}

impl Field {
    /// All of them.
    pub const ALL: [Self; 11] = [
        Self::IntentAction,
        Self::RequestId,
        Self::Metadata,
        Self::Amount,
        Self::Purpose,
        Self::PrimaryTransaction,
        Self::Currency,
        Self::Rail,
        Self::CodeValue,
        Self::Idempotent,
        Self::Action,
    ];

    /// Gives the extra's name in the intent.
    pub fn name(self) -> &'static str {
        match self {
            Self::IntentAction => "action",
            Self::RequestId => "request_id",
            Self::Metadata => "metadata",
            Self::Amount => "amount",
            Self::Purpose => "purpose",
            Self::PrimaryTransaction => "primary_transaction",
            Self::Currency => "dev.till.extra.CURRENCY",
            Self::Rail => "dev.till.extra.RAIL",
            Self::CodeValue => "dev.till.extra.CODE_VALUE",
            Self::Idempotent => "dev.till.extra.IDEMPOTENT",
            Self::Action => "dev.till.extra.ACTION",
        }
    }
}
