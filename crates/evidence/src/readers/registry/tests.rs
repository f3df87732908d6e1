use proptest::prelude::*;

use super::read;
use crate::readers::testing;

const SPP: &str = r"HKEY_LOCAL_MACHINE\SOFTWARE\Microsoft\Windows NT\CurrentVersion\SoftwareProtectionPlatform";

fn check(input: &str, expect: &str) {
    testing::check(read, &input.replace("SPP", SPP), expect);
}

#[test]
fn a_pinned_host() {
    check(
        "
C:\\>reg query \"SPP\"

SPP
    InactivityShutdownDelay    REG_DWORD    0x1e
    KeyManagementServiceName    REG_SZ    kms1.contoso.com
    KeyManagementServicePort    REG_SZ    1700
    VLActivationType    REG_DWORD    0x1

SPP\\55c92734-d682-4d71-983e-d6ec3f16059f
",
        "machine kms.pinned-host = kms1.contoso.com @5
         kms1.contoso.com:1700 endpoint.pinned = true @5
         machine kms.pinned-port = 1700 @6
         machine kms.activation-type = ad @7",
    );
}

#[test]
fn a_path_wrapped_by_the_console() {
    let wrapped = format!("{}\n{}", &SPP[..80], &SPP[80..]);
    check(
        &format!("{wrapped}\n    KeyManagementServiceName    REG_SZ    kms1.contoso.com\n\n"),
        "machine kms.pinned-host = kms1.contoso.com @3
         kms1.contoso.com:1688 endpoint.pinned = true @3",
    );
}

#[test]
fn a_search_that_finds_nothing() {
    let none = "machine kms.pinned-host absent @1
         machine kms.pinned-port absent @1
         machine kms.lookup-domain absent @1";
    let command = "C:\\>reg query \"SPP\" /s /f KeyManagementService";
    check(&format!("{command}\nEnd of search: 0 match(es) found.\n"), none);
    check(&format!("{command}\n\n検索の完了: 0 個の一致が見つかりました。\n"), none);
    // Another product's own setting is none of Windows' (the search lists it, so it covers the name).
    check(
        &format!(
            "{command}\n\nSPP\n    KeyManagementServiceName    REG_SZ    kms1.contoso.com\n\nEnd of search: 1 match(es) found.\n"
        ),
        "machine kms.pinned-port absent @1
         machine kms.lookup-domain absent @1
         machine kms.pinned-host = kms1.contoso.com @4
         kms1.contoso.com:1688 endpoint.pinned = true @4",
    );
    // Without the footer the listing may be cut off; a search for something else covers nothing.
    check(&format!("{command}\n"), "");
    check("C:\\>reg query \"SPP\" /s /f License\nEnd of search: 0 match(es) found.\n", "");
}

#[test]
fn a_port_that_is_not_set_is_the_usual_one() {
    check(
        "SPP\n    KeyManagementServiceName    REG_SZ    10.20.0.5\n",
        "machine kms.pinned-host = 10.20.0.5 @2
         10.20.0.5:1688 endpoint.pinned = true @2",
    );
}

#[test]
fn the_most_specific_setting_wins_and_office_does_not_count() {
    check(
        "
SPP
    KeyManagementServiceName    REG_SZ    old.contoso.com

SPP\\55c92734-d682-4d71-983e-d6ec3f16059f\\e0c42288-980c-4788-a014-c080d2e1926e
    KeyManagementServiceName    REG_SZ    new.contoso.com

SPP\\0ff1ce15-a989-479d-af46-f275c6370663
    KeyManagementServiceName    REG_SZ    office.contoso.com
",
        "machine kms.pinned-host = new.contoso.com @5
         new.contoso.com:1688 endpoint.pinned = true @5
         office.contoso.com:1688 endpoint.pinned = true @8",
    );
    check(
        "HKEY_LOCAL_MACHINE\\SOFTWARE\\Microsoft\\OfficeSoftwareProtectionPlatform\n    KeyManagementServiceName    REG_SZ    office.contoso.com",
        "office.contoso.com:1688 endpoint.pinned = true @2",
    );
    // Other applications' settings are nobody's business here.
    check("SPP\\11111111-2222-3333-4444-555555555555\n    KeyManagementServiceName    REG_SZ    x\n", "");
}

#[test]
fn a_product_of_office_with_a_port_of_its_own() {
    check(
        "
SPP
    VLActivationType    REG_DWORD    0x2
SPP\\0ff1ce15-a989-479d-af46-f275c6370663
    KeyManagementServiceName    REG_SZ    office.contoso.com
SPP\\0ff1ce15-a989-479d-af46-f275c6370663\\d450596f-894d-49e0-966a-fd39ed4c4c64
    KeyManagementServicePort    REG_SZ    1700
    VLActivationType    REG_DWORD    0x1",
        "machine kms.activation-type = kms @2
         office.contoso.com:1700 endpoint.pinned = true @4",
    );
}

