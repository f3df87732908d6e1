//! Paths through a cloud's network as entries of the report: words of the path become texts of the reader's language.

use kmsdoctor_cloud::change::{self, Advice, Form, PathName};
use kmsdoctor_cloud::{Detail, Hop, Missing, Outcome, Path, Remark, Verdict};
use kmsdoctor_core::diagnosis;
use kmsdoctor_core::fact::Origin;
use kmsdoctor_core::knowledge::{Check, Knowledge};
use kmsdoctor_core::language::Language;
use kmsdoctor_core::report::{
    ChangeEntry, CheckEntry, HopEntry, PathEntry, PathMissingEntry, PlaceEntry, RefusalEntry, RemarkEntry,
};

use crate::words::paths as words;

/// The path as the report has it.
pub(crate) fn entry(path: &Path, language: Language) -> PathEntry {
    let blocked_by = path.faults().next().map(|(hop, _)| {
        let stage = words::stage(hop.stage.word(), path.provider.word(), language);
        if hop.name.is_empty() { stage.to_owned() } else { format!("{stage} {}", hop.name) }
    });
    let mut missing: Vec<PathMissingEntry> = Vec::new();
    for entry in path.missing().map(|missing| missing_entry(missing, path, language)) {
        if !missing.contains(&entry) {
            missing.push(entry);
        }
    }
    PathEntry {
        provider: path.provider.word(),
        machine: path.machine.clone(),
        interface: path.interface.clone(),
        address: path.destination.address.to_string(),
        port: path.destination.port,
        name: path.destination.name.clone(),
        current: path.destination.is_current,
        verdict: path.verdict().word(),
        blocked_by,
        hops: path.hops.iter().map(|hop| hop_entry(hop, path, language)).collect(),
        missing,
        remarks: path.remarks.iter().map(|remark| remark_entry(remark, language)).collect(),
    }
}

fn hop_entry(hop: &Hop, path: &Path, language: Language) -> HopEntry {
    let loss = match &hop.outcome {
        Outcome::Blocks(fault) => fault.detail(),
        _ => None,
    };
    HopEntry {
        stage: hop.stage.word(),
        name: Some(hop.name.clone()).filter(|name| !name.is_empty()),
        rule: hop.rule.clone().filter(|rule| !rule.is_empty()),
        outcome: hop.outcome.word(),
        reason: hop.outcome.reason(),
        detail: loss.or(hop.detail.map(Detail::word)),
        text: words::hop(hop, path.provider, language),
        place: hop.origin.as_ref().map(place),
    }
}

fn missing_entry(missing: &Missing, path: &Path, language: Language) -> PathMissingEntry {
    PathMissingEntry {
        what: missing.word(),
        name: missing.name().map(str::to_owned),
        check: missing.check(path.provider),
        text: words::missing(missing, language),
    }
}

fn remark_entry(remark: &Remark, language: Language) -> RemarkEntry {
    RemarkEntry {
        kind: remark.kind.word(),
        harmless: remark.kind.is_harmless(),
        element: remark.element.clone(),
        text: words::remark(remark.kind, &remark.element, language),
        place: remark.origin.as_ref().map(place),
    }
}

fn place(origin: &Origin) -> PlaceEntry {
    PlaceEntry { artifact: origin.artifact.clone(), line: origin.line, quote: origin.quote.clone() }
}

/// The verdict on all paths. Those to addresses that are not served any more do not count.
pub(crate) fn verdict(paths: &[PathEntry]) -> diagnosis::Verdict {
    let mut current = paths.iter().filter(|path| path.current != Some(false)).map(|path| path.verdict).peekable();
    if current.peek().is_none() {
        return diagnosis::Verdict::Undetermined;
    }
    let mut verdict = diagnosis::Verdict::Healthy;
    for path in current {
        if path == Verdict::Blocked.word() {
            return diagnosis::Verdict::Problem;
        }
        if path != Verdict::Reaches.word() {
            verdict = diagnosis::Verdict::Undetermined;
        }
    }
    verdict
}

/// A check that gets what paths lack, with what it is wanted for.
pub(crate) struct Export {
    pub(crate) check: &'static Check,
    pub(crate) names: Vec<String>,
}

/// What to export next: every check once, those that open most paths first.
pub(crate) fn exports(paths: &[PathEntry]) -> Vec<Export> {
    let mut exports: Vec<(usize, Export)> = Vec::new();
    for path in paths {
        for missing in &path.missing {
            let Some(check) = missing.check.and_then(|id| Knowledge::embedded().checks.get(id)) else { continue };
            let name = missing.name.clone().unwrap_or_else(|| path.interface.clone());
            match exports.iter_mut().find(|(_, export)| export.check.id == check.id) {
                Some((count, export)) => {
                    *count += 1;
                    // The same ones follow each other.
                    if export.names.last() != Some(&name) {
                        export.names.push(name);
                    }
                }
                None => exports.push((1, Export { check, names: vec![name] })),
            }
        }
    }
    exports.sort_by_key(|(count, _)| std::cmp::Reverse(*count));
    let export = |(_, mut export): (usize, Export)| {
        export.names.sort();
        export.names.dedup();
        export
    };
    exports.into_iter().map(export).collect()
}

impl Export {
    /// The check as the report has it.
    pub(crate) fn entry(&self, language: Language) -> CheckEntry {
        CheckEntry {
            id: self.check.id.clone(),
            command: self.check.command.clone(),
            why: self.check.why.get(language).to_owned(),
            settles: Vec::new(),
        }
    }
}

/// What can be done about blocked paths, written in `form`, or in the most usual form of a cloud that does not have it.
pub(crate) fn changes(advice: &Advice, form: Form, language: Language) -> (Vec<ChangeEntry>, Vec<RefusalEntry>) {
    let entry = |change: &change::Change| {
        let forms = Form::of(change.provider);
        let form = if forms.contains(&form) { form } else { forms[0] };
        let printed = change::print(change, form, language).unwrap_or_default();
        ChangeEntry {
            provider: change.provider.word(),
            form: form_word(form),
            summary: change.summary(language),
            helps: change.helps.iter().map(path_name).collect(),
            touches: change.touches.clone(),
            risks: change.risks.iter().map(|risk| risk.text(language)).collect(),
            apply: printed.apply,
            verify: printed.verify,
            undo: printed.undo,
        }
    };
    let refusal = |refusal: &change::Refusal| RefusalEntry {
        paths: refusal.paths.iter().map(path_name).collect(),
        reason: refusal.reason.text(language),
    };
    // What is unknown is told by the paths themselves, with what to export.
    let told = |refusal: &&change::Refusal| !matches!(refusal.reason, change::Reason::Unknown(_));
    (advice.changes.iter().map(entry).collect(), advice.refusals.iter().filter(told).map(refusal).collect())
}

/// `web1 / web1-nic → 20.118.99.224`.
fn path_name(name: &PathName) -> String {
    match &name.machine {
        Some(machine) => format!("{machine} / {} → {}", name.interface, name.address),
        None => format!("{} → {}", name.interface, name.address),
    }
}

fn form_word(form: Form) -> &'static str {
    match form {
        Form::Az => "az",
        Form::Bicep => "bicep",
        Form::Terraform => "terraform",
        Form::Portal => "portal",
        Form::PowerShell => "powershell",
        Form::Gcloud => "gcloud",
    }
}
