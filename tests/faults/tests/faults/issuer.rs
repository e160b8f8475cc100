//! A remote issuer without idempotency keys, that loses answers: no serial that was paid for is lost or burnt.

use bubuh_faults::{
    many::{Setting, run},
    remote::Serials,
};

fn all_is_somewhere(seed: u64, serials: Serials) {
    let counted = run(Setting {
        seed,
        documents: 100,
        more: 20,
        per_mille: 25,
        serials,
    });
    println!("{counted}");
    assert!(counted.problems.is_empty(), "{:#?}", counted.problems);
    assert_eq!(counted.documents, 100);
    assert!(counted.minted >= 120 && counted.stamped == 100, "{counted}");
    assert!(
        counted.faults > 50 && counted.issuer_faults > 5,
        "{counted}"
    );
}

#[test]
fn each_serial_asked_for_alone_is_on_its_document_or_in_the_inventory_whatever_is_lost() {
    all_is_somewhere(1, Serials::Single);
}

#[test]
fn each_serial_of_a_batch_is_on_its_document_or_in_the_inventory_whatever_is_lost() {
    all_is_somewhere(2, Serials::Batch);
}
