use proptest::prelude::*;

use super::read;
use crate::readers::testing;

fn check(input: &str, expect: &str) {
    testing::check(read, input, expect);
}

const SERVICES: &str = "
PS C:\\> Resolve-DnsName -Type SRV _vlmcs._tcp.contoso.com

Name                                     Type   TTL   Section    NameTarget                     Priority Weight Port
----                                     ----   ---   -------    ----------                     -------- ------ ----
_vlmcs._tcp.contoso.com                  SRV    600   Answer     kms1.contoso.com               0        0      1688
_vlmcs._tcp.contoso.com                  SRV    600   Answer     kms2.contoso.com               0        0      1700

Name       : kms1.contoso.com
QueryType  : A
TTL        : 1200
Section    : Additional
IP4Address : 10.20.0.5


PS C:\\>
";

#[test]
fn services() {
    check(
        SERVICES,
        "kms1.contoso.com name.address = found @8
         kms1.contoso.com name.client-address = 10.20.0.5 @8
         contoso.com domain.srv = found @5
         kms1.contoso.com:1688 endpoint.advertised = true @5
         kms2.contoso.com:1700 endpoint.advertised = true @5",
    );
    check(
        "
Name       : _vlmcs._tcp.contoso.com
Type       : SRV
TTL        : 600
Section    : Answer
NameTarget : kms1.contoso.com
Priority   : 0
Weight     : 0
Port       : 1688
",
        "contoso.com domain.srv = found @1
         kms1.contoso.com:1688 endpoint.advertised = true @1",
    );
}

#[test]
fn records_without_dnssec_checks_are_not_what_a_client_gets() {
    check(&SERVICES.replace("Resolve-DnsName", "Resolve-DnsName -DnssecCd"), "");
}

#[test]
fn what_a_server_gives() {
    check(
        "
PS C:\\> Resolve-DnsName kms1.contoso.com -Server 10.20.0.2

Name                                           Type   TTL   Section    IPAddress
----                                           ----   ---   -------    ---------
kms1.contoso.com                               AAAA   1200  Answer     fd00::5
kms1.contoso.com                               A      1200  Answer     10.20.0.5
",
        "kms1.contoso.com name.address = found @5
         kms1.contoso.com name.dns-ipv4 = 10.20.0.5 @5
         kms1.contoso.com name.dns-ipv6 = fd00::5 @5
         10.20.0.2 resolver.outcome = answers @6",
    );
}

#[test]
fn no_such_record() {
    check(
        "
PS C:\\> Resolve-DnsName _vlmcs._tcp.contoso.com SRV

Name                        Type TTL   Section    PrimaryServer               NameAdministrator           SerialNumber
----                        ---- ---   -------    -------------               -----------------           ------------
contoso.com                 SOA  3600  Authority  dc1.contoso.com             hostmaster.contoso.com      50
",
        "contoso.com domain.srv = no-data @5",
    );
}

#[test]
fn errors_in_several_languages() {
    for (said, at) in [
        ("DNS name does not exist", "At line:1 char:1"),
        ("DNS 名がありません。", "発生場所 行:1 文字:1"),
        ("Der DNS-Name ist nicht vorhanden", "In Zeile:1 Zeichen:1"),
        ("DNS 名称不存在。", "所在位置 行:1 字符: 1"),
    ] {
        check(
            &format!(
                "Resolve-DnsName : _vlmcs._tcp.contoso.com : {said}\n{at}\n+ Resolve-DnsName _vlmcs._tcp.contoso.com -Type SRV\n+ ~~~~~~~~~~~~~\n    + CategoryInfo          : ResourceUnavailable: (_vlmcs._tcp.contoso.com:String) [Resolve-DnsName], Win32Exception\n    + FullyQualifiedErrorId : DNS_ERROR_RCODE\n    _NAME_ERROR,Microsoft.DnsClient.Commands.ResolveDnsName\n"
            ),
            "contoso.com domain.srv = no-such-name @1",
        );
    }
    check(
        "Resolve-DnsName: kms9.contoso.com : DNS name does not exist.",
        "kms9.contoso.com name.address = no-such-name @1",
    );
    check(
        "Resolve-DnsName : kms9.contoso.com : DNS 名がありません。",
        "kms9.contoso.com name.address = no-such-name @1",
    );
}

#[test]
fn servers_that_do_not_answer() {
    check(
        "
PS C:\\> Resolve-DnsName -Name kms1.contoso.com -Server 10.20.0.2
Resolve-DnsName : kms1.contoso.com : This operation returned because the timeout period expired
At line:1 char:1
+ Resolve-DnsName -Name kms1.contoso.com -Server 10.20.0.2
    + FullyQualifiedErrorId : ERROR_TIMEOUT,Microsoft.DnsClient.Commands.ResolveDnsName
",
        "kms1.contoso.com name.address unknown NoAnswer @2
         10.20.0.2 resolver.outcome = timeout @2",
    );
    check(
        "Resolve-DnsName : kms1.contoso.com : DNS サーバー エラー",
        "kms1.contoso.com name.address unknown NoAnswer @1",
    );
}

#[test]
fn domain_controllers() {
    let found = "
PS C:\\> Resolve-DnsName -Type SRV _ldap._tcp.dc._msdcs.contoso.com

Name                                     Type   TTL   Section    NameTarget                     Priority Weight Port
----                                     ----   ---   -------    ----------                     -------- ------ ----
_ldap._tcp.dc._msdcs.contoso.com         SRV    600   Answer     dc1.contoso.com                0        100    389
";
    check(found, "contoso.com domain.controller-srv = found @5");
    let failed = "
PS C:\\> Resolve-DnsName -Type SRV _ldap._tcp.dc._msdcs.contoso.com
Resolve-DnsName : _ldap._tcp.dc._msdcs.contoso.com : DNS 名がありません。
";
    check(failed, "contoso.com domain.controller-srv = no-such-name @2");
    check(
        &failed.replace("DNS 名がありません", "This operation returned because the timeout period expired"),
        "contoso.com domain.controller-srv unknown NoAnswer @2",
    );
    // A server that somebody chose knows what it knows.
    check(&failed.replace("-Type", "-Server dns9 -Type"), "");
}

#[test]
fn other_tables_and_prose_say_nothing() {
    check("Name Type TTL\nkms1 A 5", "");
    check("Name : kms1\nState : running", "");
    check("Resolve-DnsName : how do I use it?", "");
}

proptest! {
    #[test]
    fn never_panics_on_damaged_output(damage: (usize, u8, usize)) {
        testing::mutate(read, SERVICES, damage);
    }

    #[test]
    fn never_panics(lines in proptest::collection::vec("(Name Type TTL Section|Name : |Type : SRV|Resolve-DnsName : |PS C:\\\\> Resolve-DnsName )?(kms1 )?(A|SRV|SOA)?\\PC{0,9}", 0..20)) {
        testing::facts(read, lines.join("\n").as_bytes());
    }
}
