//! Paths through a cloud's network: a table of all, pictures of those that do not reach KMS, and the smallest change.

use kmsdoctor_core::language::Language;
use kmsdoctor_core::report::{ChangeEntry, PathEntry, Report};
use maud::{Markup, PreEscaped, html};

use super::shown;
use crate::render::paths::{self, Group, picture};
use crate::words::{paths as words, pick};

/// Pictures: more are not looked at, and a subscription may have thousands.
const PICTURES_MAX: usize = 50;
/// Rows of the table.
const ROWS_MAX: usize = 20_000;

pub(super) fn section(report: &Report, language: Language) -> Markup {
    let mut groups = paths::groups(&report.paths, report.assumed_paths.as_deref());
    // The ones that need somebody come first.
    groups.sort_by_key(|group| group.first().verdict == "reaches");
    html! {
        @if !groups.is_empty() {
            h2 { (pick(language, "クラウドの KMS への経路", "Paths to the cloud's KMS")) }
            p { (paths::counts(&report.paths, language)) }
            @if let Some(assumed) = &report.assumed_paths {
                p { (pick(language, "仮定した場合", "With what is assumed")) ": " (paths::counts(assumed, language)) }
            }
            @if groups.len() > 1 { (table(&groups, language)) }
            div.paths { @for (index, group) in groups.iter().take(PICTURES_MAX).enumerate() { (figure(index, "path", group, language)) } }
            (remarks(&report.paths, language))
            @if let Some(assumed) = &report.assumed_paths {
                h3 { (pick(language, "仮定した場合の経路", "Paths with what is assumed")) }
                div.paths {
                    @for (index, group) in paths::groups(assumed, None).iter().take(PICTURES_MAX).enumerate() {
                        (figure(index, "assumed", group, language))
                    }
                }
            }
        }
    }
}

fn table(groups: &[Group<'_>], language: Language) -> Markup {
    let has_assumed = groups.iter().any(|group| group.assumed.is_some());
    html! {
        div.wide { table {
            thead { tr {
                th { (pick(language, "コンピューター", "Machine")) }
                th { (pick(language, "インターフェイス", "Interface")) }
                th { (pick(language, "KMS のアドレス", "Address of KMS")) }
                th { (pick(language, "判定", "Verdict")) }
                @if has_assumed { th { (pick(language, "仮定", "Assumed")) } }
                th { (pick(language, "理由", "Reason")) }
            } }
            tbody { @for group in groups.iter().take(ROWS_MAX) { tr {
                td { (shown(group.first().machine.as_deref().unwrap_or("-"))) }
                td { (shown(&group.first().interface)) }
                td { (shown(&group.addresses())) }
                td { (words::verdict(group.first().verdict, language)) }
                @if has_assumed { td { (group.assumed.map_or("-", |verdict| words::verdict(verdict, language))) } }
                td { (shown(group.reason().unwrap_or_default())) }
            } } }
        } }
    }
}

fn figure(index: usize, kind: &str, group: &Group<'_>, language: Language) -> Markup {
    let verdict = group.first().verdict;
    let picture = picture(group, language, false);
    html! {
        figure {
            figcaption { (shown(&group.name())) " " span.status.(verdict) { (words::verdict(verdict, language)) } }
            (PreEscaped(picture.svg(&format!("{kind}-{index}"))))
        }
    }
}

fn remarks(paths: &[PathEntry], language: Language) -> Markup {
    let mut seen = std::collections::HashSet::new();
    let remarks: Vec<_> = paths
        .iter()
        .flat_map(|path| &path.remarks)
        .filter(|remark| seen.insert((remark.kind, remark.element.as_str())))
        .collect();
    html! {
        @if !remarks.is_empty() {
            ul {
                @for remark in remarks {
                    li { strong { (paths::remark_label(remark, language)) } ": " (shown(&remark.text)) }
                }
            }
        }
    }
}

pub(super) fn changes(report: &Report, language: Language) -> Markup {
    html! {
        @if !report.changes.is_empty() {
            h2 { (pick(language, "最小の変更", "The smallest change")) }
            @for change in &report.changes { (self::change(change, language)) }
        }
        @if !report.refusals.is_empty() {
            h2 { (pick(language, "変更を示せない経路", "No change is offered for")) }
            ul {
                @for refusal in &report.refusals {
                    li { (shown(&paths::some(&refusal.paths, language))) ": " (shown(&refusal.reason)) }
                }
            }
        }
    }
}

fn change(change: &ChangeEntry, language: Language) -> Markup {
    html! {
        article {
            ul { @for line in &change.summary { li { (shown(line)) } } }
            dl {
                @for (label, lines) in paths::change_lists(change, language) { dt { (label) } dd { (shown(&lines)) } }
                @for (label, code) in paths::change_codes(change, language) {
                    dt { (label) }
                    dd { pre { code { @for line in code.lines() { (shown(line)) "\n" } } } }
                }
            }
        }
    }
}
