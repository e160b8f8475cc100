//! Why a document cannot be stamped, in words for users.

use thiserror::Error;

/// A verdict about the document itself: trying again with the same bytes gives the same answer.
#[derive(Debug, Clone, PartialEq, Error)]
#[error("{}", self.message_en())]
pub enum Refusal {
    /// No PDF header near the start of the file.
    NotPdf,
    /// Bytes before `%PDF-`: readers disagree on what offsets count from.
    JunkBeforeHeader,
    /// The file is encrypted, and does not open without a password.
    NeedsPassword,
    /// The file is encrypted, and the password given is neither the user's nor the owner's.
    WrongPassword,
    /// The file is encrypted in a way that no password opens, such as for the holders of certificates.
    UnknownEncryption,
    /// Certified, or locked by a signature, with "no changes allowed" (ISO 32000-2, 12.8.2.2, P = 1).
    Certified,
    /// It was to be certified, which only a document without signatures can be.
    SignedBefore,
    /// The cross-reference cannot be read as written, and what stands in the file makes no whole that readers agree
    /// on, or is signed as it is.
    DamagedXref,
    /// The page tree holds no page.
    NoPage,
    /// The page is smaller than the stamp. Sides are in points.
    PageTooSmall {
        /// Width of the visible page, in points.
        width_pt: f64,
        /// Height of the visible page, in points.
        height_pt: f64,
    },
    /// The requested rectangle is too small for a QR code that can be scanned, or not a rectangle.
    RectTooSmall {
        /// Smallest side accepted, in points.
        least_pt: f64,
    },
    /// The phrase that marks the place is not on the pages looked at.
    AnchorNotFound {
        /// The phrase.
        phrase: String,
    },
    /// This document already carries this very serial.
    AlreadyStamped {
        /// The serial found.
        serial: String,
    },
    /// The file is larger than the limit.
    TooLarge {
        /// The limit, in bytes.
        limit_bytes: usize,
    },
    /// More pages than the limit.
    TooManyPages {
        /// The limit.
        limit: usize,
    },
    /// Reading the file would cost more memory or depth than allowed.
    TooComplex,
    /// A dynamic XFA form: the page is drawn by one vendor's viewer only.
    DynamicXfa,
    /// Two independent readers do not see the same pages, or would not once the document is stamped.
    ReadersDisagree,
    /// The file breaks the PDF rules where the stamp must go.
    Broken {
        /// What is broken, for logs.
        what: &'static str,
    },
}

