//! The administrators' share of another machine, `\\PC02\admin$`: only administrators of that machine get in.

use kmsdoctor_core::fact::{Key, Subject, Value};

use super::{ACCESS_DENIED, code_of_text};
use crate::document::Document;
use crate::readers::command_line::{arguments_of, commands, is_name_of_another_machine};
use crate::readers::console;
use crate::readers::sentence::folded;
use crate::sink::Sink;

/// Lines below the command in which it is answered.
const ANSWER_LINES_MAX: usize = 8;

/// How `net use` says that it has connected.
const CONNECTED: [&str; 3] =
    ["thecommandcompletedsuccessfully", "コマンドは正常に終了しました", "derbefehlwurdeerfolgreichausgeführt"];

/// `ERROR_ACCESS_DENIED`, as `net` prints it in a sentence: `System error 5 has occurred.`
const ERROR_ACCESS_DENIED: &str = "5";

/// Programs that try a share.
#[derive(Clone, Copy, PartialEq)]
enum Program {
    Dir,
    NetUse,
}

/// Puts whether the share was open into the sink.
pub(super) fn read(document: &Document<'_>, sink: &mut Sink<'_>) {
    for (index, line) in document.lines.iter().enumerate() {
        let Some((program, share)) = commands(&line.text).find_map(asked) else { continue };
        if let Some((is_open, at)) = answer(document, index, program, &share) {
            // No command is quoted: there may be a password in it.
            sink.present(&Subject::machine(), Key::RemoteAdministrator, Value::Flag(is_open), at..=at);
        }
    }
}

/// The program of a command that tries the share, and the share in lower case.
fn asked(command: &str) -> Option<(Program, String)> {
    let (program, words) = match arguments_of(command, &["dir"]) {
        Some(words) => (Program::Dir, words),
        None => (Program::NetUse, arguments_of(command, &["net"]).filter(|words| words.first() == Some(&"use"))?),
    };
    let share =
        words.into_iter().map(|word| word.trim_matches('"').to_ascii_lowercase()).find(|word| is_share(word))?;
    Some((program, share.trim_end_matches('\\').to_owned()))
}

fn is_share(word: &str) -> bool {
    let named = word.strip_prefix(r"\\").and_then(|word| word.trim_end_matches('\\').strip_suffix(r"\admin$"));
    named.is_some_and(is_name_of_another_machine)
}

/// Whether the share was open, and the line that says so.
fn answer(document: &Document<'_>, asked: usize, program: Program, share: &str) -> Option<(bool, usize)> {
    for (index, line) in document.lines.iter().enumerate().skip(asked + 1).take(ANSWER_LINES_MAX) {
        let text = line.text.trim();
        if console::is_prompt(text) {
            return None;
        }
        let said: String = folded(text).collect();
        let is_denied = code_of_text(&said) == Some(ACCESS_DENIED) || said.contains("unauthorizedaccess");
        let is_open = match program {
            // `Directory of \\PC02\admin$`: the path stands first or last in every language.
            Program::Dir => !text.starts_with('+') && (said.ends_with(share) || said.starts_with(share)),
            Program::NetUse => CONNECTED.iter().any(|text| said.contains(text)),
        };
        if is_open || is_denied || (program == Program::NetUse && is_error_five(text)) {
            return Some((is_open, index));
        }
    }
    None
}

/// Whether the only number of a sentence is that of the error.
fn is_error_five(text: &str) -> bool {
    let mut numbers = text.split(|character: char| !character.is_ascii_digit()).filter(|number| !number.is_empty());
    numbers.next() == Some(ERROR_ACCESS_DENIED) && numbers.next().is_none()
}

#[cfg(test)]
mod tests {
    use crate::readers::remote::read;
    use crate::readers::testing;

    fn check(input: &str, expect: Option<bool>) {
        let facts = testing::facts(read, input.as_bytes());
        let values: Vec<String> = facts.iter().filter_map(|fact| fact.value()).map(ToString::to_string).collect();
        assert_eq!(values, expect.iter().map(ToString::to_string).collect::<Vec<_>>(), "{input}");
        assert!(facts.iter().all(|fact| fact.key.name() == "remote.administrator" && fact.origins[0].line > Some(1)));
    }

    #[test]
    fn directories() {
        check(
            "C:\\>dir \\\\PC02\\admin$\n Volume in drive \\\\PC02\\admin$ is Windows\n Volume Serial Number is 1A2B-3C4D\n\n Directory of \\\\PC02\\admin$\n",
            Some(true),
        );
        check(
            "C:\\>dir \\\\PC02\\ADMIN$\\\n ドライブ \\\\PC02\\admin$ のボリューム ラベルは Windows です\n\n \\\\PC02\\admin$ のディレクトリ\n",
            Some(true),
        );
        check("PS C:\\> dir \\\\PC02\\admin$\n\n    Directory: \\\\PC02\\admin$\n", Some(true));
        check("C:\\>dir \\\\PC02\\admin$\nAccess is denied.\n", Some(false));
        check("C:\\>dir \\\\PC02\\admin$\nアクセスが拒否されました。\n", Some(false));
        check(
            "PS C:\\> dir \\\\PC02\\admin$\ndir : Access is denied\nAt line:1 char:1\n+ dir \\\\PC02\\admin$\n+ ~~~\n    + CategoryInfo          : PermissionDenied: (\\\\PC02\\admin$:String) [Get-ChildItem], UnauthorizedAccessException\n",
            Some(false),
        );
    }

    #[test]
    fn connections() {
        check("C:\\>net use \\\\PC02\\admin$ /user:CONTOSO\\mia\nThe command completed successfully.\n", Some(true));
        check("net use \\\\PC02\\admin$\nコマンドは正常に終了しました。\n", Some(true));
        check("C:\\>net use Z: \\\\PC02\\admin$\nSystem error 5 has occurred.\n\nAccess is denied.\n", Some(false));
        check("C:\\>net use \\\\PC02\\admin$\nシステム エラー 5 が発生しました。\n", Some(false));
    }

    #[test]
    fn other_failures_and_shares_say_nothing() {
        check("C:\\>dir \\\\PC02\\admin$\nThe network path was not found.\n", None);
        check("C:\\>net use \\\\PC02\\admin$\nSystem error 53 has occurred.\n", None);
        check("C:\\>net use \\\\PC02\\admin$\n\nC:\\>net start x\nSystem error 5 has occurred.\n", None);
        check("C:\\>dir \\\\PC02\\public\n Directory of \\\\PC02\\public\n", None);
        check("C:\\>dir \\\\localhost\\admin$\n Directory of \\\\localhost\\admin$\n", None);
        check("Please try \\\\PC02\\admin$\n Directory of \\\\PC02\\admin$\n", None);
    }
}
