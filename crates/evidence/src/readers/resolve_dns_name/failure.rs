//! Errors of Resolve-DnsName. Their text is translated; category and id below it are not.

use super::name_of;
use crate::document::Document;
use crate::readers::console;

/// Lines of an error: text, place, command and its underline, category, id, each wrapped once or twice.
const LINES_MAX: usize = 16;

/// Why there is no answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reason {
    NoSuchName,
    NoData,
    Timeout,
    ServerFailure,
}

/// Ids, which stand in `FullyQualifiedErrorId` (names of `WinError.h`).
const IDS: [(&str, Reason); 7] = [
    ("RCODE_NAME_ERROR", Reason::NoSuchName),
    ("DNS_INFO_NO_RECORDS", Reason::NoData),
    ("ERROR_TIMEOUT", Reason::Timeout),
    ("WSAETIMEDOUT", Reason::Timeout),
    ("RCODE_SERVER_FAILURE", Reason::ServerFailure),
    ("RCODE_REFUSED", Reason::ServerFailure),
    ("RCODE_FORMAT_ERROR", Reason::ServerFailure),
];

/// Texts of the errors, for output that ends with them (messages 9003, 9501, 1460 and 9002 of Windows).
const TEXTS: [(&str, Reason); 10] = [
    ("DNS name does not exist", Reason::NoSuchName),
    ("DNS 名がありません", Reason::NoSuchName),
    ("Der DNS-Name ist nicht vorhanden", Reason::NoSuchName),
    ("No records found for given DNS query", Reason::NoData),
    ("指定された DNS クエリのレコードが見つかりません", Reason::NoData),
    ("the timeout period expired", Reason::Timeout),
    ("タイムアウト期間が経過した", Reason::Timeout),
    ("DNS server failure", Reason::ServerFailure),
    ("DNS サーバー エラー", Reason::ServerFailure),
    ("DNS-Serverfehler", Reason::ServerFailure),
];

/// No answer, and to which question.
pub(super) struct Failure {
    pub(super) reason: Reason,
    /// The name asked for, in lower case without the last dot.
    pub(super) asked: String,
}

impl Failure {
    /// The error whose text begins at `first`, `Resolve-DnsName : kms9.contoso.com : …`, and its lines.
    pub(super) fn read(document: &Document<'_>, first: usize) -> Option<(Self, usize)> {
        let asked = asked_in(&document.lines.get(first)?.text)?;
        // Lines of an error are wrapped anywhere, so words are looked for in their letters alone.
        let mut said = String::new();
        let mut lines = 0;
        for line in document.lines.iter().skip(first).take(LINES_MAX) {
            let text = line.text.trim();
            let next = lines > 0 && (text.is_empty() || console::is_prompt(text) || asked_in(text).is_some());
            if next {
                break;
            }
            said.extend(text.chars().filter(|character| !character.is_whitespace()));
            lines += 1;
        }
        let contains =
            |words: &str| said.contains(&words.chars().filter(|word| !word.is_whitespace()).collect::<String>());
        let (_, reason) = IDS.iter().chain(&TEXTS).find(|(words, _)| contains(words))?;
        Some((Self { reason: *reason, asked }, lines))
    }
}

/// The name in `Resolve-DnsName : kms9.contoso.com : …`, or without the first blank.
fn asked_in(text: &str) -> Option<String> {
    let (command, rest) = text.trim().split_at_checked("Resolve-DnsName".len())?;
    let rest = rest.trim_start().strip_prefix(':')?;
    let asked = rest.split_whitespace().next().map(name_of)?;
    (command.eq_ignore_ascii_case("resolve-dnsname") && console::is_host_name(&asked)).then_some(asked)
}
