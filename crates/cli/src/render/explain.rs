//! What `kmsdoctor explain` answers, for people and machines (`kmsdoctor.explain/1`).

use std::fmt::Write as _;

use kmsdoctor_core::knowledge::Knowledge;
use kmsdoctor_core::language::Language;
use kmsdoctor_core::mask;
use kmsdoctor_core::printable::printable;
use kmsdoctor_core::reference::{Answer, Block, Entry, Kind, Page, decode, nearest};
use serde_json::{Value, json};

use super::page;
use crate::words::pick;

/// Characters of the term that are shown again.
const TERM_SHOWN_MAX: usize = 80;

/// Choices that are listed; with `-v` all are.
const CHOICES_SHOWN_MAX: usize = 20;

/// The term as it may be shown: no key, not even a mistyped one, and nothing that fakes output.
pub(crate) fn shown(term: &str) -> String {
    let lines = term.split_whitespace().collect::<Vec<_>>().join(" ");
    let term: String = printable(&mask::typed_text(&lines)).chars().take(TERM_SHOWN_MAX).collect();
    term.trim().to_owned()
}

pub(crate) fn human(answer: &Answer<'_>, term: &str, knowledge: &Knowledge, all: bool, language: Language) -> String {
    let mut text = String::new();
    let pages = if all { answer.entries.len() } else { 1 };
    for (position, entry) in answer.entries.iter().take(pages).enumerate() {
        if position > 0 {
            text.push('\n');
        }
        text.push_str(&page::human(&entry.page(knowledge, language), language));
    }
    let others: Vec<&Entry<'_>> = answer.entries.iter().skip(pages).collect();
    if !others.is_empty() {
        list(&mut text, pick(language, "ほかに当てはまるもの", "It also names"), &others, language);
    }
    if let Some(code) = answer.unknown_code {
        if !text.is_empty() {
            text.push('\n');
        }
        let _ = writeln!(text, "{}", unknown_code(code, language));
        for (name, value) in decode(code).fields(language) {
            let _ = writeln!(text, "  {name}: {value}");
        }
        let near: Vec<Entry<'_>> = nearest(code, knowledge).into_iter().map(Entry::Code).collect();
        if !near.is_empty() {
            let heading = pick(
                language,
                "番号が近い既知のコード (同じ意味とは限りません)",
                "Known codes with numbers nearby (they need not mean the same)",
            );
            list(&mut text, heading, &near.iter().collect::<Vec<_>>(), language);
        }
    }
    if text.is_empty() && answer.is_choice {
        let term = shown(term);
        let _ = match language {
            Language::Japanese => {
                writeln!(text, "「{term}」に当てはまるもの (ID か名前を指定すると説明を表示します)")
            }
            Language::English => writeln!(text, "What “{term}” may be (give an id or a name to read about it)"),
        };
        let near: Vec<&Entry<'_>> = answer.near.iter().collect();
        lines(&mut text, &near, if all { near.len() } else { CHOICES_SHOWN_MAX }, language);
    } else if text.is_empty() {
        let _ = writeln!(text, "{}", unknown(term, language));
        if !answer.near.is_empty() {
            let heading = pick(language, "近いもの", "Near it");
            list(&mut text, heading, &answer.near.iter().take(CHOICES_SHOWN_MAX).collect::<Vec<_>>(), language);
        }
    }
    text
}

