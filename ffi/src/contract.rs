//! The number by which library and Kotlin code know that they were made of one interface.

/// Hash of all records, enums and their fields; till-bindgen computes it and says when it is old.
pub(crate) const CONTRACT: i64 = 0x38b92aa3e3b856;
