//! The journals: one suite for each of them, the stored forms, and the crashes of the memory one.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test fails by panicking"
)]

#[path = "journal/bench.rs"]
mod bench;
#[path = "journal/crash.rs"]
mod crash;
#[path = "journal/model.rs"]
mod model;
#[path = "journal/samples.rs"]
mod samples;
#[path = "journal/stored.rs"]
mod stored;
#[path = "journal/suite.rs"]
mod suite;

macro_rules! run {
    ($bench:ident: $($test:ident)*) => {
        $(#[test]
        fn $test() {
            crate::suite::$test(&mut crate::bench::$bench::new());
        })*
    };
}

macro_rules! suite {
    ($($test:ident)*) => {
        mod memory {
            run!(MemoryBench: $($test)*);
        }
        mod sqlite {
            run!(SqliteBench: $($test)*);
        }
        #[cfg(feature = "postgres")]
        mod postgres {
            run!(PostgresBench: $($test)*);
        }
    };
}

suite! {
    every_state_is_read_as_it_was_written
    an_operation_changes_in_its_place
    what_is_not_there_is_not_found
    a_request_is_found_by_caller_action_and_id
    pays_are_found_by_request_id_whoever_asked
    a_request_used_for_ever_gives_the_newest_and_the_open
    refunds_of_a_payment_come_oldest_first
    open_operations_come_oldest_first
    history_comes_newest_first
    a_search_looks_at_everything
    events_are_numbered_within_the_operation
    an_external_id_is_taken_once
    what_was_ordered_never_changes
    a_write_is_all_or_nothing
    one_write_may_change_an_operation_twice
    everything_is_there_after_reopening
    odd_texts_are_kept
    a_whole_check_counts
    more_operations_than_it_remembers
    what_a_group_wrote_is_read_at_once_and_is_there_afterwards
    a_part_of_a_group_that_conflicts_leaves_the_rest
    a_group_that_never_ended_left_nothing
}
