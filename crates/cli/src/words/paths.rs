//! Words for paths through a cloud's network, in those that the clouds' portals use in each language.

use kmsdoctor_cloud::{
    AllowanceLoss, Detail, Fault, Hop, Missing, NextHop, OutboundLoss, Outcome, Provider, RemarkKind, Stage, WayOut,
};
use kmsdoctor_core::language::Language::{self, English, Japanese};

use super::pick;

/// What becomes of the packets, by its word.
pub(crate) fn verdict(verdict: &str, language: Language) -> &'static str {
    let (japanese, english) = match verdict {
        "reaches" => ("到達", "reaches KMS"),
        "blocked" => ("遮断", "blocked"),
        _ => ("判定不能", "cannot tell"),
    };
    pick(language, japanese, english)
}

/// What a hop does, in a word.
pub(crate) fn outcome(outcome: &str, language: Language) -> &'static str {
    let (japanese, english) = match outcome {
        "passes" => ("通過", "passes"),
        "blocks" => ("遮断", "blocked"),
        _ => ("不明", "unknown"),
    };
    pick(language, japanese, english)
}

/// At the edge behind a station that blocks.
pub(crate) fn stops(language: Language) -> &'static str {
    pick(language, "ここで止まります", "the packets end here")
}

/// At such an edge behind another one.
pub(crate) fn stops_too(language: Language) -> &'static str {
    pick(language, "ここでも止まります", "they would end here, too")
}

/// What a station is, by its word; `provider` is a word, too.
pub(crate) fn stage(stage: &str, provider: &str, language: Language) -> &'static str {
    let is_google = provider == "google-cloud";
    let (japanese, english) = match stage {
        "machine" => ("コンピューター", "Machine"),
        "interface" => ("ネットワーク インターフェイス", "Network interface"),
        "interface-rules" if is_google => ("VPC のファイアウォール規則", "Firewall rules of the VPC"),
        "interface-rules" => ("NIC の NSG", "NSG at the interface"),
        "subnet-rules" => ("サブネットの NSG", "NSG at the subnet"),
        "route" => ("ルート", "Route"),
        "firewall" => ("ファイアウォール", "Firewall"),
        "firewall-route" => ("ファイアウォールから先のルート", "Route behind the firewall"),
        "outbound" => ("送信接続", "Way out"),
        "load-balancer" => ("ロード バランサー", "Load balancer"),
        _ => ("KMS", "KMS"),
    };
    pick(language, japanese, english)
}

/// What a hop does to the packets and why.
pub(crate) fn hop(hop: &Hop, provider: Provider, language: Language) -> String {
    match &hop.outcome {
        Outcome::Passes => passes(hop, provider, language).to_owned(),
        Outcome::Blocks(fault) => blocks(fault, provider, language).to_owned(),
        Outcome::Unknown(missing @ Missing::Unreadable(_)) => {
            format!("{}{}", self::missing(missing, language), stop(language))
        }
        Outcome::Unknown(missing) => match language {
            Japanese => format!("次のものが証拠にないため、判定できません: {}", self::missing(missing, language)),
            English => format!("The exports do not tell: wanting is {}.", self::missing(missing, language)),
        },
    }
}

fn stop(language: Language) -> &'static str {
    pick(language, "。", ".")
}

fn passes(hop: &Hop, provider: Provider, language: Language) -> &'static str {
    let (japanese, english) = match (hop.detail, hop.stage) {
        (Some(Detail::ImplicitAllowance), _) => (
            "拒否の規則に一致しますが、KMS への暗黙の許可が効いているため通過します。",
            "A rule denies, and Azure's implicit allowance of KMS lets the packets pass all the same.",
        ),
        (Some(Detail::LeadsTo(next_hop)), _) => leads_to(next_hop, provider),
        (Some(Detail::By(way)), _) => by(way),
        (None, Stage::InterfaceRules | Stage::SubnetRules) if hop.name.is_empty() && provider == Provider::Azure => {
            ("NSG は関連付けられていません。", "There is none.")
        }
        (None, Stage::InterfaceRules | Stage::SubnetRules) => ("TCP 1688 の送信を妨げません。", "Lets TCP 1688 out."),
        (None, Stage::Firewall) => ("TCP 1688 を許可する規則に一致します。", "A rule allows TCP 1688."),
        (None, Stage::FirewallRoute) => ("インターネットへ出ます。", "Leads to the Internet."),
        (None, Stage::LoadBalancer) => {
            ("規則もプローブも KMS のポートに合っています。", "Rule and probe fit the port of KMS.")
        }
        (None, Stage::Kms) => ("KMS が提供されているアドレスです。", "KMS is served at this address."),
        (None, _) => ("通過します。", "Lets the packets pass."),
    };
    pick(language, japanese, english)
}

