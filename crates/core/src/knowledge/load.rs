//! Loading: files to checked knowledge.

mod references;

use std::collections::BTreeMap;

use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::{
    Advice, Cause, Check, Checklist, CloudEndpoint, CodeEntry, Conditions, Conversion, Dispute, Event, Generation,
    HostKey, HostUpdate, Knowledge, Product, Recurrence, Remedy, Rights, Risk, Rival, Setting, Severity, Source, Step,
    Text, Topic, Variant, text,
};
use crate::code::ErrorCode;
use crate::condition::parse::{Shared, parse};
use crate::fact::{Key, SubjectKind};
use crate::language::{Bilingual, Language};

/// Gaps of commands that [`crate::report::fill`] fills.
const GAPS: [&str; 5] = ["host", "port", "target", "domain", "subject"];

/// A mistake in the knowledge files.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("knowledge/{file}: {problem}")]
pub struct KnowledgeError {
    /// The file, below `knowledge/`.
    pub file: String,
    /// What is wrong, in words.
    pub problem: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CauseFile {
    id: String,
    title: Bilingual,
    subject: String,
    severity: Severity,
    weight: u8,
    #[serde(default)]
    codes: Vec<ErrorCode>,
    #[serde(default)]
    leads_to: Vec<String>,
    #[serde(default)]
    rivals: Vec<Rival>,
    #[serde(default)]
    shows: Vec<String>,
    checks: Vec<String>,
    #[serde(default)]
    remedies: Vec<String>,
    no_remedy: Option<Bilingual>,
    #[serde(default)]
    variants: Vec<Variant>,
    recurrence: Recurrence,
    unverified: Option<Bilingual>,
    sources: Vec<Source>,
    confirmed: Option<toml::Table>,
    likely: Option<toml::Table>,
    possible: Option<toml::Table>,
    ruled_out: Option<toml::Table>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RemedyFile {
    id: String,
    title: Bilingual,
    #[serde(default = "machine")]
    subject: String,
    risk: Risk,
    rights: Rights,
    precondition: Option<toml::Table>,
    precondition_text: Option<Bilingual>,
    verification: Option<toml::Table>,
    no_verification: Option<Bilingual>,
    converts: Option<Conversion>,
    #[serde(rename = "step")]
    steps: Vec<Step>,
    unverified: Option<Bilingual>,
    sources: Vec<Source>,
}

fn machine() -> String {
    SubjectKind::Machine.name().to_owned()
}

/// A file of tables: each kind of entry stands in the folder of its name, a few in files of their own.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TableFile {
    #[serde(default, rename = "check")]
    checks: Vec<Check>,
    #[serde(default, rename = "code")]
    codes: Vec<CodeEntry>,
    #[serde(default, rename = "event")]
    events: Vec<Event>,
    #[serde(default, rename = "product")]
    products: Vec<Product>,
    #[serde(default, rename = "generation")]
    generations: Vec<Generation>,
    #[serde(default, rename = "host-key")]
    host_keys: Vec<HostKey>,
    #[serde(default, rename = "host-update")]
    host_updates: Vec<HostUpdate>,
    #[serde(default, rename = "setting")]
    settings: Vec<Setting>,
    #[serde(default, rename = "endpoint")]
    endpoints: Vec<CloudEndpoint>,
    #[serde(default, rename = "topic")]
    topics: Vec<Topic>,
    #[serde(default, rename = "dispute")]
    disputes: Vec<Dispute>,
    #[serde(default, rename = "advice")]
    advice: Vec<Advice>,
    #[serde(default, rename = "checklist")]
    checklists: Vec<Checklist>,
}

/// Which entries stand in which folder or file, and nowhere else.
const PLACES: [(&str, &[&str]); 10] = [
    ("checks/", &["check"]),
    ("codes/", &["code"]),
    ("events/", &["event"]),
    ("products/", &["product"]),
    ("hosts/", &["generation", "host-key", "host-update"]),
    ("settings/", &["setting"]),
    ("clouds/", &["endpoint"]),
    ("topics/", &["topic"]),
    ("checklists/", &["checklist"]),
    ("", &["dispute", "advice"]),
];

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SourcesFile {
    source: Vec<SharedSource>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SharedSource {
    id: String,
    name: String,
    read: String,
}

#[derive(Default)]
struct Loader {
    errors: Vec<KnowledgeError>,
    sources: BTreeMap<String, (String, String)>,
}

impl Loader {
    fn fail(&mut self, file: &str, problem: impl Into<String>) {
        self.errors.push(KnowledgeError { file: file.to_owned(), problem: problem.into() });
    }

    /// Parses a file: TOML, or the JSON that the build makes of it.
    fn parse<T: DeserializeOwned>(&mut self, file: &str, content: &str) -> Option<T> {
        let parsed = if content.starts_with('{') {
            serde_json::from_str(content).map_err(|error| error.to_string())
        } else {
            toml::from_str(content).map_err(|error| error.to_string())
        };
        parsed.map_err(|error| self.fail(file, error)).ok()
    }
}

/// What can be read of the files, and every mistake in the rest.
pub(super) fn read<'a>(files: impl IntoIterator<Item = (&'a str, &'a str)>) -> (Knowledge, Vec<KnowledgeError>) {
    let files: BTreeMap<&str, &str> = files.into_iter().collect();
    let mut loader = Loader::default();
    let mut knowledge = Knowledge::default();
    loader.sources(&files);
    let shared = loader.shared(&files);
    for (file, content) in &files {
        match file.split('/').collect::<Vec<_>>().as_slice() {
            ["causes", area, id, "cause.toml"] => {
                if let Some(cause) = loader.cause(file, content, area, id, &files, &shared) {
                    let id = cause.id.clone();
                    if knowledge.causes.insert(id.clone(), cause).is_some() {
                        loader.fail(file, format!("cause `{id}` stands in two areas"));
                    }
                }
            }
            ["remedies", id, "remedy.toml"] => {
                if let Some(remedy) = loader.remedy(file, content, id, &shared) {
                    knowledge.remedies.insert(remedy.id.clone(), remedy);
                }
            }
            ["causes", _, _, "ja.md" | "en.md"] | ["conditions.toml" | "sources.toml" | "README.md"] => {}
            _ => loader.table(file, content, &mut knowledge),
        }
    }
    references::check(&knowledge, &mut loader);
    (knowledge, loader.errors)
}

impl Loader {
    fn shared(&mut self, files: &BTreeMap<&str, &str>) -> Shared {
        let content = files.get("conditions.toml").copied().unwrap_or_default();
        self.parse("conditions.toml", content).unwrap_or_default()
    }

