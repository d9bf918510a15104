//! The ways to the banks: each rail with its transport, and what makes two of them the same.

use till_core::id::RailId;
use till_core::rail::Rail;
use till_core::rail::ecommpay::{Ecommpay, EcommpaySettings};
use till_core::rail::gateway::Gateway;
use till_core::rail::octo::{Octo, OctoSettings};
use till_core::secret::Secret;
use till_core::terminal::Line;
use till_core::transport::{Transport, TransportError, TransportSettings};
use till_sandbox::Server;

use crate::bank;
use crate::trouble::Trouble;

/// What the calls to ecommpay call themselves.
const USER_AGENT: &str = concat!("till/", env!("CARGO_PKG_VERSION"));

/// Makes the line to a configured OCTO.
pub(crate) fn octo(octo: &till_config::Octo) -> Result<Line, Trouble> {
    octo_line(octo.settings.clone(), octo.extra_roots_pem.clone(), octo.own_ip)
}

/// Makes the line to a configured ecommpay.
pub(crate) fn ecommpay(ecommpay: &till_config::Ecommpay) -> Result<Line, Trouble> {
    let till_config::Ecommpay { settings, extra_roots_pem, secret_file: _, own_ip } = ecommpay;
    ecommpay_line(settings.clone(), extra_roots_pem.clone(), *own_ip)
}

/// Makes the lines to a gateway: one for requests that name no acquirer of it, and one to each that
/// they can name.
pub(crate) fn gateway(client: &till_config::Client) -> impl Iterator<Item = Result<Line, Trouble>> {
    let till_config::Client { settings, extra_roots_pem, token_file: _ } = client;
    let rails = [None, Some(Octo::ID), Some(Ecommpay::ID)];
    rails.into_iter().map(move |acquirer| {
        let agent = USER_AGENT.to_owned();
        let transport = way("gateway", "url", &settings.url, agent, extra_roots_pem.clone())?;
        let settings = settings.clone();
        let rail = match acquirer {
            None => Gateway::new(settings),
            Some(acquirer) => Gateway::to(settings, &RailId::new(acquirer)),
        };
        line(rail, transport)
    })
}

/// Makes the lines to the embedded banks.
pub(crate) fn sandbox(server: &Server) -> Result<Vec<Line>, Trouble> {
    Ok(vec![sandbox_octo(server)?, sandbox_ecommpay(server)?])
}

/// Makes the line to the embedded OCTO.
pub(crate) fn sandbox_octo(server: &Server) -> Result<Line, Trouble> {
    let (client_id, secret) = bank::credentials(server);
    let settings = OctoSettings::new(
        server.base_url(),
        client_id,
        Secret::new(secret),
        "208800000000000001",
        "UZ",
    );
    octo_line(settings, Some(server.ca_pem().as_bytes().to_vec()), true)
}

/// Makes the line to the embedded ecommpay.
pub(crate) fn sandbox_ecommpay(server: &Server) -> Result<Line, Trouble> {
    let (project_id, secret) = bank::project(server);
    let mut settings = EcommpaySettings::new(project_id, Secret::new(secret));
    server.base_url().clone_into(&mut settings.gate_url);
    settings.payment_page_url = server.payment_page_url();
    settings.test_project = true;
    ecommpay_line(settings, Some(server.ca_pem().as_bytes().to_vec()), true)
}

fn octo_line(
    mut settings: OctoSettings,
    extra_roots_pem: Option<Vec<u8>>,
    own_ip: bool,
) -> Result<Line, Trouble> {
    let agent = settings.user_agent.clone();
    let transport = way("octo", "base_url", &settings.base_url, agent, extra_roots_pem)?;
    if own_ip && let Some(ip) = transport.local_ip() {
        settings.client_ip = ip;
    }
    line(Octo::new(settings), transport)
}

fn ecommpay_line(
    mut settings: EcommpaySettings,
    extra_roots_pem: Option<Vec<u8>>,
    own_ip: bool,
) -> Result<Line, Trouble> {
    let agent = USER_AGENT.to_owned();
    let transport = way("ecommpay", "gate_url", &settings.gate_url, agent, extra_roots_pem)?;
    if own_ip && let Some(ip) = transport.local_ip() {
        settings.customer.ip_address = ip;
    }
    line(Ecommpay::new(settings), transport)
}

fn line<R: Rail + 'static>(
    rail: Result<R, Vec<String>>,
    transport: Transport,
) -> Result<Line, Trouble> {
    let rail = rail.map_err(|wrong| Trouble::NotConfigured(wrong.join("; ")))?;
    Ok(Line { rail: Box::new(rail), transport })
}

fn way(
    section: &str,
    key: &str,
    base_url: &str,
    user_agent: String,
    extra_roots_pem: Option<Vec<u8>>,
) -> Result<Transport, Trouble> {
    let base_url = base_url.to_owned();
    let wanted = TransportSettings { base_url, extra_roots_pem, proxy: None, user_agent };
    Transport::new(&wanted).map_err(|error| {
        let roots = matches!(
            error,
            TransportError::RootsEmpty
                | TransportError::RootsDamaged
                | TransportError::RootUnreadable(_)
        );
        let key = if roots { "extra_roots" } else { key };
        Trouble::NotConfigured(format!("{section}.{key}: {error}"))
    })
}

/// Gives what must be the same for all processes that use OCTO: no secret among it.
pub(crate) fn octo_keys(settings: &OctoSettings) -> Vec<(&'static str, String)> {
    let OctoSettings { base_url, client_id, user_id, region, .. } = settings;
    vec![
        ("octo.base_url", base_url.clone()),
        ("octo.client_id", client_id.clone()),
        ("octo.user_id", user_id.clone()),
        ("octo.region", region.clone()),
        ("octo", open_with_the_bank(settings)),
    ]
}

/// Gives what must be the same for all processes that use ecommpay: no secret among it.
pub(crate) fn ecommpay_keys(settings: &EcommpaySettings) -> Vec<(&'static str, String)> {
    let EcommpaySettings { project_id, gate_url, payment_page_url, .. } = settings;
    let rest = format!(
        "{:?}",
        (
            settings.sale,
            &settings.parameters,
            (&settings.customer.id, &settings.customer.more),
            [&settings.return_url, &settings.return_url_success, &settings.callback_url],
            &settings.currencies,
            (settings.base_time_s, settings.lifetime_s, settings.declined_is_payable),
        )
    );
    vec![
        ("ecommpay.project_id", project_id.to_string()),
        ("ecommpay.gate_url", gate_url.clone()),
        ("ecommpay.payment_page_url", payment_page_url.clone()),
        ("ecommpay", rest),
    ]
}

/// Puts the settings for what the bank's document leaves open into one text.
fn open_with_the_bank(settings: &OctoSettings) -> String {
    format!(
        "{:?}",
        (
            &settings.qr_user_id,
            settings.perform_before_scan,
            [&settings.open_codes, &settings.final_codes, &settings.expired_codes],
            [&settings.request_codes, &settings.exists_codes],
            settings.refund_inquiry,
            settings.refund_sum,
            &settings.exponents_confirmed,
            settings.declined_is_payable,
        )
    )
}
