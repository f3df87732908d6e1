//! JSON anywhere in a text: documents behind prompts and warnings, one after the other, cut off, or with strings that a
//! console wrapped. Values know where they stand.
//!
//! A list of an export may have tens of thousands of resources: [`skip`] finds its elements without building anything, and one
//! element at a time becomes a [`Value`].

use std::borrow::Cow;
use std::ops::Range;

/// Depth of nesting that is followed: templates within templates have some thirty levels.
const DEPTH_MAX: usize = 64;
/// Values of one tree, so that memory stays bounded: a firewall policy of the largest size has some 200,000.
const VALUES_MAX: usize = 500_000;
/// Longest string, in bytes: start-up scripts of machines are the longest ones.
const STRING_BYTES_MAX: usize = 1024 * 1024;
/// Longest number or word outside of quotation marks.
const WORD_BYTES_MAX: usize = 64;

/// A value and what is in it.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Value<'t> {
    /// `null`.
    Null,
    /// `true` or `false`.
    Flag(bool),
    /// A number as written.
    Number(&'t str),
    /// A string.
    Text(Cow<'t, str>),
    /// A list.
    List(Vec<Value<'t>>),
    /// An object.
    Object(Object<'t>),
}

/// An object.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Object<'t> {
    /// Where it stands in the text.
    pub(crate) span: Range<usize>,
    /// Its members in the order of the text.
    pub(crate) members: Vec<(Cow<'t, str>, Value<'t>)>,
}

impl<'t> Object<'t> {
    /// The value of the last member of this name, whose case does not count: tools write one property in several ways.
    pub(crate) fn member(&self, name: &str) -> Option<&Value<'t>> {
        let found = self.members.iter().rfind(|(key, _)| key.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value)
    }
}

impl<'t> Value<'t> {
    /// The object, if it is one.
    pub(crate) fn object(&self) -> Option<&Object<'t>> {
        if let Self::Object(object) = self { Some(object) } else { None }
    }

    /// What a scalar says; none of an empty string.
    pub(crate) fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text.trim()).filter(|text| !text.is_empty()),
            Self::Number(number) => Some(number),
            _ => None,
        }
    }

    /// Whether it is true; tools write flags as words, too.
    pub(crate) fn flag(&self) -> Option<bool> {
        match self {
            Self::Flag(flag) => Some(*flag),
            Self::Text(text) if text.eq_ignore_ascii_case("true") => Some(true),
            Self::Text(text) if text.eq_ignore_ascii_case("false") => Some(false),
            _ => None,
        }
    }

    /// The elements of a list.
    pub(crate) fn list(&self) -> &[Self] {
        if let Self::List(list) = self { list } else { &[] }
    }
}

/// The first place from `at` on where a value may begin: `{` or `[` at the front of a line, or `{"` and `[{` anywhere in it.
pub(crate) fn start(text: &str, at: usize) -> Option<usize> {
    let bytes = text.as_bytes();
    let mut is_front = true;
    for (place, byte) in bytes.iter().enumerate().skip(at) {
        let next = bytes.get(place + 1);
        match byte {
            b'{' if is_front || next == Some(&b'"') => return Some(place),
            b'[' if is_front || next == Some(&b'{') => return Some(place),
            b'\n' => is_front = true,
            b' ' | b'\t' | b'\r' => {}
            _ => is_front = false,
        }
    }
    None
}

/// Where the value that begins at `at` ends; `Err` says how far it is well-formed.
pub(crate) fn skip(text: &str, at: usize) -> Result<usize, usize> {
    let mut scanner = Scanner { text, at };
    let mut open: Vec<bool> = Vec::new();
    let mut expects = Expects::Value;
    loop {
        let place = scanner.at;
        expects = scanner.token(&mut open, expects).ok_or(place)?;
        if open.is_empty() && expects == Expects::Separator {
            return Ok(scanner.at);
        }
    }
}

/// The tree of the value that begins at `at`, with where it ends; none where it is no whole value.
pub(crate) fn tree(text: &str, at: usize) -> Option<(Value<'_>, usize)> {
    let mut scanner = Scanner { text, at };
    let mut values = 0;
    let value = scanner.value(0, &mut values)?;
    Some((value, scanner.at))
}

