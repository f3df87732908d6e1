use proptest::prelude::*;

use super::*;
use crate::fact::{Key, Origin, SubjectKind};

fn public() -> Public {
    Public {
        names: vec!["azkms.core.windows.net".to_owned()],
        addresses: vec!["20.118.99.224".to_owned()],
        ids: vec!["73111121-5638-40f6-bc11-f1d7b0d64300".to_owned()],
    }
}

fn redactor() -> Redactor {
    Redactor::new(Map::default(), &public())
}

/// Learns a text and rewrites it for a report.
fn check(text: &str, expect: &str) {
    let mut redactor = redactor();
    redactor.learn_text(text);
    assert_eq!(redactor.text(text, Form::Report), expect);
}

fn check_same(text: &str) {
    check(text, text);
}

/// Learns a text and rewrites it as evidence.
fn check_evidence(text: &str, expect: &str) {
    let mut redactor = redactor();
    redactor.learn_text(text);
    let written = redactor.text(text, Form::Evidence);
    assert_eq!(written, expect);
    // What is redacted stays as it is, whoever redacts it again with the same map.
    let mut again = Redactor::new(redactor.map().clone(), &public());
    again.learn_text(&written);
    assert_eq!(again.text(&written, Form::Evidence), expect);
}

#[test]
fn ids_of_cloud_resources() {
    check(
        "\"id\": \"/subscriptions/11111111-2222-4333-8444-555555555555/resourceGroups/rg-hr/providers/Microsoft.Network/virtualNetworks/hr--net/subnets/default\"\nhr--net",
        "\"id\": \"/subscriptions/ID-1/resourceGroups/RESOURCE-1/providers/Microsoft.Network/virtualNetworks/RESOURCE-2/subnets/default\"\nRESOURCE-2",
    );
    // What exports are made of stays readable.
    check_same("/resourceGroups/network/providers/Microsoft.Network/virtualNetworks/vnet/subnets/GatewaySubnet");
}

#[test]
fn hosts_and_domains() {
    check(
        "Computer: pc1.contoso.com\nPC1, Pc1.Contoso.Com and pc12",
        "Computer: HOST-1.DOMAIN-1\nHOST-1, HOST-1.DOMAIN-1 and pc12",
    );
    check("_vlmcs._tcp.contoso.com at kms1.contoso.com:1688.", "_vlmcs._tcp.DOMAIN-1 at HOST-1.DOMAIN-1:1688.");
    check("_ldap._tcp.Tokyo-Site._sites.dc._msdcs.contoso.com.", "_ldap._tcp.HOST-1._sites.dc._msdcs.DOMAIN-1.");
    check("kms1.corp.contoso.co.jp kms1.contoso.co.jp contoso.co.jp", "HOST-1.DOMAIN-1 HOST-1.DOMAIN-2 DOMAIN-2");
    check(
        "Host Name . . . . . . . . . . . . : PC-東京1\nPC-東京1です",
        "Host Name . . . . . . . . . . . . : HOST-1\nHOST-1です",
    );
    check("コンピューター名: 総務部PC\n総務部PCで失敗", "コンピューター名: HOST-1\nHOST-1で失敗");
    check("kms1.contoso.comに接続できません。", "HOST-1.DOMAIN-1に接続できません。");
    check(
        "srv-contoso.com-at-10.0.0.5-53.json\nDomain: contoso.com",
        "srv-DOMAIN-1-at-ADDR-1-53.json\nDomain: DOMAIN-1",
    );
    check(
        "kms1.contoso.com.txt kms1.contoso.com-1688.json slmgr.txt",
        "HOST-1.DOMAIN-1.txt HOST-1.DOMAIN-1-1688.json slmgr.txt",
    );
    check(
        "Logon Server:  \\\\DC1\n\\\\fs1.contoso.com\\share$",
        "Logon Server:  \\\\HOST-1\n\\\\HOST-2.DOMAIN-1\\share$",
    );
    check("svr hostname = pc1\nPC1$", "svr hostname = HOST-1\nHOST-1$");
    check("Computer: pc1.local\nServer: dc1.mycompany", "Computer: HOST-1.local\nServer: HOST-2.DOMAIN-1");
    check("Server: kms.corp", "Server: HOST-1");
    check("Domain: contoso.com\na-kms1.contoso.com-at-x", "Domain: DOMAIN-1\nHOST-1.DOMAIN-1-at-x");
    // A console of 80 columns.
    let line = format!("{}kms1.con\ntoso.com is it. kms1.contoso.com", "x ".repeat(36));
    check(&line, &format!("{}HOST-1.DOMAIN-1\n is it. HOST-1.DOMAIN-1", "x ".repeat(36)));
}

