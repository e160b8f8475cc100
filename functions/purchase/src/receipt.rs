//! The buyer's receipt: one printable page of what came in, what it bought and what went back.

use bubuh_core::{
    Error,
    lot::Lot,
    money::{Rupiah, Stamps, grouped},
    order::Order,
    payment::{Method, Payment},
    refund::{Refund, RefundState},
};
use bubuh_edge::time::wib;
use std::fmt::Write as _;

const STYLE: &str = "body{font:15px/1.5 system-ui,sans-serif;max-width:42rem;margin:2rem auto;padding:0 1rem;\
color:#222}h1{font-size:1.4rem;margin:0}h2{font-size:1rem;margin:1.6rem 0 .3rem}table{width:100%;\
border-collapse:collapse}td,th{padding:.3rem .5rem .3rem 0;border-bottom:1px solid #ddd;text-align:left;\
vertical-align:top}td:last-child,th:last-child{text-align:right;padding-right:0;white-space:nowrap}\
.sum td{font-weight:600}small,.en{color:#666}code{font-size:.85rem;overflow-wrap:anywhere}";

/// The page. Only an order that money came in for has one.
///
/// # Errors
/// [`Error::IllegalTransition`] before; [`Error::Overflow`].
pub(crate) fn page(
    order: &Order,
    payments: &[Payment],
    lots: &[Lot],
    refunds: &[Refund],
) -> Result<String, Error> {
    if payments.is_empty() {
        return Err(Error::IllegalTransition {
            state: order.state.name(),
            event: "receipt",
        });
    }
    let mut html = String::new();
    let title = "Tanda terima <span class=en>/ Receipt</span>";
    let _ = write!(
        html,
        "<!doctype html><html lang=id><meta charset=utf-8><meta name=viewport content=\"width=device-width\">\
         <title>Tanda terima {id}</title><style>{STYLE}</style><h1>Bubuh · {title}</h1>\
         <p>Pesanan <span class=en>/ Order</span> <code>{id}</code><br><small>{at}</small></p>",
        id = order.id,
        at = wib(order.created_at_ms),
    );
    bought(&mut html, order, lots)?;
    let mut amounts = payments.iter().map(|payment| payment.amount);
    let came = amounts.try_fold(Rupiah::ZERO, Rupiah::plus)?;
    paid(&mut html, payments, came);
    let back = went_back(&mut html, refunds)?;
    let _ = write!(
        html,
        "<h2>Neto <span class=en>/ Net</span></h2><table><tr class=sum><td>Diterima dikurangi dikembalikan \
         <span class=en>/ Received less returned</span><td>{}</table>\
         <p><small>Bea meterai Rp10.000 per dokumen (UU 10/2020). Tanda terima ini bukan faktur pajak. \
         <span class=en>Stamp duty of Rp10,000 a document (Law 10/2020). This receipt is not a tax \
         invoice.</span></small></html>",
        rupiah(came.minus(back).unwrap_or_default()),
    );
    html.push('\n');
    Ok(html)
}

fn bought(html: &mut String, order: &Order, lots: &[Lot]) -> Result<(), Error> {
    let sum = |count: fn(&Lot) -> Stamps| Stamps::sum(lots.iter().map(count));
    let quantity = sum(|lot| lot.quantity)?;
    let _ = write!(
        html,
        "<h2>Dibeli <span class=en>/ Bought</span></h2><table>\
         <tr><td>{quantity} e-Meterai × {price}<td>{worth}\
         <tr><td>Biaya layanan dan pembayaran, ditanggung Bubuh \
         <span class=en>/ Service and payment fees, borne by Bubuh</span><td>Rp0\
         <tr><td><small>{stamped} pada dokumen, {available} dapat dipakai, {returned} dikembalikan \
         <span class=en>/ {stamped} on documents, {available} usable, {returned} returned</span></small><td></table>",
        price = rupiah(order.unit_price),
        worth = rupiah(order.unit_price.times(quantity)?),
        stamped = sum(|lot| lot.stamped)?,
        available = sum(Lot::usable)?,
        returned = sum(|lot| lot.refunded)?,
    );
    Ok(())
}

fn paid(html: &mut String, payments: &[Payment], came: Rupiah) {
    html.push_str("<h2>Diterima <span class=en>/ Received</span></h2><table>");
    for payment in payments {
        let method = match payment.method {
            Method::Qris => "QRIS",
            Method::BankTransfer => "Transfer bank",
        };
        let _ = write!(
            html,
            "<tr><td>{method} <small>{at}</small><br><code>{transaction}</code><td>{amount}",
            at = wib(payment.captured_at_ms),
            transaction = escaped(payment.transaction.as_str()),
            amount = rupiah(payment.amount),
        );
    }
    let _ = write!(
        html,
        "<tr class=sum><td>Jumlah <span class=en>/ Total</span><td>{}</table>",
        rupiah(came)
    );
}

