//! Replays the corpus of the fuzz targets, and what fuzzing has found: nothing in it may panic.

#[path = "../../../fuzz/src/lib.rs"]
pub mod targets;

use std::fs;
use std::path::Path;

use libtest_mimic::{Arguments, Failed, Trial};

fn main() {
    let arguments = Arguments::from_args();
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/corpus");
    let trials = targets::TARGETS.map(|(name, target)| {
        let folder = corpus.join(name);
        Trial::test(name, move || {
            let mut files: Vec<_> = fs::read_dir(&folder)
                .map_err(|error| Failed::from(format!("{}: {error}", folder.display())))?
                .flatten()
                .map(|entry| entry.path())
                .collect();
            files.sort();
            if files.is_empty() {
                return Err(Failed::from(format!("{} is empty", folder.display())));
            }
            for file in files {
                let bytes = fs::read(&file).map_err(|error| format!("{}: {error}", file.display()))?;
                println!("{}", file.display());
                target(&bytes);
            }
            Ok(())
        })
    });
    libtest_mimic::run(&arguments, trials.into()).exit();
}
