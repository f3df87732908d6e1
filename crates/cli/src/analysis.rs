//! From artifacts to a report: the same way for a live run and for files that somebody mailed.

use jiff::Timestamp;
use kmsdoctor_cloud::change::{self, Advice, Form};
use kmsdoctor_cloud::{Path, Resource};
use kmsdoctor_core::artifact::Artifact;
use kmsdoctor_core::diagnosis::{Diagnosis, Given, Verdict, diagnose};
use kmsdoctor_core::fact::Fact;
use kmsdoctor_core::knowledge::Knowledge;
use kmsdoctor_core::language::Language;
use kmsdoctor_core::redact;
use kmsdoctor_core::report::{self, ArtifactEntry, Note, Report};
use kmsdoctor_evidence::{Reading, Unread};
use kmsdoctor_wire::transcript::NotAsked;

use crate::redaction::Redaction;
use crate::{paths, words};

/// A diagnosis with its report.
pub(crate) struct Analysis {
    /// For people.
    pub(crate) diagnosis: Diagnosis<'static>,
    /// For machines.
    pub(crate) report: Report,
    /// Something was left out that may be what matters: health is not claimed.
    pub(crate) is_incomplete: bool,
    /// The evidence holds exports of a cloud.
    pub(crate) has_exports: bool,
}

/// What is asked of the paths through a cloud besides their verdicts.
pub(crate) struct Cloud<'a> {
    /// Files whose resources are put in the place of those of the exports.
    pub(crate) assumed: &'a [Artifact],
    /// The form in which changes are written.
    pub(crate) form: Form,
}

/// Reads and diagnoses `artifacts`.
pub(crate) fn analyse(
    artifacts: &[Artifact],
    notes: Vec<String>,
    given: &Given,
    cloud: Option<&Cloud<'_>>,
    redaction: Option<&mut Redaction>,
    language: Language,
) -> Analysis {
    let mut incomplete = !notes.is_empty();
    let mut notes: Vec<Note> = notes.into_iter().map(|text| Note { level: "warning", text }).collect();
    let mut facts: Vec<Fact> = Vec::new();
    let mut resources = Vec::new();
    let mut entries = Vec::new();
    for artifact in artifacts {
        let reading = kmsdoctor_evidence::read(artifact);
        entries.push(entry(artifact, &reading, language));
        notes.extend(
            reading
                .not_asked
                .iter()
                .map(|what| Note { level: "warning", text: words::not_asked(*what, language).to_owned() }),
        );
        if let Some(partly) = &reading.partly {
            let texts = words::partly(partly, language).into_iter();
            notes.extend(texts.map(|text| Note { level: "warning", text: format!("{}: {text}", artifact.name()) }));
        }
        incomplete |= reading.not_asked.contains(&NotAsked::Interrupted);
        incomplete |= matches!(reading.unread, Some(Unread::Damaged | Unread::TooLarge));
        incomplete |= reading.partly.is_some_and(|partly| partly.is_damaged());
        facts.extend(reading.facts);
        resources.extend(reading.resources);
    }
    let mut followed = Followed::new(&resources, cloud);
    facts.extend(followed.paths.iter().flat_map(Path::facts));
    notes.extend(
        followed.unused.iter().map(|name| Note { level: "warning", text: words::paths::unused(name, language) }),
    );
    let assumed = cloud.into_iter().flat_map(|cloud| cloud.assumed);
    let redactor = redaction.map(|redaction| redaction.learn(artifacts.iter().chain(assumed), &facts, followed.all()));
    let mut diagnosis = diagnose(facts, Knowledge::embedded(), given);
    if incomplete && diagnosis.verdict == Verdict::Healthy {
        diagnosis.verdict = Verdict::Undetermined;
        notes.push(Note { level: "warning", text: words::incomplete(language).to_owned() });
    }
    // Judged by what is there; shown by tokens.
    let mut rewrite = redactor.map(|redactor| {
        redactor.diagnosis(&mut diagnosis);
        |text: &str| redactor.text(text, redact::Form::Report)
    });
    if let Some(rewrite) = &mut rewrite {
        for entry in &mut entries {
            entry.name = rewrite(&entry.name);
        }
        for note in &mut notes {
            note.text = rewrite(&note.text);
        }
    }
    let mut report = report::build(&diagnosis, entries, notes, Timestamp::now(), language);
    followed.put(&mut report, rewrite.as_mut(), language);
    Analysis { diagnosis, report, is_incomplete: incomplete, has_exports: !resources.is_empty() }
}

