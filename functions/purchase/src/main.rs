//! Orders, charges and payment notifications.

fn main() {}
