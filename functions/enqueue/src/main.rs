//! Document intake: upload links, preflight, reservation and queue.

fn main() {}
