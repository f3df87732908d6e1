use proptest::prelude::*;

use crate::readers::cloud::testing::{check, judged};

const INSTANCES: &str = r#"
[
  {
    "disks": [
      {
        "boot": true,
        "guestOsFeatures": [ { "type": "UEFI_COMPATIBLE" }, { "type": "WINDOWS" } ],
        "licenses": [ "https://www.googleapis.com/compute/v1/projects/windows-cloud/global/licenses/windows-server-2022-dc" ]
      }
    ],
    "kind": "compute#instance",
    "name": "vm1",
    "networkInterfaces": [
      {
        "accessConfigs": [ { "kind": "compute#accessConfig", "name": "external-nat", "natIP": "203.0.113.7" } ],
        "name": "nic0",
        "network": "https://www.googleapis.com/compute/v1/projects/contoso/global/networks/net1",
        "networkIP": "10.0.0.5",
        "subnetwork": "https://www.googleapis.com/compute/v1/projects/contoso/regions/asia-northeast1/subnetworks/sub1"
      }
    ],
    "selfLink": "https://www.googleapis.com/compute/v1/projects/contoso/zones/asia-northeast1-a/instances/vm1",
    "serviceAccounts": [ { "email": "app@contoso.iam.gserviceaccount.com", "scopes": [] } ],
    "tags": { "fingerprint": "x", "items": [ "web" ] },
    "zone": "https://www.googleapis.com/compute/v1/projects/contoso/zones/asia-northeast1-a"
  }
]
"#;

const RULES: &str = r#"
[
  {
    "denied": [ { "IPProtocol": "all" } ],
    "destinationRanges": [ "0.0.0.0/0" ],
    "direction": "EGRESS",
    "disabled": false,
    "kind": "compute#firewall",
    "name": "deny-egress",
    "network": "https://www.googleapis.com/compute/v1/projects/contoso/global/networks/net1",
    "priority": 1000
  },
  {
    "allowed": [ { "IPProtocol": "tcp", "ports": [ "1688" ] } ],
    "destinationRanges": [ "35.190.247.13/32" ],
    "direction": "EGRESS",
    "kind": "compute#firewall",
    "name": "allow-kms",
    "network": "https://www.googleapis.com/compute/v1/projects/contoso/global/networks/net1",
    "priority": 900,
    "targetTags": [ "windows" ]
  }
]
"#;

const ROUTES: &str = "
---
destRange: 0.0.0.0/0
kind: compute#route
name: default-route-1
network: https://www.googleapis.com/compute/v1/projects/contoso/global/networks/net1
nextHopGateway: https://www.googleapis.com/compute/v1/projects/contoso/global/gateways/default-internet-gateway
priority: 1000
---
destRange: 10.0.0.0/24
kind: compute#route
name: default-route-2
network: https://www.googleapis.com/compute/v1/projects/contoso/global/networks/net1
nextHopNetwork: https://www.googleapis.com/compute/v1/projects/contoso/global/networks/net1
priority: 0
";

const SUBNET: &str = "
ipCidrRange: 10.0.0.0/24
kind: compute#subnetwork
name: sub1
network: https://www.googleapis.com/compute/v1/projects/contoso/global/networks/net1
privateIpGoogleAccess: false
selfLink: https://www.googleapis.com/compute/v1/projects/contoso/regions/asia-northeast1/subnetworks/sub1
";

fn without_external_address() -> String {
    INSTANCES.replace("\"accessConfigs\"", "\"ipv6AccessConfigs\"")
}

#[test]
fn rules_by_priority_and_tag() {
    check(
        &[INSTANCES, RULES, ROUTES],
        "vm1 vm1-nic0/35.190.247.13:1688 Blocked
         InterfaceRules net1 [deny-egress (1000)]: RuleDenies(None) @2:2
         Route default-route-1 [0.0.0.0/0 → default-internet-gateway]: passes @3:2
         Outbound nic0: passes @1:2
         Kms kms.windows.googlecloud.com [windows-server-2022-dc]: passes @1:2",
    );
    check(
        &[&INSTANCES.replace("\"web\"", "\"web\", \"windows\""), RULES, ROUTES],
        "vm1 vm1-nic0/35.190.247.13:1688 Reaches
         InterfaceRules net1 [allow-kms (900)]: passes @2:12
         Route default-route-1 [0.0.0.0/0 → default-internet-gateway]: passes @3:2
         Outbound nic0: passes @1:2
         Kms kms.windows.googlecloud.com [windows-server-2022-dc]: passes @1:2",
    );
}

