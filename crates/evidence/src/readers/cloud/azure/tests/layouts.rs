//! Layouts of an export: the interface of Azure, templates, Resource Graph, several documents, damage.

use super::*;

#[test]
fn properties_below_properties() {
    check(
        r#"
{"value": [
 {"name": "vm1-nic", "id": "/subscriptions/1/resourceGroups/rg/providers/Microsoft.Network/networkInterfaces/vm1-nic",
  "properties": {"ipConfigurations": [{"name": "a", "properties": {"privateIPAddress": "10.0.0.4", "primary": true, "subnet": {"id": "/a/subnets/app"}}}], "enableIPForwarding": false},
  "type": "Microsoft.Network/networkInterfaces"},
 {"name": "rt1", "id": "/subscriptions/1/resourceGroups/rg/providers/Microsoft.Network/routeTables/rt1", "type": "Microsoft.Network/routeTables",
  "properties": {"disableBgpRoutePropagation": true, "routes": [{"name": "all", "properties": {"addressPrefix": "0.0.0.0/0", "nextHopType": "VirtualNetworkGateway"}}]}}
]}"#,
        "nic vm1-nic networkinterfaces/vm1-nic vm=- None nsg=- (Some(true) Some(10.0.0.4) subnet=subnets/app public=- pools= groups=) @2
         rt rt1 routetables/rt1 true (all 0.0.0.0/0 User VirtualNetworkGateway) @5",
    );
}

#[test]
fn templates() {
    check(
        r#"
{
  "$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#",
  "contentVersion": "1.0.0.0",
  "resources": [
    {"type": "Microsoft.Network/networkInterfaces", "name": "[parameters('nic')]", "apiVersion": "2023-09-01", "location": "japaneast",
     "dependsOn": ["[resourceId('Microsoft.Network/virtualNetworks/subnets', parameters('vnet'), 'app')]"],
     "properties": {"ipConfigurations": [{"name": "a", "properties": {"subnet": {"id": "[resourceId('Microsoft.Network/virtualNetworks/subnets', parameters('vnet'), 'app')]"},
       "publicIPAddress": {"id": "[parameters('publicIPAddresses_far_externalid')]"}}}],
       "networkSecurityGroup": {"id": "[resourceId('Microsoft.Network/networkSecurityGroups', variables('nsg'))]"}}},
    {"type": "Microsoft.Network/virtualNetworks", "name": "[parameters('vnet')]",
     "properties": {"addressSpace": {"addressPrefixes": ["10.0.0.0/16"]}, "subnets": [{"name": "app", "properties": {"addressPrefix": "10.0.0.0/24"}}]},
     "resources": [{"type": "subnets", "name": "db", "properties": {"addressPrefix": "10.0.1.0/24"}}]},
    {"type": "Microsoft.Network/networkSecurityGroups", "name": "nsg1", "properties": {"securityRules": [{"name": "DenyKms", "properties": {"priority": 100, "direction": "Outbound", "access": "Deny", "protocol": "Tcp", "sourceAddressPrefix": "*", "sourcePortRange": "*", "destinationAddressPrefix": "AzurePlatformLKM", "destinationPortRange": "1688"}}]}},
    {"type": "Microsoft.Network/networkSecurityGroups/securityRules", "name": "[concat(variables('nsg'), '/denykms')]", "properties": {"priority": 100, "direction": "Outbound", "access": "Deny", "protocol": "Tcp"}},
    {"type": "Microsoft.Network/networkSecurityGroups/securityRules", "name": "[concat(variables('nsg'), '/AllowWeb')]", "properties": {"priority": 200, "direction": "Outbound", "access": "Allow", "protocol": "Tcp", "sourceAddressPrefix": "*", "sourcePortRange": "*", "destinationAddressPrefix": "*", "destinationPortRange": "443"}},
    {"type": "Microsoft.Network/routeTables", "name": "rt1", "properties": {"routes": []}},
    {"type": "Microsoft.Network/routeTables/routes", "name": "rt1/all", "properties": {"addressPrefix": "0.0.0.0/0", "nextHopType": "VirtualAppliance", "nextHopIpAddress": "10.0.3.4"}},
    {"type": "Microsoft.Network/firewallPolicies/ruleCollectionGroups", "name": "p1/g1", "properties": {"priority": 1, "ruleCollections": []}}
  ],
  "variables": {"nsg": "nsg1"},
  "parameters": {
    "nic": {"defaultValue": "vm1-nic", "type": "String"},
    "vnet": {"defaultValue": "vnet1", "type": "String"},
    "publicIPAddresses_far_externalid": {"defaultValue": "/subscriptions/1/resourceGroups/rg/providers/Microsoft.Network/publicIPAddresses/far", "type": "String"}
  }
}"#,
        &format!(
            "nic vm1-nic networkinterfaces/vm1-nic vm=- None nsg=networksecuritygroups/nsg1 (None None subnet=subnets/app public=publicipaddresses/far pools= groups=) @5
             subnet db subnets/db 10.0.1.0/24 nsg=- rt=- nat=- None @12
             subnet app subnets/app 10.0.0.0/24 nsg=- rt=- nat=- None @11
             vnet vnet1 virtualnetworks/vnet1 10.0.0.0/16 dns=Some([]) ? @10
             nsg nsg1 networksecuritygroups/nsg1 DenyKms(100 out deny Tcp *:*>AzurePlatformLKM:1688) AllowWeb(200 out allow Tcp *:*>*:443) {OWN} @13
             rt rt1 routetables/rt1 false (all 0.0.0.0/0 User VirtualAppliance 10.0.3.4) @16
             rcg g1 rulecollectiongroups/g1 1 @18"
        ),
    );
}

