//! The form of a product key that somebody typed behind `slmgr /ipk` or `ospp /inpkey:`.
//!
//! Keys were masked at the door, mistyped ones too, all but their last group; what is left shows their form: the length
//! of the groups, and question marks where characters stood that no key has. What is further from a key stands in the
//! text still, so no quote shows it.

use kmsdoctor_core::code::narrow;
use kmsdoctor_core::fact::{Key, Subject};
use kmsdoctor_core::mask;

use super::command_line;
use crate::document::Document;
use crate::sink::Sink;

/// Groups of a key, and characters of a group.
const GROUPS: usize = 5;
const GROUP: usize = 5;

/// Groups of five from which on text is meant as a key, however wrong it is.
const GROUPS_MEANT_MIN: usize = 3;

/// Longest text that is meant as a key: one typed twice.
const KEY_CHARS_MAX: usize = 64;

/// A line that reaches the edge of a console of 80 columns may go on below.
const EDGE_COLUMNS: usize = 78;

/// What stands in reports for a key.
const QUOTE: &str = "(key)";

/// Scripts that take keys.
const SCRIPTS: [&str; 2] = ["slmgr", "ospp"];

/// Puts the forms of typed keys into the sink.
pub(crate) fn read(document: &Document<'_>, sink: &mut Sink<'_>) {
    for (index, line) in document.lines.iter().enumerate() {
        let Some((command, typed)) = typed(&line.text) else { continue };
        let rest = wrapped(document, index, typed).unwrap_or("");
        let (key, last) = (format!("{typed}{rest}"), index + usize::from(!rest.is_empty()));
        if let Some(form) = form(&key) {
            let quote = format!("{command} {QUOTE}");
            let machine = Subject::machine();
            sink.word_quoted_as(&machine, Key::KeyForm, form, index..=last, &quote);
            sink.word_quoted_as(&machine, Key::KeyEntry, "command", index..=index, &quote);
        }
    }
}

/// The rest of a key that the edge of the console has broken: all that the line below has, and part of a key.
fn wrapped<'d>(document: &'d Document<'_>, index: usize, typed: &str) -> Option<&'d str> {
    let text = document.lines[index].text.trim_end();
    let below = document.lines.get(index + 1)?.text.trim_end();
    let below_plain: String = below.chars().map(plain).collect();
    let is_part = below_plain.split('-').all(|group| group.len() <= GROUP && group.chars().all(is_of_key))
        && !below_plain.contains("--");
    (text.ends_with(typed) && text.chars().count() >= EDGE_COLUMNS && is_part).then_some(below)
}

/// What keys are masked with: the question mark stands for a character that no key has.
const MASKS: [char; 2] = ['*', '?'];

fn is_of_key(character: char) -> bool {
    character.is_ascii_alphanumeric() || MASKS.contains(&character)
}

/// The option and what was typed behind it, on the command line of a script.
fn typed(text: &str) -> Option<(&'static str, &str)> {
    // Most lines end here. Lower case of ASCII keeps the places.
    let lower = text.to_ascii_lowercase();
    let (option, at) =
        ["/ipk", "-ipk", "/inpkey:", "-inpkey:"].iter().find_map(|option| Some((*option, lower.find(option)?)))?;
    let before = command_line::command(text.get(..at)?);
    // Prose tells of commands; a command begins with its program.
    let program = before.split_whitespace().next()?.to_ascii_lowercase();
    let is_program = SCRIPTS.iter().chain(&["cscript", "wscript"]).any(|name| {
        program.trim_matches('"').rsplit(['\\', '/']).next().is_some_and(|program| program.starts_with(name))
    });
    if !is_program || !SCRIPTS.iter().any(|script| before.to_ascii_lowercase().contains(script)) {
        return None;
    }
    let behind = text.get(at + option.len()..)?;
    let named = if option.ends_with(':') { "ospp /inpkey" } else { "slmgr /ipk" };
    Some((named, behind.split([' ', '\t', '&', '|', '>']).find(|word| !word.is_empty())?.trim_matches('"')))
}

/// The form of what was typed, if it is meant as a key.
fn form(typed: &str) -> Option<&'static str> {
    if typed.chars().count() > KEY_CHARS_MAX {
        return None;
    }
    let is_plain = typed.is_ascii();
    let narrowed: String = typed.chars().map(plain).collect();
    let groups: Vec<&str> = narrowed.split('-').collect();
    let is_meant = groups.iter().filter(|group| group.len() == GROUP).count() >= GROUPS_MEANT_MIN
        && groups.iter().all(|group| group.chars().all(is_of_key));
    if !is_meant || is_placeholder(&groups) {
        return None;
    }
    let is_whole = groups.len() == GROUPS && groups.iter().all(|group| group.len() == GROUP);
    let is_right = |character: char| character == '*' || mask::is_of_keys(character);
    let is_right = groups.iter().all(|group| group.chars().all(is_right));
    Some(match (is_whole && is_right, is_plain) {
        (true, true) => "well-formed",
        (_, false) => "full-width",
        // A character that no key has, or not five groups of five.
        (false, true) => "malformed",
    })
}

/// Full-width characters as they were meant; every kind of dash is a hyphen.
fn plain(character: char) -> char {
    match narrow(character) {
        'ー' | 'ｰ' | '―' | '─' | '﹣' | '－' => '-',
        '＊' => '*',
        '？' => '?',
        other => other,
    }
}

