//! Changes, risks and reasons in words.

use std::collections::BTreeSet;
use std::net::IpAddr;

use kmsdoctor_core::language::Language;
use kmsdoctor_core::printable::printable;

use crate::Missing;
use crate::change::{AwsOperation, AzureOperation, Change, GoogleOperation, NetworkRule, Operation, Reason, Risk};

fn say(language: Language, ja: String, en: String) -> String {
    printable(&if language == Language::Japanese { ja } else { en })
}

impl Change {
    /// One line for each operation, for people.
    pub fn summary(&self, language: Language) -> Vec<String> {
        self.operations.iter().map(|operation| operation.text(language)).collect()
    }
}

impl Operation {
    /// For people: one line.
    pub fn text(&self, language: Language) -> String {
        let (ja, en) = match self {
            Self::Azure(operation) => operation.words(),
            Self::Aws(operation) => operation.words(),
            Self::Google(operation) => operation.words(),
        };
        say(language, ja, en)
    }
}

impl AzureOperation {
    fn words(&self) -> (String, String) {
        match self {
            Self::CreateRouteTable { table, subnet, .. } => {
                let (table, subnet) = (table.name(), subnet.name());
                (
                    format!("ルート テーブル {table} を作成し、サブネット {subnet} に関連付ける"),
                    format!("Create the route table {table} and associate it with the subnet {subnet}"),
                )
            }
            Self::AddRoute { table, address, replaces, name } => {
                let table = table.name().unwrap_or("<route-table>");
                match replaces {
                    None => (
                        format!(
                            "ルート テーブル {table} に {address} へのルート (ネクスト ホップ: Internet) を追加する"
                        ),
                        format!("Add a route for {address} (next hop Internet) to the route table {table}"),
                    ),
                    Some(_) => (
                        format!(
                            "ルート テーブル {table} のルート {name} ({address}) のネクスト ホップを Internet に変更する"
                        ),
                        format!(
                            "Change the next hop of the route {name} ({address}) of the route table {table} to Internet"
                        ),
                    ),
                }
            }
            Self::AddSecurityRule { group, priority, addresses, .. } => {
                let (group, to) = (group.name().unwrap_or("<security-group>"), list(addresses));
                (
                    format!("NSG {group} に {to} への TCP 1688 を許可する送信規則 (優先度 {priority}) を追加する"),
                    format!(
                        "Add an outbound rule (priority {priority}) to the NSG {group} that allows TCP 1688 to {to}"
                    ),
                )
            }
            Self::AddRuleGroup { policy, priority, rule, .. } => {
                let (policy, (from, to)) = (policy.name(), ends(rule));
                (
                    format!(
                        "ファイアウォール ポリシー {policy} に {from} から {to} への TCP 1688 を許可するネットワーク規則 (規則コレクション グループの優先度 {priority}) を追加する"
                    ),
                    format!(
                        "Add a network rule to the firewall policy {policy} (rule collection group of priority {priority}) that allows TCP 1688 from {from} to {to}"
                    ),
                )
            }
            Self::AddRuleCollection { firewall, priority, rule, .. } => {
                let (firewall, (from, to)) = (firewall.name(), ends(rule));
                (
                    format!(
                        "ファイアウォール {firewall} に {from} から {to} への TCP 1688 を許可するネットワーク規則コレクション (優先度 {priority}) を追加する"
                    ),
                    format!(
                        "Add a network rule collection (priority {priority}) to the firewall {firewall} that allows TCP 1688 from {from} to {to}"
                    ),
                )
            }
            Self::CreateNatGateway { gateway, subnet, .. } => {
                let (gateway, subnet) = (gateway.name(), subnet.name());
                (
                    format!(
                        "NAT ゲートウェイ {gateway} をパブリック IP アドレス付きで作成し、サブネット {subnet} に関連付ける"
                    ),
                    format!(
                        "Create the NAT gateway {gateway} with a public address and associate it with the subnet {subnet}"
                    ),
                )
            }
            Self::AddNatAddress { gateway, .. } => (
                format!("NAT ゲートウェイ {} にパブリック IP アドレスを付ける", gateway.name()),
                format!("Give the NAT gateway {} a public address", gateway.name()),
            ),
            Self::AddOutboundRule { balancer, pool, .. } => {
                let (balancer, pool) = (balancer.name(), pool.name());
                (
                    format!("ロード バランサー {balancer} にバックエンド プール {pool} のアウトバウンド規則を追加する"),
                    format!("Add an outbound rule for the backend pool {pool} to the load balancer {balancer}"),
                )
            }
            Self::AddProbe { balancer, rule, port, .. } => {
                let balancer = balancer.name();
                (
                    format!("ロード バランサー {balancer} に TCP {port} の正常性プローブを追加し、規則 {rule} で使う"),
                    format!(
                        "Add a health probe for TCP {port} to the load balancer {balancer} and use it in the rule {rule}"
                    ),
                )
            }
        }
    }
}

impl AwsOperation {
    fn words(&self) -> (String, String) {
        let Self { address, gateway, .. } = self;
        (
            format!("マシンの {address} へのルートを、既定のゲートウェイ {gateway} 経由で設定する"),
            format!("Set the machine's route to {address} by the default gateway {gateway}"),
        )
    }
}

