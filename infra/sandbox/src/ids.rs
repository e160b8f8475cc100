//! Ids without randomness.

use uuid::Uuid;

/// An id that depends on the seed and the number only.
pub(crate) fn uuid(seed: u64, number: u64) -> String {
    let name = [seed.to_be_bytes(), number.to_be_bytes()].concat();
    Uuid::new_v5(&Uuid::NAMESPACE_OID, &name).to_string()
}
