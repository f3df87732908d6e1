//! Resources of templates: one tree, written as Bicep or as HCL.

use std::fmt::Write;

use super::quote;

/// A resource of a template.
pub(super) struct Block {
    /// `Microsoft.Network/routeTables@…` or `azurerm_route`.
    pub(super) kind: &'static str,
    /// How the template itself calls it.
    pub(super) symbol: String,
    /// Whether it is there already and only referred to.
    pub(super) is_existing: bool,
    /// What stands in it.
    pub(super) fields: Vec<(&'static str, Value)>,
}

/// A value in a template.
pub(super) enum Value {
    /// A text, quoted.
    Text(String),
    /// A number.
    Number(u32),
    /// An expression of the template language: never anything of an export.
    Expression(String),
    /// Several.
    List(Vec<Value>),
    /// Named values; in HCL a nested block.
    Object(Vec<(&'static str, Value)>),
}

impl Value {
    pub(super) fn text(text: &str) -> Self {
        Self::Text(text.to_owned())
    }

    pub(super) fn is_text(&self, text: &str) -> bool {
        matches!(self, Self::Text(own) if own == text)
    }

    pub(super) fn texts<T: ToString>(texts: impl IntoIterator<Item = T>) -> Self {
        Self::List(texts.into_iter().map(|text| Self::Text(text.to_string())).collect())
    }
}

impl Block {
    pub(super) fn new(kind: &'static str, symbol: &str, fields: Vec<(&'static str, Value)>) -> Self {
        Self { kind, symbol: symbol.to_owned(), is_existing: false, fields }
    }

    pub(super) fn existing(kind: &'static str, symbol: &str, fields: Vec<(&'static str, Value)>) -> Self {
        Self { is_existing: true, ..Self::new(kind, symbol, fields) }
    }

    pub(super) fn bicep(&self) -> String {
        let existing = if self.is_existing { " existing" } else { "" };
        let mut text = format!("resource {} '{}'{existing} = ", self.symbol, self.kind);
        bicep_object(&self.fields, 0, &mut text);
        text.push('\n');
        text
    }

    pub(super) fn hcl(&self) -> String {
        let mut text = format!("resource \"{}\" \"{}\" {{\n", self.kind, self.symbol);
        hcl_fields(&self.fields, 1, &mut text);
        text.push_str("}\n");
        text
    }
}

fn indent(depth: usize) -> String {
    "  ".repeat(depth)
}

fn bicep_object(fields: &[(&'static str, Value)], depth: usize, text: &mut String) {
    text.push_str("{\n");
    for (name, value) in fields {
        let _ = write!(text, "{}{name}: ", indent(depth + 1));
        bicep_value(value, depth + 1, text);
        text.push('\n');
    }
    let _ = write!(text, "{}}}", indent(depth));
}

fn bicep_value(value: &Value, depth: usize, text: &mut String) {
    match value {
        Value::Text(value) => text.push_str(&quote::bicep(value)),
        Value::Number(number) => text.push_str(&number.to_string()),
        Value::Expression(expression) => text.push_str(expression),
        Value::Object(fields) => bicep_object(fields, depth, text),
        Value::List(values) => {
            text.push_str("[\n");
            for value in values {
                text.push_str(&indent(depth + 1));
                bicep_value(value, depth + 1, text);
                text.push('\n');
            }
            let _ = write!(text, "{}]", indent(depth));
        }
    }
}

/// Fields in the layout of `terraform fmt`: equals signs of neighbouring lines below each other.
fn hcl_fields(fields: &[(&'static str, Value)], depth: usize, text: &mut String) {
    let indent = indent(depth);
    let is_block = |value: &Value| matches!(value, Value::Object(_));
    let width = fields.iter().filter(|(_, value)| !is_block(value)).map(|(name, _)| name.len()).max().unwrap_or(0);
    for (name, value) in fields {
        if let Value::Object(fields) = value {
            let _ = writeln!(text, "\n{indent}{name} {{");
            hcl_fields(fields, depth + 1, text);
            let _ = writeln!(text, "{indent}}}");
        } else {
            let _ = writeln!(text, "{indent}{name:width$} = {}", hcl_value(value));
        }
    }
}

fn hcl_value(value: &Value) -> String {
    match value {
        Value::Text(value) => quote::hcl(value),
        Value::Number(number) => number.to_string(),
        Value::Expression(expression) => expression.clone(),
        Value::List(values) => format!("[{}]", values.iter().map(hcl_value).collect::<Vec<_>>().join(", ")),
        // Objects are blocks, which are written as fields.
        Value::Object(_) => String::new(),
    }
}
