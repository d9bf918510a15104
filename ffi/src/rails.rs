//! How each acquirer's part of the configuration becomes a rail with the way to it.

use std::net::IpAddr;

use till_core::id::RailId;
use till_core::money::Currency;
use till_core::rail::ecommpay::{Ecommpay, EcommpaySettings, Parameter};
use till_core::rail::gateway::{Gateway, GatewaySettings};
use till_core::rail::octo::{Octo, OctoSettings, RefundSum, TerminalType};
use till_core::secret::Secret;
use till_core::terminal::Line;
use till_core::transport::{Transport, TransportSettings};
use zeroize::Zeroize as _;

use crate::config::{EcommpayConfig, GatewayConfig, OctoConfig, PageParameter, PageValue};
use crate::event::FormField;

/// Makes OCTO's rail with the way to it.
pub(crate) fn octo(config: OctoConfig, sandbox: bool) -> Result<Line, Vec<String>> {
    let OctoConfig {
        base_url,
        client_id,
        client_secret,
        user_id,
        region,
        live,
        app_terminal,
        user_agent,
        client_ip,
        extra_roots_pem,
        proxy,
        qr_user_id,
        perform_before_scan,
        open_codes,
        final_codes,
        expired_codes,
        request_codes,
        exists_codes,
        refund_inquiry,
        refund_by_payment_amount,
        exponents_confirmed,
        declined_is_payable,
    } = config;
    let client_secret = text("octo.client_secret", client_secret)?;
    let mut settings = OctoSettings::new(base_url, client_id, client_secret, user_id, region);
    settings.live = live;
    settings.sandbox = sandbox;
    settings.terminal_type = if app_terminal { TerminalType::App } else { TerminalType::Pos };
    settings.user_agent = user_agent.unwrap_or(settings.user_agent);
    settings.qr_user_id = qr_user_id;
    settings.perform_before_scan = perform_before_scan;
    settings.open_codes = open_codes;
    settings.final_codes = final_codes;
    settings.expired_codes = expired_codes;
    settings.request_codes = request_codes;
    settings.exists_codes = exists_codes;
    settings.refund_inquiry = refund_inquiry;
    settings.refund_sum =
        if refund_by_payment_amount { RefundSum::Payment } else { RefundSum::Withdrawal };
    settings.declined_is_payable = declined_is_payable;
    settings.exponents_confirmed = currencies("octo.exponents_confirmed", exponents_confirmed)?;
    let transport = way("octo", &settings.base_url, &settings.user_agent, extra_roots_pem, proxy)?;
    let address = address("octo.client_ip", client_ip, &transport)?;
    settings.client_ip = address.unwrap_or(settings.client_ip);
    Ok(Line { rail: Box::new(Octo::new(settings)?), transport })
}

/// Makes ecommpay's rail with the way to it.
pub(crate) fn ecommpay(config: EcommpayConfig) -> Result<Line, Vec<String>> {
    let EcommpayConfig {
        project_id,
        secret,
        gate_url,
        payment_page_url,
        live,
        test_project,
        parameters,
        customer_id,
        customer_ip,
        customer,
        return_url,
        return_url_success,
        callback_url,
        currencies: opened,
        base_time_s,
        lifetime_s,
        declined_is_payable,
        extra_roots_pem,
        proxy,
    } = config;
    let project_id = whole("ecommpay.project_id", project_id)?;
    let mut settings = EcommpaySettings::new(project_id, text("ecommpay.secret", secret)?);
    settings.gate_url = gate_url.unwrap_or(settings.gate_url);
    settings.payment_page_url = payment_page_url.unwrap_or(settings.payment_page_url);
    settings.live = live;
    settings.test_project = test_project;
    for PageParameter { name, value } in parameters {
        let value = match value {
            PageValue::Text { text } => Parameter::Text(text),
            PageValue::Number { number } => {
                Parameter::Number(whole("ecommpay.parameters", number)?)
            }
            PageValue::Flag { flag } => Parameter::Flag(flag),
        };
        settings.parameters.insert(name, value);
    }
    settings.customer.id = customer_id;
    settings.customer.more =
        customer.into_iter().map(|FormField { name, value }| (name, value)).collect();
    settings.return_url = return_url;
    settings.return_url_success = return_url_success;
    settings.callback_url = callback_url;
    if !opened.is_empty() {
        settings.currencies = currencies("ecommpay.currencies", opened)?;
    }
    if let Some(seconds) = base_time_s {
        settings.base_time_s = whole("ecommpay.base_time_s", seconds)?;
    }
    if let Some(seconds) = lifetime_s {
        settings.lifetime_s = whole("ecommpay.lifetime_s", seconds)?;
    }
    settings.declined_is_payable = declined_is_payable;
    let agent = concat!("till/", env!("CARGO_PKG_VERSION"));
    let transport = way("ecommpay", &settings.gate_url, agent, extra_roots_pem, proxy)?;
    let address = address("ecommpay.customer_ip", customer_ip, &transport)?;
    settings.customer.ip_address = address.unwrap_or(settings.customer.ip_address);
    Ok(Line { rail: Box::new(Ecommpay::new(settings)?), transport })
}

