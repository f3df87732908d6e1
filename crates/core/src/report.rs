//! The report `kmsdoctor.report/1`: what crosses the program's border as JSON, separate from the inner types.
//!
//! Whatever is unknown is `null`. Its JSON schema is committed as `docs/report.schema.json`; a test fails on drift.

mod latency;
mod path;

use jiff::Timestamp;
use serde::Serialize;

use crate::code::ErrorCode;
use crate::condition::Missing;
use crate::diagnosis::{Diagnosis, Finding, Machine, NextCheck, Status};
use crate::fact::{Fact, FactBase, Key, SUBJECTS_MAX, State, Subject, SubjectKind, Value, Why};
use crate::language::Language;

pub use latency::LatencyEntry;
pub use path::{
    ChangeEntry, HOP_OUTCOMES, HopEntry, PATH_VERDICTS, PathEntry, PathMissingEntry, PlaceEntry, RefusalEntry,
    RemarkEntry,
};

/// The value of [`Report::schema`].
pub const SCHEMA: &str = "kmsdoctor.report/1";

/// A whole report.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Report {
    /// Always `kmsdoctor.report/1`.
    pub schema: &'static str,
    /// When the report was made (UTC, RFC 3339).
    pub generated_at: String,
    /// `healthy`, `problem` or `undetermined`.
    pub verdict: &'static str,
    /// The activations that the evidence speaks of.
    pub subjects: Vec<SubjectEntry>,
    /// Causes that the evidence touches, most probable root cause first.
    pub findings: Vec<FindingEntry>,
    /// Paths to KMS through the networks of clouds; empty where the evidence describes none.
    pub paths: Vec<PathEntry>,
    /// The same paths as they would be with what was given to `--assume`; `null` without it.
    pub assumed_paths: Option<Vec<PathEntry>>,
    /// Changes by which blocked paths reach KMS; only of the command `cloud`.
    pub changes: Vec<ChangeEntry>,
    /// Why no change is offered for other paths that are blocked.
    pub refusals: Vec<RefusalEntry>,
    /// What to check next, the most telling first.
    pub next_checks: Vec<CheckEntry>,
    /// How long each stage of the way took that was looked at live.
    pub latencies: Vec<LatencyEntry>,
    /// Remarks.
    pub notes: Vec<Note>,
    /// Everything that was read.
    pub artifacts: Vec<ArtifactEntry>,
}

/// An activation that the evidence speaks of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct SubjectEntry {
    /// Machine name.
    pub machine: Option<String>,
    /// `client` or `host`.
    pub role: Option<&'static str>,
    /// Product name as Windows prints it.
    pub product: Option<String>,
    /// Channel of the key: `gvlk`, `mak`, `csvlk`, `retail`, `oem`, `evaluation`, `subscription`, `avma`.
    pub channel: Option<String>,
    /// Licence state.
    pub license_status: Option<String>,
    /// Minutes left in that state.
    pub minutes_left: Option<i64>,
}

/// A cause held against the evidence.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct FindingEntry {
    /// Cause id.
    pub cause: String,
    /// `confirmed`, `likely`, `possible`, `ruled-out` or `not-checkable`.
    pub status: &'static str,
    /// Title in the report's language.
    pub title: String,
    /// Of which machine, where the evidence speaks of several.
    pub machine: Option<String>,
    /// What it was found on: host and port, domain, licence.
    pub subject: Option<String>,
    /// Evidence for it.
    #[serde(rename = "for")]
    pub holding: Vec<EvidenceEntry>,
    /// Evidence against it.
    pub against: Vec<EvidenceEntry>,
    /// What would have been needed to say more.
    pub missing: Vec<MissingEntry>,
    /// Ids of remedies, the mildest first.
    pub remedies: Vec<String>,
    /// Codes in the evidence with which the cause is typically seen.
    pub seen_codes: Vec<String>,
    /// Causes that follow from it.
    pub leads_to: Vec<String>,
}

/// A fact with its place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct EvidenceEntry {
    /// Name of the fact.
    pub fact: String,
    /// Its value; `null` where the evidence shows that there is none.
    pub value: Option<String>,
    /// Artifact that it was read from.
    pub artifact: Option<String>,
    /// First line, counted from 1; `null` for a live exchange.
    pub line: Option<u32>,
    /// The text that it rests on.
    pub quote: String,
}

/// A fact that is not known.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct MissingEntry {
    /// Name of the fact.
    pub fact: &'static str,
    /// Of which subject.
    pub subject: Option<String>,
    /// `not-in-evidence`, `no-answer`, `unreadable`, `contradictory` or `not-permitted`.
    pub why: &'static str,
}

