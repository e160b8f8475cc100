//! Documents as their owner sees them.

use bubuh_core::{
    document::{Document, DocumentState, DocumentType, Lacks, Place, Reason},
    id::{DocumentId, Serial, Sha256},
    queue::Progress,
    ticket::{Lane, Ticket},
};
use bubuh_edge::time::Time;
use bubuh_store::files::Link;
use schemars::JsonSchema;
use serde::Serialize;

/// A document.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Document")]
pub(crate) struct DocumentView {
    id: DocumentId,
    state: DocumentState,
    /// What happens next, in Indonesian.
    next_id: &'static str,
    /// The same in English.
    next_en: &'static str,
    /// Empty once it is erased.
    name: String,
    document_type: DocumentType,
    size: u64,
    created_at: Time,
    since: Time,
    #[serde(skip_serializing_if = "Option::is_none")]
    lane: Option<Lane>,
    #[serde(skip_serializing_if = "Option::is_none")]
    ticket: Option<u64>,
    /// While it stands in the queue: 1 is next.
    #[serde(skip_serializing_if = "Option::is_none")]
    position: Option<u64>,
    /// While it stands in the queue: when its turn will be, as of now.
    #[serde(skip_serializing_if = "Option::is_none")]
    eta: Option<EtaView>,
    /// The first range that its owner was told.
    #[serde(skip_serializing_if = "Option::is_none")]
    promised: Option<RangeView>,
    /// When its owner needs it.
    #[serde(skip_serializing_if = "Option::is_none")]
    deadline: Option<Time>,
    #[serde(skip_serializing_if = "Option::is_none")]
    serial: Option<Serial>,
    #[serde(skip_serializing_if = "Option::is_none")]
    stamped_sha256: Option<Sha256>,
    /// Where the stamp goes, once the file was examined.
    #[serde(skip_serializing_if = "Option::is_none")]
    place: Option<PlaceView>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<Reason>,
    /// When its owner had its name and files deleted.
    #[serde(skip_serializing_if = "Option::is_none")]
    erased_at: Option<Time>,
    /// How to upload the file, while it is awaited.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) upload: Option<Link>,
    /// Where the stamped file is, once there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) download_url: Option<String>,
}

/// A page from 1, a square in points from its bottom left as shown, and whether nothing else was seen there.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Place")]
struct PlaceView {
    page: u32,
    rect: [f64; 4],
    free: bool,
}

impl From<Place> for PlaceView {
    fn from(place: Place) -> Self {
        Self {
            page: place.page,
            rect: place.rect_millipt.map(|side| f64::from(side) / 1000.0),
            free: place.free,
        }
    }
}

/// When its turn would be.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Range")]
struct RangeView {
    earliest: Time,
    latest: Time,
}

/// `latest` is none when nobody can tell: the queue stands still, or it takes more than a day.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Eta")]
struct EtaView {
    earliest: Time,
    latest: Option<Time>,
    /// Whether it may be finished only after the deadline its owner gave.
    #[serde(skip_serializing_if = "Option::is_none")]
    may_miss_deadline: Option<bool>,
}

impl DocumentView {
    /// Its place in its lane, and when its turn will be.
    pub(crate) fn stand_in(
        &mut self,
        lane: &Progress,
        ticket: Ticket,
        deadline_ms: Option<u64>,
        now_ms: u64,
    ) {
        let eta = lane.eta(ticket.number, now_ms);
        self.position = Some(lane.before(ticket.number).saturating_add(1));
        self.eta = Some(EtaView {
            earliest: Time::of(eta.earliest_ms),
            latest: eta.latest_ms.map(Time::of),
            may_miss_deadline: deadline_ms
                .map(|deadline_ms| eta.latest_ms.is_none_or(|latest| latest > deadline_ms)),
        });
    }
}

