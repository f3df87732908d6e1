//! `whoami /groups` and `/priv`: the mandatory label, or the privileges, tell whether the session runs with administrator
//! rights.

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

/// A privilege that everybody has, so that a list without it is no list of `whoami /priv`.
const EVERYBODY: &str = "SeChangeNotifyPrivilege";

/// Privileges that administrators have by default and nobody else. The filtered token of a session that is not elevated
/// has none of them.
const ADMINISTRATORS: [&str; 5] = [
    "SeTakeOwnershipPrivilege",
    "SeLoadDriverPrivilege",
    "SeSecurityPrivilege",
    "SeDebugPrivilege",
    "SeSystemEnvironmentPrivilege",
];

/// Of these a list has as many before it says that the session is elevated: one alone may have been given to a user.
const ADMINISTRATORS_MIN: usize = 3;

/// Rows of a list below which it may be cut off; a user of a domain has five.
const PRIVILEGES_MIN: usize = 4;

/// Puts the rights of the session into the sink.
pub(crate) fn read(document: &Document<'_>, sink: &mut Sink<'_>) {
    labels(document, sink);
    privileges(document, sink);
}

/// Lists of privileges: rows that begin with a name, which is not translated, one below the other.
fn privileges(document: &Document<'_>, sink: &mut Sink<'_>) {
    let mut rows: Vec<(&str, usize)> = Vec::new();
    for (index, line) in document.lines.iter().enumerate() {
        let name = privilege(&line.text);
        rows.extend(name.map(|name| (name, index)));
        let goes_on = name.is_some() || line.text.starts_with(' ');
        if !goes_on || index + 1 == document.lines.len() {
            list(&rows, sink);
            rows.clear();
        }
    }
}

fn privilege(text: &str) -> Option<&str> {
    let name = text.trim_start_matches('"').split(['"', ' ', '\t']).next()?;
    (name.starts_with("Se") && name.ends_with("Privilege") && name.len() < text.trim().len()).then_some(name)
}

fn list(rows: &[(&str, usize)], sink: &mut Sink<'_>) {
    let find = |name: &str| rows.iter().find(|(known, _)| *known == name).map(|(_, index)| *index);
    let Some(everybody) = find(EVERYBODY) else { return };
    let administrators: Vec<usize> = ADMINISTRATORS.into_iter().filter_map(find).collect();
    let (is_elevated, line) = match administrators.as_slice() {
        [first, rest @ ..] if rest.len() + 1 >= ADMINISTRATORS_MIN => (true, *first),
        [] if rows.len() >= PRIVILEGES_MIN => (false, everybody),
        _ => return,
    };
    sink.present(&Subject::machine(), Key::MachineElevated, Value::Flag(is_elevated), line..=line);
}

fn labels(document: &Document<'_>, sink: &mut Sink<'_>) {
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
    fn privileges() {
        check(
            "
PRIVILEGES INFORMATION
----------------------

Privilege Name                Description                          State
============================= ==================================== ========
SeShutdownPrivilege           Shut down the system                 Disabled
SeChangeNotifyPrivilege       Bypass traverse checking             Enabled
SeUndockPrivilege             Remove computer from docking station Disabled
SeIncreaseWorkingSetPrivilege Increase a process working set       Disabled
",
            "machine machine.elevated = false @7",
        );
        check(
            "
SeTakeOwnershipPrivilege  ファイルとその他のオブジェクトの所有権の取得 無効
SeSecurityPrivilege       監査とセキュリティ ログの管理     無効
SeLoadDriverPrivilege     デバイス ドライバーのロードとアンロード 無効
SeChangeNotifyPrivilege   走査チェックのバイパス           有効
",
            "machine machine.elevated = true @1",
        );
        check("SeChangeNotifyPrivilege       Bypass traverse checking             Enabled", "");
        check("SeDebugPrivilege is not among SeChangeNotifyPrivilege and others", "");
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
        fn never_panics(text in "(\\PC|\n|S-1-16-12288|SeDebugPrivilege |\\\\){0,40}") {
            testing::facts(read, text.as_bytes());
        }
    }
}
