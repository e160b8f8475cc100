//! `/v/{serial}`: the page that a stamp's QR code leads to. For people, in Indonesian first; it says what
//! `/v1/verify/{serial}` says, and how to check the file in hand.

use crate::verify::{self, Affixed};
use axum::extract::State;
use bubuh_core::document::DocumentType;
use bubuh_edge::{
    At, Problem,
    answer::{NoPage, Page},
    api::Says,
    time::wib,
};
use bubuh_steps::Desk;
use maud::{DOCTYPE, Markup, PreEscaped, html};
use std::sync::Arc;

const STYLE: &str = "
* { box-sizing: border-box }
body { margin: 0; background: #fdf4f8; color: #33081f; font: 1rem/1.5 system-ui, 'Segoe UI', Roboto, sans-serif }
main { max-width: 40rem; margin: 0 auto; padding: 1.5rem 1.25rem 3rem }
h1 { font-size: 1.5rem; line-height: 1.2; margin: 0 0 .75rem; padding-left: .75rem; border-left: .5rem solid #a8125c }
h2 { font-size: 1.05rem; margin: 1.75rem 0 .25rem }
[lang=en] { color: #6d4a5b; font-size: .9375rem }
dl { margin: 1.25rem 0; padding: .25rem 1rem 1rem; background: #fff; border: 1px solid #ecc9d9; border-radius: .5rem }
dt { margin-top: .75rem; font-size: .875rem; color: #6d4a5b } dd { margin: 0 }
code { font: .875rem/1.45 ui-monospace, Menlo, Consolas, monospace; overflow-wrap: anywhere }
p { margin: .4rem 0 }
.specimen { background: #a8125c; color: #fff; padding: .5rem 1rem; text-align: center; font-weight: 600 }
";

pub(crate) const SHOW: Says = Says::new(
    "showStampPage",
    "The page that a stamp's QR code leads to, for people",
);

pub(crate) const SHOW_UPPER: Says = Says::new(
    "showStampPageUpper",
    "The same, as the QR code writes it: upper case makes it coarser",
);

/// A stamp that is not there yet may be there in a minute, so neither page is stored.
pub(crate) async fn show(
    State(desk): State<Arc<Desk>>,
    At(serial): At<String>,
) -> Result<Result<Page, NoPage>, Problem> {
    let stamp = verify::find(&desk, &serial).await?;
    Ok(match &stamp {
        Some(stamp) => Ok(Page(known(stamp).into_string())),
        None => Err(NoPage(Page(unknown().into_string()))),
    })
}

fn page(title: &str, content: &Markup) -> Markup {
    html! {
        (DOCTYPE)
        html lang="id" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="robots" content="noindex";
                title { (title) " · Bubuh" }
                style { (PreEscaped(STYLE)) }
            }
            body {
                div.specimen {
                    "CONTOH: bukan meterai yang sah · "
                    span { "SPECIMEN: no legal worth" }
                }
                main { (content) }
            }
        }
    }
}

fn known(stamp: &Affixed) -> Markup {
    let (kind_id, kind_en) = kind(stamp.document_type);
    let content = html! {
        h1 { "Meterai ini sudah dibubuhkan" }
        p { "Nomor seri ini tercatat pada satu dokumen. Cocokkan sidik SHA-256 di bawah dengan berkas yang Anda pegang." }
        p lang="en" { "This serial is recorded on one document. Compare the SHA-256 below with the file you hold." }
        dl {
            dt { "Nomor seri · " span lang="en" { "Serial" } }
            dd { code { (stamp.serial) } }
            dt { "Dibubuhkan · " span lang="en" { "Stamped" } }
            dd { (wib(stamp.at_ms)) }
            dt { "Jenis dokumen · " span lang="en" { "Document kind" } }
            dd { (kind_id) " · " span lang="en" { (kind_en) } }
            dt { "SHA-256 berkas bermeterai · " span lang="en" { "of the stamped file" } }
            dd { code { (stamp.stamped_sha256) } }
            dt { "SHA-256 dokumen sebelum dibubuhi · " span lang="en" { "of the document before" } }
            dd { code { (stamp.source_sha256) } }
        }
        (how_to_check())
    };
    page("Meterai dibubuhkan", &content)
}

/// The same for a serial that does not exist and for one that waits for its document.
fn unknown() -> Markup {
    let content = html! {
        h1 { "Nomor seri ini tidak tercatat" }
        p {
            "Tidak ada dokumen yang dibubuhi meterai dengan nomor seri ini. Periksa lagi setiap huruf dan angkanya, "
            "atau pindai ulang kode QR dari berkas aslinya. Bila tetap tidak tercatat, jangan terima dokumen itu "
            "sebagai bermeterai dan tanyakan kepada pengirimnya."
        }
        p lang="en" {
            "No document carries a stamp with this serial. Check every letter and digit, or scan the QR code again "
            "from the original file. If it still is not recorded, don't accept the document as stamped, and ask who "
            "sent it."
        }
        (how_to_check())
    };
    page("Nomor seri tidak tercatat", &content)
}

fn how_to_check() -> Markup {
    html! {
        h2 { "Cara memeriksa berkasnya" }
        p {
            "Kode QR dapat disalin ke dokumen lain; yang membuktikan adalah berkas PDF-nya. Hitung SHA-256 berkas itu: "
            "di Windows " code { "certutil -hashfile berkas.pdf SHA256" } ", di macOS " code { "shasum -a 256 berkas.pdf" }
            ", di Linux " code { "sha256sum berkas.pdf" } ". Bila sama dengan SHA-256 berkas bermeterai, itulah "
            "berkasnya, tanpa perubahan. Bila dokumen ditandatangani lagi sesudah dibubuhi, angkanya berbeda: buka di "
            "pembaca PDF dan periksa tanda tangan meterainya."
        }
        p lang="en" {
            "A QR code can be copied onto another document; what proves is the PDF file. Compute its SHA-256 as above. "
            "If it equals that of the stamped file, this is the file, unchanged. If the document was signed again after "
            "stamping, the number differs: open it in a PDF reader and check the stamp's signature."
        }
    }
}

const fn kind(kind: DocumentType) -> (&'static str, &'static str) {
    match kind {
        DocumentType::Statement => (
            "surat perjanjian, keterangan, atau pernyataan",
            "agreement or statement",
        ),
        DocumentType::Transaction => (
            "akta, surat berharga, atau transaksi",
            "deed, security or transaction",
        ),
        DocumentType::MoneyReceived => ("penerimaan uang", "receipt of money"),
        DocumentType::DebtSettled => ("pelunasan utang", "settlement of debt"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use bubuh_core::id::{Serial, Sha256};

    #[test]
    fn the_page_of_a_stamp_tells_state_and_digests_in_both_languages() {
        let stamp = Affixed {
            serial: Serial::of_bits([9; 10]),
            document_type: DocumentType::DebtSettled,
            at_ms: 1_795_491_000_500,
            source_sha256: Sha256::of(b"source"),
            stamped_sha256: Sha256::of(b"stamped"),
        };
        let text = known(&stamp).into_string();
        for words in [
            stamp.serial.as_str(),
            stamp.source_sha256.as_str(),
            stamp.stamped_sha256.as_str(),
            "2026-11-24 10:30 WIB",
            "pelunasan utang",
            "settlement of debt",
            "CONTOH",
            "certutil -hashfile",
        ] {
            assert!(text.contains(words), "{words}");
        }
    }

    #[test]
    fn the_page_of_an_unknown_serial_repeats_nothing_of_the_address() {
        let text = unknown().into_string();
        assert!(text.contains("tidak tercatat") && text.contains("No document carries"));
    }
}
