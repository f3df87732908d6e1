//! Expressions of ARM templates, as far as the template itself says what they are: parameters with default values, variables,
//! `concat`, `format`, `resourceId`. What depends on the place of deployment stays as it is written.

use std::cell::Cell;

use kmsdoctor_cloud::azure::ResourceId;

use crate::readers::cloud::json::{Object, Value};

/// Depth of expressions in expressions, and of variables that use others.
const DEPTH_MAX: usize = 16;
/// Bytes and values that all expressions of a template may become: a small template must not become a large one.
const GROWTH_MAX: usize = 16 * 1024 * 1024;

/// What expressions refer to.
pub(super) struct Template<'t> {
    /// `parameters`: objects with `defaultValue`.
    parameters: Object<'t>,
    variables: Object<'t>,
    growth: Cell<usize>,
}

impl<'t> Template<'t> {
    pub(super) fn new(parameters: Object<'t>, variables: Object<'t>) -> Self {
        Self { parameters, variables, growth: Cell::new(0) }
    }

    /// Puts what they are in place of the expressions in `value`.
    pub(super) fn resolve(&self, value: &mut Value<'t>) {
        match value {
            Value::Text(text) => {
                if let Some(known) = expression(text).and_then(|written| self.evaluate(written, DEPTH_MAX)) {
                    *value = known;
                }
            }
            Value::List(list) => list.iter_mut().for_each(|value| self.resolve(value)),
            Value::Object(object) => object.members.iter_mut().for_each(|(_, value)| self.resolve(value)),
            _ => {}
        }
    }