/// Makes the ways through a merchant's gateway: one for requests that name no acquirer of it, and
/// one to each that they can name.
pub(crate) fn gateway(config: GatewayConfig, sandbox: bool) -> Result<Vec<Line>, Vec<String>> {
    let GatewayConfig { url, token, acquirer, extra_roots_pem, proxy } = config;
    let mut settings = GatewaySettings::new(url, text("gateway.token", token)?);
    settings.rail = acquirer;
    settings.sandbox = sandbox;
    let rails = [None, Some(Octo::ID), Some(Ecommpay::ID)];
    let line = |acquirer: Option<&str>| {
        let settings = settings.clone();
        let agent = concat!("till/", env!("CARGO_PKG_VERSION"));
        let (roots, proxy) = (extra_roots_pem.clone(), proxy.clone());
        let transport = way("gateway", &settings.url, agent, roots, proxy)?;
        let rail = match acquirer {
            None => Gateway::new(settings)?,
            Some(acquirer) => Gateway::to(settings, &RailId::new(acquirer))?,
        };
        Ok(Line { rail: Box::new(rail), transport })
    };
    let lines = rails.into_iter().map(line).collect();
    if let Some(mut proxy) = proxy {
        proxy.zeroize();
    }
    lines
}

fn way(
    section: &str,
    base_url: &str,
    user_agent: &str,
    extra_roots_pem: Option<String>,
    proxy: Option<Vec<u8>>,
) -> Result<Transport, Vec<String>> {
    let proxy = proxy.map(|proxy| text(&format!("{section}.proxy"), proxy)).transpose()?;
    let transport = Transport::new(&TransportSettings {
        base_url: base_url.to_owned(),
        extra_roots_pem: extra_roots_pem.map(String::into_bytes),
        // EXPOSE: the transport names the proxy to its HTTP client.
        proxy: proxy.map(|proxy| proxy.expose().clone()),
        user_agent: user_agent.to_owned(),
    });
    transport.map_err(|why| vec![format!("{section}: {why}")])
}

/// Reads the device's own address, or finds it out; `None` if there is no network.
fn address(
    key: &str,
    named: Option<String>,
    transport: &Transport,
) -> Result<Option<IpAddr>, Vec<String>> {
    let Some(named) = named else { return Ok(transport.local_ip()) };
    let wrong = |_| vec![format!("{key}: an address such as 192.168.0.10")];
    named.parse().map(Some).map_err(wrong)
}

fn currencies(key: &str, codes: Vec<String>) -> Result<Vec<Currency>, Vec<String>> {
    let read = |code: &String| code.parse().map_err(|why| vec![format!("{key}: {code}: {why}")]);
    codes.iter().map(read).collect()
}

fn whole(key: &str, number: i64) -> Result<u64, Vec<String>> {
    u64::try_from(number).map_err(|_| vec![format!("{key}: a number not below zero")])
}

fn text(key: &str, bytes: Vec<u8>) -> Result<Secret<String>, Vec<String>> {
    String::from_utf8(bytes).map(Secret::new).map_err(|error| {
        error.into_bytes().zeroize();
        vec![format!("{key}: text in UTF-8")]
    })
}