#[test]
fn what_is_missing_opens_and_closes_nothing() {
    check(
        &[&without_external_address()],
        "vm1 vm1-nic0/35.190.247.13:1688 CannotTell
         InterfaceRules net1: ? NetworkRules(\"net1\")
         Route net1: ? NetworkRoutes(\"net1\")
         Kms kms.windows.googlecloud.com [windows-server-2022-dc]: passes @1:2",
    );
    let rules = RULES.replace("EGRESS", "INGRESS");
    check(
        &[&without_external_address(), &rules, ROUTES],
        "vm1 vm1-nic0/35.190.247.13:1688 CannotTell
         InterfaceRules net1: passes
         Route default-route-1 [0.0.0.0/0 → default-internet-gateway]: passes @3:2
         Outbound sub1: ? Subnet(\"sub1\")
         Kms kms.windows.googlecloud.com [windows-server-2022-dc]: passes @1:2",
    );
}

#[test]
fn ways_out_without_an_external_address() {
    let instances = without_external_address();
    let outbound = |exports: &[&str]| {
        let judged = judged(exports);
        judged.lines().find(|line| line.starts_with("Outbound")).unwrap_or_default().to_owned()
    };
    assert_eq!(outbound(&[&instances, ROUTES, SUBNET]), "Outbound sub1: NoOutbound(PrivateGoogleAccess) @3:1");
    assert_eq!(outbound(&[&instances, ROUTES, &SUBNET.replace("false", "true")]), "Outbound sub1: passes @3:1");
    let router = r#"{
        "kind": "compute#router", "name": "r1",
        "network": "https://www.googleapis.com/compute/v1/projects/contoso/global/networks/net1",
        "selfLink": "https://www.googleapis.com/compute/v1/projects/contoso/regions/asia-northeast1/routers/r1",
        "nats": [ { "name": "nat1", "sourceSubnetworkIpRangesToNat": "ALL_SUBNETWORKS_ALL_IP_RANGES" } ]
    }"#;
    assert_eq!(outbound(&[&instances, ROUTES, SUBNET, router]), "Outbound nat1: passes @4:1");
    let elsewhere = router.replace("asia-northeast1/routers", "europe-west1/routers");
    assert_eq!(
        outbound(&[&instances, ROUTES, SUBNET, &elsewhere]),
        "Outbound sub1: NoOutbound(PrivateGoogleAccess) @3:1"
    );
}

#[test]
fn where_routes_lead() {
    let route = |routes: &str| {
        let judged = judged(&[INSTANCES, routes]);
        judged.lines().find(|line| line.starts_with("Route")).unwrap_or_default().to_owned()
    };
    let to = |member: &str| {
        ROUTES.replacen("nextHopGateway: https://www.googleapis.com/compute/v1/projects/contoso/global/gateways/default-internet-gateway", member, 1)
    };
    assert_eq!(
        route(&to("nextHopVpnTunnel: https://x/projects/contoso/regions/r/vpnTunnels/t1")),
        "Route default-route-1 [0.0.0.0/0 → t1]: RouteToGateway @2:2"
    );
    assert_eq!(
        route(&to("nextHopIp: 10.0.0.9")),
        "Route default-route-1 [0.0.0.0/0 → 10.0.0.9]: ? Appliance(\"10.0.0.9\") @2:2"
    );
    assert_eq!(route(&to("nextHopPeering: hub")), "Route default-route-1 [0.0.0.0/0 → hub]: RouteIntoNetwork @2:2");
    assert_eq!(route(&ROUTES.replace("0.0.0.0/0", "192.0.2.0/24")), "Route net1: RouteMissing");
    let router = "---\nbgpPeers:\n- name: p\nkind: compute#router\nname: r1\nnetwork: https://x/projects/contoso/global/networks/net1\n";
    assert_eq!(route(&format!("{ROUTES}{router}")), "Route net1: ? EffectiveRoutes");
}

#[test]
fn tables_decide_where_they_hold_enough() {
    let routes = "
$ gcloud compute routes list
NAME             NETWORK  DEST_RANGE   NEXT_HOP                  PRIORITY
default-route-1  net1     0.0.0.0/0    default-internet-gateway  1000
default-route-2  net1     10.0.0.0/24  net1                      0
";
    let ingress = "
NAME       NETWORK  DIRECTION  PRIORITY  ALLOW     DENY  DISABLED
allow-rdp  net1     INGRESS    1000      tcp:3389        False
";
    check(
        &[INSTANCES, ingress, routes],
        "vm1 vm1-nic0/35.190.247.13:1688 CannotTell
         InterfaceRules net1: passes
         Route net1: ? NetworkRoutes(\"net1\")
         Outbound nic0: passes @1:2
         Kms kms.windows.googlecloud.com [windows-server-2022-dc]: passes @1:2",
    );
    let egress = "
NAME       NETWORK  DIRECTION  PRIORITY  ALLOW  DENY              DISABLED
deny-web   net1     EGRESS     900              tcp:80,tcp:443    False
deny-all   net1     EGRESS     1000             all               False

To show all fields of the firewall, please show in JSON format: --format=json
";
    assert!(judged(&[INSTANCES, egress]).contains("InterfaceRules net1: ? NetworkRules"));
    assert!(
        judged(&[INSTANCES, &egress.replace("deny-all", "x").replace("all   ", "udp   ")])
            .contains("InterfaceRules net1: passes")
    );
}

#[test]
fn policies() {
    let policy = |action: &str, association: &str| {
        format!(
            r#"{{
  "associations": [ {{ "attachmentTarget": "{association}", "name": "a" }} ],
  "kind": "compute#firewallPolicy",
  "name": "policy1",
  "rules": [
    {{ "action": "{action}", "direction": "EGRESS", "kind": "compute#firewallPolicyRule", "priority": 10,
      "match": {{ "destIpRanges": [ "0.0.0.0/0" ], "layer4Configs": [ {{ "ipProtocol": "tcp", "ports": [ "1688" ] }} ] }} }}
  ]
}}"#
        )
    };
    let rules = |exports: &[&str]| {
        let judged = judged(exports);
        judged.lines().find(|line| line.starts_with("InterfaceRules")).unwrap_or_default().to_owned()
    };
    let here = "https://www.googleapis.com/compute/v1/projects/contoso/global/networks/net1";
    let ingress = RULES.replace("EGRESS", "INGRESS");
    assert_eq!(
        rules(&[INSTANCES, &ingress, &policy("deny", here)]),
        "InterfaceRules policy1 [10]: RuleDenies(None) @3:1"
    );
    assert_eq!(
        rules(&[INSTANCES, &ingress, &policy("deny", "projects/contoso/global/networks/other")]),
        "InterfaceRules net1: passes"
    );
    assert_eq!(rules(&[INSTANCES, &ingress, &policy("goto_next", here)]), "InterfaceRules net1: passes");
    // Which projects an organisation's policy is for shows in no export of a project.
    assert_eq!(
        rules(&[INSTANCES, &ingress, &policy("deny", "organizations/1")]),
        "InterfaceRules net1: ? FirewallPolicy(\"policy1\")"
    );
    // In the usual order the network's rules come first; without the network itself the order is not known.
    assert_eq!(rules(&[INSTANCES, RULES, &policy("allow", here)]), "InterfaceRules net1: ? NetworkRules(\"net1\")");
    let network = |order: &str| {
        format!("kind: compute#network\nname: net1\nnetworkFirewallPolicyEnforcementOrder: {order}\nselfLink: {here}\n")
    };
    assert_eq!(
        rules(&[INSTANCES, RULES, &policy("allow", here), &network("BEFORE_CLASSIC_FIREWALL")]),
        "InterfaceRules policy1 [10]: passes @3:1"
    );
    assert_eq!(
        rules(&[INSTANCES, RULES, &policy("allow", here), &network("AFTER_CLASSIC_FIREWALL")]),
        "InterfaceRules net1 [deny-egress (1000)]: RuleDenies(None) @2:2"
    );
}

#[test]
fn effective_firewalls_hold_for_the_network_of_their_rules() {
    let effective = format!(
        r#"{{ "firewallPolicys": [ {{ "displayName": "org-policy", "name": "123", "type": "HIERARCHY",
            "rules": [ {{ "action": "deny", "direction": "EGRESS", "priority": 1,
              "match": {{ "destIpRanges": [ "0.0.0.0/0" ], "layer4Configs": [ {{ "ipProtocol": "all" }} ] }} }} ] }} ],
          "firewalls": {RULES} }}"#
    );
    assert!(judged(&[INSTANCES, &effective]).contains("InterfaceRules org-policy [1]: RuleDenies(None) @2:1"));
}

