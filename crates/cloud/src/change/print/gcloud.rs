//! Commands of `gcloud`, and Terraform for Google Cloud.

use super::block::{Block, Value};
use super::{Printed, az, prefix, quote};
use crate::change::{Change, GoogleOperation};
use crate::google::Link;

pub(super) fn print(change: &Change) -> Printed {
    let operations = || change.google();
    Printed {
        apply: operations().map(|operation| operation.command(Verb::Apply)).collect(),
        undo: operations().rev().map(|operation| operation.command(Verb::Undo)).collect(),
        verify: operations().map(|operation| operation.command(Verb::Show)).chain(connect(change)).collect(),
    }
}

pub(super) fn terraform(change: &Change) -> Printed {
    let (mut texts, mut targets, mut by_hand) = (Vec::new(), Vec::new(), String::new());
    for (index, operation) in change.google().enumerate() {
        if let Some(block) = operation.block(&format!("kms_{}", index + 1)) {
            targets.push(format!("-target={}.{}", block.kind, block.symbol));
            texts.push(block.hcl());
        } else {
            // A subnet would have to be repeated as a whole.
            texts.push(format!("# {}", operation.command(Verb::Apply)));
            by_hand.push_str(&operation.command(Verb::Undo));
        }
    }
    targets.reverse();
    let destroy = if targets.is_empty() { String::new() } else { format!("terraform destroy {}\n", targets.join(" ")) };
    Printed { apply: texts.join("\n"), undo: destroy + &by_hand, verify: print(change).verify }
}

fn connect(change: &Change) -> impl Iterator<Item = String> {
    az::connect(change).into_iter().map(|line| line + "\n")
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Verb {
    Apply,
    Undo,
    Show,
}

impl GoogleOperation {
    fn command(&self, verb: Verb) -> String {
        let word = |apply: &'static str| match verb {
            Verb::Apply => apply,
            Verb::Undo => "delete",
            Verb::Show => "describe",
        };
        match self {
            Self::AllowEgress { network, name, priority, address } => {
                let command = format!("gcloud compute firewall-rules {} {}", word("create"), quote::shell(name));
                let details = format!(
                    " --network={} --direction=EGRESS --action=ALLOW --rules=tcp:1688 --destination-ranges={} --priority={priority}",
                    quote::shell(network.name()),
                    prefix(*address),
                );
                finish(command, verb, &details, network)
            }
            Self::AddRoute { network, name, priority, address } => {
                let command = format!("gcloud compute routes {} {}", word("create"), quote::shell(name));
                let details = format!(
                    " --network={} --destination-range={} --next-hop-gateway=default-internet-gateway --priority={priority}",
                    quote::shell(network.name()),
                    prefix(*address),
                );
                finish(command, verb, &details, network)
            }
            Self::EnablePrivateAccess { subnet } => {
                let region = quote::shell(subnet.part("regions").unwrap_or("<region>"));
                let name = quote::shell(subnet.name());
                let (word, option) = match verb {
                    Verb::Apply => ("update", " --enable-private-ip-google-access"),
                    Verb::Undo => ("update", " --no-enable-private-ip-google-access"),
                    Verb::Show => ("describe", ""),
                };
                let command = format!("gcloud compute networks subnets {word} {name} --region={region}{option}");
                command + &project(subnet) + "\n"
            }
        }
    }

    /// The resource that it makes.
    fn block(&self, symbol: &str) -> Option<Block> {
        let name = |name: &str| ("name", Value::text(name));
        let of = |network: &Link| ("network", Value::text(network.name()));
        let (kind, mut fields, link) = match self {
            Self::AllowEgress { network, name: rule, priority, address } => {
                let allow = vec![("protocol", Value::text("tcp")), ("ports", Value::texts(["1688"]))];
                let fields = vec![
                    name(rule),
                    of(network),
                    ("direction", Value::text("EGRESS")),
                    ("priority", Value::Number(*priority)),
                    ("destination_ranges", Value::texts([prefix(*address)])),
                    ("allow", Value::Object(allow)),
                ];
                ("google_compute_firewall", fields, network)
            }
            Self::AddRoute { network, name: route, priority, address } => {
                let fields = vec![
                    name(route),
                    of(network),
                    ("dest_range", Value::Text(prefix(*address))),
                    ("next_hop_gateway", Value::text("default-internet-gateway")),
                    ("priority", Value::Number(*priority)),
                ];
                ("google_compute_route", fields, network)
            }
            Self::EnablePrivateAccess { .. } => return None,
        };
        if let Some(project) = link.part("projects") {
            fields.insert(1, ("project", Value::text(project)));
        }
        Some(Block::new(kind, symbol, fields))
    }
}

fn finish(command: String, verb: Verb, details: &str, link: &Link) -> String {
    let details = if verb == Verb::Apply { details } else { "" };
    command + details + &project(link) + "\n"
}

fn project(link: &Link) -> String {
    link.part("projects").map(|project| format!(" --project={}", quote::shell(project))).unwrap_or_default()
}
