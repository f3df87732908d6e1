use proptest::prelude::*;

use super::read;
use crate::readers::testing;

fn check(input: &str, expect: &str) {
    testing::check(read, input, expect);
}

const SERVER_EN: &str = "Server:  dc1.contoso.com\nAddress:  10.20.0.2\n";
const SERVER_JA: &str = "サーバー:  UnKnown\nAddress:  10.20.0.2\n";

const FOUND: &str = "
C:\\Users\\mia>nslookup -type=srv _vlmcs._tcp.contoso.com
サーバー:  dc1.contoso.com
Address:  10.20.0.2

_vlmcs._tcp.contoso.com SRV service location:
          priority       = 0
          weight         = 0
          port           = 1688
          svr hostname   = kms1.contoso.com
_vlmcs._tcp.contoso.com SRV service location:
          priority       = 0
          weight         = 0
          port           = 1700
          svr hostname   = KMS2.contoso.com.
kms1.contoso.com        internet address = 10.20.0.5
kms2.contoso.com        AAAA IPv6 address = fd00::5

C:\\Users\\mia>
";

#[test]
fn records_found() {
    check(
        FOUND,
        "10.20.0.2 resolver.outcome = answers @5
         kms1.contoso.com name.address = found @15
         kms2.contoso.com name.address = found @16
         contoso.com domain.srv = found @5
         kms1.contoso.com:1688 endpoint.advertised = true @5
         kms2.contoso.com:1700 endpoint.advertised = true @10
         contoso.com domain.srv-count = 2 @5
         contoso.com domain.srv-targets = kms1.contoso.com:1688, kms2.contoso.com:1700 @5
         kms1.contoso.com name.dns-ipv4 = 10.20.0.5 @15
         kms2.contoso.com name.dns-ipv6 = fd00::5 @16",
    );
}

#[test]
fn encodings_of_consoles() {
    let text = "サーバー:  UnKnown\r\nAddress:  10.20.0.2\r\n\r\n*** UnKnown が _vlmcs._tcp.contoso.com を見つけられません: Non-existent domain\r\n";
    let cp932 = encoding_rs::SHIFT_JIS.encode(text).0.into_owned();
    let utf16: Vec<u8> = "\u{feff}".encode_utf16().chain(text.encode_utf16()).flat_map(u16::to_le_bytes).collect();
    for bytes in [cp932, utf16] {
        assert_eq!(
            testing::render(&testing::facts(read, &bytes)),
            "10.20.0.2 resolver.outcome = answers @4\ncontoso.com domain.srv = no-such-name @4"
        );
    }
}

#[test]
fn layouts_of_documentation_and_of_mail() {
    check(
        "_vlmcs._tcp.contoso.com SRV service location:\npriority = 0\nweight = 0\nport = 1688 svr hostname = kms1.contoso.com",
        "contoso.com domain.srv = found @1
         kms1.contoso.com:1688 endpoint.advertised = true @1
         contoso.com domain.srv-count = 1 @1
         contoso.com domain.srv-targets = kms1.contoso.com:1688 @1",
    );
    check(
        "_vlmcs._tcp.contoso.com\n SRV service location:\n  priority = 0\n  weight = 0\n  port = 1688\n  svr hostname =\nkms1.contoso.com",
        "contoso.com domain.srv = found @2
         kms1.contoso.com:1688 endpoint.advertised = true @2
         contoso.com domain.srv-count = 1 @2
         contoso.com domain.srv-targets = kms1.contoso.com:1688 @2",
    );
}

#[test]
fn the_name_in_the_answer_counts_and_not_the_one_typed() {
    check(
        &format!(
            "nslookup -type=srv _vlmcs._tcp\n{SERVER_EN}\n_vlmcs._tcp.corp.contoso.com SRV service location:\n port = 1688\n svr hostname = kms1\n"
        ),
        "10.20.0.2 resolver.outcome = answers @5
         corp.contoso.com domain.srv = found @5
         kms1:1688 endpoint.advertised = true @5
         corp.contoso.com domain.srv-count = 1 @5
         corp.contoso.com domain.srv-targets = kms1:1688 @5",
    );
    check(
        &format!("{SERVER_EN}\n*** dc1.contoso.com can't find _vlmcs._tcp: Non-existent domain"),
        "10.20.0.2 resolver.outcome = answers @4",
    );
    check(
        &format!(
            "{SERVER_EN}\n_ldap._tcp.contoso.com SRV service location:\n port = 389\n svr hostname = dc1.contoso.com"
        ),
        "10.20.0.2 resolver.outcome = answers @4
         contoso.com domain.controller-srv = found @4",
    );
}

