//! Commands of the Azure CLI.

use std::net::IpAddr;

use super::{Printed, lines, quote};
use crate::azure::{NextHop, ResourceId};
use crate::change::azure::apply::public_address_of;
use crate::change::{AzureOperation, Change, NetworkRule};

const RULES: &str = "az network firewall policy rule-collection-group";

pub(super) fn print(change: &Change) -> Printed {
    let steps = || change.azure().map(Step::of);
    Printed {
        apply: lines(steps().flat_map(|step| step.apply)),
        undo: lines(steps().rev().flat_map(|step| step.undo)),
        verify: lines(steps().flat_map(|step| step.verify).chain(connect(change))),
    }
}

/// What shows on the machines themselves that KMS is reached.
pub(super) fn connect(change: &Change) -> Vec<String> {
    let mut addresses: Vec<IpAddr> = change.helps.iter().map(|path| path.address).collect();
    addresses.sort_unstable();
    addresses.dedup();
    let machines: Vec<&str> = change.machines();
    let on = format!("# PowerShell: {}", quote::line(&machines.join(", ")));
    let tests = addresses.iter().map(|address| format!("#   Test-NetConnection {address} -Port 1688"));
    std::iter::once(on).chain(tests).collect()
}

/// The commands of one operation.
#[derive(Default)]
pub(super) struct Step {
    pub(super) apply: Vec<String>,
    pub(super) undo: Vec<String>,
    pub(super) verify: Vec<String>,
}

impl Step {
    #[allow(clippy::too_many_lines)] // one arm for each operation, and each is a list of commands
    pub(super) fn of(operation: &AzureOperation) -> Self {
        match operation {
            AzureOperation::CreateRouteTable { table, subnet, location } => {
                let create = at(table, "az network route-table create").name(table);
                Self {
                    apply: vec![
                        create.maybe("--location", location.as_deref()).text(),
                        subnet_update(subnet).option("--route-table", table.as_str()).text(),
                    ],
                    undo: vec![
                        subnet_update(subnet).option("--route-table", "null").text(),
                        at(table, "az network route-table delete").name(table).text(),
                    ],
                    verify: vec![],
                }
            }
            AzureOperation::AddRoute { table, name, address, replaces } => {
                let route = |verb: &str| {
                    let command = format!("az network route-table route {verb}");
                    let table_name = table.name().unwrap_or("<route-table>");
                    of_group(table.id(), &command).option("--route-table-name", table_name).option("--name", name)
                };
                let create = |hop: &NextHop, to: Option<IpAddr>| {
                    let prefix = super::prefix(*address);
                    let create =
                        route("create").option("--address-prefix", &prefix).option("--next-hop-type", hop.word());
                    create.maybe("--next-hop-ip-address", to.map(|to| to.to_string()).as_deref()).text()
                };
                Self {
                    apply: vec![create(&NextHop::Internet, None)],
                    undo: vec![match replaces {
                        Some((hop, to)) => create(hop, *to),
                        None => route("delete").text(),
                    }],
                    verify: vec![route("show").text()],
                }
            }
            AzureOperation::AddSecurityRule { group, name, priority, addresses } => {
                let rule = |verb: &str| {
                    let command = of_group(group.id(), &format!("az network nsg rule {verb}"));
                    command.option("--nsg-name", group.name().unwrap_or("<security-group>")).option("--name", name)
                };
                let create = rule("create").option("--priority", &priority.to_string());
                let create = create.options("--direction", ["Outbound"]).options("--access", ["Allow"]);
                let create = create.options("--protocol", ["Tcp"]).options("--source-address-prefixes", ["*"]);
                let create = create.options("--source-port-ranges", ["*"]);
                let create = create.options("--destination-address-prefixes", addresses);
                Self {
                    apply: vec![create.options("--destination-port-ranges", ["1688"]).text()],
                    undo: vec![rule("delete").text()],
                    verify: vec![rule("show").text()],
                }
            }
            AzureOperation::AddRuleGroup { policy, name, priority, rule } => {
                let group = |verb: &str, option: &str| {
                    let command = at(policy, &format!("{RULES} {verb}")).option("--policy-name", policy.name());
                    command.option(option, name)
                };
                let add = group("collection add-filter-collection", "--rule-collection-group-name");
                let add = add.option("--name", name).option("--collection-priority", "100").option("--action", "Allow");
                let add = add.option("--rule-name", name).option("--rule-type", "NetworkRule");
                Self {
                    apply: vec![
                        group("create", "--name").option("--priority", &priority.to_string()).text(),
                        add.option("--ip-protocols", "TCP").traffic(rule).text(),
                    ],
                    undo: vec![group("delete", "--name").text()],
                    verify: vec![group("show", "--name").text()],
                }
            }
            AzureOperation::AddRuleCollection { firewall, name, priority, rule } => {
                let of_firewall = |verb: &str, option: &str| {
                    let command = at(firewall, &format!("az network firewall network-rule {verb}"));
                    command.option("--firewall-name", firewall.name()).option(option, name)
                };
                let create = of_firewall("create", "--collection-name").option("--name", name);
                let create = create.option("--priority", &priority.to_string()).option("--action", "Allow");
                Self {
                    apply: vec![create.option("--protocols", "TCP").traffic(rule).text()],
                    undo: vec![of_firewall("collection delete", "--collection-name").text()],
                    verify: vec![of_firewall("collection show", "--collection-name").text()],
                }
            }
            AzureOperation::CreateNatGateway { gateway, subnet, location } => {
                let address = public_address_of(gateway);
                let create = at(gateway, "az network nat gateway create").name(gateway);
                let create = create.maybe("--location", location.as_deref());
                Self {
                    apply: vec![
                        create_address(&address, location.as_deref()),
                        create.option("--public-ip-addresses", address.as_str()).text(),
                        subnet_update(subnet).option("--nat-gateway", gateway.as_str()).text(),
                    ],
                    undo: vec![
                        subnet_update(subnet).option("--nat-gateway", "null").text(),
                        at(gateway, "az network nat gateway delete").name(gateway).text(),
                        at(&address, "az network public-ip delete").name(&address).text(),
                    ],
                    verify: vec![at(gateway, "az network nat gateway show").name(gateway).text()],
                }
            }
            AzureOperation::AddNatAddress { gateway, location } => {
                let address = public_address_of(gateway);
                let update = |to: &str| {
                    let update = at(gateway, "az network nat gateway update").name(gateway);
                    update.option("--public-ip-addresses", to).text()
                };
                Self {
                    apply: vec![create_address(&address, location.as_deref()), update(address.as_str())],
                    undo: vec![update("null"), at(&address, "az network public-ip delete").name(&address).text()],
                    verify: vec![at(gateway, "az network nat gateway show").name(gateway).text()],
                }
            }
            AzureOperation::AddOutboundRule { balancer, name, frontend, pool } => {
                let rule = |verb: &str| {
                    let command = at(balancer, &format!("az network lb outbound-rule {verb}"));
                    command.option("--lb-name", balancer.name()).option("--name", name)
                };
                let create =
                    rule("create").option("--protocol", "Tcp").option("--frontend-ip-configs", frontend.as_str());
                Self {
                    apply: vec![create.option("--address-pool", pool.as_str()).text()],
                    undo: vec![rule("delete").text()],
                    verify: vec![rule("show").text()],
                }
            }
            AzureOperation::AddProbe { balancer, name, rule, port, replaces } => {
                let of_balancer = |verb: &str, name: &str| {
                    let command = at(balancer, &format!("az network lb {verb}"));
                    command.option("--lb-name", balancer.name()).option("--name", name)
                };
                let create = of_balancer("probe create", name).option("--protocol", "Tcp");
                let before = replaces.as_ref().map_or("null", ResourceId::name);
                Self {
                    apply: vec![
                        create.option("--port", &port.to_string()).text(),
                        of_balancer("rule update", rule).option("--probe-name", name).text(),
                    ],
                    undo: vec![
                        of_balancer("rule update", rule).option("--probe-name", before).text(),
                        of_balancer("probe delete", name).text(),
                    ],
                    verify: vec![of_balancer("rule show", rule).text()],
                }
            }
        }
    }
}

