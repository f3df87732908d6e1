//! HTML: reports, mails and exports as the lines that a browser shows.
//!
//! Every reader reads lines, so markup is turned into them here: a row of a table is a line (`label: value` where it has two
//! cells), a table of objects becomes lists of properties, and `<pre>` keeps what a console printed. The tokenizer follows
//! the standard, so that markup cannot hide text from it or show it what nobody sees; scripts, styles and comments are no
//! text. Nothing is nested here: however deep the markup, there is one open line.

mod writer;

#[cfg(test)]
mod tests;

use std::convert::Infallible;

use html5gum::emitters::callback::{CallbackEmitter, CallbackEvent};
use html5gum::{Span, Tokenizer};
use kmsdoctor_core::mask::product_keys_in_text;

use self::writer::Writer;
use super::{Line, is_blank};

/// Characters at the beginning in which the first tag stands; comments may be before it.
const START_CHARS: usize = 4096;

/// Lines of the header of a mail or an HTTP answer.
const HEADER_LINES_MAX: usize = 200;

/// Elements that a document or a part of one begins with.
const FIRST: [&str; 6] = ["html", "head", "body", "table", "div", "meta"];

/// The line with which HTML begins, if the document is HTML: at its beginning, or below the header of a mail or an HTTP
/// answer that declares it.
pub(super) fn begins(lines: &[Line]) -> Option<usize> {
    let mut beginning = String::new();
    for line in lines {
        beginning.extend(line.text.chars().take(START_CHARS).chain(['\n']));
        if beginning.len() >= START_CHARS {
            break;
        }
    }
    if is_html(&beginning) {
        return Some(0);
    }
    let declared = lines.iter().take(HEADER_LINES_MAX).position(|line| declares_html(&line.text))?;
    let below = lines[declared..].iter().take(HEADER_LINES_MAX).position(|line| is_html(&line.text))?;
    Some(declared + below)
}

/// Whether the first tag is one of HTML. Event exports, tasks and other XML have their own.
fn is_html(text: &str) -> bool {
    let mut rest = text.trim_start_matches(is_blank);
    let mut is_xml = false;
    loop {
        let end = match rest {
            _ if rest.starts_with("<?") => "?>",
            _ if rest.starts_with("<!--") => "-->",
            _ => break,
        };
        is_xml |= end == "?>";
        let Some((_, behind)) = rest.split_once(end) else { return false };
        rest = behind.trim_start();
    }
    let Some(tag) = rest.strip_prefix('<') else { return false };
    let mut words = tag.split(|character: char| !(character.is_ascii_alphanumeric() || "!-:".contains(character)));
    let name = words.next().unwrap_or("");
    if name.eq_ignore_ascii_case("!doctype") {
        return words.next().is_some_and(|kind| kind.eq_ignore_ascii_case("html"));
    }
    // Other XML has tables and heads as well.
    let names = if is_xml { &FIRST[..1] } else { &FIRST[..] };
    names.iter().any(|known| known.eq_ignore_ascii_case(name))
}

/// `Content-Type: text/html; charset=utf-8`.
fn declares_html(text: &str) -> bool {
    let mut parts = text.split(':').map(str::trim);
    parts.next().is_some_and(|name| name.eq_ignore_ascii_case("content-type"))
        && parts
            .next()
            .and_then(|kind| kind.get(.."text/html".len()))
            .is_some_and(|kind| kind.eq_ignore_ascii_case("text/html"))
}

/// What is shown of the markup from line `first` on, below the lines before it; `None` if those are too many lines.
pub(super) fn lines(mut source: Vec<Line>, first: usize) -> Option<Vec<Line>> {
    let markup = source.split_off(first);
    let mut text = String::new();
    let mut starts = Vec::with_capacity(markup.len());
    for line in &markup {
        starts.push(text.len());
        text.push_str(&line.text);
        text.push('\n');
    }
    let mut writer = Writer::new(&markup, starts);
    let callback = |event: CallbackEvent<'_>, span: Span<usize>| -> Option<Infallible> {
        match event {
            CallbackEvent::OpenStartTag { name } => writer.open(name),
            CallbackEvent::EndTag { name } => writer.close(name),
            CallbackEvent::String { value } => writer.text(value, span),
            _ => {}
        }
        None
    };
    let mut emitter = CallbackEmitter::new(callback);
    // What stands in scripts and styles is no markup.
    emitter.naively_switch_states(true);
    match Tokenizer::new_with_emitter(&text, emitter).finish() {
        Ok(()) => {}
    }
    source.extend(masked(writer.finish()?));
    Some(source)
}

/// The lines with their product keys masked: markup may part a key so that it was none at the door.
fn masked(mut lines: Vec<Line>) -> Vec<Line> {
    let text = lines.iter().map(|line| line.text.as_str()).collect::<Vec<_>>().join("\n");
    let masked = product_keys_in_text(&text);
    if masked != text {
        for (line, text) in lines.iter_mut().zip(masked.split('\n')) {
            text.clone_into(&mut line.text);
        }
    }
    lines
}
