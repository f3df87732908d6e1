//! The comma strings of events 12288, 12289 and 12290, recognised by their shape.

use jiff::Timestamp;
use kmsdoctor_core::code::ErrorCode;
use kmsdoctor_core::fact::{Key, State, Subject, SubjectKind, Value};

use crate::readers::pattern::{date_in, host_and_port, is_guid, is_masked};

/// Lines that one string is wrapped over at most: 200 characters in a column of 40.
const LINES_MAX: usize = 6;
/// Fields looked at: the longest string has ten.
const FIELDS_MAX: usize = 12;

/// What an event says. `None` is a field that stands there and cannot be read.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Payload {
    /// Event 12288.
    Request(Request),
    /// Event 12289.
    Response(Response),
    /// Event 12290.
    Served(Request),
    /// Events 8198, 8200, 8208, 8233.
    Failure(Failure),
    /// What another event states, by its number.
    Statements(u32, Vec<Statement>),
}

/// Fields of 12288 (client) and 12290 (host).
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Request {
    pub(crate) code: ErrorCode,
    /// 12288 only.
    pub(crate) flags: Option<u32>,
    /// Host and port in 12288, name of the client in 12290.
    pub(crate) peer: Option<String>,
    pub(crate) client_id: Option<String>,
    pub(crate) client_time: Option<Timestamp>,
    /// 0 to 6.
    pub(crate) status: Option<usize>,
    pub(crate) minutes: Option<i64>,
    pub(crate) activation_id: Option<String>,
    pub(crate) required_count: Option<i64>,
}

/// Fields of 12289.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Response {
    pub(crate) code: ErrorCode,
    pub(crate) flags: Option<u32>,
    pub(crate) activated: Option<bool>,
    pub(crate) count: Option<i64>,
    /// Minutes between attempts, and between renewals.
    pub(crate) intervals: [Option<i64>; 2],
    pub(crate) client_time: Option<Timestamp>,
}

/// An event with a code and the product's ID in its arguments.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Failure {
    pub(crate) event: u32,
    pub(crate) code: Option<ErrorCode>,
    pub(crate) activation_id: Option<String>,
    /// Windows or Office, by the application's ID.
    pub(crate) application: Option<&'static str>,
}

/// Something that an event says in full by itself.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Statement {
    pub(crate) subject: Subject,
    pub(crate) key: Key,
    pub(crate) state: State,
}

impl Statement {
    /// On the machine in question.
    pub(crate) fn machine(key: Key, value: Value) -> Self {
        Self { subject: Subject::machine(), key, state: State::Present(value) }
    }

    /// A word of the key's vocabulary on the machine in question.
    pub(crate) fn word(key: Key, word: &str) -> Option<Self> {
        key.word(word).map(|word| Self::machine(key, Value::Word(word)))
    }

    /// On a licence.
    pub(crate) fn license(product: &str, key: Key, state: State) -> Self {
        Self { subject: Subject::new(SubjectKind::License, product), key, state }
    }
}

impl Payload {
    /// The event ID that the shape belongs to.
    pub(crate) fn event(&self) -> u32 {
        match self {
            Self::Request(_) => 12288,
            Self::Response(_) => 12289,
            Self::Served(_) => 12290,
            Self::Failure(failure) => failure.event,
            Self::Statements(event, _) => *event,
        }
    }
}

/// The string that begins in the first of `lines`, wrapped or not, and the number of lines that it takes.
pub(crate) fn at(lines: &[&str]) -> Option<(Payload, usize)> {
    let start = start_of(lines.first()?)?;
    let mut text = String::new();
    for (index, line) in lines.iter().take(LINES_MAX).enumerate() {
        let piece = if index == 0 { &line[start..] } else { *line };
        if piece.trim().is_empty() || (text.matches(',').count() > 2 && start_of(piece).is_some()) {
            break;
        }
        // A wrapped line is cut at any place; a single blank there is part of the text, more are indentation.
        if index > 0 && (has_one_blank_at_end(lines[index - 1]) || (piece.starts_with(' ') && !piece.starts_with("  ")))
        {
            text.push(' ');
        }
        text.push_str(piece.trim());
        if let Some(payload) = parse(&text) {
            // The last field of 12288 may stand on the next line, in part or alone.
            let last = lines.get(index + 1).map(|line| line.trim());
            let last = last.filter(|line| is_count(line.trim_start_matches(',').trim()));
            if let (Payload::Request(_), Some(last)) = (&payload, last) {
                return parse(&format!("{text}{last}")).map(|payload| (payload, index + 2));
            }
            return Some((payload, index + 1));
        }
    }
    None
}

