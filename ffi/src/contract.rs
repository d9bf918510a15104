//! The number by which library and Kotlin code know that they were made of one interface.

/// Hash of all records, enums and their fields; till-bindgen computes it and says when it is old.
pub(crate) const CONTRACT: i64 = 0xf5a3b6ca6ff9f1;