#[test]
fn forms_of_labels() {
    for (text, secret) in [
        ("    ComputerName    REG_SZ    PC1\r\n", "PC1"),
        ("\"ComputerName\"=\"PC1\"", "PC1"),
        ("{\"a\": 1, \"PSComputerName\": \"PC1\"}", "PC1"),
        ("<Computer>PC1</Computer>", "PC1"),
        ("PS C:\\> Get-WmiObject Win32_BIOS -ComputerName PC1,PC2", "PC2"),
        ("C:\\>wmic /node:\"PC1\" os get Version", "PC1"),
        ("C:\\>cscript //nologo slmgr.vbs PC1 /dlv\nin connecting to server PC1.", "PC1"),
        ("<Data Name='TargetUserName'>mia</Data>", "mia"),
        ("<item ComputerName=\"PC1\" x=\"y\"/>", "PC1"),
        ("Name,Computer,Status\nWindows,PC1,Licensed\nOffice,PC2,x", "PC1"),
        ("Name;\"Computer\";\"User\"\nWindows;\"PC1\";\"mia\"", "mia"),
        ("\"User\":\t\"mia.sato\"", "mia.sato"),
        ("登録されている所有者:      山田 太郎\n", "山田 太郎"),
        ("Registered Owner:          Mia Sato\n", "Mia Sato"),
        ("C:\\Users\\mia>cscript", "mia"),
        ("\"path\": \"C:\\\\Users\\\\mia\\\\Desktop\"", "mia"),
        ("C:\\Users\\Mia Sato\\Desktop\\x.txt", "Mia Sato"),
        ("/home/mia/case", "mia"),
        ("contoso\\mia\n", "mia"),
        ("User: CONTOSO\\mia", "CONTOSO"),
        ("CONTOSO\\mia S-1-5-21-1111111111-2222222222-3333333333-1001", "3333333333"),
        ("mail mia.sato+x@contoso.com now", "mia.sato"),
        ("00-15-5D-01-02-03", "5D"),
        ("CMID: 11111111-2222-4333-8444-555555555555", "4333"),
    ] {
        let mut redactor = redactor();
        redactor.learn_text(text);
        for form in [Form::Report, Form::Evidence] {
            let written = redactor.text(text, form);
            assert!(!written.contains(secret), "{written}");
        }
    }
}

#[test]
fn prose_about_commands_names_nobody() {
    check_same("Use slmgr.vbs with /ato, or the option -ComputerName to name the machine.");
}

#[test]
fn users_are_the_same_everywhere() {
    check(
        "C:\\Users\\mia>whoami\ncontoso\\mia\nmia@contoso.com, MIA, contoso.com",
        "C:\\Users\\USER-1>whoami\nDOMAIN-1\\USER-1\nMAIL-1, USER-1, DOMAIN-2",
    );
    check("Domain: contoso.com\ncontoso\\mia", "Domain: DOMAIN-1\nDOMAIN-1\\USER-1");
}

#[test]
fn addresses() {
    check("10.20.0.5 and 10.20.0.5:1688, 10.20.0.50.", "ADDR-1 and ADDR-1:1688, ADDR-2.");
    check("[fd00::1]:1688 fe80::1%12 ::1 FD00::1", "[ADDR-1]:1688 ADDR-2%12 ::1 ADDR-1");
    check("5.0.20.10.in-addr.arpa is 10.20.0.5", "ADDR-1.in-addr.arpa is ADDR-1");
    check(
        "aaaa-kms1.contoso.com-at-fd00__1-5353.json fd00::1 kms1.contoso.com",
        "aaaa-HOST-1.DOMAIN-1-at-ADDR-1-5353.json ADDR-1 HOST-1.DOMAIN-1",
    );
    check_evidence(
        "10.20.0.5 93.184.216.34 fd00::1 2600::1 100.70.0.1",
        "10.254.0.1 198.18.0.2 fd00:db8::3 2001:db8::4 10.254.0.5",
    );
    check_evidence("5.0.20.10.in-addr.arpa", "1.0.254.10.in-addr.arpa");
}

