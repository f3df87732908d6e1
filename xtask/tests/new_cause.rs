//! `cargo xtask new-cause` writes files that load, with cases that fail until somebody writes them.

use std::fs;
use std::path::{Path, PathBuf};

use kmsdoctor_core::diagnosis::{Given, Status, diagnose};
use kmsdoctor_core::knowledge::{FILES, Knowledge};
use xtask::new_cause::{MARK, what_next, write};

const ID: &str = "net-skeleton-of-this-test";

/// An empty folder of this test, below cargo's own place for such files.
fn folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("new-cause").join(name);
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).expect("the target directory can be written to");
    folder
}

fn written(knowledge: &Path) -> Vec<(String, String)> {
    let files = write(knowledge, "network", ID, "2026-11-23").expect("the skeleton is written");
    let read = |path: &PathBuf| {
        let name = path.strip_prefix(knowledge).expect("it lies below").to_string_lossy().replace('\\', "/");
        (name, fs::read_to_string(path).expect("it was just written"))
    };
    files.iter().map(read).collect()
}

#[test]
fn skeleton_loads_beside_the_knowledge_that_there_is() {
    let files = written(&folder("loads"));
    let names: Vec<&str> = files.iter().map(|(name, _)| name.as_str()).collect();
    let expected = ["cause.toml", "ja.md", "en.md", "cases/fires.toml", "cases/silent.toml", "cases/unsure.toml"];
    assert_eq!(names, expected.map(|name| format!("causes/network/{ID}/{name}")));
    // Cases are not embedded.
    let own = files.iter().map(|(name, text)| (name.as_str(), text.as_str())).take(3);
    let knowledge = match Knowledge::load(FILES.iter().copied().chain(own)) {
        Ok(knowledge) => knowledge,
        Err(errors) => panic!("{}", errors.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")),
    };
    assert_eq!(knowledge.causes[ID].area, "network");
}

#[test]
fn every_case_of_the_skeleton_fails() {
    let files = written(&folder("cases"));
    let own = files.iter().map(|(name, text)| (name.as_str(), text.as_str())).take(3);
    let knowledge = Knowledge::load(own).expect("the skeleton needs nothing else");
    // The cases give no facts, so this is what each of them sees.
    let diagnosis = diagnose(Vec::new(), &knowledge, &Given::default());
    let seen = diagnosis.findings.iter().find(|finding| finding.cause.id == ID).map(|finding| finding.status);
    assert!(!seen.is_some_and(Status::carries), "nothing is found without evidence: {seen:?}");
    for (name, text) in &files[3..] {
        let case: toml::Table = text.parse().unwrap_or_else(|error| panic!("{name}: {error}"));
        let kind = case["kind"].as_str().expect("a word");
        assert_eq!(Some(kind), Path::new(name).file_stem().and_then(|stem| stem.to_str()));
        let expected = case["expect"].as_str().expect("a word");
        assert_ne!(expected, seen.map_or("silent", Status::name), "{name} would pass as it is");
        assert!(!case.contains_key("fact") && !case.contains_key("artifact"), "{name} gives facts");
        assert!(text.contains(MARK), "{name} does not say that it has to be written");
    }
}

#[test]
fn ids_that_exist_or_are_none_are_refused() {
    let knowledge = folder("refused");
    write(&knowledge, "network", ID, "2026-11-23").expect("the skeleton is written");
    let refusal =
        |area: &str, id: &str| write(&knowledge, area, id, "2026-11-23").expect_err("it has to be refused").to_string();
    assert!(refusal("network", ID).contains("exists already"));
    assert!(refusal("dns", ID).contains("exists already"), "an id is permanent, whatever its area");
    for id in ["", "word", "Net-Port", "net_port", "net-", "-net", "net--port", "../net-port", "net-port/x"] {
        assert!(refusal("network", id).contains("is no id"), "{id}");
    }
    for area in ["", "../network", "Network"] {
        assert!(refusal(area, "net-other-fault").contains("is no area"), "{area}");
    }
    let left: Vec<_> = fs::read_dir(knowledge.join("causes")).expect("the area is there").collect();
    assert_eq!(left.len(), 1, "a refusal writes nothing");
}

#[test]
fn next_steps_name_the_files_and_the_commands() {
    let knowledge = folder("next");
    let files = write(&knowledge, "network", ID, "2026-11-23").expect("the skeleton is written");
    let message = what_next(&files, "network", ID);
    assert!(files.iter().all(|file| message.contains(&file.display().to_string())), "{message}");
    assert!(message.contains(&format!("--test knowledge -- {ID}")), "{message}");
}
