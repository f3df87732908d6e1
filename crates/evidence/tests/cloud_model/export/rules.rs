//! Rules of security groups and firewalls as the REST interface shows them.

use serde_json::{Map, Value, json};

use crate::random::Random;
use crate::world::{
    ApplicationRule, Collection, CollectionRules, NetworkRule, Ports, Prefix, Protocol, SecurityGroup, SecurityRule,
    Who,
};

use super::{dotted, reference};

/// A prefix in the notation of Azure.
pub(crate) fn prefix(prefix: Prefix) -> String {
    format!("{}/{}", dotted(prefix.net), prefix.length)
}

/// What a rule names, where a text stands for it.
pub(crate) fn who(who: &Who) -> String {
    match who {
        Who::Any => "*".to_owned(),
        Who::Prefix(addresses) => prefix(*addresses),
        Who::Range(from, to) => format!("{}-{}", dotted(*from), dotted(*to)),
        Who::Tag(name) | Who::Domain(name) => (*name).to_owned(),
        Who::Group(name) | Who::IpGroup(name) => name.clone(),
    }
}

/// A range of ports; both notations of all ports are in use.
pub(crate) fn ports((from, to): Ports, random: &mut Random) -> String {
    match (from, to) {
        (0, 65535) if random.percent(80) => "*".to_owned(),
        _ if from == to => from.to_string(),
        _ => format!("{from}-{to}"),
    }
}

/// Puts one value under the name of one, several under the name of several.
fn put(properties: &mut Value, name: &str, values: Vec<String>, random: &mut Random) {
    let several = if name.ends_with("Prefix") { format!("{name}es") } else { format!("{name}s") };
    if values.len() == 1 && random.percent(70) {
        properties[name] = values.into_iter().next().into();
        properties[several] = json!([]);
    } else {
        properties[several] = values.into();
    }
}

pub(crate) fn group_properties(group: &SecurityGroup, random: &mut Random) -> Value {
    let (own, others): (Vec<_>, Vec<_>) = group.rules.iter().partition(|rule| rule.priority >= 65000);
    let mut list = |rules: Vec<&SecurityRule>| -> Vec<Value> {
        rules.into_iter().map(|rule| security_rule(rule, random)).collect()
    };
    json!({ "securityRules": list(others), "defaultSecurityRules": list(own) })
}

fn security_rule(rule: &SecurityRule, random: &mut Random) -> Value {
    let mut properties = json!({
        "protocol": match rule.protocol {
            Protocol::Any => "*",
            Protocol::Tcp => random.pick(&["Tcp", "TCP"]),
            Protocol::Udp => "Udp",
        },
        "access": if rule.allows { "Allow" } else { "Deny" },
        "direction": if rule.is_outbound { "Outbound" } else { "Inbound" },
        "priority": rule.priority,
    });
    put_who(&mut properties, "source", &rule.sources, random);
    put_who(&mut properties, "destination", &rule.destinations, random);
    for (name, ranges) in [("sourcePortRange", &rule.source_ports), ("destinationPortRange", &rule.ports)] {
        let ranges = ranges.iter().map(|range| ports(*range, random)).collect();
        put(&mut properties, name, ranges, random);
    }
    json!({ "name": rule.name, "properties": properties })
}

fn put_who(properties: &mut Value, side: &str, parties: &[Who], random: &mut Random) {
    if let [Who::Group(name)] = parties {
        let group = reference(&format!("applicationSecurityGroups/{name}"), random);
        properties[format!("{side}ApplicationSecurityGroups")] = json!([group]);
        return;
    }
    put(properties, &format!("{side}AddressPrefix"), parties.iter().map(who).collect(), random);
}

/// A collection of a policy's group.
pub(crate) fn collection(collection: &Collection) -> Value {
    let (kind, action, rules) = match &collection.rules {
        CollectionRules::Network(rules) => {
            let rules = rules.iter().map(|rule| network_rule(rule, "ipProtocols")).collect();
            ("FirewallPolicyFilterRuleCollection", action(collection), rules)
        }
        CollectionRules::Application(rules) => {
            ("FirewallPolicyFilterRuleCollection", action(collection), rules.iter().map(application_rule).collect())
        }
        CollectionRules::Translation => ("FirewallPolicyNatRuleCollection", "DNAT", vec![translation("ipProtocols")]),
    };
    json!({
        "name": collection.name,
        "priority": collection.priority,
        "ruleCollectionType": kind,
        "action": { "type": action },
        "rules": rules,
    })
}