/// A check worth running next.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct CheckEntry {
    /// Check id.
    pub id: String,
    /// The command.
    pub command: String,
    /// What it tells, in the report's language.
    pub why: String,
    /// Causes that it would settle.
    pub settles: Vec<String>,
}

/// A remark.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Note {
    /// `info` or `warning`.
    pub level: &'static str,
    /// The text, in the report's language.
    pub text: String,
}

/// Something that was read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ArtifactEntry {
    /// Path or label.
    pub name: String,
    /// Kinds of content found.
    pub kind: String,
    /// Size in bytes.
    pub bytes: usize,
    /// SHA-256 of the bytes with product keys masked.
    pub sha256: String,
    /// Number of facts read.
    pub facts: usize,
    /// Why nothing was read; `null` if something was.
    pub unread: Option<String>,
}

/// Puts a diagnosis into the report's form. Paths are added by who followed them.
pub fn build(
    diagnosis: &Diagnosis<'_>,
    artifacts: Vec<ArtifactEntry>,
    mut notes: Vec<Note>,
    generated_at: Timestamp,
    language: Language,
) -> Report {
    for machine in &diagnosis.machines {
        notes.extend(contradictions(&machine.facts, language));
        notes.extend(disagreeing_clocks(&machine.facts, language));
        notes.extend(unmeasured_clock(&machine.facts, language));
        notes.extend(left_out(&machine.facts, language));
    }
    notes.dedup();
    Report {
        schema: SCHEMA,
        generated_at: generated_at.to_string(),
        verdict: diagnosis.verdict.name(),
        subjects: diagnosis.machines.iter().flat_map(subjects).collect(),
        findings: diagnosis.findings.iter().map(|finding| finding_entry(finding, diagnosis, language)).collect(),
        paths: Vec::new(),
        assumed_paths: None,
        changes: Vec::new(),
        refusals: Vec::new(),
        next_checks: diagnosis.next_checks.iter().map(|next| check_entry(next, language)).collect(),
        latencies: diagnosis.machines.iter().flat_map(|machine| latency::entries(&machine.facts)).collect(),
        notes,
        artifacts,
    }
}

fn finding_entry(finding: &Finding<'_>, diagnosis: &Diagnosis<'_>, language: Language) -> FindingEntry {
    let carried = finding.status != Status::RuledOut;
    FindingEntry {
        cause: finding.cause.id.clone(),
        status: finding.status.name(),
        title: finding.cause.title.get(language).to_owned(),
        machine: diagnosis.machine_of(finding).map(str::to_owned),
        subject: finding.subject.as_ref().filter(|subject| !subject.id.is_empty()).map(|subject| subject.id.clone()),
        holding: evidence(&finding.holding),
        against: evidence(&finding.against),
        missing: finding.missing.iter().map(missing_entry).collect(),
        remedies: if carried { finding.cause.remedies.clone() } else { Vec::new() },
        seen_codes: finding.seen_codes.iter().map(ErrorCode::to_string).collect(),
        leads_to: finding.cause.leads_to.clone(),
    }
}

/// One entry per origin; facts that say the same of the same place are listed once.
fn evidence(facts: &[Fact]) -> Vec<EvidenceEntry> {
    let mut entries: Vec<EvidenceEntry> = Vec::new();
    for fact in facts {
        for origin in &fact.origins {
            let entry = EvidenceEntry {
                fact: fact.key.name().to_owned(),
                value: fact.value().map(Value::to_string),
                artifact: Some(origin.artifact.clone()),
                line: origin.line,
                quote: origin.quote.clone(),
            };
            if !entries.contains(&entry) {
                entries.push(entry);
            }
        }
    }
    entries
}

/// The name of a reason for not knowing.
pub fn why_name(why: Why) -> &'static str {
    match why {
        Why::NotInEvidence => "not-in-evidence",
        Why::NoAnswer => "no-answer",
        Why::Unreadable => "unreadable",
        Why::Contradictory => "contradictory",
        Why::NotPermitted => "not-permitted",
    }
}

fn missing_entry(missing: &Missing) -> MissingEntry {
    MissingEntry {
        fact: missing.key.name(),
        subject: missing.subject.as_ref().map(|subject| subject.id.clone()),
        why: why_name(missing.why),
    }
}

fn check_entry(next: &NextCheck<'_>, language: Language) -> CheckEntry {
    CheckEntry {
        id: next.check.id.clone(),
        command: fill(&next.check.command, &next.subjects),
        why: next.check.why.get(language).to_owned(),
        settles: next.settles.iter().map(|cause| (*cause).to_owned()).collect(),
    }
}