#[test]
fn licences_and_interfaces() {
    let brought = INSTANCES.replace("windows-server-2022-dc", "windows-server-2022-byol");
    assert!(
        judged(&[&brought]).contains("Kms kms.windows.googlecloud.com [windows-server-2022-byol]: LicenceNotCovered")
    );
    let linux = INSTANCES.replace("windows-server-2022-dc", "debian-12").replace("WINDOWS", "VIRTIO");
    assert_eq!(judged(&[&linux]), "");
    let second = INSTANCES.replace("\"subnetwork\"", "\"x\": 1 }, { \"name\": \"nic1\", \"subnetwork\"");
    let judged = judged(&[&second]);
    assert!(judged.contains("vm1-nic1/35.190.247.13:1688") && judged.contains("SecondaryInterface nic1"), "{judged}");
    assert!(judged.contains("Interface nic1: ? Interface"), "{judged}");
}

#[test]
fn machines_of_one_name_are_told_apart() {
    let other = INSTANCES.replace("asia-northeast1", "europe-west1");
    let judged = judged(&[INSTANCES, &other]);
    assert!(judged.contains("vm1.asia-northeast1-a-nic0/") && judged.contains("vm1.europe-west1-a-nic0/"), "{judged}");
}

proptest! {
    #[test]
    fn never_panics_on_damaged_exports(at in 0..RULES.len(), end in 0..RULES.len(), byte: u8) {
        let damaged = |text: &str| {
            let mut bytes = text.as_bytes().to_vec();
            let last = bytes.len();
            bytes[at % last] = byte;
            bytes.truncate((end % last).max(1));
            String::from_utf8_lossy(&bytes).into_owned()
        };
        judged(&[&damaged(INSTANCES), &damaged(RULES), &damaged(ROUTES), &damaged(SUBNET)]);
    }
}
