//! Permissions that the Software Protection service needs: `icacls` of the licence store, and `Get-Acl` of the registry
//! hive of its account.
//!
//! The service runs as NETWORK SERVICE with an identity of its own (`NT SERVICE\sppsvc`). A store that admits neither is
//! damaged, and so is a hive that NETWORK SERVICE does not control. That the store is sound says nothing of the hive, so
//! the permissions are called sound where both were shown.

use std::ops::RangeInclusive;

use kmsdoctor_core::fact::{Key, Subject, Why};

use super::{command_line, console};
use crate::document::Document;
use crate::sink::Sink;

/// Lines of a listing: an entry each.
const BLOCK_LINES_MAX: usize = 40;

/// Names of the service's identities in the languages whose names are known, in lower case. The first three are the same
/// in every language; the SID with five numbers is the hash of the service's name.
const SERVICE: [&str; 7] = [
    r"nt service\sppsvc",
    "s-1-5-80-123231216-2592883651-3715271367-3753151631-4175906628",
    "s-1-5-20",
    r"nt authority\network service",
    r"nt-autorität\netzwerkdienst",
    r"autorite nt\service réseau",
    r"autorite nt\service reseau",
];

/// The account among them (`Get-Acl` of the hive).
const ACCOUNT_FROM: usize = 2;

/// Authorities whose names tell that the names above are those of this language.
const KNOWN_LANGUAGES: [&str; 3] = [r"nt authority\", r"nt-autorität\", r"autorite nt\"];

/// Paths of the store, in lower case: from Windows 8 on, and on Windows 7.
const STORES: [&str; 2] = [r"\spp\store", r"\microsoft\softwareprotectionplatform"];

/// The hive of NETWORK SERVICE.
const HIVE: &str = r"HKEY_USERS\S-1-5-20";

/// How a refusal ends.
const DENIED: [&str; 3] = ["Access is denied.", "アクセスが拒否されました。", "Zugriff verweigert"];

/// What a listing says.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Says {
    Sound,
    Unreadable,
    NotPermitted,
    Damaged,
}

type Told = Option<(Says, RangeInclusive<usize>)>;

/// Puts the state of the permissions into the sink.
pub(crate) fn read(document: &Document<'_>, sink: &mut Sink<'_>) {
    let (mut store, mut hive): (Told, Told) = (None, None);
    for (index, line) in document.lines.iter().enumerate() {
        let text = line.text.trim();
        if is_store(text) && !command_line::is_of_another_machine(document, index) {
            worse(&mut store, store_listing(document, index));
        } else if console::labelled(text).is_some_and(|(label, path)| label == "PSPath" && path.ends_with(HIVE)) {
            worse(&mut hive, hive_listing(document, index));
        }
    }
    let machine = Subject::machine();
    let key = Key::MachinePermissions;
    let both = store.is_some() && hive.is_some();
    match [store, hive].into_iter().flatten().max_by_key(|(says, _)| *says) {
        Some((Says::Damaged, lines)) => sink.word(&machine, key, "damaged", lines),
        Some((Says::NotPermitted, lines)) => sink.unknown(&machine, key, Why::NotPermitted, lines),
        Some((Says::Unreadable, lines)) => sink.unknown(&machine, key, Why::Unreadable, lines),
        Some((Says::Sound, lines)) if both => sink.word(&machine, key, "sound", lines),
        Some((Says::Sound, lines)) => sink.unknown(&machine, key, Why::NotInEvidence, lines),
        None => {}
    }
}

/// Keeps the worst of several listings (the folder and the file in it).
fn worse(told: &mut Told, found: Told) {
    if let Some((says, lines)) = found
        && told.as_ref().is_none_or(|(known, _)| *known <= says)
    {
        *told = Some((says, lines));
    }
}

/// Whether a listing or a refusal of the store stands here, and not a command.
fn is_store(text: &str) -> bool {
    if !text.contains('\\') || console::is_prompt(text) || !text.contains(':') {
        return false;
    }
    let lower = text.to_lowercase();
    STORES.iter().any(|store| lower.contains(store)) && !lower.contains("icacls")
}

/// The account of an entry such as `NT SERVICE\sppsvc:(OI)(CI)(F)`, with the path before it on the first line, and
/// whether it denies.
fn entry(text: &str) -> Option<(String, bool)> {
    let text = text.trim();
    let (account, rights) = text.split_once(":(")?;
    let is_rights = rights.ends_with(')')
        && rights.chars().all(|character| character.is_ascii_uppercase() || matches!(character, '(' | ')' | ','));
    is_rights.then(|| (account.to_lowercase(), rights.contains("DENY") || rights.ends_with("(N)") || rights == "N)"))
}

fn store_listing(document: &Document<'_>, first: usize) -> Told {
    let text = document.lines[first].text.trim();
    if DENIED.iter().any(|words| text.ends_with(words)) {
        return Some((Says::NotPermitted, first..=first));
    }
    entry(text)?;
    let (mut admits, mut denies, mut is_known, mut is_whole) = (false, false, false, false);
    let mut last = first;
    for (at, line) in document.lines.iter().enumerate().skip(first).take(BLOCK_LINES_MAX) {
        let Some((account, is_denied)) = entry(&line.text).filter(|_| at == first || line.text.starts_with(' ')) else {
            is_whole = true;
            break;
        };
        let is_service = SERVICE.iter().any(|name| account.ends_with(name));
        admits |= is_service && !is_denied;
        denies |= is_service && is_denied;
        is_known |= KNOWN_LANGUAGES.iter().any(|authority| account.contains(authority));
        last = at;
    }
    let says = match (admits && !denies, denies || (is_whole && is_known)) {
        (true, _) => Says::Sound,
        (false, true) => Says::Damaged,
        // Cut off, or in a language whose names are not known.
        (false, false) => Says::Unreadable,
    };
    Some((says, first..=last))
}