/// The paths of an analysis, and what was asked of them besides.
struct Followed {
    paths: Vec<Path>,
    assumed: Option<Vec<Path>>,
    advice: Advice,
    form: Form,
    /// Names of files from which nothing is assumed: they hold no resource.
    unused: Vec<String>,
}

impl Followed {
    fn new(resources: &[Resource], cloud: Option<&Cloud<'_>>) -> Self {
        let paths = kmsdoctor_cloud::paths(resources);
        let Some(Cloud { assumed, form }) = cloud else {
            return Self { paths, assumed: None, advice: Advice::default(), form: Form::Az, unused: Vec::new() };
        };
        let mut other: Vec<Resource> = Vec::new();
        let mut unused = Vec::new();
        for artifact in *assumed {
            let read = kmsdoctor_evidence::read(artifact).resources;
            if read.is_empty() {
                unused.push(artifact.name().to_owned());
            }
            other.extend(read);
        }
        let assumed =
            (!assumed.is_empty()).then(|| kmsdoctor_cloud::paths(&kmsdoctor_cloud::assume(resources, &other)));
        let advice = change::of(resources, &paths);
        Self { paths, assumed, advice, form: *form, unused }
    }

    fn all(&self) -> impl Iterator<Item = &Path> {
        self.paths.iter().chain(self.assumed.iter().flatten())
    }

    /// Puts them into the report; `rewrite` redacts.
    fn put(&mut self, report: &mut Report, mut rewrite: Option<&mut impl FnMut(&str) -> String>, language: Language) {
        (report.changes, report.refusals) = paths::changes(&self.advice, self.form, language);
        if let Some(rewrite) = &mut rewrite {
            report.changes.iter_mut().for_each(|change| change.rewrite(&mut *rewrite));
            report.refusals.iter_mut().for_each(|refusal| refusal.rewrite(&mut *rewrite));
        }
        let mut entry = |path: &mut Path| {
            let Some(rewrite) = &mut rewrite else { return paths::entry(path, language) };
            path.rewrite(&mut *rewrite);
            let mut entry = paths::entry(path, language);
            entry.address = rewrite(&entry.address);
            entry
        };
        report.paths = self.paths.iter_mut().map(&mut entry).collect();
        report.assumed_paths = self.assumed.as_mut().map(|paths| paths.iter_mut().map(&mut entry).collect());
        let exports = paths::exports(&report.paths);
        report.next_checks.retain(|check| !exports.iter().any(|export| export.check.id == check.id));
        report.next_checks.splice(0..0, exports.iter().map(|export| export.entry(language)));
    }
}

