//! YAML as `gcloud` writes it: blocks of mappings and lists, scalars of one line. What it does not write (anchors, flow
//! collections with content, tags) ends what is read. Documents follow one another with or without `---`.

use std::borrow::Cow;
use std::ops::Range;

use crate::readers::cloud::json::{Object, Value};

/// Depth of nesting that is followed.
const DEPTH_MAX: usize = 64;
/// What begins the text of several lines, such as start-up scripts, which is passed over.
const BLOCK_MARKS: [char; 2] = ['|', '>'];

/// Hands each object on that begins at the front of a line.
pub(super) fn objects<'t>(text: &'t str, visit: &mut dyn FnMut(&Object<'t>)) {
    let mut parser = Parser { lines: lines(text), at: 0 };
    while parser.at < parser.lines.len() {
        let (start, line) = (parser.at, &parser.lines[parser.at]);
        if line.indent == 0 && (key(line.text).is_some() || item(line.text).is_some()) {
            let value = parser.value(0, 0);
            hand_on(&value, visit);
        }
        parser.at = parser.at.max(start + 1);
    }
}

fn hand_on<'t>(value: &Value<'t>, visit: &mut dyn FnMut(&Object<'t>)) {
    for element in value.list() {
        hand_on(element, visit);
    }
    value.object().into_iter().for_each(visit);
}

/// A line with something in it.
struct Line<'t> {
    indent: usize,
    text: &'t str,
    /// Where its text stands.
    span: Range<usize>,
}

fn lines(text: &str) -> Vec<Line<'_>> {
    let mut at = 0;
    let mut lines = Vec::new();
    for line in text.split_inclusive('\n') {
        let content = line.trim();
        let indent = line.len() - line.trim_start().len();
        if !content.is_empty() {
            lines.push(Line { indent, text: content, span: at + indent..at + indent + content.len() });
        }
        at += line.len();
    }
    lines
}

/// Name and rest of `name: value` or `name:`.
fn key(text: &str) -> Option<(&str, &str)> {
    let (name, rest) = text.split_once(':')?;
    let is_name = !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-.".contains(&byte));
    (is_name && (rest.is_empty() || rest.starts_with(' '))).then(|| (name, rest.trim()))
}

/// What stands behind `- `.
fn item(text: &str) -> Option<&str> {
    let rest = text.strip_prefix('-')?;
    (rest.is_empty() || rest.starts_with(' ')).then_some(rest)
}

struct Parser<'t> {
    lines: Vec<Line<'t>>,
    at: usize,
}

impl<'t> Parser<'t> {
    /// The list or mapping whose lines begin at this depth.
    fn value(&mut self, indent: usize, depth: usize) -> Value<'t> {
        match self.lines.get(self.at) {
            Some(line) if depth < DEPTH_MAX && item(line.text).is_some() => self.list(indent, depth),
            Some(line) if depth < DEPTH_MAX && key(line.text).is_some() => Value::Object(self.object(indent, depth)),
            Some(line) => {
                let value = scalar(line.text);
                self.at += 1;
                self.pass_over(indent);
                value
            }
            None => Value::Null,
        }
    }

    fn list(&mut self, indent: usize, depth: usize) -> Value<'t> {
        let mut elements = Vec::new();
        while let Some(line) = self.lines.get_mut(self.at).filter(|line| line.indent == indent)
            && let Some(rest) = item(line.text)
        {
            if rest.is_empty() {
                elements.push(Value::Null);
                self.at += 1;
                continue;
            }
            // What stands behind the dash is the first line of the element.
            let content = rest.trim_start();
            let offset = line.text.len() - content.len();
            *line = Line { indent: indent + offset, text: content, span: line.span.start + offset..line.span.end };
            elements.push(self.value(indent + offset, depth + 1));
        }
        Value::List(elements)
    }

    fn object(&mut self, indent: usize, depth: usize) -> Object<'t> {
        let mut members: Vec<(Cow<'t, str>, Value<'t>)> = Vec::new();
        let start = self.lines[self.at].span.start;
        while let Some(line) = self.lines.get(self.at).filter(|line| line.indent == indent)
            && let Some((name, rest)) = key(line.text)
            // Keys are sorted: where the first comes again, another document begins.
            && members.first().is_none_or(|(first, _)| first != name)
        {
            self.at += 1;
            let value = if rest.is_empty() {
                self.below(indent, depth)
            } else {
                self.pass_over(indent);
                scalar(rest)
            };
            members.push((Cow::Borrowed(name), value));
        }
        Object { span: start..self.lines[self.at - 1].span.end, members }
    }

    /// What stands below a name: deeper, or a list at the same depth.
    fn below(&mut self, indent: usize, depth: usize) -> Value<'t> {
        match self.lines.get(self.at) {
            Some(line) if line.indent > indent => self.value(line.indent, depth + 1),
            Some(line) if line.indent == indent && item(line.text).is_some() => self.list(indent, depth + 1),
            _ => Value::Null,
        }
    }

    /// Goes over the further lines of a scalar.
    fn pass_over(&mut self, indent: usize) {
        while self.lines.get(self.at).is_some_and(|line| line.indent > indent) {
            self.at += 1;
        }
    }
}