    fn sources(&mut self, files: &BTreeMap<&str, &str>) {
        let file = "sources.toml";
        let Some(parsed) = files.get(file).and_then(|content| self.parse::<SourcesFile>(file, content)) else { return };
        for SharedSource { id, name, read } in parsed.source {
            if self.sources.insert(id.clone(), (name, read)).is_some() {
                self.fail(file, format!("source `{id}` stands twice"));
            }
        }
    }

    /// Reads the tables of one file into `knowledge`.
    fn table(&mut self, file: &str, content: &str, knowledge: &mut Knowledge) {
        let Some((_, allowed)) = PLACES.iter().find(|(place, _)| match *place {
            "" => ["disputes.toml", "unsafe.toml"].contains(&file),
            place => file
                .strip_prefix(place)
                .is_some_and(|name| !name.contains('/') && name.split('.').next_back() == Some("toml")),
        }) else {
            return self.fail(file, "there is no place for such a file");
        };
        let Some(mut table) = self.parse::<TableFile>(file, content) else { return };
        let counts = table.counts();
        for (kind, _) in counts.iter().filter(|(kind, count)| *count > 0 && !allowed.contains(kind)) {
            self.fail(file, format!("`{kind}` does not belong here; here stand {allowed:?}"));
        }
        for sources in table.sources_mut() {
            self.resolve(file, sources);
        }
        for check in table.checks {
            self.check_gaps(file, &check.command);
            if let Some(unknown) = check.provides.iter().find(|name| Key::from_name(name).is_none()) {
                self.fail(file, format!("check `{}`: `{unknown}` is not in the fact catalogue", check.id));
            }
            self.insert(file, &mut knowledge.checks, &check.id.clone(), check);
        }
        for code in table.codes {
            let key = code.code;
            if knowledge.codes.insert(key, code).is_some() {
                self.fail(file, format!("{key} stands twice"));
            }
        }
        for topic in table.topics {
            self.insert(file, &mut knowledge.topics, &topic.id.clone(), topic);
        }
        for dispute in table.disputes {
            if dispute.claims.len() < 2 {
                self.fail(file, format!("dispute `{}`: it takes two sides", dispute.id));
            }
            self.insert(file, &mut knowledge.disputes, &dispute.id.clone(), dispute);
        }
        for advice in table.advice {
            self.insert(file, &mut knowledge.advice, &advice.id.clone(), advice);
        }
        for checklist in table.checklists {
            self.insert(file, &mut knowledge.checklists, &checklist.id.clone(), checklist);
        }
        knowledge.events.extend(table.events);
        knowledge.products.extend(table.products);
        knowledge.hosts.generations.extend(table.generations);
        knowledge.hosts.keys.extend(table.host_keys);
        knowledge.hosts.updates.extend(table.host_updates);
        knowledge.settings.extend(table.settings);
        knowledge.endpoints.extend(table.endpoints);
    }

