//! The values of a configuration whose keys and types are right.

use std::path::{Path, PathBuf};

use till_core::intent::Language;
use till_core::money::Currency;
use till_core::rail::octo::{OctoSettings, PushAnswer, RefundSum, TerminalType};
use till_core::secret::Secret;
use toml::{Table, Value};

use super::files::{beside, read_roots, read_secret};
use super::schema::right;
use super::{Octo, Terminal};

/// Is one section with the name of its file, to be read key by key.
pub(crate) struct Reader<'a> {
    pub(crate) file: &'a Path,
    pub(crate) name: &'static str,
    pub(crate) keys: &'a Table,
}

impl<'a> Reader<'a> {
    pub(crate) fn wrong(&self, key: &str, what: impl std::fmt::Display) -> String {
        format!("{}: {}.{key}: {what}", self.file.display(), self.name)
    }

    pub(crate) fn text(&self, key: &str) -> Option<&'a str> {
        self.keys.get(key).and_then(Value::as_str)
    }

    fn needed(&self, key: &str) -> Result<&'a str, String> {
        let missing = || self.wrong(key, format!("missing; write {}", right(self.name, key)));
        self.text(key).ok_or_else(missing)
    }

    pub(crate) fn flag(&self, key: &str) -> Option<bool> {
        self.keys.get(key).and_then(Value::as_bool)
    }

    pub(crate) fn texts(&self, key: &str) -> Vec<String> {
        let texts = self.keys.get(key).and_then(Value::as_array).map(Vec::as_slice);
        let texts = texts.unwrap_or_default();
        texts.iter().filter_map(Value::as_str).map(str::to_owned).collect()
    }

    pub(crate) fn path(&self, key: &str) -> Option<PathBuf> {
        self.text(key).map(|path| beside(self.file, path))
    }

    pub(crate) fn currency(&self, key: &str, text: &str) -> Result<Currency, String> {
        text.parse()
            .map_err(|_| self.wrong(key, format!("not usable; write {}", right(self.name, key))))
    }
}

impl Terminal {
    pub(crate) fn read(section: &Reader<'_>) -> Result<Self, String> {
        let word = |key, default: &str| section.text(key).unwrap_or(default).to_owned();
        let wait_s = section.keys.get("wait_s").and_then(Value::as_integer).unwrap_or(120);
        let journal = beside(section.file, section.text("journal").unwrap_or("till.sqlite"));
        Ok(Self {
            id: word("id", "T-1"),
            currency: section.currency("currency", section.needed("currency")?)?,
            language: word("language", "en").parse().unwrap_or(Language::En),
            rail: word("rail", "octo"),
            journal,
            wait_ms: u64::try_from(wait_s).unwrap_or(120).saturating_mul(1_000),
            give_back: section.text("late_payment") != Some("report"),
            foreign_refunds: section.flag("foreign_refunds").unwrap_or(false),
        })
    }
}

impl Octo {
    pub(crate) fn read(section: &Reader<'_>) -> Result<Self, String> {
        let (secret, secret_file) = secret(section, "client_secret", "client_secret_file")?;
        let mut settings = OctoSettings::new(
            section.needed("base_url")?,
            section.needed("client_id")?,
            secret,
            section.needed("user_id")?,
            section.text("region").unwrap_or("UZ"),
        );
        settings.live = section.flag("live").unwrap_or(false);
        if section.text("terminal_type") == Some("APP") {
            settings.terminal_type = TerminalType::App;
        }
        if let Some(agent) = section.text("user_agent") {
            agent.clone_into(&mut settings.user_agent);
        }
        let named_ip = match section.text("client_ip") {
            None => None,
            Some(text) => {
                let wrong = || format!("not usable; write {}", right("octo", "client_ip"));
                Some(text.parse().map_err(|_| section.wrong("client_ip", wrong()))?)
            }
        };
        if let Some(ip) = named_ip {
            settings.client_ip = ip;
        }
        open_with_the_bank(section, &mut settings)?;
        let extra_roots_pem = extra_roots(section)?;
        if let Some(wrong) = settings.check().into_iter().next() {
            return Err(format!("{}: {wrong}", section.file.display()));
        }
        Ok(Self { settings, extra_roots_pem, secret_file, own_ip: named_ip.is_none() })
    }
}

/// Reads the settings for what the bank's document leaves open.
fn open_with_the_bank(section: &Reader<'_>, settings: &mut OctoSettings) -> Result<(), String> {
    settings.qr_user_id = section.text("qr_user_id").map(str::to_owned);
    settings.perform_before_scan =
        section.flag("perform_before_scan").unwrap_or(settings.perform_before_scan);
    settings.open_codes = section.texts("open_codes");
    settings.final_codes = section.texts("final_codes");
    settings.expired_codes = section.texts("expired_codes");
    settings.request_codes = section.texts("request_codes");
    settings.exists_codes = section.texts("exists_codes");
    settings.refund_inquiry = section.flag("refund_inquiry").unwrap_or(settings.refund_inquiry);
    if section.text("refund_sum") == Some("payment") {
        settings.refund_sum = RefundSum::Payment;
    }
    for currency in section.texts("exponents_confirmed") {
        let currency = section.currency("exponents_confirmed", &currency)?;
        settings.exponents_confirmed.push(currency);
    }
    settings.declined_is_payable =
        section.flag("declined_is_payable").unwrap_or(settings.declined_is_payable);
    if section.text("push_answer") == Some("result") {
        settings.push_answer = PushAnswer::Result;
    }
    Ok(())
}

/// Reads a secret, from its file or from the key itself, and says which file holds it.
pub(crate) fn secret(
    section: &Reader<'_>,
    key: &str,
    file_key: &str,
) -> Result<(Secret<String>, PathBuf), String> {
    match (section.path(file_key), section.text(key)) {
        (Some(_), Some(_)) => {
            Err(section.wrong(key, format!("{file_key} is there too; keep one of them")))
        }
        (Some(path), None) => {
            let secret = read_secret(&path).map_err(|what| section.wrong(file_key, what))?;
            Ok((secret, path))
        }
        (None, Some(secret)) => Ok((Secret::new(secret.to_owned()), section.file.to_owned())),
        (None, None) => {
            let right = right(section.name, file_key);
            Err(section.wrong(file_key, format!("missing; write {right}")))
        }
    }
}

/// Reads the certificates that are trusted beside the public ones.
pub(crate) fn extra_roots(section: &Reader<'_>) -> Result<Option<Vec<u8>>, String> {
    let Some(path) = section.path("extra_roots") else { return Ok(None) };
    read_roots(&path).map(Some).map_err(|what| section.wrong("extra_roots", what))
}
