//! Causes: the heart of the knowledge.

use serde::{Deserialize, Serialize};

use super::{Source, Text};
use crate::code::ErrorCode;
use crate::condition::Condition;
use crate::fact::{Key, SubjectKind};
use crate::language::Bilingual;

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
    /// Facts of its subject that decide nothing and belong to the picture: they are shown with its evidence.
    pub shows: Vec<Key>,
    /// Checks that settle it, the most telling first.
    pub checks: Vec<String>,
    /// Remedies, the mildest first.
    pub remedies: Vec<String>,
    /// Why there is no remedy, where there is none.
    pub no_remedy: Option<Bilingual>,
    /// Forms that it takes, each with its own next checks.
    pub variants: Vec<Variant>,
    /// What keeps it from coming back, and who helps where it does not yield.
    pub recurrence: Recurrence,
    /// What in this entry could not be verified.
    pub unverified: Option<Bilingual>,
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
        ["dns", "network", "host", "cloud"].contains(&self.area.as_str())
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
    /// It is about a tool beside the activation: never a reason for a verdict.
    Tool,
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

/// One of several forms of a cause: the same finding, told apart by its own checks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Variant {
    /// Id inside the cause, kebab-case.
    pub id: String,
    /// Title.
    pub title: Bilingual,
    /// What tells it from the other forms.
    pub difference: Bilingual,
    /// Checks that settle it, the most telling first.
    pub checks: Vec<String>,
    /// Remedies of this form.
    #[serde(default)]
    pub remedies: Vec<String>,
}

/// What keeps a cause from coming back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Recurrence {
    /// What to watch all the time, and what there is an alarm for.
    pub monitor: Vec<Bilingual>,
    /// What to look through from time to time.
    pub audit: Vec<Audit>,
    /// Who should own it.
    pub owner: Role,
    /// Whom to call where it does not yield.
    pub escalate: Escalation,
}

/// Something to look through from time to time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Audit {
    /// How often.
    pub every: Interval,
    /// What.
    pub what: Bilingual,
    /// The check that shows it, where one does.
    pub check: Option<String>,
}

/// How often something is looked through.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Interval {
    /// Each day.
    Day,
    /// Each week.
    Week,
    /// Each month.
    Month,
    /// Each quarter.
    Quarter,
    /// Each year.
    Year,
    /// At each change of the thing itself: a new host, a new image.
    Change,
}

/// Who owns something or is called for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    /// First line of support.
    HelpDesk,
    /// Owners of client machines, images and their policies.
    ClientAdministrator,
    /// Owners of KMS hosts.
    KmsAdministrator,
    /// Owners of DNS.
    DnsAdministrator,
    /// Owners of network and firewalls.
    NetworkAdministrator,
    /// Owners of Active Directory.
    DomainAdministrator,
    /// Owners of security products and policies.
    SecurityAdministrator,
    /// Owners of cloud subscriptions and their networks.
    CloudAdministrator,
    /// Owners of licence contracts and keys.
    LicenceManager,
    /// Microsoft's support or activation centre.
    MicrosoftSupport,
    /// The support of the cloud or hardware provider.
    ProviderSupport,
}

/// Whom to call, with which data.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Escalation {
    /// Whom.
    pub to: Role,
    /// Checks whose output goes along.
    pub checks: Vec<String>,
    /// What else to say: what was tried, since when, how many machines.
    pub with: Bilingual,
}
