//! Remedies: typed steps, each with its way back.

use serde::{Deserialize, Serialize};

use super::{Place, Source};
use crate::condition::Condition;
use crate::fact::SubjectKind;
use crate::language::Bilingual;

/// A remedy: steps that mend a cause.
#[derive(Debug, Clone)]
pub struct Remedy {
    /// Id, kebab-case; it states the deed.
    pub id: String,
    /// Title.
    pub title: Bilingual,
    /// The kind of subject that its conditions are about.
    pub subject: SubjectKind,
    /// The worst risk of its steps.
    pub risk: Risk,
    /// The highest rights of its steps.
    pub rights: Rights,
    /// What has to hold before it is begun.
    pub precondition: Option<Condition>,
    /// The precondition in words.
    pub precondition_text: Option<Bilingual>,
    /// What holds when it has worked.
    pub verification: Option<Condition>,
    /// Why no fact shows that it has worked, where none does.
    pub no_verification: Option<Bilingual>,
    /// For a change of the activation method: from which to which, ids of methods.
    pub converts: Option<Conversion>,
    /// The steps.
    pub steps: Vec<Step>,
    /// What in this entry could not be verified.
    pub unverified: Option<Bilingual>,
    /// Where it comes from.
    pub sources: Vec<Source>,
}

impl Remedy {
    /// Whether one of its steps uses up an activation of a MAK.
    pub fn consumes_mak(&self) -> bool {
        self.steps.iter().any(|step| step.consumes_mak)
    }
}

/// A change of the activation method.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Conversion {
    /// The method before: a topic of kind `method`, or `host` for a former KMS host.
    pub from: String,
    /// The method after.
    pub to: String,
}

/// One step of a remedy: capture, apply, verify, and the way back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Step {
    /// What is done.
    pub action: Bilingual,
    /// Where.
    pub place: Place,
    /// The command; for its gaps see [`crate::report::fill`].
    pub command: Option<String>,
    /// A change that no command makes: a setting of a file, a policy or a console.
    pub edit: Option<Edit>,
    /// How to note the state before: a command.
    pub capture: Option<String>,
    /// How to note the state before, where no command shows it.
    pub capture_note: Option<Bilingual>,
    /// The command that shows that it worked.
    pub verify: Option<String>,
    /// The command that takes it back.
    pub undo: Option<String>,
    /// Why there is no undo, or what undoing takes, where no command does it.
    pub undo_note: Option<Bilingual>,
    /// What it risks.
    pub risk: Risk,
    /// The rights it needs.
    pub rights: Rights,
    /// What else it does: interruptions, counts, other machines.
    pub side_effects: Option<Bilingual>,
    /// It uses up an activation of a MAK.
    #[serde(default)]
    pub consumes_mak: bool,
}

/// A change made by hand.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Edit {
    /// What is edited: a file, a policy, a record, a rule.
    pub target: String,
    /// How it reads afterwards.
    pub after: Bilingual,
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

/// Rights that a step needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Rights {
    /// Any user.
    User,
    /// Local administrator, elevated.
    Administrator,
    /// Administrator of DNS, domain, network or cloud.
    Infrastructure,
}
