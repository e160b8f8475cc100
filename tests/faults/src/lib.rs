//! The fault harness: real handlers over in-process services.
