//! RSA signatures, checked (RSASSA-PKCS1-v1_5, RFC 8017, 8.2.2). Only public numbers are computed with here, so
//! nothing can leak by its timing.

use super::Hash;
use crypto_bigint::modular::{BoxedMontyForm, BoxedMontyParams};
use crypto_bigint::{BoxedUint, Odd};

/// Moduli that are taken, in bytes: 2,048 to 8,192 bits.
const MODULUS_BYTES: std::ops::RangeInclusive<usize> = 256..=1024;

/// Whether `signature` was made over `digest` with the key of this modulus and exponent (big-endian).
pub(super) fn verify(
    modulus: &[u8],
    exponent: &[u8],
    hash: Hash,
    digest: &[u8],
    signature: &[u8],
) -> bool {
    let modulus = trimmed(modulus);
    MODULUS_BYTES.contains(&modulus.len())
        && signature.len() == modulus.len()
        && opened(modulus, trimmed(exponent), signature) == encoded(hash, digest, modulus.len())
}

/// The signature raised to the exponent; nothing for numbers that no key has.
fn opened(modulus: &[u8], exponent: &[u8], signature: &[u8]) -> Option<Vec<u8>> {
    let bits = u32::try_from(modulus.len().checked_mul(8)?).ok()?;
    let exponent = BoxedUint::from_be_slice(exponent, 64).ok()?;
    let signature = BoxedUint::from_be_slice(signature, bits).ok()?;
    let modulus = BoxedUint::from_be_slice(modulus, bits).ok()?;
    if signature >= modulus {
        return None;
    }
    let odd = Odd::new(modulus).into_option()?;
    let params = BoxedMontyParams::new_vartime(odd);
    let power = BoxedMontyForm::new(signature, &params).pow_bounded_exp(&exponent, 64);
    Some(trimmed(&power.retrieve().to_be_bytes()).to_vec())
}

/// The encoded message without its leading zero byte.
fn encoded(hash: Hash, digest: &[u8], length: usize) -> Option<Vec<u8>> {
    // DigestInfo up to the digest (RFC 8017, 9.2, note 1).
    let head: &[u8] = match hash {
        Hash::Sha1 => return None,
        Hash::Sha256 => {
            b"\x30\x31\x30\x0d\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x01\x05\x00\x04\x20"
        }
        Hash::Sha384 => {
            b"\x30\x41\x30\x0d\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x02\x05\x00\x04\x30"
        }
        Hash::Sha512 => {
            b"\x30\x51\x30\x0d\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x03\x05\x00\x04\x40"
        }
    };
    let padding = length.checked_sub(3 + head.len() + digest.len())?;
    Some([&[1], vec![0xff; padding].as_slice(), &[0], head, digest].concat())
}

fn trimmed(number: &[u8]) -> &[u8] {
    let zeros = number.iter().take_while(|byte| **byte == 0).count();
    number.get(zeros..).unwrap_or_default()
}
