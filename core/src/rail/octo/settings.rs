//! What the bank gave us, and how its document is read where it is open.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr};

use data_encoding::HEXLOWER;
use reqwest::Url;
use sha2::{Digest, Sha256};

use super::codes;
use crate::money::Currency;
use crate::secret::Secret;

/// Configures the rail `octo`; each field is named like its key in the section `[octo]`.
#[derive(Clone)]
pub struct OctoSettings {
    /// Where the bank's API is: `https://host[:port][/prefix]`.
    pub base_url: String,
    /// The name in the token call.
    pub client_id: String,
    /// The password in the token call.
    pub client_secret: Secret<String>,
    /// The id of the MPP or payer that perform and confirm name. Never logged.
    pub user_id: String,
    /// The country of get-qr-code: two capital letters of ISO 3166.
    pub region: String,
    /// Whether real money may move: needed for any host that is neither loopback nor DEV.
    pub live: bool,
    /// Whether the bank is the sandbox, which may be on another machine of a private network.
    pub sandbox: bool,
    /// What calls itself the client in get-qr-code.
    pub terminal_type: TerminalType,
    /// The client's software in get-qr-code.
    pub user_agent: String,
    /// The client's own address in get-qr-code.
    pub client_ip: IpAddr,

    // Open with the bank: one setting for each, the source's reading as default.
    /// The id in get-qr-code, if the bank wants another there than `user_id` (who is credited).
    pub qr_user_id: Option<String>,
    /// Whether perform binds the amount before anybody can scan. If not, it is not called for an
    /// order code: the customer names the sum, and another one than asked is late money.
    pub perform_before_scan: bool,
    /// Failures of process that say that nobody has paid yet.
    pub open_codes: Vec<String>,
    /// Failures of process that say that the payment is declined for good.
    pub final_codes: Vec<String>,
    /// Failures of process that say that the code ended unpaid.
    pub expired_codes: Vec<String>,
    /// Failures that speak of the request, such as an unknown external id.
    pub request_codes: Vec<String>,
    /// Failures that say that an external id was used before.
    pub exists_codes: Vec<String>,
    /// Whether process knows a refund by its own external id.
    pub refund_inquiry: bool,
    /// The field of refund that carries the wished sum.
    pub refund_sum: RefundSum,
    /// Currencies with an exponent other than 2 whose minor units the bank has confirmed.
    pub exponents_confirmed: Vec<Currency>,
    /// Whether a declined code can be paid again while it lives.
    pub declined_is_payable: bool,
    /// What the bank wants to read after its push.
    pub push_answer: PushAnswer,
}

/// Names what calls itself the client: `terminalType`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum TerminalType {
    /// A terminal of its own.
    #[default]
    Pos,
    /// A merchant's app with Till in it.
    App,
}

/// Names the field of refund that carries the wished sum.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum RefundSum {
    /// withdrawalAmount; paymentAmount is the payment's.
    #[default]
    Withdrawal,
    /// paymentAmount; withdrawalAmount is not sent.
    Payment,
}

/// Names the shape of the answer to the bank's push.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum PushAnswer {
    /// `{"externalId": "..."}`.
    #[default]
    ExternalId,
    /// The same with a `result` of SUCCESS beside it, as the bank's own answers have.
    Result,
}

impl OctoSettings {
    /// The host of the bank's test stand (section 2).
    pub const DEV_HOST: &str = "oi-dev.octo.uz";

    /// Makes settings that read the bank's document as it stands.
    pub fn new(
        base_url: impl Into<String>,
        client_id: impl Into<String>,
        client_secret: Secret<String>,
        user_id: impl Into<String>,
        region: impl Into<String>,
    ) -> Self {
        Self {
            base_url: base_url.into(),
            client_id: client_id.into(),
            client_secret,
            user_id: user_id.into(),
            region: region.into(),
            live: false,
            sandbox: false,
            terminal_type: TerminalType::default(),
            user_agent: concat!("till/", env!("CARGO_PKG_VERSION")).to_owned(),
            client_ip: IpAddr::V4(Ipv4Addr::LOCALHOST),
            qr_user_id: None,
            perform_before_scan: true,
            open_codes: Vec::new(),
            final_codes: Vec::new(),
            expired_codes: Vec::new(),
            request_codes: Vec::new(),
            exists_codes: Vec::new(),
            refund_inquiry: true,
            refund_sum: RefundSum::default(),
            exponents_confirmed: Vec::new(),
            declined_is_payable: false,
            push_answer: PushAnswer::default(),
        }
    }

