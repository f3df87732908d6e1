//! Prints a world as Azure's tools would: REST, the flattened JSON of `az`, or Resource Graph, in one file or several.

mod bodies;
mod effective;
mod rules;

use kmsdoctor_core::artifact::Artifact;
use serde_json::{Map, Value, json};

use crate::random::Random;
use crate::world::{Thing, World};

/// How JSON is laid out.
#[derive(Debug, Clone, Copy)]
enum Layout {
    /// `{"value": […]}`, with `properties`.
    Rest,
    /// A list without `properties`.
    Flat,
    /// `{"data": […]}`, types in small letters, with `properties`.
    Graph,
}

/// The files that hold the world.
pub(crate) fn artifacts(world: &World, random: &mut Random) -> Vec<Artifact> {
    let mut kinds: Vec<(&str, Vec<Value>)> = Vec::new();
    let is_one_file = random.percent(30);
    for thing in &world.things {
        if let Some((kind, body)) = bodies::of(world, thing, random) {
            match kinds.iter_mut().find(|(known, _)| is_one_file || *known == kind) {
                Some((_, bodies)) => bodies.push(body),
                None => kinds.push((kind, vec![body])),
            }
        }
    }
    let mut artifacts = Vec::new();
    for (number, (_, bodies)) in kinds.into_iter().enumerate() {
        let text = laid_out(bodies, random);
        artifacts.push(Artifact::new(format!("export-{number}.json"), text.into_bytes(), None));
    }
    for thing in &world.things {
        match thing {
            Thing::Routes(routes) => artifacts.push(effective::routes(world, routes, random)),
            Thing::Rules(rules) => artifacts.push(effective::rules(world, rules, random)),
            _ => {}
        }
    }
    random.shuffle(&mut artifacts);
    artifacts
}

fn laid_out(bodies: Vec<Value>, random: &mut Random) -> String {
    let value = match random.pick(&[Layout::Rest, Layout::Flat, Layout::Flat, Layout::Graph]) {
        Layout::Rest => json!({ "value": bodies }),
        Layout::Flat if bodies.len() == 1 && random.percent(50) => {
            bodies.into_iter().map(flat).next().unwrap_or_default()
        }
        Layout::Flat => bodies.into_iter().map(flat).collect(),
        Layout::Graph => {
            let rows: Vec<_> = bodies.into_iter().map(row).collect();
            json!({ "count": rows.len(), "data": rows, "skip_token": null, "total_records": rows.len() })
        }
    };
    printed(&value, random)
}

/// On one line, or on many at times: those take the readers of all other evidence long, which look at every line.
fn printed(value: &Value, random: &mut Random) -> String {
    if random.percent(80) { value.to_string() } else { format!("{value:#}\n") }
}

/// What `az` makes of REST: the members of `properties` stand beside its neighbours.
fn flat(value: Value) -> Value {
    match value {
        Value::Object(members) => {
            let mut flattened = Map::new();
            for (key, member) in members {
                match (key.as_str(), flat(member)) {
                    ("properties", Value::Object(inner)) => flattened.extend(inner),
                    (_, member) => {
                        flattened.insert(key, member);
                    }
                }
            }
            Value::Object(flattened)
        }
        Value::Array(items) => items.into_iter().map(flat).collect(),
        other => other,
    }
}

/// A row of Resource Graph.
fn row(mut body: Value) -> Value {
    if let Some(kind) = body["type"].as_str().map(str::to_lowercase) {
        body["type"] = kind.into();
    }
    body["resourceGroup"] = "contoso".into();
    body
}

/// The id of something in `Microsoft.Network`, below its kind.
fn id(path: &str) -> String {
    full_id("Microsoft.Network", path)
}

fn full_id(provider: &str, path: &str) -> String {
    format!("/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/contoso/providers/{provider}/{path}")
}

/// A reference to it; Azure writes the group's name in large letters at times.
fn reference(path: &str, random: &mut Random) -> Value {
    let id = id(path);
    json!({ "id": if random.percent(15) { id.replace("/contoso/", "/CONTOSO/") } else { id } })
}

fn optional(path: Option<String>, random: &mut Random) -> Value {
    path.map_or(Value::Null, |path| reference(&path, random))
}

/// An address in dotted form.
fn dotted(address: u32) -> String {
    std::net::Ipv4Addr::from(address).to_string()
}
