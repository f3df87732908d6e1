//! What holds at an interface: routes and rules, in every format.

use super::*;

const ROUTES: &str = "routes - None (10.0.0.0/16 Default VirtualNetwork) (0.0.0.0/0 Default Internet off) (20.118.99.224/32 User Internet) (0.0.0.0/0 User VirtualAppliance 10.0.3.4)";

#[test]
fn routes_of_az_with_the_interface_of_the_command() {
    check(
        r#"
mia@contoso:~$ az network nic show-effective-route-table -g rg-kms -n vm1-nic -o json
WARNING: This command is in preview.
{
  "nextLink": null,
  "value": [
    {
      "addressPrefix": ["10.0.0.0/16", "10.1.0.0/16"],
      "disableBgpRoutePropagation": false,
      "name": null,
      "nextHopIpAddress": [],
      "nextHopType": "VnetLocal",
      "source": "Default",
      "state": "Active"
    },
    {
      "addressPrefix": ["0.0.0.0/0"],
      "name": "to-premises",
      "nextHopIpAddress": ["203.0.113.28"],
      "nextHopType": "VirtualNetworkGateway",
      "source": "VirtualNetworkGateway",
      "state": "Active"
    }
  ]
}
"#,
        r#"routes - Some("vm1-nic") (10.0.0.0/16+10.1.0.0/16 Default VirtualNetwork) (to-premises 0.0.0.0/0 Gateway VirtualNetworkGateway 203.0.113.28) @5"#,
    );
}

#[test]
fn routes_of_the_interface_as_a_list_and_by_powershell() {
    let elements = r#"
    {"source":"Default","state":"Active","addressPrefix":["10.0.0.0/16"],"nextHopType":"VnetLocal","nextHopIpAddress":[]},
    {"source":"Default","state":"Invalid","addressPrefix":["0.0.0.0/0"],"nextHopType":"Internet","nextHopIpAddress":[]},
    {"source":"User","state":"Active","addressPrefix":["20.118.99.224/32"],"nextHopType":"Internet","nextHopIpAddress":[]},
    {"source":"User","state":"Active","addressPrefix":["0.0.0.0/0"],"nextHopType":"VirtualAppliance","nextHopIpAddress":["10.0.3.4"]}"#;
    check(&format!("[{elements}]"), &format!("{ROUTES} @1"));
    check(&format!("{{\"value\":[{elements}]}}"), &format!("{ROUTES} @1"));
    let powershell = elements
        .replace("source", "Source")
        .replace("state", "State")
        .replace("addressPrefix", "AddressPrefix")
        .replace("nextHop", "NextHop")
        .replace("[\"10.0.3.4\"]", "{\"value\":[\"10.0.3.4\"],\"Count\":1}");
    check(&format!("PS C:\\> Get-AzEffectiveRouteTable | ConvertTo-Json\n[\n{powershell}\n]"), &format!("{ROUTES} @2"));
}

#[test]
fn routes_as_tables() {
    check(
        "
Source    State    Address Prefix    Next Hop Type     Next Hop IP
--------  -------  ----------------  ----------------  -------------
Default   Active   10.0.0.0/16       VnetLocal
Default   Invalid  0.0.0.0/0         Internet          # not used
User      Active   20.118.99.224/32  Internet
User      Active   0.0.0.0/0         VirtualAppliance  10.0.3.4

mia@contoso:~$ exit",
        &format!("{ROUTES} @3"),
    );
    check(
        "
Source,State,Address Prefixes,Next Hop Type,Next Hop Type IP Address,User Defined Route Name
Default,Active,10.0.0.0/16,Virtual network,-,-
Default,Invalid,0.0.0.0/0,Internet,-,-
User,Active,20.118.99.224/32,Internet,-,-
User,Active,0.0.0.0/0,Virtual appliance,10.0.3.4,-
",
        &format!("{ROUTES} @2"),
    );
    check(
        "
ソース,状態,アドレス プレフィックス,次ホップの種類,次ホップの種類の IP アドレス,ユーザー定義ルート名
既定,アクティブ,10.0.0.0/16,仮想ネットワーク,-,-
既定,無効,0.0.0.0/0,インターネット,-,-
ユーザー,アクティブ,20.118.99.224/32,インターネット,-,-
ユーザー,アクティブ,0.0.0.0/0,仮想アプライアンス,10.0.3.4,-
",
        &format!("{ROUTES} @2"),
    );
    check(
        "
PS C:\\> Get-AzEffectiveRouteTable -NetworkInterfaceName vm1-nic -ResourceGroupName rg

Name             :
State            : Active
Source           : User
AddressPrefix    : {0.0.0.0/0}
NextHopType      : VirtualAppliance
NextHopIpAddress : {10.0.3.4}
",
        "routes - Some(\"vm1-nic\") (0.0.0.0/0 User VirtualAppliance 10.0.3.4) @3",
    );
}

