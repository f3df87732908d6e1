//! Cases of causes: `knowledge/causes/*/*/cases/*.toml`, and the laws over the cases of one cause.
//!
//! A case gives facts, raw text, or both, and says what the cause must make of it. One named test per case.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

use kmsdoctor_core::approved::Approved;
use kmsdoctor_core::artifact::Artifact;
use kmsdoctor_core::code::ErrorCode;
use kmsdoctor_core::diagnosis::{Finding, Given, Status, diagnose};
use kmsdoctor_core::fact::{Fact, Key, Origin, State, Subject, SubjectKind, Value, ValueType, Why};
use kmsdoctor_core::knowledge::{Cause, Knowledge};
use libtest_mimic::{Failed, Trial};
use serde::Deserialize;
use toml::Value as Toml;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Kind {
    Fires,
    Silent,
    Unsure,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    #[serde(rename = "what")]
    _what: String,
    kind: Kind,
    expect: Option<String>,
    subject: Option<String>,
    /// Lines of a list of approved hosts.
    #[serde(default)]
    approved: Vec<String>,
    #[serde(default)]
    fact: Vec<CaseFact>,
    #[serde(default)]
    artifact: Vec<CaseArtifact>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct CaseFact {
    of: BTreeMap<String, String>,
    #[serde(default)]
    present: BTreeMap<String, Toml>,
    #[serde(default)]
    absent: Vec<String>,
    #[serde(default)]
    unknown: BTreeMap<String, String>,
    time: Option<String>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct CaseArtifact {
    name: String,
    text: String,
}

fn root() -> PathBuf {
    super::root().join("causes")
}

fn key(name: &str) -> Result<Key, Failed> {
    Key::from_name(name).ok_or_else(|| format!("`{name}` is not in the fact catalogue").into())
}

fn value(key: Key, toml: &Toml) -> Result<Value, Failed> {
    let converted = match (key.value_type(), toml) {
        (ValueType::Word(_), Toml::String(word)) => key.word(word).map(Value::Word),
        (ValueType::Text, Toml::String(text)) => Some(Value::Text(text.clone())),
        (ValueType::Integer, Toml::Integer(number)) => Some(Value::Integer(*number)),
        (ValueType::Seconds, Toml::Float(seconds)) => Some(Value::Seconds(*seconds)),
        (ValueType::Flag, Toml::Boolean(flag)) => Some(Value::Flag(*flag)),
        (ValueType::Code, Toml::String(code)) => ErrorCode::parse(code).map(Value::Code),
        (ValueType::Time, Toml::String(time)) => time.parse().ok().map(Value::Time),
        _ => None,
    };
    converted.ok_or_else(|| format!("{toml:?} is no value of `{}`", key.name()).into())
}

fn why(name: &str) -> Result<Why, Failed> {
    Ok(match name {
        "not-in-evidence" => Why::NotInEvidence,
        "no-answer" => Why::NoAnswer,
        "unreadable" => Why::Unreadable,
        "contradictory" => Why::Contradictory,
        "not-permitted" => Why::NotPermitted,
        other => return Err(format!("`{other}` is no reason").into()),
    })
}

/// The facts of a case: those given, and those read from its artifacts.
fn facts(case: &Case) -> Result<Vec<Fact>, Failed> {
    let mut facts = Vec::new();
    for (index, given) in case.fact.iter().enumerate() {
        let (kind, id) = given.of.iter().next().ok_or("a fact is `of` one subject")?;
        let kind = SubjectKind::from_name(kind).ok_or_else(|| format!("`{kind}` is no kind of subject"))?;
        let subject = Subject::new(kind, id.as_str());
        let time =
            given.time.as_ref().map(|time| time.parse().map_err(|_| format!("`{time}` is no time"))).transpose()?;
        let origin = Origin {
            artifact: "case".to_owned(),
            sha256: "case".to_owned(),
            span: index..index,
            line: None,
            quote: format!("fact {}", index + 1),
        };
        let mut put = |name: &str, state: State| -> Result<(), Failed> {
            let key = key(name)?;
            if key.subject_kind() != kind {
                return Err(
                    format!("`{name}` is a fact of a {}, not of a {}", key.subject_kind().name(), kind.name()).into()
                );
            }
            facts.push(Fact { subject: subject.clone(), key, state, time, origins: vec![origin.clone()] });
            Ok(())
        };
        for (name, toml) in &given.present {
            put(name, State::Present(value(key(name)?, toml)?))?;
        }
        for name in &given.absent {
            put(name, State::Absent)?;
        }
        for (name, reason) in &given.unknown {
            put(name, State::Unknown(why(reason)?))?;
        }
    }
    let mut resources = Vec::new();
    for given in &case.artifact {
        let artifact = Artifact::new(given.name.as_str(), given.text.clone().into_bytes(), None);
        let reading = kmsdoctor_evidence::read(&artifact);
        if let Some(unread) = reading.unread {
            return Err(format!("nothing was read from artifact `{}`: {unread:?}", given.name).into());
        }
        facts.extend(reading.facts);
        resources.extend(reading.resources);
    }
    facts.extend(kmsdoctor_cloud::paths(&resources).iter().flat_map(kmsdoctor_cloud::Path::facts));
    Ok(facts)
}

/// What a case gives beside its evidence.
fn given(case: &Case) -> Result<Given, Failed> {
    let approved = match case.approved.as_slice() {
        [] => None,
        lines => Some(Approved::parse(&lines.join("\n")).map_err(|error| error.to_string())?),
    };
    Ok(Given { as_of: None, approved })
}

/// The finding of the cause that the case speaks of: of its subject, else the surest one. What is excluded on
/// every subject is told as one finding without a subject, which then speaks for the case's subject too.
fn finding<'a, 'k>(findings: &'a [Finding<'k>], cause: &str, subject: Option<&str>) -> Option<&'a Finding<'k>> {
    let speaks = |finding: &&Finding<'k>| match (subject, &finding.subject) {
        (Some(subject), Some(own)) => own.id.eq_ignore_ascii_case(subject),
        (Some(_), None) => finding.status == Status::RuledOut,
        (None, _) => true,
    };
    findings.iter().filter(|finding| finding.cause.id == cause).filter(speaks).min_by_key(|finding| finding.status)
}

