//! Evidence of every kind, with secrets in it.

use serde_json::{Value, json};

use crate::{evtx, hive};

/// Parts of a key's form but for the last, put together here so that no text of the repository holds one.
pub(crate) const KEY: [&str; 5] = ["BCDF2", "GHJK3", "MPQR4", "TVWX6", "Y7N89"];

/// What must not come out of a redacted run, in lower case. None of it stands in the program's own words.
pub(crate) const SECRETS: [&str; 20] = [
    "zqpc42",
    "zqpc43",
    "zqkms7",
    "zqdc3",
    "zqfile9",
    "zqnic8",
    "zq--net",
    "zqgroup5",
    "zqsubnet6",
    "fabrikam",
    "zqmia",
    "zqtaro",
    "財務課",
    "山田",
    "10.77.",
    "fd77",
    "5d-0a-0b",
    "2345678901-3456789012",
    "4bf3-9d1e",
    "203.0.113.77",
];

/// An installation ID: what is looked for in outputs are its pieces.
pub(crate) const INSTALLATION_ID: &str = "123456789876543210192837465564738291029384756657483920110293847";

pub(crate) const CMID: &str = "a1b2c3d4-e5f6-4bf3-9d1e-a5b6c7d8e9f0";

fn key(separator: &str) -> String {
    KEY.join(separator)
}

/// The key with a character that no key has, and one character short.
fn mistyped(separator: &str) -> String {
    let [first, second, third, fourth, fifth] = KEY;
    [first, &second.replace('J', "0"), third, fourth, &fifth[1..]].join(separator)
}

fn request(code: &str) -> String {
    format!(
        "{code}, 0x00000000, zqkms7.corp.fabrikam.com:1688, {CMID}, 2026/11/20 03:15, 0, 2, 41760, 73111121-5638-40f6-bc11-f1d7b0d64300, 25"
    )
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |text, byte| format!("{text}{byte:02x}"))
}

/// `DigitalProductId` with a byte that would show.
fn digital() -> Vec<u8> {
    let mut bytes = vec![0x5a; 164];
    bytes[..8].copy_from_slice(&[0xa4, 0, 0, 0, 3, 0, 0, 0]);
    bytes
}

fn slmgr() -> String {
    format!(
        "C:\\Users\\zqmia>cscript //nologo slmgr.vbs /ipk {}
C:\\Users\\zqmia>cscript //nologo slmgr.vbs /ipk {}
Installed product key {} successfully.

C:\\Users\\zqmia>cscript //nologo slmgr.vbs /dlv
Software licensing service version: 10.0.19041.1
Name: Windows(R), Enterprise edition
Description: Windows(R) Operating System, VOLUME_KMSCLIENT channel
Activation ID: 73111121-5638-40f6-bc11-f1d7b0d64300
Installation ID: {INSTALLATION_ID}
Product Key Channel: Volume:GVLK
Partial Product Key: 2YT43
License Status: Notification
Notification Reason: 0xC004F074.
Most recent activation information:
Key Management Service client information
    Client Machine ID (CMID): {CMID}
    Registered KMS machine name: zqkms7.corp.fabrikam.com:1688
    KMS machine IP address: 10.77.0.5
",
        mistyped("-"),
        key("-"),
        key("\u{2011}")
    )
}

fn ospp() -> String {
    format!(
        "---Processing--------------------------
---------------------------------------
SKU ID: 85dd8b5f-eaa4-4af3-a628-cce9e77c9a03
LICENSE NAME: Office 19, Office19ProPlus2019VL_KMS_Client_AE edition
LICENSE STATUS:  ---NOTIFICATIONS---
ERROR CODE: 0xC004F074
Last 5 characters of installed product key: 6MWKP
KMS machine registry override defined: zqkms7.corp.fabrikam.com:1688
inslic {}
",
        key(" ")
    )
}

fn events() -> String {
    format!(
        "Log Name: Application
Source: Microsoft-Windows-Security-SPP
Event ID: 12288
Task Category: None
Level: Information
User: FABRIKAM\\zqmia
Computer: zqpc42.corp.fabrikam.com
Description:
The client has sent an activation request to the key management service machine.
Info:
{}
Key: {}
",
        request("0xC004F06C"),
        key("")
    )
}

