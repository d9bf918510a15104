//! Exit statuses: what a script reads without reading any text.

use std::process::ExitCode;

use till_core::intent::AnswerCode;

/// Says how the process ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Exit {
    /// 0: approved, or done.
    Approved,
    /// 1: declined, cancelled or expired.
    Declined,
    /// 2: bad usage or bad request.
    BadRequest,
    /// 3: the outcome is not known.
    Unknown,
    /// 4: not configured, or refused by the bank.
    NotConfigured,
    /// 5: no connection, and no effect.
    NoConnection,
    /// 6: the journal cannot be used.
    Journal,
}

impl Exit {
    /// Gives the number.
    pub(crate) fn number(self) -> u8 {
        match self {
            Self::Approved => 0,
            Self::Declined => 1,
            Self::BadRequest => 2,
            Self::Unknown => 3,
            Self::NotConfigured => 4,
            Self::NoConnection => 5,
            Self::Journal => 6,
        }
    }
}

impl From<AnswerCode> for Exit {
    fn from(code: AnswerCode) -> Self {
        match code {
            AnswerCode::Success => Self::Approved,
            AnswerCode::Declined | AnswerCode::Cancelled | AnswerCode::Expired => Self::Declined,
            AnswerCode::BadRequest
            | AnswerCode::InUse
            | AnswerCode::NotRefundable
            | AnswerCode::NoSuchRequest => Self::BadRequest,
            AnswerCode::Unknown => Self::Unknown,
            AnswerCode::NotConfigured => Self::NotConfigured,
            AnswerCode::NoConnection => Self::NoConnection,
            AnswerCode::Journal => Self::Journal,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.number())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_contract_has_one_status_for_each_code() {
        let statuses = AnswerCode::ALL.map(|code| Exit::from(code).number());
        assert_eq!(statuses, [0, 1, 1, 1, 3, 2, 4, 5, 2, 2, 6, 2]);
    }
}
