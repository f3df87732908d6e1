use proptest::prelude::*;

use super::read;
use crate::readers::testing;

fn check(input: &str, expect: &str) {
    testing::check(read, input, expect);
}

const ENGLISH: &str = "
C:\\>ipconfig /all

Windows IP Configuration

   Host Name . . . . . . . . . . . . : PC1
   Primary Dns Suffix  . . . . . . . : contoso.com
   Node Type . . . . . . . . . . . . : Hybrid
   IP Routing Enabled. . . . . . . . : No
   WINS Proxy Enabled. . . . . . . . : No
   DNS Suffix Search List. . . . . . : contoso.com
                                       fabrikam.com

Ethernet adapter Ethernet0:

   Connection-specific DNS Suffix  . : home.fabrikam.com
   Description . . . . . . . . . . . : Intel(R) Ethernet
   Physical Address. . . . . . . . . : 00-15-5D-00-00-01
   DHCP Enabled. . . . . . . . . . . : Yes
   Link-local IPv6 Address . . . . . : fe80::1%12(Preferred)
   IPv4 Address. . . . . . . . . . . : 10.20.7.31(Preferred)
   Default Gateway . . . . . . . . . : 10.20.7.1
   DHCP Server . . . . . . . . . . . : 10.20.0.2
   DHCPv6 IAID . . . . . . . . . . . : 100668765
   DNS Servers . . . . . . . . . . . : 10.20.0.2
                                       10.20.0.3
   NetBIOS over Tcpip. . . . . . . . : Enabled
";

#[test]
fn a_member_of_a_domain() {
    check(
        ENGLISH,
        "machine machine.name = PC1 @5
         machine machine.domain = contoso.com @6
         contoso.com domain.lookup = true @6
         machine machine.dns-servers = 10.20.0.2, 10.20.0.3 @24
         10.20.0.2 resolver.configured = true @24
         10.20.0.3 resolver.configured = true @25",
    );
}

#[test]
fn a_workgroup_machine_looks_in_the_domain_of_dhcp() {
    check(
        "
Windows IP 構成

   ホスト名. . . . . . . . . . . . . . .: PC1
   プライマリ DNS サフィックス . . . . .:
   ノード タイプ . . . . . . . . . . . .: ハイブリッド

イーサネット アダプター イーサネット:

   接続固有の DNS サフィックス . . . . .: contoso.com
   説明. . . . . . . . . . . . . . . . .: Intel(R) Ethernet
   DHCP 有効 . . . . . . . . . . . . . .: はい
   IPv4 アドレス . . . . . . . . . . . .: 10.20.7.31(優先)
   DHCP サーバー . . . . . . . . . . . .: 10.20.0.2
   DNS サーバー. . . . . . . . . . . . .: 10.20.0.2
   NetBIOS over TCP/IP . . . . . . . . .: 有効

イーサネット アダプター 固定:

   接続固有の DNS サフィックス . . . . .: fabrikam.com
   DHCP 有効 . . . . . . . . . . . . . .: いいえ
   DNS サーバー. . . . . . . . . . . . .: fec0:0:0:ffff::1%1
                                          fec0:0:0:ffff::2%1
",
        "machine machine.name = PC1 @3
         machine machine.domain absent @4
         contoso.com domain.lookup = true @9
         machine machine.dns-servers = 10.20.0.2 @14
         10.20.0.2 resolver.configured = true @14",
    );
}

#[test]
fn other_languages_by_structure() {
    for (title, labels) in [
        (
            "Windows-IP-Konfiguration",
            [
                "Hostname  . . . . . . . . . . . . ",
                "Primäres DNS-Suffix . . . . . . . ",
                "Ethernet-Adapter Ethernet",
                "Verbindungsspezifisches DNS-Suffix",
                "DHCP-Server . . . . . . . . . . . ",
                "DNS-Server  . . . . . . . . . . . ",
            ],
        ),
        (
            "Windows IP 配置",
            [
                "主机名  . . . . . . . . . . . . . ",
                "主 DNS 后缀 . . . . . . . . . . . ",
                "以太网适配器 以太网",
                "连接特定的 DNS 后缀 . . . . . . . ",
                "DHCP 服务器 . . . . . . . . . . . ",
                "DNS 服务器  . . . . . . . . . . . ",
            ],
        ),
        (
            "Windows IP 구성",
            [
                "호스트 이름 . . . . . . . . : ",
                "주 DNS 접미사 . . . . . . . . ",
                "이더넷 어댑터 이더넷",
                "연결별 DNS 접미사. . . . ",
                "DHCP 서버 . . . . . . . . ",
                "DNS 서버. . . . . . . . . ",
            ],
        ),
        (
            "Configuration IP de Windows",
            [
                "Nom de l'hôte . . . . . . . . . . ",
                "Suffixe DNS principal . . . . . . ",
                "Carte Ethernet Ethernet",
                "Suffixe DNS propre à la connexion. . . ",
                "Serveur DHCP . . . . . . . . . . . ",
                "Serveurs DNS. . .  . . . . . . . . ",
            ],
        ),
    ] {
        let [name, suffix, adapter, own, dhcp, dns] = labels.map(|label| label.trim_end_matches([':', ' ']));
        check(
            &format!(
                "{title}\n\n   {name}: PC1\n   {suffix}: \n\n{adapter} :\n\n   {own}: contoso.com\n   {dhcp}: 10.20.0.2\n   {dns}: 10.20.0.3\n"
            ),
            "machine machine.name = PC1 @3
             machine machine.domain absent @4
             contoso.com domain.lookup = true @8
             machine machine.dns-servers = 10.20.0.3 @10
             10.20.0.3 resolver.configured = true @10",
        );
    }
}

#[test]
fn no_dns_server_at_all() {
    check(
        "Windows IP Configuration\n\n   Host Name . . . . : PC1\n   Primary Dns Suffix  . . : \n\nEthernet adapter A:\n\n   DNS Servers . . . : fec0:0:0:ffff::1%1\n",
        "machine machine.name = PC1 @3
         machine machine.domain absent @4
         machine machine.dns-servers absent @1",
    );
}

#[test]
fn the_short_form_and_prose_say_nothing() {
    check(
        "Windows IP Configuration\n\n\nEthernet adapter A:\n\n   Connection-specific DNS Suffix  . : contoso.com\n",
        "",
    );
    check("The Windows IP stack is fine.\n\nHost: x\n", "");
    check("Windows IP Configuration", "");
}

proptest! {
    #[test]
    fn never_panics_on_damaged_output(damage: (usize, u8, usize)) {
        testing::mutate(read, ENGLISH, damage);
    }

    #[test]
    fn never_panics(lines in proptest::collection::vec("(Windows IP|Adapter| +)?(DNS|DHCP|Host)?( \\. \\.)?(: )?(10\\.0\\.0\\.1)?\\PC{0,9}:?", 0..24)) {
        testing::facts(read, lines.join("\n").as_bytes());
    }
}
