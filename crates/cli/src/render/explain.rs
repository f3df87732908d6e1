//! Explanations of codes and causes, for people and machines (`kmsdoctor.explain/1`).

use std::fmt::Write as _;

use anstyle::Style;
use kmsdoctor_core::code::ErrorCode;
use kmsdoctor_core::knowledge::{Cause, CodeEntry, Knowledge, Section, Source};
use kmsdoctor_core::language::Language;
use kmsdoctor_core::printable::harmless;
use kmsdoctor_core::report;
use serde_json::{Value, json};

use crate::words::{self, pick};

/// What was found for a term.
pub(crate) enum Explanation<'k> {
    /// A cause.
    Cause {
        /// The cause.
        cause: &'k Cause,
        /// Its surroundings.
        knowledge: &'k Knowledge,
    },
    /// A known code.
    Code {
        /// The entry.
        entry: &'k CodeEntry,
        /// Its surroundings.
        knowledge: &'k Knowledge,
    },
    /// A code that nothing is known of.
    UnknownCode(ErrorCode),
    /// Nothing.
    Unknown,
}

impl Explanation<'_> {
    pub(crate) fn is_known(&self) -> bool {
        matches!(self, Self::Cause { .. } | Self::Code { .. })
    }

    pub(crate) fn human(&self, term: &str, language: Language) -> String {
        match self {
            Self::Cause { cause, knowledge } => cause_page(cause, knowledge, language),
            Self::Code { entry, knowledge } => code_page(entry, knowledge, language),
            Self::UnknownCode(code) => format!("{}\n{}\n", unknown_code(*code, language), decoded(*code, language)),
            Self::Unknown => format!("{}\n", unknown(term, language)),
        }
    }

    pub(crate) fn json(&self, term: &str, language: Language) -> Value {
        let body = match self {
            Self::Cause { cause, .. } => json!({
                "kind": "cause", "id": cause.id, "title": cause.title.get(language),
                "sections": Section::ALL.map(|section| json!({"heading": section.heading(language), "text": cause.text.section(section, language)})),
                "codes": cause.codes, "leads_to": cause.leads_to, "remedies": cause.remedies, "checks": cause.checks, "sources": cause.sources,
            }),
            Self::Code { entry, .. } => json!({
                "kind": "code", "id": entry.code, "symbol": entry.symbol, "message": entry.message(language),
                "meaning": entry.meaning.get(language), "causes": entry.causes, "sources": entry.sources,
            }),
            Self::UnknownCode(code) => {
                json!({"kind": "unknown-code", "id": code, "text": unknown_code(*code, language), "decoded": decoded(*code, language)})
            }
            Self::Unknown => json!({"kind": "unknown", "text": unknown(term, language)}),
        };
        let mut report = json!({"schema": "kmsdoctor.explain/1", "term": term});
        if let (Value::Object(report), Value::Object(body)) = (&mut report, body) {
            report.extend(body);
        }
        report
    }
}

fn unknown(term: &str, language: Language) -> String {
    let term: String = term.chars().take(80).map(harmless).collect();
    match language {
        Language::Japanese => format!(
            "「{term}」は知らない言葉です。エラー コード (例 0xC004F074) か原因の ID (例 dns-srv-missing) を指定してください。"
        ),
        Language::English => format!(
            "“{term}” is not known. Give an error code (such as 0xC004F074) or the id of a cause (such as dns-srv-missing)."
        ),
    }
}

fn unknown_code(code: ErrorCode, language: Language) -> String {
    match language {
        Language::Japanese => format!("{code} はまだ説明がありません。意味を推測で示すことはしません。"),
        Language::English => format!("{code} is not explained yet, and its meaning is not guessed."),
    }
}