/// The elements of the list that begins at `at`: where each begins and ends. Ends with the list, or where it is cut off.
pub(crate) fn elements(text: &str, at: usize) -> Parts<'_> {
    Parts { scanner: Scanner { text, at: at + 1 }, is_object: false, is_first: true, is_whole: false }
}

/// The members of the object that begins at `at`: their names, and where each value begins and ends.
pub(crate) fn members(text: &str, at: usize) -> Parts<'_> {
    Parts { scanner: Scanner { text, at: at + 1 }, is_object: true, is_first: true, is_whole: false }
}

/// Goes through what is in a list or an object, one level deep.
pub(crate) struct Parts<'t> {
    scanner: Scanner<'t>,
    is_object: bool,
    is_first: bool,
    /// Whether the end of the list or object was met.
    pub(crate) is_whole: bool,
}

/// One element or member.
pub(crate) struct Part<'t> {
    /// The name of a member; empty of elements.
    pub(crate) name: Cow<'t, str>,
    /// Where the value begins.
    pub(crate) start: usize,
    /// Where it ends, or how far it is well-formed.
    pub(crate) end: Result<usize, usize>,
}

impl<'t> Iterator for Parts<'t> {
    type Item = Part<'t>;

    fn next(&mut self) -> Option<Part<'t>> {
        let scanner = &mut self.scanner;
        let end = if self.is_object { b'}' } else { b']' };
        if self.is_whole {
            return None;
        }
        let next = scanner.peek()?;
        if next == end {
            self.is_whole = true;
            return None;
        }
        if !self.is_first {
            scanner.take(b',')?;
            scanner.blank();
        }
        self.is_first = false;
        let mut name = Cow::Borrowed("");
        if self.is_object {
            name = scanner.string()?;
            scanner.take(b':')?;
        }
        scanner.peek()?;
        let start = scanner.at;
        let end = skip(scanner.text, start);
        scanner.at = end.unwrap_or(scanner.text.len());
        Some(Part { name, start, end })
    }
}

/// What may come next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Expects {
    Value,
    /// A value, or the end of the list that has just begun.
    ValueOrEnd,
    Name,
    /// A name, or the end of the object that has just begun.
    NameOrEnd,
    Separator,
}

struct Scanner<'t> {
    text: &'t str,
    at: usize,
}

impl<'t> Scanner<'t> {
    fn blank(&mut self) {
        let bytes = self.text.as_bytes();
        while matches!(bytes.get(self.at), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }

    /// The next byte that is not blank.
    fn peek(&mut self) -> Option<u8> {
        self.blank();
        self.text.as_bytes().get(self.at).copied()
    }

    fn take(&mut self, byte: u8) -> Option<()> {
        let is_there = self.peek()? == byte;
        self.at += usize::from(is_there);
        is_there.then_some(())
    }

    /// Goes over one token; `open` holds what is open: objects are `true`.
    fn token(&mut self, open: &mut Vec<bool>, expects: Expects) -> Option<Expects> {
        let byte = self.peek()?;
        match (expects, byte) {
            (Expects::Value | Expects::ValueOrEnd, b'{' | b'[') => {
                open.push(byte == b'{');
                self.at += 1;
                let is_shallow = open.len() <= DEPTH_MAX;
                is_shallow.then_some(if byte == b'{' { Expects::NameOrEnd } else { Expects::ValueOrEnd })
            }
            (Expects::Value | Expects::ValueOrEnd, b'"') => {
                self.quoted()?;
                Some(Expects::Separator)
            }
            (Expects::ValueOrEnd | Expects::Separator, b']') => {
                self.at += 1;
                (open.pop() == Some(false)).then_some(Expects::Separator)
            }
            (Expects::NameOrEnd | Expects::Separator, b'}') => {
                self.at += 1;
                (open.pop() == Some(true)).then_some(Expects::Separator)
            }
            (Expects::Value | Expects::ValueOrEnd, _) => {
                self.word()?;
                Some(Expects::Separator)
            }
            (Expects::Name | Expects::NameOrEnd, b'"') => {
                self.quoted()?;
                self.take(b':')?;
                Some(Expects::Value)
            }
            (Expects::Separator, b',') => {
                self.at += 1;
                Some(if *open.last()? { Expects::Name } else { Expects::Value })
            }
            _ => None,
        }
    }

    fn value(&mut self, depth: usize, values: &mut usize) -> Option<Value<'t>> {
        *values += 1;
        if depth > DEPTH_MAX || *values > VALUES_MAX {
            return None;
        }
        match self.peek()? {
            b'{' => self.object(depth, values).map(Value::Object),
            b'[' => self.list(depth, values).map(Value::List),
            b'"' => self.string().map(Value::Text),
            _ => match self.word()? {
                "null" => Some(Value::Null),
                "true" => Some(Value::Flag(true)),
                "false" => Some(Value::Flag(false)),
                number => Some(Value::Number(number)),
            },
        }
    }

