//! What people see, word for word: help and reports in both languages. A change of any text shows in review.
//!
//! To accept a change: `INSTA_UPDATE=always cargo test -p kmsdoctor --test snapshots`.

use std::io::Write;
use std::process::{Command, Stdio};

fn output(arguments: &[&str], input: &str) -> String {
    let mut child = Command::new(env!("CARGO_BIN_EXE_kmsdoctor"))
        .args(arguments)
        .env("LC_ALL", "C.UTF-8")
        .env("NO_COLOR", "1")
        .env("COLUMNS", "100")
        // Names of evidence are those of the fixtures, wherever the repository lies.
        .current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/cloud"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program starts");
    let _ = child.stdin.take().expect("a pipe").write_all(input.as_bytes());
    let output = child.wait_with_output().expect("the program ends");
    let text = String::from_utf8(output.stdout).expect("UTF-8");
    format!("{text}--- exit status {}\n", output.status.code().expect("a status"))
}

/// A client with the host pinned, an F06C in the log, and a session that was not elevated.
const CASE: &str = "C:\\>cscript //nologo slmgr.vbs /dlv
名前: Windows(R), Enterprise edition
説明: Windows(R) Operating System, VOLUME_KMSCLIENT channel
ライセンス認証 ID: 73111121-5638-40f6-bc11-f1d7b0d64300
プロダクト キー チャネル: Volume:GVLK
プロダクト キーの一部: 2YT43
ライセンスの状態: 通知
通知の理由: 0xC004F00F

ログの名前: Application
ソース: Microsoft-Windows-Security-SPP
イベント ID: 12288
コンピューター: pc1.contoso.com
説明:
クライアントはライセンス認証の要求をキー管理サービス コンピューターに送信しました。
情報:
0xC004F06C, 0x00000000, kms1.contoso.com:1688, 11111111-2222-4333-8444-555555555555, 2026/11/20 03:15, 0, 5, 0, 73111121-5638-40f6-bc11-f1d7b0d64300, 25
";

#[test]
fn reports() {
    for language in ["ja", "en"] {
        insta::assert_snapshot!(format!("report_{language}"), output(&["analyze", "-", "--lang", language], CASE));
        let alone = "Error: 0xC004F074";
        insta::assert_snapshot!(format!("code_alone_{language}"), output(&["analyze", "-", "--lang", language], alone));
        insta::assert_snapshot!(
            format!("garbage_{language}"),
            output(&["analyze", "-", "--lang", language], "garbage")
        );
        let cloud = output(&["cloud", "-", "--lang", language], "garbage");
        insta::assert_snapshot!(format!("cloud_garbage_{language}"), cloud);
    }
}

/// A machine behind a forced tunnel, and a route table that would lead its packets to KMS straight.
#[test]
fn paths() {
    for language in ["ja", "en"] {
        let cloud = ["cloud", "exports", "--assume", "route-table.json", "--lang", language];
        insta::assert_snapshot!(format!("cloud_{language}"), output(&cloud, ""));
        let redacted = ["cloud", "exports", "--redact", "--as", "portal", "--lang", language];
        insta::assert_snapshot!(format!("cloud_redacted_{language}"), output(&redacted, ""));
        let analyzed = output(&["analyze", "exports", "--lang", language], "");
        insta::assert_snapshot!(format!("cloud_analyzed_{language}"), analyzed);
    }
}

#[test]
fn help() {
    for language in ["ja", "en"] {
        for command in ["", "check", "analyze", "cloud", "explain", "checklist", "probe", "drill"] {
            let name = if command.is_empty() { "program" } else { command };
            let mut arguments: Vec<&str> = [command].into_iter().filter(|command| !command.is_empty()).collect();
            arguments.extend(["--help", "--lang", language]);
            insta::assert_snapshot!(format!("help_{name}_{language}"), output(&arguments, ""));
        }
    }
}

#[test]
fn lists_and_checklists() {
    for language in ["ja", "en"] {
        for kind in ["method", "dispute"] {
            let listed = output(&["explain", "--list", kind, "--lang", language], "");
            insta::assert_snapshot!(format!("list_{kind}_{language}"), listed);
        }
        insta::assert_snapshot!(format!("checklist_{language}"), output(&["checklist", "--lang", language], ""));
        let markdown = ["checklist", "--for", "handover", "--format", "markdown", "--lang", language];
        insta::assert_snapshot!(format!("checklist_handover_{language}"), output(&markdown, ""));
    }
}

#[test]
fn explanations() {
    for language in ["ja", "en"] {
        for term in ["0xC004F06C", "net-port-refused", "0xDEADBEEF", "nonsense", "12288", "2YT43", "GVLK"] {
            insta::assert_snapshot!(
                format!("explain_{term}_{language}"),
                output(&["explain", term, "--lang", language], "")
            );
        }
    }
}
