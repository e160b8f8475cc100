//! The detached CMS signature of PAdES baseline B-B and B-T (ETSI EN 319 142-1; RFC 5652, RFC 5035, RFC 3161), and
//! what others signed.

mod build;
pub(crate) mod der;
mod read;
mod signed;

pub(crate) use build::{Content, Signed, encode, signed_attributes, to_be_signed};
pub(crate) use read::Cms;
pub(crate) use signed::{SignedData, algorithm, oid};
