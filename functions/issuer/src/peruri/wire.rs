//! The bodies of requests and answers.

use serde::{Deserialize, Serialize};

/// The code that means done, in every answer.
pub(super) const DONE: &str = "00";

#[derive(Serialize)]
pub(super) struct Login<'a> {
    pub(super) user: &'a str,
    pub(super) password: &'a str,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct LoggedIn {
    #[serde(default)]
    pub(super) status_code: String,
    #[serde(default)]
    pub(super) message: String,
    pub(super) token: Option<String>,
}

/// The envelope of all answers but the signing adapter's.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Answer<R> {
    #[serde(default)]
    pub(super) status_code: String,
    #[serde(default)]
    pub(super) message: String,
    pub(super) result: Option<R>,
}

/// What a serial is asked for. The document is not known yet, as serials are made ahead.
#[derive(Serialize)]
pub(super) struct Wanted {
    #[serde(rename = "isUpload")]
    pub(super) is_upload: bool,
    pub(super) namadoc: &'static str,
    pub(super) namafile: &'static str,
    pub(super) nilaidoc: &'static str,
    #[serde(rename = "snOnly")]
    pub(super) sn_only: bool,
    pub(super) nodoc: &'static str,
    pub(super) tgldoc: String,
}

#[derive(Serialize)]
pub(super) struct WantedBatch<'a> {
    pub(super) return_url: &'a str,
    pub(super) tipe: &'static str,
    pub(super) partial: bool,
    pub(super) document: Vec<Wanted>,
}

#[derive(Deserialize)]
pub(super) struct Made {
    pub(super) sn: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Promised {
    pub(super) batch_id: String,
}

#[derive(Deserialize)]
pub(super) struct Batch {
    pub(super) status: String,
    #[serde(default)]
    pub(super) sn: Vec<String>,
}

#[derive(Deserialize)]
pub(super) struct Image {
    #[serde(default)]
    pub(super) image: String,
}

#[derive(Deserialize)]
pub(super) struct Listed {
    pub(super) total: u64,
    #[serde(default)]
    pub(super) data: Vec<Serial>,
}

#[derive(Deserialize)]
pub(super) struct Serial {
    pub(super) serialnumber: String,
    /// `STAMP` or `NOTSTAMP`.
    #[serde(default)]
    pub(super) status: String,
    /// Local time in Jakarta.
    pub(super) tglupdate: String,
}

#[derive(Deserialize)]
pub(super) struct Balance {
    pub(super) saldo: u64,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Uploaded {
    #[serde(default)]
    pub(super) status_code: String,
    #[serde(default)]
    pub(super) message: String,
    pub(super) id: Option<String>,
}

/// A call of the signing adapter. Coordinates are points from the lower left corner of the page.
#[derive(Serialize)]
pub(super) struct Sign<'a> {
    #[serde(rename = "onPrem")]
    pub(super) on_prem: bool,
    #[serde(rename = "docId")]
    pub(super) doc_id: &'a str,
    pub(super) certificatelevel: &'static str,
    pub(super) src: String,
    pub(super) dest: String,
    #[serde(rename = "spesimenPath")]
    pub(super) image: String,
    pub(super) docpass: &'static str,
    #[serde(rename = "jwToken")]
    pub(super) token: &'a str,
    pub(super) location: &'static str,
    #[serde(rename = "profileName")]
    pub(super) profile: &'static str,
    pub(super) reason: &'static str,
    #[serde(rename = "refToken")]
    pub(super) serial: &'a str,
    #[serde(rename = "visLLX")]
    pub(super) llx: f64,
    #[serde(rename = "visLLY")]
    pub(super) lly: f64,
    #[serde(rename = "visURX")]
    pub(super) urx: f64,
    #[serde(rename = "visURY")]
    pub(super) ury: f64,
    #[serde(rename = "visSignaturePage")]
    pub(super) page: u32,
    #[serde(rename = "retryFlag", skip_serializing_if = "Option::is_none")]
    pub(super) again: Option<&'static str>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Signed {
    pub(super) error_code: String,
    #[serde(default)]
    pub(super) error_message: String,
    pub(super) url_file: Option<String>,
}
