//! The report of `gpresult /h` (Group Policy Results), as the lines that it is shown as.
//!
//! It is localised. What stays the same is the order of its rows: the account of the machine, which the title names as well,
//! its domain, its site; of a registry item of the Group Policy Preferences the hive, the key, the name, the type and the
//! data of the value. The report shows what was applied: of denied policies it has the names only. Reports on a policy as
//! such (Get-GPOReport) and forecasts (Group Policy Modeling) look alike and tell of no machine what it has.
//!
//! [unverified]: the rows of settings without a display name (path, data, policy) and the heading of forecasts were not seen
//! in a report, but follow from descriptions of them.

use super::values::{Values, split};
use super::{state, tell_membership, tell_name};
use crate::document::{Document, Line};
use crate::readers::registry::{Entry, LIST_SEPARATOR};
use crate::readers::{command_line, console, pattern};
use crate::sink::Sink;

/// Lines with accounts above the machine's own, among which the title is.
const TITLES_MAX: usize = 4;

/// Lines above the title in which the kind of the report stands.
const HEADING_LINES: usize = 3;

/// What forecasts are called.
const FORECASTS: [&str; 6] = ["Modeling", "モデル作成", "modellierung", "odélisation", "建模", "모델링"];

const HIVE: &str = "HKEY_LOCAL_MACHINE";

/// Lines between the name of a registry item and the hive: the policy, the result, the action, two headings.
const ITEM_LINES_ABOVE: usize = 6;

/// The action that leaves no value behind, as older reports name it beside type and data.
const DELETE: [&str; 8] = ["Delete", "削除", "Löschen", "Supprimer", "删除", "刪除", "삭제", "Eliminar"];

/// Where the policy against genuine tickets is kept ("Turn off KMS Client Online AVS Validation").
const TICKET_KEY: &str = r"SOFTWARE\Policies\Microsoft\Windows NT\CurrentVersion\Software Protection Platform";

/// What is between the cells of a row.
const BETWEEN_CELLS: &str = "  ";

/// Puts name and domain of the machine into the sink, and its policies into `values`.
pub(super) fn read(document: &Document<'_>, values: &mut Values, sink: &mut Sink<'_>) {
    let mut titles: Vec<usize> = Vec::new();
    let mut report: Option<Report<'_>> = None;
    for (index, line) in document.lines.iter().enumerate() {
        let text = line.text.trim();
        if let Some(found) = Report::at(document, index, &titles) {
            report = Some(found).filter(|found| found.is_of_this_machine(document));
            if let Some(found) = &report {
                tell_name(found.machine, index, sink);
                // What has no dot may be a workgroup, or the token of a domain.
                if found.domain.contains('.') {
                    tell_membership(found.domain, index + 1, sink);
                }
            }
        } else if let Some(report) = &mut report {
            report.take(document, index, values);
        }
        if text.contains('\\') && console::labelled(text).is_none() {
            titles.truncate(TITLES_MAX - 1);
            titles.insert(0, index);
        }
    }
}

/// A report that is being read.
struct Report<'d> {
    /// The machine with the short name of its domain before it.
    account: &'d str,
    machine: &'d str,
    domain: &'d str,
    title: usize,
    /// The user's part has begun.
    is_of_user: bool,
}

impl<'d> Report<'d> {
    /// The report whose machine is named in line `index`, below one of `titles`.
    fn at(document: &'d Document<'_>, index: usize, titles: &[usize]) -> Option<Self> {
        let account = value(document, index)?;
        let (_, machine) = account
            .split_once('\\')
            .filter(|(domain, name)| console::is_host_name(domain) && console::is_host_name(name))?;
        let domain = value(document, index + 1).filter(|name| console::is_host_name(name))?;
        // A user has no site: the unit or the time of the last refresh stands there.
        value(document, index + 2).filter(|site| !site.contains(['/', ':']))?;
        let title = *titles.iter().find(|title| document.lines[**title].text.contains(account))?;
        Some(Self { account, machine, domain, title, is_of_user: false })
    }

