//! Reads every real sample, where they are at hand: they are not part of the repository.

use std::path::{Path, PathBuf};

use kmsdoctor_core::artifact::Artifact;
use kmsdoctor_core::fact::State;
use kmsdoctor_evidence::{Reading, read};

fn files(folder: &Path, into: &mut Vec<PathBuf>) {
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    for entry in entries.flatten() {
        let path = entry.path();
        if path.is_dir() { files(&path, into) } else { into.push(path) }
    }
}

fn print(path: &Path, reading: &Reading) {
    println!("== {} · {} · {:?}", path.display(), reading.kind, reading.unread);
    for fact in &reading.facts {
        let state = match &fact.state {
            State::Present(value) => format!("= {value}"),
            State::Absent => "absent".to_owned(),
            State::Unknown(why) => format!("unknown {why:?}"),
        };
        let origin = &fact.origins[0];
        let time = fact.time.map(|time| format!(" [{time}]")).unwrap_or_default();
        println!("   {} {} {state}{time} @{}", fact.subject, fact.key.name(), origin.line.unwrap_or(0));
    }
}

#[test]
fn every_sample_is_read_or_says_why_not() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/samples");
    let mut paths = Vec::new();
    files(&folder, &mut paths);
    if paths.is_empty() {
        println!("not run: there are no samples at {}", folder.display());
        return;
    }
    paths.sort();
    for path in paths {
        let Ok(bytes) = std::fs::read(&path) else { continue };
        let artifact = Artifact::new(path.to_string_lossy(), bytes, None);
        let reading = read(&artifact);
        print(&path, &reading);
        assert_eq!(reading.facts.is_empty(), reading.unread.is_some());
        for origin in reading.facts.iter().flat_map(|fact| &fact.origins) {
            assert!(origin.span.end <= artifact.bytes().len() && !origin.quote.is_empty(), "{origin:?}");
        }
    }
}

/// The binary logs of the collection are sound, and say what their events of the licensing service say.
#[test]
fn binary_logs_are_read_whole() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/samples/evtx");
    for (name, key, value) in [
        ("application-no-crc32.evtx", "store.code", "0x00000000"),
        ("application-win7.evtx", "license.status", "licensed"),
        ("application-win7.evtx", "task.schedule-code", "0x00000000"),
    ] {
        let Ok(bytes) = std::fs::read(folder.join(name)) else {
            println!("not run: there is no {name} at {}", folder.display());
            continue;
        };
        let reading = read(&Artifact::new(name, bytes, None));
        assert_eq!((reading.kind.as_str(), reading.partly), ("evtx", None), "{name}");
        let says = |fact: &kmsdoctor_core::fact::Fact| {
            fact.key.name() == key && fact.value().is_some_and(|found| found.to_string() == value)
        };
        assert!(reading.facts.iter().any(says), "{name}: {key} = {value}");
        assert!(reading.facts.iter().all(|fact| fact.time.is_some() && fact.origins[0].line.is_none()));
    }
}
