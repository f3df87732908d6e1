//! Terraform for Azure (`azurerm` 4.x). Each piece is a resource of its own, so that nothing that is there is repeated.

use std::collections::HashMap;

use kmsdoctor_core::language::Language;

use super::az::Step;
use super::block::{Block, Value};
use super::{Printed, az, lines, prefix, quote};
use crate::azure::ResourceId;
use crate::change::azure::apply::{child, public_address_of};
use crate::change::{AzureOperation, Change, Element, NetworkRule};

pub(super) fn print(change: &Change, language: Language) -> Printed {
    let mut configuration = Configuration { is_japanese: language == Language::Japanese, ..Configuration::default() };
    for operation in change.azure() {
        configuration.add(operation);
    }
    Printed { apply: configuration.apply(), undo: configuration.undo(), verify: az::print(change).verify }
}

#[derive(Default)]
struct Configuration {
    is_japanese: bool,
    texts: Vec<String>,
    /// Addresses of the resources that are new.
    made: Vec<String>,
    /// Route tables that are new, by their ids: how others refer to them.
    tables: HashMap<ResourceId, String>,
    /// What has to be done by hand, since Terraform could only do it by repeating a whole resource.
    by_hand: Vec<String>,
    /// What has to be set back by hand, before anything is destroyed.
    set_back: Vec<String>,
}

impl Configuration {
    /// What is done by hand stands at the top, where it is not overlooked.
    fn apply(&self) -> String {
        let by_hand = (!self.by_hand.is_empty()).then(|| comments(&self.by_hand));
        by_hand.into_iter().chain(self.texts.iter().cloned()).collect::<Vec<_>>().join("\n")
    }

    /// What is in use cannot be destroyed: it is set back first.
    fn undo(&self) -> String {
        let targets: Vec<String> = self.made.iter().rev().map(|made| format!("-target={made}")).collect();
        let destroy = (!targets.is_empty()).then(|| format!("terraform destroy {}", targets.join(" ")));
        comments(&self.set_back) + &lines(destroy)
    }

    fn say(&self, ja: String, en: String) -> String {
        if self.is_japanese { ja } else { en }
    }

    /// The probe of a rule, as its own resource has it, or else by a command.
    fn rule_probe(&self, rule: &str, probe: &str, command: &str) -> Vec<String> {
        let rule = quote::line(&quote::hcl(rule));
        vec![
            self.say(
                format!("手作業: azurerm_lb_rule (規則 {rule}) を次のように変更して適用する:"),
                format!("BY HAND: in the azurerm_lb_rule of the rule {rule} set and apply:"),
            ),
            format!("  probe_id = {probe}"),
            self.say(
                "規則が Terraform の管理外なら、代わりに次を実行する:".to_owned(),
                "Where Terraform does not manage the rule, run instead:".to_owned(),
            ),
            format!("  {command}"),
        ]
    }

    fn number(&self) -> usize {
        self.texts.len() + 1
    }