fn entry(artifact: &Artifact, reading: &Reading, language: Language) -> ArtifactEntry {
    ArtifactEntry {
        name: artifact.name().to_owned(),
        kind: reading.kind.clone(),
        bytes: artifact.bytes().len(),
        sha256: artifact.sha256().to_owned(),
        // What an export describes becomes facts together with that of the others.
        facts: reading.facts.len() + reading.resources.len(),
        unread: reading.unread.map(|unread| words::unread(unread, language).to_owned()),
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use std::net::IpAddr;

    use kmsdoctor_cloud::{Destination, Fault, Hop, Missing, Outcome, Provider, Remark, RemarkKind, Stage};
    use kmsdoctor_core::fact::Origin;

    use super::*;
    use crate::arguments::{self, Command};
    use crate::render::{self, html, human};

    /// The analysis of evidence that gives these paths.
    pub(crate) fn of_paths(
        paths: Vec<Path>,
        assumed: Option<Vec<Path>>,
        advice: Advice,
        language: Language,
    ) -> Analysis {
        let facts: Vec<Fact> = paths.iter().flat_map(Path::facts).collect();
        let diagnosis = diagnose(facts, Knowledge::embedded(), &Given::default());
        let mut report = report::build(&diagnosis, Vec::new(), Vec::new(), Timestamp::UNIX_EPOCH, language);
        let mut followed = Followed { paths, assumed, advice, form: Form::Az, unused: Vec::new() };
        followed.put(&mut report, None::<&mut fn(&str) -> String>, language);
        Analysis { diagnosis, report, is_incomplete: false, has_exports: true }
    }

    /// Names that are an organisation's, among them such as Azure allows and few people use.
    const SECRETS: [&str; 8] =
        ["zqweb7", "zq-nic--1", "zq_subnet", "zqtable", "zqgroup", "zq.firewall.rule", "10.77.0.5", "zqfolder"];

    fn secret_paths() -> Vec<Path> {
        let origin = Origin {
            artifact: "zqfolder/zqtable.json".to_owned(),
            sha256: "a".to_owned(),
            span: 0..1,
            line: Some(3),
            quote:
                "\"id\": \"/subscriptions/x/resourceGroups/zqfolder/providers/Microsoft.Network/routeTables/zqtable\""
                    .to_owned(),
        };
        let hop = |stage, name: &str, rule: &str, outcome| Hop {
            stage,
            name: name.to_owned(),
            rule: Some(rule.to_owned()),
            outcome,
            detail: None,
            origin: Some(origin.clone()),
        };
        let hops = vec![
            hop(Stage::SubnetRules, "zqgroup", "zqgroup/DenyAll (100)", Outcome::Passes),
            hop(
                Stage::Route,
                "zqtable",
                "0.0.0.0/0 → VirtualAppliance 10.77.0.5",
                Outcome::Blocks(Fault::RouteToGateway),
            ),
            hop(Stage::Firewall, "zq.firewall.rule", "", Outcome::Unknown(Missing::Appliance("10.77.0.5".to_owned()))),
            hop(Stage::Outbound, "", "", Outcome::Unknown(Missing::Subnet("zq_subnet".to_owned()))),
        ];
        let address = |address: [u8; 4], is_current| Destination {
            address: IpAddr::from(address),
            port: 1688,
            name: None,
            is_current,
        };
        let path = |destination| Path {
            provider: Provider::Azure,
            machine: Some("zqweb7".to_owned()),
            interface: "zq-nic--1".to_owned(),
            destination,
            hops: hops.clone(),
            remarks: vec![Remark {
                kind: RemarkKind::AddressPinned,
                element: "zqtable".to_owned(),
                origin: Some(origin.clone()),
            }],
        };
        vec![path(address([20, 118, 99, 224], Some(true))), path(address([10, 77, 0, 5], None))]
    }

    #[test]
    fn no_name_of_a_path_comes_out_of_a_redacted_run() {
        let export = secret_paths()[0].hops[0].origin.clone().expect("a place").quote;
        let artifacts = [Artifact::new("zqfolder/zqtable.json", export.into_bytes(), None)];
        for language in Language::ALL {
            let paths = secret_paths();
            let facts: Vec<Fact> = paths.iter().flat_map(Path::facts).collect();
            let mut diagnosis = diagnose(facts.clone(), Knowledge::embedded(), &Given::default());
            let arguments = ["kmsdoctor", "cloud", "-", "--redact"].map(Into::into);
            let Ok(Command::Cloud(cloud)) = arguments::parse(arguments).map(|parsed| parsed.command) else {
                panic!("it is a command");
            };
            let mut redaction = Redaction::of(&cloud.redact, language).expect("no map").expect("it is on");
            let redactor = redaction.learn(artifacts.iter(), &facts, paths.iter());
            redactor.diagnosis(&mut diagnosis);
            let mut report = report::build(&diagnosis, Vec::new(), Vec::new(), Timestamp::UNIX_EPOCH, language);
            let assumed = Some(paths.clone());
            let mut followed =
                Followed { paths, assumed, advice: Advice::default(), form: Form::Az, unused: Vec::new() };
            let mut rewrite = |text: &str| redactor.text(text, redact::Form::Report);
            followed.put(&mut report, Some(&mut rewrite), language);
            let analysis = Analysis { diagnosis, report, is_incomplete: false, has_exports: true };
            let forms = [
                render::json(&analysis.report).expect("JSON"),
                human::cloud(&analysis, language, true),
                human::report(&analysis, language, true),
                html::report(&analysis, language),
            ];
            for text in forms {
                for secret in SECRETS {
                    assert!(!text.contains(secret), "{secret} in\n{text}");
                }
                for token in ["HOST-1", "RESOURCE-1", "ADDR-1", "20.118.99.224"] {
                    assert!(text.contains(token), "{token} in\n{text}");
                }
            }
        }
    }
}
