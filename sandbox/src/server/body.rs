//! Bodies of the HTTPS front: whole ones, and the broken ones that faults ask for.

use core::convert::Infallible;
use core::pin::Pin;
use core::task::{Context, Poll};

use axum::body::Bytes;
use hyper::body::{Body, Frame, SizeHint};

/// How much the fault `huge` sends.
pub(super) const HUGE_BYTES: u64 = 100_000_000;

/// What is left to be sent.
#[derive(Debug)]
pub(super) enum FrontBody {
    /// All of it, at once.
    Whole(Option<Bytes>),
    /// The same, but its length is not told, so that a Content-Length may lie. It ends one poll
    /// later, or the connection would break before the bytes are flushed.
    Short { body: Option<Bytes>, ends: bool },
    /// So many bytes, one piece after the other.
    Huge { left: u64, piece: Bytes },
}

impl FrontBody {
    pub(super) fn whole(body: impl Into<Bytes>) -> Self {
        Self::Whole(Some(body.into()))
    }

    pub(super) fn short(body: Vec<u8>) -> Self {
        Self::Short { body: Some(body.into()), ends: false }
    }

    pub(super) fn huge() -> Self {
        Self::Huge { left: HUGE_BYTES, piece: Bytes::from(vec![b' '; 64 * 1024]) }
    }
}

impl Body for FrontBody {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        let data = match self.get_mut() {
            Self::Whole(body) => body.take(),
            Self::Short { body: None, ends } if !*ends => {
                *ends = true;
                context.waker().wake_by_ref();
                return Poll::Pending;
            }
            Self::Short { body, .. } => body.take(),
            Self::Huge { left: 0, .. } => None,
            Self::Huge { left, piece } => {
                let size = usize::try_from(*left).unwrap_or(usize::MAX).min(piece.len());
                *left = left.saturating_sub(u64::try_from(size).unwrap_or(u64::MAX));
                Some(piece.slice(..size))
            }
        };
        Poll::Ready(data.map(|bytes| Ok(Frame::data(bytes))))
    }

    fn is_end_stream(&self) -> bool {
        match self {
            Self::Whole(body) => body.is_none(),
            Self::Short { .. } => false,
            Self::Huge { left, .. } => *left == 0,
        }
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            Self::Whole(body) => {
                let length = body.as_ref().map_or(0, Bytes::len);
                SizeHint::with_exact(u64::try_from(length).unwrap_or(u64::MAX))
            }
            Self::Short { .. } => SizeHint::default(),
            Self::Huge { left, .. } => SizeHint::with_exact(*left),
        }
    }
}
