//! Version, build and edition: `ver` and the first line of every command prompt, `winver`, and the values of the key
//! `Windows NT\CurrentVersion` as `reg query`, `.reg` and PowerShell show them.

use std::ops::RangeInclusive;

use kmsdoctor_core::fact::{Key, Subject, Value};

use super::{command_line, console, edition};
use crate::document::Document;
use crate::sink::Sink;

/// The key in lower case, below `HKEY_LOCAL_MACHINE`.
const CURRENT_VERSION: &str = r"software\microsoft\windows nt\currentversion";

/// The first build of Windows 10; from there on the version is 10.0.
const WINDOWS_10: u32 = 10240;

/// Builds of older versions that have volume licences.
const OLDER: [(u32, &str); 7] =
    [(9600, "6.3"), (9200, "6.2"), (7601, "6.1"), (7600, "6.1"), (6003, "6.0"), (6002, "6.0"), (6001, "6.0")];

/// How lines begin that `winver` shows.
const WINVER: [&str; 4] = ["Version ", "バージョン ", "Microsoft Windows Version ", "Microsoft Windows バージョン "];

/// What a document tells of the build; the last of each counts.
#[derive(Default)]
struct Told {
    /// With revision, and without.
    whole: Option<(String, usize)>,
    short: Option<(String, usize)>,
    build: Option<(u32, usize)>,
    revision: Option<(u32, usize)>,
}

/// Puts build and edition into the sink.
pub(crate) fn read(document: &Document<'_>, sink: &mut Sink<'_>) {
    let mut told = Told::default();
    let mut in_key = false;
    for (index, line) in document.lines.iter().enumerate() {
        let text = line.text.trim();
        if let Some(version) = banner(text) {
            let parts = version.split('.').count();
            *(if parts == 4 { &mut told.whole } else { &mut told.short }) = Some((version.to_owned(), index));
        } else if let Some(build) = winver(text) {
            told.whole = Some((format!("10.0.{build}"), index));
        } else if let Some(path) = key_path(text) {
            in_key = path.to_ascii_lowercase().ends_with(CURRENT_VERSION);
        } else if let Some((name, value)) = if in_key { value(text) } else { None }.or_else(|| property(text)) {
            match name {
                "CurrentBuild" | "CurrentBuildNumber" => told.build = number(value).map(|build| (build, index)),
                "UBR" => told.revision = number(value).map(|revision| (revision, index)),
                _ if command_line::is_of_another_machine(document, index) => {}
                _ => edition::tell(value, index..=index, sink),
            }
        }
    }
    told.tell(sink);
}

impl Told {
    fn tell(self, sink: &mut Sink<'_>) {
        let from_registry = self.build.zip(self.revision).and_then(|((build, first), (revision, last))| {
            Some((format!("{}.{build}.{revision}", version_of(build)?), lines(first, last)))
        });
        let from_both = self
            .short
            .as_ref()
            .zip(self.revision)
            .map(|((version, first), (revision, last))| (format!("{version}.{revision}"), lines(*first, last)));
        let short = self.short.map(|(version, at)| (version, at..=at));
        let build = self.build.and_then(|(build, at)| Some((format!("{}.{build}", version_of(build)?), at..=at)));
        let whole = self.whole.map(|(version, at)| (version, at..=at));
        if let Some((version, lines)) = whole.or(from_registry).or(from_both).or(short).or(build) {
            sink.present(&Subject::machine(), Key::MachineBuild, Value::Text(version), lines);
        }
    }
}

/// Lines of a fact that stands in two places: both, if they are near each other.
fn lines(first: usize, last: usize) -> RangeInclusive<usize> {
    if first.abs_diff(last) <= 2 { first.min(last)..=first.max(last) } else { last..=last }
}

fn version_of(build: u32) -> Option<&'static str> {
    if build >= WINDOWS_10 {
        return Some("10.0");
    }
    OLDER.iter().find(|(known, _)| *known == build).map(|(_, version)| *version)
}

/// The version of `Microsoft Windows [Version 10.0.20348.2322]`; only the word in brackets is translated.
fn banner(text: &str) -> Option<&str> {
    let (_, rest) = text.split_once("Microsoft Windows [")?;
    let version = rest.split_once(']')?.0.split_whitespace().next_back()?;
    is_version(version).then_some(version)
}

fn is_version(text: &str) -> bool {
    let parts = text.split('.');
    let is_number = |part: &str| (1..=6).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit());
    matches!(parts.clone().count(), 3 | 4) && parts.into_iter().all(is_number)
}

/// Build and revision of `Version 22H2 (OS Build 19045.4529)`.
fn winver(text: &str) -> Option<&str> {
    if !WINVER.iter().any(|words| text.starts_with(words)) {
        return None;
    }
    let (_, inner) = text.split_once('(')?;
    let (words, build) = inner.strip_suffix(')')?.rsplit_once(' ')?;
    let (number, revision) = build.split_once('.')?;
    let is_number = |part: &str| !part.is_empty() && part.len() <= 6 && part.bytes().all(|byte| byte.is_ascii_digit());
    (words.starts_with("OS ") && is_number(number) && is_number(revision)).then_some(build)
}