fn xml() -> String {
    format!(
        "<Event xmlns=\"http://schemas.microsoft.com/win/2004/08/events/event\"><System><Provider Name=\"Microsoft-Windows-Security-SPP\"/>\
         <EventID>12288</EventID><TimeCreated SystemTime=\"2026-11-20T03:15:05Z\"/><Computer>zqpc42.corp.fabrikam.com</Computer>\
         <Security UserID='S-1-5-21-1234567890-2345678901-3456789012-1104'/></System>\
         <EventData><Data>{}</Data><Data Name='TargetUserName'>zqmia</Data><Data>{}</Data></EventData></Event>",
        request("0xC004F06C"),
        key("&#45;")
    )
}

const SPP: &str = r"HKEY_LOCAL_MACHINE\SOFTWARE\Microsoft\Windows NT\CurrentVersion\SoftwareProtectionPlatform";

fn registry() -> String {
    let hex = hex(&digital()).to_uppercase();
    format!(
        "{SPP}
    BackupProductKeyDefault    REG_SZ    {}
    KeyManagementServiceName    REG_SZ    10.77.0.5
    KeyManagementServiceLookupDomain    REG_SZ    corp.fabrikam.com

HKEY_LOCAL_MACHINE\\SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion
    DigitalProductId    REG_BINARY    {hex}
    RegisteredOwner    REG_SZ    山田 zqtaro

HKEY_LOCAL_MACHINE\\SYSTEM\\CurrentControlSet\\Control\\ComputerName\\ComputerName
    ComputerName    REG_SZ    ZQPC42
",
        key("-")
    )
}

fn export() -> Vec<u8> {
    let hex: Vec<String> = digital().iter().map(|byte| format!("{byte:02x}")).collect();
    let text = format!(
        "Windows Registry Editor Version 5.00\r\n\r\n[{SPP}]\r\n\"BackupProductKeyDefault\"=\"{}\"\r\n\"KeyManagementServiceName\"=\"zqkms7.corp.fabrikam.com\"\r\n\
         \"InactivityShutdownDelay\"=dword:0000001e\r\n\"Note\"=\"{}\"\r\n\r\n[HKEY_LOCAL_MACHINE\\SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion]\r\n\
         \"DigitalProductId\"=hex:{}\r\n\"RegisteredOwner\"=\"zqtaro\"\r\n",
        key("-"),
        mistyped("\u{2013}"),
        hex.chunks(22).map(|line| line.join(",")).collect::<Vec<_>>().join(",\\\r\n  ")
    );
    [&b"\xff\xfe"[..], &text.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>()].concat()
}

const NSLOOKUP: &str = "C:\\>nslookup -type=srv _vlmcs._tcp.corp.fabrikam.com
Server:  zqdc3.corp.fabrikam.com
Address:  10.77.0.10

_vlmcs._tcp.corp.fabrikam.com   SRV service location:
          priority       = 0
          weight         = 0
          port           = 1688
          svr hostname   = zqkms7.corp.fabrikam.com
zqkms7.corp.fabrikam.com        internet address = 10.77.0.5
zqkms7.corp.fabrikam.com        AAAA IPv6 address = fd77::5
";

const IPCONFIG: &str = "Windows IP Configuration

   Host Name . . . . . . . . . . . . : ZQPC42
   Primary Dns Suffix  . . . . . . . : corp.fabrikam.com
   Node Type . . . . . . . . . . . . : Hybrid
   DNS Suffix Search List. . . . . . : corp.fabrikam.com

Ethernet adapter Ethernet:

   Connection-specific DNS Suffix  . : branch.fabrikam.com
   Physical Address. . . . . . . . . : 00-15-5D-0A-0B-0C
   Link-local IPv6 Address . . . . . : fe80::fd77:1%7(Preferred)
   IPv4 Address. . . . . . . . . . . : 10.77.1.42(Preferred)
   Subnet Mask . . . . . . . . . . . : 255.255.255.0
   DNS Servers . . . . . . . . . . . : 10.77.0.10
                                       fd77::10
