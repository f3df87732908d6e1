//! Paths through a cloud's network, for people: each as a picture where there are few, as a table where there are many.

mod groups;
mod table;

use std::fmt::Write as _;

use anstyle::{AnsiColor, Style};
use kmsdoctor_cloud::picture::{Mark, Picture};
use kmsdoctor_core::language::Language;
use kmsdoctor_core::printable::printable;
use kmsdoctor_core::report::{ChangeEntry, PathEntry, RefusalEntry, RemarkEntry, Report};

use crate::paths::{self, Export};
use crate::words::{paths as words, pick};

pub(super) use groups::{Group, groups, picture};

/// Columns that everything fits in.
const COLUMNS: usize = 80;
/// Pictures shown; more paths than this are a table.
const PICTURES_MAX: usize = 4;
/// Lines of the short list; with `-v` all are shown.
const SHORT_MAX: usize = 10;
/// Remarks shown below a table; with `-v` all are.
const REMARKS_MAX: usize = 10;
/// Names listed where there are more than anybody reads.
const NAMES_MAX: usize = 5;
/// Verdicts, the worst first.
const VERDICTS: [&str; 3] = ["blocked", "cannot-tell", "reaches"];

/// Every path of the report, and what it would be with what is assumed.
pub(super) fn full(report: &Report, language: Language, is_verbose: bool) -> String {
    let mut text = String::new();
    let groups = groups(&report.paths, report.assumed_paths.as_deref());
    if groups.len() > PICTURES_MAX {
        table::write(&mut text, &groups, language, is_verbose);
        write_remarks(&mut text, groups.iter().flat_map(|group| &group.first().remarks), language, is_verbose);
        return text;
    }
    for group in &groups {
        write_picture(&mut text, group, language, is_verbose);
        write_remarks(&mut text, group.first().remarks.iter(), language, true);
    }
    if let Some(assumed) = &report.assumed_paths {
        super::page::heading(&mut text, pick(language, "仮定した場合 (--assume)", "What if (--assume)"));
        for group in self::groups(assumed, None) {
            write_picture(&mut text, &group, language, is_verbose);
        }
    }
    text
}

/// How many paths have which verdict, in a line.
pub(super) fn counts(paths: &[PathEntry], language: Language) -> String {
    let current = || paths.iter().filter(|path| path.current != Some(false));
    let parts: Vec<String> = VERDICTS
        .into_iter()
        .map(|word| (word, current().filter(|path| path.verdict == word).count()))
        .filter(|(_, count)| *count > 0)
        .map(|(word, count)| format!("{} {count}", words::verdict(word, language)))
        .collect();
    let retired = paths.len() - current().count();
    let mut text = match language {
        Language::Japanese => format!("経路 {} 件: {}", current().count(), parts.join("、")),
        Language::English => format!("{} path(s): {}", current().count(), parts.join(", ")),
    };
    if retired > 0 {
        let _ = match language {
            Language::Japanese => write!(text, " (提供が終わったアドレスへの {retired} 件は数えません)"),
            Language::English => write!(text, " ({retired} more lead to addresses that KMS has left)"),
        };
    }
    text
}

/// The same, a line for each, as a part of another report.
pub(super) fn short(report: &Report, language: Language, is_verbose: bool) -> String {
    let mut text = String::new();
    if report.paths.is_empty() {
        return text;
    }
    super::page::heading(&mut text, pick(language, "クラウドの KMS への経路", "Paths to the cloud's KMS"));
    let _ = writeln!(text, "  {}", counts(&report.paths, language));
    let mut groups = groups(&report.paths, None);
    groups.sort_by_key(|group| VERDICTS.iter().position(|word| *word == group.first().verdict));
    let shown = if is_verbose { groups.len() } else { SHORT_MAX };
    for group in groups.iter().take(shown) {
        let reason = group.reason().map(|reason| format!(" ({reason})")).unwrap_or_default();
        let verdict = words::verdict(group.first().verdict, language);
        let _ = writeln!(text, "  - {}: {verdict}{}", printable(&group.name()), printable(&reason));
    }
    if groups.len() > shown {
        write_more(&mut text, groups.len() - shown, language);
    }
    let hint = pick(
        language,
        "図と最小の変更は `kmsdoctor cloud` で表示できます。",
        "`kmsdoctor cloud` shows pictures and the smallest change.",
    );
    let _ = writeln!(text, "  {hint}");
    text
}

fn write_more(text: &mut String, count: usize, language: Language) {
    let _ = match language {
        Language::Japanese => writeln!(text, "  ほか {count} 件 (-v で表示)"),
        Language::English => writeln!(text, "  and {count} more (with -v)"),
    };
}

fn style(verdict: &str) -> Style {
    let colour = match verdict {
        "reaches" | "passes" => AnsiColor::Green,
        "blocked" | "blocks" => AnsiColor::Red,
        _ => AnsiColor::Yellow,
    };
    colour.on_default().bold()
}

