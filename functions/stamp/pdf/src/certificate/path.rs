//! The path from a certificate to a trusted root (RFC 5280, the part that is needed here).

use super::key::{PublicKey, Scheme};
use super::{Time, understood};
use x509_cert::Certificate;
use x509_cert::der::{Decode, Encode};
use x509_cert::ext::pkix::{BasicConstraints, ExtendedKeyUsage, KeyUsage};

/// id-kp-timeStamping (RFC 3161, 2.3).
const TIME_STAMPING: &str = "1.3.6.1.5.5.7.3.8";
/// Most certificates looked at for one path: more would be work for nothing.
const MOST_CERTIFICATES: usize = 12;

/// Whether the certificates (leaf first, each issued by the next) lead to one of the roots, all valid at that time,
/// with no certificate left over. A root that cannot be read is no root; the others still count.
pub(crate) fn leads_to_root(certificates: &[Vec<u8>], roots: &[Vec<u8>], at: Time) -> bool {
    let path: Option<Vec<_>> = certificates.iter().map(|der| read(der)).collect();
    let (Some(path), roots) = (path, readable(roots)) else {
        return false;
    };
    let (Some(leaf), Some(top)) = (path.first(), path.last()) else {
        return false;
    };
    let linked = path.windows(2).enumerate().all(|(below, pair)| match pair {
        [child, parent] => issued(parent, child, below),
        _ => false,
    });
    let below = path.len() - 1;
    linked
        && may_stamp(leaf)
        && path.iter().all(|certificate| is_current(certificate, at))
        && roots.iter().any(|root| {
            let embedded = top == root && path.len() > 1;
            is_current(root, at) && (embedded || issued(root, top, below))
        })
}

/// Whether some of the `pool`, in whatever order, link a time-stamp authority's certificate to one of the roots, all
/// valid at that time.
pub(crate) fn authority_leads_to_root(
    leaf: &[u8],
    pool: &[Vec<u8>],
    roots: &[Vec<u8>],
    at: Time,
) -> bool {
    let roots = readable(roots);
    let mut pool = readable(pool.get(..MOST_CERTIFICATES).unwrap_or(pool));
    let Some(mut child) = read(leaf).filter(may_time_stamp) else {
        return false;
    };
    let mut below = 0;
    while is_current(&child, at) {
        let fits = |parent: &Certificate| is_current(parent, at) && issued(parent, &child, below);
        if roots.iter().any(&fits) {
            return true;
        }
        // Each is used once, so this ends.
        let Some(next) = pool.iter().position(&fits) else {
            return false;
        };
        child = pool.swap_remove(next);
        below += 1;
    }
    false
}

fn read(der: &[u8]) -> Option<Certificate> {
    Certificate::from_der(der).ok()
}

fn readable(all: &[Vec<u8>]) -> Vec<Certificate> {
    all.iter().filter_map(|der| read(der)).collect()
}

pub(super) fn is_current(certificate: &Certificate, at: Time) -> bool {
    let validity = certificate.tbs_certificate().validity();
    let Ok(at) = u64::try_from(at) else {
        return false;
    };
    let (from, to) = (
        validity.not_before.to_unix_duration(),
        validity.not_after.to_unix_duration(),
    );
    (from.as_secs()..=to.as_secs()).contains(&at)
}

/// Whether `parent` may and did issue `child`, with `below` certificates of authorities beneath it.
fn issued(parent: &Certificate, child: &Certificate, below: usize) -> bool {
    let (above, under) = (parent.tbs_certificate(), child.tbs_certificate());
    let constraints = above
        .get_extension::<BasicConstraints>()
        .ok()
        .flatten()
        .map(|(_, found)| found);
    let may = constraints.is_some_and(|found| {
        found.ca
            && found
                .path_len_constraint
                .is_none_or(|most| usize::from(most) >= below)
    });
    let usage = above.get_extension::<KeyUsage>().ok().flatten();
    let usage_fits = usage.is_none_or(|(_, usage)| usage.key_cert_sign());
    if !may || !usage_fits || !understood(parent) || under.issuer() != above.subject() {
        return false;
    }
    let algorithm = child.signature_algorithm();
    if algorithm != under.signature() {
        return false;
    }
    let (Some(scheme), Some(key), Ok(body), Some(signature)) = (
        Scheme::from_oid(algorithm.oid, None),
        PublicKey::of(parent),
        under.to_der(),
        child.signature().as_bytes(),
    ) else {
        return false;
    };
    key.signed(scheme, &body, signature)
}

fn may_sign(leaf: &Certificate) -> bool {
    let usage = leaf.tbs_certificate().get_extension::<KeyUsage>();
    let usage = usage.ok().flatten();
    understood(leaf)
        && usage.is_none_or(|(_, usage)| usage.digital_signature() || usage.non_repudiation())
}

/// What each purpose is named, and whether a reader must heed it.
fn purposes(leaf: &Certificate) -> Option<(bool, Vec<String>)> {
    let found = leaf.tbs_certificate().get_extension::<ExtendedKeyUsage>();
    let (critical, usage) = found.ok().flatten()?;
    Some((critical, usage.0.iter().map(ToString::to_string).collect()))
}

/// A certificate of a time-stamp authority is for nothing else.
fn may_stamp(leaf: &Certificate) -> bool {
    let named = purposes(leaf).map(|(_, named)| named).unwrap_or_default();
    may_sign(leaf) && !named.iter().any(|purpose| purpose == TIME_STAMPING)
}

/// RFC 3161, 2.3: this one purpose, and critical.
pub(super) fn may_time_stamp(leaf: &Certificate) -> bool {
    may_sign(leaf)
        && purposes(leaf).is_some_and(|(critical, named)| critical && named == [TIME_STAMPING])
}
