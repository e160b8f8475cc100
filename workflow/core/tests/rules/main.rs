//! The rules, tried in an in-memory world: tables, edges, random sequences, and the audit's own proof.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    missing_docs
)]

#[path = "../support/mod.rs"]
mod support;

mod audit_red;
mod audit_report;
mod day_report;
mod document_edges;
mod document_looks;
mod document_table;
mod elsewhere;
mod erasure;
mod hands;
mod happening;
mod names;
mod of_few_words;
mod order_edges;
mod order_table;
mod random;
mod refund_edges;
mod rows;
mod serials;
mod settlement_edges;
mod settlement_lines;
mod settlement_random;
mod settlement_red;
mod settlement_waits;
mod simulation;
mod telling;
mod told;
mod world_keeps_its_word;
