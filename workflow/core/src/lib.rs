//! The rules of Bubuh: pure state machines, ledger and ids.
