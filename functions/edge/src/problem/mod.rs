//! Errors as RFC 9457 problems: what is wrong, with which field, and what to do, in Indonesian and English.

pub mod kind;

use axum::response::{IntoResponse, Response};
use bubuh_core::{Error as Rule, money::Stamps};
use bubuh_steps::Error as Step;
use bubuh_store::Error as Store;
use http::{StatusCode, header};
use kind::Kind;
use schemars::JsonSchema;
use serde::Serialize;

/// Sweep restocks at least so often, in seconds.
const RESTOCKED_WITHIN_S: u32 = 60;

/// What went wrong, and what to do (RFC 9457).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Problem {
    /// `urn:bubuh:problem:` and the code.
    #[serde(rename = "type")]
    #[schemars(with = "kind::Urn")]
    kind: &'static str,
    /// The code in words.
    title: &'static str,
    /// The HTTP status.
    status: u16,
    /// English: what is wrong and what to do.
    detail: String,
    /// The same in Indonesian.
    detail_id: Box<str>,
    /// The field that is wrong.
    #[serde(skip_serializing_if = "Option::is_none")]
    field: Option<&'static str>,
    #[serde(skip)]
    retry_after_s: Option<u32>,
    /// What the token lacks.
    #[serde(skip)]
    scope: Option<Box<str>>,
}

impl Problem {
    fn new(kind: Kind, detail: impl Into<String>, detail_id: impl Into<Box<str>>) -> Self {
        Self {
            kind: kind.urn,
            title: kind.title,
            status: kind.status,
            detail: detail.into(),
            detail_id: detail_id.into(),
            field: None,
            retry_after_s: None,
            scope: None,
        }
    }

    /// A field is missing or wrong.
    #[must_use]
    pub fn invalid(field: &'static str, reason: &str) -> Self {
        Self {
            field: Some(field),
            ..Self::new(
                kind::INVALID,
                format!("{field}: {reason}. Nothing was changed or charged."),
                format!(
                    "Isian `{field}` tidak sah ({reason}). Tidak ada yang diubah atau ditagih."
                ),
            )
        }
    }

    /// The body is not what the route takes.
    #[must_use]
    pub fn unreadable(reason: &str) -> Self {
        Self::new(
            kind::UNREADABLE,
            format!("{reason}. Send a JSON object as the documentation shows."),
            format!(
                "Isi permintaan tidak terbaca ({reason}). Kirim objek JSON sesuai dokumentasi."
            ),
        )
    }

    /// The body is larger than the route takes.
    #[must_use]
    pub fn too_large(limit: &str) -> Self {
        Self::new(
            kind::TOO_LARGE,
            format!("The body is larger than {limit}. Nothing was changed."),
            format!("Isi permintaan lebih besar dari {limit}. Tidak ada yang diubah."),
        )
    }

    /// The body is not of the type that the route takes.
    #[must_use]
    pub fn not_json() -> Self {
        Self::new(
            kind::NOT_JSON,
            "Send the body as `Content-Type: application/json`. Nothing was changed.",
            "Kirim isinya sebagai `Content-Type: application/json`. Tidak ada yang diubah.",
        )
    }

    /// There is nothing under this address for this caller.
    #[must_use]
    pub fn not_found() -> Self {
        Self::new(
            kind::NOT_FOUND,
            "There is nothing here for you. Check the address.",
            "Tidak ada apa-apa di sini untuk Anda. Periksa alamatnya.",
        )
    }

    /// The request came without a caller.
    #[must_use]
    pub fn unauthorized() -> Self {
        Self::new(
            kind::UNAUTHORIZED,
            "Send a bearer token in the Authorization header.",
            "Kirim token pembawa di kepala Authorization.",
        )
    }

    /// The token was made for other things (RFC 6750, section 3.1).
    #[must_use]
    pub fn insufficient_scope(scope: &str) -> Self {
        Self {
            scope: Some(scope.into()),
            ..Self::new(
                kind::INSUFFICIENT_SCOPE,
                format!(
                    "This token lacks the scope `{scope}`. Ask for a token that has it. Nothing was changed."
                ),
                format!(
                    "Token ini tidak memiliki cakupan `{scope}`. Minta token yang memilikinya. Tidak ada yang diubah."
                ),
            )
        }
    }

