//! What is written must be read again: rows, and the words that stand in rows, keys and answers.

use crate::support::*;
use bubuh_core::{
    Error, Rupiah, Stamps,
    case::{Case, CaseKind, Owner},
    document::{DocumentState, DocumentType},
    id::{
        AccountId, BlockId, CaseId, DocumentId, IdempotencyKey, OrderId, RefundKey, Serial, Sha256,
        TransactionId,
    },
    inventory::Block,
    lot::{Bucket, LotId, StampMove},
    order::OrderState,
    refund::{Refund, RefundReason},
    ticket::Lane,
};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Value, json, to_value};

fn reads_back<T: Serialize + DeserializeOwned + PartialEq + std::fmt::Debug>(row: &T) {
    let text = serde_json::to_string(row).unwrap();
    assert_eq!(&serde_json::from_str::<T>(&text).unwrap(), row);
}

#[test]
fn every_row_reads_back_as_it_was_written() {
    let mut world = World::queued();
    world.announce("e", "ani");
    world.wait("e");
    let fence = world.claim("d", "me", T0);
    reads_back(world.document("d"));
    world.commit("d", fence);
    world.accept("e");
    world.stall("e");
    world.capture("o", "second", 5, T0);
    let lots = world.lots_of("ani");
    let one = Stamps::ONE;
    let asked = Refund::ask(refund_key("r"), world.payment("o"), &lots, one, T0).unwrap();
    world.must(&asked.1);
    world.orders.values().for_each(reads_back);
    world.payments.values().for_each(reads_back);
    world.refunds.values().for_each(reads_back);
    world.documents.values().for_each(reads_back);
    world.lots.values().for_each(reads_back);
    world.blocks.values().for_each(reads_back);
    world.entries.values().for_each(reads_back);
    world.cases.values().for_each(reads_back);
}

#[test]
fn a_state_is_called_the_same_in_a_row_and_in_an_answer() {
    use DocumentState as D;
    use OrderState as O;
    for state in [
        O::AwaitingPayment,
        O::Credited,
        O::Expired,
        O::Cancelled,
        O::Failed,
    ] {
        assert_eq!(to_value(state).unwrap(), Value::from(state.name()));
    }
    for state in [
        D::AwaitingUpload,
        D::AwaitingStamp,
        D::Queued,
        D::Stamping,
        D::Stamped,
        D::Rejected,
        D::Cancelled,
        D::Stalled,
        D::Abandoned,
    ] {
        assert_eq!(to_value(state).unwrap(), Value::from(state.name()));
    }
    for owner in [Owner::Operator, Owner::Finance, Owner::Buyer] {
        assert_eq!(to_value(owner).unwrap(), Value::from(owner.name()));
    }
    for bucket in Bucket::ALL {
        assert_eq!(to_value(bucket).unwrap(), Value::from(bucket.name()));
        let lot = &World::queued().lots_of("ani")[0];
        let row = to_value(lot).unwrap();
        assert_eq!(
            row[bucket.name()],
            json!(lot.bucket(bucket)),
            "the move names this field"
        );
    }
    for lane in Lane::ALL {
        assert_eq!(to_value(lane).unwrap(), Value::from(lane.name()));
    }
}

#[test]
fn the_issuers_document_codes_are_its_own() {
    for (kind, code) in [
        (DocumentType::Statement, "3"),
        (DocumentType::Transaction, "2"),
        (DocumentType::MoneyReceived, "4a"),
        (DocumentType::DebtSettled, "4b"),
    ] {
        assert_eq!(kind.code(), code);
        assert_eq!(to_value(kind).unwrap(), Value::from(code));
    }
}

#[test]
fn only_a_live_lease_is_worth_the_same_call_again() {
    assert!(Error::Leased { until_ms: 1 }.retryable());
    for error in [
        Error::Overflow,
        Error::Fenced {
            held: 1,
            current: 2,
        },
        Error::IllegalTransition {
            state: "queued",
            event: "commit",
        },
        Error::Unbalanced {
            entry: "x".to_owned(),
        },
        Error::Invalid {
            field: "x",
            reason: String::new(),
        },
    ] {
        assert!(!error.retryable(), "{error}");
    }
}

#[test]
fn amounts_and_counts_never_wrap() {
    let (most, one) = (Rupiah::new(u64::MAX), Rupiah::new(1));
    assert_eq!(most.plus(one), Err(Error::Overflow));
    assert_eq!(Rupiah::ZERO.minus(one), Err(Error::Overflow));
    assert_eq!(most.times(Stamps::new(2)), Err(Error::Overflow));
    assert_eq!(Rupiah::new(7).times(Stamps::new(3)), Ok(Rupiah::new(21)));
    assert_eq!(
        Stamps::new(u32::MAX).plus(Stamps::ONE),
        Err(Error::Overflow)
    );
    assert_eq!(Stamps::ZERO.minus(Stamps::ONE), Err(Error::Overflow));
    assert_eq!(
        (most.to_string(), Stamps::new(3).to_string()),
        (format!("Rp{}", u64::MAX), "3".to_owned())
    );
}

