//! `whoami /groups`: the mandatory label tells whether the session runs with administrator rights.

use kmsdoctor_core::fact::{Key, Subject, Value};

use crate::document::Document;
use crate::sink::Sink;

/// Mandatory labels ([MS-DTYP] section 2.4.2.4, read on 2026-11-23) and whether they come with administrator rights.
const LABELS: [(&str, bool); 6] = [
    ("S-1-16-0", false),
    ("S-1-16-4096", false),
    ("S-1-16-8192", false),
    ("S-1-16-8448", false),
    ("S-1-16-12288", true),
    ("S-1-16-16384", true),
];

/// Lines above a SID in which its group's name is looked for.
const NAME_LINES_MAX: usize = 2;

/// Puts the rights of the session into the sink.
pub(crate) fn read(document: &Document<'_>, sink: &mut Sink<'_>) {
    for (index, line) in document.lines.iter().enumerate() {
        let text = line.text.trim();
        let label =
            text.split([' ', '\t', '"', ',', '　']).find_map(|word| LABELS.iter().find(|(sid, _)| *sid == word));
        let Some((sid, elevated)) = label else { continue };
        let before = text.split_once(sid).map_or("", |(before, _)| before);
        if let Some(name) = name_above(document, index, before) {
            sink.present(&Subject::machine(), Key::MachineElevated, Value::Flag(*elevated), name..=index);
        }
    }
}

/// The line with the group's name, which stands before the SID, or above it in wrapped lines and lists (`SID: S-1-…`).
/// Prose about SIDs has none.
fn name_above(document: &Document<'_>, index: usize, before: &str) -> Option<usize> {
    if before.contains('\\') {
        return Some(index);
    }
    let alone = before.split_whitespace().count() <= 1;
    let mut above = (index.saturating_sub(NAME_LINES_MAX)..index).rev().filter(|_| alone);
    above.find(|line| document.lines[*line].text.contains('\\'))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::readers::testing;

    fn check(input: &str, expect: &str) {
        testing::check(read, input, expect);
    }

    #[test]
    fn labels_in_several_languages() {
        check(
            "
Group Name                             Type             SID
====================================== ================ ============
Everyone                               Well-known group S-1-1-0
Mandatory Label\\High Mandatory Level   Label            S-1-16-12288
",
            "machine machine.elevated = true @4",
        );
        check("Mandatory Label\\Medium Mandatory Level  ラベル  S-1-16-8192", "machine machine.elevated = false @1");
        check(
            "Verbindliche Beschriftung\\Systemebene   Bezeichnung  S-1-16-16384",
            "machine machine.elevated = true @1",
        );
        check(
            "\"Mandatory Label\\High Mandatory Level\",\"Label\",\"S-1-16-12288\",\"\"",
            "machine machine.elevated = true @1",
        );
    }

    #[test]
    fn wrapped_lines_and_lists() {
        check("Mandatory Label\\High Mandatory Level Label\n   S-1-16-12288", "machine machine.elevated = true @1");
        check(
            "Group Name: Mandatory Label\\Medium Mandatory Level\nType:  Label\nSID:  S-1-16-8192",
            "machine machine.elevated = false @1",
        );
    }

    #[test]
    fn prose_and_other_groups_say_nothing() {
        check("S-1-16-12288 is the label of an elevated session.", "");
        check("C:\\Windows\nThe label S-1-16-12288 is that of an elevated session.", "");
        check("BUILTIN\\Users    Alias    S-1-5-32-545", "");
        check("X\\Y  Label S-1-16-122880", "");
    }

    proptest! {
        #[test]
        fn never_panics(text in "(\\PC|\n|S-1-16-12288|\\\\){0,40}") {
            testing::facts(read, text.as_bytes());
        }
    }
}
