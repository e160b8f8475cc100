//! The outcome in plain sentences. The first fact that fails decides; later ones depend on it.

use super::others::OtherSignature;
use super::report::{After, StampReport};
use crate::date;

/// What is said of a stamp, in Indonesian and English.
pub(super) fn of_stamp(stamp: &StampReport) -> (String, String) {
    let serial = &stamp.serial;
    let (indonesian, english) = if !stamp.range_ok || !stamp.digest_ok || !stamp.source_ok {
        (
            "isi dokumen telah diubah setelah dibubuhi",
            "the document was altered after it was stamped",
        )
    } else if !stamp.signature_ok || stamp.affixed_at_unix_s.is_none() {
        ("tanda tangannya tidak sah", "its signature is not valid")
    } else if stamp.timestamp.as_ref().is_some_and(|time| !time.intact) {
        (
            "stempel waktunya tidak cocok dengan tanda tangannya",
            "its time-stamp does not fit its signature",
        )
    } else if !stamp.trusted {
        (
            "tanda tangannya utuh, tetapi penerbitnya tidak dikenal atau sertifikatnya tidak berlaku",
            "its signature is intact, but the issuer is unknown or the certificate was not valid",
        )
    } else {
        match stamp.after {
            After::Changed => (
                "meterainya asli, tetapi dokumen ditambah atau diubah sesudahnya",
                "the stamp is genuine, but something was added or changed afterwards",
            ),
            After::Signatures => (
                "asli; sesudahnya hanya ditambahkan tanda tangan pihak lain atau data pemeriksaannya",
                "genuine; only signatures of others or data to check them were added afterwards",
            ),
            After::Stamps => (
                "asli; sesudahnya hanya dibubuhkan meterai lain",
                "genuine; only further stamps were affixed afterwards",
            ),
            After::Nothing => (
                "asli dan dokumen tidak berubah sejak dibubuhi",
                "genuine, and the document has not changed since",
            ),
        }
    };
    let (time_id, time_en) = time(stamp);
    (
        format!("Meterai {serial}: {indonesian}.{time_id}"),
        format!("Stamp {serial}: {english}.{time_en}"),
    )
}

/// Whose word the time is.
fn time(stamp: &StampReport) -> (String, String) {
    if !stamp.valid {
        return Default::default();
    }
    let said = stamp.affixed_at_unix_s.and_then(times);
    let proven = stamp.timestamp.as_ref().filter(|time| time.trusted);
    match (proven, said) {
        (Some(time), _) => {
            let (at_id, at_en) = times(time.at_unix_s).unwrap_or_default();
            let by = time.authority.as_deref().unwrap_or("?");
            (
                format!(" Waktunya dibuktikan {by}: {at_id}."),
                format!(" Its time is proven by {by}: {at_en}."),
            )
        }
        (None, Some((at_id, at_en))) => (
            format!(" Waktunya menurut penerbit meterai: {at_id}."),
            format!(" Its time is the issuer's own word: {at_en}."),
        ),
        (None, None) => Default::default(),
    }
}

/// What is said of a signature that is no stamp.
pub(super) fn of_other(other: &OtherSignature) -> (String, String) {
    let (who_id, who_en) = match &other.signer {
        Some(signer) => (signer.as_str(), signer.as_str()),
        None => ("tanpa nama yang terbaca", "without a readable name"),
    };
    let (what_id, what_en) = if other.is_time_stamp {
        ("Stempel waktu", "Time-stamp")
    } else {
        ("Tanda tangan lain", "Other signature")
    };
    let at = other.signed_at_unix_s.and_then(times);
    let (at_id, at_en) = at.map_or_else(Default::default, |(id, en)| {
        (format!(", {id}"), format!(", {en}"))
    });
    let (state_id, state_en) = match other.intact {
        Some(true) => (
            "bagian yang ditandatangani utuh; penandatangannya tidak diperiksa",
            "what it covers is intact; who signed is not judged",
        ),
        Some(false) => (
            "bagian yang ditandatangani tidak utuh",
            "what it covers is not intact",
        ),
        None => (
            "cara tanda tangannya tidak dikenal di sini, jadi tidak diperiksa",
            "its kind is not known here, so it is not judged",
        ),
    };
    (
        format!("{what_id} ({who_id}{at_id}): {state_id}."),
        format!("{what_en} ({who_en}{at_en}): {state_en}."),
    )
}

/// A moment in Jakarta's time and in UTC: `2026-09-21 21:13:20 WIB`, `2026-09-21 14:13:20 UTC`.
fn times(unix_s: i64) -> Option<(String, String)> {
    const WIB_S: i64 = 7 * 3600;
    let local = readable(unix_s.checked_add(WIB_S)?)?;
    Some((format!("{local} WIB"), format!("{} UTC", readable(unix_s)?)))
}

fn readable(unix_s: i64) -> Option<String> {
    let text = date::format(unix_s)?;
    let part = |from: usize, to: usize| text.get(from..to).unwrap_or_default();
    Some(format!(
        "{}-{}-{} {}:{}:{}",
        part(2, 6),
        part(6, 8),
        part(8, 10),
        part(10, 12),
        part(12, 14),
        part(14, 16)
    ))
}
