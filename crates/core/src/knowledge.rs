//! Knowledge: causes, remedies, checks, error codes and the tables of the reference, as data.
//!
//! The files live in `knowledge/` and are embedded at build time. Loading checks everything: types of conditions,
//! references between entries, sections of the texts in both languages, sources. A mistake is reported with its file.

mod cause;
mod check;
mod code;
mod hosts;
mod labels;
mod load;
mod remedy;
mod source;
mod tables;
mod text;

use std::collections::BTreeMap;
use std::sync::OnceLock;

pub use cause::{Audit, Cause, Conditions, Escalation, Interval, Recurrence, Rival, Role, Severity, Variant};
pub use check::{Check, Outcome, Place};
pub use code::{CodeEntry, Side};
pub use hosts::{Compatibility, Hosts};
pub use load::KnowledgeError;
pub use remedy::{Conversion, Edit, Remedy, Rights, Risk, Step};
pub use source::{Evidence, Source};
pub use tables::{
    Advice, AdviceFault, Checklist, ChecklistItem, ChecklistPart, Claim, CloudEndpoint, Dispute, Event, Field,
    Generation, HostKey, HostUpdate, Product, Row, Setting, Topic, TopicKind,
};
pub use text::{Section, Text};

use crate::code::ErrorCode;

/// The embedded files: path below `knowledge/` and content.
pub const FILES: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/knowledge_files.rs"));

/// All that the program knows.
#[derive(Debug, Clone, Default)]
pub struct Knowledge {
    /// Causes by id.
    pub causes: BTreeMap<String, Cause>,
    /// Remedies by id.
    pub remedies: BTreeMap<String, Remedy>,
    /// Checks by id.
    pub checks: BTreeMap<String, Check>,
    /// Error codes.
    pub codes: BTreeMap<ErrorCode, CodeEntry>,
    /// Windows events by id; one id may have several providers.
    pub events: Vec<Event>,
    /// Products and their keys, known by the last five characters.
    pub products: Vec<Product>,
    /// The host table: which host key on which host activates what.
    pub hosts: Hosts,
    /// Registry values, policies, WMI properties, options of slmgr and ospp, cmdlets.
    pub settings: Vec<Setting>,
    /// KMS endpoints of clouds.
    pub endpoints: Vec<CloudEndpoint>,
    /// Terms, states, symptoms, limits, methods, rules of clouds, by id.
    pub topics: BTreeMap<String, Topic>,
    /// Questions on which sources disagree, by id.
    pub disputes: BTreeMap<String, Dispute>,
    /// Advice that is not repeated, by id.
    pub advice: BTreeMap<String, Advice>,
    /// Checklists by id.
    pub checklists: BTreeMap<String, Checklist>,
}

impl Knowledge {
    /// Loads and checks knowledge from `(path, content)` pairs. Every mistake is reported, not only the first.
    pub fn load<'a>(files: impl IntoIterator<Item = (&'a str, &'a str)>) -> Result<Self, Vec<KnowledgeError>> {
        match Self::read(files) {
            (knowledge, errors) if errors.is_empty() => Ok(knowledge),
            (_, errors) => Err(errors),
        }
    }

    /// What can be read of `(path, content)` pairs, and every mistake in the rest.
    pub fn read<'a>(files: impl IntoIterator<Item = (&'a str, &'a str)>) -> (Self, Vec<KnowledgeError>) {
        load::read(files)
    }

    /// The knowledge that the program was built with.
    ///
    /// # Panics
    /// If the embedded files are not sound. They do not change after the build and a test loads them; a program
    /// that silently knew nothing would call every machine a riddle.
    pub fn embedded() -> &'static Self {
        static KNOWLEDGE: OnceLock<Knowledge> = OnceLock::new();
        KNOWLEDGE.get_or_init(|| match Self::load(FILES.iter().copied()) {
            Ok(knowledge) => knowledge,
            Err(errors) => panic!("the embedded knowledge has mistakes: {errors:?}"),
        })
    }
}

/// Whether `id` has the form of a cause id: lower-case words joined by hyphens.
pub fn is_cause_id(id: &str) -> bool {
    id.contains('-') && is_id(id)
}

/// Whether `id` has the form of an id: lower-case words and numbers joined by hyphens.
pub fn is_id(id: &str) -> bool {
    id.split('-')
        .all(|word| !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit()))
}