/// `AccessToString : NT AUTHORITY\NETWORK SERVICE Allow  FullControl`, an entry a line; the rights are not translated.
fn hive_listing(document: &Document<'_>, first: usize) -> Told {
    let mut rights: Option<(bool, bool)> = None;
    let mut last = first;
    for (at, line) in document.lines.iter().enumerate().skip(first + 1).take(BLOCK_LINES_MAX) {
        let (label, text) = console::labelled(&line.text).unwrap_or(("", line.text.trim()));
        let goes_on = line.text.starts_with(' ') && rights.is_some();
        if label == "AccessToString" {
            rights = Some((false, false));
        } else if line.text.trim().is_empty() {
            break;
        } else if !goes_on {
            continue;
        }
        last = at;
        let text = text.to_lowercase();
        let is_account = SERVICE[ACCOUNT_FROM..].iter().any(|name| text.starts_with(name));
        if let Some((controls, is_known)) = &mut rights {
            *controls |= is_account && text.contains("allow") && text.contains("fullcontrol");
            *is_known |= KNOWN_LANGUAGES.iter().any(|authority| text.starts_with(authority));
        }
    }
    let says = match rights? {
        (true, _) => Says::Sound,
        (false, true) if last + 1 < document.lines.len() => Says::Damaged,
        (false, _) => Says::Unreadable,
    };
    Some((says, first..=last))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::readers::testing;

    fn check(input: &str, expect: &str) {
        testing::check(read, input, expect);
    }

    const STORE: &str = r"
C:\>icacls C:\Windows\System32\spp\store\2.0
C:\Windows\System32\spp\store\2.0 NT SERVICE\sppsvc:(OI)(CI)(F)
                                  BUILTIN\Administrators:(OI)(CI)(F)
                                  NT AUTHORITY\SYSTEM:(OI)(CI)(F)

Successfully processed 1 files; Failed processing 0 files
";
    const HIVE: &str = r"
PSPath         : Microsoft.PowerShell.Core\Registry::HKEY_USERS\S-1-5-20
Owner          : BUILTIN\Administrators
AccessToString : NT AUTHORITY\NETWORK SERVICE Allow  FullControl
                 NT AUTHORITY\SYSTEM Allow  FullControl

";

    #[test]
    fn a_store_that_does_not_admit_the_service() {
        let without = STORE.replace(r"NT SERVICE\sppsvc", r"CREATOR OWNER");
        check(&without, "machine machine.permissions = damaged @2");
        check(
            &without.replace("CREATOR OWNER", r"NT AUTHORITY\NETWORK SERVICE"),
            "machine machine.permissions unknown NotInEvidence @2",
        );
        check(
            &STORE.replace(r"NT SERVICE\sppsvc:(OI)(CI)(F)", r"NT SERVICE\sppsvc:(OI)(CI)(DENY)(W)"),
            "machine machine.permissions = damaged @2",
        );
    }

    #[test]
    fn german_names_and_unknown_ones() {
        let german = r"
C:\Windows\System32\spp\store\2.0\tokens.dat VORDEFINIERT\Administratoren:(F)
                                             NT-AUTORITÄT\SYSTEM:(F)
1 Dateien erfolgreich verarbeitet";
        check(german, "machine machine.permissions = damaged @1");
        check(
            &german.replace(r"NT-AUTORITÄT\SYSTEM", r"NT-AUTORITÄT\Netzwerkdienst"),
            "machine machine.permissions unknown NotInEvidence @1",
        );
        check(
            &german.replace(r"NT-AUTORITÄT\SYSTEM", r"ZARZĄDZANIE NT\SYSTEM"),
            "machine machine.permissions unknown Unreadable @1",
        );
    }

    #[test]
    fn a_listing_that_is_cut_off_shows_no_absence() {
        check(
            "C:\\Windows\\System32\\spp\\store\\2.0 NT AUTHORITY\\SYSTEM:(OI)(CI)(F)",
            "machine machine.permissions unknown Unreadable @1",
        );
    }

    #[test]
    fn sound_takes_both() {
        check(&format!("{STORE}{HIVE}"), "machine machine.permissions = sound @8");
        check(HIVE, "machine machine.permissions unknown NotInEvidence @1");
        check(
            &HIVE.replace("NETWORK SERVICE Allow  FullControl", "RESTRICTED Allow  ReadKey"),
            "machine machine.permissions = damaged @1",
        );
        check(
            &format!("{}{HIVE}", STORE.replace(r"NT SERVICE\sppsvc", "CREATOR OWNER")),
            "machine machine.permissions = damaged @2",
        );
    }

    #[test]
    fn refusals_commands_and_other_folders() {
        check(
            "C:\\Windows\\System32\\spp\\store\\2.0: アクセスが拒否されました。",
            "machine machine.permissions unknown NotPermitted @1",
        );
        check("icacls C:\\Windows\\System32\\spp\\store\\2.0 /grant \"NT AUTHORITY\\SYSTEM:(F)\"", "");
        check("C:\\Temp NT AUTHORITY\\SYSTEM:(OI)(CI)(F)\n\n", "");
    }

    proptest! {
        #[test]
        fn never_panics(lines in proptest::collection::vec(
            "(C:\\\\Windows\\\\System32\\\\spp\\\\store |NT SERVICE\\\\sppsvc:\\(|PSPath : HKEY_USERS\\\\S-1-5-20|AccessToString : | )?\\PC{0,12}(:\\(F\\))?", 0..20,
        )) {
            testing::facts(read, lines.join("\n").as_bytes());
        }
    }
}