fn leads_to(next_hop: NextHop, provider: Provider) -> (&'static str, &'static str) {
    match next_hop {
        NextHop::Internet if provider == Provider::Aws => {
            ("リンクローカルの KMS に届きます。", "Leads to the link-local KMS of AWS.")
        }
        NextHop::Internet => ("インターネットへ直接出ます。", "Leads straight to the Internet."),
        NextHop::Firewall => ("ファイアウォールに送られます。", "Leads to the firewall."),
        NextHop::Appliance => ("仮想アプライアンスに送られます。", "Leads to an appliance."),
        NextHop::Gateway => ("ゲートウェイに送られます。", "Leads to a gateway."),
        NextHop::VirtualNetwork => ("仮想ネットワークの中に届きます。", "Leads into the virtual network."),
        NextHop::Nowhere => ("破棄されます。", "Leads to nowhere."),
    }
}

fn by(way: WayOut) -> (&'static str, &'static str) {
    match way {
        WayOut::PublicAddress => {
            ("インターフェイスのパブリック IP アドレスで外に出ます。", "Out by the interface's public address.")
        }
        WayOut::NatGateway => ("NAT ゲートウェイを通って外に出ます。", "Out by a NAT gateway."),
        WayOut::LoadBalancerRule => {
            ("ロード バランサーの規則による送信接続で外に出ます。", "Out by a rule of a load balancer.")
        }
        WayOut::DefaultAccess => ("既定の送信アクセスで外に出ます。", "Out by Azure's default outbound access."),
        WayOut::Firewall => {
            ("ファイアウォールのパブリック IP アドレスで外に出ます。", "Out by the firewall's public address.")
        }
        WayOut::PrivateGoogleAccess => (
            "限定公開の Google アクセスで届きます。外部 IP アドレスは要りません。",
            "Private Google Access: no external address is needed.",
        ),
    }
}

fn blocks(fault: &Fault, provider: Provider, language: Language) -> &'static str {
    let (japanese, english) = match fault {
        Fault::RuleDenies(None) => ("規則が TCP 1688 の送信を拒否しています。", "A rule denies TCP 1688."),
        Fault::RuleDenies(Some(AllowanceLoss::RuleForEverything)) => (
            "規則が拒否しています。宛先に 0.0.0.0/0 と書いた送信規則があるため、KMS への暗黙の許可も失われています。",
            "A rule denies, and the implicit allowance of KMS is lost: an outbound rule names the destination 0.0.0.0/0.",
        ),
        Fault::RuleDenies(Some(AllowanceLoss::DefaultRoute)) => (
            "規則が拒否しています。ユーザー定義ルート 0.0.0.0/0 があるため、KMS への暗黙の許可も失われています。",
            "A rule denies, and the implicit allowance of KMS is lost: there is a user-defined route 0.0.0.0/0.",
        ),
        Fault::RuleDenies(Some(AllowanceLoss::LicenceTag)) => (
            "規則がサービス タグ AzurePlatformLKM を拒否しているため、KMS への暗黙の許可も失われています。",
            "A rule denies the service tag AzurePlatformLKM, and with it the implicit allowance of KMS is lost.",
        ),
        Fault::RouteToGateway if provider == Provider::Azure => (
            "ネクスト ホップが仮想ネットワーク ゲートウェイです (強制トンネリング)。要求がオンプレミスから出ると、Azure の KMS は応答しません。",
            "The next hop is a gateway (forced tunnelling). Azure's KMS does not answer requests that leave from the premises.",
        ),
        Fault::RouteToGateway => (
            "ネクスト ホップがゲートウェイのため、クラウドの KMS に届きません。",
            "The next hop is a gateway, which does not lead to the cloud's KMS.",
        ),
        Fault::RouteToNowhere => (
            "ネクスト ホップが「なし」のため、パケットは破棄されます。",
            "The next hop is none: the packets are dropped.",
        ),
        Fault::RouteIntoNetwork => (
            "仮想ネットワークの中に送られますが、クラウドの KMS はその中にありません。",
            "The packets go into a virtual network, where no KMS of the cloud is.",
        ),
        Fault::RouteMissing => ("この宛先へのルートがありません。", "There is no route for this destination."),
        Fault::RouteStale => (
            "ルートのゲートウェイが、今のサブネットのものではありません。別の場所で作られたイメージの固定ルートが残っています。",
            "The route names a gateway of another subnet: it was left in an image that was made elsewhere.",
        ),
        Fault::FirewallDenies => (
            "TCP 1688 を許可するネットワーク規則がないか、拒否の規則が先に一致します。",
            "No network rule allows TCP 1688, or one that denies it comes first.",
        ),
        Fault::FirewallApplicationOnly => (
            "許可しているのはアプリケーション規則だけです。アプリケーション規則が扱うのは HTTP、HTTPS、MSSQL だけなので、ネットワーク規則が必要です。",
            "Only an application rule allows it. Those carry HTTP, HTTPS and MSSQL alone: a network rule is needed.",
        ),
        Fault::NoOutbound(loss) => no_outbound(*loss),
        Fault::LoadBalancerWithoutRule => (
            "TCP 1688 の負荷分散規則がないか、バックエンド プールが空です。",
            "There is no rule for TCP 1688, or no machine in its pool.",
        ),
        Fault::LoadBalancerProbe => (
            "正常性プローブが、KMS ホストの提供していないポートか、KMS ホストが応答しない HTTP で調べています。バックエンドはすべて停止中と見なされます。",
            "The health probe asks a port that the KMS host does not serve, or by HTTP, which it does not answer: every machine behind it counts as down.",
        ),
        Fault::AddressRetired => {
            ("このアドレスでは、KMS はもう提供されていません。", "KMS is not served at this address any more.")
        }
        Fault::LicenceNotCovered => (
            "イメージのライセンスが BYOL のため、クラウドの KMS の対象外です。",
            "The licence of the image is BYOL, which the cloud's KMS does not serve.",
        ),
    };
    pick(language, japanese, english)
}