    /// Names each key that cannot be used and what would be right, one line each; empty: all well.
    pub fn check(&self) -> Vec<String> {
        let mut wrong = Vec::new();
        wrong.extend(self.wrong_base_url());
        if self.client_id.is_empty() || self.client_id.contains(is_control_or(':')) {
            wrong.push("octo.client_id: the client id from the bank, without a colon".to_owned());
        }
        // EXPOSE: only whether it is there and can stand in a header.
        let secret = self.client_secret.expose();
        if secret.is_empty() || secret.contains(char::is_control) {
            wrong.push(
                "octo.client_secret: the client secret from the bank, without line ends".to_owned(),
            );
        }
        let users = [("user_id", Some(&self.user_id)), ("qr_user_id", self.qr_user_id.as_ref())];
        for (key, user) in users {
            if user.is_some_and(|id| id.trim().is_empty() || id.contains(char::is_control)) {
                wrong.push(format!("octo.{key}: the user id from the bank, on one line"));
            }
        }
        if self.region.len() != 2 || !self.region.bytes().all(|byte| byte.is_ascii_uppercase()) {
            wrong.push("octo.region: a country in two capital letters, such as UZ".to_owned());
        }
        let visible = |byte: u8| byte.is_ascii_graphic() || byte == b' ';
        if self.user_agent.trim().is_empty() || !self.user_agent.bytes().all(visible) {
            wrong.push("octo.user_agent: a name in ASCII, such as till/1.0".to_owned());
        }
        if self.client_ip.is_unspecified() {
            wrong
                .push("octo.client_ip: this device's own address, such as 192.168.0.10".to_owned());
        }
        wrong.extend(self.wrong_codes());
        wrong
    }

    /// Tells whether the calls go to the bank's test stand.
    pub fn is_dev(&self) -> bool {
        let url = Url::parse(&self.base_url).ok();
        url.is_some_and(|url| url.host_str() == Some(Self::DEV_HOST))
    }

    /// Gives what stands for the userId in logs: the first 8 hexadecimal digits of its SHA-256.
    pub fn logged_user_id(&self) -> String {
        let mut hash = HEXLOWER.encode(&Sha256::digest(self.user_id.as_bytes()));
        hash.truncate(8);
        hash
    }

    fn wrong_base_url(&self) -> Option<String> {
        let should_be = |what: &str| Some(format!("octo.base_url: {what}"));
        let Ok(url) = Url::parse(&self.base_url) else {
            return should_be("an address such as https://oi-dev.octo.uz");
        };
        match url.scheme() {
            "https" => {}
            "http" => return should_be("plain http is refused; it must begin with https://"),
            _ => return should_be("it must begin with https://"),
        }
        if !url.username().is_empty() || url.password().is_some() {
            return should_be(
                "no user name or password in it; they are octo.client_id and _secret",
            );
        }
        if url.query().is_some() || url.fragment().is_some() {
            return should_be("it must end before any ? or #");
        }
        let host = url.host_str().unwrap_or_default();
        let moves_nothing =
            host == Self::DEV_HOST || is_loopback(host) || (self.sandbox && is_private(host));
        if !self.live && !moves_nothing {
            return should_be(&format!(
                "{host} takes real money; octo.live = true says that this is wanted"
            ));
        }
        None
    }

    fn wrong_codes(&self) -> Vec<String> {
        let tables = [
            ("open_codes", &self.open_codes),
            ("final_codes", &self.final_codes),
            ("expired_codes", &self.expired_codes),
            ("request_codes", &self.request_codes),
            ("exists_codes", &self.exists_codes),
        ];
        let mut wrong = Vec::new();
        let mut seen: Vec<(&str, &String)> = Vec::new();
        for (key, table) in tables {
            let ends = matches!(key, "final_codes" | "expired_codes");
            for code in table {
                let known = ["SUCCESS", "REFUND"].iter().any(|one| one.eq_ignore_ascii_case(code));
                if code.is_empty() || !code.bytes().all(|byte| byte.is_ascii_graphic()) {
                    wrong.push(format!("octo.{key}: result codes of the bank, such as NO_FUNDS"));
                } else if known || (ends && codes::is_fixed(code)) {
                    wrong.push(format!("octo.{key}: {code} has a meaning that cannot be changed"));
                } else if let Some((other, _)) =
                    seen.iter().find(|(_, one)| one.eq_ignore_ascii_case(code))
                {
                    wrong.push(format!("octo.{key}: {code} is in octo.{other} already"));
                } else {
                    seen.push((key, code));
                }
            }
        }
        wrong
    }
}

impl fmt::Debug for OctoSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OctoSettings")
            .field("base_url", &self.base_url)
            .field("user", &self.logged_user_id())
            .field("region", &self.region)
            .field("live", &self.live)
            .finish_non_exhaustive()
    }
}

fn is_control_or(one: char) -> impl Fn(char) -> bool {
    move |char| char == one || char.is_control()
}

fn is_loopback(host: &str) -> bool {
    host == "localhost" || address(host).is_some_and(|ip| ip.is_loopback())
}

/// Says whether no bank can be there: an address of a private network, an emulator's included. A
/// name does not count, since others decide where it leads.
fn is_private(host: &str) -> bool {
    address(host).is_some_and(|ip| match ip {
        IpAddr::V4(ip) => ip.is_private() || ip.is_link_local(),
        IpAddr::V6(ip) => ip.is_unique_local() || ip.is_unicast_link_local(),
    })
}

