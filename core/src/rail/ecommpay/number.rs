//! How PHP writes a number that it read from JSON: `(string)` with its default precision of 14.

/// The digits that PHP keeps.
const PRECISION: i32 = 14;

/// Gives PHP's characters for a JSON number; `None` if they are those that it was written with.
pub(super) fn php(written: &str) -> Option<String> {
    let is_integer = written.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-');
    if is_integer && written.parse::<i64>().is_ok() {
        return None;
    }
    let float: f64 = written.parse().ok()?;
    let (sign, digits, point) = digits(float)?;
    let text = format!("{sign}{}", placed(&digits, point));
    (text != written).then_some(text)
}

/// Gives the sign, the significant digits, and how many of them stand before the point.
fn digits(float: f64) -> Option<(&'static str, String, i32)> {
    let sign = if float.is_sign_negative() { "-" } else { "" };
    let text = format!("{:.13e}", float.abs());
    let (mantissa, exponent) = text.split_once('e')?;
    let digits: String = mantissa.chars().filter(char::is_ascii_digit).collect();
    let digits = digits.trim_end_matches('0');
    if digits.is_empty() {
        return Some((sign, "0".to_owned(), 1));
    }
    Some((sign, digits.to_owned(), exponent.parse::<i32>().ok()?.checked_add(1)?))
}

fn placed(digits: &str, point: i32) -> String {
    if !(-3..=PRECISION).contains(&point) {
        return scientific(digits, point);
    }
    match usize::try_from(point) {
        Ok(before) if before >= digits.len() => format!("{digits:0<before$}"),
        Ok(0) => format!("0.{digits}"),
        Ok(before) => {
            let (whole, part) = digits.split_at(before);
            format!("{whole}.{part}")
        }
        Err(_) => {
            let zeros = usize::try_from(point.unsigned_abs()).unwrap_or(0);
            format!("0.{}{digits}", "0".repeat(zeros))
        }
    }
}

fn scientific(digits: &str, point: i32) -> String {
    let (first, rest) = digits.split_at(1);
    let rest = if rest.is_empty() { "0" } else { rest };
    let exponent = point - 1;
    let sign = if exponent < 0 { '-' } else { '+' };
    format!("{first}.{rest}E{sign}{}", exponent.unsigned_abs())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn floats_are_written_as_php_writes_them() {
        for (written, expected) in [
            ("10.0", "10"),
            ("1e+21", "1.0E+21"),
            ("1e14", "1.0E+14"),
            ("1e13", "10000000000000"),
            ("123456789012345.0", "1.2345678901234E+14"),
            ("0.00010", "0.0001"),
            ("0.00001", "1.0E-5"),
            ("-0.0", "-0"),
            ("0.0", "0"),
            ("1.23456789012345678", "1.2345678901235"),
            ("9223372036854775808", "9.2233720368548E+18"),
            ("1.50", "1.5"),
            ("1E2", "100"),
        ] {
            assert_eq!(php(written).as_deref(), Some(expected), "{written}");
        }
    }

    #[test]
    fn what_php_writes_alike_needs_no_second_look() {
        for same in ["0", "-5", "9223372036854775807", "10.5", "0.1", "-0"] {
            assert_eq!(php(same), None, "{same}");
        }
    }
}
