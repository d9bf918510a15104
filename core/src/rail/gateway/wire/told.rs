//! What a POS was told.

use serde::{Deserialize, Serialize};

use crate::operation::{Choice, Heard, NoReason, State, Told};

/// Is the body of `POST /v1/operations/{operation_id}/acknowledge`: what the POS was told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ToldBody {
    /// The code of the answer.
    pub code: u8,
    /// With code 4: what became of the goods; absent: they went.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub goods: Option<Goods>,
}

/// Is what was promised about the goods.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Goods {
    /// Later money is given back.
    Kept,
    /// Later money is reported.
    HandedOver,
}

impl ToldBody {
    /// Says it in the machine's words; `None`: such an answer says nothing of the money.
    pub fn heard(self) -> Option<Heard> {
        Some(match (self.code, self.goods) {
            (0, _) => Heard::Approved,
            (1, _) => Heard::No(Told::OtherSum),
            (2, _) => Heard::No(Told::Cancelled),
            (3, _) => Heard::No(Told::Expired),
            (7, _) => Heard::No(Told::NoConnection),
            (4, Some(Goods::Kept)) => Heard::Unknown(Choice::GoodsKept),
            (4, Some(Goods::HandedOver) | None) => Heard::Unknown(Choice::GoodsHandedOver),
            _ => return None,
        })
    }

    /// Says what a terminal told about an operation in this state, if anything.
    pub fn of(state: &State) -> Option<Self> {
        let code = |code| Some(Self { code, goods: None });
        match state {
            State::Closed(closed) => Some(Self::of_told(closed.told)),
            State::NotPaid(not_paid) => match (not_paid.told, &not_paid.reason) {
                (Some(told), _) => Some(Self::of_told(told)),
                (None, NoReason::Cancelled) => code(2),
                (None, NoReason::Expired) => code(3),
                (None, NoReason::Declined(_) | NoReason::GivenBack | NoReason::Settled(_)) => {
                    code(1)
                }
            },
            State::InDoubt(doubt) => doubt.choice.map(|choice| Self {
                code: 4,
                goods: Some(match choice {
                    Choice::GoodsKept => Goods::Kept,
                    Choice::GoodsHandedOver => Goods::HandedOver,
                }),
            }),
            State::Approved(_) => code(0),
            State::Creating(_)
            | State::Waiting(_)
            | State::Closing(_)
            | State::Refused(_)
            | State::Late(_) => None,
        }
    }

    fn of_told(told: Told) -> Self {
        let (code, goods) = match told {
            Told::OtherSum => (1, None),
            Told::Cancelled => (2, None),
            Told::Expired => (3, None),
            Told::Unknown => (4, Some(Goods::Kept)),
            Told::NoConnection => (7, None),
        };
        Self { code, goods }
    }
}