#[test]
fn no_such_name() {
    for message in [
        "*** dc1.contoso.com can't find _vlmcs._tcp.contoso.com: Non-existent domain",
        "*** UnKnown が _vlmcs._tcp.contoso.com を見つけられません: Non-existent domain",
        "*** UnKnown が _vlmcs._tcp.contoso.com を見つけられません: 存在しないドメイン",
        "*** _vlmcs._tcp.contoso.com wurde von UnKnown nicht gefunden: Non-existent domain.",
        "*** UnKnown 找不到 _vlmcs._tcp.contoso.com: Non-existent domain",
        "** server can't find _vlmcs._tcp.contoso.com: NXDOMAIN",
        "*** UnKnown can't find\n_vlmcs._tcp.contoso.com: Non-existent domain",
    ] {
        check(
            &format!("{SERVER_JA}\n{message}\n"),
            "10.20.0.2 resolver.outcome = answers @4\ncontoso.com domain.srv = no-such-name @4",
        );
    }
}

#[test]
fn a_host_that_is_not_there() {
    for message in [
        "*** dc1.contoso.com can't find kms9.contoso.com: Non-existent domain",
        "*** dc1.contoso.com が kms9.contoso.com を見つけられません: Non-existent domain",
        "*** kms9.contoso.com wurde von dc1.contoso.com nicht gefunden: Domäne nicht vorhanden.",
    ] {
        check(
            &format!("{SERVER_EN}\n{message}\n"),
            "10.20.0.2 resolver.outcome = answers @4\nkms9.contoso.com name.address = no-such-name @4",
        );
    }
    check(
        &format!("nslookup kms9\n{SERVER_EN}\n*** dc1.contoso.com can't find kms9: Non-existent domain\n"),
        "10.20.0.2 resolver.outcome = answers @5\nkms9 name.address = no-such-name @5",
    );
    check(
        &format!("nslookup 10.20.0.5\n{SERVER_EN}\n*** dc1.contoso.com can't find 10.20.0.5: Non-existent domain\n"),
        "10.20.0.2 resolver.outcome = answers @5",
    );
}

#[test]
fn no_record_of_the_type() {
    check(
        &format!(
            "C:\\>nslookup -q=srv _vlmcs._tcp.contoso.com\n{SERVER_JA}
contoso.com
        primary name server = dc1.contoso.com
        responsible mail addr = hostmaster.contoso.com
        serial  = 42
"
        ),
        "10.20.0.2 resolver.outcome = answers @6\ncontoso.com domain.srv = no-data @5",
    );
    // Without the command, or from a zone of a suffix, nothing shows what there is no record of.
    check(
        &format!("{SERVER_JA}\ncontoso.com\n        primary name server = dc1.contoso.com\n"),
        "10.20.0.2 resolver.outcome = answers @5",
    );
    check(
        &format!(
            "nslookup -q=srv _vlmcs._tcp.contoso.com\n{SERVER_JA}\nfabrikam.com\n   primary name server = dc1.contoso.com\n"
        ),
        "10.20.0.2 resolver.outcome = answers @6",
    );
    for message in [
        "*** No service location (SRV) records available for _vlmcs._tcp.contoso.com",
        "*** _vlmcs._tcp.contoso.com には利用できる SRV (SRV) レコードがありません",
    ] {
        check(
            &format!("{SERVER_EN}\n{message}"),
            "10.20.0.2 resolver.outcome = answers @4\ncontoso.com domain.srv = no-data @4",
        );
    }
    // Addresses were asked for: that a service has none says nothing about its SRV record.
    check(
        &format!(
            "{SERVER_EN}\n*** No internal type for both IPv4 and IPv6 Addresses (A+AAAA) records available for _vlmcs._tcp.contoso.com"
        ),
        "10.20.0.2 resolver.outcome = answers @4",
    );
    check(
        &format!(
            "{SERVER_EN}\n*** kms1.contoso.com には利用できる IPv4 と IPv6 のアドレス (A+AAAA) レコードがありません"
        ),
        "10.20.0.2 resolver.outcome = answers @4\nkms1.contoso.com name.address = no-data @4",
    );
    check(
        &format!("nslookup contoso.com\n{SERVER_EN}\nName:    contoso.com\n\n"),
        "10.20.0.2 resolver.outcome = answers @5\ncontoso.com name.address = no-data @5",
    );
}

