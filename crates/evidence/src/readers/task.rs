//! The task `SvcRestartTask`, which restarts the Software Protection service: `schtasks /query` as list, table and CSV,
//! and `Get-ScheduledTask`.
//!
//! Only this task tells. `SvcRestartTaskLogon` and `SvcRestartTaskNetwork` are disabled on healthy machines too.

use kmsdoctor_core::fact::{Key, Subject, Why};

use super::{command_line, console, sentence};
use crate::document::Document;
use crate::sink::Sink;

/// Name of the task.
const TASK: &str = "SvcRestartTask";

/// Lines of one task in the list form; each trigger takes about twenty.
const BLOCK_LINES_MAX: usize = 60;

/// Lines between a command and its error, wrapped ones included.
const ANSWER_LINES_MAX: usize = 5;

/// States, in lower case.
const DISABLED: [&str; 8] = ["disabled", "無効", "deaktiviert", "已禁用", "禁用", "已停用", "사용 안 함", "désactivé"];
const ENABLED: [&str; 18] = [
    "enabled",
    "ready",
    "running",
    "queued",
    "有効",
    "準備完了",
    "実行中",
    "キューに挿入済み",
    "aktiviert",
    "bereit",
    "wird ausgeführt",
    "就绪",
    "正在运行",
    "已启用",
    "就緒",
    "준비",
    "실행 중",
    "prêt",
];

/// Labels of the list form that carry the state: `Status` and `Scheduled Task State`, and `State` of PowerShell.
const LABELS: [&str; 12] = [
    "Status",
    "State",
    "Scheduled Task State",
    "状態",
    "スケジュールされたタスクの状態",
    "Status der geplanten Aufgabe",
    "模式",
    "状态",
    "计划任务状态",
    "狀態",
    "상태",
    "Statut",
];

/// Errors of schtasks behind their first word.
const ERRORS: [(&str, Option<Why>); 9] = [
    ("ERROR: The system cannot find the file specified", None),
    ("ERROR: The system cannot find the path specified", None),
    ("エラー: 指定されたファイルが見つかりません", None),
    ("エラー: 指定されたパスが見つかりません", None),
    ("FEHLER: Das System kann die angegebene Datei nicht finden", None),
    ("错误: 系统找不到指定的文件", None),
    ("ERROR: Access is denied", Some(Why::NotPermitted)),
    ("エラー: アクセスが拒否されました", Some(Why::NotPermitted)),
    ("FEHLER: Zugriff verweigert", Some(Why::NotPermitted)),
];

/// The part of a PowerShell error's id that is not translated.
const NOT_FOUND: &str = "CmdletizationQuery_NotFound";

/// Puts the state of the task into the sink.
pub(crate) fn read(document: &Document<'_>, sink: &mut Sink<'_>) {
    for (index, line) in document.lines.iter().enumerate() {
        let text = line.text.trim();
        if !names_task(text) {
            continue;
        }
        if is_query(text) {
            error(document, index, sink);
        } else if !command_line::is_of_another_machine(document, index)
            && let Some((word, at)) = row(text).map(|word| (word, index)).or_else(|| block(document, index))
        {
            let lines = if at.abs_diff(index) <= 3 { at.min(index)..=at.max(index) } else { at..=at };
            sink.word(&Subject::machine(), Key::TaskState, word, lines);
        } else if text.contains("MSFT_ScheduledTask") {
            not_found(document, index, sink);
        }
    }
}

/// Whether the task's whole name stands in `text`.
fn names_task(text: &str) -> bool {
    text.match_indices(TASK).any(|(at, _)| {
        !text[at + TASK.len()..].starts_with(|next: char| next.is_alphanumeric() || next == '_')
            && !text[..at].ends_with(|before: char| before.is_alphanumeric() || before == '_')
    })
}

fn state(word: &str) -> Option<&'static str> {
    let word = word.trim().trim_matches('"').to_lowercase();
    if DISABLED.contains(&word.as_str()) {
        Some("disabled")
    } else {
        ENABLED.contains(&word.as_str()).then_some("enabled")
    }
}

/// The state in the last column of a table or of CSV.
fn row(text: &str) -> Option<&'static str> {
    let last = match text.strip_prefix('"') {
        Some(_) => text.rsplit("\",\"").next()?,
        None => text.rsplit("  ").next()?,
    };
    // The name of a task fills its column up to the next one.
    state(last).or_else(|| text.split_whitespace().next_back().filter(|_| text.contains("  ")).and_then(state))
}

/// The state in the list whose task is named at `index`: below it, or above it (PowerShell sorts by name).
fn block(document: &Document<'_>, index: usize) -> Option<(&'static str, usize)> {
    let (label, value) = console::labelled(&document.lines[index].text)?;
    if !value.ends_with(TASK) {
        return None;
    }
    let told = |at: usize| {
        let (label, value) = console::labelled(&document.lines[at].text)?;
        LABELS.contains(&label).then(|| state(value)).flatten()
    };
    let is_end = |at: &usize| {
        let text = document.lines[*at].text.trim();
        text.is_empty() || console::is_prompt(text) || console::labelled(text).is_some_and(|(other, _)| other == label)
    };
    let mut state = None;
    for at in (index + 1..document.lines.len()).take(BLOCK_LINES_MAX).take_while(|at| !is_end(at)) {
        // The state of the task itself stands below its status, which may say that it has never run.
        state = told(at).map(|word| (word, at)).or(state);
    }
    let above = || (0..index).rev().take(BLOCK_LINES_MAX).take_while(|at| !is_end(at));
    state.or_else(|| above().find_map(|at| Some((told(at)?, at))))
}