/// Puts values of the case into a command: `{host}`, `{port}`, `{target}` (host, with its port if it is not 1688),
/// `{domain}`, `{subject}` (the first of `subjects`). The first subject of a fitting kind gives the value. What is not
/// known, or is no plain name, stays a visible gap such as `<HOST>`: evidence must not write commands.
pub fn fill(command: &str, subjects: &[Subject]) -> String {
    let plain = |text: &str| {
        !text.is_empty()
            && text.chars().all(|character| character.is_ascii_alphanumeric() || ".-_:[]".contains(character))
    };
    let first =
        |kinds: &[SubjectKind]| subjects.iter().find(|subject| kinds.contains(&subject.kind) && plain(&subject.id));
    let host = first(&[SubjectKind::Endpoint, SubjectKind::Name, SubjectKind::TimeSource]);
    let endpoint = first(&[SubjectKind::Endpoint]);
    let port = endpoint.and_then(Subject::port).unwrap_or(1688);
    let host_name = host.map_or("<HOST>", Subject::host);
    let target = endpoint.filter(|_| port != 1688).map_or(host_name, |endpoint| endpoint.id.as_str());
    let domain = first(&[SubjectKind::Domain]).map_or("<DOMAIN>", |domain| domain.id.as_str());
    let subject =
        subjects.first().filter(|subject| plain(&subject.id)).map_or("<SUBJECT>", |subject| subject.id.as_str());
    let values = [
        ("{host}", host_name),
        ("{port}", &port.to_string()),
        ("{target}", target),
        ("{domain}", domain),
        ("{subject}", subject),
    ];
    values.into_iter().fold(command.to_owned(), |filled, (gap, value)| filled.replace(gap, value))
}

fn text(facts: &FactBase, subject: &Subject, key: Key) -> Option<String> {
    match facts.state(subject, key) {
        State::Present(value) => Some(value.to_string()),
        _ => None,
    }
}

fn subjects(machine: &Machine) -> Vec<SubjectEntry> {
    let facts = &machine.facts;
    let machine = text(facts, &Subject::machine(), Key::MachineName).or_else(|| machine.name.clone());
    let mut entries = Vec::new();
    for license in facts.subjects(SubjectKind::License) {
        let serves = facts.state(license, Key::LicenseServes) == State::Present(Value::Flag(true));
        let channel = text(facts, license, Key::LicenseChannel);
        let license_status = text(facts, license, Key::LicenseStatus);
        // Minutes belong to a state; where that is open, so are they.
        let minutes_left = match facts.state(license, Key::LicenseMinutesLeft) {
            State::Present(Value::Integer(minutes)) if license_status.is_some() => Some(minutes),
            _ => None,
        };
        entries.push(SubjectEntry {
            machine: machine.clone(),
            role: if serves { Some("host") } else { channel.is_some().then_some("client") },
            product: text(facts, license, Key::LicenseProduct),
            channel,
            license_status,
            minutes_left,
        });
    }
    if entries.is_empty() && machine.is_some() {
        entries.push(SubjectEntry {
            machine,
            role: None,
            product: None,
            channel: None,
            license_status: None,
            minutes_left: None,
        });
    }
    entries
}

/// Subjects beyond the number that is looked at.
fn left_out(facts: &FactBase, language: Language) -> Vec<Note> {
    let count = |kind: &SubjectKind| facts.subjects_left_out(*kind);
    let kinds = SubjectKind::ALL.into_iter().filter(|kind| count(kind) > 0);
    let text = |kind: SubjectKind| match language {
        // Every path has its verdict all the same.
        Language::Japanese if kind == SubjectKind::CloudPath => {
            format!("経路の判定は全件、原因との照合は先頭の {SUBJECTS_MAX} 件だけに行いました。")
        }
        Language::English if kind == SubjectKind::CloudPath => {
            format!("Every path has its verdict; causes were held against the first {SUBJECTS_MAX} of them.")
        }
        Language::Japanese => format!(
            "対象 ({}) が多すぎるため、{} 件を判定していません。証拠を分けて渡してください。",
            kind.name(),
            count(&kind)
        ),
        Language::English => format!(
            "There are too many subjects ({}); {} were not judged. Give the evidence in parts.",
            kind.name(),
            count(&kind)
        ),
    };
    kinds.map(|kind| Note { level: "warning", text: text(kind) }).collect()
}

