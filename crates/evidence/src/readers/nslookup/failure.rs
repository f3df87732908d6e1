//! Lines that begin with `***` (Windows), `**` or `;;` (BIND): why there is no answer.

use super::Question;
use crate::document::Document;
use crate::readers::{console, names};

/// Lines that such a message may be wrapped over.
const WRAPPED_LINES_MAX: usize = 3;

/// No answer, and to which question.
pub(super) struct Failure {
    pub(super) outcome: Outcome,
    /// The name asked for, in lower case without the last dot.
    pub(super) asked: Option<String>,
}

/// Why there is no answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Outcome {
    NoSuchName,
    /// The name has no records of these types (`SRV`, `A+AAAA`); empty where the tool does not say.
    NoData {
        record_types: String,
    },
    /// Refusals included.
    ServerFailure,
    Timeout,
}

impl Outcome {
    /// Whether it is about this record type.
    pub(super) fn mentions(&self, record_type: &str) -> bool {
        matches!(self, Self::NoData { record_types } if record_types == record_type)
    }
}

/// Reasons in the words of nslookup.exe (messages 63 to 75) and of BIND; the message ends with them.
const REASONS: [(&str, Outcome); 24] = [
    ("non-existent domain", Outcome::NoSuchName),
    ("存在しないドメイン", Outcome::NoSuchName),
    ("domäne nicht vorhanden", Outcome::NoSuchName),
    ("nxdomain", Outcome::NoSuchName),
    ("no answer", Outcome::NoData { record_types: String::new() }),
    ("server failed", Outcome::ServerFailure),
    ("サーバーが失敗しました", Outcome::ServerFailure),
    ("serverfehler", Outcome::ServerFailure),
    ("servfail", Outcome::ServerFailure),
    ("query refused", Outcome::ServerFailure),
    ("クエリが拒否されました", Outcome::ServerFailure),
    ("abfrage zurückgewiesen", Outcome::ServerFailure),
    ("refused", Outcome::ServerFailure),
    ("format error", Outcome::ServerFailure),
    ("not implemented", Outcome::ServerFailure),
    ("timed-out", Outcome::Timeout),
    ("timed out", Outcome::Timeout),
    ("タイムアウトしました", Outcome::Timeout),
    ("zeitüberschreitung", Outcome::Timeout),
    ("超时", Outcome::Timeout),
    ("no response from server", Outcome::Timeout),
    ("サーバーから応答がありません", Outcome::Timeout),
    ("keine rückmeldung vom server", Outcome::Timeout),
    ("no servers could be reached", Outcome::Timeout),
];

impl Failure {
    /// The failure at `index` and the number of lines that it takes.
    pub(super) fn read(document: &Document<'_>, index: usize, question: Option<&Question>) -> Option<(Self, usize)> {
        let mut text = String::new();
        for lines in 1..=WRAPPED_LINES_MAX {
            let line = document.lines.get(index + lines - 1)?.text.trim();
            if lines > 1
                && (line.is_empty()
                    || line.starts_with(['*', ';'])
                    || line.starts_with("DNS request")
                    || console::is_prompt(line))
            {
                return None;
            }
            text = format!("{text} {line}");
            if let Some(failure) = Self::parse(text.trim().trim_start_matches(['*', ';', ' ']), question) {
                return Some((failure, lines));
            }
        }
        None
    }

    fn parse(text: &str, question: Option<&Question>) -> Option<Self> {
        // "*** Can't find server name for address …" is about the name of the server, which nobody asked for.
        if text.contains("server name for address") || text.contains("のサーバー名が見つかりません") {
            return None;
        }
        if let Some(record_types) = missing_types(text) {
            let asked = asked(text, question);
            return Some(Self { outcome: Outcome::NoData { record_types }, asked });
        }
        let (head, reason) = text.rsplit_once(": ").unwrap_or((text, text));
        let reason = reason.to_lowercase();
        let reason = reason.trim_end_matches(['.', '。', ' ']);
        let (_, outcome) =
            REASONS.into_iter().find(|(words, _)| reason.ends_with(words) || reason.starts_with(words))?;
        Some(Self { outcome, asked: asked(head, question) })
    }
}

/// The types of "No … (SRV) records available for …", whatever the language: capitals in parentheses, no colon.
fn missing_types(text: &str) -> Option<String> {
    let (before, rest) = text.split_once('(')?;
    let (types, after) = rest.split_once(')')?;
    let is_type = !types.is_empty() && types.bytes().all(|byte| byte.is_ascii_uppercase() || byte == b'+');
    let names_record =
        after.contains("record") || after.contains("レコード") || after.contains("Eintr") || after.contains("记录");
    (is_type && names_record && !before.contains(':')).then(|| types.to_owned())
}

/// The name that the message speaks of: a service, else the name of the question, else the word at the place
/// that the languages known give it.
fn asked(text: &str, question: Option<&Question>) -> Option<String> {
    let words: Vec<String> = text
        .split_whitespace()
        .map(|word| word.trim_matches(['\'', '"', ':', ',', '。']).trim_end_matches('.').to_ascii_lowercase())
        .collect();
    if let Some(service) = words.iter().find(|word| names::service(word).is_some()) {
        return Some(service.clone());
    }
    let typed = question.and_then(|question| question.name.clone());
    if let Some(typed) = typed.filter(|typed| words.contains(typed)) {
        return Some(typed);
    }
    let after = |word: &str| words.iter().position(|known| known == word).map(|at| at + 1);
    let before = |start: &str| words.iter().position(|known| known.starts_with(start)).and_then(|at| at.checked_sub(1));
    // English "can't find X", "available for X"; Japanese "X を見つけられません", "X には…"; German "X wurde von …".
    let place = after("find")
        .or_else(|| after("for"))
        .or_else(|| before("を"))
        .or_else(|| before("には"))
        .or_else(|| before("wurde"));
    let name = place.and_then(|place| words.get(place)).filter(|name| console::is_host_name(name)).cloned();
    name.or_else(|| question.and_then(|question| question.name.clone()))
}
