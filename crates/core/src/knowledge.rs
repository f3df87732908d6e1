//! Knowledge: causes, remedies, checks and error codes, as data.
//!
//! The files live in `knowledge/` and are embedded at build time. Loading checks everything: types of conditions,
//! references between entries, sections of the texts in both languages, sources. A mistake is reported with its file.

mod load;
mod text;

use std::collections::BTreeMap;
use std::sync::OnceLock;

use serde::{Deserialize, Serialize};

pub use load::KnowledgeError;
pub use text::{Section, Text};

use crate::code::ErrorCode;
use crate::condition::Condition;
use crate::fact::{Key, SubjectKind};
use crate::language::{Bilingual, Language};

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
}

impl Knowledge {
    /// Loads and checks knowledge from `(path, content)` pairs. Every mistake is reported, not only the first.
    pub fn load<'a>(files: impl IntoIterator<Item = (&'a str, &'a str)>) -> Result<Self, Vec<KnowledgeError>> {
        load::load(files)
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

/// One cause of a failed activation.
#[derive(Debug, Clone)]
pub struct Cause {
    /// Permanent id, kebab-case; it states the fault.
    pub id: String,
    /// Area: the folder that it lies in.
    pub area: String,
    /// Title.
    pub title: Bilingual,
    /// What kind of subject it is judged for.
    pub subject: SubjectKind,
    /// What it means for the verdict.
    pub severity: Severity,
    /// How often it is the reason, compared with its rivals: 0 (rare) to 100. An estimate, used only to order
    /// findings of the same status.
    pub weight: u8,
    /// Codes with which it is typically seen. A code alone never confirms.
    pub codes: Vec<ErrorCode>,
    /// Causes that follow from it and never stand above it.
    pub leads_to: Vec<String>,
    /// What it is confused with.
    pub rivals: Vec<Rival>,
    /// Checks that settle it, the most telling first.
    pub checks: Vec<String>,
    /// Remedies, the mildest first.
    pub remedies: Vec<String>,
    /// When each status holds.
    pub conditions: Conditions,
    /// Texts for people.
    pub text: Text,
    /// Where the knowledge comes from.
    pub sources: Vec<Source>,
}

impl Cause {
    /// Whether it lies between a client and its KMS host, or on that host: it concerns activations through KMS alone.
    pub fn is_on_the_way(&self) -> bool {
        ["dns", "network", "host"].contains(&self.area.as_str())
    }
}

/// When each status of a cause holds.
#[derive(Debug, Clone, PartialEq)]
pub struct Conditions {
    /// The evidence shows it. `None` for causes that no evidence known so far can prove; those have `likely`.
    pub confirmed: Option<Condition>,
    /// The evidence points to it and one thing is open.
    pub likely: Option<Condition>,
    /// The evidence raises it.
    pub possible: Option<Condition>,
    /// The evidence excludes it, beyond a condition above being false.
    pub ruled_out: Option<Condition>,
}

impl Conditions {
    /// The condition of the surest status that the cause can reach.
    pub fn strongest(&self) -> Option<&Condition> {
        self.confirmed.as_ref().or(self.likely.as_ref())
    }

    /// Every condition with its name in `cause.toml`.
    pub fn named(&self) -> impl Iterator<Item = (&'static str, &Condition)> {
        [
            ("confirmed", &self.confirmed),
            ("likely", &self.likely),
            ("possible", &self.possible),
            ("ruled_out", &self.ruled_out),
        ]
        .into_iter()
        .filter_map(|(name, condition)| condition.as_ref().map(|condition| (name, condition)))
    }

    /// The condition called `name`, to be replaced.
    pub fn named_mut(&mut self, name: &str) -> Option<&mut Condition> {
        match name {
            "confirmed" => self.confirmed.as_mut(),
            "likely" => self.likely.as_mut(),
            "possible" => self.possible.as_mut(),
            "ruled_out" => self.ruled_out.as_mut(),
            _ => None,
        }
    }
}

/// What a cause means for the verdict.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Severity {
    /// Activation fails or will fail.
    Fault,
    /// A command failed. That says nothing against an activation that works.
    Command,
    /// No action needed.
    Benign,
}

