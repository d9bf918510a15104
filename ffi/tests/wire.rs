//! Every type goes through the bytes and back.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    unreachable_pub,
    reason = "a test fails by panicking"
)]

mod samples;

use std::collections::BTreeSet;

use samples::Random;
use till_ffi::{Call, Event, HandOver, wire};

/// Random values from many seeds, each kind in turn.
fn values() -> impl Iterator<Item = (Call, Event, HandOver)> {
    (0..3_000_usize).map(|number| {
        let mut random = Random::new(u64::try_from(number).unwrap());
        (random.call(number), random.event(number), random.hand_over(number))
    })
}

#[test]
fn every_type_comes_back_as_it_went() {
    for (call, event, hand_over) in values() {
        assert!(wire::get::<Call>(&wire::put(call.clone())).unwrap() == call);
        assert_eq!(wire::get::<Event>(&wire::put(event.clone())).unwrap(), event);
        assert!(wire::get::<HandOver>(&wire::put(hand_over.clone())).unwrap() == hand_over);
    }
}

#[test]
fn the_samples_leave_no_kind_out() {
    let mut kinds: [BTreeSet<Vec<u8>>; 3] = Default::default();
    for (call, event, hand_over) in values() {
        // The match is here so that a new kind does not compile until the samples have it.
        match call {
            Call::Configure { .. }
            | Call::Run { .. }
            | Call::Again { .. }
            | Call::Draw { .. }
            | Call::Refuse { .. }
            | Call::Cancel { .. }
            | Call::Settle { .. }
            | Call::Choose { .. }
            | Call::HandedOver { .. }
            | Call::Returned { .. }
            | Call::Warm
            | Call::NetworkChanged
            | Call::Resume
            | Call::History { .. }
            | Call::Stop => kinds[0].insert(wire::put(call)[..4].to_vec()),
        };
        match event {
            Event::Stage { .. }
            | Event::Answer { .. }
            | Event::Operations { .. }
            | Event::Drawn { .. }
            | Event::Done
            | Event::Failed { .. } => kinds[1].insert(wire::put(event)[..4].to_vec()),
        };
        kinds[2].insert(wire::put(hand_over.what)[..4].to_vec());
    }
    assert_eq!(kinds.map(|kinds| kinds.len()), [15, 6, 3]);
}

#[test]
fn what_is_cut_short_or_too_long_is_refused() {
    for (_, event, _) in values().take(200) {
        let mut bytes = wire::put(event);
        for length in 0..bytes.len() {
            // Shortening never touches a length, so nothing is reserved for it.
            assert!(wire::get::<Event>(&bytes[..length]).is_err());
        }
        bytes.push(0);
        assert!(wire::get::<Event>(&bytes).is_err());
    }
}

#[test]
fn what_holds_secrets_prints_its_name_only() {
    for (call, _, hand_over) in values().take(100) {
        assert_eq!(format!("{call:?}"), "[Call]");
        assert_eq!(format!("{hand_over:?}"), "[HandOver]");
    }
}