impl Refusal {
    /// A stable name for programs.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::NotPdf => "not_pdf",
            Self::JunkBeforeHeader => "junk_before_header",
            Self::NeedsPassword => "needs_password",
            Self::WrongPassword => "wrong_password",
            Self::UnknownEncryption => "unknown_encryption",
            Self::Certified => "certified",
            Self::SignedBefore => "signed_before",
            Self::DamagedXref => "damaged_xref",
            Self::NoPage => "no_page",
            Self::PageTooSmall { .. } => "page_too_small",
            Self::RectTooSmall { .. } => "rect_too_small",
            Self::AnchorNotFound { .. } => "anchor_not_found",
            Self::AlreadyStamped { .. } => "already_stamped",
            Self::TooLarge { .. } => "too_large",
            Self::TooManyPages { .. } => "too_many_pages",
            Self::TooComplex => "too_complex",
            Self::DynamicXfa => "dynamic_xfa",
            Self::ReadersDisagree => "readers_disagree",
            Self::Broken { .. } => "broken",
        }
    }

    /// What is wrong and what to do, in Indonesian.
    #[must_use]
    pub fn message_id(&self) -> String {
        match self {
            Self::NotPdf => "Berkas ini bukan PDF. Simpan atau ekspor dokumen sebagai PDF, lalu unggah lagi.".into(),
            Self::JunkBeforeHeader => "Ada data lain sebelum awal PDF. Buka berkas lalu simpan ulang atau cetak ke PDF, dan unggah hasilnya.".into(),
            Self::NeedsPassword => "PDF ini terkunci dengan kata sandi. Berikan kata sandinya, atau hapus penguncinya lalu unggah lagi.".into(),
            Self::WrongPassword => "Kata sandi PDF ini salah. Periksa kata sandinya lalu coba lagi, atau hapus penguncinya lalu unggah lagi.".into(),
            Self::UnknownEncryption => "PDF ini dienkripsi dengan cara yang tidak dapat dibuka dengan kata sandi. Simpan salinan tanpa enkripsi, lalu unggah lagi.".into(),
            Self::Certified => "PDF ini disertifikasi dan tidak boleh diubah. Minta versi tanpa larangan perubahan kepada penerbitnya; bubuhkan meterai sebelum sertifikasi.".into(),
            Self::SignedBefore => "Dokumen ini sudah ditandatangani, jadi tidak dapat disertifikasi lagi. Bubuhkan meterai tanpa sertifikasi, atau unggah versi tanpa tanda tangan.".into(),
            Self::DamagedXref => "Daftar isi internal PDF ini rusak. Buka berkas lalu simpan ulang atau cetak ke PDF, dan unggah hasilnya.".into(),
            Self::NoPage => "PDF ini tidak memiliki halaman. Periksa berkas lalu unggah dokumen yang benar.".into(),
            Self::PageTooSmall { width_pt, height_pt } => format!("Halaman ({} × {} mm) lebih kecil daripada meterai. Pilih halaman lain atau gunakan ukuran kertas yang lebih besar.", mm(*width_pt), mm(*height_pt)),
            Self::RectTooSmall { least_pt } => format!("Area meterai terlalu kecil; sisi terpendek minimal {} mm agar kode QR terbaca. Perbesar area lalu coba lagi.", mm(*least_pt)),
            Self::AnchorNotFound { phrase } => format!("Teks \"{phrase}\" tidak ditemukan sebagai teks di halaman yang dicari (halaman hasil pindaian tidak memuat teks). Periksa ejaannya, sebutkan halamannya, atau pilih tempat meterai sendiri."),
            Self::AlreadyStamped { serial } => format!("Dokumen ini sudah dibubuhi meterai dengan nomor seri {serial}. Tidak perlu dibubuhkan lagi."),
            Self::TooLarge { limit_bytes } => format!("Berkas melebihi batas {} MB. Perkecil PDF lalu unggah lagi.", limit_bytes / (1024 * 1024)),
            Self::TooManyPages { limit } => format!("Dokumen melebihi batas {limit} halaman. Pisahkan dokumen lalu unggah bagian yang perlu meterai."),
            Self::TooComplex => "Susunan PDF ini terlalu rumit untuk diproses dengan aman. Cetak ke PDF, lalu unggah hasilnya.".into(),
            Self::DynamicXfa => "PDF ini formulir XFA dinamis yang tidak dapat dibubuhi meterai. Isi formulir, cetak ke PDF, lalu unggah hasilnya.".into(),
            Self::ReadersDisagree => "Pembaca PDF yang berbeda tidak melihat halaman yang sama. Simpan ulang atau cetak ke PDF, lalu unggah hasilnya.".into(),
            Self::Broken { .. } => "Struktur PDF ini rusak. Buka berkas lalu simpan ulang atau cetak ke PDF, dan unggah hasilnya.".into(),
        }
    }

    /// What is wrong and what to do, in English.
    #[must_use]
    pub fn message_en(&self) -> String {
        match self {
            Self::NotPdf => "This file is not a PDF. Save or export the document as PDF and upload it again.".into(),
            Self::JunkBeforeHeader => "There is other data before the start of the PDF. Open it, save it again or print it to PDF, and upload the result.".into(),
            Self::NeedsPassword => "This PDF is locked by a password. Give the password, or remove the lock and upload it again.".into(),
            Self::WrongPassword => "The password of this PDF is wrong. Check it and try again, or remove the lock and upload it again.".into(),
            Self::UnknownEncryption => "This PDF is encrypted in a way that no password opens. Save a copy without encryption and upload that.".into(),
            Self::Certified => "This PDF is certified and allows no changes. Ask its author for a version that does; stamp before certifying.".into(),
            Self::SignedBefore => "This document is signed already and can no longer be certified. Stamp it without certification, or upload a version without signatures.".into(),
            Self::DamagedXref => "The cross-reference of this PDF is damaged. Open it, save it again or print it to PDF, and upload the result.".into(),
            Self::NoPage => "This PDF has no pages. Check the file and upload the right document.".into(),
            Self::PageTooSmall { width_pt, height_pt } => format!("The page ({} × {} mm) is smaller than the stamp. Choose another page or a larger paper size.", mm(*width_pt), mm(*height_pt)),
            Self::RectTooSmall { least_pt } => format!("The stamp area is too small; its shorter side must be at least {} mm for the QR code to scan. Enlarge it and try again.", mm(*least_pt)),
            Self::AnchorNotFound { phrase } => format!("The text \"{phrase}\" was not found as text on the pages searched (scanned pages hold no text). Check its spelling, name the page, or choose the stamp's place yourself."),
            Self::AlreadyStamped { serial } => format!("This document already carries the stamp with serial {serial}. There is no need to stamp it again."),
            Self::TooLarge { limit_bytes } => format!("The file is larger than the limit of {} MB. Make the PDF smaller and upload it again.", limit_bytes / (1024 * 1024)),
            Self::TooManyPages { limit } => format!("The document has more than {limit} pages. Split it and upload the part that needs the stamp."),
            Self::TooComplex => "This PDF is too complex to process safely. Print it to PDF and upload the result.".into(),
            Self::DynamicXfa => "This PDF is a dynamic XFA form, which cannot be stamped. Fill it in, print it to PDF, and upload the result.".into(),
            Self::ReadersDisagree => "Different PDF readers do not see the same pages in this file. Save it again or print it to PDF, and upload the result.".into(),
            Self::Broken { .. } => "The structure of this PDF is broken. Open it, save it again or print it to PDF, and upload the result.".into(),
        }
    }

    pub(crate) const fn broken(what: &'static str) -> Self {
        Self::Broken { what }
    }
}

fn mm(points: f64) -> f64 {
    (points * 254.0 / 72.0).round() / 10.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_are_told_in_millimetres() {
        let refusal = Refusal::PageTooSmall {
            width_pt: 36.0,
            height_pt: 72.0,
        };
        assert!(refusal.message_en().contains("12.7 × 25.4 mm"));
        assert!(refusal.message_id().contains("12.7 × 25.4 mm"));
    }
}