";

const W32TM: &str = "C:\\>w32tm /query /status
Leap Indicator: 0(no warning)
Stratum: 4 (secondary reference - syncd by (S)NTP)
Source: zqdc3.corp.fabrikam.com
Last Successful Sync Time: 11/20/2026 3:15:00 AM

C:\\>w32tm /stripchart /computer:zqdc3.corp.fabrikam.com /samples:1 /dataonly
Tracking zqdc3.corp.fabrikam.com [10.77.0.10:123].
The current time is 11/20/2026 3:15:00 AM.
03:15:00, +00.0012345s
";

const REMOTE: &str = "C:\\>wmic /node:ZQPC43 /user:FABRIKAM\\zqmia path SoftwareLicensingService get Version
ERROR:
Description = The RPC server is unavailable.

C:\\>cscript //nologo slmgr.vbs ZQPC43 /dlv
Error 0x80070005 occurred in connecting to server ZQPC43.

C:\\>dir \\\\ZQPC43\\admin$
 Directory of \\\\ZQPC43\\admin$

PS C:\\> Get-CimInstance SoftwareLicensingService -ComputerName ZQPC43
Get-CimInstance : Access is denied.
    + FullyQualifiedErrorId : HRESULT 0x80070005,Microsoft.Management.Infrastructure.CimCmdlets.GetCimInstanceCommand
    + PSComputerName        : ZQPC43

PS C:\\> Get-VpnConnection

Name             : Fabrikam
ServerAddress    : vpn.fabrikam.com
ConnectionStatus : Disconnected
";

fn csv() -> String {
    format!(
        "\"PSComputerName\",\"Name\",\"LicenseStatus\",\"User\",\"ClientMachineID\",\"Key\"
\"ZQPC42\",\"Windows(R), Enterprise edition\",\"5\",\"zqmia\",\"{CMID}\",\"{}\"
",
        key("\",\"")
    )
}

fn json_object() -> String {
    let digital: Vec<u8> = digital();
    json!([{
        "PSComputerName": "ZQPC42",
        "KeyManagementServiceMachine": "zqkms7.corp.fabrikam.com",
        "ClientMachineID": CMID,
        "OA3xOriginalProductKey": key("-"),
        "Note": format!("\n{}", mistyped("\u{2011}")),
        "RegisteredUser": "FABRIKAM\\zqmia",
        "Path": "C:\\Users\\zqmia\\Desktop",
        "Mail": "zqmia@fabrikam.com",
        "DigitalProductId": digital,
    }])
    .to_string()
}

/// A report of `gpresult /h`, in UTF-16 as it is written.
fn group_policy() -> Vec<u8> {
    let row = |label: &str, value: &str| format!("<tr><td>{label}</td>\r\n<td>{value}</td></tr>\r\n");
    let rows = [
        row("Computer name", "FABRIKAM\\ZQPC42"),
        row("Domain", "corp.fabrikam.com"),
        row("Site", "Default-First-Site-Name"),
        row("Hive", "HKEY_LOCAL_MACHINE"),
        row("Key path", r"SOFTWARE\Microsoft\Windows NT\CurrentVersion\SoftwareProtectionPlatform"),
        row("Value name", "KeyManagementServiceName"),
        row("Value type", "REG_SZ"),
        row("Value data", "zq&#107;ms7.corp.<b>fabrikam</b>.com"),
        row("Key", &key("</b>-<b>")),
        row("User name", "FABRIKAM\\zqmia"),
    ];
    let title = "FABRIKAM\\zqmia on FABRIKAM\\ZQPC42";
    let text = format!(
        "<html><head><title>{title}</title><!-- zqdc3 --><script>var user = \"zqtaro\";</script></head>\r\n\
         <body onload=\"greet('山田')\"><p>{title}</p>\r\n<table>{}</table><a href=\"file://zqfile9/share\">10.77.0.5</a></body></html>\r\n",
        rows.concat()
    );
    [&b"\xff\xfe"[..], &text.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>()].concat()
}