fn scalar(text: &str) -> Value<'_> {
    let quoted = |mark: char| text.strip_prefix(mark)?.strip_suffix(mark);
    match text {
        "null" | "~" => Value::Null,
        "true" => Value::Flag(true),
        "false" => Value::Flag(false),
        "[]" => Value::List(Vec::new()),
        "{}" => Value::Object(Object::default()),
        _ if text.starts_with(BLOCK_MARKS) => Value::Null,
        _ => match quoted('\'') {
            Some(inner) if inner.contains("''") => Value::Text(Cow::Owned(inner.replace("''", "'"))),
            inner => Value::Text(Cow::Borrowed(inner.or_else(|| quoted('"')).unwrap_or(text))),
        },
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn shown(value: &Value<'_>) -> String {
        match value {
            Value::Object(object) => {
                let members = object.members.iter().map(|(name, value)| format!("{name}={}", shown(value)));
                format!("{{{}}}", members.collect::<Vec<_>>().join(" "))
            }
            Value::List(list) => format!("[{}]", list.iter().map(shown).collect::<Vec<_>>().join(",")),
            Value::Flag(flag) => flag.to_string(),
            other => other.text().unwrap_or("-").to_owned(),
        }
    }

    fn read(text: &str) -> Vec<String> {
        let mut found = Vec::new();
        objects(text, &mut |object| {
            found.push(format!(
                "{} {}",
                text[..object.span.start].lines().count(),
                shown(&Value::Object(object.clone()))
            ));
        });
        found
    }

    #[test]
    fn documents_of_gcloud() {
        let text = "C:\\> gcloud compute firewall-rules list --format=yaml\n\
                    ---\nallowed:\n- IPProtocol: tcp\n  ports:\n  - '1688'\n  - 80-90\ndescription: ''\n\
                    metadata:\n  items:\n  - key: script\n    value: |-\n      a: b\n\n      c\n  - key: \"x\"\n\
                    tags: {}\nkind: compute#firewall\n---\nallowed: []\ndisabled: true\n";
        assert_eq!(
            read(text),
            [
                "2 {allowed=[{IPProtocol=tcp ports=[1688,80-90]}] description=- metadata={items=[{key=script value=-},{key=x}]} tags={} kind=compute#firewall}",
                "19 {allowed=[] disabled=true}",
            ]
        );
    }

    #[test]
    fn lists_and_documents_without_a_mark_between() {
        assert_eq!(read("- a: 1\n  b: 2\n- a: 3\n"), ["1 {a=1 b=2}", "3 {a=3}"]);
        assert_eq!(read("a: 1\nb: it's long\n  and goes on\na: 2\n"), ["0 {a=1 b=it's long}", "3 {a=2}"]);
        assert_eq!(read("{\n  \"a\": 1\n}\nhttp://x\nnote to: all"), Vec::<String>::new());
    }

    #[test]
    fn time_is_linear() {
        for piece in ["a:\n", "- ", "a:\n ", "- - a:\n", "a: |\n", " a:\n", "-\n"] {
            objects(&piece.repeat(200_000 / piece.len()), &mut |_| {});
        }
        let deep: String = (0..600).map(|depth| format!("{}a:\n", " ".repeat(depth))).collect();
        read(&deep);
    }

    proptest! {
        #[test]
        fn never_panics(text in "(a|-| |:|\n|'|\"|\\||\\[\\]|---|\\PC){0,60}") {
            read(&text);
        }
    }
}
