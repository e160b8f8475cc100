//! What is refused before it is sent, to whichever gateway.

use crate::{ChargeRequest, Error, RefundRequest};
use bubuh_core::Rupiah;

/// Longest order id both gateways take: Midtrans's limit.
const ID_LIMIT: usize = 50;
const TEXT_LIMIT: usize = 255;

/// An id goes into the path: only characters that mean nothing there, and no `.` or `..`.
pub(crate) fn id(field: &'static str, id: &str) -> Result<(), Error> {
    let legal = |byte: u8| byte.is_ascii_alphanumeric() || b"-_~.".contains(&byte);
    if id.is_empty() || id.len() > ID_LIMIT || !id.bytes().all(legal) {
        return Err(Error::InvalidRequest {
            field,
            reason: "must be 1 to 50 of A-Z a-z 0-9 - _ ~ .",
        });
    }
    if id.bytes().all(|byte| byte == b'.') {
        return Err(Error::InvalidRequest {
            field,
            reason: "must not be only dots",
        });
    }
    Ok(())
}

pub(crate) fn charge(request: &ChargeRequest) -> Result<(), Error> {
    id("order_id", &request.order_id)?;
    positive("gross_amount", request.gross_amount)?;
    if request.expiry_minutes == 0 {
        return Err(Error::InvalidRequest {
            field: "expiry_minutes",
            reason: "must be at least 1",
        });
    }
    Ok(())
}

pub(crate) fn refund(request: &RefundRequest) -> Result<(), Error> {
    positive("amount", request.amount)?;
    let key = &request.refund_key;
    if key.is_empty() || key.len() > TEXT_LIMIT || !key.bytes().all(|byte| byte.is_ascii_graphic())
    {
        return Err(Error::InvalidRequest {
            field: "refund_key",
            reason: "must be 1 to 255 visible characters",
        });
    }
    if request.reason.len() > TEXT_LIMIT {
        return Err(Error::InvalidRequest {
            field: "reason",
            reason: "must be at most 255 bytes",
        });
    }
    Ok(())
}

fn positive(field: &'static str, amount: Rupiah) -> Result<(), Error> {
    if amount == Rupiah::ZERO {
        return Err(Error::InvalidRequest {
            field,
            reason: "must be above zero",
        });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_that_would_change_the_path_is_refused() {
        for bad in [
            "",
            ".",
            "..",
            "a/b",
            "a?b",
            "a%2fb",
            "a b",
            "ä",
            &"x".repeat(51),
        ] {
            assert!(id("id", bad).is_err(), "{bad:?}");
        }
        for good in ["a", "ORDER-101", "a.b~c_d", &"x".repeat(50)] {
            assert!(id("id", good).is_ok(), "{good:?}");
        }
    }
}
