//! The customer's side: a web page that pays, and the control API, over plain HTTP.

use std::sync::Arc;

use tokio::net::TcpListener;

use crate::server::shared::Shared;

pub(crate) async fn run(listener: TcpListener, shared: Arc<Shared>) {
    drop(listener);
    shared.stopped().await;
}

pub(crate) fn till_config(shared: &Shared) -> String {
    String::new()
}
