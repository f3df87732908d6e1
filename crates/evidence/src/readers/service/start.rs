//! What starting the service answers, the list of started services, and questions that were refused.

use kmsdoctor_core::code::ErrorCode;
use kmsdoctor_core::fact::{Key, Subject, Value, Why};

use super::{DISPLAY_NAME, is_service};
use crate::document::Document;
use crate::readers::command_line::{arguments_of, commands, is_of_another_machine};
use crate::readers::{console, sentence};
use crate::sink::Sink;

/// Lines of an answer: two or three sentences, wrapped, with blanks between.
const ANSWER_LINES_MAX: usize = 14;

/// Lines of the list of `net start`; a busy server runs some hundred services.
const LIST_LINES_MAX: usize = 600;

/// How the list of `net start` is headed, where the command does not stand above it.
const LIST_HEADINGS: [(&str, ()); 3] = [
    ("These Windows services are started:", ()),
    ("次の Windows サービスが開始されています:", ()),
    ("Folgende Windows-Dienste wurden gestartet:", ()),
];

/// How success is told; the name of the service stands before it.
const STARTED: [&str; 4] =
    ["was started successfully", "サービスは正常に開始されました", "wurde erfolgreich gestartet", "服务已经启动成功"];

/// Words of lines that tell an error's number.
const ERROR_WORDS: [&str; 8] = ["error", "エラー", "fehler", "错误", "錯誤", "오류", "erreur", "FAILED"];

/// `NET HELPMSG 2182`: the service has been started already.
const ALREADY_STARTED: u32 = 2182;

/// `ERROR_ACCESS_DENIED`.
const ACCESS_DENIED: u32 = 5;

/// What a command asks of the service.
#[derive(Clone, Copy)]
enum Asks {
    NetStart,
    ScStart,
    State,
    StartType,
    List,
}

/// Puts every answer into the sink.
pub(super) fn read(document: &Document<'_>, sink: &mut Sink<'_>) {
    let mut list_end = 0;
    for (index, line) in document.lines.iter().enumerate() {
        if index >= list_end
            && line.text.trim_end().ends_with([':', '：'])
            && sentence::find(document, index, &LIST_HEADINGS).is_some()
            && !is_of_another_machine(document, index)
        {
            list_end = list(document, index, sink);
        }
        for asks in commands(&line.text).filter_map(asks) {
            match asks {
                Asks::NetStart => net_start(document, index, sink),
                Asks::ScStart => sc_start(document, index, sink),
                Asks::State => refused(document, index, Key::ServiceState, sink),
                Asks::StartType => refused(document, index, Key::ServiceStartType, sink),
                Asks::List if index >= list_end => list_end = list(document, index, sink),
                Asks::List => {}
            }
        }
    }
}

fn asks(command: &str) -> Option<Asks> {
    if let Some(arguments) = arguments_of(command, &["net", "net1"]) {
        let (verb, name) = arguments.split_first()?;
        if !verb.eq_ignore_ascii_case("start") {
            return None;
        }
        return match name {
            [] => Some(Asks::List),
            name => is_service(&name.join(" ")).then_some(Asks::NetStart),
        };
    }
    let arguments = arguments_of(command, &["sc"])?;
    let [verb, name, ..] = arguments.as_slice() else { return None };
    let asks = match verb.to_ascii_lowercase().as_str() {
        "start" => Asks::ScStart,
        "query" | "queryex" => Asks::State,
        "qc" => Asks::StartType,
        _ => return None,
    };
    is_service(name).then_some(asks)
}

/// Lines of the answer to the command at `index`.
fn answer<'d>(document: &'d Document<'_>, index: usize) -> impl Iterator<Item = (usize, &'d str)> {
    let lines = document.lines.iter().enumerate().skip(index + 1).take(ANSWER_LINES_MAX);
    lines.map(|(at, line)| (at, line.text.trim())).take_while(|(_, text)| !console::is_prompt(text))
}

fn net_start(document: &Document<'_>, index: usize, sink: &mut Sink<'_>) {
    let machine = Subject::machine();
    for (at, text) in answer(document, index) {
        let folded: String = sentence::folded(text).collect();
        if let Some((_, number)) = text.split_once("NET HELPMSG") {
            match number.trim().trim_end_matches('.').parse() {
                Ok(ALREADY_STARTED) => sink.word(&machine, Key::ServiceState, "running", index..=at),
                Ok(number) => sink.present(&machine, Key::ServiceStartCode, Value::Code(code(number)), index..=at),
                Err(_) => continue,
            }
            return;
        }
        if let Some(number) = error_number(text) {
            sink.present(&machine, Key::ServiceStartCode, Value::Code(code(number)), index..=at);
            return;
        }
        if STARTED.iter().any(|words| folded.contains(&sentence::folded(words).collect::<String>())) {
            sink.present(&machine, Key::ServiceStartCode, Value::Code(ErrorCode::SUCCESS), index..=at);
            sink.word(&machine, Key::ServiceState, "running", index..=at);
            return;
        }
    }
}

/// `[SC] StartService FAILED 1058:`
fn sc_start(document: &Document<'_>, index: usize, sink: &mut Sink<'_>) {
    if let Some((number, at)) = sc_error(document, index) {
        sink.present(&Subject::machine(), Key::ServiceStartCode, Value::Code(code(number)), index..=at);
    }
}

/// `[SC] OpenService FAILED 5:` says nothing about the service but that it could not be looked at.
fn refused(document: &Document<'_>, index: usize, key: Key, sink: &mut Sink<'_>) {
    if let Some((ACCESS_DENIED, at)) = sc_error(document, index) {
        sink.unknown(&Subject::machine(), key, Why::NotPermitted, index..=at);
    }
}

fn sc_error(document: &Document<'_>, index: usize) -> Option<(u32, usize)> {
    let (at, text) = answer(document, index).find(|(_, text)| text.starts_with("[SC] "))?;
    Some((error_number(text)?, at))
}

/// The number of a line that tells an error: the only one in it.
fn error_number(text: &str) -> Option<u32> {
    let folded = text.to_lowercase();
    if !ERROR_WORDS.iter().any(|word| folded.contains(&word.to_lowercase())) {
        return None;
    }
    let mut numbers = text.split(|character: char| !character.is_ascii_digit()).filter(|number| !number.is_empty());
    let number = numbers.next()?.parse().ok()?;
    numbers.next().is_none().then_some(number)
}

/// A number of `winerror.h` as HRESULT; one that is greater is an HRESULT already.
fn code(number: u32) -> ErrorCode {
    ErrorCode(if number > 0xFFFF || number == 0 { number } else { 0x8007_0000 | number })
}

/// The list of started services below `index`, and the line behind it. Only a list with its end shows that a service is
/// not in it.
fn list(document: &Document<'_>, index: usize, sink: &mut Sink<'_>) -> usize {
    let mut names = 0;
    for (at, line) in document.lines.iter().enumerate().skip(index + 1).take(LIST_LINES_MAX) {
        let (text, is_name) = (line.text.trim(), line.text.starts_with("   "));
        if console::is_prompt(text) {
            return at;
        }
        if is_name && text.eq_ignore_ascii_case(DISPLAY_NAME) {
            sink.word(&Subject::machine(), Key::ServiceState, "running", at..=at);
            return at;
        }
        if is_name {
            names += 1;
        } else if names > 0 && !text.is_empty() {
            if text.ends_with(['.', '。']) {
                sink.word(&Subject::machine(), Key::ServiceState, "stopped", at..=at);
            }
            return at;
        }
    }
    index
}