/// Facts that sources of the same weight dispute: the reader has to know why they were not used.
fn contradictions(facts: &FactBase, language: Language) -> Vec<Note> {
    let note = |(subject, key): (&Subject, Key)| {
        let label = key.label(language);
        let of = if subject.id.is_empty() { String::new() } else { format!(" ({})", subject.id) };
        let text = match language {
            Language::Japanese => {
                format!("{label}{of}: 証拠どうしが食い違い、どちらが新しいか分からないため、判定に使っていません。")
            }
            Language::English => {
                format!(
                    "{label}{of}: pieces of evidence contradict each other and cannot be ordered in time, so it was not used."
                )
            }
        };
        Note { level: "warning", text }
    };
    facts.contradictions().map(note).collect()
}

/// Time sources that tell different times: what each says, and no mean of them.
fn disagreeing_clocks(facts: &FactBase, language: Language) -> Option<Note> {
    if facts.state(&Subject::machine(), Key::ClockSourcesDisagree) != State::Present(Value::Flag(true)) {
        return None;
    }
    let said: Vec<String> = facts
        .subjects(SubjectKind::TimeSource)
        .filter_map(|source| Some(format!("{} {} s", source.id, text(facts, source, Key::ClockOffset)?)))
        .collect();
    let said = said.join(", ");
    let text = match language {
        Language::Japanese => format!(
            "時刻ソースどうしが食い違っています ({said})。どれかが誤っているため、このコンピューターの時計が原因とは確定していません。"
        ),
        Language::English => format!(
            "Time sources disagree ({said}): one of them is wrong, so the clock of this machine is not confirmed to be."
        ),
    };
    Some(Note { level: "warning", text })
}

/// Time sources were asked and none told the time: what became of it.
fn unmeasured_clock(facts: &FactBase, language: Language) -> Option<Note> {
    let is_known = |source| matches!(facts.state(source, Key::ClockOffset), State::Present(_));
    if facts.subjects(SubjectKind::TimeSource).any(is_known) {
        return None;
    }
    let quote = |source| facts.first_of(source).and_then(|fact| Some(fact.origins.first()?.quote.as_str()));
    let quotes: Vec<&str> = facts.subjects(SubjectKind::TimeSource).filter_map(quote).collect();
    let text = match language {
        Language::Japanese => format!("時刻ソースから時刻を得られず、時計は判定していません: {}", quotes.join("; ")),
        Language::English => {
            format!("No time source told the time, so the clock was not judged: {}", quotes.join("; "))
        }
    };
    (!quotes.is_empty()).then_some(Note { level: "warning", text })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fact::{Fact, Origin, Why};

    #[test]
    fn clocks_that_were_not_measured() {
        let source = Subject::new(SubjectKind::TimeSource, "dc1");
        let fact = |key, state, quote: &str| {
            let (artifact, sha256) = (String::new(), String::new());
            let origins = vec![Origin { artifact, sha256, span: 0..1, line: None, quote: quote.to_owned() }];
            Fact { subject: source.clone(), key, state, time: None, origins }
        };
        let silent = || fact(Key::ClockOutcome, State::Present(Value::Word("timeout")), "SNTP dc1: timed out");
        let untold = || fact(Key::ClockOffset, State::Unknown(Why::Unreadable), "SNTP dc1: leap 3");
        let told = || fact(Key::ClockOffset, State::Present(Value::Seconds(0.0)), "SNTP dc1: offset");
        let note = |facts: Vec<Fact>| unmeasured_clock(&FactBase::new(facts), Language::English).map(|note| note.text);
        let expect = "No time source told the time, so the clock was not judged: SNTP dc1: timed out";
        assert_eq!(note(vec![silent(), untold()]).as_deref(), Some(expect));
        assert_eq!(note(vec![silent(), told()]), None);
        assert_eq!(note(vec![]), None);
    }

    #[test]
    fn commands_are_filled_with_plain_names_only() {
        let endpoint = Subject::endpoint("kms1.contoso.com", 1689);
        let domain = Subject::new(SubjectKind::Domain, "contoso.com");
        let command = "look {host} {port} {target} {domain} {subject}";
        assert_eq!(
            fill(command, &[endpoint, domain]),
            "look kms1.contoso.com 1689 kms1.contoso.com:1689 contoso.com kms1.contoso.com:1689"
        );
        assert_eq!(fill(command, &[]), "look <HOST> 1688 <HOST> <DOMAIN> <SUBJECT>");
        for hostile in ["a & del", "a;b", "$(x)", "a|b", "a`b", "a\nb", "a\"b"] {
            assert_eq!(fill("look {host}", &[Subject::new(SubjectKind::Name, hostile)]), "look <HOST>");
        }
    }
}
