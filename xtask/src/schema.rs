//! The JSON schema of the report.

use std::fs;
use std::path::Path;

use anyhow::Context;
use kmsdoctor_core::diagnosis::{Status, Verdict};
use kmsdoctor_core::fact::Why;
use kmsdoctor_core::report::{self, Report};
use schemars::generate::SchemaSettings;
use serde_json::{Value, json};

/// Where the schema is committed, below the root.
pub const FILE: &str = "docs/report.schema.json";

/// The schema as it is committed.
pub fn text() -> anyhow::Result<String> {
    // Of what the program writes, so fields that may be null are required all the same.
    let mut schema = SchemaSettings::draft2020_12().for_serialize().into_generator().into_root_schema_for::<Report>();
    for (pointer, keyword, value) in fixed_words() {
        let field = schema.pointer_mut(pointer).and_then(Value::as_object_mut);
        let field =
            field.with_context(|| format!("the report has no `{pointer}` any more: its words are kept here"))?;
        field.insert(keyword.to_owned(), value);
    }
    let mut text = serde_json::to_string_pretty(&schema).context("the schema cannot be written as JSON")?;
    text.push('\n');
    Ok(text)
}

/// Fields that are words of a fixed list: the report's types only say that they are text.
fn fixed_words() -> [(&'static str, &'static str, Value); 8] {
    let verdicts = [Verdict::Healthy, Verdict::Problem, Verdict::Undetermined].map(Verdict::name);
    let statuses = [Status::Confirmed, Status::Likely, Status::Possible, Status::RuledOut, Status::NotCheckable];
    let reasons = [Why::NotInEvidence, Why::NoAnswer, Why::Unreadable, Why::Contradictory, Why::NotPermitted];
    [
        ("/properties/schema", "const", json!(report::SCHEMA)),
        ("/properties/verdict", "enum", json!(verdicts)),
        ("/$defs/FindingEntry/properties/status", "enum", json!(statuses.map(Status::name))),
        ("/$defs/MissingEntry/properties/why", "enum", json!(reasons.map(report::why_name))),
        ("/$defs/PathEntry/properties/verdict", "enum", json!(report::PATH_VERDICTS)),
        ("/$defs/HopEntry/properties/outcome", "enum", json!(report::HOP_OUTCOMES)),
        ("/$defs/Note/properties/level", "enum", json!(["info", "warning"])),
        ("/$defs/SubjectEntry/properties/role", "enum", json!(["client", "host", null])),
    ]
}

/// Writes the schema to `path`.
pub fn write(path: &Path) -> anyhow::Result<()> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).with_context(|| format!("the folder {} cannot be made", folder.display()))?;
    }
    fs::write(path, text()?).with_context(|| format!("{} cannot be written", path.display()))
}
