//! A fault at every call, and everything twice.

use bubuh_faults::{
    cloud::Plan,
    driver::Times,
    story,
    unwind::{Setting, exhaust, run},
    world::Retries,
};

macro_rules! every_fault_at_every_call {
    ($($name:ident: $chapter:ident;)*) => { $(
        #[test]
        fn $name() {
            let start = std::time::Instant::now();
            let runs = exhaust(story::$chapter, Setting::BARE, |_, _| true);
            println!("{runs} runs in {:?}", start.elapsed());
        }
    )* };
}

every_fault_at_every_call! {
    a_plain_document_survives_every_fault: PLAIN;
    a_file_in_chunks_survives_every_fault: IN_CHUNKS;
    a_waiting_document_survives_every_fault: WAITS;
    a_refused_document_survives_every_fault: REFUSED;
    a_document_at_a_remote_issuer_survives_every_fault: REMOTE;
    a_document_at_an_issuer_that_makes_serials_later_survives_every_fault: REMOTE_BATCH;
    a_regretted_document_survives_every_fault: REGRETTED;
    what_is_erased_stays_away_whatever_fails: ERASED;
    a_document_before_the_first_serials_survives_every_fault: NO_SERIALS;
    a_wrong_amount_survives_every_fault: WRONG_AMOUNT;
    a_wrong_transfer_survives_every_fault: WRONG_TRANSFER;
    a_payment_of_a_cancelled_order_survives_every_fault: CANCELLED;
    a_late_payment_survives_every_fault: LATE;
    a_stamp_asked_back_survives_every_fault: UNUSED;
    a_dispute_that_is_won_survives_every_fault: WON;
    a_dispute_that_is_lost_survives_every_fault: LOST;
    a_refund_by_hand_survives_every_fault: BY_HAND;
    stamps_that_are_kept_survive_every_fault: KEPT;
    what_is_to_be_told_survives_every_fault: TOLD;
    a_refund_in_the_dashboard_survives_every_fault: DASHBOARD;
}

#[test]
fn everything_may_come_twice() {
    let twice = Setting {
        times: Times::Twice,
        retries: Retries::None,
    };
    for chapter in story::ALL {
        let outcome = run(&[*chapter], twice, Plan::none());
        assert!(
            outcome.problems.is_empty(),
            "{}: {:#?}",
            chapter.name,
            outcome.problems
        );
    }
}
