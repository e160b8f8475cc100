//! Settlement files: what is read, and what is refused with its line and field.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    missing_docs
)]

use bubuh_core::{
    id::OrderId,
    settlement::{Line, LineKind},
};
use bubuh_gateway::settlement::{BYTES_MAX, Flaw, LINES_MAX, Layout, read};
use proptest::prelude::*;

const HEADER: &str = "order_id,transaction_id,type,gross,fee,net,settled_at,reference";
const AT: &str = "2026-11-25T09:00:00+07:00";

fn ours(text: &str) -> Result<Vec<Line>, Flaw> {
    read(text.as_bytes(), &Layout::OURS)
}

/// A file with this one line after a right one.
fn with(line: &str) -> Result<Vec<Line>, Flaw> {
    ours(&format!(
        "{HEADER}\no,t,payment,10000,70,9930,{AT},\n{line}\n"
    ))
}

fn flaw(line: &str) -> String {
    with(line).unwrap_err().to_string()
}

#[test]
fn a_line_of_each_kind_is_read() {
    let order = OrderId::derive(&["o"]);
    let text = format!(
        "{HEADER}\n\
         {order},t1,payment,10000.00,70,9930,{AT},\n\
         {order},t1,refund,-10000,0,-10000,{AT},key-1\n\
         stranger,t2,chargeback,-20000,5,-20005,2026-11-25T02:00:00Z,\n\
         ,,adjustment,500,0,500,{AT},\"a \"\"note\"\", quoted\"\n\
         ,,adjustment,-400,0,-400,{AT},\n\
         ,,total,-19900,75,-19975,,\n"
    );
    let lines = ours(&text).unwrap();
    let seen: Vec<_> = lines
        .iter()
        .map(|l| (l.id.number, l.kind, l.amount.get(), l.fee.get()))
        .collect();
    assert_eq!(
        seen,
        [
            (1, LineKind::Payment, 10_000, 70),
            (2, LineKind::Refund, 10_000, 0),
            (3, LineKind::Chargeback, 20_000, 5),
            (4, LineKind::Added, 500, 0),
            (5, LineKind::Taken, 400, 0),
        ]
    );
    assert_eq!(lines[0].order, Some(order));
    assert_eq!(lines[2].order, None, "an order of somebody else");
    assert_eq!(lines[0].settled_at_ms, lines[2].settled_at_ms);
    assert_eq!(lines[1].reference.as_deref(), Some("key-1"));
    assert_eq!(lines[3].reference.as_deref(), Some("a \"note\", quoted"));
    assert_eq!(lines[3].transaction, None);
}

#[test]
fn byte_order_mark_line_ends_and_the_columns_order_do_not_matter() {
    let line = format!("o,t,payment,10000,70,9930,{AT},r");
    let plain = ours(&format!("{HEADER}\n{line}\n")).unwrap();
    let others = [
        format!("\u{feff}{HEADER}\n{line}\n"),
        format!("{HEADER}\r\n{line}\r\n"),
        format!("{HEADER}\n{line}"),
        format!(
            "type,net,more,fee,gross,reference,settled_at,transaction_id,order_id\npayment,9930,x,70,10000,r,{AT},t,o\n"
        ),
    ];
    for other in others {
        let mut lines = ours(&other).unwrap();
        assert_ne!(lines[0].id.statement, plain[0].id.statement, "another file");
        lines[0].id = plain[0].id;
        assert_eq!(lines, plain, "{other}");
    }
    assert_eq!(
        ours(&format!("{HEADER}\n{line}\n")).unwrap(),
        plain,
        "the same file"
    );
}

#[test]
fn a_gateways_own_names_are_read_by_its_layout() {
    let layout = Layout {
        order_id: "Order ID",
        gross: "Amount",
        ..Layout::OURS
    };
    let header = HEADER
        .replace("order_id", "Order ID")
        .replace("gross", "Amount");
    let text = format!("{header}\no,t,payment,10000,70,9930,{AT},\n");
    assert_eq!(read(text.as_bytes(), &layout).unwrap().len(), 1);
    assert!(ours(&text).is_err());
}

