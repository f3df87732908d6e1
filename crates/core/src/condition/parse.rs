//! Conditions from TOML, checked against the fact catalogue.

use std::collections::BTreeMap;

use toml::{Table, Value as Toml};

use super::{Condition, Leaf, Predicate, Quantifier, Relation, Test};
use crate::code::ErrorCode;
use crate::fact::{Key, SubjectKind, Value, ValueType};
use crate::truth::Truth;

/// Nesting of a condition: deeper than any that a person can follow.
const DEPTH_MAX: usize = 12;

/// What is wrong with a condition, and where in it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{place}: {problem}")]
pub struct ConditionError {
    /// Path inside the condition: `confirmed.all[1].not`.
    pub place: String,
    /// What is wrong, in words.
    pub problem: String,
}

/// Shared conditions by name.
pub(crate) type Shared = BTreeMap<String, Table>;

/// Parses and checks the condition of a cause judged for `subject` subjects.
pub(crate) fn parse(
    table: &Table,
    subject: SubjectKind,
    shared: &Shared,
    place: &str,
) -> Result<Condition, ConditionError> {
    Parser { shared }.node(table, subject, place, 0)
}

struct Parser<'a> {
    shared: &'a Shared,
}

fn fail<T>(place: &str, problem: impl Into<String>) -> Result<T, ConditionError> {
    Err(ConditionError { place: place.to_owned(), problem: problem.into() })
}

impl Parser<'_> {
    fn node(
        &self,
        table: &Table,
        subject: SubjectKind,
        place: &str,
        depth: usize,
    ) -> Result<Condition, ConditionError> {
        if depth > DEPTH_MAX {
            return fail(place, "nested too deeply");
        }
        let heads = ["all", "any", "not", "some", "every", "fact", "use", "predicate", "always"];
        let present: Vec<&str> = heads.into_iter().filter(|head| table.contains_key(*head)).collect();
        let [head] = present.as_slice() else {
            return fail(
                place,
                format!(
                    "a condition has exactly one of {}, this has {}",
                    heads.join(", "),
                    if present.is_empty() { "none".to_owned() } else { present.join(" and ") }
                ),
            );
        };
        let allowed: &[&str] = match *head {
            "some" | "every" => &["some", "every", "among", "where", "same", "other", "if_none"],
            "fact" => &["fact", "is", "one_of", "above", "below", "outside", "has_bits", "exists", "below_fact"],
            _ => &["all", "any", "not", "use", "predicate", "always"],
        };
        if let Some(unknown) = table.keys().find(|key| !allowed.contains(&key.as_str())) {
            return fail(place, format!("`{unknown}` has no meaning beside `{head}`"));
        }
        let place = format!("{place}.{head}");
        match *head {
            "all" => self.list(&table["all"], subject, &place, depth).map(Condition::All),
            "any" => self.list(&table["any"], subject, &place, depth).map(Condition::Any),
            "not" => {
                Ok(Condition::Not(Box::new(self.node(as_table(&table["not"], &place)?, subject, &place, depth + 1)?)))
            }
            "some" | "every" => self.quantifier(table, head, subject, &place, depth),
            "fact" => leaf(table, subject, &place).map(Condition::Leaf),
            "use" => {
                let name = text(&table["use"], &place)?;
                let Some(shared) = self.shared.get(name) else {
                    return fail(&place, format!("there is no shared condition `{name}`"));
                };
                self.node(shared, subject, &format!("{place}({name})"), depth + 1)
            }
            "always" => match table["always"].as_bool() {
                Some(value) => Ok(Condition::Constant(Truth::from(value))),
                None => fail(&place, "`always` is true or false"),
            },
            _ => {
                let name = text(&table["predicate"], &place)?;
                Predicate::from_name(name).map_or_else(
                    || fail(&place, format!("there is no predicate `{name}`")),
                    |predicate| Ok(Condition::Predicate(predicate)),
                )
            }
        }
    }

    fn list(
        &self,
        value: &Toml,
        subject: SubjectKind,
        place: &str,
        depth: usize,
    ) -> Result<Vec<Condition>, ConditionError> {
        let Some(items) = value.as_array().filter(|items| !items.is_empty()) else {
            return fail(place, "expected a list of conditions, not empty");
        };
        items
            .iter()
            .enumerate()
            .map(|(index, item)| {
                let place = format!("{place}[{index}]");
                self.node(as_table(item, &place)?, subject, &place, depth + 1)
            })
            .collect()
    }

    fn quantifier(
        &self,
        table: &Table,
        head: &str,
        subject: SubjectKind,
        place: &str,
        depth: usize,
    ) -> Result<Condition, ConditionError> {
        let name = text(&table[head], place)?;
        let Some(kind) = SubjectKind::from_name(name) else {
            return fail(place, format!("`{name}` is no kind of subject"));
        };
        let relation = match (table.get("same").and_then(Toml::as_str), table.get("other").and_then(Toml::as_bool)) {
            (None, None) => Relation::Free,
            (Some("host"), None)
                if [SubjectKind::Endpoint, SubjectKind::Name].contains(&kind)
                    && [SubjectKind::Endpoint, SubjectKind::Name].contains(&subject) =>
            {
                Relation::SameHost
            }
            (None, Some(true)) if kind == subject => Relation::Other,
            _ => {
                return fail(
                    place,
                    "`same = \"host\"` relates endpoints and names, `other = true` subjects of one kind",
                );
            }
        };
        let among = match table.get("among") {
            Some(value) => {
                Some(Box::new(self.node(as_table(value, place)?, kind, &format!("{place}.among"), depth + 1)?))
            }
            None => None,
        };
        let Some(each) = table.get("where") else {
            return fail(place, "`where` is missing");
        };
        let each = Box::new(self.node(as_table(each, place)?, kind, &format!("{place}.where"), depth + 1)?);
        let if_none = match table.get("if_none") {
            None => Truth::Unknown,
            Some(value) => match value.as_bool() {
                Some(value) => Truth::from(value),
                None => return fail(place, "`if_none` is true or false"),
            },
        };
        let quantifier = Quantifier { kind, relation, among, each, if_none };
        Ok(if head == "some" { Condition::Some(quantifier) } else { Condition::Every(quantifier) })
    }
}

