//! What ecommpay gave us, and how its platform is used.

use std::collections::BTreeMap;
use std::fmt;
use std::net::{IpAddr, Ipv4Addr};

use reqwest::Url;

use super::page;
use super::signature::NUMBER_MAX;
use crate::money::Currency;
use crate::secret::Secret;

/// The longest text that a QR code holds (ISO/IEC 18004, version 40-L), in bytes.
pub(super) const QR_MAX: usize = 2_953;

/// The currencies that Alipay is paid in, by the method's description.
const CURRENCIES: [&str; 9] = ["AUD", "CAD", "CNY", "EUR", "GBP", "HKD", "JPY", "SGD", "USD"];

/// Configures the rail `ecommpay`; each field is named like its key in the section `[ecommpay]`.
#[derive(Clone)]
pub struct EcommpaySettings {
    /// The project's number.
    pub project_id: u64,
    /// The project's secret key: it signs, and is never sent.
    pub secret: Secret<String>,
    /// Where the Gate API is: `https://host[:port][/prefix]`.
    pub gate_url: String,
    /// The address of the Payment Page, without a query.
    pub payment_page_url: String,
    /// Whether real money may move: needed for any host that is not loopback, unless the project is
    /// the test project.
    pub live: bool,
    /// Whether `project_id` is the test project's: its payments are marked as the sandbox's.
    pub test_project: bool,
    /// How a payment is begun.
    pub sale: Sale,
    /// Further parameters of the Payment Page, signed with the others.
    pub parameters: BTreeMap<String, Parameter>,
    /// Who pays, as far as a till knows.
    pub customer: Customer,
    /// Where Gate sends the customer after any step: `return_url.return`.
    pub return_url: Option<String>,
    /// Where Gate sends the customer after a success: `return_url.success`.
    pub return_url_success: Option<String>,
    /// Where the platform sends callbacks, if not where the project says.
    pub callback_url: Option<String>,
    /// The currencies that the account manager has opened.
    pub currencies: Vec<Currency>,
    /// The time in which payments usually end, in seconds: so long they are asked for often.
    pub base_time_s: u64,
    /// How long a payment lives at the platform, in seconds; a till waits for a shorter time.
    pub lifetime_s: u64,
    /// Whether a declined payment can be paid again, from the customer's page or with the same QR
    /// code, and so is watched to its end.
    pub declined_is_payable: bool,
}

/// Says how a payment is begun.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Sale {
    /// `page`: an address of the Payment Page, made here and shown as a QR code.
    #[default]
    Page,
    /// `gate`: a call to Gate; what is shown comes by callback, so it needs a gateway.
    Gate,
}

/// Is the value of a further parameter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Parameter {
    /// Sent as it is.
    Text(String),
    /// Sent in digits.
    Number(u64),
    /// Sent as 1 or 0.
    Flag(bool),
}

/// Is who pays: a till knows no customer, so this is what is said of all of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Customer {
    /// `customer.id`; `None`: each payment has a customer of its own, named like the payment.
    pub id: Option<String>,
    /// `customer.ip_address`.
    pub ip_address: IpAddr,
    /// Further members of `customer`, such as `first_name`, `phone` or `country`: sent with a sale,
    /// and when the platform asks for them.
    pub more: BTreeMap<String, String>,
}

impl EcommpaySettings {
    /// The host of Gate.
    pub const GATE_URL: &str = "https://api.ecommpay.com";
    /// The address of the Payment Page.
    pub const PAYMENT_PAGE_URL: &str = "https://paymentpage.ecommpay.com/payment";
    /// The time in which payments usually end, in seconds.
    pub const BASE_TIME_S: u64 = 3_600;
    /// How long a payment lives, in seconds.
    pub const LIFETIME_S: u64 = 1_800;

    /// Makes settings that use the Payment Page as its description says.
    pub fn new(project_id: u64, secret: Secret<String>) -> Self {
        Self {
            project_id,
            secret,
            gate_url: Self::GATE_URL.to_owned(),
            payment_page_url: Self::PAYMENT_PAGE_URL.to_owned(),
            live: false,
            test_project: false,
            sale: Sale::default(),
            parameters: BTreeMap::new(),
            customer: Customer {
                id: None,
                ip_address: IpAddr::V4(Ipv4Addr::LOCALHOST),
                more: BTreeMap::new(),
            },
            return_url: None,
            return_url_success: None,
            callback_url: None,
            currencies: CURRENCIES.iter().filter_map(|code| code.parse().ok()).collect(),
            base_time_s: Self::BASE_TIME_S,
            lifetime_s: Self::LIFETIME_S,
            declined_is_payable: true,
        }
    }

    /// Names each key that cannot be used and what would be right, one line each; empty: all well.
    pub fn check(&self) -> Vec<String> {
        let mut wrong = Vec::new();
        if !(1..=NUMBER_MAX).contains(&self.project_id) {
            wrong.push("ecommpay.project_id: the project's number from ecommpay".to_owned());
        }
        // EXPOSE: only whether it is there.
        let secret = self.secret.expose();
        if secret.is_empty() || secret.contains(char::is_control) {
            wrong.push(
                "ecommpay.secret: the project's secret key from ecommpay, without line ends"
                    .to_owned(),
            );
        }
        wrong.extend(self.wrong_url("gate_url", &self.gate_url));
        wrong.extend(self.wrong_url("payment_page_url", &self.payment_page_url));
        if self.live && self.test_project {
            wrong.push("ecommpay.live: the test project moves no real money; only one".to_owned());
        }
        wrong.extend(self.wrong_parameters());
        wrong.extend(self.wrong_customer());
        wrong.extend(self.wrong_addresses());
        wrong.extend(self.wrong_currencies());
        if !(180..=86_400).contains(&self.lifetime_s) {
            wrong.push("ecommpay.lifetime_s: 180 to 86400 seconds, such as 1800".to_owned());
        }
        if !(self.lifetime_s..=604_800).contains(&self.base_time_s) {
            wrong.push(
                "ecommpay.base_time_s: at least lifetime_s, at most 604800 seconds, such as 3600"
                    .to_owned(),
            );
        }
        wrong
    }

