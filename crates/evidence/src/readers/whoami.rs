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

/// Puts the rights of the session into the sink.
pub(crate) fn read(document: &Document<'_>, sink: &mut Sink<'_>) {
    let mut above = "";
    for (index, line) in document.lines.iter().enumerate() {
        let text = line.text.trim();
        let label =
            text.split([' ', '\t', '"', ',', '　']).find_map(|word| LABELS.iter().find(|(sid, _)| *sid == word));
        if let Some((sid, elevated)) = label {
            // The group's name stands before the SID, or above it in lists and wrapped lines; prose about SIDs has none.
            let before = text.split_once(sid).map_or("", |(before, _)| before);
            let first =
                if before.contains('\\') { Some(index) } else { index.checked_sub(1).filter(|_| above.contains('\\')) };
            if let Some(first) = first {
                sink.present(&Subject::machine(), Key::MachineElevated, Value::Flag(*elevated), first..=index);
            }
        }
        // Lists put one or two lines between the name and its SID.
        if text.contains('\\') || text.is_empty() {
            above = text;
        }
    }
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
            "machine machine.elevated = false @2",
        );
    }

    #[test]
    fn prose_and_other_groups_say_nothing() {
        check("S-1-16-12288 is the label of an elevated session.", "");
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