impl GoogleOperation {
    fn words(&self) -> (String, String) {
        match self {
            Self::AllowEgress { network, priority, address, .. } => {
                let network = network.name();
                (
                    format!(
                        "ネットワーク {network} に {address} への TCP 1688 を許可する下り (外向き) の規則 (優先度 {priority}) を追加する"
                    ),
                    format!(
                        "Add an egress rule (priority {priority}) to the network {network} that allows TCP 1688 to {address}"
                    ),
                )
            }
            Self::AddRoute { network, address, .. } => {
                let network = network.name();
                (
                    format!("ネットワーク {network} に {address} へのルート (default-internet-gateway) を追加する"),
                    format!("Add a route for {address} to default-internet-gateway to the network {network}"),
                )
            }
            Self::EnablePrivateAccess { subnet } => (
                format!("サブネット {} の限定公開の Google アクセスを有効にする", subnet.name()),
                format!("Turn Private Google Access of the subnet {} on", subnet.name()),
            ),
        }
    }
}

fn list(addresses: &BTreeSet<IpAddr>) -> String {
    addresses.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

fn ends(rule: &NetworkRule) -> (String, String) {
    let sources: Vec<String> = rule.sources.iter().map(ToString::to_string).collect();
    (sources.join(", "), list(&rule.addresses))
}

impl Risk {
    /// For people.
    pub fn text(&self, language: Language) -> String {
        let (ja, en) = match self {
            Self::OutboundAddress { of } => (
                format!("{of} のすべてのマシンの送信元パブリック IP アドレスが変わります。送信元で許可している接続先を先に確認します。"),
                format!("Every machine of {of} leaves by another public address: look first for destinations that allow by source address."),
            ),
            Self::GoogleServices { subnet } => (
                format!("サブネット {subnet} の VM から Google の API にも届くようになります。"),
                format!("VMs of the subnet {subnet} reach the APIs of Google, too."),
            ),
            Self::Costs => ("料金が発生します。".to_owned(), "It costs money.".to_owned()),
            Self::PastInspection => (
                "KMS への通信は、他の通信が通るゲートウェイやファイアウォールを通らなくなります。ネットワークの担当者に確認します。".to_owned(),
                "Packets to KMS no longer pass the gateway or firewall that all others pass: ask the owners of the network.".to_owned(),
            ),
            Self::OnPurpose { element } => (
                format!("{element} は意図的なものと思われます。所有者に確認してから変更します。"),
                format!("{element} looks as if it were there on purpose: ask its owner first."),
            ),
            Self::Placeholder => (
                "変更するリソースの名前がエクスポートにありません。<…> を置き換えます。サブネットにルート テーブルがない場合は、先に作成して関連付けます。".to_owned(),
                "The exports do not name the resource to change: replace <…>. If the subnet has no route table, create one and associate it first.".to_owned(),
            ),
        };
        say(language, ja, en)
    }
}

impl Reason {
    /// For people.
    pub fn text(&self, language: Language) -> String {
        let (ja, en) = match self {
            Self::Unknown(missing) => {
                let names: Vec<&str> = missing.iter().filter_map(Missing::element).collect();
                let names = if names.is_empty() { String::new() } else { format!(" ({})", names.join(", ")) };
                (
                    format!("エクスポートからは経路が分かりません{names}。先に不足しているものをエクスポートします。"),
                    format!("The exports do not tell the whole way{names}: export what is missing first."),
                )
            }
            Self::AddressRetired => (
                "このアドレスの KMS は廃止されています。現在のアドレスを使います。".to_owned(),
                "Nothing is served at this address any more: use a current one.".to_owned(),
            ),
            Self::LicenceNotCovered => (
                "このライセンスはクラウドの KMS の対象外です。".to_owned(),
                "The licence is not one for the cloud's KMS.".to_owned(),
            ),
            Self::NoPriority(name) => (
                format!("{name} で拒否している規則より前に、空いている優先度がありません。"),
                format!("{name} has no free priority before what denies."),
            ),
            Self::NotFound(name) => (
                format!("変更するリソースがエクスポートにないか、1 つに決まりません: {name}"),
                format!("What would have to be changed is not in the exports, or not the only one of its name: {name}"),
            ),
            Self::Contradiction(subnet) => (
                format!(
                    "サブネット {subnet} のエクスポートにはルート テーブルがありませんが、有効なルートにはユーザー定義のルートがあります。新しいルート テーブルを関連付けると、実際のものが置き換わります。サブネットをもう一度エクスポートします。"
                ),
                format!(
                    "The export of the subnet {subnet} has no route table, but its effective routes have user-defined ones: a new table would replace the real one. Export the subnet again."
                ),
            ),
            Self::NoSmallChange => (
                "他に影響しない小さな変更では直せません。".to_owned(),
                "No small change that touches nothing else takes this fault away.".to_owned(),
            ),
            Self::NotEnough => (
                "モデルで試したところ、変更しても KMS に届きませんでした。".to_owned(),
                "Tried on the model, the change does not make the path reach KMS.".to_owned(),
            ),
            Self::ChangesMore => (
                "モデルで試したところ、他の通信にも影響しました。".to_owned(),
                "Tried on the model, the change has an effect on other packets, too.".to_owned(),
            ),
        };
        say(language, ja, en)
    }
}

impl Missing {
    /// The name in it.
    fn element(&self) -> Option<&str> {
        match self {
            Self::Interface | Self::EffectiveRoutes | Self::MachineRoutes => None,
            Self::Subnet(name)
            | Self::SecurityGroup(name)
            | Self::RouteTable(name)
            | Self::Group(name)
            | Self::Appliance(name)
            | Self::FirewallPolicy(name)
            | Self::IpGroup(name)
            | Self::LoadBalancer(name)
            | Self::VirtualHub(name)
            | Self::NetworkRules(name)
            | Self::NetworkRoutes(name)
            | Self::PublicAddress(name)
            | Self::Unreadable(name) => Some(name),
        }
    }
}
