//! The comparison of an answer's sums with the request's.

use super::wire::{Answer, Number, Text};
use crate::money::{Amount, Currency};
use crate::operation::Payment;

/// Is an amount with its currency, as an answer has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Pair {
    Absent,
    /// Half of it is there, or it is no sum.
    Broken,
    Is(Amount),
}

/// Is what the sums of a success say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Compared {
    /// It was what was asked for, and this is what was paid.
    Asked(Amount),
    /// It was another sum (entry code).
    Other(Amount),
    /// No sum is there, and one is needed.
    Silent,
    /// It differs from the request.
    Differs(String),
}

/// Is the sums of an answer.
#[derive(Clone, Copy, Debug)]
pub(super) struct Figures {
    pub(super) order: Pair,
    pub(super) payment: Pair,
    /// Never compared.
    pub(super) withdrawal: Pair,
    refund: Pair,
    refund_from: Pair,
}

impl Figures {
    /// Reads the sums; `ours` is the currency of the request.
    pub(super) fn of(answer: &Answer<'_>, ours: Currency) -> Self {
        let pair = |number, currency| pair(number, currency, ours);
        Self {
            order: pair(answer.order_amount, &answer.order_currency),
            payment: pair(answer.payment_amount, &answer.payment_currency),
            withdrawal: pair(answer.withdrawal_amount, &answer.withdrawal_currency),
            refund: pair(answer.refund_amount, &answer.refund_currency),
            refund_from: pair(answer.refund_from_amount, &answer.refund_from_currency),
        }
    }

    /// Judges the success of an order code: orderAmount where present, else paymentAmount; a lower
    /// paymentAmount in the same currency is a promotion, and the most that can be given back.
    pub(super) fn of_order_code(&self, asked: Amount) -> Compared {
        match (self.order, self.payment) {
            (Pair::Broken, _) => broken("orderAmount"),
            (_, Pair::Broken) => broken("paymentAmount"),
            (Pair::Is(order), _) if order != asked => differs("orderAmount", order, asked),
            (Pair::Is(_), Pair::Is(payment)) if is_promotion(payment, asked) => {
                Compared::Asked(payment)
            }
            (Pair::Is(_), Pair::Is(_) | Pair::Absent) => Compared::Asked(asked),
            (Pair::Absent, Pair::Is(payment))
                if payment == asked || is_promotion(payment, asked) =>
            {
                Compared::Asked(payment)
            }
            (Pair::Absent, Pair::Is(payment)) => differs("paymentAmount", payment, asked),
            (Pair::Absent, Pair::Absent) => Compared::Asked(asked),
        }
    }

    /// Judges the success of an entry code: one of the two pairs is needed, and each that is there
    /// must match, or it was another sum.
    pub(super) fn of_entry_code(&self, asked: Amount) -> Compared {
        let named = [("orderAmount", self.order), ("paymentAmount", self.payment)];
        for (name, pair) in named {
            match pair {
                Pair::Broken => return broken(name),
                // Nobody pays nothing: the field is filled in for a sum that is not known.
                Pair::Is(sum) if sum.minor == 0 => return differs(name, sum, asked),
                Pair::Is(_) | Pair::Absent => {}
            }
        }
        match (self.order, self.payment) {
            (Pair::Absent | Pair::Broken, Pair::Absent | Pair::Broken) => Compared::Silent,
            (Pair::Is(sum), Pair::Absent | Pair::Broken)
            | (Pair::Absent | Pair::Broken, Pair::Is(sum)) => match sum == asked {
                true => Compared::Asked(asked),
                false => Compared::Other(sum),
            },
            (Pair::Is(order), Pair::Is(payment)) => match order == asked && payment == asked {
                true => Compared::Asked(asked),
                false => Compared::Other(payment),
            },
        }
    }

