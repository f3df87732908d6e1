//! Facts, three-valued logic, knowledge and diagnosis.
//!
//! **Invariants.** No I/O, no clock, no randomness, no async: everything comes in through parameters, so the same
//! evidence gives the same findings on any day and any machine. This crate knows no format of evidence (readers
//! live in `kmsdoctor-evidence`) and no way to get it (`kmsdoctor-live`).
//!
//! Start reading at [`fact`] (what is known), then [`condition`] (how causes ask for it) and [`diagnosis`].

pub mod address;
pub mod approved;
pub mod artifact;
pub mod code;
pub mod condition;
pub mod derive;
pub mod diagnosis;
pub mod fact;
pub mod knowledge;
pub mod language;
pub mod mask;
pub mod printable;
pub mod redact;
pub mod reference;
pub mod report;
pub mod truth;
