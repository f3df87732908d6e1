//! Findings with what they rest on, and remedies as steps.

use kmsdoctor_core::diagnosis::{Diagnosis, Finding, Status};
use kmsdoctor_core::fact::{Fact, Subject};
use kmsdoctor_core::knowledge::{Knowledge, Remedy, Section, Step};
use kmsdoctor_core::language::Language;
use kmsdoctor_core::report;
use maud::{Markup, html};

use super::shown;
use crate::render::{evidence, paths};
use crate::words::{self, pick};

pub(super) fn section(diagnosis: &Diagnosis<'_>, language: Language) -> Markup {
    let of = |status: Status| diagnosis.findings.iter().filter(move |finding| finding.status == status);
    let carried = evidence::carried(diagnosis);
    let candidates: Vec<&Finding<'_>> = of(Status::Possible).collect();
    html! {
        @if !carried.is_empty() {
            h2 { (pick(language, "見つかった原因", "Findings")) }
            @for findings in &carried { (one(findings, diagnosis, language)) }
        }
        @if !candidates.is_empty() {
            h2 { (pick(language, "候補 (証拠だけでは区別できません)", "Candidates (the evidence does not tell them apart)")) }
            ul { @for finding in candidates { (named(finding, language)) } }
        }
    }
}

fn named(finding: &Finding<'_>, language: Language) -> Markup {
    html! {
        li {
            (finding.cause.title.get(language)) " " code { (finding.cause.id) }
            @if let Some(subject) = subject(finding) { " (" (shown(subject)) ")" }
        }
    }
}

fn subject<'f>(finding: &'f Finding<'_>) -> Option<&'f str> {
    finding.subject.as_ref().map(|subject| subject.id.as_str()).filter(|id| !id.is_empty())
}

/// Findings of one cause, by the first of them.
fn one(findings: &[&Finding<'_>], diagnosis: &Diagnosis<'_>, language: Language) -> Markup {
    let finding = findings[0];
    let on: Vec<String> = findings.iter().filter_map(|finding| subject(finding)).map(str::to_owned).collect();
    let cause = finding.cause;
    let subjects = finding.subjects(diagnosis.facts_of(finding));
    let remedies = cause.remedies.iter().filter_map(|id| Knowledge::embedded().remedies.get(id));
    html! {
        article {
            h3 {
                (cause.title.get(language)) " "
                span.status { (words::status(finding.status, language)) } " "
                code { (cause.id) }
            }
            @if let Some(machine) = diagnosis.machine_of(finding) {
                p { (pick(language, "コンピューター", "Machine")) ": " (shown(machine)) }
            }
            @if !on.is_empty() { p { (pick(language, "対象", "On")) ": " (shown(&paths::some(&on, language))) } }
            @for paragraph in cause.text.section(Section::Fault, language).lines().filter(|line| !line.trim().is_empty()) {
                p { (paragraph) }
            }
            (facts(pick(language, "根拠", "Evidence"), &finding.holding, language))
            (facts(pick(language, "反する証拠", "Against it"), &finding.against, language))
            @for remedy in remedies { (self::remedy(remedy, &subjects, language)) }
        }
    }
}

fn facts(heading: &str, facts: &[Fact], language: Language) -> Markup {
    let places = evidence::places(facts, language);
    html! {
        @if !places.is_empty() {
            h4 { (heading) }
            ul {
                @for (origin, sayings) in places {
                    li {
                        (sayings.join(pick(language, "、", "; "))) br;
                        small { (evidence::place(&origin.artifact, origin.line)) }
                        blockquote { (shown(&origin.quote)) }
                    }
                }
            }
        }
    }
}

fn remedy(remedy: &Remedy, subjects: &[Subject], language: Language) -> Markup {
    html! {
        h4 { (pick(language, "対処", "What to do")) ": " (remedy.title.get(language)) }
        p {
            (pick(language, "リスク", "risk")) ": " (remedy.risk.label(language)) ". "
            (pick(language, "必要な権限", "needs")) ": " (remedy.rights.label(language))
        }
        ol { @for step in &remedy.steps { li { (self::step(step, subjects, language)) } } }
    }
}

fn step(step: &Step, subjects: &[Subject], language: Language) -> Markup {
    let commands = [
        (pick(language, "事前に記録", "note first"), &step.capture),
        (pick(language, "実行", "run"), &step.command),
        (pick(language, "確認", "verify"), &step.verify),
        (pick(language, "元に戻す", "undo"), &step.undo),
    ];
    html! {
        (step.action.get(language)) " [" (step.place.label(language)) "]"
        dl {
            @for (label, command) in commands {
                @if let Some(command) = command {
                    dt { (label) }
                    dd { pre { code { (shown(&report::fill(command, subjects))) } } }
                }
            }
            @if let Some(note) = &step.undo_note {
                dt { (pick(language, "補足", "note")) }
                dd { (note.get(language)) }
            }
        }
    }
}