fn write_picture(text: &mut String, group: &Group<'_>, language: Language, is_verbose: bool) {
    let path = group.first();
    let style = style(path.verdict);
    let bold = Style::new().bold();
    let verdict = words::verdict(path.verdict, language);
    let _ = write!(text, "\n{bold}{}{bold:#}  [{style}{verdict}{style:#}]", printable(&group.name()));
    if let Some(assumed) = group.assumed {
        let _ = write!(text, " {} [{}]", pick(language, "→ 仮定では", "→ assumed:"), words::verdict(assumed, language));
    }
    text.push('\n');
    let picture: Picture = picture(group, language, is_verbose);
    for row in picture.rows(COLUMNS - 2) {
        let style = match row.mark {
            Some(Mark::Passes) => self::style("passes"),
            Some(Mark::Blocks) => self::style("blocks"),
            Some(Mark::Unknown) => self::style("unknown"),
            None => Style::new(),
        };
        let _ = writeln!(text, "  {style}{}{style:#}", row.text);
    }
}

fn write_remarks<'r>(
    text: &mut String,
    remarks: impl Iterator<Item = &'r RemarkEntry>,
    language: Language,
    is_verbose: bool,
) {
    let mut lines: Vec<String> = Vec::new();
    let mut seen = std::collections::HashSet::new();
    for remark in remarks.filter(|remark| seen.insert((remark.kind, remark.element.as_str()))) {
        lines.push(format!("  {}: {}", remark_label(remark, language), printable(&remark.text)));
    }
    if lines.is_empty() {
        return;
    }
    text.push('\n');
    let shown = if is_verbose { lines.len() } else { REMARKS_MAX };
    for line in lines.iter().take(shown) {
        let _ = writeln!(text, "{line}");
    }
    if lines.len() > shown {
        write_more(text, lines.len() - shown, language);
    }
}

pub(super) fn remark_label(remark: &RemarkEntry, language: Language) -> &'static str {
    if remark.harmless { pick(language, "無害", "Harmless") } else { pick(language, "補足", "Noted") }
}

/// What to export next, with what it is wanted for.
pub(super) fn exports(paths: &[PathEntry], language: Language) -> String {
    let exports = paths::exports(paths);
    let mut text = String::new();
    if exports.is_empty() {
        return text;
    }
    super::page::heading(&mut text, pick(language, "次に書き出すもの", "What to export next"));
    for (index, Export { check, names }) in exports.iter().enumerate() {
        let place = check.place.label(language);
        let _ = writeln!(text, "  {}. {} [{place}]", index + 1, check.title.get(language));
        let _ = writeln!(text, "     {}", check.why.get(language));
        let _ = writeln!(text, "     > {}", check.command);
        let _ = writeln!(text, "     {}: {}", pick(language, "対象", "for"), printable(&some(names, language)));
    }
    text
}

/// The first names of a list, and how many more there are.
pub(super) fn some(names: &[String], language: Language) -> String {
    let mut text = names.iter().take(NAMES_MAX).map(String::as_str).collect::<Vec<_>>().join(", ");
    if let Some(more) = names.len().checked_sub(NAMES_MAX).filter(|more| *more > 0) {
        let _ = match language {
            Language::Japanese => write!(text, " ほか {more} 件"),
            Language::English => write!(text, " and {more} more"),
        };
    }
    text
}

/// The smallest change, and why there is none for other paths.
pub(super) fn changes(report: &Report, language: Language) -> String {
    let mut text = String::new();
    if !report.changes.is_empty() {
        super::page::heading(&mut text, pick(language, "最小の変更", "The smallest change"));
    }
    for (index, change) in report.changes.iter().enumerate() {
        write_change(&mut text, index + 1, change, language);
    }
    if !report.refusals.is_empty() {
        super::page::heading(&mut text, pick(language, "変更を示せない経路", "No change is offered for"));
    }
    for RefusalEntry { paths, reason } in &report.refusals {
        let _ = writeln!(text, "  - {}: {}", printable(&some(paths, language)), printable(reason));
    }
    text
}

fn write_change(text: &mut String, number: usize, change: &ChangeEntry, language: Language) {
    let mut summary = change.summary.iter();
    let first = summary.next().map(String::as_str).unwrap_or_default();
    let _ = writeln!(text, "  {number}. {}", printable(first));
    for line in summary {
        let _ = writeln!(text, "     {}", printable(line));
    }
    for (label, lines) in change_lists(change, language) {
        let _ = writeln!(text, "     {label}: {}", printable(&lines));
    }
    for (label, code) in change_codes(change, language) {
        let _ = writeln!(text, "     {label}:");
        for line in code.lines() {
            let _ = writeln!(text, "       {}", printable(line));
        }
    }
}

/// What a change does and what to weigh, by label; what is empty is left out.
pub(super) fn change_lists(change: &ChangeEntry, language: Language) -> Vec<(&'static str, String)> {
    let lists = [
        (pick(language, "これで到達する経路", "Reaches KMS by it"), some(&change.helps, language)),
        (pick(language, "ほかに影響を受けるもの", "Also touches"), some(&change.touches, language)),
        (pick(language, "注意", "Weigh first"), change.risks.join(" ")),
    ];
    lists.into_iter().filter(|(_, lines)| !lines.is_empty()).collect()
}

/// What makes, verifies and takes back a change, by label; what is empty is left out.
pub(super) fn change_codes(change: &ChangeEntry, language: Language) -> Vec<(String, &str)> {
    let codes = [
        (format!("{} ({})", pick(language, "変更", "Change"), change.form), change.apply.as_str()),
        (pick(language, "確認", "Verify").to_owned(), change.verify.as_str()),
        (pick(language, "元に戻す", "Undo").to_owned(), change.undo.as_str()),
    ];
    codes.into_iter().filter(|(_, code)| !code.is_empty()).collect()
}

#[cfg(test)]
mod tests;