fn no_outbound(loss: OutboundLoss) -> (&'static str, &'static str) {
    match loss {
        OutboundLoss::PrivateSubnet => (
            "プライベート サブネットのため既定の送信アクセスがなく、NAT ゲートウェイ、パブリック IP アドレス、送信規則のどれもありません。",
            "The subnet is private, and there is no NAT gateway, public address or outbound rule.",
        ),
        OutboundLoss::InternalLoadBalancer => (
            "Standard の内部ロード バランサーの下にあるため既定の送信アクセスがなく、ほかの送信方法もありません。",
            "Behind an internal Standard load balancer there is no default outbound access, and no other way out is there.",
        ),
        OutboundLoss::PublicLoadBalancer => (
            "Standard のパブリック ロード バランサーの下にあるため既定の送信アクセスがなく、その規則でも外に出られません (送信規則がないか、送信 SNAT が無効です)。",
            "Behind a public Standard load balancer there is no default outbound access, and its rules give no way out: \
             there is no outbound rule, or outbound SNAT is off.",
        ),
        OutboundLoss::FirewallWithoutAddress => (
            "経由するファイアウォールに、パブリック IP アドレスがありません。",
            "The firewall that the packets go through has no public address.",
        ),
        OutboundLoss::AvailabilitySet => (
            "同じ可用性セットの別の VM が Standard の内部ロード バランサーの下にあるため既定の送信アクセスがなく、ほかの送信方法もありません。",
            "Another machine of the availability set is behind an internal Standard load balancer: there is no default outbound \
             access, and no other way out.",
        ),
        OutboundLoss::PrivateGoogleAccess => (
            "外部 IP アドレスがなく、限定公開の Google アクセスも無効です。",
            "There is no external address, and Private Google Access is off.",
        ),
    }
}