fn status(knowledge: &Knowledge, id: &str, case: &Case) -> Result<Option<Status>, Failed> {
    let diagnosis = diagnose(facts(case)?, knowledge, &given(case)?);
    Ok(finding(&diagnosis.findings, id, case.subject.as_deref()).map(|finding| finding.status))
}

fn name(status: Option<Status>) -> &'static str {
    status.map_or("silent", Status::name)
}

fn run_case(knowledge: &Knowledge, id: &str, case: &Case) -> Result<(), Failed> {
    let diagnosis = diagnose(facts(case)?, knowledge, &given(case)?);
    let found = finding(&diagnosis.findings, id, case.subject.as_deref());
    let actual = found.map(|finding| finding.status);
    let fits = match case.kind {
        Kind::Fires => matches!(actual, Some(Status::Confirmed | Status::Likely | Status::Possible)),
        Kind::Silent => matches!(actual, None | Some(Status::RuledOut)),
        Kind::Unsure => !actual.is_some_and(Status::carries),
    };
    let as_expected = case.expect.as_ref().is_none_or(|expected| expected == name(actual));
    if case.kind == Kind::Fires && case.expect.is_none() {
        return Err("a case that fires says in `expect` how sure it is".into());
    }
    if fits && as_expected {
        return Ok(());
    }
    let all: Vec<String> = diagnosis
        .findings
        .iter()
        .map(|finding| {
            format!(
                "{} {} {:?}",
                finding.status.name(),
                finding.cause.id,
                finding.subject.as_ref().map(|subject| &subject.id)
            )
        })
        .collect();
    let missing: Vec<String> = found
        .map(|finding| {
            finding
                .missing
                .iter()
                .map(|missing| {
                    format!("{} of {:?}", missing.key.name(), missing.subject.as_ref().map(|subject| &subject.id))
                })
                .collect()
        })
        .unwrap_or_default();
    Err(format!(
        "expected {:?} {}, got {}\nmissing: {missing:?}\nfindings:\n  {}",
        case.kind,
        case.expect.as_deref().unwrap_or("any"),
        name(actual),
        all.join("\n  ")
    )
    .into())
}