#[test]
fn ids() {
    let cmid = "Client Machine ID (CMID): 11111111-2222-4333-8444-555555555555";
    check(cmid, "Client Machine ID (CMID): CMID-1");
    check_evidence(cmid, "Client Machine ID (CMID): 00000000-0000-4000-8000-000000000001");
    check("{aaaaaaaa-2222-4333-8444-555555555555}", "{ID-1}");
    let digits = "123456789".repeat(7);
    for id in [
        digits.clone(),
        digits
            .as_bytes()
            .chunks(7)
            .map(|group| String::from_utf8_lossy(group).into_owned())
            .collect::<Vec<_>>()
            .join("-"),
        digits.as_bytes()[..54]
            .chunks(6)
            .map(|group| String::from_utf8_lossy(group).into_owned())
            .collect::<Vec<_>>()
            .join(" "),
        digits[..48].to_owned(),
        format!("{}\r\n{}", &digits[..60], &digits[60..]),
        format!("{}…", &digits[..40]),
    ] {
        let expect = if id.ends_with('…') { "ID: INSTALLATION-ID-1…" } else { "ID: INSTALLATION-ID-1" };
        check(&format!("ID: {id}"), expect);
    }
    check_same("1234567 1234567 1234567 counts, 0x8007232B, 12345678901234567890");
}

#[test]
fn what_is_the_same_for_everybody_stays() {
    for text in [
        "azkms.core.windows.net:1688 and 20.118.99.224, time.windows.com,0x8",
        "Product: 73111121-5638-40f6-bc11-f1d7b0d64300 {55c92734-d682-4d71-983e-d6ec3f16059f}",
        "127.0.0.1 ::1 fec0:0:0:ffff::1%1 0.0.0.0 255.255.255.0 169.254.169.254 224.0.0.1",
        "0xC004F074, 0x8007232B, 10.0.20348.2322, 2026/11/20 03:15, 12:34:56",
        "NT AUTHORITY\\NETWORK SERVICE, BUILTIN\\Administrators, S-1-5-18, S-1-5-32-544, S-1-16-12288",
        "HKLM\\SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion, root\\cimv2, case1\\slmgr.txt",
        "C:\\Windows\\System32\\slmgr.vbs, C:\\Users\\Public\\x, %windir%\\system32",
        "Server:  UnKnown\nUser: N/A\nDomain: WORKGROUP\nHost Name: localhost\nComputer: Server",
        "Microsoft-Windows-Security-SPP, System.Management.Automation, Win32_Service.Name, e.g. this",
        "Name: Windows(R), Enterprise edition\nDescription: Windows(R) Operating System, VOLUME_KMSCLIENT channel",
        "http://schemas.microsoft.com/win/2004/08/events/event",
        "HOST-1.DOMAIN-1, ADDR-7, USER-3 and 00000000-0000-4000-8000-000000000001",
    ] {
        check_same(text);
    }
}

fn fact(subject: Subject, key: Key, value: &str) -> Fact {
    let origin = Origin {
        artifact: "kms1.txt".into(),
        sha256: "x".into(),
        span: 0..1,
        line: Some(1),
        quote: format!("it is {value}"),
    };
    Fact { subject, key, state: State::Present(Value::Text(value.into())), time: None, origins: vec![origin] }
}