/// What is wanting, as a part of a sentence.
pub(crate) fn missing(missing: &Missing, language: Language) -> String {
    let name = missing.name().unwrap_or_default();
    let name = |blank: &str| if name.is_empty() { String::new() } else { format!("{blank}{name}") };
    let (japanese, english) = match missing {
        Missing::Interface => (
            "ネットワーク インターフェイス (サブネットと NSG の指定を含む)",
            "the network interface with its subnet and NSG",
        ),
        Missing::Subnet(_) => ("サブネット", "the subnet"),
        Missing::SecurityGroup(_) => ("NSG", "the NSG"),
        Missing::RouteTable(_) => ("ルート テーブル", "the route table"),
        Missing::EffectiveRoutes => (
            "有効なルート (ゲートウェイが広報するルートは、ルート テーブルには現れません)",
            "the effective routes (what gateways announce shows in no route table)",
        ),
        Missing::Group(_) => ("タグまたはグループに含まれるアドレス:", "the addresses of the tag or group"),
        Missing::Appliance(_) => (
            "アプライアンスの規則 (Azure Firewall 以外は、その製品で確認してください):",
            "the rules of the appliance (look at the product itself unless it is an Azure Firewall)",
        ),
        Missing::FirewallPolicy(_) => ("ファイアウォール ポリシー", "the firewall policy"),
        Missing::IpGroup(_) => ("IP グループ", "the IP group"),
        Missing::LoadBalancer(_) => ("ロード バランサー", "the load balancer"),
        Missing::VirtualHub(_) => ("仮想ハブとそのルーティング インテント", "the virtual hub and its routing intent"),
        Missing::MachineRoutes => {
            ("コンピューターのルーティング テーブル (route print)", "the machine's own routes (route print)")
        }
        Missing::NetworkRules(_) => ("VPC のファイアウォール規則", "the firewall rules of the VPC"),
        Missing::NetworkRoutes(_) => ("VPC のルート", "the routes of the VPC"),
        Missing::PublicAddress(_) => ("パブリック IP アドレス", "the public address"),
        Missing::Unreadable(_) => {
            return match language {
                Japanese => format!("値{}を読み取れません", name(" ")),
                English => format!("the value{} cannot be read", name(" ")),
            };
        }
    };
    format!("{}{}", pick(language, japanese, english), name(" "))
}

/// What a remark says of `element`.
pub(crate) fn remark(kind: RemarkKind, element: &str, language: Language) -> String {
    let (japanese, english) = match kind {
        RemarkKind::DenyWithoutEffect => (
            "拒否の規則ですが、KMS への暗黙の許可が効いているため、KMS の通信は止めません。",
            "denies, and the implicit allowance of KMS holds: it does not stop KMS.",
        ),
        RemarkKind::RetiredAddress => (
            "使われなくなった KMS アドレスのための設定です。残っていても害はありません。",
            "is for an address at which KMS is not served any more. It does no harm.",
        ),
        RemarkKind::AddressPinned => (
            "KMS のアドレスを直接指定しています。アドレスが変われば手作業で直すことになるため、名前で書けるところは azkms.core.windows.net にしてください。",
            "names an address of KMS, which has to be kept up by hand. Where a name will do, use azkms.core.windows.net.",
        ),
        RemarkKind::RouteWithoutEffect => (
            "無効なルートか、ほかのルートに優先されるルートです。何も左右しません。",
            "is invalid or overridden by another route, and decides nothing.",
        ),
        RemarkKind::DefaultOutboundAccess => (
            "既定の送信アクセスを使っています。アドレスは予告なく変わり、新しい仮想ネットワークでは既定で無効です。NAT ゲートウェイなど、明示的な送信方法を検討してください。",
            "uses the default outbound access. Its address may change, and new virtual networks are without it: plan an explicit \
             way out such as a NAT gateway.",
        ),
        RemarkKind::CustomDnsServers => (
            "仮想ネットワークに独自の DNS サーバーが設定されています。azkms.core.windows.net を解決できることを確認してください。",
            "has DNS servers of its own. See that they resolve azkms.core.windows.net.",
        ),
        RemarkKind::DnsProxyOff => (
            "FQDN で許可するネットワーク規則ですが、ファイアウォールの DNS プロキシが無効です。VM と違うアドレスに解決されると一致しません。",
            "names a domain name, and the firewall's DNS proxy is off: it does not match where the machine resolves another \
             address.",
        ),
        RemarkKind::AzureEdition => (
            "Azure Edition のため、KMS のほかに IMDS (169.254.169.254) への通信も必要です。",
            "is an Azure Edition: besides KMS it needs the instance metadata service (169.254.169.254).",
        ),
        RemarkKind::MetadataDenied => (
            "IMDS のサービス タグ (AzurePlatformIMDS) を拒否しています。Azure Edition は、Azure 上で動いていることを証明できません。",
            "denies the service tag of the instance metadata service (AzurePlatformIMDS): an Azure Edition cannot attest.",
        ),
        RemarkKind::SessionPersistence => (
            "セッション永続化が有効です。同じアドレスの背後にあるクライアントは、いつも同じ KMS ホストに届きます。",
            "keeps sessions: clients behind one address always meet the same KMS host.",
        ),
        RemarkKind::SecondaryInterface => (
            "プライマリ インターフェイスではありません。Windows は KMS への要求をプライマリから送ります。",
            "is not the primary interface. Windows sends requests to KMS from the primary one.",
        ),
    };
    match language {
        Japanese if element.is_empty() => japanese.to_owned(),
        Japanese => format!("{element}: {japanese}"),
        English if element.is_empty() => format!("This path {english}"),
        English => format!("{element} {english}"),
    }
}

