//! What Bubuh's code relies on of the services, asked of the fakes and of the emulator alike.
//!
//! A behaviour is a function over a [`Side`](sides::Side) that speaks the real SDK clients; it runs
//! once with the fake cloud as their network and once against the emulator. Where one of the two is
//! known not to do what AWS does, [`differs`] says so by name, and the run demands to see just that.
//!
//! What no emulator does of itself (throttling, conflicts, lost replies) the fakes do on demand;
//! [`injected`] shows that the clients read it as AWS's own.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    missing_docs
)]

/// Each behaviour as two tests, one for each side, and the names of them all.
macro_rules! on_both_sides {
    ($($behaviour:ident,)*) => {
        pub(crate) const NAMES: &[&str] = &[$(stringify!($behaviour)),*];
        mod fake {
            $(#[test]
            fn $behaviour() {
                let name = stringify!($behaviour);
                crate::sides::check(crate::sides::Which::Fake, name, super::$behaviour);
            })*
        }
        mod emulator {
            $(#[test]
            fn $behaviour() {
                let name = stringify!($behaviour);
                crate::sides::check(crate::sides::Which::Emulator, name, super::$behaviour);
            })*
        }
    };
}

mod differs;
mod gateway;
mod injected;
mod issuer;
mod machines;
#[path = "../faults/make.rs"]
#[allow(dead_code)] // shared with the other tests
mod make;
mod queues;
mod sides;
mod storage;
mod table;

#[test]
fn every_difference_is_of_a_behaviour_that_is_tested() {
    let names = [
        table::NAMES,
        storage::NAMES,
        machines::NAMES,
        &[queues::NAMES],
    ]
    .concat();
    let names = names.concat();
    for difference in differs::DIFFERENCES {
        assert!(names.contains(&difference.behaviour), "{difference:?}");
    }
}