#[test]
fn a_server_that_fails_leaves_the_name_open() {
    for (message, outcome) in [
        ("*** dc1.contoso.com can't find _vlmcs._tcp.contoso.com: Server failed", "server-failure"),
        ("*** dc1.contoso.com が _vlmcs._tcp.contoso.com を見つけられません: サーバーが失敗しました", "server-failure"),
        ("*** dc1.contoso.com can't find _vlmcs._tcp.contoso.com: Query refused", "server-failure"),
        ("*** dc1.contoso.com can't find _vlmcs._tcp.contoso.com: No response from server", "timeout"),
    ] {
        check(
            &format!("{SERVER_EN}\n{message}"),
            &format!("10.20.0.2 resolver.outcome = {outcome} @4\ncontoso.com domain.srv unknown NoAnswer @4"),
        );
    }
}

#[test]
fn timeouts() {
    for message in [
        "*** Request to UnKnown timed-out",
        "*** UnKnown への要求がタイムアウトしました",
        "*** Zeitüberschreitung bei Anforderung an UnKnown.",
    ] {
        check(
            &format!(
                "C:\\>nslookup -type=srv _vlmcs._tcp.contoso.com
DNS request timed out.
    timeout was 2 seconds.
{SERVER_JA}
DNS request timed out.
    timeout was 2 seconds.
DNS request timed out.
    timeout was 2 seconds.
{message}
"
            ),
            "10.20.0.2 resolver.outcome = timeout @11\ncontoso.com domain.srv unknown NoAnswer @11",
        );
    }
    // One try that was late is no failure.
    check(
        &format!(
            "nslookup kms1.contoso.com\n{SERVER_JA}\nDNS request timed out.\n    timeout was 2 seconds.\n名前:    kms1.contoso.com\nAddress:  10.20.0.5\n"
        ),
        "10.20.0.2 resolver.outcome = answers @7\nkms1.contoso.com name.address = found @7\nkms1.contoso.com name.dns-ipv4 = 10.20.0.5 @7",
    );
    // Cut off after the timeouts.
    check(
        &format!("nslookup kms1\n{SERVER_JA}\nDNS request timed out.\n    timeout was 2 seconds.\n"),
        "10.20.0.2 resolver.outcome = timeout @5",
    );
}

#[test]
fn the_name_of_the_server_is_another_question() {
    check(
        "PS C:\\> nslookup\nDNS request timed out.\n    timeout was 2 seconds.\nDefault Server:  UnKnown\nAddress:  fd00::2\n\nPS C:\\> nslookup\n既定のサーバー:  dc1.contoso.com\nAddress:  10.20.0.2\n\n> exit\n",
        "fd00::2 resolver.outcome unknown NoAnswer @4\n10.20.0.2 resolver.outcome = answers @8",
    );
    check("*** Can't find server name for address 10.20.0.2: Timed out\n*** Default servers are not available\n", "");
}

#[test]
fn hosts_and_their_aliases() {
    check(
        "
C:\\>nslookup kms.contoso.com
サーバー:  dc1.contoso.com
Address:  10.20.0.2

権限のない回答:
名前:    kms1.contoso.com
Addresses:  fd00::5
          10.20.0.5
Aliases:  kms.contoso.com
          activation.contoso.com

C:\\>nslookup 10.20.0.5
サーバー:  dc1.contoso.com
Address:  10.20.0.2

名前:    kms1.contoso.com
Address:  10.20.0.5
",
        "10.20.0.2 resolver.outcome = answers @6
         kms1.contoso.com name.address = found @6
         kms.contoso.com name.address = found @9
         activation.contoso.com name.address = found @10
         activation.contoso.com name.dns-ipv4 = 10.20.0.5 @7
         activation.contoso.com name.dns-ipv6 = fd00::5 @7
         kms.contoso.com name.dns-ipv4 = 10.20.0.5 @7
         kms.contoso.com name.dns-ipv6 = fd00::5 @7
         kms1.contoso.com name.dns-ipv4 = 10.20.0.5 @6
         kms1.contoso.com name.dns-ipv6 = fd00::5 @6
         10.20.0.2 resolver.outcome = answers @16",
    );
}

#[test]
fn an_interactive_session() {
    check(
        "
C:\\>nslookup
Default Server:  dc1.contoso.com
Address:  10.20.0.2

> set type=srv
> _vlmcs._tcp.contoso.com
Server:  dc1.contoso.com
Address:  10.20.0.2

contoso.com
        primary name server = dc1.contoso.com
> _vlmcs._tcp.corp.contoso.com
Server:  dc1.contoso.com
Address:  10.20.0.2

*** dc1.contoso.com can't find _vlmcs._tcp.corp.contoso.com: Non-existent domain
> exit
",
        "10.20.0.2 resolver.outcome = answers @2
         10.20.0.2 resolver.outcome = answers @11
         contoso.com domain.srv = no-data @10
         10.20.0.2 resolver.outcome = answers @16
         corp.contoso.com domain.srv = no-such-name @16",
    );
}

