//! `infra/ISSUER.md` is the table of the issuer's codes, as the code has it.
#![allow(clippy::unwrap_used, missing_docs)]

use bubuh_issuer::peruri::{CODES, Code, Does};
use std::{fmt::Write, path::Path};

fn row(code: &Code) -> String {
    let does = match code.does {
        Does::Takes => "checks the file, stores it and commits",
        Does::AsksAgain => "asks again, with the same serial and file",
        Does::Refuses => "refuses the document; stamp and serial go back",
        Does::CallsPeople => "stops after its tries and opens a case",
    };
    let told = match (code.words_id, code.words_en) {
        ("", _) => "what its state says".to_owned(),
        (id, en) => format!("{id} / {en}"),
    };
    format!("| {} | {does} | {told} | {} |", code.code, code.operator)
}

fn table() -> String {
    let mut text = "# What the issuer's answers mean\n\n\
        The signing adapter answers HTTP 200 whatever happened; its `errorCode` tells. This table is written from \
        `functions/issuer/src/peruri/codes.rs` (`BUBUH_WRITE_GOLDEN=1 cargo test --workspace --test table`). A code that is \
        not in it is asked again. A lost answer, a time-out, HTTP 5xx and an answer that can't be read are asked again too; \
        HTTP 401 logs in anew.\n\n\
        | code | what Bubuh does | what the owner is told | what an operator sees |\n|---|---|---|---|\n"
        .to_owned();
    for code in CODES {
        writeln!(text, "{}", row(code)).unwrap();
    }
    text
}

#[test]
fn the_table_for_people_is_the_one_in_the_code() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../infra/ISSUER.md");
    if std::env::var_os("BUBUH_WRITE_GOLDEN").is_some() {
        std::fs::write(&path, table()).unwrap();
    }
    assert_eq!(std::fs::read_to_string(&path).unwrap(), table());
}

#[test]
fn an_owner_is_told_what_to_do_in_both_languages_wherever_a_document_is_refused() {
    for code in CODES.iter().filter(|code| code.does == Does::Refuses) {
        assert!(code.words_id.contains("dikembalikan"), "{}", code.code);
        assert!(code.words_en.contains("given back"), "{}", code.code);
    }
}
