//! Command lines in transcripts: what was asked, and whether it was asked of another machine.

use crate::document::Document;
use crate::readers::console;

/// Lines above an answer in which its command is looked for.
const ABOVE_MAX: usize = 16;

/// Names of the machine itself.
const HERE: [&str; 7] = [".", "localhost", "127.0.0.1", "::1", "%computername%", "$env:computername", "$(hostname)"];

/// The option of cmdlets that names a machine; it may be shortened to this.
const COMPUTER_OPTION: &str = "-computername";
const COMPUTER_OPTION_MIN: &str = "-comp";

/// Tools whose `/s` names a machine; elsewhere it means subkeys or subfolders.
const TOOLS_WITH_SYSTEM: [&str; 3] = ["systeminfo", "schtasks", "gpresult"];

/// What stands behind the prompt, or the whole line where there is none.
pub(crate) fn command(text: &str) -> &str {
    let text = text.trim();
    if !console::is_prompt(text) {
        return text;
    }
    let behind = text.split_once('>').or_else(|| text.split_once("]$"));
    behind.map_or("", |(_, command)| command.trim())
}

/// The commands of a line, those behind `&`, `|` and `;` each on its own.
pub(crate) fn commands(text: &str) -> impl Iterator<Item = &str> {
    command(text).split(['&', '|', ';']).map(str::trim).filter(|command| !command.is_empty())
}

/// Arguments of `command`, if its program is one of `programs` (in lower case, without `.exe`).
pub(crate) fn arguments_of<'t>(command: &'t str, programs: &[&str]) -> Option<Vec<&'t str>> {
    let mut words = command.split_whitespace();
    let program = words.next()?.trim_matches('"').rsplit(['\\', '/']).next()?;
    let is_exe =
        program.len() > 4 && program.get(program.len() - 4..).is_some_and(|end| end.eq_ignore_ascii_case(".exe"));
    let name = if is_exe { program.get(..program.len() - 4)? } else { program };
    programs.iter().any(|known| known.eq_ignore_ascii_case(name)).then(|| words.collect())
}

/// The nearest prompt with a command above line `index`.
fn asked<'d>(document: &'d Document<'_>, index: usize) -> Option<&'d str> {
    let above = document.lines.get(..index).unwrap_or_default();
    let mut above = above.iter().rev().take(ABOVE_MAX).map(|line| line.text.as_str());
    above.find(|text| console::is_prompt(text)).map(command)
}

/// Whether the command above line `index` was asked of another machine: what it answers is none of this one's.
pub(crate) fn is_of_another_machine(document: &Document<'_>, index: usize) -> bool {
    asked(document, index).is_some_and(names_machine)
}

/// Whether a command names another machine that it is about.
pub(crate) fn names_machine(command: &str) -> bool {
    let lower = command.to_ascii_lowercase();
    let has_system = TOOLS_WITH_SYSTEM.iter().any(|tool| lower.contains(tool));
    let mut words = lower.split_whitespace().peekable();
    while let Some(word) = words.next() {
        let named = match word {
            "-cn" | "-cimsession" => words.peek().copied(),
            _ if word.starts_with(COMPUTER_OPTION_MIN) && COMPUTER_OPTION.starts_with(word) => words.peek().copied(),
            "/s" | "-s" if has_system => words.peek().copied(),
            _ => ["/server:", "/node:", r"\\"].iter().find_map(|prefix| word.strip_prefix(prefix)),
        };
        if named.is_some_and(is_name_of_another_machine) {
            return true;
        }
    }
    false
}

/// Whether `name`, as a command gives it, is not that of the machine itself.
pub(crate) fn is_name_of_another_machine(name: &str) -> bool {
    let name = name.trim_matches(['"', '\'']).to_ascii_lowercase();
    !name.is_empty() && !HERE.contains(&name.as_str()) && !name.starts_with(['.', '?'])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_stand_behind_prompts() {
        assert_eq!(command(r"C:\Users\mia>net start sppsvc"), "net start sppsvc");
        assert_eq!(command(r"PS C:\> Get-Service"), "Get-Service");
        assert_eq!(command("sc query sppsvc"), "sc query sppsvc");
        assert_eq!(commands(r"C:\>ver & sc qc sppsvc").collect::<Vec<_>>(), ["ver", "sc qc sppsvc"]);
        assert_eq!(arguments_of(r"C:\Windows\System32\SC.exe qc sppsvc", &["sc"]), Some(vec!["qc", "sppsvc"]));
        assert_eq!(arguments_of("script qc", &["sc"]), None);
    }

    #[test]
    fn other_machines_are_named() {
        for command in [
            r"sc \\pc02 query sppsvc",
            "Get-Service -ComputerName pc02 -Name sppsvc",
            "systeminfo /s pc02",
            "nltest /server:dc01 /sc_query:contoso.com",
            "Get-WmiObject Win32_BIOS -Computer pc02",
            r#"wmic /node:"pc02" os get Version"#,
        ] {
            assert!(names_machine(command), "{command}");
        }
        for command in [
            "sc query sppsvc",
            "reg query HKLM\\SOFTWARE /s",
            "Get-Service -ComputerName localhost",
            "Get-Service -ComputerName $env:COMPUTERNAME",
            "wmic /node:\"%COMPUTERNAME%\" os get Version",
            "",
        ] {
            assert!(!names_machine(command), "{command}");
        }
    }
}
