//! Tables of the reference: events, products, hosts, settings, endpoints, and the topics that explain the rest.

use serde::{Deserialize, Serialize};

use super::{Evidence, Rights, Risk, Source};
use crate::code::ErrorCode;
use crate::language::Bilingual;

/// A Windows event.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Event {
    /// Event id.
    pub id: u32,
    /// What it reports.
    pub title: Bilingual,
    /// Registered name of the provider.
    pub provider: String,
    /// Log that it stands in.
    pub log: String,
    /// Levels with which it is seen: `information`, `warning`, `error`.
    #[serde(default)]
    pub levels: Vec<String>,
    /// Who writes it: `client`, `host`, `any`.
    pub written_by: String,
    /// What it proves.
    pub proves: Bilingual,
    /// What it does not prove.
    pub does_not_prove: Bilingual,
    /// It says nothing about a failed activation by itself.
    pub noise: bool,
    /// Fields of its data, in order.
    #[serde(default, rename = "field")]
    pub fields: Vec<Field>,
    /// Causes that it helps to find.
    #[serde(default)]
    pub causes: Vec<String>,
    /// How sure this entry is.
    pub evidence: Evidence,
    /// Where it comes from.
    pub sources: Vec<Source>,
}

/// A field of an event, a property of a class, a part of a value.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Field {
    /// Its name or position, or a bit.
    pub name: String,
    /// What it says.
    pub meaning: Bilingual,
}

/// A product with its key, known by the last five characters.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Product {
    /// `windows-server`, `windows-client` or `office`.
    pub family: String,
    /// Version as printed (`2022`, `11 / 10`).
    pub version: String,
    /// Edition as printed (`Datacenter`).
    pub edition: String,
    /// Ids of the generations in the host table that the key belongs to (`windows-11`).
    #[serde(default)]
    pub generations: Vec<String>,
    /// Last five characters of the published key; none where no key is published.
    pub last_five: Option<String>,
    /// What the key is: `gvlk`, `avma`, `csvlk`.
    pub channel: String,
    /// Count that the KMS host must have reached.
    pub threshold: Option<u8>,
    /// Activation ID (SKU) of the licence, where a source gives it.
    pub activation_id: Option<String>,
    /// Edition ids that the key fits (`EditionID` of the registry), where known.
    #[serde(default)]
    pub edition_ids: Vec<String>,
    /// Remark.
    pub note: Option<Bilingual>,
    /// How sure this entry is.
    pub evidence: Evidence,
    /// Where it comes from.
    pub sources: Vec<Source>,
}

/// A generation of Windows or Office in the host table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Generation {
    /// Id (`server-2022`, `windows-11`, `office-2021`).
    pub id: String,
    /// Name.
    pub title: String,
    /// `server`, `client` or `office`.
    pub kind: String,
    /// Builds of its releases (`10.0.20348`), the first one first; none for Office. Generations may share one.
    #[serde(default)]
    pub builds: Vec<String>,
    /// Where it comes from.
    pub sources: Vec<Source>,
}

/// A host key (CSVLK): where it runs and what it activates.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HostKey {
    /// Id: the generation that it is named for.
    pub id: String,
    /// Name.
    pub title: Bilingual,
    /// Generations on which it can be installed.
    pub runs_on: Vec<String>,
    /// Generations that it activates, as listed. What is not here is "not listed", which is not "refused".
    pub activates: Vec<String>,
    /// Remark.
    pub note: Option<Bilingual>,
    /// How sure this entry is.
    pub evidence: Evidence,
    /// Where it comes from.
    pub sources: Vec<Source>,
}

/// An update that a host needs before it activates newer generations.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HostUpdate {
    /// Generation of the host.
    pub host: String,
    /// Generations that it activates with the update.
    pub activates: Vec<String>,
    /// Number of the update (`KB5003646`).
    pub update: String,
    /// Build from which it is in (`10.0.17763.1999`); none where updates do not change the build's number or it is not known.
    pub build: Option<String>,
    /// Remark, such as a number that sources print wrongly.
    pub note: Option<Bilingual>,
    /// How sure this entry is.
    pub evidence: Evidence,
    /// Where it comes from.
    pub sources: Vec<Source>,
}

/// A setting, property or option: registry value, policy, WMI property, option of slmgr or ospp, cmdlet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Setting {
    /// Name as it is typed (`KeyManagementServiceName`, `/skms`).
    pub name: String,
    /// `registry`, `policy`, `wmi`, `slmgr`, `ospp`, `powershell`, `service`, `file`, `firewall`.
    pub kind: String,
    /// Where it lives: key, class, syntax.
    pub place: String,
    /// `client`, `host` or `any`.
    pub side: String,
    /// Type of its value, unit and default, in short.
    pub value: Option<String>,
    /// What it does or says.
    pub meaning: Bilingual,
    /// What changing or running it risks; none for what can only be read.
    pub risk: Risk,
    /// Rights that changing or running it needs.
    pub rights: Rights,
    /// How to take it back, or why that cannot be.
    pub undo: Option<Bilingual>,
    /// It uses up an activation of a MAK.
    #[serde(default)]
    pub consumes_mak: bool,
    /// How sure this entry is.
    pub evidence: Evidence,
    /// Where it comes from.
    pub sources: Vec<Source>,
}

