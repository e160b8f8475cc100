//! The bubuh command.

fn main() {}
