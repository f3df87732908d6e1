use proptest::prelude::*;

use crate::readers::cloud::testing::{check, judged};

const TABLE: &str = "
C:\\>route print -4
===========================================================================
Active Routes:
Network Destination        Netmask          Gateway       Interface  Metric
          0.0.0.0          0.0.0.0        10.20.0.1       10.20.0.31     15
        10.20.0.0    255.255.255.0         On-link        10.20.0.31    271
        127.0.0.0        255.0.0.0         On-link         127.0.0.1    331
";

const INSTANCE: &str = r#"
{
    "Reservations": [
        {
            "Instances": [
                {
                    "ImageId": "ami-0123456789abcdef0",
                    "InstanceId": "i-0123456789abcdef0",
                    "Placement": { "AvailabilityZone": "ap-northeast-1a", "Tenancy": "host" },
                    "Platform": "windows",
                    "PlatformDetails": "Windows",
                    "UsageOperation": "RunInstances:0002",
                    "NetworkInterfaces": [
                        { "NetworkInterfaceId": "eni-2", "Attachment": { "DeviceIndex": 1 }, "PrivateIpAddress": "10.20.9.8" },
                        {
                            "NetworkInterfaceId": "eni-1",
                            "Attachment": { "DeviceIndex": 0 },
                            "PrivateIpAddresses": [ { "PrivateIpAddress": "10.20.0.31" } ]
                        }
                    ],
                    "Tags": [ { "Key": "Role", "Value": "web" }, { "Key": "Name", "Value": "srv1" } ]
                }
            ]
        }
    ]
}
"#;

fn table(rows: &str) -> String {
    format!("{TABLE}{rows}")
}

#[test]
fn routes_by_the_present_gateway() {
    check(
        &[&table(
            "  169.254.169.250  255.255.255.255        10.20.0.1       10.20.0.31     15\n  169.254.169.251  255.255.255.255        10.20.0.1       10.20.0.31     15\n",
        )],
        "- 1.txt/169.254.169.250:1688 Reaches
         Route  [169.254.169.250/32 → 10.20.0.1 (10.20.0.31)]: passes @1:8
         - 1.txt/169.254.169.251:1688 Reaches
         Route  [169.254.169.251/32 → 10.20.0.1 (10.20.0.31)]: passes @1:9",
    );
}

#[test]
fn old_gateways_and_missing_routes() {
    let persistent = "===========================================================================
固定ルート:
  ネットワーク アドレス          ネットマスク  ゲートウェイ アドレス  メトリック
  169.254.169.250  255.255.255.255        10.99.0.1      15
";
    check(
        &[&table(persistent).replace("On-link", "リンク上")],
        "- 1.txt/169.254.169.250:1688 Blocked
         Route  [169.254.169.250/32 → 10.99.0.1]: RouteStale @1:11
         - 1.txt/169.254.169.251:1688 Blocked
         Route : RouteMissing @1:5",
    );
    check(
        &[&table("  169.254.169.250  255.255.255.255        10.99.0.1       10.20.0.31     15\n")],
        "- 1.txt/169.254.169.250:1688 Blocked
         Route  [169.254.169.250/32 → 10.99.0.1 (10.20.0.31)]: RouteStale @1:8
         - 1.txt/169.254.169.251:1688 Blocked
         Route : RouteMissing @1:5",
    );
}

#[test]
fn the_lowest_metric_decides_and_the_primary_interface_is_named() {
    let rows = "          0.0.0.0          0.0.0.0        10.20.9.1        10.20.9.8     25
        10.20.9.0    255.255.255.0         On-link         10.20.9.8    281
  169.254.169.250  255.255.255.255        10.99.0.1       10.20.0.31     40
  169.254.169.250  255.255.255.255        10.20.9.1        10.20.9.8     25
  169.254.169.251  255.255.255.255        10.20.0.1       10.20.0.31     15
";
    check(
        &[&table(rows)],
        "- 1.txt/169.254.169.250:1688 Reaches
         Route  [169.254.169.250/32 → 10.20.9.1 (10.20.9.8)]: passes @1:11
         SecondaryInterface 169.254.169.250/32 → 10.20.9.1 (10.20.9.8)
         - 1.txt/169.254.169.251:1688 Reaches
         Route  [169.254.169.251/32 → 10.20.0.1 (10.20.0.31)]: passes @1:12",
    );
}

