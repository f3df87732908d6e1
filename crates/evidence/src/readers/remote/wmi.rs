//! WMI of another machine: errors of PowerShell's cmdlets and of `wmic`, and objects that came back.
//!
//! Texts of errors are translated; names of cmdlets, the ids below an error and codes are not.

use kmsdoctor_core::code::ErrorCode;

use super::{ACCESS_DENIED, Outcome, code_of_text};
use crate::document::Document;
use crate::readers::command_line::{command, is_of_another_machine, names_machine};
use crate::readers::pattern::codes_in;
use crate::readers::sentence::folded;
use crate::readers::{console, objects};

/// Cmdlets, as an error begins with them, and their short names.
const CMDLETS: [&str; 4] = ["get-wmiobject", "get-ciminstance", "gwmi", "gcim"];

/// Lines of an error: its text, place, command and its underline, category, id, each wrapped once or twice.
const ERROR_LINES_MAX: usize = 16;

/// Lines below a command in which its objects begin.
const ANSWER_LINES_MAX: usize = 12;

/// Lines of an error of `wmic`: code, description and facility.
const FIELDS_MAX: usize = 3;

/// What WMI itself denies (`WBEM_E_ACCESS_DENIED`).
const WMI_DENIED: ErrorCode = ErrorCode(0x8004_1003);

pub(super) fn outcomes(document: &Document<'_>) -> Vec<Outcome> {
    let mut outcomes = Vec::new();
    let mut index = 0;
    while index < document.lines.len() {
        let error = error(document, index).or_else(|| error_of_wmic(document, index));
        index += error.as_ref().map_or(1, |outcome| outcome.lines.end() + 1 - index);
        outcomes.extend(error);
    }
    outcomes.extend(successes(document, &outcomes));
    outcomes
}

/// The error of a cmdlet that begins at `first`, if it was pointed at another machine.
fn error(document: &Document<'_>, first: usize) -> Option<Outcome> {
    begins_error(&document.lines.get(first)?.text).then_some(())?;
    let mut said = String::new();
    let mut code = None;
    let mut is_elsewhere = is_of_another_machine(document, first);
    let mut last = first;
    for (at, line) in document.lines.iter().enumerate().skip(first).take(ERROR_LINES_MAX) {
        let text = line.text.trim();
        if at > first && (text.is_empty() || console::is_prompt(text) || begins_error(text)) {
            break;
        }
        last = at;
        said.extend(folded(text));
        code = code.or_else(|| codes_in(text).first().map(|(_, code)| *code));
        is_elsewhere |= text.strip_prefix('+').is_some_and(|shown| names_machine(shown) || is_of_computer(shown));
    }
    let code = code.or_else(|| code_of_id(&said)).or_else(|| code_of_text(&said));
    is_elsewhere.then_some(Outcome { tool: "wmi", code, lines: first..=last })
}

/// `Get-WmiObject : …`
fn begins_error(text: &str) -> bool {
    let Some((cmdlet, _)) = console::labelled(text) else { return false };
    CMDLETS.iter().any(|known| known.eq_ignore_ascii_case(cmdlet))
}

/// `PSComputerName        : PC02`, which stands below errors from elsewhere only.
fn is_of_computer(shown: &str) -> bool {
    console::labelled(shown).is_some_and(|(label, name)| label == "PSComputerName" && !name.is_empty())
}

/// What the ids mean where no code is printed.
fn code_of_id(said: &str) -> Option<ErrorCode> {
    let is_denied = ["accessdenied", "アクセスが拒否されました", "zugriffverweigert"];
    if said.contains("unauthorizedaccessexception") {
        Some(ACCESS_DENIED)
    } else if said.contains("getwmimanagementexception") && is_denied.iter().any(|text| said.contains(text)) {
        Some(WMI_DENIED)
    } else {
        None
    }
}

