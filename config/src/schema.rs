//! The keys of the configuration: their names, their types, and what would be right.

use std::path::Path;

use toml::{Table, Value};

/// Is a section with its keys.
pub(crate) struct Section {
    pub(crate) name: &'static str,
    pub(crate) keys: &'static [Key],
}

/// Is a key, and what would be right for it, to follow the word "write".
#[derive(Debug)]
pub(crate) struct Key {
    pub(crate) name: &'static str,
    pub(crate) kind: Kind,
    pub(crate) right: &'static str,
}

/// Is the type of a key's value.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Kind {
    /// A text that is not empty.
    Text,
    /// One of these words.
    OneOf(&'static [&'static str]),
    /// true or false.
    Bool,
    /// A whole number from here to there.
    Number(i64, i64),
    /// Texts, none empty.
    Texts,
    /// A table with these keys.
    Table(&'static [Key]),
    /// A table with any keys: texts, whole numbers from 0, true and false.
    Free,
}

const fn key(name: &'static str, kind: Kind, right: &'static str) -> Key {
    Key { name, kind, right }
}

const BOOL: &str = "true or false";
const CODES: &str = "result codes of the bank, such as [\"NO_FUNDS\"]";

/// The longest wait for a customer, in seconds.
const WAIT_MAX_S: i64 = 3_600;

/// Every section that is known.
pub(crate) const SECTIONS: &[Section] = &[
    Section {
        name: "terminal",
        keys: &[
            key("id", Kind::Text, "a name for people, such as \"T-1\""),
            key("currency", Kind::Text, "three capital letters of ISO 4217, such as \"UZS\""),
            key("language", Kind::OneOf(&["en", "ru", "zh"]), "\"en\", \"ru\" or \"zh\""),
            key(
                "rail",
                Kind::OneOf(&["octo", "ecommpay", "gateway"]),
                "\"octo\", \"ecommpay\" or \"gateway\"",
            ),
            key("journal", Kind::Text, "a file name, such as \"till.sqlite\""),
            key("wait_s", Kind::Number(1, WAIT_MAX_S), "seconds from 1 to 3600, such as 120"),
            key("late_payment", Kind::OneOf(&["refund", "report"]), "\"refund\" or \"report\""),
            key("foreign_refunds", Kind::Bool, BOOL),
        ],
    },
    Section {
        name: "octo",
        keys: &[
            key("base_url", Kind::Text, "the bank's address, such as \"https://oi-dev.octo.uz\""),
            key("client_id", Kind::Text, "the client id from the bank"),
            key("client_secret_file", Kind::Text, "a file with the client secret alone in it"),
            key("client_secret", Kind::Text, "the client secret from the bank"),
            key("user_id", Kind::Text, "the user id from the bank, in quotation marks"),
            key("region", Kind::Text, "two capital letters of ISO 3166, such as \"UZ\""),
            key("live", Kind::Bool, "true only for a bank that moves real money, else false"),
            key("extra_roots", Kind::Text, "a PEM file with certificates to trust as well"),
            key("terminal_type", Kind::OneOf(&["POS", "APP"]), "\"POS\" or \"APP\""),
            key("user_agent", Kind::Text, "a name in ASCII, such as \"till/1.0\""),
            key("client_ip", Kind::Text, "this device's own address, such as \"192.168.0.10\""),
            key("qr_user_id", Kind::Text, "the id for get-qr-code, if the bank wants another one"),
            key("perform_before_scan", Kind::Bool, BOOL),
            key("open_codes", Kind::Texts, CODES),
            key("final_codes", Kind::Texts, CODES),
            key("expired_codes", Kind::Texts, CODES),
            key("request_codes", Kind::Texts, CODES),
            key("exists_codes", Kind::Texts, CODES),
            key("refund_inquiry", Kind::Bool, BOOL),
            key(
                "refund_sum",
                Kind::OneOf(&["withdrawal", "payment"]),
                "\"withdrawal\" or \"payment\"",
            ),
            key("exponents_confirmed", Kind::Texts, "currencies, such as [\"JPY\"]"),
            key("declined_is_payable", Kind::Bool, BOOL),
            key(
                "push_answer",
                Kind::OneOf(&["external_id", "result"]),
                "\"external_id\" or \"result\"",
            ),
        ],
    },
    Section {
        name: "ecommpay",
        keys: &[
            key("project_id", Kind::Number(1, i64::MAX), "the project's number, such as 201"),
            key("secret_file", Kind::Text, "a file with the project's secret alone in it"),
            key("secret", Kind::Text, "the project's secret key from ecommpay"),
            key("gate_url", Kind::Text, "an address, such as \"https://api.ecommpay.com\""),
            key(
                "payment_page_url",
                Kind::Text,
                "an address, such as \"https://paymentpage.ecommpay.com/payment\"",
            ),
            key("live", Kind::Bool, "true only for a project that moves real money, else false"),
            key("test_project", Kind::Bool, "true if project_id is the test project's, else false"),
            key("sale", Kind::OneOf(&["page", "gate"]), "\"page\" or \"gate\""),
            key("parameters", Kind::Free, "a table [ecommpay.parameters] of texts and numbers"),
            key("return_url", Kind::Text, "an address, such as \"https://shop.example/back\""),
            key(
                "return_url_success",
                Kind::Text,
                "an address, such as \"https://shop.example/ok\"",
            ),
            key(
                "callback_url",
                Kind::Text,
                "your gateway's address, such as \"https://till.example.com/ecommpay/callback\"",
            ),
            key("currencies", Kind::Texts, "those that are opened, such as [\"CNY\", \"USD\"]"),
            key("base_time_s", Kind::Number(1, i64::MAX), "seconds, such as 3600"),
            key("lifetime_s", Kind::Number(1, i64::MAX), "seconds, such as 1800"),
            key("declined_is_payable", Kind::Bool, BOOL),
            key("extra_roots", Kind::Text, "a PEM file with certificates to trust as well"),
            key("customer", Kind::Table(CUSTOMER), "a table [ecommpay.customer]"),
        ],
    },
    Section {
        name: "alipayplus",
        keys: &[
            key("client_id", Kind::Text, "the client id from Alipay+"),
            key("env", Kind::OneOf(&["DEV", "PROD"]), "\"DEV\" or \"PROD\", as the bank's host"),
            key("site_name", Kind::Text, "the shop's name"),
        ],
    },
    Section {
        name: "gateway",
        keys: &[
            key("url", Kind::Text, "an address, such as \"https://till.example.com\""),
            key("token_file", Kind::Text, "a file with this device's token alone in it"),
            key("extra_roots", Kind::Text, "a PEM file with certificates to trust as well"),
            key("rail", Kind::Text, "one of the gateway's acquirers, such as \"octo\""),
            key("sandbox", Kind::Bool, "true only for a gateway of the sandbox, else false"),
            key("listen", Kind::Text, "an address with a port, such as \"127.0.0.1:8080\""),
            key("certificate_file", Kind::Text, "a PEM file with the gateway's certificates"),
            key("key_file", Kind::Text, "a PEM file with the certificate's private key"),
            key("behind_proxy", Kind::Bool, BOOL),
            key(
                "database",
                Kind::Text,
                "a file, or an address such as \"postgres://till@db/till\"",
            ),
            key("database_password_file", Kind::Text, "a file with the password alone in it"),
            key("database_notify", Kind::Bool, "false only for a database without LISTEN"),
            key("lease_s", Kind::Number(2, 300), "seconds from 2 to 300, such as 10"),
            key("requests_per_second", Kind::Number(1, 10_000), "a number, such as 20"),
        ],
    },
];