/// A ticket in Japanese, in code page 932, with the folder of a user and a share.
fn ticket() -> Vec<u8> {
    let text = format!(
        "コンピューター名: 財務課PC42\r\nユーザー名: FABRIKAM\\山田zqtaro\r\n財務課PC42 で slmgr /ato が失敗します。エラー: 0xC004F074\r\n\
         送り先は \\\\zqfile9\\share$ です。連絡先 zqmia@fabrikam.com\r\nキーは{}です。キー{}です。\r\n",
        key("－"),
        mistyped("－")
    );
    // What is needed of the code page is in the crate that reads it; the tests write it by hand.
    let table: [(char, [u8; 2]); 39] = [
        ('コ', [0x83, 0x52]),
        ('ン', [0x83, 0x93]),
        ('ピ', [0x83, 0x73]),
        ('ュ', [0x83, 0x85]),
        ('ー', [0x81, 0x5b]),
        ('タ', [0x83, 0x5e]),
        ('名', [0x96, 0xbc]),
        ('財', [0x8d, 0xe0]),
        ('務', [0x96, 0xb1]),
        ('課', [0x89, 0xdb]),
        ('ユ', [0x83, 0x86]),
        ('ザ', [0x83, 0x55]),
        ('山', [0x8e, 0x52]),
        ('田', [0x93, 0x63]),
        ('で', [0x82, 0xc5]),
        ('が', [0x82, 0xaa]),
        ('失', [0x8e, 0xb8]),
        ('敗', [0x94, 0x73]),
        ('し', [0x82, 0xb5]),
        ('ま', [0x82, 0xdc]),
        ('す', [0x82, 0xb7]),
        ('。', [0x81, 0x42]),
        ('エ', [0x83, 0x47]),
        ('ラ', [0x83, 0x89]),
        ('送', [0x91, 0x97]),
        ('り', [0x82, 0xe8]),
        ('先', [0x90, 0xe6]),
        ('は', [0x82, 0xcd]),
        ('連', [0x98, 0x41]),
        ('絡', [0x97, 0x8d]),
        ('キ', [0x83, 0x4c]),
        ('－', [0x81, 0x7c]),
        ('の', [0x82, 0xcc]),
        ('を', [0x82, 0xf0]),
        ('に', [0x82, 0xc9]),
        ('と', [0x82, 0xc6]),
        ('も', [0x82, 0xe0]),
        ('い', [0x82, 0xa2]),
        ('ク', [0x83, 0x4e]),
    ];
    let mut bytes = Vec::new();
    for character in text.chars() {
        match u8::try_from(character).ok().filter(u8::is_ascii) {
            Some(byte) => bytes.push(byte),
            None => {
                bytes.extend(table.iter().find(|(known, _)| *known == character).map_or([b'?'; 2], |(_, raw)| *raw));
            }
        }
    }
    bytes
}