    /// The caller does not look after the service.
    #[must_use]
    pub fn not_an_operator() -> Self {
        Self::new(
            kind::NOT_AN_OPERATOR,
            "This is for operators only. Sign in with an account that is one of theirs. Nothing was changed.",
            "Ini hanya untuk operator. Masuk dengan akun operator. Tidak ada yang diubah.",
        )
    }

    /// The sender's signature does not hold.
    #[must_use]
    pub fn forged(reason: &str) -> Self {
        Self::new(
            kind::NOT_BELIEVED,
            format!("{reason}. Nothing was changed."),
            format!("Pemberitahuan tidak dipercaya ({reason}). Tidak ada yang diubah."),
        )
    }

    fn conflict(state: &str, event: &str) -> Self {
        Self::new(
            kind::NOT_NOW,
            format!("`{event}` is not possible in state `{state}`. Nothing was changed."),
            format!(
                "`{event}` tidak dapat dilakukan pada keadaan `{state}`. Tidak ada yang diubah."
            ),
        )
    }

    fn key_reused() -> Self {
        Self {
            field: Some("Idempotency-Key"),
            ..Self::new(
                kind::KEY_REUSED,
                "This Idempotency-Key was used with another body. Use a new key for a new request.",
                "Idempotency-Key ini sudah dipakai untuk permintaan lain. Pakai kunci baru.",
            )
        }
    }

    /// The service can't do it now; the same request may be sent again.
    #[must_use]
    pub fn busy() -> Self {
        Self {
            retry_after_s: Some(2),
            ..Self::new(
                kind::BUSY,
                "The service could not finish this now. Send the same request with the same key \
                 again: nothing is done twice.",
                "Layanan belum dapat menyelesaikannya. Kirim lagi permintaan dan kunci yang sama: \
                 tidak ada yang dikerjakan dua kali.",
            )
        }
    }

    /// The account has had its share for now.
    #[must_use]
    pub fn too_many(wait_s: u32) -> Self {
        Self {
            retry_after_s: Some(wait_s),
            ..Self::new(
                kind::TOO_MANY,
                format!(
                    "This account asks for more than its share. Send the same request with the same key again in \
                     {wait_s} s; nothing was changed. Documents that were handed in go on by themselves."
                ),
                format!(
                    "Akun ini meminta lebih dari bagiannya. Kirim lagi permintaan dan kunci yang sama {wait_s} detik \
                     lagi; tidak ada yang diubah. Dokumen yang sudah masuk berjalan sendiri."
                ),
            )
        }
    }

    /// The inventory can't cover an order.
    fn sold_out(asked: Stamps) -> Self {
        Self {
            field: Some("quantity"),
            retry_after_s: Some(RESTOCKED_WITHIN_S),
            ..Self::new(
                kind::SOLD_OUT,
                format!(
                    "{asked} stamps are more than there are serials for. They are restocked every minute: send \
                     the same request with the same key again in {RESTOCKED_WITHIN_S} seconds, or order fewer. \
                     Nothing was ordered or charged."
                ),
                format!(
                    "{asked} meterai melebihi persediaan saat ini. Persediaan ditambah setiap menit: kirim lagi \
                     permintaan dan kunci yang sama {RESTOCKED_WITHIN_S} detik lagi, atau pesan lebih sedikit. \
                     Tidak ada yang dipesan atau ditagih."
                ),
            )
        }
    }

    fn chunks_missing(missing: usize, count: usize, first: usize) -> Self {
        Self::new(
            kind::CHUNKS_MISSING,
            format!(
                "{missing} of {count} chunks have not come; the first is number {first}, counted from 0. Ask for their \
                 links at `upload`, send them, and complete again. What has come is kept."
            ),
            format!(
                "{missing} dari {count} potongan belum sampai; yang pertama nomor {first}, dihitung dari 0. Minta \
                 tautannya di `upload`, kirim, lalu selesaikan lagi. Yang sudah sampai tetap tersimpan."
            ),
        )
    }

