//! The committed JSON schema is the report's, and what the program prints conforms to it.

use std::fs;
use std::io::Write as _;
use std::process::{Command, Stdio};

use serde_json::Value;
use xtask::programs::Programs;
use xtask::{root, schema};

fn current() -> Value {
    serde_json::from_str(&schema::text().expect("the schema is made")).expect("the schema is JSON")
}

#[test]
fn committed_schema_is_current() {
    let path = root().join(schema::FILE);
    let committed: Value = serde_json::from_str(&fs::read_to_string(&path).unwrap_or_default()).unwrap_or_default();
    // Compared without printing both: the message says what to do.
    assert!(committed == current(), "{} is not that of the report: run `cargo xtask schema`", path.display());
}

#[test]
fn reports_conform() {
    let schema = current();
    for (input, status) in [(WRONG_CLOCK, 1), ("garbage", 3)] {
        for language in ["ja", "en"] {
            let report = analyze(input, language, status);
            let mut mistakes = Vec::new();
            compare(&report, &schema, &schema, "report", &mut mistakes);
            assert!(mistakes.is_empty(), "{}\n{report:#}", mistakes.join("\n"));
        }
    }
}

#[test]
fn comparison_finds_what_does_not_conform() {
    let schema = current();
    let report = analyze(WRONG_CLOCK, "en", 1);
    let mut missing = report.clone();
    missing.as_object_mut().expect("a report is an object").remove("verdict");
    let mut mistyped = report.clone();
    mistyped["findings"][0]["remedies"] = Value::Bool(true);
    let mut unknown = report.clone();
    unknown["findings"][0]["extra"] = Value::Null;
    let mut null = report;
    null["artifacts"][0]["name"] = Value::Null;
    for (changed, expected) in [
        (missing, "report: `verdict` is missing"),
        (mistyped, "report.findings[0].remedies: is no \"array\""),
        (unknown, "report.findings[0]: `extra` is not in the schema"),
        (null, "report.artifacts[0].name: is no \"string\""),
    ] {
        let mut mistakes = Vec::new();
        compare(&changed, &schema, &schema, "report", &mut mistakes);
        assert_eq!(mistakes, [expected]);
    }
}

/// A machine whose clock is wrong, as the KMS client's event says it: evidence that carries a finding.
const WRONG_CLOCK: &str = "\
Log Name: Application
Source: Microsoft-Windows-Security-SPP
Date: 2026-11-20 17:52:03
Event ID: 12288
Level: Information
Computer: pc1.contoso.com

Description:
The client has sent an activation request to the key management service machine.
Info:
0xC004F06C, 0x00000000, kms1.contoso.com:1688, 2f0a3c55-7d1e-4a52-9c40-6b8f1d2e3a47, 2026/11/20 17:52, 0, 2, 41760, \
9bd77860-9b31-4b7b-96ad-2564017315bf, 5
";

fn analyze(input: &str, language: &str, status: i32) -> Value {
    let product = Programs::product().expect("the product is built");
    let mut child = Command::new(product)
        .args(["analyze", "-", "--format", "json", "--lang", language])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the product starts");
    child.stdin.take().expect("a pipe").write_all(input.as_bytes()).expect("the product reads");
    let output = child.wait_with_output().expect("the product ends");
    let errors = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(status), "{}\n{errors}", String::from_utf8_lossy(&output.stdout));
    serde_json::from_slice(&output.stdout).expect("the output is JSON")
}

/// Holds a value against a schema, as far as the report's schema goes: references, types, properties, items,
/// alternatives and fixed values. A property that the schema does not know is a mistake here, and so is a keyword of
/// the schema that this function does not know.
fn compare(value: &Value, schema: &Value, root: &Value, place: &str, mistakes: &mut Vec<String>) {
    let Some(schema) = schema.as_object() else { return };
    for (keyword, rule) in schema {
        match keyword.as_str() {
            "$ref" => {
                let pointer = rule.as_str().unwrap_or_default().trim_start_matches('#');
                let target = root.pointer(pointer).unwrap_or_else(|| panic!("the schema refers to {pointer}"));
                compare(value, target, root, place, mistakes);
            }
            "type" => {
                let types = rule.as_array().map_or_else(|| vec![rule.clone()], Clone::clone);
                if !types.iter().any(|name| is_of_type(value, name.as_str().unwrap_or_default())) {
                    mistakes.push(format!("{place}: is no {rule}"));
                }
            }
            "enum" => {
                if !rule.as_array().is_some_and(|values| values.contains(value)) {
                    mistakes.push(format!("{place}: is none of {rule}"));
                }
            }
            "const" => {
                if value != rule {
                    mistakes.push(format!("{place}: is not {rule}"));
                }
            }
            "anyOf" => {
                let fits = |alternative: &Value| {
                    let mut mistakes = Vec::new();
                    compare(value, alternative, root, place, &mut mistakes);
                    mistakes.is_empty()
                };
                if !rule.as_array().is_some_and(|alternatives| alternatives.iter().any(fits)) {
                    mistakes.push(format!("{place}: fits no alternative"));
                }
            }
            "required" => {
                let names = rule.as_array().into_iter().flatten().filter_map(Value::as_str);
                for name in names.filter(|name| value.get(name).is_none()) {
                    mistakes.push(format!("{place}: `{name}` is missing"));
                }
            }
            "properties" => {
                for (name, property) in value.as_object().into_iter().flatten() {
                    match rule.get(name) {
                        Some(rule) => compare(property, rule, root, &format!("{place}.{name}"), mistakes),
                        None => mistakes.push(format!("{place}: `{name}` is not in the schema")),
                    }
                }
            }
            "items" => {
                for (index, item) in value.as_array().into_iter().flatten().enumerate() {
                    compare(item, rule, root, &format!("{place}[{index}]"), mistakes);
                }
            }
            "minimum" => {
                if value.as_f64().zip(rule.as_f64()).is_some_and(|(value, minimum)| value < minimum) {
                    mistakes.push(format!("{place}: is below {rule}"));
                }
            }
            // What they say is said by other keywords too, or is for people.
            "$schema" | "$defs" | "title" | "description" | "format" => {}
            other => mistakes.push(format!("the schema has `{other}` at {place}, which this test does not know")),
        }
    }
}

fn is_of_type(value: &Value, name: &str) -> bool {
    match name {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "integer" => value.is_i64() || value.is_u64(),
        "number" => value.is_number(),
        "boolean" => value.is_boolean(),
        "null" => value.is_null(),
        _ => false,
    }
}
