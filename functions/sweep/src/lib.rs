//! Scheduled repair: expire, resend, free and reconcile.