fn address(host: &str) -> Option<IpAddr> {
    host.trim_start_matches('[').trim_end_matches(']').parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings() -> OctoSettings {
        let secret = Secret::new("hunter2".to_owned());
        OctoSettings::new("https://oi-dev.octo.uz", "TestPOS", secret, "208800000000000001", "UZ")
    }

    fn at(base_url: &str) -> Vec<String> {
        OctoSettings { base_url: base_url.to_owned(), ..settings() }.check()
    }

    #[test]
    fn settings_of_the_test_stand_and_of_this_machine_are_well() {
        for base_url in [
            "https://oi-dev.octo.uz",
            "https://oi-dev.octo.uz/",
            "https://localhost:8443",
            "https://127.0.0.1:8443/bank",
            "https://[::1]:8443",
        ] {
            assert_eq!(at(base_url), Vec::<String>::new(), "{base_url}");
        }
    }

    #[test]
    fn plain_http_is_refused_even_on_this_machine() {
        for base_url in ["http://oi-dev.octo.uz", "http://127.0.0.1:8080"] {
            let wrong = at(base_url);
            assert_eq!(
                wrong,
                ["octo.base_url: plain http is refused; it must begin with https://"]
            );
        }
    }

    #[test]
    fn a_host_that_is_neither_loopback_nor_dev_needs_live() {
        for host in ["oi-partner.octo.uz", "localhost.evil.uz", "oi-dev.octo.uz.evil.uz"] {
            let base_url = format!("https://{host}");
            assert_eq!(
                at(&base_url),
                [format!(
                    "octo.base_url: {host} takes real money; octo.live = true says that this is \
                     wanted"
                )]
            );
            let live = OctoSettings { base_url, live: true, ..settings() };
            assert_eq!(live.check(), Vec::<String>::new());
        }
    }

    #[test]
    fn a_sandbox_may_be_on_another_machine_of_a_private_network() {
        let sandbox = |host: &str| {
            let base_url = format!("https://{host}:8443");
            OctoSettings { base_url, sandbox: true, ..settings() }.check()
        };
        for host in ["10.0.2.2", "192.168.0.7", "172.16.1.1", "[fd00::7]", "127.0.0.1"] {
            assert_eq!(sandbox(host), Vec::<String>::new(), "{host}");
        }
        for host in ["172.32.0.1", "8.8.8.8", "bank.local", "10.0.2.2.evil.uz", "[2001:db8::7]"] {
            assert_eq!(sandbox(host).len(), 1, "{host}");
        }
        assert_eq!(at("https://10.0.2.2:8443").len(), 1, "only a sandbox may");
    }

    #[test]
    fn a_base_url_is_https_and_nothing_else() {
        for base_url in ["", "oi-dev.octo.uz", "ftp://oi-dev.octo.uz", "https://"] {
            assert_eq!(at(base_url).len(), 1, "{base_url}");
        }
        assert_eq!(at("https://a:b@oi-dev.octo.uz").len(), 1);
        assert_eq!(at("https://oi-dev.octo.uz/?x=1").len(), 1);
    }

    #[test]
    fn each_wrong_key_is_named_on_one_line() {
        let wrong = OctoSettings {
            client_id: "a:b".to_owned(),
            client_secret: Secret::new(String::new()),
            user_id: String::new(),
            qr_user_id: Some(String::new()),
            region: "uz".to_owned(),
            user_agent: "тилл".to_owned(),
            client_ip: IpAddr::V4(Ipv4Addr::UNSPECIFIED),
            final_codes: vec!["INVALID_REQUEST".to_owned(), "NO_FUNDS".to_owned()],
            open_codes: vec!["no_funds".to_owned(), "SUCCESS".to_owned()],
            ..settings()
        };
        let keys: Vec<String> = wrong
            .check()
            .iter()
            .inspect(|line| assert!(!line.contains('\n'), "{line}"))
            .filter_map(|line| line.split(':').next().map(str::to_owned))
            .collect();
        let expected = [
            "client_id",
            "client_secret",
            "user_id",
            "qr_user_id",
            "region",
            "user_agent",
            "client_ip",
            "open_codes",
            "final_codes",
            "final_codes",
        ];
        assert_eq!(keys, expected.map(|key| format!("octo.{key}")));
    }

    #[test]
    fn neither_secret_nor_user_id_is_printed() {
        let printed = format!("{:?}", settings());
        assert!(!printed.contains("hunter2") && !printed.contains("2088"), "{printed}");
        assert!(printed.contains(&settings().logged_user_id()));
    }

    #[test]
    fn a_user_id_is_logged_as_the_begin_of_its_hash() {
        let user_id = "abc".to_owned();
        assert_eq!(OctoSettings { user_id, ..settings() }.logged_user_id(), "ba7816bf");
    }
}
