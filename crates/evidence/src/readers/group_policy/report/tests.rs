use proptest::prelude::*;

use crate::readers::group_policy::read;
use crate::readers::testing;

const SPP: &str = r"SOFTWARE\Microsoft\Windows NT\CurrentVersion\SoftwareProtectionPlatform";

/// What the reports below say of the machine.
const MACHINE: &str = "machine machine.name = PC01 @7
    machine machine.domain-joined = true @8
    machine machine.domain = contoso.com @8
    contoso.com domain.lookup = true @8";

fn check(input: &str, expect: &str) {
    testing::check(read, input, expect);
}

fn row(cells: &[&str]) -> String {
    let cells: String = cells.iter().flat_map(|cell| ["<td>", cell, "</td>"]).collect();
    format!("<tr>{cells}</tr>")
}

/// A registry item, each row on its own line, the hive on the sixth.
fn item(action: &str, result: &str, name: &str, rows: &[[&str; 2]]) -> String {
    let mut lines = vec![
        format!("<div class=\"he4h\"><span class=\"sectionTitle\">{name}</span></div>"),
        format!("<table class=\"info\">{}</table>", row(&["Winning GPO", "KMS settings"])),
        format!("<div>{result}</div><div>General</div>"),
        format!("<table class=\"info\">{}", row(&["Action", action])),
        "<tr><td colspan=\"2\">Properties</td></tr>".to_owned(),
        row(&["Hive", "HKEY_LOCAL_MACHINE"]),
        row(&["Key path", SPP]),
        row(&["Value name", name]),
    ];
    lines.extend(rows.iter().map(|cells| row(cells)));
    format!("{}</table>\n", lines.join("\n"))
}

/// A report whose settings begin on line 11.
fn report(heading: &str, settings: &str) -> String {
    format!(
        "<html dir=\"ltr\"><head><title>CONTOSO\\mia on CONTOSO\\PC01</title>
<script>var strShow = \"<td>show</td>\";</script></head><body>
<table class=\"title\"><tr><td colspan=\"2\" class=\"rsopheader\">{heading}</td></tr>
<tr><td colspan=\"2\" class=\"rsopname\">CONTOSO\\mia on CONTOSO\\PC01</td></tr>
<tr><td id=\"dtstamp\">Data collected on: 11/24/2026 9:00:00 AM</td><td></td></tr></table>
<div>Computer Details</div><table class=\"info\">
<tr><td>Computer name</td><td>CONTOSO\\PC01</td></tr>
<tr><td>Domain</td><td>contoso.com</td></tr>
<tr><td>Site</td><td>Default-First-Site-Name</td></tr></table>
<div>Settings</div>
{settings}<div>User Details</div><table class=\"info\"><tr><td>User name</td><td>CONTOSO\\mia</td></tr>
<tr><td>Domain</td><td>contoso.com</td></tr><tr><td>Organizational Unit</td><td>contoso.com/Staff</td></tr></table>
<table><tr><td>{SPP}\\KeyManagementServiceName</td><td>kms-user.contoso.com</td><td>User settings</td></tr></table>
</body></html>
"
    )
}

#[test]
fn registry_items() {
    let settings = [
        item(
            "Update",
            "Result: Success",
            "KeyManagementServiceName",
            &[["Value type", "REG_SZ"], ["Value data", "kms1.contoso.com"]],
        ),
        item(
            "Replace",
            "Result: Success",
            "VLActivationType",
            &[["Value type", "REG_DWORD"], ["Value data", "0x2 (2)"]],
        ),
        item(
            "Create",
            "Result: Success",
            "DnsDomainPublishList",
            &[
                ["Value type", "REG_MULTI_SZ"],
                ["Lines", ""],
                ["Line", "Value"],
                ["1", "contoso.com"],
                ["2", "fabrikam.com"],
            ],
        ),
        item(
            "Update",
            "Result: Success",
            "KeyManagementServiceLookupDomain",
            &[["Value type", "REG_SZ"], ["Value data", ""]],
        ),
    ];
    check(
        &report("Group Policy Results", &settings.concat()),
        &format!(
            "{MACHINE}
             machine kms.pinned-host = kms1.contoso.com @16
             kms1.contoso.com:1688 endpoint.pinned = true @16
             machine kms.lookup-domain absent @49
             machine kms.activation-type = kms @26
             machine host.publish-list = contoso.com; fabrikam.com @36"
        ),
    );
}

#[test]
fn japanese() {
    let input = format!(
        "
<html><head><title>CONTOSO\\PC01 の CONTOSO\\mia</title></head><body><table>
<tr><td>グループ ポリシーの結果</td></tr><tr><td>CONTOSO\\PC01 の CONTOSO\\mia</td></tr></table><table>
<tr><td>コンピューター名</td><td>CONTOSO\\PC01</td></tr><tr><td>ドメイン</td><td>contoso.com</td></tr>
<tr><td>サイト</td><td>東京</td></tr></table><table><tr><td>結果: 成功</td></tr><tr><td>アクション</td><td>更新</td></tr>
<tr><td>ハイブ</td><td>HKEY_LOCAL_MACHINE</td></tr><tr><td>キー パス</td><td>{SPP}</td></tr>
<tr><td>値の名前</td><td>KeyManagementServiceName</td></tr><tr><td>値の種類</td><td>REG_SZ</td></tr>
<tr><td>値のデータ</td><td>kms1.contoso.com</td></tr></table></body></html>"
    );
    check(
        &input,
        "machine machine.name = PC01 @3
         machine machine.domain-joined = true @3
         machine machine.domain = contoso.com @3
         contoso.com domain.lookup = true @3
         machine kms.pinned-host = kms1.contoso.com @5
         kms1.contoso.com:1688 endpoint.pinned = true @5",
    );
}