    fn wrong_url(&self, key: &str, text: &str) -> Option<String> {
        let should_be = |what: &str| Some(format!("ecommpay.{key}: {what}"));
        let Ok(url) = Url::parse(text) else {
            return should_be(&format!("an address such as {}", Self::GATE_URL));
        };
        match url.scheme() {
            "https" => {}
            "http" => return should_be("plain http is refused; it must begin with https://"),
            _ => return should_be("it must begin with https://"),
        }
        if !url.username().is_empty() || url.password().is_some() {
            return should_be("no user name or password in it; requests are signed instead");
        }
        if url.query().is_some() || url.fragment().is_some() {
            return should_be("it must end before any ? or #");
        }
        let host = url.host_str().unwrap_or_default();
        if !self.live && !self.test_project && !is_loopback(host) {
            return should_be(&format!(
                "{host} takes real money; ecommpay.live = true says that this is wanted, \
                 ecommpay.test_project = true that project_id is the test project's"
            ));
        }
        None
    }

    fn wrong_parameters(&self) -> Vec<String> {
        let mut wrong = Vec::new();
        for (name, value) in &self.parameters {
            if !is_name(name) {
                wrong.push(format!(
                    "ecommpay.parameters: {name:?} is no name of a parameter, such as region_code"
                ));
            } else if page::OURS.contains(&name.as_str()) {
                wrong.push(format!("ecommpay.parameters: {name} is set for each payment"));
            } else {
                let unfit = match value {
                    Parameter::Text(text) => unsignable(text),
                    Parameter::Number(number) => *number > NUMBER_MAX,
                    Parameter::Flag(_) => false,
                };
                if unfit {
                    wrong.push(format!(
                        "ecommpay.parameters: {name} must be a text on one line without a \
                         semicolon, or a whole number up to 2^53"
                    ));
                }
            }
        }
        if wrong.is_empty() && page::longest(self) > QR_MAX {
            wrong.push("ecommpay.parameters: together too long for a QR code".to_owned());
        }
        wrong
    }

    fn wrong_customer(&self) -> Vec<String> {
        let Customer { id, ip_address, more } = &self.customer;
        let mut wrong = Vec::new();
        if id.as_ref().is_some_and(|id| id.trim().is_empty() || id.len() > 255 || unsignable(id)) {
            wrong.push(
                "ecommpay.customer.id: a name on one line, without a semicolon; or leave it out"
                    .to_owned(),
            );
        }
        if ip_address.is_unspecified() {
            wrong.push(
                "ecommpay.customer.ip_address: the customers' address, or this device's, such as \
                 192.168.0.10"
                    .to_owned(),
            );
        }
        for (name, value) in more {
            if !is_name(name) || matches!(name.as_str(), "id" | "ip_address") {
                wrong.push(format!(
                    "ecommpay.customer: {name:?} is no further member of it, such as first_name"
                ));
            } else if value.is_empty() || unsignable(value) {
                wrong.push(format!(
                    "ecommpay.customer.{name}: a text on one line, without a semicolon"
                ));
            }
        }
        wrong
    }

    fn wrong_addresses(&self) -> Vec<String> {
        let mut wrong = Vec::new();
        let addresses = [
            ("return_url", &self.return_url, false),
            ("return_url_success", &self.return_url_success, false),
            ("callback_url", &self.callback_url, true),
        ];
        for (key, address, only_https) in addresses {
            let Some(address) = address else { continue };
            let scheme = Url::parse(address).ok().map(|url| url.scheme().to_owned());
            let fits = match scheme.as_deref() {
                Some("https") => true,
                Some("http") => !only_https,
                Some(_) | None => false,
            };
            if !fits || unsignable(address) {
                wrong.push(format!(
                    "ecommpay.{key}: an https address without a semicolon, such as \
                     https://shop.example/back"
                ));
            }
        }
        if self.sale == Sale::Gate && self.return_url.is_none() {
            wrong.push("ecommpay.return_url: needed with ecommpay.sale = \"gate\"".to_owned());
        }
        wrong
    }

    fn wrong_currencies(&self) -> Option<String> {
        let known = |currency: &Currency| CURRENCIES.contains(&currency.code());
        let fits = !self.currencies.is_empty() && self.currencies.iter().all(known);
        let list = CURRENCIES.join(", ");
        (!fits).then(|| format!("ecommpay.currencies: some of {list}"))
    }
}

impl Sale {
    /// Gives the word of the configuration.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Page => "page",
            Self::Gate => "gate",
        }
    }
}

impl fmt::Debug for EcommpaySettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EcommpaySettings")
            .field("project_id", &self.project_id)
            .field("gate_url", &self.gate_url)
            .field("live", &self.live)
            .field("test_project", &self.test_project)
            .field("sale", &self.sale)
            .finish_non_exhaustive()
    }
}

/// Tells whether a text cannot stand in what we sign.
fn unsignable(text: &str) -> bool {
    text.contains(|char: char| char == ';' || char.is_control())
}

fn is_name(name: &str) -> bool {
    name.starts_with(|char: char| char.is_ascii_lowercase())
        && name.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'_'))
}

fn is_loopback(host: &str) -> bool {
    let address = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost" || address.parse().is_ok_and(|ip: IpAddr| ip.is_loopback())
}
