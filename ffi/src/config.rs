//! The configuration, and how it becomes the core's settings.

use std::net::IpAddr;

use till_core::id::RailId;
use till_core::intent::Language;
use till_core::money::Currency;
use till_core::operation::Rules;
use till_core::rail::octo::{self, Octo, OctoSettings};
use till_core::secret::Secret;
use till_core::settings::Settings;
use till_core::terminal::Line;
use till_core::transport::{Transport, TransportSettings};
use zeroize::Zeroize as _;

use crate::error::TillError;

/// Is everything that a terminal is told when it starts.
#[derive(Clone, PartialEq, Eq, uniffi::Record)]
pub struct Config {
    /// The terminal's own name, for people.
    pub terminal_id: String,
    /// The currency of requests that name none, ISO 4217.
    pub currency: String,
    /// The language of messages: `en`, `ru`, `zh`.
    pub language: String,
    /// The rail of requests that name none.
    pub rail: String,
    /// The folder of the journal, made if it is not there; must not be backed up.
    pub journal_folder: String,
    /// How long a customer is waited for, in milliseconds.
    pub wait_ms: i64,
    /// Whether late money is reported instead of given back.
    pub report_late_payments: bool,
    /// Whether payments of other terminals may be refunded here.
    pub foreign_refunds: bool,
    /// Whether the bank is the sandbox.
    pub sandbox: bool,
    /// OCTO's Alipay+ acquiring; `None`: it is not used.
    pub octo: Option<OctoConfig>,
}

/// Is what OCTO gave the merchant, and how its document is read where it is open.
#[derive(Clone, PartialEq, Eq, uniffi::Record)]
pub struct OctoConfig {
    /// Where the bank's API is: `https://host[:port][/prefix]`.
    pub base_url: String,
    /// The name in the token call.
    pub client_id: String,
    /// The password in the token call, in UTF-8; never printed.
    pub client_secret: Vec<u8>,
    /// The id of the MPP or payer; never printed.
    pub user_id: String,
    /// The country: two capital letters of ISO 3166.
    pub region: String,
    /// Whether real money may move.
    pub live: bool,
    /// Whether the client calls itself an app, not a terminal.
    pub app_terminal: bool,
    /// The client's software; `None`: Till's own name.
    pub user_agent: Option<String>,
    /// The client's own address; `None`: found out.
    pub client_ip: Option<String>,
    /// Certificates to trust beside the public ones, as PEM.
    pub extra_roots_pem: Option<String>,
    /// `http://[user:password@]host:port`, in UTF-8; `None`: a direct connection; never printed.
    pub proxy: Option<Vec<u8>>,
    /// The id in get-qr-code, if the bank wants another there than `user_id`.
    pub qr_user_id: Option<String>,
    /// Whether perform binds the amount before anybody can scan.
    pub perform_before_scan: bool,
    /// Failures of process that say that nobody has paid yet.
    pub open_codes: Vec<String>,
    /// Failures of process that say that the payment is declined for good.
    pub final_codes: Vec<String>,
    /// Failures of process that say that the code ended unpaid.
    pub expired_codes: Vec<String>,
    /// Failures that speak of the request.
    pub request_codes: Vec<String>,
    /// Failures that say that an external id was used before.
    pub exists_codes: Vec<String>,
    /// Whether process knows a refund by its own external id.
    pub refund_inquiry: bool,
    /// Whether refund carries the wished sum in paymentAmount instead of withdrawalAmount.
    pub refund_by_payment_amount: bool,
    /// Currencies with an exponent other than 2 whose minor units the bank has confirmed.
    pub exponents_confirmed: Vec<String>,
    /// Whether a declined code can be paid again while it lives.
    pub declined_is_payable: bool,
}

/// The file of the journal in its folder.
pub(crate) const JOURNAL: &str = "till.sqlite";

/// Reads the language, in which even an unusable configuration is answered.
pub(crate) fn language(config: &Config) -> Option<Language> {
    config.language.parse().ok()
}

