//! The report for people: the root cause first, the lines it rests on, the fix with its risk and its undo, and the
//! next check where something is open.

use std::fmt::Write as _;

use anstyle::{AnsiColor, Style};
use kmsdoctor_core::diagnosis::{Diagnosis, Finding, NextCheck, Status, Verdict};
use kmsdoctor_core::fact::{Fact, Key, State, Subject, Value};
use kmsdoctor_core::knowledge::{Knowledge, Remedy, Section, Severity, Step};
use kmsdoctor_core::language::Language;
use kmsdoctor_core::printable::printable;
use kmsdoctor_core::report::{self, LatencyEntry, Report};

use super::{evidence, paths};
use crate::analysis::Analysis;
use crate::words::{self, pick};

/// Findings shown in full; with `-v` all are.
const FULL_MAX: usize = 3;
/// Candidates shown where a code alone raises many; with `-v` all are.
const CANDIDATES_MAX: usize = 8;
/// Lines of evidence shown per finding; with `-v` all are.
const EVIDENCE_MAX: usize = 6;

pub(crate) fn report(analysis: &Analysis, language: Language, verbose: bool) -> String {
    let mut page = Page { text: String::new(), language, verbose };
    page.head(&analysis.diagnosis);
    page.findings(analysis);
    page.text.push_str(&paths::short(&analysis.report, language, verbose));
    page.text.push_str(&paths::exports(&analysis.report.paths, language));
    page.rest(analysis);
    page.text
}

/// The report of `cloud`: the paths before everything else.
pub(crate) fn cloud(analysis: &Analysis, language: Language, verbose: bool) -> String {
    let report = &analysis.report;
    let mut page = Page { text: String::new(), language, verbose };
    page.verdict(analysis.diagnosis.verdict);
    if !report.paths.is_empty() {
        page.line(&paths::counts(&report.paths, language));
    }
    if let Some(assumed) = &report.assumed_paths {
        page.line(&format!(
            "{}: {}",
            page.pick("仮定した場合", "With what is assumed"),
            paths::counts(assumed, language)
        ));
    }
    page.text.push_str(&paths::full(report, language, verbose));
    page.findings(analysis);
    page.text.push_str(&paths::changes(report, language));
    page.text.push_str(&paths::exports(&report.paths, language));
    page.rest(analysis);
    page.text
}

fn name(finding: &Finding<'_>) -> String {
    match finding.subject.as_ref().filter(|subject| !subject.id.is_empty()) {
        Some(subject) => format!("{} ({})", finding.cause.id, subject.id),
        None => finding.cause.id.clone(),
    }
}

struct Page {
    text: String,
    language: Language,
    verbose: bool,
}

impl Page {
    fn line(&mut self, text: &str) {
        self.text.push_str(text);
        self.text.push('\n');
    }

    fn pick<'a>(&self, japanese: &'a str, english: &'a str) -> &'a str {
        pick(self.language, japanese, english)
    }

    fn heading(&mut self, text: &str) {
        let bold = Style::new().bold();
        self.line(&format!("\n{bold}{text}{bold:#}"));
    }

    fn list(&mut self, heading: &str, items: &[String]) {
        self.line(&format!("\n{heading}: {}", items.join(", ")));
    }

    fn verdict(&mut self, verdict: Verdict) {
        let color = match verdict {
            Verdict::Healthy => AnsiColor::Green,
            Verdict::Problem => AnsiColor::Red,
            Verdict::Undetermined => AnsiColor::Yellow,
        };
        let style = color.on_default().bold();
        let label = self.pick("判定", "Verdict");
        let verdict = words::verdict(verdict, self.language);
        self.line(&format!("{label}: {style}{verdict}{style:#}"));
    }

    fn head(&mut self, diagnosis: &Diagnosis<'_>) {
        let path_only =
            diagnosis.facts().state(&Subject::machine(), Key::ScopePath) == State::Present(Value::Flag(true));
        self.verdict(diagnosis.verdict);
        self.line(words::verdict_meaning(diagnosis.verdict, path_only, self.language));
    }