/// A string without line breaks, as in XML.
pub(crate) fn parse(text: &str) -> Option<Payload> {
    // In JSON and CSV the string ends with a quotation mark.
    let text = text.trim().trim_start_matches(['"', '{']).split('"').next().unwrap_or("").trim_end_matches('}');
    let fields: Vec<&str> = text.split(',').map(str::trim).take(FIELDS_MAX).collect();
    let code = hex(fields.first()?).map(ErrorCode)?;
    match fields.len() {
        8 if hex(fields[1]).is_some() => response(code, &fields),
        9.. if hex(fields[1]).is_some() => request(code, &fields),
        9 => served(code, &fields),
        _ => None,
    }
}

/// Where a string begins in a line: at its front, or behind a label or a quotation mark.
fn start_of(line: &str) -> Option<usize> {
    let start = line.find("0x").or_else(|| line.find("0X"))?;
    let before = line[..start].trim_end();
    let is_free = before.is_empty() || before.ends_with([':', '：', '"', '{', '>', '\'', '=', '|', '「']);
    let after = line[start + 2..].trim_start_matches(|character: char| character.is_ascii_hexdigit());
    (is_free && after.trim_start().starts_with(',')).then_some(start)
}

fn request(code: ErrorCode, fields: &[&str]) -> Option<Payload> {
    let peer = fields[2];
    if !(peer.contains(':') || is_masked(peer)) || !is_time(fields[4]) || !is_identifier(fields[8]) {
        return None;
    }
    Some(Payload::Request(Request {
        code,
        flags: hex(fields[1]),
        peer: host_and_port(peer).and_then(|(_, port)| port).map(|_| peer.to_owned()),
        client_id: identifier(fields[3]),
        client_time: date_in(fields[4]),
        status: fields[6].parse().ok().filter(|status| *status <= 6),
        minutes: fields[7].parse().ok(),
        activation_id: identifier(fields[8]),
        required_count: fields.get(9).and_then(|count| count.parse().ok()),
    }))
}

fn response(code: ErrorCode, fields: &[&str]) -> Option<Payload> {
    if fields[2..7].iter().any(|field| !is_number(field)) || !is_time(fields[7]) {
        return None;
    }
    Some(Payload::Response(Response {
        code,
        flags: hex(fields[1]),
        activated: match fields[2] {
            "0" => Some(false),
            "1" => Some(true),
            _ => None,
        },
        count: fields[4].parse().ok(),
        intervals: [fields[5].parse().ok(), fields[6].parse().ok()],
        client_time: date_in(fields[7]),
    }))
}

fn served(code: ErrorCode, fields: &[&str]) -> Option<Payload> {
    if !is_number(fields[1]) || !is_identifier(fields[3]) || !is_time(fields[4]) || !is_identifier(fields[8]) {
        return None;
    }
    Some(Payload::Served(Request {
        code,
        flags: None,
        peer: host_and_port(fields[2]).map(|(name, _)| name),
        client_id: identifier(fields[3]),
        client_time: date_in(fields[4]),
        status: fields[6].parse().ok().filter(|status| *status <= 6),
        minutes: fields[7].parse().ok(),
        activation_id: identifier(fields[8]),
        required_count: fields[1].parse().ok(),
    }))
}

fn hex(field: &str) -> Option<u32> {
    let digits = field.strip_prefix("0x").or_else(|| field.strip_prefix("0X"))?;
    (!digits.is_empty() && digits.len() <= 8).then(|| u32::from_str_radix(digits, 16).ok()).flatten()
}