/// Makes the settings and the lines of a configuration.
pub(crate) fn read(config: Config) -> Result<(Settings, Vec<Line>), TillError> {
    let Config {
        terminal_id,
        currency,
        language,
        rail,
        journal_folder: _,
        wait_ms,
        report_late_payments,
        foreign_refunds,
        sandbox,
        octo,
    } = config;
    let mut wrong = Vec::new();
    let mut lines = Vec::new();
    if let Some(octo) = octo {
        match line(octo) {
            Ok(line) => lines.push(line),
            Err(what) => wrong.extend(what),
        }
    } else {
        wrong.push("octo: no acquirer is configured".to_owned());
    }
    let rail = RailId::new(rail);
    if wrong.is_empty() && lines.iter().all(|line| line.rail.id() != rail) {
        wrong.push(format!("rail: {rail} is not configured"));
    }
    let currency: Option<Currency> =
        currency.parse().map_err(|why| wrong.push(format!("currency: {why}"))).ok();
    let language: Option<Language> =
        language.parse().map_err(|_| wrong.push("language: en, ru or zh".to_owned())).ok();
    let wait_ms = u64::try_from(wait_ms).ok().filter(|ms| *ms > 0);
    if wait_ms.is_none() {
        wrong.push("wait_ms: milliseconds above zero".to_owned());
    }
    match (currency, language, wait_ms) {
        (Some(currency), Some(language), Some(wait_ms)) if wrong.is_empty() => {
            let rules = Rules { wait_ms, give_back: !report_late_payments, ..Rules::default() };
            let settings = Settings {
                terminal_id,
                currency,
                language,
                rail,
                rules,
                foreign_refunds,
                pace_ms: Settings::PACE_MS,
                sandbox,
                bridge: false,
            };
            Ok((settings, lines))
        }
        _ => Err(TillError::CorrectConfiguration { wrong }),
    }
}

fn line(config: OctoConfig) -> Result<Line, Vec<String>> {
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
    let client_secret = secret("client_secret", client_secret).map_err(|what| vec![what])?;
    let mut settings = OctoSettings::new(base_url, client_id, client_secret, user_id, region);
    settings.live = live;
    settings.terminal_type =
        if app_terminal { octo::TerminalType::App } else { octo::TerminalType::Pos };
    settings.user_agent = user_agent.unwrap_or(settings.user_agent);
    settings.qr_user_id = qr_user_id;
    settings.perform_before_scan = perform_before_scan;
    settings.open_codes = open_codes;
    settings.final_codes = final_codes;
    settings.expired_codes = expired_codes;
    settings.request_codes = request_codes;
    settings.exists_codes = exists_codes;
    settings.refund_inquiry = refund_inquiry;
    settings.refund_sum = if refund_by_payment_amount {
        octo::RefundSum::Payment
    } else {
        octo::RefundSum::Withdrawal
    };
    settings.declined_is_payable = declined_is_payable;
    for code in exponents_confirmed {
        let currency = code.parse();
        settings.exponents_confirmed.push(
            currency.map_err(|why| vec![format!("octo.exponents_confirmed: {code}: {why}")])?,
        );
    }
    let proxy = proxy.map(|proxy| secret("proxy", proxy)).transpose().map_err(|what| vec![what])?;
    let transport = Transport::new(&TransportSettings {
        base_url: settings.base_url.clone(),
        extra_roots_pem: extra_roots_pem.map(String::into_bytes),
        // EXPOSE: the transport names the proxy to its HTTP client.
        proxy: proxy.map(|proxy| proxy.expose().clone()),
        user_agent: settings.user_agent.clone(),
    });
    let transport = transport.map_err(|why| vec![format!("octo: {why}")])?;
    let address = match client_ip {
        Some(text) => {
            let wrong = || vec!["octo.client_ip: an address such as 192.168.0.10".to_owned()];
            Some(text.parse::<IpAddr>().map_err(|_| wrong())?)
        }
        None => transport.local_ip(),
    };
    settings.client_ip = address.unwrap_or(settings.client_ip);
    Ok(Line { rail: Box::new(Octo::new(settings)?), transport })
}

fn secret(key: &str, bytes: Vec<u8>) -> Result<Secret<String>, String> {
    String::from_utf8(bytes).map(Secret::new).map_err(|error| {
        error.into_bytes().zeroize();
        format!("octo.{key}: text in UTF-8")
    })
}
