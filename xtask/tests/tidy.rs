//! Small promises that hold over every file of the project.

use std::path::{Path, PathBuf};

use xtask::new_cause::MARK;
use xtask::sources;

/// Lines of a Rust file. A module of about 400 is well; more than this are two.
const LINES_MAX: usize = 600;

/// What unfinished or hidden work looks like. In pieces, so that this file does not hold it.
const UNFINISHED: [&str; 7] = [
    concat!("todo", "!"),
    concat!("unimpl", "emented!"),
    concat!("dbg", "!"),
    concat!("FIX", "ME"),
    concat!("// X", "XX"),
    concat!("TO", "DO"),
    concat!("#[ign", "ore"),
];

/// Groups of placeholders for product keys: the alphabet of keys in order, and masked groups.
const PLACEHOLDERS: [&str; 6] = ["BCDFG", "HJKMP", "QRTVW", "XY234", "6789N", "XXXXX"];

/// Fails with every complaint at once.
fn demand_none(complaints: &[String]) {
    assert!(complaints.is_empty(), "{}", complaints.join("\n"));
}

/// Rust files of every member, with their text.
fn rust() -> Vec<(PathBuf, String)> {
    let files =
        ["crates", "lab", "xtask"].into_iter().flat_map(|folder| sources::rust_files(folder).expect("readable"));
    files.map(|file| (file.clone(), read(&file))).collect()
}

fn read(file: &Path) -> String {
    sources::text(file).expect("the file can be read").unwrap_or_else(|| panic!("{} is not UTF-8", file.display()))
}

#[test]
fn files_have_a_readable_length() {
    let long = rust().into_iter().filter(|(_, text)| text.lines().count() > LINES_MAX);
    let complaint = |(file, text): (PathBuf, String)| format!("{}: {} lines", file.display(), text.lines().count());
    demand_none(&long.map(complaint).collect::<Vec<_>>());
}

#[test]
fn nothing_is_unfinished() {
    let mut complaints = Vec::new();
    for (file, text) in rust() {
        for sign in UNFINISHED {
            for line in sources::lines_with(&text, sign) {
                complaints.push(format!("{}:{line}: {sign}", file.display()));
            }
        }
    }
    demand_none(&complaints);
}

#[test]
fn every_crate_says_what_it_is() {
    let is_head = |file: &Path| file.ends_with("src/lib.rs") || file.ends_with("src/main.rs");
    let heads: Vec<(PathBuf, String)> = rust().into_iter().filter(|(file, _)| is_head(file)).collect();
    assert!(heads.len() >= 7, "these are all: {heads:?}");
    let silent = heads.into_iter().filter(|(_, text)| !text.starts_with("//! "));
    let complaint = |(file, _): (PathBuf, String)| format!("{}: does not start with `//!`", file.display());
    demand_none(&silent.map(complaint).collect::<Vec<_>>());
}

#[test]
fn knowledge_is_written() {
    let mut complaints = Vec::new();
    for file in sources::files("knowledge").expect("readable") {
        for line in sources::lines_with(&read(&file), MARK) {
            complaints.push(format!("{}:{line}: says {MARK}", file.display()));
        }
    }
    demand_none(&complaints);
}

#[test]
fn both_readmes_have_the_same_commands() {
    let [english, japanese] = ["README.md", "README.ja.md"].map(|name| commands(&read(Path::new(name))));
    assert!(!english.is_empty(), "README.md has no block of commands");
    assert_eq!(english, japanese, "commands in README.md (left) and README.ja.md (right) differ");
    for command in ["cargo run --release -- check", "cargo xtask test"] {
        assert!(english.iter().any(|line| line == command), "README.md does not have `{command}` on a line of its own");
    }
}

#[test]
fn commands_are_those_of_shell_blocks_without_remarks() {
    let text = "a\n```sh\n# a remark\n$ cargo build   # why\n\nkmsdoctor check\n```\n```text\nnot this\n```\n";
    assert_eq!(commands(text), ["cargo build", "kmsdoctor check"]);
}

/// The commands in a text's shell blocks, without remarks, which are translated.
fn commands(markdown: &str) -> Vec<String> {
    let mut commands = Vec::new();
    let mut block: Option<&str> = None;
    for line in markdown.lines() {
        let line = line.trim();
        match (line.strip_prefix("```"), block) {
            (Some(_), Some(_)) => block = None,
            (Some(language), None) => block = Some(language),
            (None, Some("sh" | "shell" | "bash" | "console" | "powershell")) => {
                let line = line.strip_prefix("$ ").unwrap_or(line);
                let command = line.split(" #").next().unwrap_or_default().trim();
                if !command.is_empty() && !command.starts_with('#') {
                    commands.push(command.to_owned());
                }
            }
            (None, _) => {}
        }
    }
    commands
}

#[test]
fn no_product_key_stands_anywhere() {
    let mut complaints = Vec::new();
    for file in sources::files("").expect("readable") {
        // Files in other encodings are fixtures; what matters of them is ASCII.
        let bytes = std::fs::read(xtask::root().join(&file)).expect("readable");
        for (index, line) in String::from_utf8_lossy(&bytes).lines().enumerate() {
            if has_product_key(line) {
                complaints.push(format!("{}:{}: a product key in full", file.display(), index + 1));
            }
        }
    }
    demand_none(&complaints);
}

#[test]
fn product_keys_are_told_from_placeholders() {
    let key = ["2B3C4", "D6F7G", "H8J9K", "M2P3Q", "R4T6V"].join("-");
    for text in [key.clone(), format!("key: {key}."), key.to_lowercase(), format!("XXXXX-{key}")] {
        assert!(has_product_key(&text), "{text}");
    }
    for text in [
        "XXXXX-XXXXX-XXXXX-XXXXX-J464C".to_owned(),
        "*****-*****-*****-*****-J464C".to_owned(),
        "BCDFG-HJKMP-QRTVW-XY234-6789N".to_owned(),
        format!("A{key}"),
        format!("{key}1"),
        "12345-12345-12345-12345".to_owned(),
    ] {
        assert!(!has_product_key(&text), "{text}");
    }
}

/// Whether a line holds five groups of five letters and digits that are no placeholder. A masked key, of which only
/// the last five characters are left, is one.
fn has_product_key(line: &str) -> bool {
    let in_group = |character: char| character.is_ascii_alphanumeric() || character == '-';
    line.split(|character| !in_group(character)).any(|word| {
        let groups: Vec<String> = word.split('-').map(str::to_uppercase).collect();
        groups.windows(5).any(|key| {
            let is_key =
                key.iter().all(|group| group.len() == 5 && group.bytes().all(|byte| byte.is_ascii_alphanumeric()));
            let is_placeholder = key[..4].iter().all(|group| PLACEHOLDERS.contains(&group.as_str()));
            // Words of five letters joined by hyphens have no digits.
            let has_digits = key.iter().any(|group| group.bytes().any(|byte| byte.is_ascii_digit()));
            is_key && !is_placeholder && has_digits
        })
    })
}
