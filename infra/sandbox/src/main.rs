//! A payment gateway sandbox with faults on demand.

fn main() {}
