//! Steps in the Azure portal, in the words that its pages show in each language.

use std::collections::BTreeSet;
use std::fmt::Display;
use std::net::IpAddr;

use kmsdoctor_core::language::Language;

use super::{Printed, az, lines, prefix, quote};
use crate::azure::{NextHop, ResourceId};
use crate::change::azure::apply::public_address_of;
use crate::change::{AzureOperation, Change, NetworkRule};

pub(super) fn print(change: &Change, language: Language) -> Printed {
    let page = Page { is_japanese: language == Language::Japanese };
    let apply = change.azure().flat_map(|operation| page.apply(operation));
    let undo = change.azure().rev().flat_map(|operation| page.undo(operation));
    Printed { apply: numbered(apply), undo: numbered(undo), verify: page.verify(change) }
}

fn numbered(steps: impl Iterator<Item = String>) -> String {
    lines(steps.enumerate().map(|(index, step)| format!("{}. {step}", index + 1)))
}

#[derive(Clone, Copy)]
struct Page {
    is_japanese: bool,
}

impl Page {
    /// A word of the portal in the language of the page.
    fn say(self, ja: &'static str, en: &'static str) -> &'static str {
        if self.is_japanese { ja } else { en }
    }

    /// A name of the exports, marked as one.
    fn name(self, name: &str) -> String {
        let name = quote::line(name);
        if self.is_japanese { format!("「{name}」") } else { format!("“{name}”") }
    }

    fn fields(self, way: &str, fields: &[(&str, &dyn Display)]) -> String {
        let fields: Vec<String> = fields.iter().map(|(name, value)| format!("{name}: {value}")).collect();
        format!("{way}{}{}", self.say("。", ". "), fields.join(self.say("、", ", ")))
    }

    fn add(self) -> &'static str {
        self.say("追加", "Add")
    }

    fn delete(self, steps: &[&dyn Display]) -> String {
        format!("{} > {}", way(steps), self.say("削除", "Delete"))
    }

    fn tables(self) -> &'static str {
        self.say("ルート テーブル", "Route tables")
    }

    fn routes(self) -> &'static str {
        self.say("ルート", "Routes")
    }

    fn subnets(self) -> &'static str {
        self.say("サブネット", "Subnets")
    }

    fn settings(self) -> &'static str {
        self.say("設定", "Settings")
    }

    fn outbound_rules(self) -> &'static str {
        self.say("送信セキュリティ規則", "Outbound security rules")
    }

    fn groups(self) -> &'static str {
        self.say("ネットワーク セキュリティ グループ", "Network security groups")
    }

    fn policies(self) -> &'static str {
        self.say("ファイアウォール ポリシー", "Firewall Policies")
    }

    fn rule_groups(self) -> &'static str {
        self.say("規則コレクション グループ", "Rule collection groups")
    }

    fn gateways(self) -> &'static str {
        self.say("NAT ゲートウェイ", "NAT gateways")
    }

    fn outbound_ip(self) -> &'static str {
        self.say("送信 IP", "Outbound IP")
    }

    fn addresses(self) -> &'static str {
        self.say("パブリック IP アドレス", "Public IP addresses")
    }

    fn balancers(self) -> &'static str {
        self.say("ロード バランサー", "Load balancers")
    }

    fn probes(self) -> &'static str {
        self.say("正常性プローブ", "Health probes")
    }

    fn balancing_rules(self) -> &'static str {
        self.say("負荷分散規則", "Load balancing rules")
    }

    fn apply(self, operation: &AzureOperation) -> Vec<String> {
        match operation {
            AzureOperation::CreateRouteTable { table, subnet, .. } => {
                let create = way(&[&self.tables(), &self.say("作成", "Create")]);
                let associate = self.say("関連付け", "Associate");
                let table = self.name(table.name());
                vec![
                    self.fields(&create, &[(self.say("名前", "Name"), &table)]),
                    way(&[&self.tables(), &table, &self.subnets(), &associate, &self.subnet(subnet)]),
                ]
            }
            AzureOperation::AddRoute { table, name, address, replaces } => {
                let table = self.name(table.name().unwrap_or("<route-table>"));
                let to = match replaces {
                    None => way(&[&self.tables(), &table, &self.settings(), &self.routes(), &self.add()]),
                    Some(_) => way(&[&self.tables(), &table, &self.settings(), &self.routes(), &self.name(name)]),
                };
                vec![self.route(&to, name, &prefix(*address), &NextHop::Internet, "")]
            }
            AzureOperation::AddSecurityRule { group, name, priority, addresses } => {
                vec![self.security_rule(group.name().unwrap_or("<security-group>"), name, *priority, addresses)]
            }
            AzureOperation::AddRuleGroup { policy, name, priority, rule } => {
                let policy = self.name(policy.name());
                let groups = way(&[&self.policies(), &policy, &self.rule_groups(), &self.add()]);
                let rules = self.say("ネットワーク規則", "Network rules");
                let add = self.say("規則コレクションの追加", "Add a rule collection");
                let rules = way(&[&self.policies(), &policy, &rules, &add]);
                let group = (self.say("規則コレクション グループ", "Rule collection group"), name.as_str());
                vec![
                    self.fields(
                        &groups,
                        &[(self.say("名前", "Name"), &self.name(name)), (self.say("優先度", "Priority"), priority)],
                    ),
                    self.collection(&rules, name, 100, rule, Some(group)),
                ]
            }
            AzureOperation::AddRuleCollection { firewall, name, priority, rule } => {
                let rules = self.say("規則 (クラシック)", "Rules (classic)");
                let add = self.say("ネットワーク規則コレクションの追加", "Add network rule collection");
                let to = way(&[&self.say("ファイアウォール", "Firewalls"), &self.name(firewall.name()), &rules, &add]);
                vec![self.collection(&to, name, *priority, rule, None)]
            }
            AzureOperation::CreateNatGateway { gateway, subnet, .. } => {
                let create = way(&[&self.gateways(), &self.say("作成", "Create")]);
                let address = public_address_of(gateway);
                vec![self.fields(
                    &create,
                    &[
                        (self.say("NAT ゲートウェイ名", "NAT gateway name"), &self.name(gateway.name())),
                        (self.outbound_ip(), &self.new_address(&address)),
                        (self.say("サブネット", "Subnet"), &self.subnet(subnet)),
                    ],
                )]
            }
            AzureOperation::AddNatAddress { gateway, .. } => {
                let address = public_address_of(gateway);
                let to = way(&[&self.gateways(), &self.name(gateway.name()), &self.outbound_ip()]);
                vec![self.fields(&to, &[(self.addresses(), &self.new_address(&address))])]
            }
            AzureOperation::AddOutboundRule { balancer, name, frontend, pool } => {
                let rules = self.say("アウトバウンド規則", "Outbound rules");
                let to = way(&[&self.balancers(), &self.name(balancer.name()), &self.settings(), &rules, &self.add()]);
                vec![self.fields(
                    &to,
                    &[
                        (self.say("名前", "Name"), &self.name(name)),
                        (self.say("フロントエンド IP アドレス", "Frontend IP address"), &self.name(frontend.name())),
                        (self.say("プロトコル", "Protocol"), &"TCP"),
                        (self.say("バックエンド プール", "Backend pool"), &self.name(pool.name())),
                    ],
                )]
            }
            AzureOperation::AddProbe { balancer, name, rule, port, .. } => {
                let balancer = self.name(balancer.name());
                let probes = way(&[&self.balancers(), &balancer, &self.settings(), &self.probes(), &self.add()]);
                vec![
                    self.fields(
                        &probes,
                        &[
                            (self.say("名前", "Name"), &self.name(name)),
                            (self.say("プロトコル", "Protocol"), &"TCP"),
                            (self.say("ポート", "Port"), port),
                        ],
                    ),
                    self.rule_probe(&balancer, rule, name),
                ]
            }
        }
    }

    fn undo(self, operation: &AzureOperation) -> Vec<String> {
        match operation {
            AzureOperation::CreateRouteTable { table, subnet, .. } => {
                let table = self.name(table.name());
                let dissociate = self.say("関連付けの解除", "Dissociate");
                vec![
                    way(&[&self.tables(), &table, &self.subnets(), &self.subnet(subnet), &dissociate]),
                    self.delete(&[&self.tables(), &table]),
                ]
            }
            AzureOperation::AddRoute { table, name, address, replaces } => {
                let table = self.name(table.name().unwrap_or("<route-table>"));
                let steps: [&dyn Display; 5] =
                    [&self.tables(), &table, &self.settings(), &self.routes(), &self.name(name)];
                vec![match replaces {
                    None => self.delete(&steps),
                    Some((hop, to)) => {
                        let to = to.map(|to| to.to_string()).unwrap_or_default();
                        self.route(&way(&steps), name, &prefix(*address), hop, &to)
                    }
                }]
            }
            AzureOperation::AddSecurityRule { group, name, .. } => {
                let group = self.name(group.name().unwrap_or("<security-group>"));
                vec![self.delete(&[&self.groups(), &group, &self.outbound_rules(), &self.name(name)])]
            }
            AzureOperation::AddRuleGroup { policy, name, .. } => {
                let policy = self.name(policy.name());
                vec![self.delete(&[&self.policies(), &policy, &self.rule_groups(), &self.name(name)])]
            }
            AzureOperation::AddRuleCollection { firewall, name, .. } => {
                let rules = self.say("規則 (クラシック)", "Rules (classic)");
                let firewalls = self.say("ファイアウォール", "Firewalls");
                vec![self.delete(&[&firewalls, &self.name(firewall.name()), &rules, &self.name(name)])]
            }
            AzureOperation::CreateNatGateway { gateway, subnet, .. } => {
                let gateway_name = self.name(gateway.name());
                let dissociate = self.say("関連付けの解除", "Dissociate");
                vec![
                    way(&[&self.gateways(), &gateway_name, &self.subnets(), &self.subnet(subnet), &dissociate]),
                    self.delete(&[&self.gateways(), &gateway_name]),
                    self.delete(&[&self.addresses(), &self.name(public_address_of(gateway).name())]),
                ]
            }
            AzureOperation::AddNatAddress { gateway, .. } => {
                let address = self.name(public_address_of(gateway).name());
                let remove = self.say("関連付けの解除", "Dissociate");
                vec![
                    way(&[&self.gateways(), &self.name(gateway.name()), &self.outbound_ip(), &address, &remove]),
                    self.delete(&[&self.addresses(), &address]),
                ]
            }
            AzureOperation::AddOutboundRule { balancer, name, .. } => {
                let rules = self.say("アウトバウンド規則", "Outbound rules");
                vec![self.delete(&[&self.balancers(), &self.name(balancer.name()), &rules, &self.name(name)])]
            }
            AzureOperation::AddProbe { balancer, name, rule, replaces, .. } => {
                let balancer = self.name(balancer.name());
                let before = replaces.as_ref().map_or(self.say("なし", "None"), ResourceId::name);
                vec![
                    self.rule_probe(&balancer, rule, before),
                    self.delete(&[&self.balancers(), &balancer, &self.probes(), &self.name(name)]),
                ]
            }
        }
    }

    fn verify(self, change: &Change) -> String {
        let help = self.say("ヘルプ", "Help");
        let routes = self.say("有効なルート", "Effective routes");
        let rules = self.say("有効なセキュリティ規則", "Effective security rules");
        let interfaces = self.say("ネットワーク インターフェイス", "Network interfaces");
        let steps = change.interfaces().into_iter().map(|interface| {
            let to = way(&[&interfaces, &self.name(interface), &help]);
            format!("{to} > {routes} / {rules}")
        });
        numbered(steps) + &lines(az::connect(change))
    }

    fn subnet(self, subnet: &ResourceId) -> String {
        let network = subnet.part("virtualnetworks").unwrap_or("<virtual-network>");
        self.name(&format!("{network}/{}", subnet.name()))
    }

    fn new_address(self, address: &ResourceId) -> String {
        let new = self.say("新しいパブリック IP アドレスを作成", "Create a new public IP address");
        format!("{new} {}", self.name(address.name()))
    }

    fn route(self, way: &str, name: &str, prefix: &str, hop: &NextHop, to: &str) -> String {
        let name = self.name(name);
        let (hop, to) = (quote::line(hop.word()), to.to_owned());
        let mut fields: Vec<(&str, &dyn Display)> = vec![
            (self.say("ルート名", "Route name"), &name),
            (self.say("宛先の種類", "Destination type"), &"IP Addresses"),
            (self.say("宛先 IP アドレス/CIDR 範囲", "Destination IP addresses/CIDR ranges"), &prefix),
            (self.say("ネクスト ホップの種類", "Next hop type"), &hop),
        ];
        if !to.is_empty() {
            fields.push((self.say("ネクスト ホップ アドレス", "Next hop address"), &to));
        }
        self.fields(way, &fields)
    }

    fn security_rule(self, group: &str, name: &str, priority: u32, addresses: &BTreeSet<IpAddr>) -> String {
        let group = self.name(group);
        let add = way(&[&self.groups(), &group, &self.settings(), &self.outbound_rules(), &self.add()]);
        let ranges = self.say("宛先 IP アドレス/CIDR 範囲", "Destination IP addresses/CIDR ranges");
        self.fields(
            &add,
            &[
                (self.say("ソース", "Source"), &"Any"),
                (self.say("ソース ポート範囲", "Source port ranges"), &"*"),
                (self.say("宛先", "Destination"), &"IP Addresses"),
                (ranges, &list(addresses)),
                (self.say("サービス", "Service"), &"Custom"),
                (self.say("宛先ポート範囲", "Destination port ranges"), &1688),
                (self.say("プロトコル", "Protocol"), &"TCP"),
                (self.say("アクション", "Action"), &self.say("許可", "Allow")),
                (self.say("優先度", "Priority"), &priority),
                (self.say("名前", "Name"), &self.name(name)),
            ],
        )
    }

    fn collection(
        self,
        way: &str,
        name: &str,
        priority: u32,
        rule: &NetworkRule,
        group: Option<(&'static str, &str)>,
    ) -> String {
        let (name, sources, addresses) = (self.name(name), list(&rule.sources), list(&rule.addresses));
        let group = group.map(|(label, group)| (label, self.name(group)));
        let mut fields: Vec<(&str, &dyn Display)> =
            vec![(self.say("名前", "Name"), &name), (self.say("優先度", "Priority"), &priority)];
        let allow = self.say("許可", "Allow");
        fields.push((self.say("アクション", "Action"), &allow));
        if let Some((label, group)) = &group {
            fields.push((label, group));
        }
        fields.extend([
            (self.say("プロトコル", "Protocol"), &"TCP" as &dyn Display),
            (self.say("ソース", "Source"), &sources),
            (self.say("宛先", "Destination"), &addresses),
            (self.say("宛先ポート", "Destination ports"), &1688),
        ]);
        self.fields(way, &fields)
    }

    fn rule_probe(self, balancer: &str, rule: &str, probe: &str) -> String {
        let to = way(&[&self.balancers(), &balancer, &self.balancing_rules(), &self.name(rule)]);
        self.fields(&to, &[(self.say("正常性プローブ", "Health probe"), &self.name(probe))])
    }
}

/// Where to click.
fn way(parts: &[&dyn Display]) -> String {
    parts.iter().map(ToString::to_string).collect::<Vec<_>>().join(" > ")
}

fn list<T: Display>(items: impl IntoIterator<Item = T>) -> String {
    items.into_iter().map(|item| item.to_string()).collect::<Vec<_>>().join(", ")
}