    fn insert<T>(&mut self, file: &str, entries: &mut BTreeMap<String, T>, id: &str, entry: T) {
        if !super::is_id(id) {
            self.fail(file, format!("`{id}` is no id: lower-case words joined by hyphens"));
        }
        if let Some(_earlier) = entries.insert(id.to_owned(), entry) {
            self.fail(file, format!("`{id}` stands twice"));
        }
    }

    fn remedy(&mut self, file: &str, content: &str, id: &str, shared: &Shared) -> Option<Remedy> {
        let mut parsed: RemedyFile = self.parse(file, content)?;
        if parsed.id != id {
            self.fail(file, format!("id `{}` is not the folder's name", parsed.id));
        }
        self.resolve(file, &mut parsed.sources);
        self.check_steps(file, &parsed);
        let subject = self.subject(file, &parsed.subject)?;
        let mut condition = |table: Option<&toml::Table>, name: &str| {
            table.and_then(|table| {
                parse(table, subject, shared, name).map_err(|error| self.fail(file, error.to_string())).ok()
            })
        };
        let precondition = condition(parsed.precondition.as_ref(), "precondition");
        let verification = condition(parsed.verification.as_ref(), "verification");
        if precondition.is_some() && parsed.precondition_text.is_none() {
            self.fail(file, "a precondition is also said in words: `precondition_text`");
        }
        if verification.is_some() == parsed.no_verification.is_some() {
            self.fail(file, "either `verification`, or `no_verification` with the reason");
        }
        Some(Remedy {
            id: parsed.id,
            title: parsed.title,
            subject,
            risk: parsed.risk,
            rights: parsed.rights,
            precondition,
            precondition_text: parsed.precondition_text,
            verification,
            no_verification: parsed.no_verification,
            converts: parsed.converts,
            steps: parsed.steps,
            unverified: parsed.unverified,
            sources: parsed.sources,
        })
    }

    fn subject(&mut self, file: &str, name: &str) -> Option<SubjectKind> {
        SubjectKind::from_name(name).or_else(|| {
            self.fail(file, format!("`{name}` is no kind of subject"));
            None
        })
    }

    fn cause(
        &mut self,
        file: &str,
        content: &str,
        area: &str,
        id: &str,
        files: &BTreeMap<&str, &str>,
        shared: &Shared,
    ) -> Option<Cause> {
        let mut parsed: CauseFile = self.parse(file, content)?;
        if parsed.id != id {
            self.fail(file, format!("id `{}` is not the folder's name", parsed.id));
        }
        if parsed.weight > 100 {
            self.fail(file, "weight is 0 to 100");
        }
        let subject = self.subject(file, &parsed.subject)?;
        self.resolve(file, &mut parsed.sources);
        if parsed.remedies.is_empty() == parsed.no_remedy.is_none() {
            self.fail(file, "either `remedies`, or `no_remedy` with the reason");
        }
        let mut condition = |table: Option<&toml::Table>, name: &str| {
            table.and_then(|table| {
                parse(table, subject, shared, name).map_err(|error| self.fail(file, error.to_string())).ok()
            })
        };
        let likely = condition(parsed.likely.as_ref(), "likely");
        let possible = condition(parsed.possible.as_ref(), "possible");
        let ruled_out = condition(parsed.ruled_out.as_ref(), "ruled_out");
        let confirmed = condition(parsed.confirmed.as_ref(), "confirmed");
        if parsed.confirmed.is_none() && parsed.likely.is_none() {
            self.fail(file, "neither `confirmed` nor `likely`: the cause could never be found");
        }
        let mut shows = Vec::new();
        for name in &parsed.shows {
            match Key::from_name(name).filter(|key| key.subject_kind() == subject) {
                Some(key) => shows.push(key),
                None => self.fail(file, format!("`{name}` in `shows` is no fact of its subject")),
            }
        }
        let mut text = Text::default();
        for (language, sections) in [(Language::Japanese, &mut text.japanese), (Language::English, &mut text.english)] {
            let name = file.replace("cause.toml", &format!("{}.md", language.tag()));
            match files.get(name.as_str()).map(|markdown| text::sections(markdown, language)) {
                None => self.fail(&name, "the file is missing"),
                Some(Err(problem)) => self.fail(&name, problem),
                Some(Ok(found)) => *sections = found,
            }
        }
        Some(Cause {
            id: parsed.id,
            area: area.to_owned(),
            title: parsed.title,
            subject,
            severity: parsed.severity,
            weight: parsed.weight,
            codes: parsed.codes,
            leads_to: parsed.leads_to,
            rivals: parsed.rivals,
            shows,
            checks: parsed.checks,
            remedies: parsed.remedies,
            no_remedy: parsed.no_remedy,
            variants: parsed.variants,
            recurrence: parsed.recurrence,
            unverified: parsed.unverified,
            conditions: Conditions { confirmed, likely, possible, ruled_out },
            text,
            sources: parsed.sources,
        })
    }

