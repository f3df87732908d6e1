//! The knowledge, read from `knowledge/` as it lies there, so that a new entry is tried without a build: every case of
//! every cause (`cases`), and the laws over all entries (`laws`). One named test each: give part of a name to run a few.

mod cases;
mod laws;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use kmsdoctor_core::knowledge::{Knowledge, KnowledgeError};
use libtest_mimic::{Arguments, Failed, Trial};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../knowledge")
}

/// Every file but the cases: path below the root, content.
fn files(root: &Path) -> BTreeMap<String, String> {
    let mut files = BTreeMap::new();
    let mut open = vec![root.to_owned()];
    while let Some(folder) = open.pop() {
        for entry in fs::read_dir(&folder).into_iter().flatten().flatten() {
            let path = entry.path();
            let known = path.extension().is_some_and(|extension| extension == "toml" || extension == "md");
            if path.is_dir() {
                if path.file_name().is_some_and(|name| name != "cases") {
                    open.push(path);
                }
            } else if let (true, Ok(name)) = (known, path.strip_prefix(root)) {
                let content = fs::read_to_string(&path).unwrap_or_else(|error| format!("unreadable: {error}"));
                files.insert(name.to_string_lossy().replace('\\', "/"), content);
            }
        }
    }
    files
}

/// One test per file that has mistakes, so that the rest can be tried all the same; and one that there are none.
fn loading(errors: &[KnowledgeError]) -> Vec<Trial> {
    let mut by_file: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for error in errors {
        by_file.entry(&error.file).or_default().push(&error.problem);
    }
    let mut trials: Vec<Trial> = by_file
        .iter()
        .map(|(file, problems)| {
            let problems = problems.join("\n");
            Trial::test(format!("file::{file}"), move || Err(Failed::from(problems)))
        })
        .collect();
    let count = by_file.len();
    trials.push(Trial::test("file::all_are_sound", move || match count {
        0 => Ok(()),
        count => Err(Failed::from(format!("{count} files have mistakes; each has a test of its own"))),
    }));
    trials
}

fn main() {
    let arguments = Arguments::from_args();
    let files = files(&root());
    let (knowledge, errors) = Knowledge::read(files.iter().map(|(name, content)| (name.as_str(), content.as_str())));
    // The tests run on threads and the program ends with them.
    let knowledge: &'static Knowledge = Box::leak(Box::new(knowledge));
    let mut trials = loading(&errors);
    trials.extend(cases::trials(knowledge));
    trials.extend(laws::trials(knowledge));
    libtest_mimic::run(&arguments, trials).exit();
}
