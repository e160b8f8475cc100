//! Documents that wait for stamps which nobody has bought.

use super::given::{offered, row};
use crate::make;
use bubuh_core::{
    document::{DocumentState, Lacks, WAITING_MAX},
    write::Write,
};
use bubuh_faults::world::{Retries, World, in_virtual_time};
use bubuh_steps::Accepted;

/// Writes of a transaction.
const AT_ONCE: usize = 50;

#[test]
fn as_many_documents_as_may_wait_unpaid_and_the_next_one_is_refused_with_what_to_do() {
    in_virtual_time(|| async {
        let world = World::new(1, Retries::None);
        // All but one; nothing is read of them but that they are listed.
        let listed: Vec<Write> = (1..WAITING_MAX)
            .map(|n| Write::List {
                account: make::account("ani"),
                document: make::document_id(&format!("waits {n}")),
            })
            .collect();
        for some in listed.chunks(AT_ONCE) {
            world.table().commit(some).await.unwrap();
        }
        let waits = Accepted::Waiting(Lacks::Stamp);
        assert_eq!(offered(&world, "ani", 1).await, waits, "the last that may");
        assert_eq!(offered(&world, "ani", 2).await, Accepted::Rejected);
        let refused = row(&world, 2).await;
        let reason = refused.reason.unwrap();
        assert_eq!(
            (refused.state, reason.code.as_str()),
            (DocumentState::Rejected, "too_many_unpaid")
        );
        assert!(reason.message_en.contains("1000") && reason.message_id.contains("1000"));
        assert_eq!(offered(&world, "budi", 3).await, waits, "another's account");
        // What waits goes on waiting when it is offered again.
        let first = world.intake();
        let again = first.accept(row(&world, 1).await.id, bubuh_steps::Delivery::First);
        assert_eq!(again.await.unwrap(), waits);
    });
}
