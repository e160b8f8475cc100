//! Serials of our own making, and how people type them.
//!
//! Sixteen characters of Crockford's base 32 say 80 random bits. They can't be guessed, are read out without mistaking
//! letters for digits, and keep the QR code on paper coarse. Among a thousand million serials the chance that any two
//! are equal is below one in a million; if it ever happened, [`crate::write::Write::Bind`] ties a serial to one
//! document only, and the second is passed over.

use crate::id::Serial;

/// Crockford's alphabet: no I, L, O and U.
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
/// Characters in a serial of ours: 80 bits of five each.
const LENGTH: usize = 16;

impl Serial {
    /// The serial that these bits name.
    #[must_use]
    pub fn of_bits(bits: [u8; 10]) -> Self {
        let number = bits
            .iter()
            .fold(0_u128, |number, byte| number << 8 | u128::from(*byte));
        let letters = (0..LENGTH).rev().filter_map(|place| {
            let digit = usize::try_from(number >> (5 * place) & 31).ok()?;
            ALPHABET.get(digit).map(|letter| char::from(*letter))
        });
        Self::legal(letters.collect())
    }

    /// The serial of ours that this text means: in any case, grouped by spaces or hyphens, with O for 0 and I or L
    /// for 1. Nothing when it means none; an issuer's serials are looked up as written.
    #[must_use]
    pub fn typed(text: &str) -> Option<Self> {
        let mut letters = String::with_capacity(LENGTH);
        for letter in text.bytes().filter(|byte| !matches!(byte, b' ' | b'-')) {
            let letter = match letter.to_ascii_uppercase() {
                b'O' => b'0',
                b'I' | b'L' => b'1',
                other => other,
            };
            if !ALPHABET.contains(&letter) || letters.len() == LENGTH {
                return None;
            }
            letters.push(char::from(letter));
        }
        (letters.len() == LENGTH).then(|| Self::legal(letters))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn eighty_bits_are_sixteen_letters_and_other_bits_are_others() {
        assert_eq!(Serial::of_bits([0; 10]).as_str(), "0000000000000000");
        assert_eq!(Serial::of_bits([255; 10]).as_str(), "ZZZZZZZZZZZZZZZZ");
        let mut bits = [0; 10];
        bits[9] = 33;
        assert_eq!(Serial::of_bits(bits).as_str(), "0000000000000011");
        bits[0] = 0x80;
        assert_eq!(Serial::of_bits(bits).as_str(), "G000000000000011");
    }

    #[test]
    fn a_serial_is_found_however_it_is_typed() {
        for typed in [
            "70K1M9Q2X8R4T6W1",
            "70k1m9q2x8r4t6w1",
            "7OKLM9Q2X8R4T6WI",
            "7oki-m9q2 x8r4-t6wl",
        ] {
            assert_eq!(
                Serial::typed(typed).unwrap().as_str(),
                "70K1M9Q2X8R4T6W1",
                "{typed}"
            );
        }
    }

    #[test]
    fn what_is_no_serial_of_ours_means_none() {
        for other in [
            "",
            "70K1M9Q2X8R4T6W",
            "70K1M9Q2X8R4T6W11",
            "70K1M9Q2X8R4T6WU",
            "é0K1M9Q2X8R4T6W",
        ] {
            assert_eq!(Serial::typed(other), None, "{other}");
        }
    }
}