    fn evaluate(&self, written: &str, depth: usize) -> Option<Value<'t>> {
        let mut parser = Parser { template: self, rest: written.trim() };
        let value = parser.term(depth)?;
        parser.rest.trim().is_empty().then_some(value)
    }

    /// A copy of what a parameter or variable is.
    fn copy(&self, value: &Value<'t>, depth: usize) -> Option<Value<'t>> {
        self.grow(size_of(value))?;
        match value {
            Value::Text(text) => match expression(text) {
                Some(written) => self.evaluate(written, depth.checked_sub(1)?),
                None => Some(value.clone()),
            },
            value => Some(value.clone()),
        }
    }

    fn grow(&self, by: usize) -> Option<()> {
        self.growth.set(self.growth.get().saturating_add(by));
        (self.growth.get() <= GROWTH_MAX).then_some(())
    }

    fn call(&self, function: &str, arguments: &[Value<'t>], depth: usize) -> Option<Value<'t>> {
        let texts = || arguments.iter().map(Value::text).collect::<Option<Vec<&str>>>();
        let text = match function.to_ascii_lowercase().as_str() {
            "parameters" => {
                let parameter = self.parameters.member(arguments.first()?.text()?)?.object()?;
                return self.copy(parameter.member("defaultValue")?, depth);
            }
            "variables" => return self.copy(self.variables.member(arguments.first()?.text()?)?, depth),
            "concat" => texts()?.concat(),
            "format" => format(&texts()?)?,
            "resourceid" => resource_id(&texts()?)?,
            "tolower" => arguments.first()?.text()?.to_lowercase(),
            _ => return None,
        };
        self.grow(text.len())?;
        Some(Value::Text(text.into()))
    }
}

/// What stands between the brackets of an expression; `[[` begins a text.
fn expression(text: &str) -> Option<&str> {
    let inner = text.trim().strip_prefix('[')?.strip_suffix(']')?;
    (!inner.starts_with('[')).then_some(inner)
}

/// Bytes and values of a tree.
fn size_of(value: &Value<'_>) -> usize {
    match value {
        Value::Text(text) => text.len() + 1,
        Value::List(list) => 1 + list.iter().map(size_of).sum::<usize>(),
        Value::Object(object) => 1 + object.members.iter().map(|(_, value)| size_of(value)).sum::<usize>(),
        _ => 1,
    }
}

/// `{0}/{1}` with what stands for the numbers.
fn format(texts: &[&str]) -> Option<String> {
    let (pattern, values) = texts.split_first()?;
    let mut text = String::new();
    let mut rest = *pattern;
    while let Some((before, behind)) = rest.split_once('{') {
        let (number, behind) = behind.split_once('}')?;
        text.push_str(before);
        text.push_str(values.get(number.parse::<usize>().ok()?)?);
        rest = behind;
        // More numbers than a template has: it would grow without end.
        if text.len() > GROWTH_MAX {
            return None;
        }
    }
    text.push_str(rest);
    Some(text)
}

/// `resourceId([subscription,] [resource group,] type, names…)`.
fn resource_id(texts: &[&str]) -> Option<String> {
    let at = texts.iter().position(|text| text.contains('/') && text.contains('.') && !text.starts_with('/'))?;
    let names = texts.get(at + 1..)?.iter().flat_map(|text| text.split('/'));
    let scope = match texts.get(..at)? {
        [subscription, group] => format!("/subscriptions/{subscription}/resourceGroups/{group}"),
        _ => String::new(),
    };
    built_id(&scope, texts.get(at)?, names).map(|id| id.as_str().to_owned())
}

/// The id of a resource of this type, of which a template says the names alone.
pub(super) fn built_id<'n>(scope: &str, kind: &str, names: impl Iterator<Item = &'n str>) -> Option<ResourceId> {
    let (provider, segments) = kind.split_once('/')?;
    let (segments, names): (Vec<&str>, Vec<&str>) = (segments.split('/').collect(), names.collect());
    if segments.len() != names.len() {
        return None;
    }
    let mut id = format!("{scope}/providers/{provider}");
    for (segment, name) in segments.iter().zip(&names) {
        id.push_str(&format!("/{segment}/{name}"));
    }
    Some(ResourceId::new(&id))
}

struct Parser<'p, 't> {
    template: &'p Template<'t>,
    rest: &'p str,
}

impl<'t> Parser<'_, 't> {
    /// A text, a number, or a call with what is taken of its result.
    fn term(&mut self, depth: usize) -> Option<Value<'t>> {
        let depth = depth.checked_sub(1)?;
        self.rest = self.rest.trim_start();
        if self.rest.starts_with('\'') {
            return self.text();
        }
        let word = self.word()?;
        if !self.take('(') {
            return word.bytes().all(|byte| byte.is_ascii_digit()).then(|| Value::Text(word.into()));
        }
        let mut arguments = Vec::new();
        while !self.take(')') {
            if !arguments.is_empty() && !self.take(',') {
                return None;
            }
            arguments.push(self.term(depth)?);
        }
        let mut value = self.template.call(&word, &arguments, depth)?;
        while self.take('.') {
            let name = self.word()?;
            value = value.object()?.member(&name)?.clone();
        }
        Some(value)
    }

    /// A text in quotation marks; two of them in it stand for one.
    fn text(&mut self) -> Option<Value<'t>> {
        let mut text = String::new();
        loop {
            let behind = self.rest.strip_prefix('\'')?;
            let (part, rest) = behind.split_once('\'')?;
            text.push_str(part);
            self.rest = rest;
            if !rest.starts_with('\'') {
                return Some(Value::Text(text.into()));
            }
            text.push('\'');
        }
    }

    fn word(&mut self) -> Option<String> {
        self.rest = self.rest.trim_start();
        let end = self.rest.find(|character: char| !character.is_ascii_alphanumeric() && character != '_');
        let (word, rest) = self.rest.split_at(end.unwrap_or(self.rest.len()));
        self.rest = rest;
        (!word.is_empty()).then(|| word.to_owned())
    }

    fn take(&mut self, character: char) -> bool {
        let rest = self.rest.trim_start().strip_prefix(character);
        self.rest = rest.unwrap_or(self.rest);
        rest.is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::readers::cloud::json;

    const PARAMETERS: &str = r#"{
        "vnet": {"defaultValue": "vnet1", "type": "String"},
        "far": {"defaultValue": "/subscriptions/1/resourceGroups/rg/providers/Microsoft.Network/virtualNetworks/v", "type": "String"},
        "prefixes": {"defaultValue": ["10.0.0.0/16"], "type": "Array"},
        "place": {"defaultValue": "[resourceGroup().location]"},
        "loop": {"defaultValue": "[parameters('loop')]"},
        "none": {"type": "String"}
    }"#;

    fn resolved(text: &str) -> String {
        let tree = |text: &'static str| json::tree(text, 0).and_then(|(value, _)| value.object().cloned());
        let variables = tree(r#"{"subnet": "[concat(parameters('vnet'), '/default')]", "o": {"name": "it''s"}}"#);
        let template = Template::new(tree(PARAMETERS).expect("parameters"), variables.expect("variables"));
        let mut value = Value::Text(text.to_owned().into());
        template.resolve(&mut value);
        match value {
            Value::List(list) => list.iter().filter_map(Value::text).collect::<Vec<_>>().join("+"),
            value => value.text().unwrap_or_default().to_owned(),
        }
    }

    #[test]
    fn what_the_template_says_is_put_in() {
        for (text, expect) in [
            ("[parameters('vnet')]", "vnet1"),
            ("[parameters('prefixes')]", "10.0.0.0/16"),
            ("[variables('subnet')]", "vnet1/default"),
            ("[variables('o').name]", "it''s"),
            (
                "[concat(parameters('far'), '/subnets/it''s')]",
                "/subscriptions/1/resourceGroups/rg/providers/Microsoft.Network/virtualNetworks/v/subnets/it's",
            ),
            (
                "[resourceId('Microsoft.Network/virtualNetworks/subnets', parameters('vnet'), 'a')]",
                "/providers/microsoft.network/virtualnetworks/vnet1/subnets/a",
            ),
            (
                "[resourceId('1', 'rg', 'Microsoft.Network/routeTables', 'rt')]",
                "/subscriptions/1/resourcegroups/rg/providers/microsoft.network/routetables/rt",
            ),
            ("[format('{0}/{1}', parameters('vnet'), 'b')]", "vnet1/b"),
            ("plain", "plain"),
        ] {
            assert_eq!(resolved(text), expect, "{text}");
        }
    }

    #[test]
    fn the_rest_stays_as_it_is() {
        for text in [
            "[parameters('none')]",
            "[parameters('place')]",
            "[parameters('loop')]",
            "[reference('x').y]",
            "[[text]",
            "[concat('a']",
            "[format('{9}')]",
            "[resourceId('Microsoft.Network/routeTables')]",
            "[]",
        ] {
            assert_eq!(resolved(text), text);
        }
    }
}
