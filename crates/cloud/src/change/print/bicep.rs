//! A Bicep template. A resource that a template could only change by repeating all of it (a subnet, a load balancer, a
//! firewall without a policy) is left to the Azure CLI: what such a template leaves out, a deployment would take away.

use super::az::Step;
use super::block::{Block, Value};
use super::{Printed, az, lines, prefix, quote};
use crate::azure::ResourceId;
use crate::change::azure::apply::public_address_of;
use crate::change::{AzureOperation, Change, NetworkRule};

pub(super) fn print(change: &Change) -> Printed {
    let mut groups: Vec<Option<&str>> = change.azure().map(AzureOperation::resource_group).collect();
    groups.sort_unstable();
    groups.dedup();
    let template = |group: Option<&str>| {
        let mut template = Template { blocks: Vec::new(), commands: Vec::new() };
        let of_group = change.azure().filter(|operation| operation.resource_group() == group);
        for operation in of_group {
            template.add(operation);
        }
        template.text(group.unwrap_or("<resource-group>"))
    };
    let templates: Vec<String> = groups.into_iter().map(template).collect();
    Printed { apply: templates.join("\n"), ..az::print(change) }
}

/// The template of one resource group: a deployment is of one.
struct Template {
    blocks: Vec<Block>,
    commands: Vec<String>,
}

impl Template {
    fn text(&self, group: &str) -> String {
        let mut parts = Vec::new();
        if !self.blocks.is_empty() {
            let deploy = "// az deployment group create --template-file kms.bicep --resource-group";
            parts.push(format!("{deploy} {}\n", quote::shell(group)));
        }
        parts.extend(self.blocks.iter().map(Block::bicep));
        let commands = lines(self.commands.iter().map(|command| format!("// {command}")));
        parts.extend((!commands.is_empty()).then_some(commands));
        parts.join("\n")
    }

    fn add(&mut self, operation: &AzureOperation) {
        let number = self.blocks.len() + 1;
        let symbol = |kind: &str| format!("{kind}{number}");
        let name = |name: &str| ("name", Value::text(name));
        match operation {
            AzureOperation::CreateRouteTable { table, location, .. } => {
                let fields = vec![name(table.name()), region(location.as_deref())];
                self.blocks.push(Block::new("Microsoft.Network/routeTables@2024-05-01", &symbol("table"), fields));
                self.commands.extend(Step::of(operation).apply.into_iter().skip(1));
            }
            AzureOperation::AddRoute { table, name: route, address, .. } => {
                let table = table.name().unwrap_or("<route-table>");
                let parent = self.parent("Microsoft.Network/routeTables@2024-05-01", "table", table);
                let next_hop = ("nextHopType", Value::text("Internet"));
                let properties = vec![("addressPrefix", Value::Text(prefix(*address))), next_hop];
                let fields = vec![parent, name(route), ("properties", Value::Object(properties))];
                self.blocks.push(Block::new(
                    "Microsoft.Network/routeTables/routes@2024-05-01",
                    &symbol("route"),
                    fields,
                ));
            }
            AzureOperation::AddSecurityRule { group, name: rule, priority, addresses } => {
                let group = group.name().unwrap_or("<security-group>");
                let parent = self.parent("Microsoft.Network/networkSecurityGroups@2024-05-01", "group", group);
                let properties = vec![
                    ("priority", Value::Number(*priority)),
                    ("direction", Value::text("Outbound")),
                    ("access", Value::text("Allow")),
                    ("protocol", Value::text("Tcp")),
                    ("sourceAddressPrefix", Value::text("*")),
                    ("sourcePortRange", Value::text("*")),
                    ("destinationAddressPrefixes", Value::texts(addresses)),
                    ("destinationPortRange", Value::text("1688")),
                ];
                let fields = vec![parent, name(rule), ("properties", Value::Object(properties))];
                let kind = "Microsoft.Network/networkSecurityGroups/securityRules@2024-05-01";
                self.blocks.push(Block::new(kind, &symbol("rule"), fields));
            }
            AzureOperation::AddRuleGroup { policy, name: group, priority, rule } => {
                let parent = self.parent("Microsoft.Network/firewallPolicies@2024-05-01", "policy", policy.name());
                let collections = Value::List(vec![collection(group, rule)]);
                let properties = vec![("priority", Value::Number(*priority)), ("ruleCollections", collections)];
                let fields = vec![parent, name(group), ("properties", Value::Object(properties))];
                let kind = "Microsoft.Network/firewallPolicies/ruleCollectionGroups@2024-05-01";
                self.blocks.push(Block::new(kind, &symbol("rules"), fields));
            }
            AzureOperation::CreateNatGateway { gateway, location, .. } => {
                self.address(gateway, location.as_deref(), &symbol("address"));
                let id = vec![("id", Value::Expression(format!("{}.id", symbol("address"))))];
                let addresses = ("publicIpAddresses", Value::List(vec![Value::Object(id)]));
                let fields = vec![
                    name(gateway.name()),
                    region(location.as_deref()),
                    sku(),
                    ("properties", Value::Object(vec![addresses])),
                ];
                self.blocks.push(Block::new("Microsoft.Network/natGateways@2024-05-01", &symbol("gateway"), fields));
                self.commands.extend(Step::of(operation).apply.into_iter().skip(2));
            }
            AzureOperation::AddNatAddress { gateway, location } => {
                self.address(gateway, location.as_deref(), &symbol("address"));
                self.commands.extend(Step::of(operation).apply.into_iter().skip(1));
            }
            AzureOperation::AddRuleCollection { .. }
            | AzureOperation::AddOutboundRule { .. }
            | AzureOperation::AddProbe { .. } => {
                self.commands.extend(Step::of(operation).apply);
            }
        }
    }