#[test]
fn domain_controllers() {
    check(
        "
C:\\>nslookup -type=srv _ldap._tcp.dc._msdcs.contoso.com.
Server:  dc1.contoso.com
Address:  10.20.0.2

_ldap._tcp.dc._msdcs.contoso.com        SRV service location:
          priority       = 0
          weight         = 100
          port           = 389
          svr hostname   = dc1.contoso.com
dc1.contoso.com internet address = 10.20.0.2
",
        "10.20.0.2 resolver.outcome = answers @5
         dc1.contoso.com name.address = found @10
         contoso.com domain.controller-srv = found @5
         dc1.contoso.com name.dns-ipv4 = 10.20.0.2 @10",
    );
    let none = "
C:\\>nslookup -type=srv _ldap._tcp.dc._msdcs.contoso.com.
サーバー:  UnKnown
Address:  192.0.2.1

*** UnKnown が _ldap._tcp.dc._msdcs.contoso.com. を見つけられません: Non-existent domain
";
    check(
        none,
        "192.0.2.1 resolver.outcome = answers @5
         contoso.com domain.controller-srv = no-such-name @5",
    );
    // A server that somebody chose knows what it knows.
    check(&none.replace("com.\nサ", "com. 192.0.2.1\nサ"), "192.0.2.1 resolver.outcome = answers @5");
    check(
        "C:\\>nslookup -type=srv _ldap._tcp.contoso.com > out.txt\nServer:  UnKnown\nAddress:  192.0.2.1\n\n*** Request to UnKnown timed-out\n",
        "192.0.2.1 resolver.outcome = timeout @5
         contoso.com domain.controller-srv unknown NoAnswer @5",
    );
    check(
        "C:\\>nslookup\nDefault Server:  UnKnown\nAddress:  192.0.2.1\n\n> server 192.0.2.9\nDefault Server:  [192.0.2.9]\nAddress:  192.0.2.9\n\n> set type=srv\n> _ldap._tcp.contoso.com\nServer:  [192.0.2.9]\nAddress:  192.0.2.9\n\n*** [192.0.2.9] can't find _ldap._tcp.contoso.com: Non-existent domain\n",
        "192.0.2.9 resolver.outcome = answers @14",
    );
}

#[test]
fn the_tool_of_bind() {
    check(
        "Server:\t\t10.20.0.2\nAddress:\t10.20.0.2#53\n\n_vlmcs._tcp.contoso.com\tservice = 0 100 1688 kms1.contoso.com.\n",
        "10.20.0.2 resolver.outcome = answers @4
         contoso.com domain.srv = found @4
         kms1.contoso.com:1688 endpoint.advertised = true @4
         contoso.com domain.srv-count = 1 @4
         contoso.com domain.srv-targets = kms1.contoso.com:1688 @4",
    );
    check(
        "$ nslookup -type=srv _vlmcs._tcp.contoso.com 10.20.0.2\nServer:\t\t10.20.0.2\nAddress:\t10.20.0.2#53\n\n*** Can't find _vlmcs._tcp.contoso.com: No answer\n",
        "10.20.0.2 resolver.outcome = answers @5\ncontoso.com domain.srv = no-data @5",
    );
}

#[test]
fn other_text_says_nothing() {
    check("Name: Windows(R), ServerStandard edition\nDescription: Windows(R) Operating System", "");
    check("ホスト名. . . . : PC1\nIPv4 アドレス . . . : 10.20.7.31", "");
    check("*** important *** read this first: no answer yet", "");
    check("> Dear all,\n> the address is 10.20.0.5", "");
}

const PIECES: &str = "(nslookup |Server: |Address: |> |\\*\\*\\* |Name: |DNS request timed out|_vlmcs\\._tcp\\.|  )?( SRV service location:|port = |svr hostname = |10\\.0\\.0\\.1|a\\.b|: Non-existent domain|\\(SRV\\)|=)?\\PC{0,8}";

proptest! {
    #[test]
    fn never_panics_on_damaged_output(damage: (usize, u8, usize)) {
        testing::mutate(read, FOUND, damage);
    }

    #[test]
    fn never_panics(lines in proptest::collection::vec(PIECES, 0..24)) {
        testing::facts(read, lines.join("\n").as_bytes());
    }
}