#[test]
fn each_wrong_field_is_named_with_its_line() {
    for (line, told) in [
        (
            format!("o,t,payment,10000,70,9931,{AT},"),
            "line 3: net: 9931 is not gross 10000 less fee 70",
        ),
        (
            format!("o,t,payment,-10000,0,-10000,{AT},"),
            "line 3: gross: must be above zero for type payment",
        ),
        (
            format!("o,t,payment,0,0,0,{AT},"),
            "line 3: gross: must be above zero for type payment",
        ),
        (
            format!("o,t,refund,10000,0,10000,{AT},"),
            "line 3: gross: must be below zero for type refund",
        ),
        (
            format!("o,t,chargeback,1,0,1,{AT},"),
            "line 3: gross: must be below zero for type chargeback",
        ),
        (
            format!(",,adjustment,0,0,0,{AT},"),
            "line 3: gross: must be above or below zero for type adjustment",
        ),
        (
            format!(",,adjustment,5,1,4,{AT},"),
            "line 3: fee: an adjustment has none",
        ),
        (
            format!("o,t,payment,100,-1,101,{AT},"),
            "line 3: fee: is below zero: what is given back of a fee is an adjustment",
        ),
        (
            format!("o,t,payment,100,101,-1,{AT},"),
            "line 3: fee: is more than the payment",
        ),
        (
            format!("o,t,payout,1,0,1,{AT},"),
            "line 3: type: \"payout\" is none of payment, refund, chargeback, adjustment or total",
        ),
        (
            format!(",t,payment,1,0,1,{AT},"),
            "line 3: order_id: is missing",
        ),
        (
            format!("o,,payment,1,0,1,{AT},"),
            "line 3: transaction_id: must be 1 to 64 printable ASCII characters",
        ),
        (
            format!("o,a#b,adjustment,1,0,1,{AT},"),
            "line 3: transaction_id: must be 1 to 64 printable ASCII characters",
        ),
        (
            "o,t,payment,1,0,1,2026-11-25,".to_owned(),
            "line 3: settled_at: \"2026-11-25\" is no time: as 2026-11-25T09:00:00+07:00",
        ),
        (
            format!("o,t,payment,1.5,0,1,{AT},"),
            "line 3: gross: \"1.5\" is no amount: whole rupiah, as 10000 or -10000.00",
        ),
        (
            format!("o,t,payment,1,,1,{AT},"),
            "line 3: fee: \"\" is no amount: whole rupiah, as 10000 or -10000.00",
        ),
        (
            format!("o,t,payment,--1,0,1,{AT},"),
            "line 3: gross: \"--1\" is no amount: whole rupiah, as 10000 or -10000.00",
        ),
        (
            format!("o,t,payment,9223372036854775808,0,1,{AT},"),
            "line 3: gross: \"9223372036854775808\" is no amount: whole rupiah, as 10000 or -10000.00",
        ),
        (
            format!("o,t,payment,9223372036854775807,0,9223372036854775807,{AT},"),
            "line 3: gross: the sum of the lines leaves its range",
        ),
        (
            format!("o,t,payment,1,0,1,{AT},{}", "x".repeat(129)),
            "line 3: reference: must be at most 128 characters on one line",
        ),
        (
            format!("o,t,payment,1,0,1,{AT},\"two\nlines\""),
            "line 3: reference: must be at most 128 characters on one line",
        ),
        (
            format!("o,t,payment,1,0,1,{AT}"),
            "line 3: has 7 fields, the header 8",
        ),
        (
            ",,total,10000,70,9931,,".to_owned(),
            "line 3: net: 9931 is not gross 10000 less fee 70",
        ),
        (
            ",,total,20000,70,19930,,".to_owned(),
            "line 3: net: the lines come to 10000 less 70, net 9930",
        ),
        (
            format!(",,total,10000,70,9930,,\no,t,payment,1,0,1,{AT},"),
            "line 4: type: nothing may come after the total",
        ),
    ] {
        assert_eq!(flaw(&line), told);
    }
}

#[test]
fn a_file_that_is_none_is_refused() {
    assert_eq!(ours(&format!("{HEADER}\n")), Err(Flaw::Empty));
    let missing = ours("order_id,type\n").unwrap_err();
    assert_eq!(
        missing,
        Flaw::Header {
            column: "transaction_id",
            times: 0
        }
    );
    let twice = ours(&format!("{HEADER},fee\n")).unwrap_err();
    assert_eq!(
        twice,
        Flaw::Header {
            column: "fee",
            times: 2
        }
    );
    let binary = [HEADER.as_bytes(), b"\n\xff\xfe,t,payment,1,0,1,x,\n"].concat();
    let told = read(&binary, &Layout::OURS).unwrap_err().to_string();
    assert_eq!(told, "line 2: is not UTF-8");
    assert!(matches!(ours(""), Err(Flaw::Header { .. })));
    let large = vec![b'x'; BYTES_MAX + 1];
    assert!(matches!(
        read(&large, &Layout::OURS),
        Err(Flaw::TooLarge { .. })
    ));
}

#[test]
fn a_file_of_as_many_lines_as_may_be_is_read_and_of_one_more_is_not() {
    let line = format!("o,t,payment,10000,70,9930,{AT},\n");
    let lines = line.repeat(LINES_MAX as usize);
    let full = format!("{HEADER}\n{lines}");
    assert_eq!(ours(&full).unwrap().len(), LINES_MAX as usize);
    assert_eq!(ours(&format!("{full}{line}")), Err(Flaw::TooManyLines));
}

proptest! {
    #[test]
    fn any_bytes_are_read_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..400), header: bool) {
        let head = if header { format!("{HEADER}\n").into_bytes() } else { Vec::new() };
        let _ = read(&[head, bytes].concat(), &Layout::OURS);
    }

    #[test]
    fn what_is_read_comes_to_what_the_file_says(rows in proptest::collection::vec((1_i64..1_000_000, 0_i64..5_000, 0_u8..4), 1..40)) {
        let (mut text, mut gross, mut net) = (format!("{HEADER}\n"), 0, 0);
        for (amount, fee, kind) in rows {
            let (word, amount, fee) = match kind {
                0 => ("payment", amount + 5_000, fee),
                1 => ("refund", -amount, fee),
                2 => ("chargeback", -amount, fee),
                _ => ("adjustment", -amount, 0),
            };
            text += &format!("o,t,{word},{amount},{fee},{},{AT},\n", amount - fee);
            (gross, net) = (gross + amount, net + amount - fee);
        }
        let right = format!("{text},,total,{gross},{},{net},,\n", gross - net);
        let sum: i64 = ours(&right).unwrap().iter().map(|l| {
            let amount = i64::try_from(l.net().unwrap().get()).unwrap();
            if l.kind.brings() { amount } else { -amount }
        }).sum();
        prop_assert_eq!(sum, net);
        let wrong = format!("{text},,total,{gross},{},{},,\n", gross - net - 1, net + 1);
        prop_assert!(ours(&wrong).is_err());
    }
}
