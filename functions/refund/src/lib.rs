//! One step of a refund.
