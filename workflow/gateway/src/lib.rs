//! Payment gateway clients of Bubuh.