fn load_cases(cause: &Cause) -> Vec<(String, Result<Case, String>)> {
    let folder = root().join(&cause.area).join(&cause.id).join("cases");
    let mut files: Vec<PathBuf> =
        fs::read_dir(&folder).map(|entries| entries.flatten().map(|entry| entry.path()).collect()).unwrap_or_default();
    files.sort();
    files
        .into_iter()
        .map(|file| {
            let name = file.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
            let parsed = fs::read_to_string(&file)
                .map_err(|error| error.to_string())
                .and_then(|text| toml::from_str(&text).map_err(|error| error.to_string()));
            (name, parsed)
        })
        .collect()
}

fn every_kind_of_case(cases: &[Case]) -> Result<(), Failed> {
    for kind in [Kind::Fires, Kind::Silent, Kind::Unsure] {
        if !cases.iter().any(|case| case.kind == kind) {
            return Err(format!("no case of kind {kind:?}").into());
        }
    }
    Ok(())
}

/// Drops each leaf in turn: the status of some case must change, else the leaf decides nothing.
fn every_leaf_decides(cause: &Cause, cases: &[Case]) -> Result<(), Failed> {
    // The other causes do not bear on the status of this one.
    let knowledge = &Knowledge { causes: BTreeMap::from([(cause.id.clone(), cause.clone())]), ..Knowledge::default() };
    let before: Vec<Option<Status>> =
        cases.iter().map(|case| status(knowledge, &cause.id, case)).collect::<Result<_, _>>()?;
    let mut idle = Vec::new();
    for (condition_name, condition) in cause.conditions.named() {
        for position in 0.. {
            let Some(mutated) = condition.without(position) else { break };
            let mut changed = knowledge.clone();
            let target = changed.causes.get_mut(&cause.id).and_then(|cause| cause.conditions.named_mut(condition_name));
            *target.ok_or("the cause is in the knowledge")? = mutated;
            let mut decides = false;
            for (case, before) in cases.iter().zip(&before) {
                decides |= status(&changed, &cause.id, case)? != *before;
            }
            if !decides {
                let leaf = condition
                    .leaves()
                    .get(position)
                    .map(|leaf| format!("{} {:?}", leaf.key.name(), leaf.test))
                    .unwrap_or_default();
                idle.push(format!("{condition_name}, leaf {position}: {leaf}"));
            }
        }
    }
    if idle.is_empty() { Ok(()) } else { Err(format!("these leaves decide no case:\n  {}", idle.join("\n  ")).into()) }
}

/// The trials of every cause: its cases, and the laws over them.
pub(super) fn trials(knowledge: &'static Knowledge) -> Vec<Trial> {
    let mut trials = Vec::new();
    for cause in knowledge.causes.values() {
        let mut whole = Vec::new();
        for (case_name, case) in load_cases(cause) {
            if let Ok(case) = &case {
                whole.push(case.clone());
            }
            let id = cause.id.clone();
            trials.push(Trial::test(format!("{}::{case_name}", cause.id), move || run_case(knowledge, &id, &case?)));
        }
        let cases = whole.clone();
        trials.push(Trial::test(format!("{}::every_kind_of_case", cause.id), move || every_kind_of_case(&cases)));
        trials
            .push(Trial::test(format!("{}::every_leaf_decides", cause.id), move || every_leaf_decides(cause, &whole)));
    }
    trials
}
