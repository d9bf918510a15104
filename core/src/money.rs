//! Money: integer minor units with a currency, checked arithmetic only.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// Names a currency by its ISO 4217 alphabetic code.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Currency([u8; 3]);

impl Currency {
    /// Gives the three letters.
    pub fn code(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or("???")
    }

    /// Gives the number of decimal places of the currency's minor unit (ISO 4217, table A.1).
    pub fn exponent(&self) -> u8 {
        match &self.0 {
            b"BIF" | b"CLP" | b"DJF" | b"GNF" | b"ISK" | b"JPY" | b"KMF" | b"KRW" | b"PYG"
            | b"RWF" | b"UGX" | b"UYI" | b"VND" | b"VUV" | b"XAF" | b"XOF" | b"XPF" => 0,
            b"BHD" | b"IQD" | b"JOD" | b"KWD" | b"LYD" | b"OMR" | b"TND" => 3,
            b"CLF" | b"UYW" => 4,
            _ => 2,
        }
    }
}

impl FromStr for Currency {
    type Err = NotACurrency;

    fn from_str(text: &str) -> Result<Self, NotACurrency> {
        match text.as_bytes() {
            [a, b, c] if [a, b, c].iter().all(|letter| letter.is_ascii_uppercase()) => {
                Ok(Self([*a, *b, *c]))
            }
            _ => Err(NotACurrency),
        }
    }
}

impl TryFrom<String> for Currency {
    type Error = NotACurrency;

    fn try_from(text: String) -> Result<Self, NotACurrency> {
        text.parse()
    }
}

impl From<Currency> for String {
    fn from(currency: Currency) -> Self {
        currency.code().to_owned()
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl fmt::Debug for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

/// Says that a text is not three upper-case letters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a currency is three capital letters of ISO 4217, such as UZS")]
pub struct NotACurrency;

/// Is a sum in minor units of its currency, at most [`Amount::MAX_MINOR`].
#[derive(Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Amount {
    /// The sum in minor units (tiyin, kopecks, cents).
    pub minor: u64,
    /// The currency.
    pub currency: Currency,
}

impl Amount {
    /// The greatest sum: what a signed 64-bit extra of an intent can carry.
    pub const MAX_MINOR: u64 = i64::MAX.unsigned_abs();

    /// Makes a sum.
    pub fn new(minor: u64, currency: Currency) -> Self {
        Self { minor, currency }
    }

    /// Adds; `None` on overflow or if the currencies differ.
    pub fn checked_add(self, other: Self) -> Option<Self> {
        let minor = self.minor.checked_add(other.minor).filter(|sum| *sum <= Self::MAX_MINOR)?;
        (self.currency == other.currency).then_some(Self { minor, ..self })
    }

    /// Subtracts; `None` below zero or if the currencies differ.
    pub fn checked_sub(self, other: Self) -> Option<Self> {
        let minor = self.minor.checked_sub(other.minor)?;
        (self.currency == other.currency).then_some(Self { minor, ..self })
    }
}

impl fmt::Display for Amount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let places = usize::from(self.currency.exponent());
        let digits = format!("{:0>width$}", self.minor, width = places.saturating_add(1));
        let (whole, part) = digits.split_at(digits.len().saturating_sub(places));
        let mut grouped = String::new();
        for (index, digit) in whole.chars().enumerate() {
            if index > 0 && whole.len().saturating_sub(index).is_multiple_of(3) {
                grouped.push('\u{a0}');
            }
            grouped.push(digit);
        }
        let point = if places == 0 { "" } else { "." };
        write!(f, "{grouped}{point}{part}\u{a0}{}", self.currency)
    }
}

impl fmt::Debug for Amount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.minor, self.currency)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn uzs(minor: u64) -> Amount {
        Amount::new(minor, "UZS".parse().unwrap())
    }

    #[test]
    fn a_currency_is_three_capital_letters() {
        for wrong in ["", "uzs", "UZ", "UZSS", "U1S", "УЗС"] {
            assert_eq!(wrong.parse::<Currency>(), Err(NotACurrency), "{wrong}");
        }
        assert_eq!("UZS".parse::<Currency>().unwrap().code(), "UZS");
    }

    #[test]
    fn arithmetic_is_checked_and_keeps_to_one_currency() {
        let usd = Amount::new(1, "USD".parse().unwrap());
        assert_eq!(uzs(1).checked_add(uzs(2)), Some(uzs(3)));
        assert_eq!(uzs(1).checked_add(usd), None);
        assert_eq!(uzs(Amount::MAX_MINOR).checked_add(uzs(1)), None);
        assert_eq!(uzs(3).checked_sub(uzs(3)), Some(uzs(0)));
        assert_eq!(uzs(3).checked_sub(uzs(4)), None);
        assert_eq!(uzs(3).checked_sub(usd), None);
    }

    #[test]
    fn people_read_the_exponent_of_the_currency() {
        assert_eq!(uzs(1_250_000).to_string(), "12\u{a0}500.00\u{a0}UZS");
        assert_eq!(uzs(5).to_string(), "0.05\u{a0}UZS");
        assert_eq!(Amount::new(5, "JPY".parse().unwrap()).to_string(), "5\u{a0}JPY");
        assert_eq!(Amount::new(5, "KWD".parse().unwrap()).to_string(), "0.005\u{a0}KWD");
    }
}
