//! What is uploaded: mostly letters, some real files, some that deserve to be refused.

use bubuh::sample::letter_of;
use bubuh_corpus::{corpus, pdfs_below, tools};
use bubuh_pdf::{Placement, preflight};

/// Small, so that the run is about many documents and not about large ones.
const SMALL_BYTES: usize = 20_000;

/// A kind of upload.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// A letter with a number of its own.
    Letter,
    /// A real file; a letter where there is no corpus.
    Real,
    /// No PDF at all.
    NotPdf,
    /// Encrypted by nobody knows what.
    Encrypted,
    /// Its end is missing.
    CutOff,
}

impl Kind {
    /// The kind of the nth document: 10 % real files, 6 % that deserve to be refused.
    pub(super) const fn of(n: usize) -> Self {
        match n % 50 {
            7 | 17 | 27 | 37 | 47 => Self::Real,
            3 => Self::NotPdf,
            23 => Self::Encrypted,
            43 => Self::CutOff,
            _ => Self::Letter,
        }
    }

    /// Why it must be refused.
    pub(super) const fn refused(self) -> Option<&'static str> {
        match self {
            Self::Letter | Self::Real => None,
            Self::NotPdf => Some("not_pdf"),
            Self::Encrypted => Some("unknown_encryption"),
            Self::CutOff => Some("damaged_xref"),
        }
    }
}

/// Makes uploads.
pub(super) struct Files {
    real: Vec<Vec<u8>>,
}

impl Files {
    pub(super) fn new() -> Self {
        let folder = corpus().map(|folder| folder.join("sample-files"));
        let paths = folder.and_then(|folder| pdfs_below(&folder).ok());
        let checkable = tools::has("qpdf");
        let real = paths
            .unwrap_or_default()
            .into_iter()
            .filter(|path| checkable && tools::qpdf_check(path).is_ok_and(|(c, _)| c == Some(0)))
            .filter_map(|path| std::fs::read(path).ok())
            .filter(|bytes| bytes.len() <= SMALL_BYTES)
            .filter(|bytes| preflight(&bytes.clone().into(), &Placement::default()).is_ok())
            .collect();
        Self { real }
    }

    pub(super) fn bytes(&self, kind: Kind, n: usize) -> Vec<u8> {
        let letter = letter_of(&format!("Nomor {n}"));
        match kind {
            Kind::Letter => letter,
            Kind::Real => match self.real.len() {
                0 => letter,
                len => self.real[n % len].clone(),
            },
            Kind::NotPdf => format!("Ini bukan PDF, nomor {n}").into_bytes(),
            Kind::Encrypted => {
                let text = String::from_utf8_lossy(&letter);
                text.replace("/Root 1 0 R", "/Root 1 0 R /Encrypt 3 0 R")
                    .into_bytes()
            }
            Kind::CutOff => letter[..letter.len() / 2].to_vec(),
        }
    }
}