/// The parts of an HRESULT ([MS-ERREF] section 2.1), which hold for any code.
fn decoded(code: ErrorCode, language: Language) -> String {
    let (failure, facility, low) = (code.0 >> 31 == 1, code.0 >> 16 & 0x7ff, code.0 & 0xffff);
    match language {
        Language::Japanese => format!(
            "内訳: {}、ファシリティ 0x{facility:X}、コード 0x{low:04X} ({low})",
            if failure { "失敗" } else { "成功または情報" }
        ),
        Language::English => format!(
            "Parts: {}, facility 0x{facility:X}, code 0x{low:04X} ({low})",
            if failure { "failure" } else { "success or information" }
        ),
    }
}

fn heading(page: &mut String, text: &str) {
    let bold = Style::new().bold();
    let _ = writeln!(page, "\n{bold}{text}{bold:#}");
}

fn sources(page: &mut String, sources: &[Source], language: Language) {
    heading(page, pick(language, "出典", "Sources"));
    for source in sources {
        let read = pick(language, "確認日", "read");
        let _ = writeln!(page, "  - {} ({read} {})", source.name, source.read);
    }
}

fn cause_page(cause: &Cause, knowledge: &Knowledge, language: Language) -> String {
    let bold = Style::new().bold();
    let mut page = format!("{bold}{}{bold:#}  {}\n", cause.title.get(language), cause.id);
    for section in Section::ALL {
        heading(&mut page, section.heading(language));
        for line in cause.text.section(section, language).lines() {
            let _ = writeln!(page, "  {line}");
        }
    }
    heading(&mut page, pick(language, "対処の手順", "Remedies"));
    for remedy in cause.remedies.iter().filter_map(|id| knowledge.remedies.get(id)) {
        let _ =
            writeln!(page, "  - {} [{}] {}", remedy.title.get(language), words::risk(remedy.risk, language), remedy.id);
    }
    if !cause.codes.is_empty() {
        heading(
            &mut page,
            pick(
                language,
                "よく見られるコード (コードだけでは確定しません)",
                "Codes often seen (a code alone proves nothing)",
            ),
        );
        let codes: Vec<String> = cause.codes.iter().map(ErrorCode::to_string).collect();
        let _ = writeln!(page, "  {}", codes.join(", "));
    }
    sources(&mut page, &cause.sources, language);
    page
}

fn code_page(entry: &CodeEntry, knowledge: &Knowledge, language: Language) -> String {
    let bold = Style::new().bold();
    let mut page = format!("{bold}{}{bold:#}", entry.code);
    if let Some(symbol) = &entry.symbol {
        let _ = write!(page, "  {symbol}");
    }
    page.push('\n');
    heading(&mut page, pick(language, "公式のメッセージ", "Official message"));
    let none = pick(
        language,
        "(この言語の公式メッセージは確認できていません)",
        "(no official message is known in this language)",
    );
    let _ = writeln!(page, "  {}", entry.message(language).unwrap_or(none));
    heading(&mut page, pick(language, "意味", "Meaning"));
    for line in entry.meaning.get(language).lines() {
        let _ = writeln!(page, "  {line}");
    }
    if !entry.causes.is_empty() {
        heading(&mut page, pick(language, "考えられる原因", "Causes with which it is seen"));
        let (known, coming): (Vec<&String>, Vec<&String>) =
            entry.causes.iter().partition(|id| knowledge.causes.contains_key(*id));
        for cause in known.into_iter().filter_map(|id| knowledge.causes.get(id)) {
            let _ = writeln!(page, "  - {}  {}", cause.title.get(language), cause.id);
        }
        if !coming.is_empty() {
            let names: Vec<&str> = coming.into_iter().map(String::as_str).collect();
            let _ = writeln!(
                page,
                "  - {}: {}",
                pick(language, "ほか (説明は準備中)", "others (not described yet)"),
                names.join(", ")
            );
        }
    }
    let checks: Vec<_> = entry.checks.iter().filter_map(|id| knowledge.checks.get(id)).collect();
    if !checks.is_empty() {
        heading(&mut page, pick(language, "次に確認すること", "Next checks"));
        for check in checks {
            let _ = writeln!(page, "  {}\n  > {}", check.why.get(language), report::fill(&check.command, &[]));
        }
    }
    sources(&mut page, &entry.sources, language);
    page
}