    /// Adds a resource, and gives how others refer to it.
    fn resource(&mut self, kind: &'static str, fields: Vec<(&'static str, Value)>) -> String {
        let symbol = format!("kms_{}", self.number());
        self.texts.push(Block::new(kind, &symbol, fields).hcl());
        let address = format!("{kind}.{symbol}");
        self.made.push(address.clone());
        address
    }

    /// The name of a table; of a new one as a reference, so that it is there before its routes.
    fn table_name(&self, table: &Element) -> Value {
        match table.id().and_then(|id| self.tables.get(id)) {
            Some(made) => Value::Expression(format!("{made}.name")),
            None => Value::text(table.name().unwrap_or("<route-table>")),
        }
    }

    #[allow(clippy::too_many_lines)] // one arm for each operation, and each is a list of fields
    fn add(&mut self, operation: &AzureOperation) {
        let name = |name: &str| ("name", Value::text(name));
        match operation {
            AzureOperation::CreateRouteTable { table, subnet, location } => {
                let fields = vec![name(table.name()), group(Some(table)), region(location.as_deref())];
                let made = self.resource("azurerm_route_table", fields);
                let fields = vec![id("subnet_id", subnet), ("route_table_id", Value::Expression(format!("{made}.id")))];
                self.tables.insert(table.clone(), made);
                self.resource("azurerm_subnet_route_table_association", fields);
            }
            AzureOperation::AddRoute { table, name: route, address, replaces } => {
                let fields = vec![
                    name(route),
                    group(table.id()),
                    ("route_table_name", self.table_name(table)),
                    ("address_prefix", Value::Text(prefix(*address))),
                    ("next_hop_type", Value::text("Internet")),
                ];
                let made = self.resource("azurerm_route", fields);
                if let Some((hop, to)) = replaces {
                    self.made.pop();
                    let id = table.id().map(|id| cased(&child(id, "routes", route))).unwrap_or_default();
                    self.texts.push(format!("import {{\n  to = {made}\n  id = {}\n}}\n", quote::hcl(&id)));
                    let to = to.map(|to| format!(", next_hop_in_ip_address = \"{to}\"")).unwrap_or_default();
                    self.set_back.push(format!("{made}: next_hop_type = \"{}\"{to}", hop.word()));
                }
            }
            AzureOperation::AddSecurityRule { group: element, name: rule, priority, addresses } => {
                let security_group = Value::text(element.name().unwrap_or("<security-group>"));
                let fields = vec![
                    name(rule),
                    group(element.id()),
                    ("network_security_group_name", security_group),
                    ("priority", Value::Number(*priority)),
                    ("direction", Value::text("Outbound")),
                    ("access", Value::text("Allow")),
                    ("protocol", Value::text("Tcp")),
                    ("source_address_prefix", Value::text("*")),
                    ("source_port_range", Value::text("*")),
                    ("destination_address_prefixes", Value::texts(addresses)),
                    ("destination_port_range", Value::text("1688")),
                ];
                self.resource("azurerm_network_security_rule", fields);
            }
            AzureOperation::AddRuleGroup { policy, name: rules, priority, rule } => {
                let collection = vec![
                    name(rules),
                    ("priority", Value::Number(100)),
                    ("action", Value::text("Allow")),
                    ("rule", traffic(rules, rule)),
                ];
                let fields = vec![
                    name(rules),
                    id("firewall_policy_id", policy),
                    ("priority", Value::Number(*priority)),
                    ("network_rule_collection", Value::Object(collection)),
                ];
                self.resource("azurerm_firewall_policy_rule_collection_group", fields);
            }
            AzureOperation::AddRuleCollection { firewall, name: rules, priority, rule } => {
                let fields = vec![
                    name(rules),
                    group(Some(firewall)),
                    ("azure_firewall_name", Value::text(firewall.name())),
                    ("priority", Value::Number(*priority)),
                    ("action", Value::text("Allow")),
                    ("rule", traffic(rules, rule)),
                ];
                self.resource("azurerm_firewall_network_rule_collection", fields);
            }
            AzureOperation::CreateNatGateway { gateway, subnet, location } => {
                let fields = vec![name(gateway.name()), group(Some(gateway)), region(location.as_deref())];
                let made = self.resource("azurerm_nat_gateway", fields);
                self.address(gateway, location.as_deref(), Value::Expression(format!("{made}.id")));
                let fields = vec![id("subnet_id", subnet), ("nat_gateway_id", Value::Expression(format!("{made}.id")))];
                self.resource("azurerm_subnet_nat_gateway_association", fields);
            }
            AzureOperation::AddNatAddress { gateway, location } => {
                self.address(gateway, location.as_deref(), Value::Text(cased(gateway)));
            }
            AzureOperation::AddOutboundRule { balancer, name: rule, frontend, pool } => {
                let fields = vec![
                    name(rule),
                    id("loadbalancer_id", balancer),
                    id("backend_address_pool_id", pool),
                    ("protocol", Value::text("Tcp")),
                    ("frontend_ip_configuration", Value::Object(vec![name(frontend.name())])),
                ];
                self.resource("azurerm_lb_outbound_rule", fields);
            }
            AzureOperation::AddProbe { balancer, name: probe, rule, port, replaces } => {
                let fields = vec![
                    name(probe),
                    id("loadbalancer_id", balancer),
                    ("protocol", Value::text("Tcp")),
                    ("port", Value::Number(u32::from(*port))),
                ];
                let made = self.resource("azurerm_lb_probe", fields);
                let commands = Step::of(operation);
                let before = replaces.as_ref().map_or_else(|| "null".to_owned(), |probe| quote::hcl(&cased(probe)));
                let set =
                    commands.apply.into_iter().skip(1).map(|set| self.rule_probe(rule, &format!("{made}.id"), &set));
                let set: Vec<String> = set.flatten().collect();
                let set_back = commands.undo.into_iter().take(1).map(|set| self.rule_probe(rule, &before, &set));
                let set_back: Vec<String> = set_back.flatten().collect();
                self.by_hand.push(self.say(
                    "下のリソースだけでは何も変わりません。".to_owned(),
                    "The resources below alone change nothing.".to_owned(),
                ));
                self.by_hand.extend(set);
                self.set_back.extend(set_back);
            }
        }
    }

    fn address(&mut self, gateway: &ResourceId, location: Option<&str>, gateway_id: Value) {
        let address = public_address_of(gateway);
        let fields = vec![
            ("name", Value::text(address.name())),
            group(Some(gateway)),
            region(location),
            ("allocation_method", Value::text("Static")),
            ("sku", Value::text("Standard")),
        ];
        let made = self.resource("azurerm_public_ip", fields);
        let address = ("public_ip_address_id", Value::Expression(format!("{made}.id")));
        let fields = vec![("nat_gateway_id", gateway_id), address];
        self.resource("azurerm_nat_gateway_public_ip_association", fields);
    }
}