const CUSTOMER: &[Key] = &[
    key("id", Kind::Text, "the customer's id for the bank, such as \"walk-in\""),
    key("ip_address", Kind::Text, "an address, such as \"192.0.2.1\""),
    key("email", Kind::Text, "an e-mail address"),
    key("phone", Kind::Text, "a phone number in digits"),
    key("first_name", Kind::Text, "a name"),
    key("last_name", Kind::Text, "a name"),
    key("country", Kind::Text, "two capital letters of ISO 3166, such as \"UZ\""),
    key("city", Kind::Text, "a town"),
    key("street", Kind::Text, "a street and a number"),
    key("zip", Kind::Text, "a postal code"),
];

/// Gives what would be right for a key; empty for an unknown one.
pub(crate) fn right(section: &str, name: &str) -> &'static str {
    let section = SECTIONS.iter().find(|known| known.name == section);
    let key = section.and_then(|section| section.keys.iter().find(|key| key.name == name));
    key.map_or("", |key| key.right)
}

/// Checks that every key is known and has the right type.
pub(crate) fn check(file: &Path, table: &Table) -> Result<(), String> {
    let wrong = |text: String| format!("{}: {text}", file.display());
    for (name, value) in table {
        let Some(section) = SECTIONS.iter().find(|section| section.name == *name) else {
            return Err(wrong(unknown_section(name, value)));
        };
        let Value::Table(keys) = value else {
            return Err(wrong(format!("{name}: it is a section: write [{name}] above its keys")));
        };
        check_keys(name, section.keys, keys).map_err(wrong)?;
    }
    Ok(())
}

