//! The configuration of a terminal that points at this sandbox.

use serde_json::json;

use crate::ecommpay;
use crate::octo::Behaviour;
use crate::server::shared::Shared;

/// Writes a terminal's configuration that points at this sandbox.
pub(crate) fn till_config(shared: &Shared) -> String {
    let bank = shared.lock();
    let platform = shared.lock_platform();
    let ecommpay::Behaviour { project_id, secret, .. } = platform.behaviour();
    let Behaviour { client_id, client_secret, currency, .. } = bank.behaviour();
    // A JSON string is a TOML basic string as well.
    let quoted = |text: &str| json!(text).to_string();
    let roots = match &shared.ca_file {
        Some(path) => format!("extra_roots = {}", quoted(&path.to_string_lossy())),
        None => format!(
            "extra_roots = \"sandbox-ca.pem\"    # what {}/control/ca.pem answers",
            shared.wallet_url
        ),
    };
    format!(
        "[terminal]\nid = \"T-1\"\ncurrency = \"{currency}\"\nrail = \"octo\"\n\n\
         [octo]\nbase_url = {}\nclient_id = {}\nclient_secret = {}\n\
         user_id = \"208800000000000001\"\nregion = \"UZ\"\n{roots}\n\n\
         [ecommpay]\nproject_id = {project_id}\nsecret = {}\ntest_project = true\n\
         gate_url = {}\npayment_page_url = {}\n{roots}\n",
        quoted(&shared.base_url),
        quoted(client_id),
        quoted(client_secret),
        quoted(secret),
        quoted(&shared.base_url),
        quoted(&format!("{}/payment", shared.base_url)),
    )
}