#[test]
fn a_redacted_report_keeps_its_policies() {
    let settings = item(
        "Update",
        "Result: Success",
        "KeyManagementServiceName",
        &[["Value type", "REG_SZ"], ["Value data", "kms1.contoso.com"]],
    );
    let redacted =
        report("Group Policy Results", &settings).replace("contoso.com", "DOMAIN-1").replace("CONTOSO", "DOMAIN-1");
    check(
        &redacted,
        "machine machine.name = PC01 @7
         machine kms.pinned-host = kms1.DOMAIN-1 @16
         kms1.domain-1:1688 endpoint.pinned = true @16",
    );
}

#[test]
fn what_was_not_applied() {
    let host = [["Value type", "REG_SZ"], ["Value data", "kms1.contoso.com"]];
    let name = "KeyManagementServiceName";
    let settings = [
        item("Update", "Result: Failure (Error Code: 0x80070005)", name, &host),
        item("Delete", "Result: Success", name, &[]),
        item("削除", "Result: Success", name, &host),
        "<table><tr><td>Turn off KMS Client Online AVS Validation</td><td>Not Configured</td><td></td></tr></table>"
            .to_owned(),
        "<div>Denied GPOs</div><div>KMS settings [{BE6B94F1-3E8B-4B9C-891A-462423731601}]</div>".to_owned(),
    ];
    check(&report("Group Policy Results", &settings.concat()), MACHINE);
    // A policy as such, and a forecast.
    check(&format!("<html><body>{}</body></html>", item("Update", "", name, &host)), "");
    for heading in ["Group Policy Modeling", "グループ ポリシーのモデル作成", "Gruppenrichtlinienmodellierung"]
    {
        check(&report(heading, &item("Update", "", name, &host)), "");
    }
}

#[test]
fn the_topmost_item_prevails() {
    let host = |name| [["Value type", "REG_SZ"], ["Value data", name]];
    let settings = ["kms1.contoso.com", "kms2.contoso.com"]
        .map(|name| item("Update", "Result: Success", "KeyManagementServiceName", &host(name)));
    check(
        &report("Group Policy Results", &settings.concat()),
        &format!(
            "{MACHINE}
             machine kms.pinned-host = kms1.contoso.com @16
             kms1.contoso.com:1688 endpoint.pinned = true @16"
        ),
    );
}

#[test]
fn policies_of_templates() {
    let settings = |state| {
        format!(
            "<table><tr><th>Policy</th><th>Setting</th><th>Winning GPO</th></tr>
{}</table><table>{}</table>\n",
            row(&["Turn off KMS Client Online AVS Validation", state, "Baseline"]),
            row(&[&format!("{SPP}\\KeyManagementServicePort"), "1689", "KMS settings"]),
        )
    };
    for (state, value) in [("Enabled", "true"), ("無効", "false")] {
        check(
            &report("Group Policy Results", &settings(state)),
            &format!(
                "{MACHINE}
                 machine kms.no-genuine-ticket = {value} @12
                 machine kms.pinned-port = 1689 @12"
            ),
        );
    }
}

#[test]
fn the_user_is_no_machine() {
    check(
        "<html><body><p>CONTOSO\\mia on CONTOSO\\PC01</p><table><tr><td>User name</td><td>CONTOSO\\mia</td></tr>
<tr><td>Domain</td><td>contoso.com</td></tr><tr><td>Organizational Unit</td><td>contoso.com/Staff</td></tr></table>",
        "",
    );
    let asked = report("Group Policy Results", "")
        .replace("<html dir=\"ltr\">", "<html><pre>C:\\>gpresult /s pc01 /h x.html</pre>");
    check(&asked, "");
}

#[test]
fn time_is_linear() {
    for piece in [
        "A\\B on A\\PC\n",
        "a: A\\PC\nb: x.y\nc: s\n",
        "A\\PC\na: A\\PC\nb: x.y\nc: s\n",
        "h: HKEY_LOCAL_MACHINE\nk: a\nn: b\nt: REG_MULTI_SZ\n",
        "1: a\n",
        "software\\a\\b  1\n",
    ] {
        let begin = "A\\PC\na: A\\PC\nb: x.y\nc: s\nh: HKEY_LOCAL_MACHINE\nk: a\nn: b\nt: REG_MULTI_SZ\n";
        testing::facts(read, format!("{begin}{}", piece.repeat(120_000 / piece.len())).as_bytes());
    }
}

proptest! {
    #[test]
    fn never_panics(at: usize, byte: u8, end: usize) {
        let settings = item("Update", "Result: Success", "KeyManagementServiceName", &[["t", "REG_MULTI_SZ"], ["1", "x"]]);
        testing::mutate(read, &report("Group Policy Results", &settings), (at, byte, end));
    }
}
