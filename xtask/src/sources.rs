//! The project's own files, as tests over all of them see them.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Context;

/// Folders that hold nothing of the project: builds and the version control's own.
const SKIPPED: [&str; 2] = ["target", ".git"];

/// Every file below `folder` (a path below the root; empty for all), sorted, as paths below the root.
pub fn files(folder: &str) -> anyhow::Result<Vec<PathBuf>> {
    let root = crate::root();
    let mut files = Vec::new();
    walk(&root.join(folder), &mut files)?;
    files.sort();
    Ok(files.into_iter().map(|file| file.strip_prefix(&root).map(Path::to_owned).unwrap_or(file)).collect())
}

/// The Rust files of [`files`].
pub fn rust_files(folder: &str) -> anyhow::Result<Vec<PathBuf>> {
    let mut files = files(folder)?;
    files.retain(|file| file.extension().is_some_and(|extension| extension == "rs"));
    Ok(files)
}

/// The text of a file, if it is UTF-8.
pub fn text(file: &Path) -> anyhow::Result<Option<String>> {
    let bytes = fs::read(crate::root().join(file)).with_context(|| format!("{} cannot be read", file.display()))?;
    Ok(String::from_utf8(bytes).ok())
}

/// Whether a file below `src` holds tests and nothing else.
pub fn is_test_file(file: &Path) -> bool {
    let is_test = |name: &str| ["tests", "testing"].contains(&name);
    file.file_stem().and_then(|stem| stem.to_str()).is_some_and(is_test)
        || file.components().any(|part| part.as_os_str().to_str().is_some_and(is_test))
}

/// Source code as the program has it: without comments on lines of their own, and without the inline tests, which
/// stand at the end of a file.
pub fn code(source: &str) -> String {
    let mut code = String::new();
    let mut lines = source.lines().peekable();
    while let Some(line) = lines.next() {
        let text = line.trim_start();
        if text == "#[cfg(test)]" && lines.peek().is_some_and(|next| next.starts_with("mod ") && next.ends_with('{')) {
            break;
        }
        if !text.starts_with("//") {
            code.push_str(line);
        }
        // Kept empty, so that line numbers stay.
        code.push('\n');
    }
    code
}

/// Places of `needle` in `text`, as line numbers from 1, where it does not continue a longer name.
pub fn lines_with(text: &str, needle: &str) -> Vec<usize> {
    let in_name = |character: char| character.is_alphanumeric() || character == '_';
    let open_start = needle.starts_with(in_name);
    let open_end = needle.ends_with(in_name);
    let has = |line: &str| {
        line.match_indices(needle).any(|(start, _)| {
            let before = line[..start].chars().next_back();
            let after = line[start + needle.len()..].chars().next();
            !(open_start && before.is_some_and(in_name) || open_end && after.is_some_and(in_name))
        })
    };
    text.lines().enumerate().filter(|(_, line)| has(line)).map(|(index, _)| index + 1).collect()
}

fn walk(folder: &Path, files: &mut Vec<PathBuf>) -> anyhow::Result<()> {
    let unreadable = || format!("the folder {} cannot be read", folder.display());
    for entry in fs::read_dir(folder).with_context(unreadable)? {
        let path = entry.with_context(unreadable)?.path();
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        if path.is_symlink() || SKIPPED.contains(&name) || name.starts_with("target-") {
            continue;
        }
        if path.is_dir() {
            walk(&path, files)?;
        } else {
            files.push(path);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_and_inline_tests_are_no_code() {
        let source = "//! Doc.\nuse a; // kept\n    // gone\n#[cfg(test)]\nmod tests {\n    use std::fs;\n}\n";
        assert_eq!(code(source), "\nuse a; // kept\n\n");
        assert_eq!(code("#[cfg(test)]\nmod tests;\nfn f() {}\n"), "#[cfg(test)]\nmod tests;\nfn f() {}\n");
    }

    #[test]
    fn names_are_found_whole() {
        assert_eq!(lines_with("use std::fs;\nstd::fs::read()\nstd::fsx\nmystd::fs", "std::fs"), [1, 2]);
        assert_eq!(lines_with("offs::x\nfs::read\n{fs::read}", "fs::"), [2, 3]);
    }

    #[test]
    fn tests_are_told_from_sources() {
        for (file, expected) in [
            ("crates/a/src/tests.rs", true),
            ("crates/a/src/x/tests.rs", true),
            ("crates/a/tests/b.rs", true),
            ("crates/a/src/b.rs", false),
        ] {
            assert_eq!(is_test_file(Path::new(file)), expected, "{file}");
        }
    }
}