    /// Fills in sources that were cited by id, and checks that there is one and each is dated.
    fn resolve(&mut self, file: &str, sources: &mut [Source]) {
        if sources.is_empty() {
            self.fail(file, "no source");
        }
        for source in sources {
            if let Some(id) = source.id.take() {
                match self.sources.get(&id) {
                    Some((name, read)) => (source.name, source.read) = (name.clone(), read.clone()),
                    None => return self.fail(file, format!("there is no source `{id}` in sources.toml")),
                }
            }
            if source.read.parse::<jiff::civil::Date>().is_err() {
                self.fail(file, format!("source `{}`: `{}` is no date such as 2026-11-23", source.name, source.read));
            }
        }
    }

    /// A command has no gap that nobody fills.
    fn check_gaps(&mut self, file: &str, command: &str) {
        for gap in command.split('{').skip(1).filter_map(|rest| rest.split_once('}')).map(|(gap, _)| gap) {
            let is_gap = !gap.is_empty() && gap.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_');
            if is_gap && !GAPS.contains(&gap) {
                self.fail(file, format!("`{{{gap}}}` is filled by nobody; there are {GAPS:?}"));
            }
        }
    }

    fn check_steps(&mut self, file: &str, remedy: &RemedyFile) {
        let steps = &remedy.steps;
        if steps.iter().map(|step| step.risk).max() != Some(remedy.risk) {
            self.fail(file, "`risk` is the worst risk of the steps, of which there is at least one");
        }
        if steps.iter().map(|step| step.rights).max() != Some(remedy.rights) {
            self.fail(file, "`rights` are the highest rights of the steps");
        }
        for (number, step) in (1..).zip(steps) {
            for command in [&step.command, &step.capture, &step.verify, &step.undo].into_iter().flatten() {
                self.check_gaps(file, command);
            }
            let changes = step.risk != Risk::ReadOnly;
            if changes && step.undo.is_none() && step.undo_note.is_none() {
                self.fail(file, format!("step {number}: neither an undo nor a note why there is none"));
            }
            if changes && step.capture.is_none() && step.capture_note.is_none() {
                self.fail(
                    file,
                    format!("step {number}: neither `capture` nor `capture_note`: how to note the state before"),
                );
            }
            if changes && step.command.is_none() && step.edit.is_none() {
                self.fail(file, format!("step {number}: it changes something by neither `command` nor `edit`"));
            }
        }
    }
}

impl TableFile {
    fn counts(&self) -> [(&'static str, usize); 13] {
        [
            ("check", self.checks.len()),
            ("code", self.codes.len()),
            ("event", self.events.len()),
            ("product", self.products.len()),
            ("generation", self.generations.len()),
            ("host-key", self.host_keys.len()),
            ("host-update", self.host_updates.len()),
            ("setting", self.settings.len()),
            ("endpoint", self.endpoints.len()),
            ("topic", self.topics.len()),
            ("dispute", self.disputes.len()),
            ("advice", self.advice.len()),
            ("checklist", self.checklists.len()),
        ]
    }

    /// The sources of every entry.
    fn sources_mut(&mut self) -> impl Iterator<Item = &mut Vec<Source>> {
        let codes = self.codes.iter_mut().map(|entry| &mut entry.sources);
        let events = self.events.iter_mut().map(|entry| &mut entry.sources);
        let products = self.products.iter_mut().map(|entry| &mut entry.sources);
        let generations = self.generations.iter_mut().map(|entry| &mut entry.sources);
        let keys = self.host_keys.iter_mut().map(|entry| &mut entry.sources);
        let updates = self.host_updates.iter_mut().map(|entry| &mut entry.sources);
        let settings = self.settings.iter_mut().map(|entry| &mut entry.sources);
        let endpoints = self.endpoints.iter_mut().map(|entry| &mut entry.sources);
        let topics = self.topics.iter_mut().map(|entry| &mut entry.sources);
        let claims = self.disputes.iter_mut().flat_map(|entry| &mut entry.claims).map(|claim| &mut claim.sources);
        let advice = self.advice.iter_mut().map(|entry| &mut entry.sources);
        let checklists = self.checklists.iter_mut().map(|entry| &mut entry.sources);
        let checks = self.checks.iter_mut().map(|entry| &mut entry.sources);
        codes
            .chain(events)
            .chain(products)
            .chain(generations)
            .chain(keys)
            .chain(updates)
            .chain(settings)
            .chain(endpoints)
            .chain(topics)
            .chain(claims)
            .chain(advice)
            .chain(checklists)
            .chain(checks)
    }
}