/// An export of Azure: the default route leads to the premises, and a rule denies KMS.
fn azure() -> String {
    let group = "/subscriptions/a1b2c3d4-0000-4bf3-9d1e-0123456789ab/resourceGroups/rg-zqfile9/providers";
    let network = format!("{group}/Microsoft.Network");
    format!(
        r#"mia@zqpc42:~$ az network nic show-effective-route-table -g rg-zqfile9 -n zqpc42-nic
{{"value": [
  {{"source": "Default", "state": "Active", "addressPrefix": ["10.77.0.0/16"], "nextHopType": "VnetLocal", "nextHopIpAddress": []}},
  {{"source": "User", "state": "Active", "addressPrefix": ["40.83.235.53/32"], "nextHopType": "Internet", "nextHopIpAddress": []}},
  {{"source": "VirtualNetworkGateway", "state": "Active", "addressPrefix": ["20.0.0.0/6", "0.0.0.0/0"], "nextHopType": "VirtualNetworkGateway", "nextHopIpAddress": ["203.0.113.77"]}}
]}}
[
  {{"id": "{network}/networkInterfaces/zqpc42-nic", "name": "zqpc42-nic", "type": "Microsoft.Network/networkInterfaces", "macAddress": "00-15-5D-0A-0B-0C",
   "virtualMachine": {{"id": "{group}/Microsoft.Compute/virtualMachines/zqpc42"}}, "networkSecurityGroup": {{"id": "{network}/networkSecurityGroups/zqdc3-nsg"}},
   "ipConfigurations": [{{"name": "ipconfig1", "primary": true, "privateIPAddress": "10.77.0.9", "subnet": {{"id": "{network}/virtualNetworks/zqkms7-vnet/subnets/zqmia-net"}}, "publicIPAddress": {{"id": "{network}/publicIPAddresses/zqpc43-pip"}}}}]}},
  {{"id": "{network}/publicIPAddresses/zqpc43-pip", "name": "zqpc43-pip", "type": "Microsoft.Network/publicIPAddresses", "ipAddress": "203.0.113.77", "publicIPAllocationMethod": "Static"}},
  {{"id": "{network}/virtualNetworks/zqkms7-vnet", "name": "zqkms7-vnet", "type": "Microsoft.Network/virtualNetworks", "addressSpace": {{"addressPrefixes": ["10.77.0.0/16"]}},
   "subnets": [{{"id": "{network}/virtualNetworks/zqkms7-vnet/subnets/zqmia-net", "name": "zqmia-net", "addressPrefix": "10.77.0.0/24"}}], "virtualNetworkPeerings": []}},
  {{"id": "{network}/networkSecurityGroups/zqdc3-nsg", "name": "zqdc3-nsg", "type": "Microsoft.Network/networkSecurityGroups", "securityRules": [
   {{"name": "DenyKms", "id": "{network}/networkSecurityGroups/zqdc3-nsg/securityRules/DenyKms", "priority": 200, "direction": "Outbound", "access": "Deny", "protocol": "Tcp", "sourceAddressPrefix": "10.77.0.0/24", "sourcePortRange": "*", "destinationAddressPrefix": "AzurePlatformLKM", "destinationPortRange": "1688"}}]}}
]
"#
    )
}

/// A template as the portal exports it.
fn template() -> &'static str {
    r#"{"$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#", "contentVersion": "1.0.0.0",
 "parameters": {"networkInterfaces_zqfile9_nic_name": {"defaultValue": "zqfile9-nic", "type": "String"}},
 "resources": [{"type": "Microsoft.Network/networkInterfaces", "name": "[parameters('networkInterfaces_zqfile9_nic_name')]", "location": "japaneast",
  "properties": {"ipConfigurations": [{"name": "ipconfig1", "properties": {"primary": true, "privateIPAddress": "10.77.0.10"}}]}}]}"#
}

fn software_hive() -> Vec<u8> {
    let spp = r"Microsoft\Windows NT\CurrentVersion\SoftwareProtectionPlatform";
    hive::Key::new("ROOT")
        .text(spp, "BackupProductKeyDefault", &key("-"))
        .text(spp, "Note", &mistyped("-"))
        .text(spp, "KeyManagementServiceName", "zqkms7.corp.fabrikam.com")
        .binary(r"Microsoft\Windows NT\CurrentVersion", "DigitalProductId", &digital())
        .text(r"Microsoft\Windows NT\CurrentVersion", "RegisteredOwner", "zqtaro")
        .text(r"Microsoft\Windows NT\CurrentVersion", "EditionID", "Enterprise")
        .hive()
}

fn log() -> Vec<u8> {
    let request = request("0xC004F06C");
    let data = format!("{request} {}", key("-"));
    evtx::log(&[&[evtx::Event {
        source: "Microsoft-Windows-Security-SPP",
        id: 12288,
        number: 7,
        time: "2026-11-20T03:15:05Z",
        computer: "zqpc42.corp.fabrikam.com",
        data: &[("", &data)],
    }]])
}

