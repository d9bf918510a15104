//! Identifiers, each its own type.

use std::fmt;

use data_encoding::BASE32_NOPAD;
use serde::{Deserialize, Serialize};

macro_rules! make_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(Box<str>);

        impl $name {
            /// Wraps a text that is already such an id.
            pub fn new(text: impl Into<Box<str>>) -> Self {
                Self(text.into())
            }

            /// Gives the text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

make_id!(
    /// Names one operation (a pay or a refund): a version 4 UUID.
    OperationId
);
make_id!(
    /// Names an operation at the bank: ours, 128 random bits in base32; `-late` marks a give-back.
    ExternalId
);
make_id!(
    /// Names a request of a POS app: theirs, 1 byte to 1 KiB.
    RequestId
);
make_id!(
    /// Names who asks: an Android package, a device of the gateway, or the command line.
    Caller
);
make_id!(
    /// Names an acquirer's API as configuration and journal write it: `octo`, `ecommpay`,
    /// `gateway`.
    RailId
);

impl OperationId {
    /// Makes a version 4 UUID of 16 random bytes.
    pub fn from_random(bytes: [u8; 16]) -> Self {
        Self::new(uuid_text(bytes))
    }
}

impl RequestId {
    /// Makes the id of a request that came without one: a version 4 UUID.
    pub fn from_random(bytes: [u8; 16]) -> Self {
        Self::new(uuid_text(bytes))
    }
}

impl ExternalId {
    /// Makes an id of 128 random bits.
    pub fn from_random(bytes: [u8; 16]) -> Self {
        Self::new(BASE32_NOPAD.encode(&bytes))
    }

    /// Makes the id of the give-back of this payment's late money.
    pub fn late(&self) -> Self {
        Self::new(format!("{self}-late"))
    }
}

fn uuid_text(bytes: [u8; 16]) -> String {
    uuid::Builder::from_random_bytes(bytes).into_uuid().to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_external_id_carries_all_128_bits() {
        let id = ExternalId::from_random([0xff; 16]);
        assert_eq!(id.as_str(), "77777777777777777777777774");
        assert_eq!(id.late().as_str(), "77777777777777777777777774-late");
    }

    #[test]
    fn an_operation_id_is_a_version_4_uuid() {
        let id = OperationId::from_random([0; 16]);
        assert_eq!(id.as_str(), "00000000-0000-4000-8000-000000000000");
    }
}