#[test]
fn facts() {
    let mut facts = [
        fact(Subject::machine(), Key::MachineName, "PC1"),
        fact(Subject::machine(), Key::KmsPinnedHost, "kms1"),
        fact(Subject::new(SubjectKind::Attempt, "e1"), Key::AttemptTarget, "kms1:1688"),
        fact(
            Subject::new(SubjectKind::License, "aaaaaaaa-5638-40f6-bc11-f1d7b0d64300"),
            Key::LicenseProduct,
            "Windows(R)",
        ),
        fact(Subject::endpoint("fd00::1", 1688), Key::AttemptTarget, "[fd00::1]:1688"),
    ];
    let mut redactor = redactor();
    redactor.learn_facts(&facts);
    for fact in &mut facts {
        redactor.fact(fact);
    }
    let shown =
        facts.iter().map(|fact| format!("{}|{}|{}", fact.subject, fact.value().unwrap(), fact.origins[0].quote));
    assert_eq!(
        shown.collect::<Vec<_>>(),
        [
            "|HOST-1|it is HOST-1",
            "|HOST-2|it is HOST-2",
            "e1|HOST-2:1688|it is HOST-2:1688",
            // An activation ID is a product's.
            "aaaaaaaa-5638-40f6-bc11-f1d7b0d64300|Windows(R)|it is Windows(R)",
            "[ADDR-1]:1688|[ADDR-1]:1688|it is [ADDR-1]:1688",
        ]
    );
    assert_eq!(facts[0].origins[0].artifact, "HOST-2.txt");
}

#[test]
fn quotes_that_end_within_a_name() {
    let mut redactor = redactor();
    redactor.learn_host("tokyo-pc-001");
    assert_eq!(redactor.text("on tokyo-p… and tokyo", Form::Report), "on HOST-1… and tokyo");
}

#[test]
fn maps_go_on() {
    let mut first = redactor();
    first.learn_text("Computer: pc1.contoso.com");
    first.text("10.20.0.5", Form::Report);
    let text = first.map().to_text();
    let mut second = Redactor::new(Map::parse(&text).unwrap(), &public());
    second.learn_text("Computer: pc2.contoso.com");
    assert_eq!(
        second.text("pc2.contoso.com pc1 10.20.0.6 10.20.0.5 CONTOSO", Form::Report),
        "HOST-2.DOMAIN-1 HOST-1 ADDR-2 ADDR-1 DOMAIN-1"
    );
    assert_eq!(second.text("10.254.0.1", Form::Report), "ADDR-1");
    // Of a redaction whose map is not at hand.
    check(
        "Computer: HOST-1.DOMAIN-1\nComputer: pc1.contoso.com",
        "Computer: HOST-1.DOMAIN-1\nComputer: HOST-2.DOMAIN-2",
    );
    for (text, error) in [
        ("{}", "no map"),
        ("{\"schema\": \"x\", \"tokens\": []}", "\"x\""),
        ("{\"schema\": \"kmsdoctor.redaction/1\", \"tokens\": [{\"token\": \"HOST-x\", \"value\": \"a\"}]}", "HOST-x"),
        (
            "{\"schema\": \"kmsdoctor.redaction/1\", \"tokens\": [{\"token\": \"HOST-1\", \"value\": \"a\"}, {\"token\": \"HOST-1\", \"value\": \"b\"}]}",
            "twice",
        ),
    ] {
        let found = Map::parse(text).unwrap_err().to_string();
        assert!(found.contains(error), "{found}");
    }
}

proptest! {
    #[test]
    fn never_panics(pieces in proptest::collection::vec(prop_oneof![
        Just("Computer: "), Just("\\"), Just("\\\\"), Just("Users\\"), Just("pc1"), Just(".contoso.com"), Just("10.20.0.5"), Just("fd00::1"), Just("@"),
        Just("S-1-5-21-"), Just("-"), Just("_"), Just("."), Just(":"), Just("\n"), Just("\""), Just("山田"), Just("…"), Just("<"), Just(">"), Just("="), Just(","),
        Just("11111111-2222-4333-8444-555555555555"), Just("123456"), Just("REG_SZ"), Just(" "), Just("User"), Just("kms1"), Just("İ"), Just("ẞ"),
    ], 0..40), noise in "\\PC{0,20}") {
        let text = format!("{}{noise}", pieces.concat());
        let mut redactor = redactor();
        redactor.learn_text(&text);
        for form in [Form::Report, Form::Evidence] {
            redactor.text(&text, form);
        }
    }

    /// Whatever stands around them.
    #[test]
    fn learned_names_and_addresses_do_not_survive(
        before in "[ \"'(<>=:;,/\\\\-]{1,2}", after in "[ \"')<>=:;,/\\\\ \n.-]{1,2}",
        host in "[a-z]{3}-[a-z0-9]{2,8}q", octets in any::<[u8; 2]>(),
    ) {
        let mut redactor = redactor();
        redactor.learn_host(&format!("{host}.fabrikam.com"));
        let address = format!("10.77.{}.{}", octets[0], octets[1]);
        let text = format!("x{before}{host}{after}y{before}{host}.fabrikam.com{after}z{before}{}{after}{before}{address}{after}", host.to_uppercase());
        let written = redactor.text(&text, Form::Report).to_lowercase();
        prop_assert!(!written.contains(&host), "{}", written);
        prop_assert!(!written.contains("fabrikam") && !written.contains(&address), "{}", written);
    }
}