#[test]
fn routes_that_are_cut_off_say_so() {
    let cut = r#"{"value":[
{"source":"User","state":"Active","addressPrefix":["0.0.0.0/0"],"nextHopType":"None","nextHopIpAddress":[]},
{"source":"User","state":"Act"#;
    check(cut, "routes - None (0.0.0.0/0 User None) (?cut off User Unknown(\"\")) @1");
    assert!(found(cut.as_bytes()).is_cut_off);
    let paged = r#"{"value":[{"source":"User","state":"Active","addressPrefix":["0.0.0.0/0"],"nextHopType":"None"}],"nextLink":"https://management.azure.com/next"}"#;
    check(paged, "routes - None (0.0.0.0/0 User None) (?cut off User Unknown(\"\")) @1");
    let single = r#"{"source":"User","state":"Active","addressPrefix":["0.0.0.0/0"],"nextHopType":"None"}"#;
    check(
        &format!("{single}\n{single}"),
        "routes - None (0.0.0.0/0 User None) (0.0.0.0/0 User None) (?cut off User Unknown(\"\")) @1",
    );
}

#[test]
fn rules_of_the_interface() {
    check(
        r#"
{
  "value": [
    {
      "association": {"networkInterface": {"id": "/subscriptions/1/resourceGroups/rg/providers/Microsoft.Network/networkInterfaces/vm1-nic"}},
      "networkSecurityGroup": {"id": "/subscriptions/1/resourceGroups/rg/providers/Microsoft.Network/networkSecurityGroups/nsg1"},
      "effectiveSecurityRules": [
        {"access": "Deny", "destinationAddressPrefix": "Internet", "destinationAddressPrefixes": ["Internet"], "destinationPortRange": "0-65535", "destinationPortRanges": ["0-65535"], "direction": "Outbound", "expandedDestinationAddressPrefix": ["1.0.0.0/8", "20.0.0.0/6"], "name": "securityRules/DenyInternet", "priority": 200, "protocol": "All", "sourceAddressPrefix": "0.0.0.0/0", "sourceAddressPrefixes": ["0.0.0.0/0"], "sourcePortRange": "0-65535", "sourcePortRanges": ["0-65535"]},
        {"access": "Deny", "destinationAddressPrefix": "0.0.0.0/0", "destinationPortRange": "1688-1688", "direction": "Outbound", "name": "UserRule_DenyAll", "priority": 300, "protocol": "Tcp", "sourceAddressPrefix": "*", "sourcePortRange": "0-65535"},
        {"access": "Deny", "destinationAddressPrefix": "0.0.0.0/0", "destinationPortRange": "0-65535", "direction": "Outbound", "name": "defaultSecurityRules/DenyAllOutBound", "priority": 65500, "protocol": "All", "sourceAddressPrefix": "0.0.0.0/0", "sourcePortRange": "0-65535"}
      ]
    },
    {
      "association": {"subnet": {"id": "/subscriptions/1/resourceGroups/rg/providers/Microsoft.Network/virtualNetworks/vnet1/subnets/app"}},
      "networkSecurityGroup": {"id": "/subscriptions/1/resourceGroups/rg/providers/Microsoft.Network/networkSecurityGroups/nsg2"},
      "effectiveSecurityRules": [
        {"access": "Allow", "destinationAddressPrefix": "AzurePlatformLKM", "destinationPortRange": "1688", "direction": "Outbound", "name": "r", "priority": 100, "protocol": "Tcp", "sourceAddressPrefix": "VirtualNetwork", "sourcePortRange": "0-65535"}
      ]
    }
  ]
}"#,
        "effective nsg=networksecuritygroups/nsg1 nic=networkinterfaces/vm1-nic subnet=- DenyInternet(200 out deny Any 0.0.0.0/0:*>Internet(2):*) DenyAll(300 out deny Tcp *:*>0.0.0.0/0:1688) DenyAllOutBound(65500 out deny Any 0.0.0.0/0:*>0.0.0.0/0:*) @3
         effective nsg=networksecuritygroups/nsg2 nic=networkinterfaces/vm1-nic subnet=subnets/app r(100 out allow Tcp VirtualNetwork:*>AzurePlatformLKM:1688) @12",
    );
}

#[test]
fn rules_alone_and_rules_cut_off() {
    let one = r#"{"access": "Deny", "destinationAddressPrefix": "*", "destinationPortRange": "0-65535", "direction": "Outbound", "name": "DefaultOutboundDenyAll", "priority": 65500, "protocol": "All", "sourceAddressPrefix": "*", "sourcePortRange": "0-65535"}"#;
    check(
        &format!("az network nic list-effective-nsg -n vm1-nic -g rg\n[{one}]"),
        "effective nsg=- nic=vm1-nic subnet=- DefaultOutboundDenyAll(65500 out deny Any *:*>*:*) @2",
    );
    check(
        &format!("{{\"value\": [{{\"networkSecurityGroup\": {{}}, \"effectiveSecurityRules\": [{one},"),
        "effective nsg=- nic=- subnet=- cut off(0 out deny Any *:*>?:*) @1",
    );
}
