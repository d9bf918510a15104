//! A connection that knows how much came over it: whether a caller that ran out of time was slow,
//! or had nothing to ask.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// Passes everything on, and counts what is read.
pub(crate) struct Hearing<S> {
    stream: S,
    heard: Heard,
}

/// Is how much came; clones are the same.
#[derive(Clone, Debug, Default)]
pub(crate) struct Heard(Arc<Counts>);

#[derive(Debug, Default)]
struct Counts {
    bytes: AtomicU64,
    answered: AtomicU64,
}

impl<S> Hearing<S> {
    pub(crate) fn new(stream: S) -> (Self, Heard) {
        let heard = Heard::default();
        (Self { stream, heard: heard.clone() }, heard)
    }
}

impl Heard {
    /// Notes that all that came so far has its answer.
    pub(crate) fn answered(&self) {
        let bytes = self.0.bytes.load(Ordering::Relaxed);
        self.0.answered.store(bytes, Ordering::Relaxed);
    }

    /// Tells whether something came that has no answer: the begin of a request.
    pub(crate) fn is_amid_a_request(&self) -> bool {
        self.0.bytes.load(Ordering::Relaxed) > self.0.answered.load(Ordering::Relaxed)
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Hearing<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let read = Pin::new(&mut self.stream).poll_read(context, buffer);
        let came = u64::try_from(buffer.filled().len().saturating_sub(before)).unwrap_or(0);
        self.heard.0.bytes.fetch_add(came, Ordering::Relaxed);
        read
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Hearing<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        parts: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(context, parts)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}