fn list(text: &mut String, heading: &str, entries: &[&Entry<'_>], language: Language) {
    page::heading(text, heading);
    lines(text, entries, entries.len(), language);
}

/// Entries in one line each, at most `shown`.
fn lines(text: &mut String, entries: &[&Entry<'_>], shown: usize, language: Language) {
    for entry in entries.iter().take(shown) {
        let _ = writeln!(text, "  - {}", page::line(&entry.link(language)));
    }
    if entries.len() > shown {
        let more = entries.len() - shown;
        let _ = match language {
            Language::Japanese => writeln!(text, "  ほか {more} 件 (-v で表示)"),
            Language::English => writeln!(text, "  and {more} more (with -v)"),
        };
    }
}

pub(crate) fn json(answer: &Answer<'_>, term: &str, knowledge: &Knowledge, language: Language) -> Value {
    let short =
        |entry: &Entry<'_>| json!({"kind": entry.kind().name(), "id": entry.id(), "title": entry.title(language)});
    let mut report = json!({"schema": "kmsdoctor.explain/1", "term": shown(term)});
    let body = match (answer.entries.first(), answer.unknown_code) {
        (Some(entry), _) => entry.json(language),
        (None, Some(code)) => {
            let decoded = decode(code);
            json!({
                "kind": "unknown-code", "id": code, "text": unknown_code(code, language),
                "decoded": {
                    "severity": decoded.severity, "facility": decoded.facility, "facility_name": decoded.facility_name,
                    "number": decoded.number, "win32": decoded.win32,
                },
                "near": nearest(code, knowledge).into_iter().map(|near| short(&Entry::Code(near))).collect::<Vec<_>>(),
            })
        }
        (None, None) if answer.is_choice => {
            json!({"kind": "choice", "near": answer.near.iter().map(short).collect::<Vec<_>>()})
        }
        (None, None) => json!({
            "kind": "unknown", "text": unknown(term, language),
            "near": answer.near.iter().map(short).collect::<Vec<_>>(),
        }),
    };
    if let (Value::Object(report), Value::Object(body)) = (&mut report, body) {
        report.extend(body);
        let others: Vec<Value> = answer.entries.iter().skip(1).map(short).collect();
        report.insert("also".to_owned(), Value::Array(others));
    }
    report
}

pub(crate) fn markdown(answer: &Answer<'_>, term: &str, knowledge: &Knowledge, language: Language) -> String {
    match answer.entries.first() {
        Some(entry) => entry.page(knowledge, language).markdown(language, 1, &|_| None),
        None => anstream::adapter::strip_str(&human(answer, term, knowledge, false, language)).to_string(),
    }
}

/// All entries of a kind, as a Markdown list.
pub(crate) fn listing_markdown(kind: Kind, knowledge: &Knowledge, language: Language) -> String {
    let links = kind.entries(knowledge).iter().map(|entry| entry.link(language)).collect();
    let page = Page {
        kind,
        id: kind.name().to_owned(),
        title: kind.label(language).to_owned(),
        blocks: vec![Block::Links(links)],
        sources: Vec::new(),
    };
    page.markdown(language, 1, &|_| None)
}

/// All entries of a kind, in one line each.
pub(crate) fn listing(kind: Kind, knowledge: &Knowledge, language: Language) -> String {
    let mut text = String::new();
    let entries = kind.entries(knowledge);
    let refs: Vec<&Entry<'_>> = entries.iter().collect();
    list(&mut text, &format!("{} ({})", kind.label(language), entries.len()), &refs, language);
    text.trim_start_matches('\n').to_owned()
}

pub(crate) fn listing_json(kind: Kind, knowledge: &Knowledge, language: Language) -> Value {
    let entries: Vec<Value> =
        kind.entries(knowledge).iter().map(|entry| json!({"id": entry.id(), "title": entry.title(language)})).collect();
    json!({"schema": "kmsdoctor.list/1", "kind": kind.name(), "entries": entries})
}

fn unknown(term: &str, language: Language) -> String {
    let term = shown(term);
    match language {
        Language::Japanese => format!(
            "「{term}」は知らない言葉です。エラー コード (例 0xC004F074)、イベント ID (例 12288)、原因の ID (例 dns-srv-missing)、画面のメッセージなどを指定してください。一覧は kmsdoctor explain --list cause などで表示できます。"
        ),
        Language::English => format!(
            "“{term}” is not known. Give an error code (such as 0xC004F074), an event id (12288), the id of a cause (dns-srv-missing) or what the screen says. kmsdoctor explain --list cause (code, event, …) lists what is known."
        ),
    }
}

fn unknown_code(code: kmsdoctor_core::code::ErrorCode, language: Language) -> String {
    match language {
        Language::Japanese => format!(
            "{code} は知られていないコードです。意味を推測で示すことはしません。形から分かることだけを示します。"
        ),
        Language::English => {
            format!("{code} is not known, and its meaning is not guessed. This is what its form alone says.")
        }
    }
}
