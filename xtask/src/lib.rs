//! Tasks of the project, run as `cargo xtask …`.
//!
//! **Invariants.** Nothing here is part of the product, and the product knows nothing of it. What a task could not do
//! it says in words; it never counts as done.
//!
//! Start reading at `main.rs`, then [`gate`], the whole of what has to pass.

pub mod bench;
pub mod book;
pub mod command;
pub mod gate;
pub mod new_cause;
pub mod packages;
pub mod programs;
pub mod schema;
pub mod sources;
pub mod toolchain;

use std::path::{Path, PathBuf};

/// The root of the working tree that this program was built in.
pub fn root() -> PathBuf {
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR"));
    manifest.parent().unwrap_or(manifest).to_owned()
}
