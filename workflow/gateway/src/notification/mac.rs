//! Comparing what proves a notification, in a time that tells nothing of what is compared.

use sha2::{Digest, Sha512};
use subtle::ConstantTimeEq;

/// The digest of a signature or a token. All have one length, so a comparison does not even tell the
/// secret's. It is no `PartialEq`: the only way to compare two is [`Mac::is`].
pub(super) struct Mac([u8; 64]);

impl Mac {
    /// The digest of this text.
    pub(super) fn of(text: &[u8]) -> Self {
        Self(Sha512::digest(text).into())
    }

    /// Whether both are of the same text; every byte is looked at, wherever they differ.
    pub(super) fn is(&self, other: &Self) -> bool {
        self.0.ct_eq(&other.0).into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::marker::PhantomData;

    /// `Probe::<T>::COMPARES` is the inherent one where `T` has `==`, else the trait's.
    struct Probe<T>(PhantomData<T>);
    trait NoEq {
        const COMPARES: bool = false;
    }
    impl<T> NoEq for Probe<T> {}
    #[allow(dead_code)]
    impl<T: PartialEq> Probe<T> {
        const COMPARES: bool = true;
    }

    #[test]
    fn a_mac_can_not_be_compared_by_the_operator_that_stops_at_the_first_difference() {
        let (digest, mac) = (Probe::<[u8; 64]>::COMPARES, Probe::<Mac>::COMPARES);
        assert_eq!((digest, mac), (true, false));
    }

    #[test]
    fn it_is_the_same_text_or_it_is_not() {
        let mac = Mac::of(b"secret");
        assert!(mac.is(&Mac::of(b"secret")));
        for other in [&b"secreT"[..], b"Secret", b"secret ", b""] {
            assert!(!mac.is(&Mac::of(other)));
        }
    }
}