/// A live run's question and what answered the bind, with names in the bytes.
fn transcripts() -> Vec<(String, Vec<u8>)> {
    let question = b"\x07zqkms7x\0".to_vec();
    let endpoint = json!({
        "format": "kmsdoctor.transcript/1", "started_at": "2026-11-20T03:15:00Z", "kind": "endpoint",
        "endpoint": {"host": "zqkms7.corp.fabrikam.com", "port": 1688}, "reasons": [{"is": "advertised", "domain": "corp.fabrikam.com"}],
        "attempts": [{"address": "10.77.0.5:1688", "connect": {"is": "connected"}, "connect_us": 10,
            "bind": {"transport": "tcp", "sent": "05", "elapsed_us": 10,
                "outcome": {"is": "received", "data": hex(b"HTTP/1.1 400 Bad Request\r\nServer: zqkms7.corp.fabrikam.com\r\n\r\n")}}}],
        "signs_of_life": [],
    });
    let dns = json!({
        "format": "kmsdoctor.transcript/1", "started_at": "2026-11-20T03:15:00Z", "kind": "dns",
        "server": "10.77.0.10:53", "name": "_vlmcs._tcp.corp.fabrikam.com", "record_type": "SRV",
        "exchanges": [{"transport": "udp", "sent": hex(&question), "elapsed_us": 10, "outcome": {"is": "timed-out"}}],
    });
    let file = |name: &str, value: &Value| (name.to_owned(), value.to_string().into_bytes());
    vec![
        file("endpoint-zqkms7.corp.fabrikam.com-1688.json", &endpoint),
        file("srv-corp.fabrikam.com-at-10.77.0.10.json", &dns),
    ]
}

/// A network interface in Azure, as `az network nic show` gives it.
fn interface() -> String {
    let id = |kind: &str, name: &str| {
        format!("/subscriptions/a1b2c3d4-e5f6-4bf3-9d1e-0123456789ab/resourceGroups/zqgroup5/providers/{kind}/{name}")
    };
    let interface = json!({
        "id": id("Microsoft.Network/networkInterfaces", "zqnic8"),
        "name": "zqnic8",
        "type": "Microsoft.Network/networkInterfaces",
        "primary": true,
        "virtualMachine": {"id": id("Microsoft.Compute/virtualMachines", "zqpc43")},
        "ipConfigurations": [{
            "name": "ipconfig1",
            "primary": true,
            "privateIPAddress": "10.77.0.9",
            "subnet": {"id": id("Microsoft.Network/virtualNetworks", "zq--net/subnets/zqsubnet6")},
        }],
    });
    format!("{interface:#}")
}

/// Its effective routes.
fn routes() -> String {
    let route = json!({
        "addressPrefix": ["0.0.0.0/0"],
        "name": "to-zqdc3",
        "nextHopIpAddress": ["10.77.0.5"],
        "nextHopType": "VirtualAppliance",
        "source": "User",
        "state": "Active",
    });
    format!("{:#}", json!({"value": [route]}))
}

pub(crate) fn files() -> Vec<(String, Vec<u8>)> {
    let named = |name: &str, bytes: Vec<u8>| (name.to_owned(), bytes);
    let mut files = vec![
        named("slmgr-zqpc42.txt", slmgr().into_bytes()),
        named("ospp.txt", ospp().into_bytes()),
        named("azure.txt", azure().into_bytes()),
        named("azure-template.json", template().into()),
        named("events.txt", events().into_bytes()),
        named("events.xml", xml().into_bytes()),
        named("registry.txt", registry().into_bytes()),
        named("export.reg", export()),
        named("nslookup.txt", NSLOOKUP.as_bytes().to_vec()),
        named("ipconfig.txt", IPCONFIG.as_bytes().to_vec()),
        named("w32tm.txt", W32TM.as_bytes().to_vec()),
        named("remote.txt", REMOTE.as_bytes().to_vec()),
        named("fleet.csv", csv().into_bytes()),
        named("object.json", json_object().into_bytes()),
        named("nic.json", interface().into_bytes()),
        named("zqnic8-routes.json", routes().into_bytes()),
        named("gpresult-zqpc42.html", group_policy()),
        named("ticket.txt", ticket()),
        named("SOFTWARE", software_hive()),
        named("Application.evtx", log()),
        named(&format!("note {}.txt", key("-")), format!("see {}", key("/")).into_bytes()),
        named(&format!("note {}.txt", mistyped("-")), format!("not {}", mistyped("&#45;")).into_bytes()),
        named("binary-10.77.0.5.bin", vec![0, 159, 146, 150, 0, 0, 1, 2]),
    ];
    files.extend(transcripts());
    files
}
