//! Scheduled repair: expire, resend, free and reconcile.

fn main() {}
