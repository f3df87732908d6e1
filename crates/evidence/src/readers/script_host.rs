//! Whether `slmgr.vbs` can run: errors of the script host, the capability `VBSCRIPT` (DISM and PowerShell), and the
//! setting that turns the script host off.

use kmsdoctor_core::fact::{Key, Subject, Why};

use super::{command_line, console, sentence};
use crate::document::Document;
use crate::sink::Sink;

/// Errors of the script host (cscript.exe strings 3201, 3208, 3209, 3309) and what they mean.
const ERRORS: [(&str, &str); 15] = [
    ("There is no script engine for file extension \".vbs\"", "missing"),
    ("ファイル拡張子 \".vbs\" を持つスクリプト エンジンはありません", "missing"),
    ("ファイル拡張子 \".vbs\" のスクリプト エンジンがありません", "missing"),
    ("Für die Dateierweiterung \".vbs\" gibt es kein Skriptmodul", "missing"),
    ("Can't find script engine \"VBScript\" for script", "missing"),
    ("Skriptmodul \"VBScript\" für Skript", "missing"),
    ("Windows Script Host access is disabled on this machine", "disabled"),
    ("Windows Script Host へのアクセスがこのコンピュータ上で無効にされています", "disabled"),
    ("Windows Script Host へのアクセスがこのコンピューター上で無効にされています", "disabled"),
    ("このコンピューターでは Windows Script Host へのアクセスが無効", "disabled"),
    ("Der Zugriff auf Windows Script Host wurde für diesem Computer deaktiviert", "disabled"),
    ("Der Zugriff auf Windows Script Host wurde für diesen Computer deaktiviert", "disabled"),
    ("Attempt to execute Windows Script Host while it is disabled", "disabled"),
    ("Windows Script Host が無効にされている状態で実行しようとしました", "disabled"),
    ("Es wird versucht, Windows Script Host auszuführen, obwohl das Programm deaktiviert ist", "disabled"),
];

/// The capability as DISM and PowerShell name it.
const CAPABILITY: &str = "VBSCRIPT~~~~";

/// Lines below the name in which the state stands.
const STATE_LINES_MAX: usize = 3;

/// Words for states of a capability.
const INSTALLED: [&str; 7] = ["installed", "インストール済み", "installiert", "已安装", "已安裝", "설치됨", "installé"];
const NOT_PRESENT: [&str; 10] = [
    "not present",
    "notpresent",
    "removed",
    "staged",
    "存在しません",
    "なし",
    "nicht vorhanden",
    "不存在",
    "존재하지 않음",
    "absent",
];

/// The key with the setting, in lower case.
const SETTINGS: &str = r"\software\microsoft\windows script host\settings";

/// Puts what is told of the script host into the sink.
pub(crate) fn read(document: &Document<'_>, sink: &mut Sink<'_>) {
    let machine = Subject::machine();
    let mut in_settings = false;
    for (index, line) in document.lines.iter().enumerate() {
        let text = line.text.trim();
        if (text.contains("cript") || text.contains("拡張子") || text.contains("kript"))
            && let Some((word, last)) = sentence::find(document, index, &ERRORS)
        {
            sink.word(&machine, Key::MachineScriptHost, word, index..=last);
        } else if text.contains(CAPABILITY) {
            match capability(document, index) {
                _ if command_line::is_of_another_machine(document, index) => {}
                Some((Some(word), last)) => sink.word(&machine, Key::MachineScriptHost, word, index..=last),
                Some((None, last)) => sink.unknown(&machine, Key::MachineScriptHost, Why::Unreadable, index..=last),
                None => {}
            }
        } else if text.starts_with("HKEY_") || text.starts_with("[HKEY_") {
            in_settings = text.trim_end_matches(']').to_ascii_lowercase().ends_with(SETTINGS);
        } else if in_settings && is_off(text) {
            sink.word(&machine, Key::MachineScriptHost, "disabled", index..=index);
        }
    }
}

/// The state of the capability named at `index`, where it can be read, and the line that tells it.
fn capability(document: &Document<'_>, index: usize) -> Option<(Option<&'static str>, usize)> {
    let text = document.lines[index].text.trim();
    // `VBSCRIPT~~~~ | Installed`, or columns of PowerShell.
    if let Some(rest) = text.strip_prefix(CAPABILITY) {
        return Some((Some(state(rest.trim_matches(['|', ' ', '\t']))?), index));
    }
    let (label, CAPABILITY) = console::labelled(text)? else { return None };
    if label.contains('/') {
        return None;
    }
    let mut below = document.lines.iter().enumerate().skip(index + 1).take(STATE_LINES_MAX);
    let (at, value) = below.find_map(|(at, line)| Some((at, console::labelled(&line.text)?.1)))?;
    Some((state(value), at))
}