/// The path of a key, as `reg query` and `.reg` files write it above its values.
fn key_path(text: &str) -> Option<&str> {
    let path = text.strip_prefix('[').and_then(|text| text.strip_suffix(']')).unwrap_or(text);
    let is_key = path.get(..5).is_some_and(|start| start.eq_ignore_ascii_case("HKEY_"));
    (is_key && !path.contains("REG_")).then_some(path)
}

/// Name and value of `EditionID    REG_SZ    ServerStandard` or `"UBR"=dword:00000912`.
fn value(text: &str) -> Option<(&'static str, &str)> {
    if let Some((name, rest)) = text.split_once("REG_") {
        let (_, value) = rest.trim_end().split_once(char::is_whitespace)?;
        return Some((wanted(name.trim())?, value.trim()));
    }
    let (name, value) = text.split_once('=')?;
    Some((wanted(name.trim_matches('"'))?, value.trim_matches('"')))
}

/// `EditionID : ServerStandard` of PowerShell.
fn property(text: &str) -> Option<(&'static str, &str)> {
    let (name, value) = console::labelled(text)?;
    Some((wanted(name)?, value))
}

fn wanted(name: &str) -> Option<&'static str> {
    match name {
        "CurrentBuild" | "CurrentBuildNumber" => Some("CurrentBuild"),
        "UBR" => Some("UBR"),
        "EditionID" | "WindowsEditionId" => Some("EditionID"),
        _ => None,
    }
}

/// `2322`, `0x912` or `dword:00000912`.
fn number(value: &str) -> Option<u32> {
    let hex = value.strip_prefix("0x").or_else(|| value.strip_prefix("dword:"));
    match hex {
        Some(hex) => u32::from_str_radix(hex, 16).ok(),
        None => value.parse().ok(),
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
    fn the_first_line_of_a_prompt() {
        for word in ["Version", "バージョン", "版本"] {
            check(
                &format!("Microsoft Windows [{word} 10.0.20348.2322]\n(c) Microsoft Corporation."),
                "machine machine.build = 10.0.20348.2322 @1",
            );
        }
        check("Microsoft Windows [Version 6.1.7601]", "machine machine.build = 6.1.7601 @1");
        check("Microsoft Windows [Version x]\nMicrosoft Windows [", "");
    }

    #[test]
    fn winver_and_settings() {
        check("Version 22H2 (OS Build 19045.4529)", "machine machine.build = 10.0.19045.4529 @1");
        check("バージョン 23H2 (OS ビルド 22631.3737)", "machine machine.build = 10.0.22631.3737 @1");
        check("The update brings Version 22H2 (OS Build 19045.4529)", "");
    }

    #[test]
    fn the_registry_in_both_forms() {
        check(
            "
Microsoft Windows [Version 6.3.9600]
C:\\>reg query \"HKLM\\SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion\" /v UBR

HKEY_LOCAL_MACHINE\\SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion
    UBR    REG_DWORD    0x53de
",
            "machine machine.build = 6.3.9600.21470 @5",
        );
        check(
            "
HKEY_LOCAL_MACHINE\\SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion
    CurrentBuild    REG_SZ    20348
    EditionID    REG_SZ    ServerStandardEval
    UBR    REG_DWORD    0x912
",
            "machine machine.edition = ServerStandardEval @3
             machine machine.edition-class = evaluation @3
             machine machine.build = 10.0.20348.2322 @2",
        );
        check(
            "[HKEY_LOCAL_MACHINE\\SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion]\n\"EditionID\"=\"Core\"\n\"UBR\"=dword:00000912\n\"CurrentBuild\"=\"19045\"",
            "machine machine.edition = Core @2
             machine machine.edition-class = home @2
             machine machine.build = 10.0.19045.2322 @3",
        );
        check("HKEY_LOCAL_MACHINE\\SOFTWARE\\Contoso\n    EditionID    REG_SZ    Core", "");
    }

    #[test]
    fn powershell() {
        check(
            "
ProductName  : Windows 10 Enterprise
EditionID    : ServerRdsh
CurrentBuild : 19045
UBR          : 4529
",
            "machine machine.edition = ServerRdsh @2
             machine machine.edition-class = multi-session @2
             machine machine.build = 10.0.19045.4529 @3",
        );
        check("EditionID : <edition>\nUBR : x\nCurrentBuild : 1", "");
    }

    proptest! {
        #[test]
        fn never_panics(lines in proptest::collection::vec(
            "(Microsoft Windows \\[|Version 22H2 \\(OS |HKEY_|UBR|EditionID|CurrentBuild|    REG_SZ    |\\]|\\))? ?:? ?\\PC{0,12}", 0..20,
        )) {
            testing::facts(read, lines.join("\n").as_bytes());
        }
    }
}