fn comments(texts: &[String]) -> String {
    lines(texts.iter().map(|text| format!("# {text}")))
}

fn traffic(name: &str, rule: &NetworkRule) -> Value {
    Value::Object(vec![
        ("name", Value::text(name)),
        ("protocols", Value::texts(["TCP"])),
        ("source_addresses", Value::texts(&rule.sources)),
        ("destination_addresses", Value::texts(&rule.addresses)),
        ("destination_ports", Value::texts(["1688"])),
    ])
}

fn group(id: Option<&ResourceId>) -> (&'static str, Value) {
    let group = id.and_then(|id| id.part("resourcegroups")).unwrap_or("<resource-group>");
    ("resource_group_name", Value::text(group))
}

fn region(location: Option<&str>) -> (&'static str, Value) {
    ("location", Value::text(location.unwrap_or("<region>")))
}

fn id(field: &'static str, id: &ResourceId) -> (&'static str, Value) {
    (field, Value::Text(cased(id)))
}

/// An id with the words of Azure in their own case: `azurerm` compares these with case.
fn cased(id: &ResourceId) -> String {
    let mut parts: Vec<&str> = id.as_str().split('/').collect();
    for word in parts.iter_mut().skip(1).step_by(2) {
        let own = WORDS.iter().find(|own| own.eq_ignore_ascii_case(word));
        *word = own.copied().unwrap_or(word);
    }
    parts.join("/").replacen("/microsoft.network/", "/Microsoft.Network/", 1)
}

const WORDS: [&str; 14] = [
    "subscriptions",
    "resourceGroups",
    "providers",
    "routes",
    "subnets",
    "loadBalancers",
    "backendAddressPools",
    "probes",
    "firewallPolicies",
    "natGateways",
    "routeTables",
    "virtualNetworks",
    "azureFirewalls",
    "publicIPAddresses",
];
