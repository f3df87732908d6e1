//! Embeds `knowledge/` into the binary: every file but the cases, by walking the folders.
//!
//! TOML is turned into JSON here: it is parsed at every start of the program, and JSON takes a tenth of the time. A file
//! that is no TOML is embedded as it is, so that loading reports it with its place.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs, io};

fn main() -> io::Result<()> {
    let manifest = PathBuf::from(env::var("CARGO_MANIFEST_DIR").map_err(io::Error::other)?);
    let root = manifest.join("../../knowledge").canonicalize()?;
    let mut files = Vec::new();
    walk(&root, &mut files)?;
    files.sort();
    let mut source = String::from("&[\n");
    for file in &files {
        let name = file.strip_prefix(&root).map_err(io::Error::other)?.to_string_lossy().replace('\\', "/");
        let content = fs::read_to_string(file)?;
        let content = match content.parse::<toml::Table>() {
            Ok(table) if file.extension().is_some_and(|extension| extension == "toml") => {
                serde_json::to_string(&table).map_err(io::Error::other)?
            }
            _ => content,
        };
        writeln!(source, "    ({name:?}, {content:?}),").map_err(io::Error::other)?;
    }
    source.push(']');
    let out = PathBuf::from(env::var("OUT_DIR").map_err(io::Error::other)?).join("knowledge_files.rs");
    fs::write(out, source)
}

fn walk(folder: &Path, files: &mut Vec<PathBuf>) -> io::Result<()> {
    println!("cargo::rerun-if-changed={}", folder.display());
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            if path.file_name().is_some_and(|name| name != "cases") {
                walk(&path, files)?;
            }
        } else if path.extension().is_some_and(|extension| extension == "toml" || extension == "md") {
            println!("cargo::rerun-if-changed={}", path.display());
            files.push(path);
        }
    }
    Ok(())
}
