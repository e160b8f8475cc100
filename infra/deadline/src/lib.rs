//! A deadline day, simulated: everything a document meets from its owner's first request to its stamp, as discrete
//! events on AWS's real limits, with the rules of `bubuh-core` for tickets, lanes and promised times.
//!
//! Nothing here reads a clock, a file or the network: the same settings and the same seed give the same report.
//!
//! What is not in it: refunds, disputes and settlement (they are not on a document's way), documents that lack a stamp
//! because their owner bought none, crashes (the fault simulator has them), and more than one region.

mod api;
mod bucket;
mod calendar;
mod cost;
pub mod curve;
mod error;
mod facts;
mod fair;
mod function;
mod histogram;
mod limits;
mod local;
mod mapping;
mod random;
mod report;
mod settings;
mod spread;
mod steps;
mod table;
mod template;
mod world;

pub use cost::Line;
pub use curve::{Arrivals, Arriving};
pub use error::Error;
pub use limits::Hit;
pub use local::{Expected, LoadRun};
pub use report::{
    Apart, Breaks, FunctionTold, HourTold, Kept100, MinuteTold, Report, Took, json, svg, text,
};
pub use settings::{DEFAULT, PROFILE, Settings};
pub use world::simulate;
