//! The detached CMS signature of PAdES baseline B-B (ETSI EN 319 142-1; RFC 5652, RFC 5035).

mod build;
mod der;
mod read;

pub(crate) use build::{encode, signed_attributes, to_be_signed};
pub(crate) use read::Cms;