/// A KMS endpoint of a cloud.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CloudEndpoint {
    /// `azure`, `aws` or `google-cloud`.
    pub cloud: String,
    /// `public`, `us-government`, `china`, `germany`.
    pub region: String,
    /// DNS name, where it has one.
    pub name: Option<String>,
    /// Addresses.
    pub addresses: Vec<String>,
    /// TCP port.
    pub port: u16,
    /// Date from which it holds, `YYYY-MM-DD` or `YYYY-MM`; none where no source gives one.
    pub from: Option<String>,
    /// Date until which it held.
    pub until: Option<String>,
    /// What it is for, and what to know.
    pub note: Bilingual,
    /// How sure this entry is.
    pub evidence: Evidence,
    /// Where it comes from.
    pub sources: Vec<Source>,
}

/// Something to know that is neither cause nor code: a term, a licence state, a symptom, a limit, a method, a rule of a cloud.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Topic {
    /// Id, kebab-case.
    pub id: String,
    /// What it is.
    pub kind: TopicKind,
    /// Its name in both languages: the words that Windows shows, where Windows shows them.
    pub title: Bilingual,
    /// Other words under which people look for it, in any language.
    #[serde(default)]
    pub aliases: Vec<String>,
    /// What it is and what follows from it.
    pub text: Bilingual,
    /// Rows of a table, where one says more than words.
    #[serde(default, rename = "row")]
    pub rows: Vec<Row>,
    /// Causes that it may come from or that concern it.
    #[serde(default)]
    pub causes: Vec<String>,
    /// Codes that belong to it.
    #[serde(default)]
    pub codes: Vec<ErrorCode>,
    /// Events that belong to it.
    #[serde(default)]
    pub events: Vec<u32>,
    /// Checks worth running where somebody sees it.
    #[serde(default)]
    pub checks: Vec<String>,
    /// Remedies, such as conversions between methods.
    #[serde(default)]
    pub remedies: Vec<String>,
    /// Other topics.
    #[serde(default)]
    pub related: Vec<String>,
    /// How sure this entry is.
    pub evidence: Evidence,
    /// Where it comes from.
    pub sources: Vec<Source>,
}

/// A row of a topic's table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Row {
    /// What the row is about.
    pub name: Bilingual,
    /// What holds.
    pub value: Bilingual,
}

/// What a topic is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TopicKind {
    /// A word of the field.
    Term,
    /// A licence state, 0 to 6.
    State,
    /// What a user sees.
    Symptom,
    /// A number: a limit, a period, a threshold.
    Limit,
    /// A way to activate.
    Method,
    /// A rule of a cloud.
    CloudRule,
}

/// A question on which sources disagree.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Dispute {
    /// Id, kebab-case.
    pub id: String,
    /// The question.
    pub title: Bilingual,
    /// What each side says, at least two.
    #[serde(rename = "claim")]
    pub claims: Vec<Claim>,
    /// Which one is followed here.
    pub followed: Bilingual,
    /// Why.
    pub why: Bilingual,
    /// Entries that it concerns: ids of causes, codes, event numbers, topics, settings.
    #[serde(default)]
    pub about: Vec<String>,
    /// How sure the resolution is.
    pub evidence: Evidence,
}

/// One side of a dispute.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Claim {
    /// What is said.
    pub says: Bilingual,
    /// Where.
    pub sources: Vec<Source>,
}

/// Advice of published guides that is wrong, useless or unsafe.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Advice {
    /// Id, kebab-case.
    pub id: String,
    /// What is wrong with it.
    pub fault: AdviceFault,
    /// What guides say.
    pub says: Bilingual,
    /// Why not.
    pub why: Bilingual,
    /// What to do instead.
    pub instead: Bilingual,
    /// Words that give it away in commands, lower case; no remedy contains one of them.
    #[serde(default)]
    pub patterns: Vec<String>,
    /// Entries that it concerns.
    #[serde(default)]
    pub about: Vec<String>,
    /// How sure this entry is.
    pub evidence: Evidence,
    /// Where the right fact comes from.
    pub sources: Vec<Source>,
}

/// What is wrong with a piece of advice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum AdviceFault {
    /// It endangers the machine, its data or its security.
    Unsafe,
    /// It is not true.
    Wrong,
    /// It does nothing for the fault that it is given for.
    Useless,
}

/// A checklist for a situation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Checklist {
    /// Id, kebab-case: the word after `--for`.
    pub id: String,
    /// Title.
    pub title: Bilingual,
    /// When to use it.
    pub when: Bilingual,
    /// Its parts.
    #[serde(rename = "part")]
    pub parts: Vec<ChecklistPart>,
    /// Where it comes from.
    pub sources: Vec<Source>,
}

/// A part of a checklist.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChecklistPart {
    /// Heading.
    pub title: Bilingual,
    /// Its lines.
    #[serde(rename = "item")]
    pub items: Vec<ChecklistItem>,
}

/// A line of a checklist: a check, a remedy, or words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChecklistItem {
    /// A check to run.
    pub check: Option<String>,
    /// A remedy to carry out.
    pub remedy: Option<String>,
    /// What to do or to note, where neither says it.
    pub text: Option<Bilingual>,
}
