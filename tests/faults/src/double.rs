//! The parts that are not under test: a check of files, an issuer, a mint.

use bubuh_core::{
    document::{Place, Placement, Reason},
    id::Serial,
};
use bubuh_steps::Preflight;
use bubuh_store::{
    Error,
    issuer::{Affix, Affixed, Affixer, Mint, Minted},
};
use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

/// In a file: preflight refuses it.
pub const UNFIT: &[u8] = b"UNFIT";
/// In a file: preflight lets it pass, and the issuer refuses it.
pub const UNSTAMPABLE: &[u8] = b"UNSTAMPABLE";

fn contains(bytes: &[u8], word: &[u8]) -> bool {
    bytes.windows(word.len()).any(|w| w == word)
}

fn reason(code: &str) -> Reason {
    Reason {
        code: code.to_owned(),
        message_id: "Tidak bisa dibubuhi.".to_owned(),
        message_en: "It can't be stamped.".to_owned(),
    }
}

/// In a file: the issuer refuses it every other time, as remote ones may.
pub const MOODY: &[u8] = b"MOODY";

/// A check of files by a word in them.
#[derive(Debug, Clone, Copy)]
pub struct WordCheck;

impl Preflight for WordCheck {
    fn check(&self, file: Vec<u8>, _: &Placement) -> Result<Place, Reason> {
        if contains(&file, UNFIT) && !contains(&file, UNSTAMPABLE) {
            return Err(reason("unfit"));
        }
        Ok(Place {
            page: 1,
            rect_millipt: [0, 0, 62_362, 62_362],
            free: true,
        })
    }
}

/// An issuer whose every call gives other bytes, as remote signers do: nothing may rest on two
/// calls giving the same file.
#[derive(Debug, Clone, Default)]
pub struct FickleIssuer {
    calls: Arc<AtomicU64>,
}

fn head(request: &Affix) -> String {
    format!(
        "STAMPED {} {} {} ",
        request.serial, request.source_sha256, request.affixing.at_ms
    )
}

/// The serial on a stamped file.
#[must_use]
pub fn serial_of(stamped: &[u8]) -> Option<Serial> {
    if stamped.starts_with(b"%PDF") {
        let report = bubuh_pdf::verify(stamped, &[]);
        return Serial::new(report.stamps.last()?.serial.clone()).ok();
    }
    let text = std::str::from_utf8(stamped).ok()?;
    Serial::new(text.strip_prefix("STAMPED ")?.split(' ').next()?).ok()
}

impl FickleIssuer {
    /// How often a stamp was made.
    #[must_use]
    pub fn calls(&self) -> u64 {
        self.calls.load(Ordering::SeqCst)
    }
}

impl Affixer for FickleIssuer {
    async fn affix(&self, source: Vec<u8>, request: &Affix) -> Result<Affixed, Error> {
        if contains(&source, UNSTAMPABLE) {
            return Ok(Affixed::Refused(reason("unstampable")));
        }
        let call = self.calls.fetch_add(1, Ordering::SeqCst);
        if contains(&source, MOODY) && call % 2 == 1 {
            return Ok(Affixed::Refused(reason("moody")));
        }
        let mut bytes = format!("{}call {call}\n", head(request)).into_bytes();
        bytes.extend(source);
        Ok(Affixed::File(bytes))
    }

    fn check(&self, stored: &[u8], source_size_bytes: u64, request: &Affix) -> Result<(), Error> {
        let size = u64::try_from(stored.len()).unwrap_or_default();
        if stored.starts_with(head(request).as_bytes()) && size > source_size_bytes {
            Ok(())
        } else {
            Err(Error::Unreadable {
                what: request.serial.to_string(),
                why: "another stamp, or another file".to_owned(),
            })
        }
    }

    fn key_id(&self) -> &str {
        "key-1"
    }
}

/// A mint of serials numbered in order. Like the real one it has no idempotency: whoever loses its
/// reply has lost serials.
#[derive(Debug, Clone, Default)]
pub struct CountingMint {
    minted: Arc<AtomicU64>,
}

impl CountingMint {
    /// Leaves out numbers that are in stock already.
    pub(crate) fn skip(&self, count: u64) {
        self.minted.fetch_add(count, Ordering::SeqCst);
    }
}

impl Mint for CountingMint {
    async fn mint(&self, count: usize) -> Result<Minted, Error> {
        let serials = (0..count).map(|_| {
            let n = self.minted.fetch_add(1, Ordering::SeqCst);
            Ok(Serial::new(format!("SERIAL-{n:06}"))?)
        });
        Ok(Minted {
            serials: serials.collect::<Result<_, Error>>()?,
            ..Minted::default()
        })
    }
}
