//! The configuration, and how it becomes the core's settings.

use till_core::id::RailId;
use till_core::intent::Language;
use till_core::money::Currency;
use till_core::operation::Rules;
use till_core::settings::Settings;
use till_core::terminal::Line;

use crate::error::TillError;
use crate::event::FormField;
use crate::rails;

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
    /// ecommpay's Alipay by its Payment Page; `None`: it is not used.
    pub ecommpay: Option<EcommpayConfig>,
    /// A merchant's gateway, which holds the secrets; `None`: it is not used.
    pub gateway: Option<GatewayConfig>,
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

/// Is what ecommpay gave the merchant.
#[derive(Clone, PartialEq, Eq, uniffi::Record)]
pub struct EcommpayConfig {
    /// The project's number.
    pub project_id: i64,
    /// The project's secret key, in UTF-8; never printed.
    pub secret: Vec<u8>,
    /// Where the Gate API is; `None`: where it always is.
    pub gate_url: Option<String>,
    /// The address of the Payment Page; `None`: where it always is.
    pub payment_page_url: Option<String>,
    /// Whether real money may move.
    pub live: bool,
    /// Whether the project is the test project.
    pub test_project: bool,
    /// Further parameters of the Payment Page.
    pub parameters: Vec<PageParameter>,
    /// `customer.id`; `None`: each payment has a customer of its own.
    pub customer_id: Option<String>,
    /// `customer.ip_address`; `None`: this device's own.
    pub customer_ip: Option<String>,
    /// Further members of `customer`.
    pub customer: Vec<FormField>,
    /// Where the customer is sent after any step.
    pub return_url: Option<String>,
    /// Where the customer is sent after a success.
    pub return_url_success: Option<String>,
    /// Where the platform sends callbacks, if not where the project says.
    pub callback_url: Option<String>,
    /// The currencies that are opened; empty: those of the method's description.
    pub currencies: Vec<String>,
    /// The time in which payments usually end, in seconds; `None`: the description's.
    pub base_time_s: Option<i64>,
    /// How long a payment lives, in seconds; `None`: the description's.
    pub lifetime_s: Option<i64>,
    /// Whether a declined payment can be paid again.
    pub declined_is_payable: bool,
    /// Certificates to trust beside the public ones, as PEM.
    pub extra_roots_pem: Option<String>,
    /// `http://[user:password@]host:port`, in UTF-8; `None`: a direct connection; never printed.
    pub proxy: Option<Vec<u8>>,
}

/// Is where the merchant's gateway is, and who this terminal is there.
#[derive(Clone, PartialEq, Eq, uniffi::Record)]
pub struct GatewayConfig {
    /// `https://host[:port][/prefix]`.
    pub url: String,
    /// This terminal's token, in UTF-8; never printed.
    pub token: Vec<u8>,
    /// The gateway's acquirer of requests that name none; `None`: the gateway's own choice.
    pub acquirer: Option<String>,
    /// Certificates to trust beside the public ones, as PEM.
    pub extra_roots_pem: Option<String>,
    /// `http://[user:password@]host:port`, in UTF-8; `None`: a direct connection; never printed.
    pub proxy: Option<Vec<u8>>,
}

/// Is one further parameter of the Payment Page.
#[derive(Clone, PartialEq, Eq, uniffi::Record)]
pub struct PageParameter {
    /// Its name.
    pub name: String,
    /// Its value.
    pub value: PageValue,
}

/// Is the value of a further parameter.
#[derive(Clone, PartialEq, Eq, uniffi::Enum)]
pub enum PageValue {
    /// Sent as it is.
    Text {
        /// The text.
        text: String,
    },
    /// Sent in digits.
    Number {
        /// The number, not below zero.
        number: i64,
    },
    /// Sent as 1 or 0.
    Flag {
        /// The truth.
        flag: bool,
    },
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
        ecommpay,
        gateway,
    } = config;
    let mut wrong = Vec::new();
    let mut lines = Vec::new();
    if sandbox {
        wrong.extend(live(octo.as_ref(), ecommpay.as_ref()));
    }
    let one = |line: Result<Line, Vec<String>>| line.map(|line| vec![line]);
    let configured = [
        octo.map(|octo| one(rails::octo(octo, sandbox))),
        ecommpay.map(|ecommpay| one(rails::ecommpay(ecommpay))),
        gateway.map(|gateway| rails::gateway(gateway, sandbox)),
    ];
    for made in configured.into_iter().flatten() {
        match made {
            Ok(made) => lines.extend(made),
            Err(what) => wrong.extend(what),
        }
    }
    if lines.is_empty() && wrong.is_empty() {
        wrong.push("octo, ecommpay, gateway: no acquirer is configured".to_owned());
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
                callers_are_terminals: false,
                sandbox,
                bridge: false,
            };
            Ok((settings, lines))
        }
        _ => Err(TillError::CorrectConfiguration { wrong }),
    }
}

/// Names what asks for real money: receipts of it would say that they are the sandbox's.
fn live(octo: Option<&OctoConfig>, ecommpay: Option<&EcommpayConfig>) -> Vec<String> {
    let live = [
        ("octo.live", octo.is_some_and(|octo| octo.live)),
        ("ecommpay.live", ecommpay.is_some_and(|ecommpay| ecommpay.live)),
    ];
    let both = live.into_iter().filter(|(_, live)| *live);
    both.map(|(key, _)| format!("{key}: the sandbox moves no real money; only one of the two"))
        .collect()
}