/// The collections of a firewall without a policy.
pub(crate) fn classic(collections: &[Collection]) -> Value {
    let mut lists = Map::new();
    for key in ["networkRuleCollections", "applicationRuleCollections", "natRuleCollections"] {
        lists.insert(key.to_owned(), json!([]));
    }
    for collection in collections {
        let (key, action, rules): (_, _, Vec<_>) = match &collection.rules {
            CollectionRules::Network(rules) => {
                let rules = rules.iter().map(|rule| network_rule(rule, "protocols")).collect();
                ("networkRuleCollections", action(collection), rules)
            }
            CollectionRules::Application(rules) => {
                ("applicationRuleCollections", action(collection), rules.iter().map(application_rule).collect())
            }
            CollectionRules::Translation => ("natRuleCollections", "Dnat", vec![translation("protocols")]),
        };
        let properties = json!({ "priority": collection.priority, "action": { "type": action }, "rules": rules });
        if let Some(Value::Array(list)) = lists.get_mut(key) {
            list.push(json!({ "name": collection.name, "properties": properties }));
        }
    }
    Value::Object(lists)
}

fn action(collection: &Collection) -> &'static str {
    if collection.allows { "Allow" } else { "Deny" }
}

/// The members that hold the parties: texts, IP groups, names.
fn parties(side: &str, parties: &[Who]) -> Map<String, Value> {
    let mut members = Map::new();
    for (suffix, wants) in [
        ("Addresses", (|party| !matches!(party, Who::IpGroup(_) | Who::Domain(_))) as fn(&Who) -> bool),
        ("IpGroups", |party| matches!(party, Who::IpGroup(_))),
        ("Fqdns", |party| matches!(party, Who::Domain(_))),
    ] {
        let list = parties.iter().filter(|party| wants(party)).map(|party| match party {
            Who::IpGroup(name) => super::id(&format!("ipGroups/{name}")),
            _ => who(party),
        });
        members.insert(format!("{side}{suffix}"), list.collect::<Vec<_>>().into());
    }
    members
}

fn network_rule(rule: &NetworkRule, protocols: &str) -> Value {
    let mut members = parties("source", &rule.sources);
    members.remove("sourceFqdns");
    members.extend(parties("destination", &rule.destinations));
    let protocol = match rule.protocol {
        Protocol::Any => "Any",
        Protocol::Tcp => "TCP",
        Protocol::Udp => "UDP",
    };
    let ports = rule.ports.iter().map(|range| match range {
        (0, 65535) => "*".to_owned(),
        (from, to) if from == to => from.to_string(),
        (from, to) => format!("{from}-{to}"),
    });
    members.insert("name".to_owned(), rule.name.clone().into());
    members.insert("destinationPorts".to_owned(), ports.collect::<Vec<_>>().into());
    members.insert(protocols.to_owned(), json!([protocol]));
    if protocols == "ipProtocols" {
        members.insert("ruleType".to_owned(), "NetworkRule".into());
    }
    Value::Object(members)
}

fn application_rule(rule: &ApplicationRule) -> Value {
    let mut members = parties("source", &rule.sources);
    members.remove("sourceFqdns");
    members.insert("name".to_owned(), rule.name.clone().into());
    members.insert("ruleType".to_owned(), "ApplicationRule".into());
    members.insert("targetFqdns".to_owned(), json!(rule.domains));
    members.insert("fqdnTags".to_owned(), json!(rule.tags));
    members.insert("protocols".to_owned(), json!([{ "protocolType": "Https", "port": 443 }]));
    Value::Object(members)
}

fn translation(protocols: &str) -> Value {
    json!({
        "name": "to-inside",
        "ruleType": "NatRule",
        protocols: ["TCP"],
        "sourceAddresses": ["*"],
        "destinationAddresses": ["203.0.113.0"],
        "destinationPorts": ["1688"],
        "translatedAddress": "10.0.10.5",
        "translatedPort": "1688",
    })
}
