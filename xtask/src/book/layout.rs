//! Which page stands in which file of the book.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use kmsdoctor_core::knowledge::Knowledge;
use kmsdoctor_core::language::Language;
use kmsdoctor_core::reference::{CAUSE_FREE, Entry, Kind, Link, Page, checklist};

/// Kinds whose entries have a file each; the others share one file a kind, or a few.
const OWN_FILE: [Kind; 4] = [Kind::Cause, Kind::Remedy, Kind::Method, Kind::Checklist];

/// The file of an entry, and the anchor in it where it shares the file.
pub(super) fn place(kind: Kind, id: &str) -> (String, Option<String>) {
    let anchor = || Some(anchor(id));
    match kind {
        kind if OWN_FILE.contains(&kind) => (format!("{}/{id}.md", kind.name()), None),
        // 0xC004F074 → code/c004f.md
        Kind::Code => (format!("code/{}.md", code_group(id)), anchor()),
        kind => (format!("{}.md", kind.name()), anchor()),
    }
}

fn code_group(id: &str) -> String {
    id.trim_start_matches("0x").chars().take(5).collect::<String>().to_lowercase()
}

/// An id as an anchor.
fn anchor(id: &str) -> String {
    let plain: String = id
        .chars()
        .map(|character| if character.is_ascii_alphanumeric() { character.to_ascii_lowercase() } else { '-' })
        .collect();
    format!("e-{}", plain.trim_matches('-'))
}

/// The address of an entry, seen from a file.
pub(super) fn address(from: &str, kind: Kind, id: &str) -> String {
    let (file, anchor) = place(kind, id);
    let up = "../".repeat(from.matches('/').count());
    let anchor = anchor.map(|anchor| format!("#{anchor}")).unwrap_or_default();
    format!("{up}{file}{anchor}")
}

/// Every file of the book in one language, below `src/`.
pub(super) fn pages(knowledge: &Knowledge, language: Language) -> BTreeMap<String, String> {
    let mut files: BTreeMap<String, String> = BTreeMap::new();
    let mut summary = format!("# {}\n\n[{}](index.md)\n\n", title(language), title(language));
    let mut index = introduction(language);
    for kind in Kind::ALL.iter().copied() {
        let entries = kind.entries(knowledge);
        if entries.is_empty() {
            continue;
        }
        let head = format!("{}.md", kind.name());
        let _ = writeln!(summary, "- [{}]({head})", kind.label(language));
        let _ = writeln!(index, "- [{}]({head}) ({})", kind.label(language), entries.len());
        files.insert(head.clone(), overview(kind, &entries, language));
        if OWN_FILE.contains(&kind) {
            let mut pages: Vec<Page> = entries.iter().map(|entry| entry.page(knowledge, language)).collect();
            if kind == Kind::Checklist {
                pages.splice(0..0, checklist(None, knowledge, language));
            }
            for page in pages {
                let (file, _) = place(kind, &page.id);
                let _ = writeln!(summary, "  - [{}]({file})", plain(&page.title));
                files.insert(file.clone(), markdown(&page, &file, 1, language));
            }
        } else {
            shared(kind, &entries, knowledge, language, &mut files, &mut summary);
        }
    }
    files.insert("SUMMARY.md".to_owned(), summary);
    files.insert("index.md".to_owned(), index);
    files
}

/// Entries that share files, each below an anchor of its own.
fn shared(
    kind: Kind,
    entries: &[Entry<'_>],
    knowledge: &Knowledge,
    language: Language,
    files: &mut BTreeMap<String, String>,
    summary: &mut String,
) {
    for entry in entries {
        let page = entry.page(knowledge, language);
        let (file, anchor) = place(kind, &page.id);
        let content = files.entry(file.clone()).or_insert_with(|| {
            let group = code_group(&page.id).to_uppercase();
            let _ = writeln!(summary, "  - [0x{group}…]({file})");
            format!("# {} 0x{group}…\n", kind.label(language))
        });
        let _ = write!(
            content,
            "\n<a id=\"{}\"></a>\n\n{}",
            anchor.unwrap_or_default(),
            markdown(&page, &file, 2, language)
        );
    }
}

fn markdown(page: &Page, file: &str, level: usize, language: Language) -> String {
    page.markdown(language, level, &|link: &Link| Some(address(file, link.kind, &link.id)))
}

/// The list of all entries of a kind.
fn overview(kind: Kind, entries: &[Entry<'_>], language: Language) -> String {
    let file = format!("{}.md", kind.name());
    let mut text = format!("# {}\n\n", kind.label(language));
    if kind == Kind::Checklist {
        let _ = writeln!(text, "- [{}]({})", plain(&first_minutes(language)), address(&file, kind, CAUSE_FREE));
    }
    let (head, name) = match language {
        Language::Japanese => ("項目", "内容"),
        Language::English => ("Entry", "What it is"),
    };
    if kind != Kind::Checklist {
        let _ = writeln!(text, "| {head} | {name} |\n| --- | --- |");
    }
    for entry in entries {
        let link = entry.link(language);
        let address = address(&file, kind, &link.id);
        let _ = match kind {
            Kind::Checklist => writeln!(text, "- [{}]({address})", plain(&link.title)),
            Kind::Code => {
                let Entry::Code(code) = entry else { continue };
                let symbol = link.title.replace('_', "\\_");
                let message = code.message(language).unwrap_or_default();
                writeln!(text, "| [`{}`]({address}) | {symbol} {} |", link.id, plain(message))
            }
            _ => writeln!(text, "| [`{}`]({address}) | {} |", link.id, plain(&link.title)),
        };
    }
    text
}

fn first_minutes(language: Language) -> String {
    checklist(None, &Knowledge::default(), language).map(|page| page.title).unwrap_or_default()
}

/// Text in one line of a table or a link.
fn plain(text: &str) -> String {
    let mut plain = String::new();
    for character in text.chars() {
        match character {
            '\r' | '\n' => plain.push(' '),
            '|' | '<' | '>' | '[' | ']' | '*' | '_' => {
                plain.push('\\');
                plain.push(character);
            }
            other => plain.push(other),
        }
    }
    plain
}

fn title(language: Language) -> &'static str {
    match language {
        Language::Japanese => "kmsdoctor リファレンス",
        Language::English => "kmsdoctor reference",
    }
}

fn introduction(language: Language) -> String {
    match language {
        Language::Japanese => {
            "# kmsdoctor リファレンス\n\nWindows と Office のボリューム ライセンス認証が失敗する原因、エラー コード、イベント、対処、用語の一覧です。\
             すべて `knowledge/` のデータから `cargo xtask docs` で生成しています。同じ内容は `kmsdoctor explain` でも読めます。\n\n\
             上の検索欄には、コード (表記は問いません)、イベント ID、キーの末尾 5 文字、画面のメッセージを入力できます。\n\n"
                .to_owned()
        }
        Language::English => {
            "# kmsdoctor reference\n\nCauses of failed volume activation of Windows and Office, error codes, events, remedies and terms. \
             Everything is generated from the data in `knowledge/` by `cargo xtask docs`; `kmsdoctor explain` says the same.\n\n\
             The search above takes a code in any notation, an event id, the last five characters of a key, or what the screen says.\n\n"
                .to_owned()
        }
    }
}