#[test]
fn settings_of_a_host() {
    check(
        "
SPP
    DisableDnsPublishing    REG_DWORD    0x1
    DnsDomainPublishList    REG_MULTI_SZ    contoso.com\\0fabrikam.com, 10, 20
    KeyManagementServiceListeningPort    REG_SZ    1689
    VLActivationInterval    REG_DWORD    0x78
    VLRenewalInterval    REG_DWORD    0x2760",
        "machine host.port = 1689 @4
         machine kms.activation-interval = 120 @5
         machine kms.renewal-interval = 10080 @6
         machine host.publishing = false @2
         machine host.publish-list = contoso.com; fabrikam.com, 10, 20 @3",
    );
    check(
        "Windows Registry Editor Version 5.00

[SPP]
\"DnsDomainPublishList\"=hex(7):61,00,2e,00,62,00,00,00,63,00,2e,\\
  00,64,00,00,00,00,00
\"DisableDnsPublishing\"=dword:00000000",
        "machine host.publishing = true @6
         machine host.publish-list = a.b; c.d @4",
    );
}

#[test]
fn item_properties_of_powershell() {
    check(
        "
KeyManagementServiceName : kms1.contoso.com
KeyManagementServicePort : 1700
VLActivationType         : 2
DnsDomainPublishList     : {contoso.com, fabrikam.com}
PSPath                   : Microsoft.PowerShell.Core\\Registry::SPP
PSChildName              : SoftwareProtectionPlatform",
        "machine kms.pinned-host = kms1.contoso.com @1
         kms1.contoso.com:1700 endpoint.pinned = true @1
         machine kms.pinned-port = 1700 @2
         machine kms.activation-type = kms @3
         machine host.publish-list = contoso.com; fabrikam.com @4",
    );
}

const LISTING: &str = "
SPP
    InactivityShutdownDelay    REG_DWORD    0x1e
    ServiceSessionId    REG_BINARY    00
    LicStatusArray    REG_BINARY    00
";

#[test]
fn a_full_listing_without_the_name_shows_that_none_is_pinned() {
    check(&format!("{LISTING}\nSPP\\Activation\n"), "machine kms.pinned-host absent @1");
    // Cut off: what follows is not known.
    check(LISTING.trim_end(), "");
    check("SPP\n    InactivityShutdownDelay    REG_DWORD    0x1e\n\n", "");
    check(&format!("reg query \"SPP\" /f Lic{LISTING}\nend\n"), "");
}

#[test]
fn a_value_that_is_not_there() {
    for error in [
        "ERROR: The system was unable to find the specified registry key or value.",
        "エラー: 指定されたレジストリ キーまたは値が見つかりませんでした。",
        "FEHLER: Der angegebene Registrierungsschlüssel bzw. Wert wurde nicht gefunden.",
    ] {
        check(
            &format!("C:\\>reg query \"SPP\" /v KeyManagementServiceName\n\n\n{error}"),
            "machine kms.pinned-host absent @1",
        );
        check(&format!("C:\\>reg query \"SPP\" /v CustomerPID\n{error}"), "");
        check(&format!("C:\\>reg query HKLM\\SOFTWARE\\Contoso /v KeyManagementServiceName\n{error}"), "");
        check(error, "");
    }
    check("reg query \"SPP\" /v KeyManagementServiceName\nERROR: Access is denied.", "");
    check(
        "PS C:\\> reg query \"HKLM\\SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion\\SoftwareProtectionPlatform\" /v KeyManagementServiceLookupDomain
ERROR: The system was unable to find the specified registry key or
value.",
        "machine kms.lookup-domain absent @1",
    );
}

#[test]
fn an_export() {
    check(
        "Windows Registry Editor Version 5.00

[SPP]
\"InactivityShutdownDelay\"=dword:0000001e
\"KeyManagementServiceLookupDomain\"=\"corp.contoso.com\"
\"DiscoveredKeyManagementServiceName\"=\"kms2.contoso.com\"
\"ServiceSessionId\"=hex:00,01,\\
  02,03
\"VLActivationType\"=dword:00000002",
        "machine kms.pinned-host absent @3
         machine kms.lookup-domain = corp.contoso.com @5
         corp.contoso.com domain.lookup = true @5
         machine kms.cached-host = kms2.contoso.com @6
         machine kms.activation-type = kms @9",
    );
}

#[test]
fn wrapped_lines() {
    check(
        "SPP\n    KeyManagementServiceName    REG_SZ\nkms1.contoso.com\n",
        "machine kms.pinned-host = kms1.contoso.com @2
         kms1.contoso.com:1688 endpoint.pinned = true @2",
    );
}