fn state(value: &str) -> Option<&'static str> {
    let value = value.trim().to_lowercase();
    if INSTALLED.contains(&value.as_str()) {
        // What a policy says of the script host is not seen here.
        Some("available")
    } else if NOT_PRESENT.contains(&value.as_str()) {
        Some("missing")
    } else {
        None
    }
}

/// `Enabled    REG_DWORD    0x0` or `"Enabled"=dword:00000000`; the value may be text.
fn is_off(text: &str) -> bool {
    let words: Vec<&str> = text.split_whitespace().take(4).collect();
    match words.as_slice() {
        ["Enabled", kind, value] if kind.starts_with("REG_") => matches!(*value, "0x0" | "0"),
        [line] => matches!(*line, "\"Enabled\"=dword:00000000" | "\"Enabled\"=\"0\""),
        _ => false,
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
    fn errors_on_screen() {
        check(
            "C:\\>cscript //nologo slmgr.vbs /dlv\nInput Error: There is no script engine for file extension \".vbs\".",
            "machine machine.script-host = missing @2",
        );
        check(
            "入力エラー: ファイル拡張子 \".vbs\" を持つスクリプト エンジンは\nありません。",
            "machine machine.script-host = missing @1",
        );
        check(
            "CScript Error: Can't find script engine \"VBScript\" for script \"C:\\Windows\\system32\\slmgr.vbs\".",
            "machine machine.script-host = missing @1",
        );
        check(
            "CScript Error: Windows Script Host access is disabled on this machine. Contact your adm\ninistrator for details.",
            "machine machine.script-host = disabled @1",
        );
        check(
            "CScript エラー: Windows Script Host へのアクセスがこのコンピュータ上で無効にされています。詳細については",
            "machine machine.script-host = disabled @1",
        );
        check(
            "CScript-Fehler: Der Zugriff auf Windows Script Host wurde für diesem Computer\ndeaktiviert. Wenden Sie sich",
            "machine machine.script-host = disabled @1",
        );
        check("The page says that there is no script engine for file extension \".vbs\" then.", "");
        check("Input Error: There is no script engine for file extension \".py\".", "");
    }

    #[test]
    fn the_capability() {
        check("Capability Identity : VBSCRIPT~~~~\nState : Not Present\n", "machine machine.script-host = missing @1");
        check("機能 ID : VBSCRIPT~~~~\n状態 : インストール済み\n", "machine machine.script-host = available @1");
        check("Name  : VBSCRIPT~~~~\nState : NotPresent\n", "machine machine.script-host = missing @1");
        check("Name  : VBSCRIPT~~~~\nState : Uninstall Pending\n", "machine machine.script-host unknown Unreadable @1");
        check("VBSCRIPT~~~~                          | Installed", "machine machine.script-host = available @1");
        check("DISM /Online /Get-CapabilityInfo /CapabilityName:VBSCRIPT~~~~\n\nState : Installed", "");
    }

    #[test]
    fn the_setting() {
        check(
            "HKEY_LOCAL_MACHINE\\SOFTWARE\\Microsoft\\Windows Script Host\\Settings\n    Enabled    REG_DWORD    0x0",
            "machine machine.script-host = disabled @2",
        );
        check(
            "[HKEY_LOCAL_MACHINE\\SOFTWARE\\Microsoft\\Windows Script Host\\Settings]\n\"Enabled\"=\"0\"",
            "machine machine.script-host = disabled @2",
        );
        check(
            "HKEY_LOCAL_MACHINE\\SOFTWARE\\Microsoft\\Windows Script Host\\Settings\n    Enabled    REG_DWORD    0x1",
            "",
        );
        check("HKEY_LOCAL_MACHINE\\SOFTWARE\\Contoso\n    Enabled    REG_DWORD    0x0", "");
    }

    proptest! {
        #[test]
        fn never_panics(lines in proptest::collection::vec(
            "(VBSCRIPT~~~~|State : |Windows Script Host |Input Error: |HKEY_| : |Enabled)?\\PC{0,12}", 0..20,
        )) {
            testing::facts(read, lines.join("\n").as_bytes());
        }
    }
}
