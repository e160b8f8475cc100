//! Amounts as the gateway writes them.

use bubuh_core::Rupiah;

/// Reads "100000.00", "100000" or "100000.0" as whole rupiah; refuses signs, exponents and
/// fractions of a rupiah.
pub(crate) fn parse(text: &str) -> Option<Rupiah> {
    let text = text.trim();
    let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    if !digits(whole) || !digits(fraction) || fraction.bytes().any(|byte| byte != b'0') {
        return None;
    }
    whole.parse().ok().map(Rupiah::new)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn fractions_signs_exponents_and_overflow_are_refused() {
        for text in [
            "",
            ".",
            ".00",
            "1.",
            "1.5",
            "1.001",
            "-1",
            "+1",
            "1e3",
            "1,000",
            "Rp1",
            "1.0.0",
            "١",
            "18446744073709551616",
        ] {
            assert_eq!(parse(text), None, "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn any_whole_amount_reads_back(rupiah: u64, zeros in 0_usize..4) {
            let text = if zeros == 0 { rupiah.to_string() } else { format!("{rupiah}.{}", "0".repeat(zeros)) };
            prop_assert_eq!(parse(&text), Some(Rupiah::new(rupiah)));
        }
    }
}