fn as_table<'t>(value: &'t Toml, place: &str) -> Result<&'t Table, ConditionError> {
    value.as_table().map_or_else(|| fail(place, "expected a condition in braces"), Ok)
}

fn text<'t>(value: &'t Toml, place: &str) -> Result<&'t str, ConditionError> {
    value.as_str().map_or_else(|| fail(place, "expected a name in quotes"), Ok)
}

fn leaf(table: &Table, subject: SubjectKind, place: &str) -> Result<Leaf, ConditionError> {
    let name = text(&table["fact"], place)?;
    let place = &format!("{place}({name})");
    let Some(key) = Key::from_name(name) else {
        return fail(place, format!("`{name}` is not in the fact catalogue"));
    };
    let kind = key.subject_kind();
    if kind != subject && kind != SubjectKind::Machine {
        return fail(place, format!("`{name}` is a fact of a {}; ask for it with `some` or `every`", kind.name()));
    }
    let tests: Vec<(&String, &Toml)> = table.iter().filter(|(name, _)| *name != "fact").collect();
    let [(test, value)] = tests.as_slice() else {
        return fail(place, "a fact is compared in exactly one way");
    };
    let test = match test.as_str() {
        "is" => Test::OneOf(vec![typed(key, value, place)?]),
        "one_of" => {
            let Some(items) = value.as_array().filter(|items| !items.is_empty()) else {
                return fail(place, "`one_of` takes a list, not empty");
            };
            Test::OneOf(items.iter().map(|item| typed(key, item, place)).collect::<Result<_, _>>()?)
        }
        "above" => Test::Above(number(key, value, place)?),
        "below" => Test::Below(number(key, value, place)?),
        "outside" => match value.as_array().map(Vec::as_slice) {
            Some([low, high]) => Test::Outside(number(key, low, place)?, number(key, high, place)?),
            _ => return fail(place, "`outside` takes [low, high]"),
        },
        "has_bits" => match (key.value_type(), value.as_integer().and_then(|bits| u32::try_from(bits).ok())) {
            (ValueType::Integer, Some(bits)) => Test::HasBits(bits),
            _ => return fail(place, "`has_bits` takes the bits of a whole number"),
        },
        "below_fact" => match value.as_str().and_then(Key::from_name) {
            Some(other) if other.subject_kind() == kind && other.value_type() == key.value_type() => {
                Test::BelowFact(other)
            }
            _ => return fail(place, "`below_fact` takes a fact of the same subject and type"),
        },
        "exists" => match value.as_bool() {
            Some(true) => Test::Exists,
            Some(false) => Test::ExistsNot,
            None => return fail(place, "`exists` is true or false"),
        },
        other => return fail(place, format!("`{other}` is no comparison")),
    };
    Ok(Leaf { key, test })
}

fn number(key: Key, value: &Toml, place: &str) -> Result<f64, ConditionError> {
    if !matches!(key.value_type(), ValueType::Integer | ValueType::Seconds) {
        return fail(place, format!("`{}` is no number", key.name()));
    }
    #[expect(clippy::cast_precision_loss, reason = "limits in knowledge are far below 2^52")]
    value
        .as_float()
        .or_else(|| value.as_integer().map(|whole| whole as f64))
        .map_or_else(|| fail(place, "expected a number"), Ok)
}

/// A TOML value as a value of `key`'s type.
pub(crate) fn typed(key: Key, value: &Toml, place: &str) -> Result<Value, ConditionError> {
    let converted = match (key.value_type(), value) {
        (ValueType::Word(_), Toml::String(word)) => key.word(word).map(Value::Word),
        (ValueType::Text, Toml::String(text)) => Some(Value::Text(text.clone())),
        (ValueType::Integer, Toml::Integer(number)) => Some(Value::Integer(*number)),
        (ValueType::Seconds, Toml::Float(seconds)) => Some(Value::Seconds(*seconds)),
        #[expect(clippy::cast_precision_loss, reason = "seconds in knowledge are far below 2^52")]
        (ValueType::Seconds, Toml::Integer(seconds)) => Some(Value::Seconds(*seconds as f64)),
        (ValueType::Flag, Toml::Boolean(flag)) => Some(Value::Flag(*flag)),
        (ValueType::Code, Toml::String(code)) => ErrorCode::parse(code).map(Value::Code),
        (ValueType::Time, Toml::String(time)) => time.parse().ok().map(Value::Time),
        _ => None,
    };
    converted.map_or_else(|| fail(place, format!("{value:?} is no value of `{}`", key.name())), Ok)
}
