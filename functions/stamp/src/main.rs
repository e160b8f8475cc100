//! Stamping: claim, affix, store and commit.

fn main() {}
