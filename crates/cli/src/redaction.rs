//! `--redact`: learning what is to be redacted, and the map that its owner keeps.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use anyhow::Context;
use kmsdoctor_cloud as cloud;
use kmsdoctor_core::artifact::Artifact;
use kmsdoctor_core::fact::Fact;
use kmsdoctor_core::knowledge::Knowledge;
use kmsdoctor_core::language::Language;
use kmsdoctor_core::redact::{Form, Map, Public, Redactor};
use kmsdoctor_evidence::redact;

use crate::arguments::Redact;
use crate::save;
use crate::words::pick;

/// Bytes of a map: some hundred thousand tokens.
const MAP_BYTES_MAX: u64 = 64 * 1024 * 1024;

/// Redaction of one run.
pub(crate) struct Redaction {
    redactor: Redactor,
    map: Option<PathBuf>,
    /// Tokens that the map had.
    known: usize,
    is_new: bool,
}

impl Redaction {
    /// What was asked for, with the map that is there.
    pub(crate) fn of(arguments: &Redact, language: Language) -> anyhow::Result<Option<Self>> {
        if !arguments.is_on() {
            return Ok(None);
        }
        let there = arguments.redact_map.as_deref().map(|path| read_map(path, language)).transpose()?.flatten();
        let is_new = there.is_none();
        let map = there.unwrap_or_default();
        let known = map.tokens.len();
        let redactor = Redactor::new(map, &public(Knowledge::embedded()));
        Ok(Some(Self { redactor, map: arguments.redact_map.clone(), known, is_new }))
    }

    /// Learns everything; what is rewritten after that has the same tokens for the same things.
    pub(crate) fn learn<'p>(
        &mut self,
        artifacts: impl Iterator<Item = &'p Artifact>,
        facts: &[Fact],
        paths: impl Iterator<Item = &'p cloud::Path>,
    ) -> &mut Redactor {
        self.redactor.learn_facts(facts);
        for path in paths {
            path.machine.iter().for_each(|machine| self.redactor.learn_host(machine));
            path.resources().for_each(|resource| self.redactor.learn_resource(resource));
        }
        for artifact in artifacts {
            redact::learn(artifact, &mut self.redactor);
        }
        &mut self.redactor
    }

    /// The redacted forms of artifacts. Those that have none are named on standard error.
    pub(crate) fn artifacts(&mut self, artifacts: &[Artifact], language: Language) -> Vec<Artifact> {
        let mut redacted = Vec::new();
        for artifact in artifacts {
            if let Some(artifact) = redact::artifact(artifact, &mut self.redactor) {
                redacted.push(artifact);
                continue;
            }
            let name = self.redactor.text(artifact.name(), Form::Report);
            let text = pick(
                language,
                "伏せ字にできる形式ではないため、バンドルに入れていません。",
                "it has no form that could be redacted, so it is not in the bundle.",
            );
            anstream::eprintln!("{name}: {text}");
        }
        redacted
    }

    /// Writes the map, if one is kept and something is new.
    pub(crate) fn keep(&self, language: Language) -> anyhow::Result<()> {
        let Some(path) = &self.map else { return Ok(()) };
        let map = self.redactor.map();
        if self.is_new || map.tokens.len() > self.known {
            let changed = || match language {
                Language::Japanese => format!("対応表 {} を書けません", path.display()),
                Language::English => format!("the map {} cannot be written", path.display()),
            };
            if self.is_new && fs::symlink_metadata(path).is_ok() {
                // Somebody else made it meanwhile.
                return Err(io::Error::from(io::ErrorKind::AlreadyExists)).with_context(changed);
            }
            save::write_private(path, &map.to_text()).with_context(changed)?;
        }
        let added = map.tokens.len() - self.known;
        match language {
            Language::Japanese => anstream::eprintln!(
                "伏せ字の対応表: {} (追加 {added} 件)。レポートやバンドルと一緒に渡さないでください。",
                path.display()
            ),
            Language::English => anstream::eprintln!(
                "map of the redaction: {} ({added} added). Do not hand it on with the report or the bundle.",
                path.display()
            ),
        }
        Ok(())
    }
}

/// The map at `path`, if there is one. A file that is something else is not touched.
fn read_map(path: &Path, language: Language) -> anyhow::Result<Option<Map>> {
    let unread = || match language {
        Language::Japanese => format!("対応表 {} を読めません", path.display()),
        Language::English => format!("the map {} cannot be read", path.display()),
    };
    let mut text = String::new();
    match File::open(path) {
        Ok(file) => file.take(MAP_BYTES_MAX).read_to_string(&mut text).with_context(unread)?,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error).with_context(unread),
    };
    let map = Map::parse(&text).with_context(|| match language {
        Language::Japanese => format!(
            "{} は kmsdoctor の対応表ではありません。上書きはしません。別の名前を --redact-map に指定してください",
            path.display()
        ),
        Language::English => {
            format!("{} is no map of kmsdoctor and is not overwritten. Give --redact-map another name", path.display())
        }
    })?;
    Ok(Some(map))
}

/// What is the same for everybody, by the knowledge's tables.
fn public(knowledge: &Knowledge) -> Public {
    let mut public = Public::default();
    for endpoint in &knowledge.endpoints {
        public.names.extend(endpoint.name.clone());
        public.addresses.extend(endpoint.addresses.iter().cloned());
    }
    public.ids.extend(knowledge.products.iter().filter_map(|product| product.activation_id.clone()));
    public
}
