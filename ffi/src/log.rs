//! Android's log.
//!
//! Only Till's own lines are written: libraries would tell addresses and headers. Till's name
//! operations by their ids, users by the begin of a hash, and secrets not at all.

/// Sends the lines to Android's log under the tag `till`.
pub(crate) fn begin() {
    let filter = android_logger::FilterBuilder::new()
        .filter_level(log::LevelFilter::Off)
        .filter_module("till_core", log::LevelFilter::Info)
        .filter_module("till_ffi", log::LevelFilter::Info)
        .build();
    let config = android_logger::Config::default()
        .with_max_level(log::LevelFilter::Info)
        .with_tag("till")
        .with_filter(filter);
    android_logger::init_once(config);
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map(ToString::to_string).unwrap_or_default();
        // What a panic says may hold anything; where it happened is enough.
        log::error!("panic at {place}");
    }));
}
