//! The PDF stamp engine: bytes in, bytes out.
//!
//! [`preflight()`] tells whether and where a document can be stamped; [`stamp()`] appends one revision that shows the
//! stamp and signs the whole file (PAdES B-B or B-T); [`gate()`] checks a stored output; [`verify()`] tells anyone what a
//! stamped file proves.
//!
//! Invariants: no files, clock, threads, network or C code, so the crate also compiles to WebAssembly. The input is
//! an exact prefix of the output. The same input, request and in-memory key give the same bytes. A
//! damaged cross-reference is never patched: it is made anew as a whole when two readers see the same pages, or
//! the document is refused.

mod appearance;
mod certificate;
mod certification;
mod cms;
mod compose;
mod date;
mod digest;
mod dress;
mod error;
mod file;
mod form;
mod gate;
mod identity;
mod inspect;
mod limits;
mod opening;
mod place;
mod placement;
mod plan;
mod preflight;
mod refusal;
mod rehearsal;
mod request;
mod revision;
mod scene;
mod second_reader;
mod section;
mod signer;
mod source;
mod stamp;
mod structure;
mod syntax;
mod timestamp;
mod verify;

pub use appearance::{Picture, PictureError};
pub use certification::Certification;
pub use error::Error;
pub use gate::{Expectation, GateError, Gated, gate, gate_within};
pub use identity::{Certificates, Identity, development_certificates, development_identity};
pub use limits::Limits;
pub use opening::Opening;
pub use placement::{DEFAULT_SIDE_PT, LEAST_SIDE_PT, PageChoice, Placement, Rect};
pub use preflight::{Preflight, preflight, preflight_within};
pub use refusal::Refusal;
pub use request::{DocumentKind, StampRequest};
pub use signer::{LocalSigner, Seal, Signer, certificates_from_pem};
pub use source::Source;
pub use stamp::{Signed, Stamped, Unsigned, prepare, stamp, stamp_within};
pub use timestamp::{Rejection, TimestampAuthority, TimestampError, TimestampQuery};
pub use verify::{
    After, OtherSignature, Report, StampReport, TimestampReport, Trust, verify, verify_trusting,
    verify_within,
};
