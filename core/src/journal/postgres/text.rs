//! Texts as PostgreSQL takes them: it knows no NUL.

use std::borrow::Cow;

/// Writes a text without NUL.
pub(super) fn escape(text: &str) -> String {
    text.replace('\\', "\\\\").replace('\0', "\\0")
}

/// Reads what [`escape`] wrote; `None` if it never wrote this.
pub(super) fn unescape(text: &str) -> Option<Cow<'_, str>> {
    if !text.contains('\\') {
        return Some(Cow::Borrowed(text));
    }
    let mut plain = String::with_capacity(text.len());
    let mut letters = text.chars();
    while let Some(letter) = letters.next() {
        plain.push(match letter {
            '\\' => match letters.next()? {
                '\\' => '\\',
                '0' => '\0',
                _ => return None,
            },
            other => other,
        });
    }
    Some(Cow::Owned(plain))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_text_comes_back() {
        for text in ["", "a", "\0", "\\", "\\0", "a\\\\0\0b", "я\0"] {
            let written = escape(text);
            assert!(!written.contains('\0'));
            assert_eq!(unescape(&written).as_deref(), Some(text));
        }
        assert_eq!(unescape("\\"), None);
        assert_eq!(unescape("\\n"), None);
    }
}
