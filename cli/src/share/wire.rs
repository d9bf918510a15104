//! What two processes of one journal say to each other: JSON, one message a line.

use std::collections::BTreeMap;
use std::io;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use till_core::id::OperationId;
use till_core::intent::Answer;
use till_sandbox::Auto;
use tokio::io::{AsyncBufRead, AsyncBufReadExt, AsyncReadExt, AsyncWrite, AsyncWriteExt};

use super::Reply;
use crate::note::Note;
use crate::row::Row;
use crate::trouble::Trouble;
use crate::wish::Wish;

/// The version of what is said here; another one is not spoken with.
pub(super) const VERSION: u32 = 1;

/// No line is longer, in bytes: metadata and a transaction, escaped, several times over.
const LINE_MAX: u64 = 8 << 20;

/// Begins what a client says.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Hello {
    /// The version of the messages.
    pub(super) till: u32,
    /// What must be the same for all processes on one journal.
    #[serde(default)]
    pub(super) fingerprint: BTreeMap<String, String>,
    /// What the sandbox's customer is to do from now on, if the command line says so.
    #[serde(default)]
    pub(super) auto: Option<Auto>,
}

/// Is what a client says after that.
#[derive(Debug, Serialize, Deserialize)]
#[serde(tag = "say", rename_all = "snake_case")]
pub(super) enum FromClient {
    /// It wants this.
    Wish {
        /// What.
        wish: Wish,
    },
    /// It gives up the payment that it waits for.
    Cancel,
    /// It has its answer, and whoever asked has it too.
    HandedOver {
        /// The answer's line.
        line: String,
        /// The operation that answers.
        operation: Option<OperationId>,
    },
}

/// Is what the holder of the journal says.
#[derive(Debug, Serialize, Deserialize)]
#[serde(tag = "say", rename_all = "snake_case")]
pub(super) enum FromHolder {
    /// The client may go on.
    Welcome {
        /// The sandbox's wallet page.
        wallet_url: Option<String>,
    },
    /// The holder speaks another version.
    OtherVersion,
    /// The holder has another configuration; these keys differ.
    OtherConfiguration {
        /// The keys.
        keys: Vec<String>,
    },
    /// Something goes on.
    Note {
        /// What.
        note: Note,
    },
    /// This is what came of the wish.
    Reply {
        /// What.
        reply: Result<WireReply, (Word, String)>,
    },
    /// The hand-over is recorded.
    Done,
}

/// Is an answer on its way.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum WireReply {
    /// An answer with what its line does not carry.
    Answer {
        /// The answer's line.
        line: String,
        /// A success's message.
        message: String,
        /// The operation that answers.
        operation: Option<OperationId>,
    },
    /// Operations.
    Rows(Vec<Row>),
}

/// Names a kind of trouble.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Word {
    Usage,
    NotConfigured,
    Journal,
    Failed,
}

/// Makes a message of what came of a wish.
pub(super) fn pack(reply: Result<Reply, Trouble>) -> FromHolder {
    let reply = match reply {
        Ok(Reply::Answer(answer)) => Ok(WireReply::Answer {
            line: answer.to_json(),
            message: answer.message,
            operation: answer.operation,
        }),
        Ok(Reply::Rows(rows)) => Ok(WireReply::Rows(rows)),
        Err(trouble) => {
            let word = match &trouble {
                Trouble::Usage(_) => Word::Usage,
                Trouble::NotConfigured(_) => Word::NotConfigured,
                Trouble::Journal(_) => Word::Journal,
                Trouble::Failed(_) => Word::Failed,
            };
            Err((word, trouble.to_string()))
        }
    };
    FromHolder::Reply { reply }
}

/// Gives back what [`pack`] was given; `None` if it is no answer.
pub(super) fn unpack(reply: Result<WireReply, (Word, String)>) -> Option<Result<Reply, Trouble>> {
    Some(match reply {
        Ok(WireReply::Answer { line, message, operation }) => {
            let answer = Answer::from_json(&line).ok()?;
            Ok(Reply::Answer(Box::new(Answer { message, operation, ..answer })))
        }
        Ok(WireReply::Rows(rows)) => Ok(Reply::Rows(rows)),
        Err((word, text)) => Err(match word {
            Word::Usage => Trouble::Usage(text),
            Word::NotConfigured => Trouble::NotConfigured(text),
            Word::Journal => Trouble::Journal(text),
            Word::Failed => Trouble::Failed(text),
        }),
    })
}

/// Writes one message.
pub(super) async fn write(
    stream: &mut (impl AsyncWrite + Unpin),
    message: &impl Serialize,
) -> io::Result<()> {
    let mut line = serde_json::to_vec(message)?;
    line.push(b'\n');
    stream.write_all(&line).await?;
    stream.flush().await
}

/// Reads one message; `None`: the other side is gone, or says what nobody understands.
///
/// Nothing is lost if the future is dropped between two messages; within one, the line is.
pub(super) async fn read<T: DeserializeOwned>(
    stream: &mut (impl AsyncBufRead + Unpin),
) -> Option<T> {
    let mut line = Vec::new();
    stream.take(LINE_MAX).read_until(b'\n', &mut line).await.ok()?;
    if line.last() != Some(&b'\n') {
        return None;
    }
    serde_json::from_slice(&line).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn round(message: &FromHolder) -> FromHolder {
        serde_json::from_slice(&serde_json::to_vec(message).unwrap()).unwrap()
    }

    #[test]
    fn an_answer_comes_through_whole() {
        let line = concat!(
            r#"{"result_code":-1,"action":"ru.lifepay.checkout.quick_payments_terminal.pay","#,
            r#""extras":{"code":0,"transaction":"{}","request_id":"a","metadata":{"k":"v"},"#,
            r#""dev.till.extra.OUTCOME":"approved","dev.till.extra.ADVICE":"none"}}"#
        );
        let answer = Answer {
            message: "Paid.".to_owned(),
            operation: Some(OperationId::new("o-1")),
            ..Answer::from_json(line).unwrap()
        };
        let FromHolder::Reply { reply } = round(&pack(Ok(Reply::Answer(Box::new(answer.clone())))))
        else {
            panic!("a reply")
        };
        let Some(Ok(Reply::Answer(back))) = unpack(reply) else { panic!("an answer") };
        assert_eq!(*back, answer);
        assert_eq!(back.to_json(), line);
    }

    #[test]
    fn trouble_comes_through() {
        for trouble in [
            Trouble::Usage("a".to_owned()),
            Trouble::NotConfigured("b".to_owned()),
            Trouble::Journal("c".to_owned()),
            Trouble::Failed("d".to_owned()),
        ] {
            let FromHolder::Reply { reply } = round(&pack(Err(trouble.clone()))) else {
                panic!("a reply")
            };
            assert_eq!(unpack(reply).unwrap().unwrap_err(), trouble);
        }
    }

    #[tokio::test]
    async fn a_cut_line_is_nobody() {
        let mut cut: &[u8] = br#"{"say":"done"}"#;
        assert!(read::<FromHolder>(&mut cut).await.is_none());
        let mut whole: &[u8] = b"{\"say\":\"done\"}\n";
        assert!(matches!(read(&mut whole).await, Some(FromHolder::Done)));
        assert!(read::<FromHolder>(&mut whole).await.is_none());
    }
}