    /// Judges the success of a refund: the payment's figures by the rule of order codes, and the
    /// refund's, where present, equal to the wish.
    ///
    /// refundAmount in the wish's currency is what goes back, and so decides alone; only across
    /// currencies is it refundFromAmount that says it in ours (section 4.6, example).
    pub(super) fn of_refund(&self, wish: Amount, ordered: Amount, payment: Amount) -> Compared {
        match (self.order, self.payment) {
            (Pair::Broken, _) => return broken("orderAmount"),
            (Pair::Is(order), _) if order != ordered => {
                return differs("orderAmount", order, ordered);
            }
            (_, Pair::Broken) => return broken("paymentAmount"),
            (Pair::Absent, Pair::Is(sum)) if sum != payment => {
                return differs("paymentAmount", sum, payment);
            }
            (Pair::Is(_), _) | (Pair::Absent, Pair::Is(_) | Pair::Absent) => {}
        }
        match (self.refund, self.refund_from) {
            (Pair::Broken, _) => broken("refundAmount"),
            (_, Pair::Broken) => broken("refundFromAmount"),
            (Pair::Is(refund), _) if refund == wish => Compared::Asked(wish),
            (Pair::Is(refund), _) if refund.currency == wish.currency => {
                differs("refundAmount", refund, wish)
            }
            (Pair::Is(_) | Pair::Absent, Pair::Is(from)) if from == wish => Compared::Asked(wish),
            (_, Pair::Is(from)) => differs("refundFromAmount", from, wish),
            (Pair::Is(refund), Pair::Absent) => differs("refundAmount", refund, wish),
            (Pair::Absent, Pair::Absent) => Compared::Asked(wish),
        }
    }

    /// Judges what the bank says of a foreign payment: paid, with figures equal to those claimed.
    pub(super) fn of_payment(&self, claimed: &Payment) -> Compared {
        let Payment { ordered, paid, .. } = *claimed;
        match (self.order, self.payment) {
            (Pair::Broken, _) => broken("orderAmount"),
            (_, Pair::Broken) => broken("paymentAmount"),
            (Pair::Is(order), _) if order != ordered => differs("orderAmount", order, ordered),
            (_, Pair::Is(payment)) if payment != paid => differs("paymentAmount", payment, paid),
            (_, Pair::Is(_)) => Compared::Asked(paid),
            // Without paymentAmount there is no proof of a sum other than that of the order.
            (Pair::Is(order), Pair::Absent) if order == paid => Compared::Asked(paid),
            (Pair::Is(order), Pair::Absent) => differs("orderAmount", order, paid),
            (Pair::Absent, Pair::Absent) => {
                Compared::Differs("the answer has no sum to compare".to_owned())
            }
        }
    }

    /// Looks for a difference in an answer that is no success, where sums may be lacking, be zero
    /// (section 4.2), or make no sense without harm.
    pub(super) fn difference(&self, ordered: Amount, payment: Amount) -> Option<String> {
        let said = |pair| match pair {
            Pair::Is(sum) if sum.minor > 0 => Some(sum),
            Pair::Is(_) | Pair::Absent | Pair::Broken => None,
        };
        match (said(self.order), said(self.payment)) {
            (Some(order), _) if order != ordered => Some(text("orderAmount", order, ordered)),
            (None, Some(sum)) if sum != payment && !is_promotion(sum, payment) => {
                Some(text("paymentAmount", sum, payment))
            }
            (Some(_), _) | (None, Some(_) | None) => None,
        }
    }
}

impl Pair {
    pub(super) fn amount(self) -> Option<Amount> {
        match self {
            Self::Is(amount) => Some(amount),
            Self::Absent | Self::Broken => None,
        }
    }
}

fn pair(number: Number, currency: &Text<'_>, ours: Currency) -> Pair {
    let currency: Option<Currency> = match currency {
        Text::Absent => None,
        Text::Odd => return Pair::Broken,
        Text::Is(code) => match code.parse() {
            Ok(currency) => Some(currency),
            Err(_) => return Pair::Broken,
        },
    };
    match (number, currency) {
        (Number::Absent, None) => Pair::Absent,
        // Our own currency without an amount claims nothing.
        (Number::Absent, Some(currency)) if currency == ours => Pair::Absent,
        (Number::Is(minor), Some(currency)) => Pair::Is(Amount::new(minor, currency)),
        (Number::Odd, _) | (Number::Absent, Some(_)) | (Number::Is(_), None) => Pair::Broken,
    }
}

/// Tells whether a payment is a lower one of the same currency; zero is not known, not free.
fn is_promotion(payment: Amount, asked: Amount) -> bool {
    payment.currency == asked.currency && payment.minor < asked.minor && payment.minor > 0
}

fn broken(name: &str) -> Compared {
    Compared::Differs(format!("{name} is no sum with a currency"))
}

fn differs(name: &str, said: Amount, asked: Amount) -> Compared {
    Compared::Differs(text(name, said, asked))
}

fn text(name: &str, said: Amount, asked: Amount) -> String {
    format!("{name} is {said:?}, not {asked:?}")
}