/// `ERROR:` and `Description = …` below it; labels are translated. A line above names the machine: `Node - PC02`.
fn error_of_wmic(document: &Document<'_>, first: usize) -> Option<Outcome> {
    let heading = document.lines.get(first)?.text.trim();
    heading.ends_with([':', '：']).then_some(())?;
    let above = first.checked_sub(1).and_then(|above| document.lines.get(above)).map_or("", |line| line.text.trim());
    let names_node = above.strip_prefix("Node - ").is_some_and(console::is_host_name);
    let fields = document.lines.iter().skip(first + 1).take(FIELDS_MAX);
    let fields: Vec<&str> = fields.map_while(|line| line.text.split_once(" = ")).map(|(_, value)| value).collect();
    let code = fields.iter().find_map(|value| {
        let code = codes_in(value).first().map(|(_, code)| *code);
        code.or_else(|| code_of_text(&folded(value).collect::<String>()))
    });
    let is_elsewhere = names_node || is_of_another_machine(document, first);
    (is_elsewhere && !fields.is_empty()).then(|| Outcome { tool: "wmi", code, lines: first..=first + fields.len() })
}

/// Commands that another machine answered with objects.
fn successes(document: &Document<'_>, errors: &[Outcome]) -> Vec<Outcome> {
    let asked: Vec<usize> =
        document.lines.iter().enumerate().filter(|(_, line)| asks(&line.text)).map(|(index, _)| index).collect();
    if asked.is_empty() {
        return Vec::new();
    }
    let errors: Vec<usize> = errors.iter().map(|error| *error.lines.start()).collect();
    let answers: Vec<usize> = objects::records(document).iter().map(|record| *record.lines.start()).collect();
    let outcome = |asked: usize| {
        let below = document.lines.iter().enumerate().skip(asked + 1).take(ANSWER_LINES_MAX);
        let last = below.take_while(|(_, line)| !console::is_prompt(&line.text)).last()?.0;
        let first_of = |places: &[usize]| {
            let next = places.partition_point(|place| *place <= asked);
            places.get(next).copied().filter(|place| *place <= last)
        };
        let answer = first_of(&answers).filter(|_| first_of(&errors).is_none())?;
        Some(Outcome { tool: "wmi", code: Some(ErrorCode::SUCCESS), lines: answer..=answer })
    };
    asked.into_iter().filter_map(outcome).collect()
}