const fn next(state: DocumentState, lacks: Option<Lacks>) -> (&'static str, &'static str) {
    match state {
        DocumentState::AwaitingUpload => (
            "Unggah berkasnya; boleh diulang kapan saja sampai selesai.",
            "Upload the file; you may repeat it any time until it is done.",
        ),
        DocumentState::AwaitingStamp => match lacks {
            Some(Lacks::Serial) => (
                "Berkas sudah diterima. Nomor seri sedang diisi ulang; antrean berjalan sendiri.",
                "The file is accepted. Serials are being restocked; the queue goes on by itself.",
            ),
            _ => (
                "Berkas sudah diterima. Beli meterai; pembubuhan berjalan sendiri sesudahnya.",
                "The file is accepted. Buy a stamp; the stamping goes on by itself then.",
            ),
        },
        DocumentState::Queued => (
            "Dalam antrean. Halaman ini boleh ditutup.",
            "In the queue. You can close this page.",
        ),
        DocumentState::Stamping => (
            "Sedang dibubuhi. Halaman ini boleh ditutup.",
            "Being stamped. You can close this page.",
        ),
        DocumentState::Stamped => (
            "Selesai. Unduh berkasnya; kami menyimpannya satu tahun.",
            "Done. Download the file; we keep it for a year.",
        ),
        DocumentState::Rejected => (
            "Tidak dapat dibubuhi; alasannya di bawah. Meterai Anda utuh.",
            "It can't be stamped; the reason is below. Your stamp is not spent.",
        ),
        DocumentState::Cancelled => (
            "Dibatalkan. Meterai Anda utuh.",
            "Cancelled. Your stamp is not spent.",
        ),
        DocumentState::Stalled => (
            "Tertahan; petugas kami menanganinya. Meterai tetap milik dokumen ini, atau batalkan.",
            "Held up; our staff has the case. The stamp stays with this document, or cancel it.",
        ),
        DocumentState::Abandoned => (
            "Ditutup karena berkas atau meterai tidak datang. Unggah lagi untuk meneruskan.",
            "Closed as no file or no stamp came. Upload again to go on.",
        ),
    }
}

const ERASED: (&str, &str) = (
    "Nama dan berkasnya dihapus atas permintaan Anda. Nomor seri dan sidik jarinya tetap tercatat.",
    "Its name and files were deleted at your request. Serial and digests stay on record.",
);

impl From<&Document> for DocumentView {
    fn from(row: &Document) -> Self {
        let (next_id, next_en) = if row.is_erased() {
            ERASED
        } else {
            next(row.state, row.lacks)
        };
        let stamped = row.state == DocumentState::Stamped;
        Self {
            id: row.id,
            state: row.state,
            next_id,
            next_en,
            name: row.name.clone(),
            document_type: row.document_type,
            size: row.size_bytes,
            created_at: Time::of(row.created_at_ms),
            since: Time::of(row.since_ms),
            lane: row.ticket.map(|t| t.lane),
            ticket: row.ticket.map(|t| t.number),
            position: None,
            eta: None,
            promised: row.promised.map(|promise| RangeView {
                earliest: Time::of(promise.earliest_ms),
                latest: Time::of(promise.latest_ms),
            }),
            deadline: row.deadline_ms.map(Time::of),
            // Before it is on the document, a serial is nobody's business.
            serial: row
                .reservation
                .as_ref()
                .filter(|_| stamped)
                .map(|r| r.serial.clone()),
            stamped_sha256: row.output.as_ref().map(|o| o.sha256.clone()),
            place: row
                .source
                .as_ref()
                .and_then(|s| s.place)
                .map(PlaceView::from),
            reason: row.reason.clone(),
            erased_at: row.erased_at_ms.map(Time::of),
            upload: None,
            download_url: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    /// Every state, each from the one before: a new state does not compile until it has its place here.
    const fn after(state: DocumentState) -> Option<DocumentState> {
        Some(match state {
            DocumentState::AwaitingUpload => DocumentState::AwaitingStamp,
            DocumentState::AwaitingStamp => DocumentState::Queued,
            DocumentState::Queued => DocumentState::Stamping,
            DocumentState::Stamping => DocumentState::Stamped,
            DocumentState::Stamped => DocumentState::Rejected,
            DocumentState::Rejected => DocumentState::Cancelled,
            DocumentState::Cancelled => DocumentState::Stalled,
            DocumentState::Stalled => DocumentState::Abandoned,
            DocumentState::Abandoned => return None,
        })
    }

    /// Two sentences that a person can read, not one text twice.
    fn says_something((id, en): (&str, &str)) {
        for text in [id, en] {
            assert!(text.len() > 10 && text.ends_with('.'), "{text:?}");
        }
        assert_ne!(id, en);
    }

    #[test]
    fn every_state_of_a_document_has_a_sentence_of_its_own_in_both_languages() {
        let mut heard = BTreeSet::new();
        let mut state = Some(DocumentState::AwaitingUpload);
        while let Some(now) = state {
            let lacks: &[Option<Lacks>] = match now {
                DocumentState::AwaitingStamp => &[Some(Lacks::Stamp), Some(Lacks::Serial)],
                _ => &[None],
            };
            for lack in lacks {
                says_something(next(now, *lack));
                assert!(
                    heard.insert(next(now, *lack)),
                    "{now:?} sounds like another"
                );
            }
            state = after(now);
        }
        says_something(ERASED);
        assert!(heard.insert(ERASED));
        assert_eq!(heard.len(), 11);
    }
}