#[test]
fn the_domain_of_the_machine() {
    check(
        "HKEY_LOCAL_MACHINE\\SYSTEM\\CurrentControlSet\\Services\\Tcpip\\Parameters\n    Domain    REG_SZ    corp.contoso.com\n    SearchList    REG_SZ    contoso.com",
        "machine machine.domain = corp.contoso.com @2
         corp.contoso.com domain.lookup = true @2",
    );
    check(
        "[HKEY_LOCAL_MACHINE\\SYSTEM\\CurrentControlSet\\Services\\Tcpip\\Parameters]\n\"Domain\"=\"\"\n\"DhcpDomain\"=\"branch.contoso.com\"",
        "machine machine.domain absent @2
         branch.contoso.com domain.lookup = true @3",
    );
}

#[test]
fn policies_services_and_names() {
    check(
        "HKEY_LOCAL_MACHINE\\SOFTWARE\\Policies\\Microsoft\\Windows NT\\CurrentVersion\\Software Protection Platform
    NoGenTicket    REG_DWORD    0x1
HKEY_LOCAL_MACHINE\\SYSTEM\\CurrentControlSet\\Control\\ComputerName\\ActiveComputerName
    ComputerName    REG_SZ    PC1
HKEY_LOCAL_MACHINE\\SYSTEM\\CurrentControlSet\\Services\\W32Time\\Parameters
    Type    REG_SZ    NoSync
HKEY_LOCAL_MACHINE\\SYSTEM\\CurrentControlSet\\Services\\W32Time
    Type    REG_DWORD    0x20
",
        "machine kms.no-genuine-ticket = true @2
         machine machine.name = PC1 @4
         machine clock.synchronised = false @6
         machine clock.configured-source = NoSync @6",
    );
    let service = "HKEY_LOCAL_MACHINE\\SYSTEM\\CurrentControlSet\\Services\\sppsvc";
    let start = |values: &str, expect: &str| check(&format!("{service}\n{values}\nC:\\>"), expect);
    start("    Start    REG_DWORD    0x4", "machine service.start-type = disabled @2");
    start("    Start    REG_DWORD    0x3", "machine service.start-type = manual @2");
    start(
        "    DelayedAutostart    REG_DWORD    0x1\n    Start    REG_DWORD    0x2",
        "machine service.start-type = delayed @3",
    );
    start("    Start    REG_DWORD    0x2", "machine service.start-type = automatic @2");
    // Asked for alone, it does not show whether the start is delayed.
    check(&format!("reg query {service} /v Start\n\n{service}\n    Start    REG_DWORD    0x2\n\nC:\\>"), "");
}

#[test]
fn rights_of_remote_administrators() {
    let key = "HKEY_LOCAL_MACHINE\\SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\Policies\\System";
    let value = |data: &str| format!("{key}\n    LocalAccountTokenFilterPolicy    REG_DWORD    {data}\n");
    check(&value("0x1"), "machine remote.token-filter-policy = true @2");
    check(&value("0x0"), "machine remote.token-filter-policy = false @2");
    check(
        &format!("Windows Registry Editor Version 5.00\n\n[{key}]\n\"LocalAccountTokenFilterPolicy\"=dword:00000001\n"),
        "machine remote.token-filter-policy = true @4",
    );
    check(
        &format!(
            "C:\\>reg query {key} /v LocalAccountTokenFilterPolicy\n\nエラー: 指定されたレジストリ キーまたは値が見つかりませんでした。\n"
        ),
        "machine remote.token-filter-policy absent @1",
    );
    // A whole listing without the value shows that it is not set.
    let listing =
        format!("{key}\n    ConsentPromptBehaviorAdmin    REG_DWORD    0x5\n    EnableLUA    REG_DWORD    0x1\n");
    check(&format!("{listing}\nC:\\>"), "machine remote.token-filter-policy absent @2");
    check(&listing, "");
    check(&format!("reg query {key} /v EnableLUA\n\n{listing}\nC:\\>"), "");
}

#[test]
fn settings_of_a_host_with_its_port() {
    check(
        "SPP\n    DisableDnsPublishing    REG_DWORD    0x1\n    KeyManagementServiceListeningPort    REG_SZ    1689\n",
        "machine host.port = 1689 @3
         machine host.publishing = false @2",
    );
}

proptest! {
    #[test]
    fn never_panics_on_damaged_output(damage: (usize, u8, usize)) {
        testing::mutate(read, &format!("reg query \"{SPP}\"{}\nC:\\>", LISTING.replace("SPP", SPP)), damage);
    }

    #[test]
    fn never_panics(lines in proptest::collection::vec("(reg query |SPP|\\[|\"KeyManagementServiceName\"=|    KeyManagementServiceName REG_|\")?(REG_SZ|dword:|/v|\")?\\PC{0,12}", 0..16)) {
        testing::facts(read, lines.join("\n").replace("SPP", SPP).as_bytes());
    }
}