/// A command that asks WMI of another machine.
fn asks(text: &str) -> bool {
    let lower = command(text).to_ascii_lowercase();
    let program = lower.split_whitespace().next().unwrap_or_default().trim_matches('"');
    let begins = |names: &[&str]| names.iter().any(|name| program.rsplit(['\\', '/']).next() == Some(*name));
    let is_wmic = begins(&["wmic", "wmic.exe"]);
    let has_cmdlet = CMDLETS.iter().any(|cmdlet| lower.contains(cmdlet));
    let is_cmdlet =
        has_cmdlet && (begins(&CMDLETS) || begins(&["powershell", "powershell.exe"]) || lower.starts_with('('));
    (is_wmic || is_cmdlet) && names_machine(&lower)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use crate::readers::remote::read;
    use crate::readers::testing;

    fn check(input: &str, expect: &str) {
        testing::check(read, input, expect);
    }

    fn failed(line: usize, code: &str) -> String {
        format!("machine remote.tool = wmi @{line}\nmachine remote.code = {code} @{line}")
    }

    const UNAVAILABLE: &str = "
PS C:\\> Get-WmiObject -Class SoftwareLicensingService -Property Version -ComputerName PC02
Get-WmiObject : RPC サーバーを利用できません。 (HRESULT からの例外:0x800706BA)
発生場所 行:1 文字:1
+ Get-WmiObject -Class SoftwareLicensingService -Property Version -Comput ...
+ ~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~
    + CategoryInfo          : InvalidOperation: (:) [Get-WmiObject], COMException
    + FullyQualifiedErrorId : GetWMICOMException,Microsoft.PowerShell.Commands.GetWmiObjectCommand
";

    const DENIED: &str = "
Get-CimInstance : Access is denied.
At line:1 char:1
+ Get-CimInstance -ClassName SoftwareLicensingService -ComputerName PC02
+ ~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~
    + CategoryInfo          : PermissionDenied: (root\\cimv2:SoftwareLicensingService:String) [Get-CimInstance], CimException
    + FullyQualifiedErrorId : HRESULT 0x80070005,Microsoft.Management.Infrastructure.CimCmdlets.GetCimInstanceCommand
    + PSComputerName        : PC02
";

    #[test]
    fn errors_of_cmdlets() {
        check(UNAVAILABLE, &failed(2, "0x800706BA"));
        check(&UNAVAILABLE.replace(" (HRESULT からの例外:0x800706BA)", ""), &failed(2, "0x800706BA"));
        check(DENIED, &failed(1, "0x80070005"));
        // The name of the machine below the error suffices.
        check(&DENIED.replace(" -ComputerName PC02", ""), &failed(1, "0x80070005"));
        check(
            "Get-WmiObject : Access denied\n+ gwmi Win32_BIOS -ComputerName PC02\n    + FullyQualifiedErrorId : GetWMIManagementException,Microsoft.PowerShell.Commands.GetWmiObjectCommand\n",
            &failed(1, "0x80041003"),
        );
        check(
            "Get-WmiObject : アクセスが拒否されました。\n+ gwmi Win32_BIOS -cn PC02\n    + FullyQualifiedErrorId : System.UnauthorizedAccessException,Microsoft.PowerShell.Commands.GetWmi\n   ObjectCommand\n",
            &failed(1, "0x80070005"),
        );
        check(
            "Get-WmiObject : Something new\n+ gwmi Win32_BIOS -ComputerName PC02\n",
            "machine remote.tool = wmi @1\nmachine remote.code unknown Unreadable @1",
        );
    }

    #[test]
    fn errors_of_wmic() {
        let said = "C:\\>wmic /node:PC02 path SoftwareLicensingService get Version\n\nNode - PC02\nERROR:\nDescription = The RPC server is unavailable.\n";
        check(said, &failed(4, "0x800706BA"));
        check(&said.replace("Node - PC02\n", ""), &failed(3, "0x800706BA"));
        check(
            "C:\\>wmic /node:\"PC02\" os get Version\nエラー:\n説明 = アクセスが拒否されました。\n",
            &failed(2, "0x80070005"),
        );
        check("Node - PC02\nERROR:\nCode = 0x80041003\nDescription = x\nFacility = WMI\n", &failed(2, "0x80041003"));
        check("C:\\>wmic os get Version\nERROR:\nDescription = Access is denied.\n", "");
    }

    #[test]
    fn objects_come_back() {
        let command = "PS C:\\> Get-WmiObject -Class SoftwareLicensingService -Property Version -ComputerName PC02\n";
        let object = "\n__GENUS        : 2\nVersion        : 10.0.19041.1\nPSComputerName : PC02\n";
        check(&format!("{command}{object}"), &failed(3, "0x00000000"));
        check(
            "C:\\>wmic /node:PC02 path SoftwareLicensingService get Version /value\n\n\nVersion=10.0.19041.1\n",
            &failed(4, "0x00000000"),
        );
        check(
            &format!("C:\\>powershell -NoProfile -Command \"{}\"\n{object}", &command[8..command.len() - 1]),
            &failed(3, "0x00000000"),
        );
        check(&format!("{command}\nPS C:\\> Get-Thing\n{object}"), "");
    }

    #[test]
    fn wmi_of_the_machine_itself_says_nothing() {
        let here = UNAVAILABLE.replace(" -ComputerName PC02", "").replace(" -Comput ...", "");
        check(&here, "");
        check(&UNAVAILABLE.replace("PC02", "localhost").replace(" -Comput ...", ""), "");
        check(&DENIED.replace(" -ComputerName PC02", "").replace(": PC02", ":"), "");
        check("PS C:\\> Get-CimInstance SoftwareLicensingService\n\nVersion : 10.0.19041.1\n", "");
        check("Get-WmiObject : -ComputerName PC02 did not work", "");
    }

    proptest! {
        #[test]
        fn never_panics_on_damaged_output(damage: (usize, u8, usize)) {
            testing::mutate(read, UNAVAILABLE, damage);
            testing::mutate(read, DENIED, damage);
        }

        #[test]
        fn never_panics(lines in proptest::collection::vec(
            "(Get-WmiObject : |Node - |ERROR:|Description = |slmgr |dir \\\\\\\\|wmic /node:)?(PC02|0x800706BA|admin\\$)?\\PC{0,9}", 0..20,
        )) {
            testing::facts(read, lines.join("\n").as_bytes());
        }
    }

    #[test]
    fn time_is_linear() {
        for piece in [
            "Get-WmiObject :\n",
            "ERROR:\na = b\n",
            "wmic /node:PC02 x\na=b\n",
            "slmgr PC02 /ato\n",
            "dir \\\\PC02\\admin$\n",
        ] {
            testing::facts(read, piece.repeat(200_000 / piece.len()).as_bytes());
        }
    }
}
