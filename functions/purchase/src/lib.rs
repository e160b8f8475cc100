//! Orders, charges and payment notifications.