    /// Findings that carry the verdict.
    fn findings(&mut self, Analysis { diagnosis, .. }: &Analysis) {
        let carried = evidence::carried(diagnosis);
        let shown = if self.verbose { carried.len() } else { FULL_MAX };
        for (index, findings) in carried.iter().take(shown).enumerate() {
            self.finding(index + 1, findings, diagnosis);
        }
        if carried.len() > shown {
            let name = |findings: &Vec<&Finding<'_>>| match findings.as_slice() {
                [only] => name(only),
                _ => format!("{} (×{})", findings[0].cause.id, findings.len()),
            };
            let more: Vec<String> = carried[shown..].iter().map(name).collect();
            self.list(self.pick("ほかに見つかった原因 (-v で詳細)", "Also found (details with -v)"), &more);
        }
    }

    fn rest(&mut self, Analysis { diagnosis, report, .. }: &Analysis) {
        self.notes(report);
        // What paths lack is told with them.
        let told = crate::paths::exports(&report.paths);
        let is_told = |next: &&NextCheck<'_>| told.iter().any(|export| export.check.id == next.check.id);
        let others: Vec<&NextCheck<'_>> = diagnosis.next_checks.iter().filter(|next| !is_told(next)).collect();
        self.next_checks(&others);
        self.others(diagnosis, !evidence::carried(diagnosis).is_empty());
        self.latencies(report);
        self.artifacts(report, diagnosis);
    }

    /// Findings of one cause, by the first of them.
    fn finding(&mut self, number: usize, findings: &[&Finding<'_>], diagnosis: &Diagnosis<'_>) {
        let finding = findings[0];
        let facts = diagnosis.facts_of(finding);
        let cause = finding.cause;
        let bold = Style::new().bold();
        let dim = Style::new().dimmed();
        let status = words::status(finding.status, self.language);
        let benign =
            if cause.severity == Severity::Benign { self.pick("・対応不要", ", no action needed") } else { "" };
        self.line(&format!(
            "\n{bold}{number}. {}{bold:#}  [{status}{benign}]  {dim}{}{dim:#}",
            cause.title.get(self.language),
            cause.id
        ));
        if let Some(machine) = diagnosis.machine_of(finding) {
            self.line(&format!("   {}: {}", self.pick("コンピューター", "Machine"), printable(machine)));
        }
        if let Some(subject) = finding.subject.as_ref().filter(|subject| !subject.id.is_empty()) {
            let product = match facts.state(subject, Key::LicenseProduct) {
                State::Present(product) => format!("{} ", printable(&product.to_string())),
                _ => String::new(),
            };
            let others: Vec<String> = findings
                .iter()
                .filter_map(|finding| finding.subject.as_ref())
                .map(|subject| subject.id.clone())
                .collect();
            let subjects = paths::some(&others, self.language);
            self.line(&format!("   {}: {product}{}", self.pick("対象", "On"), printable(&subjects)));
        }
        self.paragraph(cause.text.section(Section::Fault, self.language), "   ");
        self.evidence(self.pick("根拠", "Evidence"), &finding.holding);
        self.evidence(self.pick("反する証拠", "Against it"), &finding.against);
        if finding.status != Status::Confirmed {
            self.missing(finding);
        }
        let knowledge = Knowledge::embedded();
        let remedies: Vec<&Remedy> = cause.remedies.iter().filter_map(|id| knowledge.remedies.get(id)).collect();
        let shown = if self.verbose { remedies.len() } else { 1 };
        for remedy in remedies.iter().take(shown) {
            self.remedy(remedy, &finding.subjects(facts));
        }
        if remedies.len() > shown {
            let more: Vec<String> =
                remedies[shown..].iter().map(|remedy| remedy.title.get(self.language).to_owned()).collect();
            self.line(&format!(
                "   {}: {}",
                self.pick("ほかの対処 (-v で詳細)", "Other remedies (details with -v)"),
                more.join(self.pick("、", "; "))
            ));
        }
    }

    fn paragraph(&mut self, markdown: &str, indent: &str) {
        for line in markdown.lines().filter(|line| !line.trim().is_empty()) {
            self.line(&format!("{indent}{line}"));
        }
    }

    fn evidence(&mut self, heading: &str, facts: &[Fact]) {
        let places = evidence::places(facts, self.language);
        if places.is_empty() {
            return;
        }
        self.line(&format!("   {heading}:"));
        let shown = if self.verbose { places.len() } else { EVIDENCE_MAX };
        for (origin, sayings) in places.iter().take(shown) {
            self.line(&format!("     - {}", sayings.join(self.pick("、", "; "))));
            self.line(&format!("       {}", evidence::place(&origin.artifact, origin.line)));
            self.line(&format!("       | {}", origin.quote));
        }
        if places.len() > shown {
            self.line(&format!("     {}", self.pick("(ほかは -v で表示)", "(more with -v)")));
        }
    }

    fn missing(&mut self, finding: &Finding<'_>) {
        let mut items: Vec<String> = Vec::new();
        for missing in &finding.missing {
            let label = missing.key.label(self.language);
            let of = missing.subject.as_ref().map(|subject| format!(" ({})", subject.id)).unwrap_or_default();
            let item = format!("{label}{of}: {}", words::why(missing.why, self.language));
            if !items.contains(&item) {
                items.push(item);
            }
        }
        if !items.is_empty() {
            self.line(&format!("   {}:", self.pick("まだ分からないこと", "Still open")));
            for item in items.iter().take(if self.verbose { items.len() } else { EVIDENCE_MAX }) {
                self.line(&format!("     - {item}"));
            }
        }
    }

    fn remedy(&mut self, remedy: &Remedy, subjects: &[Subject]) {
        let language = self.language;
        let bold = Style::new().bold();
        let head = self.pick("対処", "What to do");
        let risk = format!("{}: {}", self.pick("リスク", "risk"), remedy.risk.label(language));
        let rights = format!("{}: {}", self.pick("必要な権限", "needs"), remedy.rights.label(language));
        self.line(&format!(
            "   {bold}{head}: {}{bold:#} ({risk}{}{rights})",
            remedy.title.get(language),
            self.pick("、", "; ")
        ));
        for (index, step) in remedy.steps.iter().enumerate() {
            self.step(index + 1, step, subjects);
        }
    }

    fn step(&mut self, number: usize, step: &Step, subjects: &[Subject]) {
        let place = step.place.label(self.language);
        self.line(&format!("     {number}. {} [{place}]", step.action.get(self.language)));
        let rows = [
            (self.pick("事前に記録", "note first"), &step.capture),
            (self.pick("実行", "run"), &step.command),
            (self.pick("確認", "verify"), &step.verify),
            (self.pick("元に戻す", "undo"), &step.undo),
        ];
        let rows: Vec<String> = rows
            .into_iter()
            .filter_map(|(label, command)| {
                command.as_ref().map(|command| format!("        {label}: {}", report::fill(command, subjects)))
            })
            .collect();
        for row in rows {
            self.line(&row);
        }
        if let Some(note) = &step.undo_note {
            let label =
                if step.undo.is_some() { self.pick("補足", "note") } else { self.pick("元に戻す", "undo") };
            self.line(&format!("        {label}: {}", note.get(self.language)));
        }
    }

    fn next_checks(&mut self, checks: &[&NextCheck<'_>]) {
        if checks.is_empty() {
            return;
        }
        self.heading(self.pick("次に確認すること", "Next checks"));
        for (index, next) in checks.iter().enumerate() {
            let place = next.check.place.label(self.language);
            self.line(&format!("  {}. {} [{place}]", index + 1, next.check.title.get(self.language)));
            self.line(&format!("     {}", next.check.why.get(self.language)));
            self.line(&format!("     > {}", report::fill(&next.check.command, &next.subjects)));
        }
    }

    /// Findings that carry no verdict: raised by a code, excluded, or not checkable.
    fn others(&mut self, diagnosis: &Diagnosis<'_>, carried: bool) {
        let of = |status: Status| -> Vec<String> {
            let mut names: Vec<String> =
                diagnosis.findings.iter().filter(|finding| finding.status == status).map(name).collect();
            names.dedup();
            names
        };
        let possible = of(Status::Possible);
        if !possible.is_empty() && (!carried || self.verbose) {
            self.heading(
                self.pick("候補 (証拠だけでは区別できません)", "Candidates (the evidence does not tell them apart)"),
            );
            let candidates: Vec<&Finding<'_>> =
                diagnosis.findings.iter().filter(|finding| finding.status == Status::Possible).collect();
            let shown = if self.verbose { candidates.len() } else { CANDIDATES_MAX };
            for finding in candidates.iter().take(shown) {
                self.line(&format!("  - {}  {}", finding.cause.title.get(self.language), finding.cause.id));
            }
            if candidates.len() > shown {
                let more = candidates.len() - shown;
                self.line(&match self.language {
                    Language::Japanese => format!("  ほか {more} 件 (-v で表示)"),
                    Language::English => format!("  and {more} more (with -v)"),
                });
            }
        }
        if self.verbose {
            for (status, heading) in [
                (Status::RuledOut, self.pick("除外した原因", "Ruled out")),
                (Status::NotCheckable, self.pick("確認できなかった原因", "Not checkable")),
            ] {
                let names = of(status);
                if !names.is_empty() {
                    self.list(heading, &names);
                }
            }
        }
    }

    fn notes(&mut self, report: &Report) {
        if !report.notes.is_empty() {
            self.heading(self.pick("注意", "Notes"));
            for note in &report.notes {
                self.line(&format!("  - {}", printable(&note.text)));
            }
        }
    }

    /// With `-v`: what took how long.
    fn latencies(&mut self, report: &Report) {
        if !self.verbose || report.latencies.is_empty() {
            return;
        }
        self.heading(self.pick("応答時間", "Latency"));
        for LatencyEntry { subject, stage, least_us, most_us } in &report.latencies {
            let stage = words::stage(stage, self.language);
            let milliseconds = |us: i64| format!("{}.{}", us / 1000, us % 1000 / 100);
            let (least, most) = (milliseconds(*least_us), milliseconds(*most_us));
            let range = if least == most { most } else { format!("{least}–{most}") };
            self.line(&format!("  - {stage} {}: {range} ms", printable(subject)));
        }
    }

    fn artifacts(&mut self, report: &Report, diagnosis: &Diagnosis<'_>) {
        let read = report.artifacts.iter().filter(|artifact| artifact.unread.is_none()).count();
        let facts: usize = report.artifacts.iter().map(|artifact| artifact.facts).sum();
        let mut summary = match self.language {
            Language::Japanese => format!("読み取り: {read} 件、事実 {facts} 個"),
            Language::English => format!("Read: {read} item(s), {facts} fact(s)"),
        };
        if let Some(as_of) = diagnosis.as_of {
            let _ = match self.language {
                Language::Japanese => write!(summary, "、判定時点 {as_of}"),
                Language::English => write!(summary, ", judged at {as_of}"),
            };
        }
        self.line(&format!("\n{summary}"));
        for artifact in &report.artifacts {
            match &artifact.unread {
                Some(reason) => self.line(&format!(
                    "  ! {} {}: {reason}",
                    printable(&artifact.name),
                    self.pick("を読めません", "was not read")
                )),
                None if self.verbose => {
                    self.line(&format!(
                        "  - {} ({}, {} bytes)",
                        printable(&artifact.name),
                        artifact.kind,
                        artifact.bytes
                    ));
                }
                None => {}
            }
        }
    }
}