/// Gives what has gone back.
fn went_back(html: &mut String, refunds: &[Refund]) -> Result<Rupiah, Error> {
    let mut back = Rupiah::ZERO;
    let counted = refunds.iter().filter(|r| r.state != RefundState::Reversed);
    let mut rows = String::new();
    for refund in counted {
        let made = refund.state == RefundState::Refunded;
        let state = if made {
            back = back.plus(refund.amount)?;
            "dikembalikan <span class=en>/ returned</span>"
        } else {
            "dalam proses <span class=en>/ under way</span>"
        };
        let _ = write!(
            rows,
            "<tr><td>{state} <small>{at}</small><br><code>{key}</code><td>{amount}",
            at = wib(refund.created_at_ms),
            key = refund.key,
            amount = rupiah(refund.amount),
        );
    }
    if !rows.is_empty() {
        let _ = write!(
            html,
            "<h2>Pengembalian utuh <span class=en>/ Refunds, in full</span></h2><table>{rows}\
             <tr class=sum><td>Jumlah dikembalikan <span class=en>/ Total returned</span><td>{}</table>",
            rupiah(back),
        );
    }
    Ok(back)
}

/// As Indonesians write it: Rp1.250.000.
fn rupiah(amount: Rupiah) -> String {
    format!("Rp{}", grouped(amount.get().into()))
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::*;
    use bubuh_core::{
        id::{AccountId, OrderId, RefundKey, Sha256, TransactionId},
        lot::Bucket,
        money::DUTY,
        order::{Observed, ObservedState, Wanted, observe},
        write::Write,
    };

    const AT_MS: u64 = 1_795_491_000_000;

    /// Three stamps, paid twice, of which one is asked back.
    fn paid_twice() -> (Order, Vec<Payment>, Vec<Lot>, Vec<Refund>) {
        let wanted = Wanted {
            id: OrderId::derive(&["o"]),
            account: AccountId::new("ani").unwrap(),
            quantity: Stamps::new(3),
            method: Method::Qris,
            request_hash: Sha256::of(b"o"),
            unit_price: DUTY,
        };
        let (mut order, _) = Order::place(wanted, AT_MS).unwrap();
        let (mut payments, mut lots, mut refunds) = (Vec::new(), Vec::new(), Vec::new());
        for (name, amount) in [("first", 30_000), ("<b>second", 30_000)] {
            let seen = Observed {
                transaction: TransactionId::new(name).unwrap(),
                state: ObservedState::Captured,
                amount: Rupiah::new(amount),
                method: Method::Qris,
            };
            for write in observe(&order, None, &lots, &seen, AT_MS + 60_000).unwrap() {
                match write {
                    Write::Order(put) => order = put.row,
                    Write::Payment(put) => payments.push(put.row),
                    Write::Lot(lot) => lots.push(lot),
                    Write::Refund(put) => refunds.push(put.row),
                    _ => {}
                }
            }
        }
        refunds[0].state = RefundState::Refunded;
        let key = RefundKey::derive(&["back"]);
        let (asked, moves) =
            Refund::ask(key, &payments[0], &lots, Stamps::ONE, AT_MS + 120_000).unwrap();
        refunds.push(asked);
        for write in moves {
            if let Write::Move(change) = write {
                assert_eq!(change.to, Bucket::Refunding);
                lots[0] = lots[0].after(&change).unwrap();
            }
        }
        (order, payments, lots, refunds)
    }

    #[test]
    fn a_receipt_tells_what_came_in_what_it_bought_and_what_went_back() {
        let (order, payments, lots, refunds) = paid_twice();
        let page = page(&order, &payments, &lots, &refunds).unwrap();
        let golden = concat!(env!("CARGO_MANIFEST_DIR"), "/src/receipt.golden.html");
        if std::env::var_os("BUBUH_WRITE_GOLDEN").is_some() {
            std::fs::write(golden, &page).unwrap();
        }
        assert_eq!(page, std::fs::read_to_string(golden).unwrap());
    }

    #[test]
    fn nothing_paid_has_no_receipt() {
        let (order, ..) = paid_twice();
        assert!(page(&order, &[], &[], &[]).is_err());
    }

    #[test]
    fn rupiah_are_grouped_by_thousands() {
        let texts = [0, 999, 1_000, 10_000, 1_250_000].map(|n| rupiah(Rupiah::new(n)));
        assert_eq!(
            texts,
            ["Rp0", "Rp999", "Rp1.000", "Rp10.000", "Rp1.250.000"]
        );
    }
}