#[test]
fn a_template_in_an_envelope() {
    check(
        r#"{"template": {"contentVersion": "1.0.0.0", "resources": [{"type": "Microsoft.Network/routeTables", "name": "[parameters('unknown')]", "properties": {"routes": []}}]}}"#,
        "rt [parameters('unknown')] routetables/[parameters('unknown')] false @1",
    );
}

#[test]
fn resource_graph() {
    let id = "/subscriptions/1/resourceGroups/rg/providers/Microsoft.Network/routeTables/rt1";
    let expect = "rt rt1 routetables/rt1 true (all 0.0.0.0/0 User None)";
    check(
        &format!(
            r#"{{"count": 1, "data": [{{"id": "{id}", "name": "rt1", "type": "microsoft.network/routetables", "properties": {{"disableBgpRoutePropagation": true, "routes": [{{"name": "all", "properties": {{"addressPrefix": "0.0.0.0/0", "nextHopType": "None"}}}}]}}}}], "skip_token": null, "total_records": 1}}"#
        ),
        &format!("{expect} @1"),
    );
    check(
        &format!(
            "\"id\",\"name\",\"type\",\"location\",\"properties\"\n\"{id}\",\"rt1\",\"microsoft.network/routetables\",\"japaneast\",\"{{\"\"disableBgpRoutePropagation\"\":true,\"\"routes\"\":[{{\"\"name\"\":\"\"all\"\",\"\"properties\"\":{{\"\"addressPrefix\"\":\"\"0.0.0.0/0\"\",\"\"nextHopType\"\":\"\"None\"\"}}}}]}}\"\n"
        ),
        &format!("{expect} @2"),
    );
}

#[test]
fn several_documents_in_one_file() {
    let table = |name: &str| format!(r#"{{"type": "Microsoft.Network/routeTables", "name": "{name}", "routes": []}}"#);
    check(
        &format!(
            "$ az network route-table show -n rt1\n{}\n\n$ az network route-table list\n[\n  {},\n  {}\n]\n",
            table("rt1"),
            table("rt2"),
            table("rt3")
        ),
        "rt rt1 routetables/rt1 false @2
         rt rt2 routetables/rt2 false @6
         rt rt3 routetables/rt3 false @7",
    );
}

#[test]
fn what_was_whole_before_the_cut_counts() {
    let list = r#"[{"type": "Microsoft.Network/routeTables", "name": "rt1", "routes": []}, {"type": "Microsoft.Network/routeTables", "name": "rt2", "rou"#;
    check(list, "rt rt1 routetables/rt1 false @1");
    assert!(found(list.as_bytes()).is_cut_off);
    let elided = "[{\"type\": \"Microsoft.Network/routeTables\", \"name\": \"rt1\", \"routes\": []},\n ...\n {\"type\": \"Microsoft.Network/routeTables\", \"name\": \"rt9\", \"routes\": []}]";
    check(elided, "rt rt1 routetables/rt1 false @1\nrt rt9 routetables/rt9 false @3");
}

#[test]
fn other_encodings() {
    let text = r#"[{"type": "Microsoft.Network/routeTables", "name": "経路", "routes": []}]"#;
    let utf16: Vec<u8> = format!("\u{feff}{text}\r\n").encode_utf16().flat_map(u16::to_le_bytes).collect();
    let shown: Vec<String> = found(&utf16).resources.iter().map(show).collect();
    assert_eq!(shown, ["rt 経路 routetables/経路 false @1"]);
}

#[test]
fn wrong_types_say_nothing() {
    check(
        r#"[{"type": "Microsoft.Network/networkInterfaces", "name": 7, "ipConfigurations": [1, "x", null, {"primary": "yes", "privateIPAddress": 4, "subnet": []}], "networkSecurityGroup": "…"}]"#,
        "nic 7 networkinterfaces/7 vm=- None nsg=? (None None subnet=- public=- pools= groups=) @1",
    );
}

#[test]
fn lines_of_exports_are_told() {
    let list = "[{\"type\": \"Microsoft.Network/routeTables\",\n\"name\": \"rt1\", \"routes\": []}]";
    let lines = |text: &str| found(text.as_bytes()).lines;
    assert_eq!(lines(&format!("C:\\>az x\n{list}\n{list} C:\\>\n")), [1..3, 3..4]);
    assert_eq!(lines(&list.replace(']', "")), []);
    assert_eq!(lines(&format!("{list}\n[{{\"a\": 1}}]\n{list}")), [0..2, 3..5]);
}
