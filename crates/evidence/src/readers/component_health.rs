//! `sfc`, `DISM /CheckHealth` and `Repair-WindowsImage`: whether system files are damaged; `DISM /Get-CurrentEdition`;
//! and that DISM refused to run without administrator rights.

use kmsdoctor_core::fact::{Key, Subject, Value};

use super::{command_line, console, edition, sentence};
use crate::document::Document;
use crate::sink::Sink;

/// How the result of `sfc` begins.
const SFC: [&str; 3] = ["Windows Resource Protection", "Windows リソース保護", "Der Windows-Ressourcenschutz"];

/// How the result of DISM begins.
const DISM: [&str; 8] = [
    "No component store corruption",
    "The component store ",
    "コンポーネント ストアの",
    "コンポーネント ストアは",
    "コンポーネント ストアを",
    "Der Komponentenspeicher ",
    "Es wurde keine Beschädigung des Komponentenspeichers",
    "Es wurde keine Komponentenspeicherbeschädigung",
];

/// What the sentences say, without blanks and in lower case; the first that is found counts.
const MEANINGS: [(&str, bool); 28] = [
    ("didnotfindanyintegrityviolations", false),
    ("foundintegrityviolations", true),
    ("unabletofix", true),
    ("successfullyrepaired", false),
    ("整合性違反を検出しませんでした", false),
    ("整合性違反は検出されませんでした", false),
    ("整合性違反が検出されませんでした", false),
    ("整合性違反は見つかりませんでした", false),
    ("整合性違反を検出しました", true),
    ("整合性違反が検出されました", true),
    ("整合性違反が見つかりました", true),
    ("修復できませんでした", true),
    ("正常に修復されました", false),
    ("keineintegritätsverletzungengefunden", false),
    ("integritätsverletzungengefunden", true),
    ("erfolgreichrepariert", false),
    ("nichtreparieren", true),
    ("nocomponentstorecorruptiondetected", false),
    ("componentstoreisrepairable", true),
    ("componentstorecannotberepaired", true),
    ("componentstorecorruptionwasrepaired", false),
    ("破損は検出されませんでした", false),
    ("修復できます", true),
    ("修復できません", true),
    ("破損は修復されました", false),
    ("komponentenspeicherkannrepariertwerden", true),
    ("komponentenspeicherkannnichtrepariertwerden", true),
    ("eswurdekeine", false),
];

/// Labels of the edition (DISM and `Get-WindowsEdition`).
const EDITION: [&str; 7] = [
    "Current Edition",
    "現在のエディション",
    "Aktuelle Edition",
    "当前版本",
    "目前版本",
    "현재 버전",
    "Édition actuelle",
];

/// `ERROR_ELEVATION_REQUIRED`.
const ELEVATION_REQUIRED: &str = "740";

/// Lines below the error's number in which DISM names itself.
const ERROR_LINES_MAX: usize = 4;

/// The tools that look at system files.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Tool {
    Sfc,
    Dism,
}

/// Puts what the tools say into the sink.
pub(crate) fn read(document: &Document<'_>, sink: &mut Sink<'_>) {
    let machine = Subject::machine();
    let mut last: [Option<(bool, usize, usize)>; 2] = [None, None];
    for (index, line) in document.lines.iter().enumerate() {
        let text = line.text.trim();
        if let Some((tool, is_damaged, end)) = result(document, index) {
            last[usize::from(tool == Tool::Dism)] = Some((is_damaged, index, end));
        } else if let Some((label, value)) = console::labelled(text) {
            if EDITION.contains(&label) && !is_offline(document, index) {
                edition::tell(value, index..=index, sink);
            } else if label == "ImageHealthState" {
                let is_damaged = match value {
                    "Healthy" => false,
                    "Repairable" | "NonRepairable" => true,
                    _ => continue,
                };
                last[1] = Some((is_damaged, index, index));
            } else if value == ELEVATION_REQUIRED && is_of_dism(document, index) {
                sink.present(&machine, Key::MachineElevated, Value::Flag(false), index..=index);
            }
        }
    }
    // Each tool looks at other files, so damage that one of them still reports is damage.
    let told = last.into_iter().flatten().max_by_key(|(is_damaged, index, _)| (*is_damaged, *index));
    if let Some((is_damaged, first, end)) = told {
        sink.present(&machine, Key::MachineFilesDamaged, Value::Flag(is_damaged), first..=end);
    }
}