    /// The reference to what a new resource is a part of: to one that the template makes, or to one that is there.
    fn parent(&mut self, kind: &'static str, symbol: &str, name: &str) -> (&'static str, Value) {
        let is_it = |block: &&Block| {
            block.kind == kind && block.fields.iter().any(|(key, value)| *key == "name" && value.is_text(name))
        };
        let known = self.blocks.iter().find(is_it).map(|block| block.symbol.clone());
        let symbol = known.unwrap_or_else(|| {
            let symbol = format!("{symbol}{}", self.blocks.len() + 1);
            self.blocks.push(Block::existing(kind, &symbol, vec![("name", Value::text(name))]));
            symbol
        });
        ("parent", Value::Expression(symbol))
    }

    fn address(&mut self, gateway: &ResourceId, location: Option<&str>, symbol: &str) {
        let method = ("publicIPAllocationMethod", Value::text("Static"));
        let fields = vec![
            ("name", Value::text(public_address_of(gateway).name())),
            region(location),
            sku(),
            ("properties", Value::Object(vec![method])),
        ];
        self.blocks.push(Block::new("Microsoft.Network/publicIPAddresses@2024-05-01", symbol, fields));
    }
}

fn sku() -> (&'static str, Value) {
    ("sku", Value::Object(vec![("name", Value::text("Standard"))]))
}

fn region(location: Option<&str>) -> (&'static str, Value) {
    let of_group = || Value::Expression("resourceGroup().location".to_owned());
    ("location", location.map_or_else(of_group, Value::text))
}

fn collection(name: &str, rule: &NetworkRule) -> Value {
    let fields = vec![
        ("ruleType", Value::text("NetworkRule")),
        ("name", Value::text(name)),
        ("ipProtocols", Value::texts(["TCP"])),
        ("sourceAddresses", Value::texts(&rule.sources)),
        ("destinationAddresses", Value::texts(&rule.addresses)),
        ("destinationPorts", Value::texts(["1688"])),
    ];
    Value::Object(vec![
        ("ruleCollectionType", Value::text("FirewallPolicyFilterRuleCollection")),
        ("name", Value::text(name)),
        ("priority", Value::Number(100)),
        ("action", Value::Object(vec![("type", Value::text("Allow"))])),
        ("rules", Value::List(vec![Value::Object(fields)])),
    ])
}