fn is_number(field: &str) -> bool {
    is_masked(field) || field.parse::<i64>().is_ok()
}

fn is_count(text: &str) -> bool {
    (1..=3).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn has_one_blank_at_end(line: &str) -> bool {
    line.ends_with(' ') && !line.ends_with("  ")
}

/// A date with the time in full, so that one cut by the end of the line is told from a complete one.
fn is_time(field: &str) -> bool {
    let minutes = field.rsplit_once(':').map_or("", |(_, minutes)| minutes.split(' ').next().unwrap_or(""));
    is_masked(field) || (field.contains(['/', '-', '.']) && minutes.len() == 2)
}

/// A GUID, also one that was made unreadable in part.
fn is_identifier(field: &str) -> bool {
    let field = field.trim_matches(['{', '}']);
    is_guid(field)
        || (field.starts_with('<') && field.ends_with('>'))
        || (is_masked(field) && (field.len() >= 30 || !field.contains('-')))
}

fn identifier(field: &str) -> Option<String> {
    let field = field.trim_matches(['{', '}']);
    is_guid(field).then(|| field.to_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    const CMID: &str = "11111111-2222-3333-4444-555555555555";
    const PRODUCT: &str = "de32eafd-aaee-4662-9444-c1befb41bde2";

    fn check(lines: &[&str], expect: Option<(u32, usize)>) {
        let found = at(lines).map(|(payload, taken)| (payload.event(), taken));
        assert_eq!(found, expect, "{lines:?}");
    }

    #[test]
    fn shapes() {
        let request = format!("0x0, 0x8, kms1.contoso.com:1688, {CMID}, 2026/1/4 2:30, 1, 2, 40123, {PRODUCT}, 25");
        let served = format!("0x00000000,5,pc1.contoso.com,{CMID},2026/1/4 2:30,0,2,41520,{PRODUCT}");
        check(&[&request], Some((12288, 1)));
        check(&["0x0, 0x4000008, 0, 0, 4, 120, 10080, 2026/1/4 2:30"], Some((12289, 1)));
        check(&[&served], Some((12290, 1)));
        check(&[&format!("Info: {request}")], Some((12288, 1)));
        check(&[&format!("\"{served}\"")], Some((12290, 1)));
        for text in [
            "0xC004F074",
            "0x0, 0x0",
            "C:\\a.dll, msft:spp, 0x00000000, 0x00000000",
            "0xC004F074, text, text, text, text, text, text, text",
        ] {
            check(&[text], None);
        }
    }

    #[test]
    fn wrapped_at_every_column() {
        let request = format!("0x0, 0x8, kms1.contoso.com:1688, {CMID}, 2026/01/04 12:30, 1, 2, 40123, {PRODUCT}, 25");
        let (whole, _) = at(&[&request]).unwrap();
        for column in 4..request.len() {
            let (first, second) = request.split_at(column);
            let (payload, taken) = at(&[first, &format!("      {second}"), "next"]).unwrap();
            let (Payload::Request(payload), Payload::Request(whole)) = (payload, whole.clone()) else { panic!() };
            assert_eq!(payload.activation_id, whole.activation_id, "{first}|{second}");
            assert_eq!(payload.client_time, whole.client_time, "{first}|{second}");
            assert_eq!((payload.required_count, taken), (Some(25), 2), "{first}|{second}");
        }
    }

    #[test]
    fn unreadable_fields_are_none() {
        let text = "0xC004F06C, 0x0, <KMS Host FQDN>:1688, <CMID>, <DateTime>, 1, 5, 0, xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx, ";
        let Some((Payload::Request(request), 1)) = at(&[text]) else { panic!() };
        assert_eq!(request.code, ErrorCode(0xC004_F06C));
        assert_eq!((request.peer, request.client_id, request.client_time), (None, None, None));
        assert_eq!((request.activation_id, request.required_count, request.status), (None, None, Some(5)));
    }
}
