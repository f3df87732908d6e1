//! How each form writes a text that comes from an export, so that it stays a text.

use kmsdoctor_core::printable::printable;

/// A word for a POSIX shell.
pub(super) fn shell(text: &str) -> String {
    let text = argument(text);
    let is_plain = |character: char| character.is_ascii_alphanumeric() || "-_./:,=+".contains(character);
    if !text.is_empty() && text.chars().all(is_plain) { text } else { format!("'{}'", text.replace('\'', r"'\''")) }
}

/// A string of HCL, in which `${` and `%{` start templates.
pub(super) fn hcl(text: &str) -> String {
    let text = escape(text, '"').replace("${", "$${").replace("%{", "%%{");
    format!("\"{text}\"")
}

/// A string of Bicep, in which `${` starts an interpolation.
pub(super) fn bicep(text: &str) -> String {
    format!("'{}'", escape(text, '\'').replace("${", "\\${"))
}

/// Text in a comment, or in prose: one line.
pub(super) fn line(text: &str) -> String {
    printable(text)
}

fn escape(text: &str, quote: char) -> String {
    let escaped =
        |character: char| if character == quote || character == '\\' { vec!['\\', character] } else { vec![character] };
    printable(text).chars().flat_map(escaped).collect()
}

/// A value that no program takes for an option, or for a file to read (`@` in the Azure CLI): no resource has such a name.
fn argument(text: &str) -> String {
    let text = printable(text);
    if text.starts_with(['-', '@']) { format!("_{text}") } else { text }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// What a POSIX shell makes of one word without expansions.
    fn word_of_shell(text: &str) -> Option<String> {
        let (mut word, mut is_quoted) = (String::new(), false);
        let mut characters = text.chars();
        while let Some(character) = characters.next() {
            match (character, is_quoted) {
                ('\'', _) => is_quoted = !is_quoted,
                ('\\', false) => word.push(characters.next()?),
                (character, true) => word.push(character),
                (character, false) if character.is_ascii_alphanumeric() || "-_./:,=+".contains(character) => {
                    word.push(character);
                }
                _ => return None,
            }
        }
        (!is_quoted).then_some(word)
    }

    /// What HCL or Bicep makes of a quoted string; `None` if it ends early or starts a template.
    fn string(text: &str, quote: char, templates: &[(&str, &str)]) -> Option<String> {
        let mut rest = text.strip_prefix(quote)?.strip_suffix(quote)?;
        let mut value = String::new();
        'outer: while let Some(character) = rest.chars().next() {
            for (escaped, plain) in templates {
                if let Some(behind) = rest.strip_prefix(escaped) {
                    value.push_str(plain);
                    rest = behind;
                    continue 'outer;
                }
                if rest.starts_with(plain) {
                    return None;
                }
            }
            rest = &rest[character.len_utf8()..];
            match character {
                '\\' => {
                    let escaped = rest.chars().next().filter(|next| *next == quote || *next == '\\')?;
                    value.push(escaped);
                    rest = &rest[escaped.len_utf8()..];
                }
                character if character == quote => return None,
                character => value.push(character),
            }
        }
        Some(value)
    }

    fn hostile() -> impl Strategy<Value = String> {
        let piece = prop_oneof![
            Just("'".to_owned()),
            Just("\"".to_owned()),
            Just("$(id)".to_owned()),
            Just("${x}".to_owned()),
            Just("%{if}".to_owned()),
            Just("$${".to_owned()),
            Just("`id`".to_owned()),
            Just("\\".to_owned()),
            Just("\n".to_owned()),
            Just("@file".to_owned()),
            Just("--yes".to_owned()),
            Just("\u{2019}".to_owned()),
            Just("; rm".to_owned()),
            "[a-z日本]{0,3}",
        ];
        proptest::collection::vec(piece, 0..6).prop_map(|pieces| pieces.concat())
    }

    proptest! {
        #[test]
        fn every_form_reads_back_what_was_written(text in hostile()) {
            prop_assert_eq!(word_of_shell(&shell(&text)), Some(argument(&text)));
            prop_assert_eq!(string(&hcl(&text), '"', &[("$${", "${"), ("%%{", "%{")]), Some(printable(&text)));
            prop_assert_eq!(string(&bicep(&text), '\'', &[("\\${", "${")]), Some(printable(&text)));
            prop_assert_eq!(line(&text).lines().count() <= 1, true);
        }
    }
}