    fn chunks_differ() -> Self {
        Self {
            field: Some("chunks.sha256"),
            ..Self::new(
                kind::CHUNKS_DIFFER,
                "The chunks in this order are not the file that was announced: its SHA-256 differs. Send the list of the \
                 announced file's chunks, or announce the other file as a new document. Nothing was stored.",
                "Potongan dalam urutan ini bukan berkas yang diumumkan: SHA-256-nya berbeda. Kirim daftar potongan \
                 berkas yang diumumkan, atau umumkan berkas lain itu sebagai dokumen baru. Tidak ada yang disimpan.",
            )
        }
    }

    /// No orders are taken; for so long, if that is known.
    fn sales_closed(for_ms: Option<u64>) -> Self {
        let for_s = for_ms.map_or(600, |ms| ms.div_ceil(1_000).max(1));
        let minutes = for_s.div_ceil(60);
        Self {
            retry_after_s: Some(u32::try_from(for_s).unwrap_or(u32::MAX)),
            ..Self::new(
                kind::SALES_CLOSED,
                format!(
                    "New orders are stopped; come back in {minutes} min. What is ordered or paid goes on: stamps \
                     are credited, documents stamped, refunds made. Nothing was ordered or charged."
                ),
                format!(
                    "Pesanan baru dihentikan sementara; kembalilah {minutes} menit lagi. Yang sudah dipesan atau \
                     dibayar tetap berjalan: meterai dikreditkan, dokumen dibubuhi, uang dikembalikan. Tidak ada \
                     yang dipesan atau ditagih."
                ),
            )
        }
    }

    fn internal() -> Self {
        Self::new(
            kind::INTERNAL,
            "This is a mistake of ours and has been logged. Nothing is lost.",
            "Ini kesalahan kami dan sudah tercatat. Tidak ada yang hilang.",
        )
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let retry = self.retry_after_s.map(|s| s.to_string());
        let lacks = self.scope.as_ref();
        let lacks = lacks.map(|s| format!("Bearer error=\"insufficient_scope\", scope=\"{s}\""));
        let body = serde_json::to_vec(&self).unwrap_or_default();
        let mut response = (status, body).into_response();
        let headers = response.headers_mut();
        headers.insert(
            header::CONTENT_TYPE,
            http::HeaderValue::from_static("application/problem+json"),
        );
        headers.insert(
            header::CACHE_CONTROL,
            http::HeaderValue::from_static("no-store"),
        );
        if let Some(retry) = retry.and_then(|s| s.parse().ok()) {
            headers.insert(header::RETRY_AFTER, retry);
        }
        if let Some(lacks) = lacks.and_then(|s| s.parse().ok()) {
            headers.insert(header::WWW_AUTHENTICATE, lacks);
        }
        response
    }
}

impl From<Rule> for Problem {
    fn from(error: Rule) -> Self {
        match error {
            Rule::Invalid { field, reason } => Self::invalid(field, &reason),
            Rule::IllegalTransition { state, event } => Self::conflict(state, event),
            Rule::Leased { .. } | Rule::Fenced { .. } => Self::busy(),
            Rule::Overflow | Rule::Unbalanced { .. } => {
                tracing::error!(%error, "a rule broke");
                Self::internal()
            }
        }
    }
}

impl From<Store> for Problem {
    fn from(error: Store) -> Self {
        match error {
            Store::Rule(rule) => rule.into(),
            error if error.retryable() => {
                tracing::warn!(%error, "busy");
                Self::busy()
            }
            error => {
                tracing::error!(%error, "failed");
                Self::internal()
            }
        }
    }
}

impl From<Step> for Problem {
    fn from(error: Step) -> Self {
        match error {
            Step::Store(error) => error.into(),
            Step::NotFound => Self::not_found(),
            Step::SoldOut { asked } => Self::sold_out(asked),
            Step::SalesClosed { for_ms } => Self::sales_closed(for_ms),
            Step::KeyReused => Self::key_reused(),
            Step::ChunksMissing {
                missing,
                count,
                first,
            } => Self::chunks_missing(missing, count, first),
            Step::ChunksDiffer => Self::chunks_differ(),
            Step::Gateway(error) => {
                tracing::warn!(%error, "the gateway did not answer as hoped");
                Self::busy()
            }
        }
    }
}
