//! The terminals' tokens.

use till_core::time::{Clock, to_iso8601};
use till_gateway::store::Role;

use crate::args::{Args, Token};
use crate::serve::{self, Place};
use crate::trouble::Trouble;

/// Does it; a running gateway hears of it at once.
pub(crate) fn run(args: &Args, token: &Token) -> Result<(), Trouble> {
    serve::runtime()?.block_on(with(args, token))
}

async fn with(args: &Args, token: &Token) -> Result<(), Trouble> {
    let store = Place::of(args)?.store(false).await?;
    let now_ms = Clock::new().now().wall_ms;
    let failed = |error: till_gateway::store::StoreError| Trouble::Journal(error.to_string());
    match token {
        Token::Add { name, operator } => {
            let role = if *operator { Role::Operator } else { Role::Device };
            crate::print(&store.add_token(name, role, now_ms).await.map_err(failed)?)
        }
        Token::List => {
            for holder in store.tokens().await.map_err(failed)? {
                let role = match holder.role {
                    Role::Device => "device",
                    Role::Operator => "operator",
                };
                let until = match holder.revoked_ms {
                    Some(at) => format!("revoked {}", to_iso8601(at)),
                    None => "in use".to_owned(),
                };
                let since = to_iso8601(holder.created_ms);
                crate::print(&format!("{}\t{role}\t{since}\t{until}", holder.name))?;
            }
            Ok(())
        }
        Token::Revoke { name } => {
            if store.revoke_token(name, now_ms).await.map_err(failed)? {
                return crate::print(&format!("{name}: revoked"));
            }
            let text = format!("there is no token for {name} in use; see till-gateway token list");
            Err(Trouble::NotConfigured(text))
        }
    }
}
