//! Loading: files to checked knowledge.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::{Cause, Check, CodeEntry, Conditions, Knowledge, Remedy, Rival, Severity, Source, Text, text};
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
    checks: Vec<String>,
    remedies: Vec<String>,
    sources: Vec<Source>,
    confirmed: Option<toml::Table>,
    likely: Option<toml::Table>,
    possible: Option<toml::Table>,
    ruled_out: Option<toml::Table>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ChecksFile {
    check: Vec<Check>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CodesFile {
    code: Vec<CodeEntry>,
}

#[derive(Default)]
struct Loader {
    errors: Vec<KnowledgeError>,
}

impl Loader {
    fn fail(&mut self, file: &str, problem: impl Into<String>) {
        self.errors.push(KnowledgeError { file: file.to_owned(), problem: problem.into() });
    }

    fn toml<T: DeserializeOwned>(&mut self, file: &str, content: &str) -> Option<T> {
        toml::from_str(content).map_err(|error| self.fail(file, error.to_string())).ok()
    }
}

pub(super) fn load<'a>(files: impl IntoIterator<Item = (&'a str, &'a str)>) -> Result<Knowledge, Vec<KnowledgeError>> {
    let files: BTreeMap<&str, &str> = files.into_iter().collect();
    let mut loader = Loader::default();
    let mut knowledge = Knowledge::default();
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
                if let Some(remedy) = loader.toml::<Remedy>(file, content) {
                    loader.check_remedy(file, id, &remedy);
                    knowledge.remedies.insert(remedy.id.clone(), remedy);
                }
            }
            ["checks", _] => {
                for check in loader.toml::<ChecksFile>(file, content).map(|file| file.check).unwrap_or_default() {
                    loader.check_gaps(file, &check.command);
                    if let Some(unknown) = check.provides.iter().find(|name| Key::from_name(name).is_none()) {
                        loader.fail(file, format!("check `{}`: `{unknown}` is not in the fact catalogue", check.id));
                    }
                    let id = check.id.clone();
                    if knowledge.checks.insert(id.clone(), check).is_some() {
                        loader.fail(file, format!("check `{id}` stands twice"));
                    }
                }
            }
            ["codes", _] => {
                for code in loader.toml::<CodesFile>(file, content).map(|file| file.code).unwrap_or_default() {
                    loader.check_sources(file, &code.sources);
                    if knowledge.codes.insert(code.code, code.clone()).is_some() {
                        loader.fail(file, format!("{} stands twice", code.code));
                    }
                }
            }
            ["causes", _, _, "ja.md" | "en.md"] | ["conditions.toml" | "README.md"] => {}
            _ => loader.fail(file, "there is no place for such a file"),
        }
    }
    loader.check_references(&knowledge);
    if loader.errors.is_empty() { Ok(knowledge) } else { Err(loader.errors) }
}

impl Loader {
    fn shared(&mut self, files: &BTreeMap<&str, &str>) -> Shared {
        let content = files.get("conditions.toml").copied().unwrap_or_default();
        self.toml("conditions.toml", content).unwrap_or_default()
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
        let parsed: CauseFile = self.toml(file, content)?;
        if parsed.id != id {
            self.fail(file, format!("id `{}` is not the folder's name", parsed.id));
        }
        if parsed.weight > 100 {
            self.fail(file, "weight is 0 to 100");
        }
        let subject = SubjectKind::from_name(&parsed.subject).or_else(|| {
            self.fail(file, format!("`{}` is no kind of subject", parsed.subject));
            None
        })?;
        self.check_sources(file, &parsed.sources);
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
            checks: parsed.checks,
            remedies: parsed.remedies,
            conditions: Conditions { confirmed, likely, possible, ruled_out },
            text,
            sources: parsed.sources,
        })
    }

    fn check_sources(&mut self, file: &str, sources: &[Source]) {
        if sources.is_empty() {
            self.fail(file, "no source");
        }
        for source in sources {
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

    fn check_remedy(&mut self, file: &str, id: &str, remedy: &Remedy) {
        if remedy.id != id {
            self.fail(file, format!("id `{}` is not the folder's name", remedy.id));
        }
        if remedy.steps.is_empty() {
            self.fail(file, "a remedy has at least one step");
        }
        for (index, step) in remedy.steps.iter().enumerate() {
            for command in [&step.command, &step.capture, &step.verify, &step.undo].into_iter().flatten() {
                self.check_gaps(file, command);
            }
            if step.undo.is_none() && step.undo_note.is_none() {
                self.fail(file, format!("step {}: neither an undo nor a note why there is none", index + 1));
            }
        }
        self.check_sources(file, &remedy.sources);
    }

    fn check_references(&mut self, knowledge: &Knowledge) {
        for cause in knowledge.causes.values() {
            let file = format!("causes/{}/{}/cause.toml", cause.area, cause.id);
            for check in cause.checks.iter().filter(|id| !knowledge.checks.contains_key(*id)) {
                self.fail(&file, format!("there is no check `{check}`"));
            }
            for remedy in cause.remedies.iter().filter(|id| !knowledge.remedies.contains_key(*id)) {
                self.fail(&file, format!("there is no remedy `{remedy}`"));
            }
        }
        for cause in knowledge.causes.values() {
            let named = cause.leads_to.iter().chain(cause.rivals.iter().map(|rival| &rival.cause));
            // A cause may name one that is not written yet, but never by a word that cannot be an id.
            for id in named.filter(|id| !super::is_cause_id(id)) {
                self.fail(&format!("causes/{}/{}/cause.toml", cause.area, cause.id), format!("`{id}` is no cause id"));
            }
        }
        for code in knowledge.codes.values() {
            for check in code.checks.iter().filter(|id| !knowledge.checks.contains_key(*id)) {
                self.fail("codes", format!("{}: there is no check `{check}`", code.code));
            }
            for cause in code.causes.iter().filter(|id| !super::is_cause_id(id)) {
                self.fail("codes", format!("{}: `{cause}` is no cause id", code.code));
            }
        }
    }
}
