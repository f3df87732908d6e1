//! The JSON schema of the report.

use std::fs;
use std::path::Path;

use anyhow::Context;
use kmsdoctor_core::report::Report;
use schemars::generate::SchemaSettings;

/// Where the schema is committed, below the root.
pub const FILE: &str = "docs/report.schema.json";

/// The schema as it is committed.
pub fn text() -> anyhow::Result<String> {
    // Of what the program writes, so fields that may be null are required all the same.
    let schema = SchemaSettings::draft2020_12().for_serialize().into_generator().into_root_schema_for::<Report>();
    let mut text = serde_json::to_string_pretty(&schema).context("the schema cannot be written as JSON")?;
    text.push('\n');
    Ok(text)
}

/// Writes the schema to `path`.
pub fn write(path: &Path) -> anyhow::Result<()> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).with_context(|| format!("the folder {} cannot be made", folder.display()))?;
    }
    fs::write(path, text()?).with_context(|| format!("{} cannot be written", path.display()))
}