#[test]
fn a_selection_shows_what_it_has_and_other_tables_say_nothing() {
    check(
        &[
            "C:\\>route print -4 | findstr 169.254.169.25\n  169.254.169.250  255.255.255.255        10.20.0.1       10.20.0.31     15\n",
        ],
        "- 1.txt/169.254.169.250:1688 Reaches
         Route  [169.254.169.250/32 → 10.20.0.1 (10.20.0.31)]: passes @1:2",
    );
    check(&[TABLE], "");
}

#[test]
fn an_instance_has_the_table_with_its_address() {
    check(
        &[TABLE, INSTANCE],
        "srv1 eni-1/169.254.169.250:1688 Blocked
         Route : RouteMissing @1:5
         Kms i-0123456789abcdef0 [RunInstances:0002 (host)]: passes @2:5
         srv1 eni-1/169.254.169.251:1688 Blocked
         Route : RouteMissing @1:5
         Kms i-0123456789abcdef0 [RunInstances:0002 (host)]: passes @2:5",
    );
}

#[test]
fn licences_that_are_brought_along_and_other_systems() {
    let brought = INSTANCE.replace("RunInstances:0002", "RunInstances:0800");
    check(
        &[&brought],
        "srv1 eni-1/169.254.169.250:1688 Blocked
         Route : ? MachineRoutes
         Kms i-0123456789abcdef0 [RunInstances:0800 (host)]: LicenceNotCovered @1:5
         srv1 eni-1/169.254.169.251:1688 Blocked
         Route : ? MachineRoutes
         Kms i-0123456789abcdef0 [RunInstances:0800 (host)]: LicenceNotCovered @1:5",
    );
    let linux = INSTANCE.replace("\"Platform\": \"windows\",", "").replace("\"Windows\"", "\"Linux/UNIX\"");
    check(&[&linux], "");
    let part = r#"[{"InstanceId": "i-0", "ImageId": "ami-0"}]"#;
    check(
        &[part],
        "i-0 i-0/169.254.169.250:1688 CannotTell
         Route : ? MachineRoutes
         i-0 i-0/169.254.169.251:1688 CannotTell
         Route : ? MachineRoutes",
    );
}

#[test]
fn the_log_of_the_last_start() {
    let log = "
2026/11/20 01:02:03Z: Failed to add routes: 169.254.169.250/32
2026/11/20 01:02:04Z: Successfully added the Route: 169.254.169.250/32, gateway: 10.20.0.1, NIC index: 5, Metric: 1
2026/11/20 01:02:04Z: Failed to add routes: 169.254.169.251/32
2026/11/20 01:02:04Z: Successfully added the Route: 169.254.169.254/32, gateway: 10.20.0.1, NIC index: 5, Metric: 1
";
    check(
        &[log],
        "- 1.txt/169.254.169.250:1688 Reaches
         Route  [169.254.169.250/32 → 10.20.0.1]: passes @1:2
         - 1.txt/169.254.169.251:1688 Blocked
         Route : RouteMissing @1:3",
    );
    let now = table("  169.254.169.251  255.255.255.255        10.20.0.1       10.20.0.31     15\n");
    assert!(judged(&[log, &now]).contains("2.txt/169.254.169.251:1688 Reaches"));
}

proptest! {
    #[test]
    fn never_panics_on_damaged_instances(at in 0..INSTANCE.len(), end in 0..INSTANCE.len(), byte: u8) {
        let mut bytes = INSTANCE.as_bytes().to_vec();
        bytes[at] = byte;
        bytes.truncate(end.max(1));
        judged(&[&String::from_utf8_lossy(&bytes), TABLE]);
    }
}