fn check_keys(path: &str, known: &[Key], keys: &Table) -> Result<(), String> {
    for (name, value) in keys {
        let Some(key) = known.iter().find(|key| key.name == *name) else {
            return Err(unknown_key(path, name, known));
        };
        let path = format!("{path}.{name}");
        if let (Kind::Free, Value::Table(keys)) = (key.kind, value) {
            if let Some(name) = keys.iter().find(|(_, value)| !plain(value)).map(|(name, _)| name) {
                return Err(format!("{path}.{name}: not usable; write a text, a number or true"));
            }
        } else if let (Kind::Table(known), Value::Table(keys)) = (key.kind, value) {
            check_keys(&path, known, keys)?;
        } else if !fits(key.kind, value) {
            // The value may be a secret in the wrong place: it is not repeated.
            return Err(format!("{path}: not usable; write {}", key.right));
        }
    }
    Ok(())
}

fn fits(kind: Kind, value: &Value) -> bool {
    let full = |text: &str| !text.trim().is_empty();
    match kind {
        Kind::Text => value.as_str().is_some_and(full),
        Kind::OneOf(words) => value.as_str().is_some_and(|word| words.contains(&word)),
        Kind::Bool => value.is_bool(),
        Kind::Number(least, most) => {
            value.as_integer().is_some_and(|number| (least..=most).contains(&number))
        }
        Kind::Texts => value
            .as_array()
            .is_some_and(|texts| texts.iter().all(|text| text.as_str().is_some_and(full))),
        Kind::Table(_) | Kind::Free => false,
    }
}

fn plain(value: &Value) -> bool {
    value.is_str() || value.is_bool() || value.as_integer().is_some_and(|number| number >= 0)
}

fn unknown_section(name: &str, value: &Value) -> String {
    if !value.is_table() {
        let owner = SECTIONS.iter().find(|one| one.keys.iter().any(|key| key.name == name));
        return match owner {
            Some(owner) => {
                format!("{name}: it stands outside its section; put it under [{}]", owner.name)
            }
            None => format!("{name}: unknown, and outside any section"),
        };
    }
    match nearest(name, SECTIONS.iter().map(|section| section.name)) {
        Some(near) => format!("{name}: unknown section; did you mean [{near}]?"),
        None => {
            let names: Vec<String> =
                SECTIONS.iter().map(|section| format!("[{}]", section.name)).collect();
            format!("{name}: unknown section; there are {}", names.join(", "))
        }
    }
}

fn unknown_key(path: &str, name: &str, known: &[Key]) -> String {
    if let Some(near) = nearest(name, known.iter().map(|key| key.name)) {
        return format!("{path}.{name}: unknown key; did you mean {path}.{near}?");
    }
    let elsewhere = SECTIONS.iter().find(|one| one.keys.iter().any(|key| key.name == name));
    if let Some(section) = elsewhere {
        return format!("{path}.{name}: unknown key; did you mean {}.{name}?", section.name);
    }
    let names: Vec<&str> = known.iter().map(|key| key.name).collect();
    format!("{path}.{name}: unknown key; there are {}", names.join(", "))
}

/// Finds the known name that was probably meant: at most a third of its letters differ.
fn nearest<'a>(name: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    known
        .map(|known| (distance(name, known), known))
        .filter(|(distance, known)| *distance <= known.len().div_ceil(3))
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, known)| known)
}

/// Counts the letters to insert, delete or replace that make one word of the other.
fn distance(one: &str, other: &str) -> usize {
    let other: Vec<char> = other.chars().collect();
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (line, letter) in one.chars().enumerate() {
        let mut next = vec![line + 1];
        for (place, pair) in row.windows(2).enumerate() {
            let [corner, above] = pair else { continue };
            let left = next.last().copied().unwrap_or_default();
            let change = usize::from(other.get(place) != Some(&letter));
            next.push((corner + change).min(above + 1).min(left + 1));
        }
        row = next;
    }
    row.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_distance_of_words() {
        assert_eq!(distance("", "abc"), 3);
        assert_eq!(distance("base_url", "base_url"), 0);
        assert_eq!(distance("baseurl", "base_url"), 1);
        assert_eq!(distance("clinet_id", "client_id"), 2);
    }

    #[test]
    fn the_nearest_name_is_only_told_if_it_is_near() {
        let known = ["client_id", "client_secret", "live"];
        assert_eq!(nearest("clinet_id", known.into_iter()), Some("client_id"));
        assert_eq!(nearest("password", known.into_iter()), None);
    }
}