    fn is_of_this_machine(&self, document: &Document<'_>) -> bool {
        let heading = document.lines.iter().take(self.title + 1).skip(self.title.saturating_sub(HEADING_LINES));
        let is_forecast = |line: &Line| FORECASTS.iter().any(|name| line.text.contains(name));
        !heading.into_iter().any(is_forecast) && !command_line::is_of_another_machine(document, self.title)
    }

    /// Adds what line `index` begins.
    fn take(&mut self, document: &Document<'_>, index: usize, values: &mut Values) {
        let text = document.lines[index].text.trim();
        if let Some(value) = value(document, index) {
            let is_account = value.contains('\\') && document.lines[self.title].text.contains(value);
            self.is_of_user |= is_account && value != self.account;
            if value == HIVE
                && let Some((path, entry)) = item(document, index)
            {
                values.add_below(path, entry);
            }
        }
        if self.is_of_user {
            return;
        }
        let mut cells = text.split(BETWEEN_CELLS);
        let (Some(first), Some(second)) = (cells.next(), cells.next()) else { return };
        let entry =
            |name: &str, data: &str| Entry { name: name.to_owned(), data: data.to_owned(), lines: index..=index };
        if let Some((path, name)) = split(first) {
            values.add_below(path, entry(name, second));
        } else if first.contains("KMS")
            && first.contains("AVS")
            && let Some(is_enabled) = state(second)
        {
            values.add_below(TICKET_KEY, entry("NoGenTicket", if is_enabled { "1" } else { "0" }));
        }
    }
}

/// The value of the row at `index`.
fn value<'d>(document: &'d Document<'_>, index: usize) -> Option<&'d str> {
    console::labelled(&document.lines.get(index)?.text).map(|(_, value)| value)
}

/// Key and value of the registry item whose hive stands at `hive`, if it was applied and leaves a value behind.
fn item<'d>(document: &'d Document<'_>, hive: usize) -> Option<(&'d str, Entry)> {
    let above = &document.lines[hive.saturating_sub(ITEM_LINES_ABOVE)..hive];
    if above.iter().any(|line| is_failure(&line.text) || is_deletion(&line.text)) {
        return None;
    }
    let path = value(document, hive + 1)?.trim_matches('\\');
    let name = value(document, hive + 2)?.to_owned();
    // Without a type the value was deleted.
    let kind = value(document, hive + 3).filter(|kind| kind.starts_with("REG_"))?;
    let (data, last) = if kind == "REG_MULTI_SZ" {
        texts(document, hive + 4)
    } else {
        // An empty text leaves the label alone.
        let data = console::labelled(&document.lines.get(hive + 4)?.text).map_or("", |(_, data)| data);
        // `0x1 (1)`
        let is_number = matches!(kind, "REG_DWORD" | "REG_QWORD");
        let data = if is_number { data.split_whitespace().next().unwrap_or("") } else { data };
        (data.to_owned(), hive + 4)
    };
    Some((path, Entry { name, data, lines: hive..=last }))
}

/// The numbered texts from line `first` on, where headings may stand before them, and the last line of them.
fn texts(document: &Document<'_>, first: usize) -> (String, usize) {
    let mut texts: Vec<&str> = Vec::new();
    let mut last = first;
    for (index, line) in document.lines.iter().enumerate().skip(first) {
        match console::labelled(&line.text) {
            Some((number, text)) if number.parse() == Ok(texts.len() + 1) => {
                texts.push(text);
                last = index;
            }
            _ if texts.is_empty() && index < first + HEADING_LINES => {}
            _ => break,
        }
    }
    (texts.join(LIST_SEPARATOR), last)
}

/// `Result: Failure (Error Code: 0x80070005)`. The data of a value may be as large a number, but that stands before the
/// bracket.
fn is_failure(text: &str) -> bool {
    text.find('(').is_some_and(|at| !pattern::codes_in(&text[at..]).is_empty())
}

fn is_deletion(text: &str) -> bool {
    console::labelled(text).is_some_and(|(_, action)| DELETE.contains(&action))
}

#[cfg(test)]
mod tests;
