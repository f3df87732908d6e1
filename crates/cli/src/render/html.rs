//! The report as one HTML file: no scripts, nothing from outside, so that it can be mailed and opened anywhere.
//!
//! **Invariant.** What comes from evidence is put into templates as text, which escape it; [`PreEscaped`] holds the style and
//! pictures alone, whose texts [`kmsdoctor_cloud::picture`] escapes.

mod findings;
mod paths;

use kmsdoctor_core::language::Language;
use kmsdoctor_core::printable::printable;
use kmsdoctor_core::report::{ArtifactEntry, CheckEntry, Note, Report};
use maud::{DOCTYPE, Markup, PreEscaped, html};

use crate::analysis::Analysis;
use crate::words::{self, pick};

const STYLE: &str = include_str!("html.css");
/// Nothing is loaded, run or sent.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'";

/// The whole file.
pub(crate) fn report(analysis: &Analysis, language: Language) -> String {
    let Analysis { diagnosis, report, .. } = analysis;
    let verdict = words::verdict(diagnosis.verdict, language);
    let title = pick(language, "kmsdoctor の診断結果", "Report of kmsdoctor");
    let page = html! {
        (DOCTYPE)
        html lang=(pick(language, "ja", "en")) {
            head {
                meta charset="utf-8";
                meta http-equiv="Content-Security-Policy" content=(POLICY);
                meta name="viewport" content="width=device-width, initial-scale=1";
                title { (verdict) " – " (title) }
                style { (PreEscaped(STYLE)) }
            }
            body {
                h1 { (title) }
                p.verdict.(report.verdict) { (pick(language, "判定", "Verdict")) ": " (verdict) }
                p { (pick(language, "作成日時", "Made at")) ": " time { (report.generated_at) } }
                (paths::section(report, language))
                (findings::section(diagnosis, language))
                (paths::changes(report, language))
                (checks(&report.next_checks, language))
                (notes(&report.notes, language))
                (artifacts(report, language))
            }
        }
    };
    let mut text = page.into_string();
    text.push('\n');
    text
}

/// Text of evidence, without what could hide or fake other text; the template escapes it.
fn shown(text: &str) -> String {
    printable(text)
}

fn checks(checks: &[CheckEntry], language: Language) -> Markup {
    html! {
        @if !checks.is_empty() {
            h2 { (pick(language, "次に確認すること", "Next checks")) }
            ol {
                @for check in checks {
                    li { p { (check.why) } pre { code { (shown(&check.command)) } } }
                }
            }
        }
    }
}

fn notes(notes: &[Note], language: Language) -> Markup {
    html! {
        @if !notes.is_empty() {
            h2 { (pick(language, "注意", "Notes")) }
            ul { @for note in notes { li { (shown(&note.text)) } } }
        }
    }
}

fn artifacts(report: &Report, language: Language) -> Markup {
    let state = |artifact: &ArtifactEntry| match (&artifact.unread, language) {
        (Some(reason), _) => shown(reason),
        (None, Language::Japanese) => format!("{}、事実 {} 個", artifact.kind, artifact.facts),
        (None, Language::English) => format!("{}, {} fact(s)", artifact.kind, artifact.facts),
    };
    html! {
        @if !report.artifacts.is_empty() {
            h2 { (pick(language, "読み取った証拠", "What was read")) }
            ul {
                @for artifact in &report.artifacts {
                    li { (shown(&artifact.name)) " (" (artifact.bytes) " bytes): " (state(artifact)) }
                }
            }
        }
    }
}
