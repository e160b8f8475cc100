//! The signing adapter's codes: what each one makes Bubuh do, what the owner of the document is told, and what an
//! operator reads. `infra/ISSUER.md` is this table.

/// What Bubuh does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Does {
    /// Goes on with the file.
    Takes,
    /// Asks again, with the same serial and file, until it is done.
    AsksAgain,
    /// Refuses the document; its stamp and serial go back.
    Refuses,
    /// Stops after its tries and opens a case: only people can mend it.
    CallsPeople,
}

/// A code.
#[derive(Debug, Clone, Copy)]
pub struct Code {
    /// As the adapter writes it.
    pub code: &'static str,
    /// What Bubuh does.
    pub does: Does,
    /// What the owner is told, in Indonesian; empty where the document's state says it all: it is being stamped, or stalled
    /// and looked after.
    pub words_id: &'static str,
    /// The same in English.
    pub words_en: &'static str,
    /// What an operator reads.
    pub operator: &'static str,
}

const SIGNED_ID: &str = "Tanda tangan yang sudah ada pada dokumen ini rusak, sehingga penerbit tidak dapat \
                         membubuhkan meterai. Minta dokumen asli yang utuh, lalu unggah. Meterai Anda dikembalikan.";
const SIGNED_EN: &str = "A signature that is on this document already is broken, so the issuer can't stamp it. Ask for \
                         the intact original and upload that. The stamp was given back.";
const fn again(code: &'static str, operator: &'static str) -> Code {
    Code {
        code,
        does: Does::AsksAgain,
        words_id: "",
        words_en: "",
        operator,
    }
}

const fn people(code: &'static str, operator: &'static str) -> Code {
    Code {
        does: Does::CallsPeople,
        ..again(code, operator)
    }
}

const fn refuses(
    code: &'static str,
    words_id: &'static str,
    words_en: &'static str,
    operator: &'static str,
) -> Code {
    Code {
        code,
        does: Does::Refuses,
        words_id,
        words_en,
        operator,
    }
}

/// All codes that are known. Any other is taken for one that passes.
pub const CODES: &[Code] = &[
    Code {
        code: "00",
        does: Does::Takes,
        words_id: "",
        words_en: "",
        operator: "Signed.",
    },
    refuses(
        "80",
        SIGNED_ID,
        SIGNED_EN,
        "An earlier signature is broken.",
    ),
    refuses(
        "81",
        SIGNED_ID,
        SIGNED_EN,
        "An earlier signature is broken.",
    ),
    refuses(
        "82",
        "Penerbit tidak dapat membaca PDF ini (versi atau kata sandi). Simpan ulang sebagai PDF tanpa kata sandi, \
         lalu unggah. Meterai Anda dikembalikan.",
        "The issuer can't read this PDF (its version or password). Save it again as a PDF without a password and \
         upload that. The stamp was given back.",
        "PDF version or encryption that the adapter does not take.",
    ),
    refuses(
        "83",
        "Dokumen ini disertifikasi dan tidak boleh diubah, sehingga tidak dapat dibubuhi meterai. Minta salinan \
         tanpa sertifikasi. Meterai Anda dikembalikan.",
        "This document is certified and must not be changed, so it can't be stamped. Ask for a copy without \
         certification. The stamp was given back.",
        "Certified: no changes allowed.",
    ),
    people(
        "90",
        "A field is missing in our call: a fault of this release.",
    ),
    people(
        "91",
        "The signing profile is not known or not allowed: check the account at Peruri.",
    ),
    again("92", "Internal error at Peruri."),
    people(
        "93",
        "The serial or its certificate was not accepted: look it up at Peruri before anything else.",
    ),
    people(
        "94",
        "The certificate was not accepted: check the account at Peruri.",
    ),
    again("95", "Remote signing did not answer."),
    again("96", "Remote signing failed."),
    again(
        "97",
        "Abnormal end: signed perhaps. Asked again with retryFlag and the same serial.",
    ),
];

/// What is known of a code.
pub(super) fn known(code: &str) -> Code {
    let known = CODES.iter().find(|known| known.code == code);
    known
        .copied()
        .unwrap_or_else(|| again("?", "A code that is not known: asked again."))
}