/// `XXXXX-XXXXX-…`, `AAAAA-BBBBB-…` and `12345-67890-…` stand in instructions.
fn is_placeholder(groups: &[&str]) -> bool {
    let is_uniform = |group: &&str| group.bytes().all(|byte| Some(byte) == group.bytes().next());
    let is_count = |group: &&str| group.bytes().all(|byte| byte.is_ascii_digit());
    let open: Vec<&str> = groups.iter().copied().filter(|group| !group.starts_with(MASKS)).collect();
    open.len() >= 2 && (open.iter().all(is_uniform) || open.iter().all(is_count))
}

#[cfg(test)]
mod tests {
    use kmsdoctor_core::artifact::Artifact;
    use proptest::prelude::*;

    use super::*;
    use crate::readers::testing;

    /// The first four groups of what tests type; no key begins so.
    const FRONT: [&str; 4] = ["BCDFG", "HJKMP", "QRTVW", "XY234"];

    /// `FRONT` and `rest` with `dash` between the groups.
    fn typed_with(dash: &str, rest: &str) -> String {
        format!("{}{dash}{rest}", FRONT.join(dash))
    }

    fn check(typed: &str, expect: Option<&str>) {
        for command in
            [r"C:\>cscript //nologo slmgr.vbs /ipk ", "slmgr /ipk ", r"C:\Office16>cscript ospp.vbs /inpkey:"]
        {
            let input = format!("{command}{typed}\nError: 0xC004F050\n");
            let facts = testing::facts(read, Artifact::new("x", input.into_bytes(), None).bytes());
            let expect = expect
                .map_or(String::new(), |form| format!("machine key.form = {form} @1\nmachine key.entry = command @1"));
            assert_eq!(testing::render(&facts), expect, "{command}{typed}");
            for fact in facts {
                assert!(!fact.origins[0].quote.contains(typed), "{typed} is quoted");
            }
        }
    }

    #[test]
    fn whole_keys() {
        check(&typed_with("-", "6789B"), Some("well-formed"));
        check("*****-*****-*****-*****-GGGG2", Some("well-formed"));
        check("XXXXX-XXXXX-XXXXX-XXXXX-GGGG2", Some("well-formed"));
    }

    #[test]
    fn too_many_too_few_and_wrong_characters() {
        for rest in ["6789", "6789BC", "6789B-CDFGH", "678O0"] {
            check(&typed_with("-", rest), Some("malformed"));
        }
        for front in
            ["BCDFG-HJKM0-QRTVW-XY234", "BCDF-HJKMP-QRTVW-XY234", "EJKMP-BCDFGH-QRTVW-XY234", "AEIOU-HJKMP-QRTVW-XY234"]
        {
            check(&format!("{front}-6789B"), Some("malformed"));
        }
        check(&FRONT.join("-"), Some("malformed"));
        check("*****-*****-*****-*****-6789", Some("malformed"));
        check("*****-**?**-*****-*****-6789B", Some("malformed"));
    }

    #[test]
    fn full_width() {
        check("ＢＣＤＦＧ－ＨＪＫＭＰ－ＱＲＴＶＷ－ＸＹ２３４－６７８９Ｂ", Some("full-width"));
        check("＊＊＊＊＊－＊＊＊＊＊－＊＊＊＊＊－＊＊＊＊＊－６７８９Ｂ", Some("full-width"));
        check("ＢＣＤＦＧ－ＨＪＫＭ０－ＱＲＴＶＷ－ＸＹ２３４－６７８９Ｂ", Some("full-width"));
        for dash in ["―", "ー", "–", "−"] {
            check(&typed_with(dash, "6789B"), Some("full-width"));
        }
    }

    #[test]
    fn placeholders_and_other_words() {
        for typed in
            ["<GVLK>", "XXXXX-XXXXX-XXXXX-XXXXX-XXXXX", "AAAAA-EEEEE-IIIII-OOOOO-UUUUU", "your-product-key", ""]
        {
            check(typed, None);
        }
        check(&["12345", "67890", "12345", "67890", "12345"].join("-"), None);
    }

    #[test]
    fn wrapped_at_the_edge() {
        let command = r"PS C:\Windows\System32> cscript.exe //nologo slmgr.vbs /ipk *****-*****-*****-*";
        let input = format!("{command:>79}\n****-GGGG2\n");
        let facts = testing::facts(read, input.as_bytes());
        assert_eq!(testing::render(&facts), "machine key.form = well-formed @1\nmachine key.entry = command @1");
        let facts = testing::facts(read, input.replace("\n****", "****").as_bytes());
        assert_eq!(testing::render(&facts), "machine key.form = well-formed @1\nmachine key.entry = command @1");
    }

    #[test]
    fn prose_and_other_programs_say_nothing() {
        for text in [
            "please run slmgr /ipk BCDFG-HJKMP-QRTVW-XY234-6789",
            "tool /ipk BCDFG-HJKMP-QRTVW-XY234-6789",
            "slmgr /ipk",
        ] {
            assert_eq!(testing::facts(read, text.as_bytes()), [], "{text}");
        }
    }

    proptest! {
        #[test]
        fn never_panics(text in "(slmgr /ipk |ospp.vbs /inpkey:|\\*\\*\\*\\*\\*-|BCDFG|\\?|－|\n|\\PC){0,40}") {
            testing::facts(read, text.as_bytes());
        }
    }
}