fn create_address(address: &ResourceId, location: Option<&str>) -> String {
    let create = at(address, "az network public-ip create").name(address).maybe("--location", location);
    create.option("--sku", "Standard").option("--allocation-method", "Static").text()
}

fn subnet_update(subnet: &ResourceId) -> Command {
    let network = subnet.part("virtualnetworks").unwrap_or("<virtual-network>");
    at(subnet, "az network vnet subnet update").option("--vnet-name", network).name(subnet)
}

/// A command about a resource.
fn at(id: &ResourceId, command: &str) -> Command {
    of_group(Some(id), command)
}

/// A command in the subscription and resource group of a resource.
fn of_group(id: Option<&ResourceId>, command: &str) -> Command {
    let part = |segment| id.and_then(|id| id.part(segment));
    let group = part("resourcegroups").unwrap_or("<resource-group>");
    Command(command.to_owned()).maybe("--subscription", part("subscriptions")).option("--resource-group", group)
}

/// A command whose values are quoted as they are added.
struct Command(String);

impl Command {
    fn option(self, option: &str, value: &str) -> Self {
        self.options(option, [value])
    }

    fn options<T: ToString>(mut self, option: &str, values: impl IntoIterator<Item = T>) -> Self {
        self.0 = format!("{} {option}", self.0);
        for value in values {
            self.0 = format!("{} {}", self.0, quote::shell(&value.to_string()));
        }
        self
    }

    fn maybe(self, option: &str, value: Option<&str>) -> Self {
        match value {
            Some(value) => self.option(option, value),
            None => self,
        }
    }

    fn name(self, id: &ResourceId) -> Self {
        self.option("--name", id.name())
    }

    fn traffic(self, rule: &NetworkRule) -> Self {
        let command = self.options("--source-addresses", &rule.sources);
        command.options("--destination-addresses", &rule.addresses).option("--destination-ports", "1688")
    }

    fn text(self) -> String {
        self.0
    }
}
