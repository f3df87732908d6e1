//! The skeleton of a new cause: files that load, and cases that fail until somebody has written them.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, ensure};
use kmsdoctor_core::knowledge::{Section, is_cause_id};
use kmsdoctor_core::language::Language;

/// Stands wherever something has to be written. A test finds it in no file of the knowledge.
pub const MARK: &str = concat!("WRITE", " ME");

/// Today's date (UTC), as sources carry it.
pub fn today() -> String {
    jiff::Timestamp::now().strftime("%Y-%m-%d").to_string()
}

/// Writes the skeleton below `knowledge` and returns the files. `date` is when the sources were read.
pub fn write(knowledge: &Path, area: &str, id: &str, date: &str) -> anyhow::Result<Vec<PathBuf>> {
    ensure!(is_area(area), "`{area}` is no area: an area is lower-case letters, with hyphens between words");
    ensure!(
        is_cause_id(id),
        "`{id}` is no id of a cause: an id is at least two lower-case words joined by hyphens, and states the fault"
    );
    let causes = knowledge.join("causes");
    if let Some(present) = folder_of(&causes, id)? {
        anyhow::bail!("the cause `{id}` exists already, in {}", present.display());
    }
    let folder = causes.join(area).join(id);
    let files = [
        ("cause.toml", cause(id, date)),
        ("ja.md", text(Language::Japanese)),
        ("en.md", text(Language::English)),
        ("cases/fires.toml", case("fires", "confirmed")),
        ("cases/silent.toml", case("silent", MARK)),
        ("cases/unsure.toml", case("unsure", MARK)),
    ];
    let deepest = folder.join("cases");
    fs::create_dir_all(&deepest).with_context(|| format!("the folder {} cannot be made", deepest.display()))?;
    let mut written = Vec::new();
    for (name, content) in files {
        let path = folder.join(name);
        fs::write(&path, content).with_context(|| format!("{} cannot be written", path.display()))?;
        written.push(path);
    }
    Ok(written)
}

/// What was written and what to do with it, for people.
pub fn what_next(written: &[PathBuf], area: &str, id: &str) -> String {
    use std::fmt::Write as _;
    let mut message = String::from("written:\n");
    for path in written {
        // Writing to a string cannot fail.
        let _ = writeln!(message, "  {}", path.display());
    }
    let _ = write!(
        message,
        "next:\n  \
         1. cause.toml: title, subject, conditions, checks, remedies, sources. Grammar: crates/core/src/condition.rs.\n     \
         Facts: crates/core/src/fact/catalogue.rs. Shared conditions: knowledge/conditions.toml.\n  \
         2. cases/: facts or pasted text; add cases until every leaf of a condition decides one.\n  \
         3. ja.md and en.md: the same commands and codes in both; nothing may be left that says {MARK}.\n  \
         4. its id into crates/evidence/tests/knowledge/causes.txt, and its codes into knowledge/codes.\n  \
         5. run: cargo test -p kmsdoctor-evidence --test knowledge -- {id}\n     \
         and then: cargo xtask docs; cargo xtask test\n  \
         An example to follow: knowledge/causes/network/net-port-refused (yours: knowledge/causes/{area}/{id}).\n"
    );
    message
}

fn is_area(area: &str) -> bool {
    area.split('-').all(|word| !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_lowercase()))
}

/// The folder of the cause called `id`, in whatever area.
fn folder_of(causes: &Path, id: &str) -> anyhow::Result<Option<PathBuf>> {
    if !causes.exists() {
        return Ok(None);
    }
    let areas = fs::read_dir(causes).with_context(|| format!("the folder {} cannot be read", causes.display()))?;
    for area in areas {
        let area = area.with_context(|| format!("the folder {} cannot be read", causes.display()))?;
        let folder = area.path().join(id);
        if folder.exists() {
            return Ok(Some(folder));
        }
    }
    Ok(None)
}

fn cause(id: &str, date: &str) -> String {
    format!(
        r#"id = "{id}"
title.en = "{MARK}"
title.ja = "{MARK}"
# One of: machine, license, attempt, domain, name, endpoint, resolver, time-source, cloud-path.
subject = "machine"
# Or "command": only a command failed; "benign": no action needed.
severity = "fault"
# How often it is the reason, compared with its rivals: 0 (rare) to 100.
weight = 50
codes = []
leads_to = ["client-grace-expired"]
checks = []
# remedies = ["..."], the mildest first, or the reason why there is none:
no_remedy.en = "{MARK}"
no_remedy.ja = "{MARK}"

[confirmed]
always = false

# [likely], [possible] and [ruled_out] are optional, and so are [[variants]]. The fields stand in knowledge/README.md.

[[rivals]]
cause = "net-port-refused"
difference.en = "{MARK}"
difference.ja = "{MARK}"

[recurrence]
owner = "kms-administrator"

[[recurrence.monitor]]
en = "{MARK}"
ja = "{MARK}"

[[recurrence.audit]]
every = "month"
what.en = "{MARK}"
what.ja = "{MARK}"

[recurrence.escalate]
to = "network-administrator"
checks = []
with.en = "{MARK}"
with.ja = "{MARK}"

[[sources]]
name = "{MARK}: document and place in it"
read = "{date}"
"#
    )
}

fn text(language: Language) -> String {
    let sections = Section::ALL.map(|section| format!("## {}\n\n{MARK}\n", section.heading(language)));
    sections.join("\n")
}

fn case(kind: &str, expect: &str) -> String {
    let hint = match kind {
        "fires" => "The evidence shows the fault.",
        "silent" => "The evidence shows that all is well, or that it is something else. `expect`: silent or ruled-out.",
        _ => "A fact that would settle it is missing, so it must not be confirmed. `expect`: possible, not-checkable …",
    };
    format!(
        r#"# {hint}
what = "{MARK}"
kind = "{kind}"
expect = "{expect}"

# [[fact]]
# of = {{ machine = "" }}
# present = {{ "machine.name" = "PC-1" }}
# absent = []
# unknown = {{ "machine.domain" = "not-in-evidence" }}
#
# Or text as it was pasted, which the readers turn into facts:
# [[artifact]]
# name = "slmgr.txt"
# text = '''
# '''
"#
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn areas() {
        for area in ["network", "kms-host"] {
            assert!(is_area(area), "{area}");
        }
        for area in ["", "Network", "a/b", "..", "-x", "x-", "a b"] {
            assert!(!is_area(area), "{area}");
        }
    }

    #[test]
    fn today_is_a_date() {
        assert!(today().parse::<jiff::civil::Date>().is_ok());
    }
}
