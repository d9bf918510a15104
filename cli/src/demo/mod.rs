//! `till demo`.
use crate::args::Common;
use crate::exit::Exit;
pub(crate) async fn run(_common: &Common) -> Exit { Exit::Approved }