/// A cause that is confused with this one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rival {
    /// The other cause.
    pub cause: String,
    /// What tells the two apart.
    pub difference: Bilingual,
}

/// Where a statement comes from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Source {
    /// Document and place in it.
    pub name: String,
    /// Date on which it was read, `YYYY-MM-DD`.
    pub read: String,
}

/// A check that people or the program can run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Check {
    /// Id, kebab-case.
    pub id: String,
    /// What it is.
    pub title: Bilingual,
    /// The command, ready to paste; for its placeholders see [`crate::report::fill`].
    pub command: String,
    /// Where it runs: `client`, `host`, `any`.
    pub place: Place,
    /// What it tells.
    pub why: Bilingual,
    /// Facts that it provides, by name.
    pub provides: Vec<String>,
    /// Effort, 1 (seconds, no rights) to 5 (somebody else has to act).
    pub effort: u8,
    /// Rank among the checks that are worth running when nothing is known yet; none for all others.
    pub opening: Option<u8>,
}

impl Check {
    /// The facts that it provides.
    pub fn keys(&self) -> impl Iterator<Item = Key> {
        self.provides.iter().filter_map(|name| Key::from_name(name))
    }
}

/// Where a check or step is carried out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Place {
    /// On the KMS client.
    Client,
    /// On the KMS host.
    Host,
    /// On a DNS server or with its tools.
    DnsServer,
    /// On the network between them.
    Network,
    /// Anywhere.
    Any,
}

/// A remedy: steps that mend a cause, each with its way back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Remedy {
    /// Id, kebab-case; it states the deed.
    pub id: String,
    /// Title.
    pub title: Bilingual,
    /// The worst risk of its steps.
    pub risk: Risk,
    /// The rights it needs.
    pub rights: Rights,
    /// The steps.
    #[serde(rename = "step")]
    pub steps: Vec<Step>,
    /// Where it comes from.
    pub sources: Vec<Source>,
}

/// One step of a remedy: capture, apply, verify, and the way back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Step {
    /// What is done.
    pub action: Bilingual,
    /// Where.
    pub place: Place,
    /// The command, where there is one; `{host}`, `{port}`, `{domain}` stand for values of the case.
    pub command: Option<String>,
    /// How to note the state before.
    pub capture: Option<String>,
    /// How to see that it worked.
    pub verify: Option<String>,
    /// The command that takes it back.
    pub undo: Option<String>,
    /// Why there is no undo, or what undoing takes, where no command does it.
    pub undo_note: Option<Bilingual>,
}

/// Risk of a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Risk {
    /// Nothing changes.
    ReadOnly,
    /// It can be taken back as it was.
    Reversible,
    /// It interrupts users or services.
    Disruptive,
    /// It cannot be taken back.
    Irreversible,
}

/// Rights that a remedy needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Rights {
    /// Any user.
    User,
    /// Local administrator, elevated.
    Administrator,
    /// Administrator of DNS, domain or network.
    Infrastructure,
}

/// What is known of an error code.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CodeEntry {
    /// The code.
    pub code: ErrorCode,
    /// Its symbol in the SDK headers, if any.
    pub symbol: Option<String>,
    /// The official message; `None` where no official text is known in that language.
    pub message_ja: Option<String>,
    /// The official message in English.
    pub message_en: Option<String>,
    /// What it means in practice.
    pub meaning: Bilingual,
    /// Causes with which it is seen.
    pub causes: Vec<String>,
    /// Checks that tell what the code does not: they come first where nothing else is known.
    #[serde(default)]
    pub checks: Vec<String>,
    /// Where this comes from.
    pub sources: Vec<Source>,
}

impl CodeEntry {
    /// The official message in `language`.
    pub fn message(&self, language: Language) -> Option<&str> {
        match language {
            Language::Japanese => self.message_ja.as_deref(),
            Language::English => self.message_en.as_deref(),
        }
    }
}

/// Whether `id` has the form of a cause id: lower-case words joined by hyphens.
pub fn is_cause_id(id: &str) -> bool {
    id.split('-').count() > 1
        && id
            .split('-')
            .all(|word| !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit()))
}