#[test]
fn a_text_id_keeps_to_its_alphabet_and_length() {
    assert!(AccountId::new("a".repeat(128)).is_ok() && AccountId::new("a".repeat(129)).is_err());
    assert!(
        TransactionId::new("t".repeat(64)).is_ok() && TransactionId::new("t".repeat(65)).is_err()
    );
    for bad in ["", "a#b", "a b", "é", "a\n"] {
        assert!(
            AccountId::new(bad).is_err() && TransactionId::new(bad).is_err(),
            "{bad:?}"
        );
        assert!(
            serde_json::from_value::<AccountId>(json!(bad)).is_err(),
            "{bad:?}"
        );
    }
    assert!(IdempotencyKey::new("a b").is_ok() && IdempotencyKey::new("a\tb").is_err());
    assert!(IdempotencyKey::new("k".repeat(255)).is_ok());
    assert!(IdempotencyKey::new("k".repeat(256)).is_err());
    assert!(Sha256::new("g").is_err() && Sha256::new("f".repeat(65)).is_err());
    for good in ["A-1_x.9", "0"] {
        assert_eq!(Serial::new(good).unwrap().as_str(), good);
    }
    assert!(
        Sha256::new("ABC").is_err(),
        "upper case would be another name of the same digest"
    );
    let digest = Sha256::of(b"");
    assert_eq!(
        digest.as_str(),
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    );
    assert_eq!(hex(&digest.bytes().unwrap()), digest.as_str());
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}

#[test]
fn an_id_or_a_lot_id_that_is_none_is_refused() {
    for bad in ["", "x", "6F0B1C9E-5D2A-4C77-9B1E-0F3A7D6452C1"] {
        assert!(bad.parse::<RefundKey>().is_err(), "{bad}");
    }
    let lot = World::queued().lots_of("ani")[0].id;
    let text = lot.to_string();
    assert_eq!(text, format!("{T0}.{}.0000", lot.order));
    for bad in [
        text.replace("0000", ""),
        text.replacen('.', "", 1),
        format!("x{text}"),
        String::new(),
    ] {
        assert!(bad.parse::<LotId>().is_err(), "{bad}");
    }
}

#[test]
fn a_move_of_no_stamps_or_along_no_way_cannot_be_made() {
    let lot = World::queued().lots_of("ani")[0].id;
    let go = |from, to, count| StampMove::new(account("ani"), lot, from, to, Stamps::new(count));
    assert!(go(Bucket::Available, Bucket::Reserved, 0).is_err());
    assert!(go(Bucket::Available, Bucket::Reserved, 1).is_ok());
    let ways = [
        (Bucket::Available, Bucket::Reserved),
        (Bucket::Available, Bucket::Refunding),
        (Bucket::Available, Bucket::Refunded),
        (Bucket::Reserved, Bucket::Available),
        (Bucket::Reserved, Bucket::Stamped),
        (Bucket::Refunding, Bucket::Available),
        (Bucket::Refunding, Bucket::Refunded),
    ];
    for from in Bucket::ALL {
        for to in Bucket::ALL {
            assert_eq!(
                go(from, to, 1).is_ok(),
                ways.contains(&(from, to)),
                "{from:?} → {to:?}"
            );
        }
    }
}

/// A row, a request that is made again and a refund's key at the gateway are found by their ids: with
/// other ids tomorrow, what was paid today would be lost and what was refunded be refunded again.
#[test]
fn an_id_is_the_same_in_every_release() {
    let world = World::queued();
    let returned = Block::returned(&serial("S1"), document_id("d")).id;
    let refund = Refund::automatic(world.payment("o"), RefundReason::WrongAmount, T0);
    let case = |kind| {
        Case::open(kind, account("ani"), String::new(), T0, 7)
            .id
            .to_string()
    };
    let ids = [
        OrderId::derive(&["ani", "key"]).to_string(),
        DocumentId::derive(&["ani", "key"]).to_string(),
        BlockId::derive(&["ani", "key"]).to_string(),
        RefundKey::derive(&["ani", "key"]).to_string(),
        CaseId::derive(&["ani", "key"]).to_string(),
        returned.to_string(),
        refund.key.to_string(),
        case(CaseKind::DocumentStalled("d".to_owned())),
        case(CaseKind::RefundStuck("r".to_owned())),
        case(CaseKind::PaymentDisputed("t".to_owned())),
    ];
    let for_ever = [
        "387f6da6-cb4c-534b-ad0d-a0042f000784",
        "dbc2ebf3-828a-5c03-9846-8a624ad9f611",
        "737b0609-b5ed-5d8f-aed1-5569468ef6df",
        "57a389f4-ddd2-57e2-aaf0-60dbc4562ef1",
        "b5c303b1-9c59-5787-953d-85dae22873f6",
        "c097981c-de0d-51e9-9be4-8ce239976462",
        "eb376d12-d87b-53ab-8c3b-7d74ab78d8ce",
        "6f625a00-02cf-51a6-a033-257962f6b47d",
        "5a94c9b0-8280-5ebc-90ee-17607c009dba",
        "d2c1d3d8-1c33-53b0-b0fd-683e3ebcec7e",
    ];
    assert_eq!(ids, for_ever);
}