    fn object(&mut self, depth: usize, values: &mut usize) -> Option<Object<'t>> {
        let start = self.at;
        let mut members = Vec::new();
        self.take(b'{')?;
        while self.peek()? != b'}' {
            if !members.is_empty() {
                self.take(b',')?;
                self.blank();
            }
            let name = self.string()?;
            self.take(b':')?;
            members.push((name, self.value(depth + 1, values)?));
        }
        self.at += 1;
        Some(Object { span: start..self.at, members })
    }

    fn list(&mut self, depth: usize, values: &mut usize) -> Option<Vec<Value<'t>>> {
        let mut elements = Vec::new();
        self.take(b'[')?;
        while self.peek()? != b']' {
            if !elements.is_empty() {
                self.take(b',')?;
            }
            elements.push(self.value(depth + 1, values)?);
        }
        self.at += 1;
        Some(elements)
    }

    /// A number, `true`, `false` or `null`.
    fn word(&mut self) -> Option<&'t str> {
        let rest = self.text.get(self.at..)?;
        let is_part = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'+' | b'-');
        let length = rest.as_bytes().iter().take(WORD_BYTES_MAX + 1).take_while(|byte| is_part(byte)).count();
        let word = &rest[..length];
        let is_number = word.starts_with(|first: char| first.is_ascii_digit() || first == '-');
        let is_known = matches!(word, "true" | "false" | "null") || (is_number && word.parse::<f64>().is_ok());
        if length > WORD_BYTES_MAX || !is_known {
            return None;
        }
        self.at += length;
        Some(word)
    }

    /// Goes over a string and gives what stands between the quotation marks.
    fn quoted(&mut self) -> Option<&'t str> {
        let bytes = self.text.as_bytes();
        if bytes.get(self.at) != Some(&b'"') {
            return None;
        }
        let (first, mut at) = (self.at + 1, self.at + 1);
        loop {
            match bytes.get(at)? {
                b'"' => break,
                b'\\' => at += 2,
                _ => at += 1,
            }
            if at - first > STRING_BYTES_MAX {
                return None;
            }
        }
        self.at = at + 1;
        self.text.get(first..at)
    }

    /// A string without its escapes. A string has no line breaks: those in it are the console's.
    fn string(&mut self) -> Option<Cow<'t, str>> {
        let raw = self.quoted()?;
        if !raw.contains(['\\', '\n']) {
            return Some(Cow::Borrowed(raw));
        }
        let mut text = String::with_capacity(raw.len());
        let mut characters = raw.chars();
        while let Some(character) = characters.next() {
            match character {
                '\n' | '\r' => {}
                '\\' => match characters.next()? {
                    'u' => {
                        let digits = characters.as_str().get(..4)?;
                        characters = characters.as_str().get(4..)?.chars();
                        // Halves of pairs stand for characters that no property of interest has.
                        let code = u32::from_str_radix(digits, 16).ok()?;
                        text.push(char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER));
                    }
                    'n' | 'r' | 't' | 'b' | 'f' => text.push(' '),
                    other => text.push(other),
                },
                character => text.push(character),
            }
        }
        Some(Cow::Owned(text))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn shown(value: &Value<'_>) -> String {
        match value {
            Value::Null => "null".to_owned(),
            Value::Flag(flag) => flag.to_string(),
            Value::Number(number) => (*number).to_owned(),
            Value::Text(text) => format!("{text:?}"),
            Value::List(list) => format!("[{}]", list.iter().map(shown).collect::<Vec<_>>().join(",")),
            Value::Object(object) => {
                let members = object.members.iter().map(|(name, value)| format!("{name:?}:{}", shown(value)));
                format!("{{{}}}", members.collect::<Vec<_>>().join(","))
            }
        }
    }

    #[test]
    fn values_are_read_as_written() {
        let text = " {\"a\" : [ 1, -2.5e3, true, null, \"x\\u0041\\\"\\n\" ], \"b\":{}, \"c\":[]} rest";
        let (value, end) = tree(text, 0).expect("a value");
        assert_eq!(shown(&value), "{\"a\":[1,-2.5e3,true,null,\"xA\\\" \"],\"b\":{},\"c\":[]}");
        assert_eq!((&text[end..], skip(text, 0)), (" rest", Ok(end)));
        assert_eq!(value.object().map(|object| object.span.clone()), Some(1..end));
    }

    #[test]
    fn the_last_of_several_members_counts_in_any_case() {
        let (value, _) = tree("{\"Id\": 1, \"id\": 2, \"ID\": \"x\"}", 0).expect("a value");
        assert_eq!(value.object().and_then(|object| object.member("iD")).and_then(Value::text), Some("x"));
    }

    #[test]
    fn a_string_may_be_wrapped_by_the_console() {
        let (value, _) = tree("[\"/subscriptions/1/resource\nGroups/rg\"]", 0).expect("a value");
        assert_eq!(value.list()[0].text(), Some("/subscriptions/1/resourceGroups/rg"));
    }

    #[test]
    fn what_is_no_value_says_how_far_it_goes() {
        for (text, far) in [
            ("[1, 2", 5),
            ("[1 2]", 2),
            ("{\"a\": [1, {\"b\": x}]}", 15),
            ("[}", 1),
            ("{\"a\" 1}", 1),
            ("[1,]", 3),
            ("[Version]", 1),
            ("[\"open", 1),
            ("[1e999999999999999999999999999999999999999999999999999999999999999999]", 1),
        ] {
            assert_eq!(skip(text, 0), Err(far), "{text}");
            assert_eq!(tree(text, 0), None, "{text}");
        }
        let deep = "[".repeat(1_000_000);
        assert_eq!(skip(&deep, 0), Err(DEPTH_MAX));
        assert_eq!(tree(&deep, 0), None);
    }

    #[test]
    fn lists_and_objects_are_gone_through_as_far_as_they_are_whole() {
        let text = "[{\"a\": 1}, 2, {\"b\": ";
        let mut parts = elements(text, 0);
        let spans: Vec<_> = parts.by_ref().map(|part| (part.start, part.end)).collect();
        assert_eq!(spans, [(1, Ok(9)), (11, Ok(12)), (14, Err(19))]);
        assert!(!parts.is_whole);
        let mut parts = members("{\"value\": [1], \"nextLink\": null}", 0);
        let names: Vec<_> = parts.by_ref().map(|part| (part.name.into_owned(), part.start, part.end)).collect();
        assert_eq!(names, [("value".to_owned(), 10, Ok(13)), ("nextLink".to_owned(), 27, Ok(31))]);
        assert!(parts.is_whole);
    }

    #[test]
    fn values_begin_at_the_front_or_behind_a_prompt() {
        let text = "WARNING: preview\nPS C:\\> az x\n  [\n1]\nresult: {\"a\": 1}";
        let first = start(text, 0).expect("a place");
        assert_eq!(&text[first..=first], "[");
        let second = start(text, first + 4).expect("a place");
        assert_eq!(&text[second..], "{\"a\": 1}");
        assert_eq!(start(text, second + 1), None);
    }

    proptest! {
        #[test]
        fn both_ways_agree(text in "[\\[\\]{},:\" a1\\\\\n]{0,30}") {
            prop_assert_eq!(skip(&text, 0).ok(), tree(&text, 0).map(|(_, end)| end));
        }
    }
}