/// What no evidence of a cloud is told in.
pub(crate) fn nothing_described(has_resources: bool, language: Language) -> &'static str {
    if has_resources {
        return pick(
            language,
            "クラウドのエクスポートは読めましたが、KMS への経路を判定できるインターフェイスがその中にありません。NIC か、有効なルートを書き出してください。",
            "There are exports of a cloud, but no interface in them whose way to KMS could be judged. Export the network interface, \
             or its effective routes.",
        );
    }
    pick(
        language,
        "証拠の中に、クラウドのネットワークのエクスポートがありません。`az network nic show-effective-route-table … -o json` などの出力を渡してください。",
        "The evidence holds no export of a cloud's network. Give output such as that of \
         `az network nic show-effective-route-table … -o json`.",
    )
}

/// Of a file that was given to be assumed.
pub(crate) fn unused(name: &str, language: Language) -> String {
    match language {
        Japanese => {
            format!("{name}: クラウドのリソースとして読めるものがないため、このファイルからは何も仮定していません。")
        }
        English => {
            format!("{name}: it holds no resource of a cloud that could be read, so nothing is assumed from it.")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FAULTS: [Fault; 20] = [
        Fault::RuleDenies(None),
        Fault::RuleDenies(Some(AllowanceLoss::RuleForEverything)),
        Fault::RuleDenies(Some(AllowanceLoss::DefaultRoute)),
        Fault::RuleDenies(Some(AllowanceLoss::LicenceTag)),
        Fault::RouteToGateway,
        Fault::RouteToNowhere,
        Fault::RouteIntoNetwork,
        Fault::RouteMissing,
        Fault::RouteStale,
        Fault::FirewallDenies,
        Fault::FirewallApplicationOnly,
        Fault::NoOutbound(OutboundLoss::PrivateSubnet),
        Fault::NoOutbound(OutboundLoss::InternalLoadBalancer),
        Fault::NoOutbound(OutboundLoss::PublicLoadBalancer),
        Fault::NoOutbound(OutboundLoss::AvailabilitySet),
        Fault::NoOutbound(OutboundLoss::FirewallWithoutAddress),
        Fault::NoOutbound(OutboundLoss::PrivateGoogleAccess),
        Fault::LoadBalancerWithoutRule,
        Fault::LoadBalancerProbe,
        Fault::AddressRetired,
    ];

    #[test]
    fn every_fault_has_its_own_words_in_both_languages() {
        let mut texts = std::collections::HashSet::new();
        for fault in &FAULTS {
            let (japanese, english) =
                (blocks(fault, Provider::Azure, Japanese), blocks(fault, Provider::Azure, English));
            assert!(english.is_ascii() && !japanese.is_ascii(), "{english} {japanese}");
            assert!(texts.insert(japanese) && texts.insert(english), "{fault:?}");
        }
    }

    #[test]
    fn what_is_wanting_is_a_part_of_a_sentence() {
        let missing = Missing::RouteTable("rt-web".to_owned());
        let hop = Hop {
            stage: Stage::Route,
            name: String::new(),
            rule: None,
            outcome: Outcome::Unknown(missing),
            detail: None,
            origin: None,
        };
        assert_eq!(
            super::hop(&hop, Provider::Azure, English),
            "The exports do not tell: wanting is the route table rt-web."
        );
        assert_eq!(
            super::hop(&hop, Provider::Azure, Japanese),
            "次のものが証拠にないため、判定できません: ルート テーブル rt-web"
        );
        assert_eq!(
            super::missing(&Missing::Unreadable("priority".into()), English),
            "the value priority cannot be read"
        );
    }
}