/// What the sentence that begins at `index` says, and where it ends.
fn result(document: &Document<'_>, index: usize) -> Option<(Tool, bool, usize)> {
    // Most lines end here.
    let text = &document.lines[index].text;
    if !["ource", "ompon", "リ", "コ"].iter().any(|part| text.contains(part)) {
        return None;
    }
    let (tool, (sentence, end)) = sentence::beginning(document, index, &SFC)
        .map(|found| (Tool::Sfc, found))
        .or_else(|| Some((Tool::Dism, sentence::beginning(document, index, &DISM)?)))?;
    let (_, is_damaged) = MEANINGS.iter().find(|(words, _)| sentence.contains(words))?;
    Some((tool, *is_damaged, end))
}

/// Whether the command above looked at an image that is not this machine's Windows.
fn is_offline(document: &Document<'_>, index: usize) -> bool {
    let above = document.lines.get(..index).unwrap_or_default().iter().rev().take(ERROR_LINES_MAX * 4);
    let mut commands = above.map(|line| command_line::command(&line.text).to_ascii_lowercase());
    commands.find(|command| command.starts_with("dism")).is_some_and(|command| command.contains("/image:"))
}

fn is_of_dism(document: &Document<'_>, index: usize) -> bool {
    let below = document.lines.iter().skip(index + 1).take(ERROR_LINES_MAX);
    below.map(|line| line.text.trim()).any(|text| text.contains("DISM"))
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
    fn sfc() {
        let whole = "machine machine.files-damaged = false @1";
        let damaged = "machine machine.files-damaged = true @1";
        check("Windows Resource Protection did not find any integrity violations.", whole);
        check(
            "Windows Resource Protection found integrity violations. For online repairs,\ndetails are included",
            damaged,
        );
        check("Windows Resource Protection found corrupt files but was unable to fix some\nof them.", damaged);
        check("Windows Resource Protection found corrupt files and successfully repaired them.", whole);
        check("Windows リソース保護は、整合性違反を検出しませんでした。", whole);
        check(
            "Windows リソース保護により、破損したファイルが見つかりましたが、それらの一部は修復できま\nせんでした。",
            damaged,
        );
        check("Windows リソース保護により、破損したファイルが見つかり、それらは正常に修復されました。", whole);
        check("Der Windows-Ressourcenschutz hat keine Integritätsverletzungen gefunden.", whole);
        check("Windows Resource Protection could not perform the requested operation.", "");
    }

    #[test]
    fn dism() {
        let whole = "machine machine.files-damaged = false @1";
        let damaged = "machine machine.files-damaged = true @1";
        check("No component store corruption detected.\nThe operation completed successfully.", whole);
        check("The component store is repairable.", damaged);
        check("The component store cannot be repaired.", damaged);
        check("コンポーネント ストアの破損は検出されませんでした。", whole);
        check("コンポーネント ストアは修復できます。\n操作は正常に完了しました。", damaged);
        check("Der Komponentenspeicher kann repariert werden.", damaged);
        check("ImageHealthState : Repairable", damaged);
        check("We found that the component store is repairable.", "");
    }

    #[test]
    fn damage_that_one_tool_reports_is_damage() {
        check(
            "The component store is repairable.\n\nWindows Resource Protection did not find any integrity violations.",
            "machine machine.files-damaged = true @1",
        );
        check(
            "The component store is repairable.\n\nNo component store corruption detected.",
            "machine machine.files-damaged = false @3",
        );
    }

    #[test]
    fn the_current_edition() {
        check(
            "Current edition is:\n\nCurrent Edition : ServerStandardEval\n\nThe operation completed successfully.",
            "machine machine.edition = ServerStandardEval @3
             machine machine.edition-class = evaluation @3",
        );
        check(
            "現在のエディション:\n\n現在のエディション : Core\n",
            "machine machine.edition = Core @3
             machine machine.edition-class = home @3",
        );
        check("C:\\>dism /image:D:\\ /get-currentedition\n\nCurrent Edition : Core", "");
        check("Target Edition : ServerDatacenter", "");
    }

    #[test]
    fn not_elevated() {
        check(
            "Error: 740\n\nElevated permissions are required to run DISM.\nUse an elevated command prompt",
            "machine machine.elevated = false @1",
        );
        check("エラー: 740\n\nDISM を実行するには、管理者特権が必要です。", "machine machine.elevated = false @1");
        check("Error: 740\n\nSomething else", "");
    }

    proptest! {
        #[test]
        fn never_panics(lines in proptest::collection::vec(
            "(Windows Resource Protection |The component store |コンポーネント ストアは|Current Edition : |Error: 740)?\\PC{0,12}", 0..20,
        )) {
            testing::facts(read, lines.join("\n").as_bytes());
        }
    }
}