fn is_query(text: &str) -> bool {
    command_line::commands(text)
        .filter_map(|command| command_line::arguments_of(command, &["schtasks"]))
        .any(|arguments| arguments.iter().any(|word| word.eq_ignore_ascii_case("/query")))
}

/// The error that answers the command at `index`.
fn error(document: &Document<'_>, index: usize, sink: &mut Sink<'_>) {
    let is_elsewhere = command_line::is_of_another_machine(document, index + 1);
    for at in (index + 1..document.lines.len()).take(ANSWER_LINES_MAX).filter(|_| !is_elsewhere) {
        if console::is_prompt(&document.lines[at].text) {
            return;
        }
        match sentence::find(document, at, &ERRORS) {
            Some((Some(why), last)) => sink.unknown(&Subject::machine(), Key::TaskState, *why, index..=last),
            Some((None, last)) => sink.word(&Subject::machine(), Key::TaskState, "missing", index..=last),
            None => continue,
        }
        return;
    }
}

/// The error of `Get-ScheduledTask`, whose id stands some lines below the message.
fn not_found(document: &Document<'_>, index: usize, sink: &mut Sink<'_>) {
    let mut below = document.lines.iter().enumerate().skip(index).take(ANSWER_LINES_MAX * 2);
    if let Some((last, _)) = below.find(|(_, line)| line.text.contains(NOT_FOUND)) {
        sink.word(&Subject::machine(), Key::TaskState, "missing", index..=last);
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
    fn lists() {
        check(
            r"
C:\>schtasks /query /tn \Microsoft\Windows\SoftwareProtectionPlatform\SvcRestartTask /v /fo list

Folder: \Microsoft\Windows\SoftwareProtectionPlatform
HostName:                             PC01
TaskName:                             \Microsoft\Windows\SoftwareProtectionPlatform\SvcRestartTask
Next Run Time:                        N/A
Status:                               Disabled
Logon Mode:                           Interactive/Background
Task To Run:                          %systemroot%\system32\sc.exe start sppsvc
Scheduled Task State:                 Disabled
Idle Time:                            Disabled
",
            "machine task.state = disabled @10",
        );
        check(
            r"
フォルダー\Microsoft\Windows\SoftwareProtectionPlatform
ホスト名:                             PC01
タスク名:                             \Microsoft\Windows\SoftwareProtectionPlatform\SvcRestartTask
次回の実行時刻:                       2026/11/25 9:00:00
状態:                                 準備完了
スケジュールされたタスクの状態:       有効
アイドル時間:                         無効
",
            "machine task.state = enabled @3",
        );
    }

    #[test]
    fn tables_and_csv() {
        check(
            r"
Folder: \Microsoft\Windows\SoftwareProtectionPlatform
TaskName                                 Next Run Time          Status
======================================== ====================== ===============
SvcRestartTask                           11/25/2026 9:00:00 AM  Ready
SvcRestartTaskLogon                      N/A                    Disabled
SvcRestartTaskNetwork                    N/A                    Disabled
",
            "machine task.state = enabled @4",
        );
        check(
            "\"\\Microsoft\\Windows\\SoftwareProtectionPlatform\\SvcRestartTask\",\"N/A\",\"無効\"",
            "machine task.state = disabled @1",
        );
        check(
            r"
TaskPath                                       TaskName                          State
--------                                       --------                          -----
\Microsoft\Windows\SoftwareProtectionPlatform\ SvcRestartTask                    Disabled
\Microsoft\Windows\SoftwareProtectionPlatform\ SvcRestartTaskNetwork             Disabled
",
            "machine task.state = disabled @3",
        );
    }

    #[test]
    fn powershell_lists_sort_by_name() {
        check(
            "Settings           : MSFT_TaskSettings3\nState              : Disabled\nTaskName           : SvcRestartTask\nTaskPath           : x",
            "machine task.state = disabled @2",
        );
    }

    #[test]
    fn errors() {
        check(
            "C:\\>schtasks /query /tn \\Microsoft\\Windows\\SoftwareProtectionPlatform\\SvcRestartTask\nERROR: The system cannot find the file specified.",
            "machine task.state = missing @1",
        );
        check(
            "C:\\>schtasks /query /tn \\Microsoft\\Windows\\SoftwareProtectionPlatform\\SvcRestartTask\nエラー: 指定されたファイルが見つかりません。",
            "machine task.state = missing @1",
        );
        check(
            "C:\\>schtasks /query /tn \\Microsoft\\Windows\\SoftwareProtectionPlatform\\SvcRestartTask\nエラー: アクセスが拒否されました。",
            "machine task.state unknown NotPermitted @1",
        );
        check(
            "Get-ScheduledTask : No MSFT_ScheduledTask objects found with property 'TaskName' equal to 'SvcRestartTask'.\n    + FullyQualifiedErrorId : CmdletizationQuery_NotFound_TaskName,Get-ScheduledTask",
            "machine task.state = missing @1",
        );
    }

    #[test]
    fn commands_other_machines_and_prose_say_nothing() {
        check(
            "C:\\>schtasks /change /tn \\Microsoft\\Windows\\SoftwareProtectionPlatform\\SvcRestartTask /disable",
            "",
        );
        check("SvcRestartTask is disabled", "");
        check("C:\\>schtasks /query /s pc02 /tn SvcRestartTask\nERROR: Access is denied.", "");
        check(
            "C:\\>schtasks /query /s pc02\nSvcRestartTask                           N/A                    Disabled",
            "",
        );
    }

    proptest! {
        #[test]
        fn never_panics(lines in proptest::collection::vec(
            "(SvcRestartTask|TaskName: |Status: |Disabled|schtasks /query |ERROR: |MSFT_ScheduledTask)?\\PC{0,12}( SvcRestartTask  )?", 0..20,
        )) {
            testing::facts(read, lines.join("\n").as_bytes());
        }
    }
}
