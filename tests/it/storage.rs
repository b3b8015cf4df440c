//! The state layer and the copy against two blob services: the simulated one and Azurite.
//!
//! One list of cases for both. What holds on only one of them is no fact to build on. Azurite runs where
//! `LIFTLOCK_AZURITE` names its executable.

mod azurite;
mod copies;
mod entra;
mod journals;
mod leases;
mod line;
mod listings;
mod sas;
mod service;

use azurite::Azurite;
pub(crate) use entra::Entra;
use service::Service;

macro_rules! cases {
    ($($group:ident: $($case:ident),+;)+) => {
        mod simulated {
            use super::Service;

            $($(
                #[tokio::test]
                async fn $case() {
                    super::$group::$case(&Service::simulated().await).await;
                }
            )+)+
        }

        async fn every_case(service: &Service) -> u32 {
            let mut passed = 0;
            $($(
                println!("{}", stringify!($case));
                $group::$case(service).await;
                passed += 1;
            )+)+
            passed
        }
    };
}

cases! {
    journals:
        an_append_counts_only_at_the_length_that_was_read,
        of_two_writers_one_learns_that_it_is_stale,
        a_lost_answer_is_one_append,
        a_journal_is_made_once,
        a_journal_that_is_not_there_is_none,
        journals_that_are_begun_come_in_pages;
    listings:
        a_marker_is_read_as_it_was_written,
        whoever_read_an_older_marker_leaves_the_newer_one,
        open_markers_are_listed_with_what_they_say,
        closing_and_reopening_move_a_marker,
        what_was_written_since_keeps_its_open_marker,
        a_marker_that_is_there_is_left,
        closed_markers_come_in_pages,
        a_closed_marker_is_mended_only_as_it_was_read,
        markers_of_all_months_come_with_their_month,
        an_event_is_kept_once,
        an_event_is_read_back_by_its_key,
        events_come_in_pages_by_day,
        a_watermark_moves_forward_and_goes_with_its_source;
    leases:
        a_lease_is_handed_over_and_remembered,
        of_two_takers_one_gets_the_lease,
        a_turn_is_written_over_what_was_read_and_beside_the_lease,
        everybody_signs_forms_with_one_key,
        a_key_that_is_easily_guessed_is_refused_by_its_name;
    copies:
        a_small_file_is_copied_with_its_metadata,
        a_file_of_many_blocks_is_copied_whole,
        an_empty_file_is_copied,
        a_changed_source_is_refused,
        an_interrupted_copy_goes_on_where_it_was,
        blocks_that_wait_are_no_file_yet,
        a_copy_never_overwrites,
        a_copy_that_is_there_is_adopted;
}

#[tokio::test]
async fn the_simulated_service_takes_a_delegated_signature_for_a_source() {
    copies::a_delegated_signature_opens_the_source(&Service::simulated().await).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn azurite_answers_as_the_simulated_service_does() {
    let Some(azurite) = Azurite::start().await else {
        azurite::say_skipped();
        return;
    };
    let passed = every_case(&Service::on(azurite).await).await;
    assert!(passed > 20, "{passed} cases");
}
