//! One step of a refund.

fn main() {}