/// Each of these would take quadratic time without bounds.
#[test]
fn hostile_texts_take_linear_time() {
    for pattern in [
        "a",
        "a.",
        "a-",
        "1.",
        "1",
        "1 ",
        ":",
        "::1",
        "\\",
        "C:\\Users\\a",
        "a@",
        "<a>",
        "\"a\":",
        "a,",
        "山",
        "a…",
        "Users\\",
        "S-1-5-21-1-",
        "a\n",
        "\\\\a",
    ] {
        let text = pattern.repeat(100_000 / pattern.len());
        let mut redactor = redactor();
        redactor.learn_host("aaaa");
        redactor.learn_text("User: 山田");
        redactor.learn_text(&text);
        redactor.text(&text, Form::Report);
    }
}

#[test]
fn names_of_resources_in_exports_of_azure() {
    check(
        r#"{"id": "/subscriptions/a1b2c3d4-e5f6-4bf3-9d1e-a5b6c7d8e9f0/resourceGroups/rg-tokyo/providers/Microsoft.Network/virtualNetworks/vnet-hr/subnets/GatewaySubnet", "name": "GatewaySubnet", "vnet": "VNET-HR"}"#,
        r#"{"id": "/subscriptions/ID-1/resourceGroups/RESOURCE-1/providers/Microsoft.Network/virtualNetworks/RESOURCE-2/subnets/GatewaySubnet", "name": "GatewaySubnet", "vnet": "RESOURCE-2"}"#,
    );
    // Words of the format, and words that tell nothing. What a rule is called may tell something.
    check_same("/resourceGroups/default/providers/Microsoft.Network/networkSecurityGroups/web/securityRules/deny");
    check(
        "/resourceGroups/default/providers/Microsoft.Network/networkSecurityGroups/web/securityRules/DenyOsaka",
        "/resourceGroups/default/providers/Microsoft.Network/networkSecurityGroups/web/securityRules/RESOURCE-1",
    );
    check_same("/resourceGroups/default/providers/Microsoft.Network/routeTables/subnet/routes/KMS");
    check(
        r#"{"networkInterfaces_pc1_nic_name": {"defaultValue": "pc1-nic", "type": "String"}, "place": {"defaultValue": "japaneast"}, "name": "[parameters('networkInterfaces_pc1_nic_name')]"}"#,
        r#"{"networkInterfaces_RESOURCE-1_name": {"defaultValue": "RESOURCE-1", "type": "String"}, "place": {"defaultValue": "japaneast"}, "name": "[parameters('networkInterfaces_RESOURCE-1_name')]"}"#,
    );
}

#[test]
fn prefixes_that_show_nothing_of_an_organisation_stay() {
    check_same("0.0.0.0/0 128.0.0.0/1 10.0.0.0/8 172.16.0.0/12 20.0.0.0/6 20.118.99.0/24 20.118.99.224/32");
    check_evidence("10.20.0.0/16 203.0.113.0/24 10.0.0.0/8", "10.254.0.1/16 198.18.0.2/24 10.0.0.0/8");
    check("10.20.0.0/16 10.0.0.0/x 10.0.0.0/99", "ADDR-1/16 ADDR-2/x ADDR-2/99");
}
