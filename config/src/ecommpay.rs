//! The section `[ecommpay]`: what is not in it is as the rail's own settings have it.

use std::path::PathBuf;

use till_core::rail::ecommpay::{EcommpaySettings, Parameter, Sale};
use toml::{Table, Value};

use super::read::{Reader, extra_roots, secret};
use super::schema::right;

/// Is the section `[ecommpay]`.
#[derive(Clone, Debug)]
pub struct Ecommpay {
    /// What the rail is told.
    pub settings: EcommpaySettings,
    /// Certificates to trust beside the public ones.
    pub extra_roots_pem: Option<Vec<u8>>,
    /// The file that holds the secret.
    pub secret_file: PathBuf,
    /// Whether `customer.ip_address` is to be this device's own address.
    pub own_ip: bool,
}

impl Ecommpay {
    pub(crate) fn read(section: &Reader<'_>) -> Result<Self, String> {
        let (secret, secret_file) = secret(section, "secret", "secret_file")?;
        let project_id = number(section, "project_id").ok_or_else(|| {
            let missing = format!("missing; write {}", right("ecommpay", "project_id"));
            section.wrong("project_id", missing)
        })?;
        let mut settings = EcommpaySettings::new(project_id, secret);
        let put = |key: &str, place: &mut String| {
            if let Some(text) = section.text(key) {
                text.clone_into(place);
            }
        };
        put("gate_url", &mut settings.gate_url);
        put("payment_page_url", &mut settings.payment_page_url);
        settings.live = section.flag("live").unwrap_or(settings.live);
        settings.test_project = section.flag("test_project").unwrap_or(settings.test_project);
        if section.text("sale") == Some(Sale::Gate.as_str()) {
            settings.sale = Sale::Gate;
        }
        settings.return_url = section.text("return_url").map(str::to_owned);
        settings.return_url_success = section.text("return_url_success").map(str::to_owned);
        settings.callback_url = section.text("callback_url").map(str::to_owned);
        settings.base_time_s = number(section, "base_time_s").unwrap_or(settings.base_time_s);
        settings.lifetime_s = number(section, "lifetime_s").unwrap_or(settings.lifetime_s);
        settings.declined_is_payable =
            section.flag("declined_is_payable").unwrap_or(settings.declined_is_payable);
        let opened = section.texts("currencies");
        if !opened.is_empty() {
            let read = |code: &String| section.currency("currencies", code);
            settings.currencies = opened.iter().map(read).collect::<Result<_, _>>()?;
        }
        let own_ip = customer(section, &mut settings)?;
        for (name, value) in table(section, "parameters").into_iter().flatten() {
            let value = match value {
                Value::Boolean(flag) => Parameter::Flag(*flag),
                Value::Integer(number) => Parameter::Number(u64::try_from(*number).unwrap_or(0)),
                Value::String(text) => Parameter::Text(text.clone()),
                // The schema lets none of these through.
                Value::Float(_) | Value::Datetime(_) | Value::Array(_) | Value::Table(_) => {
                    continue;
                }
            };
            settings.parameters.insert(name.clone(), value);
        }
        let extra_roots_pem = extra_roots(section)?;
        if let Some(wrong) = settings.check().into_iter().next() {
            return Err(format!("{}: {wrong}", section.file.display()));
        }
        Ok(Self { settings, extra_roots_pem, secret_file, own_ip })
    }
}

/// Reads who pays; returns whether the address is to be found out.
fn customer(section: &Reader<'_>, settings: &mut EcommpaySettings) -> Result<bool, String> {
    let mut own_ip = true;
    for (name, value) in table(section, "customer").into_iter().flatten() {
        let Some(text) = value.as_str().map(str::to_owned) else { continue };
        match name.as_str() {
            "id" => settings.customer.id = Some(text),
            "ip_address" => {
                own_ip = false;
                settings.customer.ip_address = text.parse().map_err(|_| {
                    let wrong = "not usable; write an address, such as \"192.0.2.1\"";
                    section.wrong("customer.ip_address", wrong)
                })?;
            }
            _ => {
                settings.customer.more.insert(name.clone(), text);
            }
        }
    }
    Ok(own_ip)
}

fn table<'a>(section: &Reader<'a>, key: &str) -> Option<&'a Table> {
    section.keys.get(key).and_then(Value::as_table)
}

fn number(section: &Reader<'_>, key: &str) -> Option<u64> {
    section.keys.get(key).and_then(Value::as_integer).and_then(|number| u64::try_from(number).ok())
}
