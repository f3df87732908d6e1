//! Every kind of resource, as `az` writes it.

use super::*;

const NETWORK: &str = "/subscriptions/1/resourceGroups/rg/providers/Microsoft.Network";

/// Puts the prefix of ids in place of `~`.
fn check_kind(input: &str, expect: &str) {
    check(&input.replace('~', NETWORK), expect);
}

#[test]
fn machines() {
    check(
        r#"
[{
  "id": "/subscriptions/1/resourceGroups/rg/providers/Microsoft.Compute/virtualMachines/vm1",
  "name": "vm1", "location": "japaneast", "licenseType": "Windows_Server",
  "type": "Microsoft.Compute/virtualMachines", "resources": null, "powerState": "VM running", "privateIps": "10.0.0.4",
  "availabilitySet": {"id": "/subscriptions/1/resourceGroups/RG/providers/Microsoft.Compute/availabilitySets/SET1"},
  "networkProfile": {"networkInterfaces": [{"id": "/a/networkInterfaces/nic1", "primary": true}, {"id": "/a/networkInterfaces/nic2", "primary": null}]},
  "storageProfile": {"imageReference": {"publisher": "MicrosoftWindowsServer", "offer": "WindowsServer", "sku": "2022-datacenter-azure-edition", "version": "latest"}, "osDisk": {"osType": "Windows"}}
}]"#,
        r#"vm vm1 virtualmachines/vm1 Some("japaneast") set=availabilitysets/set1 Some("MicrosoftWindowsServer/WindowsServer/2022-datacenter-azure-edition") Some("Windows_Server") Some("Windows") [networkinterfaces/nic1:Some(true) networkinterfaces/nic2:None] @1"#,
    );
}

#[test]
fn interfaces() {
    check_kind(
        r#"
{
  "id": "~/networkInterfaces/vm1-nic", "name": "vm1-nic", "type": "Microsoft.Network/networkInterfaces", "primary": true,
  "networkSecurityGroup": {"id": "~/networkSecurityGroups/nsg1", "resourceGroup": "rg"},
  "virtualMachine": {"id": "/subscriptions/1/resourceGroups/rg/providers/Microsoft.Compute/virtualMachines/vm1"},
  "ipConfigurations": [
    {"name": "ipconfig1", "primary": true, "privateIPAddress": "10.0.0.4", "subnet": {"id": "~/virtualNetworks/vnet1/subnets/app"},
     "publicIPAddress": {"id": "~/publicIPAddresses/pip1"},
     "applicationSecurityGroups": [{"id": "~/applicationSecurityGroups/web"}],
     "loadBalancerBackendAddressPools": [{"id": "~/loadBalancers/lb1/backendAddressPools/pool1"}]},
    {"name": "ipconfig2", "primary": false, "privateIpAddress": "fd00::4", "publicIPAddress": null, "loadBalancerBackendAddressPools": null},
    {"name": "ipconfig3", "publicIPAddress": "Microsoft.Azure.Commands.Network.Models.PSPublicIpAddress", "loadBalancerBackendAddressPools": "…"}
  ]
}"#,
        "nic vm1-nic networkinterfaces/vm1-nic vm=virtualmachines/vm1 Some(true) nsg=networksecuritygroups/nsg1 (Some(true) Some(10.0.0.4) subnet=subnets/app public=publicipaddresses/pip1 pools=backendaddresspools/pool1 groups=applicationsecuritygroups/web) (Some(false) Some(fd00::4) subnet=- public=- pools= groups=) (None None subnet=- public=? pools=? groups=) @1",
    );
}

#[test]
fn networks_and_subnets() {
    check_kind(
        r#"
{
  "id": "~/virtualNetworks/vnet1", "name": "vnet1", "type": "Microsoft.Network/virtualNetworks",
  "addressSpace": {"addressPrefixes": ["10.0.0.0/16"]}, "dhcpOptions": {"dnsServers": ["10.0.0.5", "x"]},
  "subnets": [
    {"id": "~/virtualNetworks/vnet1/subnets/app", "name": "app", "addressPrefix": "10.0.0.0/24", "addressPrefixes": null, "defaultOutboundAccess": false,
     "networkSecurityGroup": {"id": "~/networkSecurityGroups/nsg2"}, "routeTable": {"id": "~/routeTables/rt1"}, "natGateway": {"id": "~/natGateways/nat1"}},
    {"id": "~/virtualNetworks/vnet1/subnets/GatewaySubnet", "name": "GatewaySubnet", "addressPrefixes": ["10.0.1.0/27", "fd00::/64"]}
  ],
  "virtualNetworkPeerings": [
    {"name": "to-hub", "peeringState": "Connected", "useRemoteGateways": true, "remoteVirtualNetwork": {"id": "~/virtualNetworks/hub"}, "remoteAddressSpace": {"addressPrefixes": ["10.9.0.0/16"]}}
  ]
}"#,
        "subnet app subnets/app 10.0.0.0/24 nsg=networksecuritygroups/nsg2 rt=routetables/rt1 nat=natgateways/nat1 Some(false) @5
         subnet GatewaySubnet subnets/gatewaysubnet 10.0.1.0/27 fd00::/64 nsg=- rt=- nat=- None @7
         vnet vnet1 virtualnetworks/vnet1 10.0.0.0/16 dns=Some([10.0.0.5]) (to-hub virtualnetworks/hub 10.9.0.0/16 true true) @1",
    );
    check_kind(
        r#"{"id": "~/virtualNetworks/vnet1/subnets/app", "name": "app", "addressPrefix": "10.0.0.0/24"}"#,
        "subnet app subnets/app 10.0.0.0/24 nsg=- rt=- nat=- None @1",
    );
}

#[test]
fn security_groups() {
    check_kind(
        r#"
{
  "id": "~/networkSecurityGroups/nsg1", "name": "nsg1", "type": "Microsoft.Network/networkSecurityGroups",
  "securityRules": [
    {"name": "AllowKms", "priority": 100, "direction": "Outbound", "access": "Allow", "protocol": "TCP", "sourceAddressPrefix": "", "sourceAddressPrefixes": ["10.0.0.0/24", "10.0.2.4"], "sourcePortRange": "*",
     "destinationAddressPrefix": "20.118.99.224", "destinationPortRanges": ["443", "1688"]},
    {"name": "DenyWeb", "priority": 200, "direction": "Outbound", "access": "Deny", "protocol": "*", "sourceApplicationSecurityGroups": [{"id": "~/applicationSecurityGroups/web"}], "sourcePortRange": "1024-65535", "destinationAddressPrefix": "10.0.0.1-10.0.0.9", "destinationPortRange": "*"},
    {"name": "Odd", "priority": 99999999999999999999, "direction": "Sideways", "access": 7, "protocol": "x", "destinationAddressPrefix": "[reference('a')]"}
  ]
}"#,
        &format!(
            "nsg nsg1 networksecuritygroups/nsg1 AllowKms(100 out allow Tcp 10.0.0.0/24+10.0.2.4/32:*>20.118.99.224/32:443+1688) DenyWeb(200 out deny Any applicationsecuritygroups/web:1024-65535>10.0.0.1..10.0.0.9:*) Odd(0 out deny Any *:*>?99999999999999999999:*) {OWN} @1"
        ),
    );
    check_kind(
        r#"
[{"id": "~/networkSecurityGroups/nsg1/securityRules/DenyAll", "name": "DenyAll", "priority": 4096, "direction": "Outbound", "access": "Deny", "protocol": "*", "sourceAddressPrefix": "*", "sourcePortRange": "*", "destinationAddressPrefix": "0.0.0.0/0", "destinationPortRange": "*"},
 {"id": "~/networkSecurityGroups/nsg1/defaultSecurityRules/DenyAllOutBound", "name": "DenyAllOutBound", "priority": 65500, "direction": "Outbound", "access": "Deny", "protocol": "*", "sourceAddressPrefix": "*", "sourcePortRange": "*", "destinationAddressPrefix": "*", "destinationPortRange": "*"}]"#,
        "nsg nsg1 networksecuritygroups/nsg1 DenyAll(4096 out deny Any *:*>0.0.0.0/0:*) DenyAllOutBound(65500 out deny Any *:*>*:*) @1",
    );
    check(
        "
mia@contoso:~$ az network nsg rule list -g rg --nsg-name nsg1 -o table
Name      ResourceGroup    Priority    SourcePortRanges    SourceAddressPrefixes    SourceASG    Access    Protocol    Direction    DestinationPortRanges    DestinationAddressPrefixes    DestinationASG
--------  ---------------  ----------  ------------------  -----------------------  -----------  --------  ----------  -----------  -----------------------  ----------------------------  ----------------
DenyAll   rg               4096        *                   *                        None         Deny      *           Outbound     80 1688                  0.0.0.0/0                     None
",
        &format!("nsg nsg1 - DenyAll(4096 out deny Any *:*>0.0.0.0/0:80+1688) {OWN} @4"),
    );
}

#[test]
fn route_tables() {
    check_kind(
        r#"
{
  "id": "~/routeTables/rt1", "name": "rt1", "type": "Microsoft.Network/routeTables", "disableBgpRoutePropagation": true,
  "routes": [
    {"name": "kms", "addressPrefix": "20.118.99.224/32", "nextHopType": "Internet", "nextHopIpAddress": ""},
    {"name": "tag", "addressPrefix": "AzurePlatformLKM", "nextHopType": "Internet"},
    {"name": "all", "addressPrefix": "0.0.0.0/0", "nextHopType": "VirtualAppliance", "nextHopIpAddress": "10.0.3.4"}
  ]
}"#,
        "rt rt1 routetables/rt1 true (kms 20.118.99.224/32 User Internet) (tag AzurePlatformLKM User Internet) (all 0.0.0.0/0 User VirtualAppliance 10.0.3.4) @1",
    );
    check_kind(
        r#"[{"id": "~/routeTables/rt1/routes/all", "name": "all", "addressPrefix": "0.0.0.0/0", "nextHopType": "None", "type": "Microsoft.Network/routeTables/routes"}]"#,
        "rt rt1 routetables/rt1 false (all 0.0.0.0/0 User None) @1",
    );
}

#[test]
fn ways_out() {
    check_kind(
        r#"
[{"id": "~/publicIPAddresses/pip1", "name": "pip1", "ipAddress": "203.0.113.7", "publicIPAllocationMethod": "Static", "type": "Microsoft.Network/publicIPAddresses"},
 {"id": "~/publicIPAddresses/pip2", "name": "pip2", "ipAddress": null, "publicIPAllocationMethod": "Dynamic", "type": "Microsoft.Network/publicIPAddresses"},
 {"id": "~/natGateways/nat1", "name": "nat1", "sku": {"name": "Standard"}, "publicIpAddresses": [{"id": "~/publicIPAddresses/pip1"}], "subnets": [{"id": "~/virtualNetworks/vnet1/subnets/app"}], "type": "Microsoft.Network/natGateways"},
 {"id": "~/natGateways/nat2", "name": "nat2", "sku": {"name": "Standard"}, "publicIpAddresses": [], "publicIpPrefixes": null, "type": "Microsoft.Network/natGateways"}]"#,
        "pip pip1 publicipaddresses/pip1 Some(203.0.113.7) @1
         pip pip2 publicipaddresses/pip2 None @2
         nat nat1 natgateways/nat1 true Some(\"subnets/app\") @3
         nat nat2 natgateways/nat2 false None @4",
    );
}

#[test]
fn load_balancers() {
    check_kind(
        r#"
{
  "id": "~/loadBalancers/lb1", "name": "lb1", "sku": {"name": "Standard", "tier": "Regional"}, "type": "Microsoft.Network/loadBalancers",
  "frontendIPConfigurations": [{"id": "~/loadBalancers/lb1/frontendIPConfigurations/front", "name": "front", "privateIPAddress": "10.0.0.10"}, {"name": "out", "publicIPAddress": {"id": "~/publicIPAddresses/pip1"}}],
  "backendAddressPools": [{"id": "~/loadBalancers/lb1/backendAddressPools/pool1", "name": "pool1", "backendIPConfigurations": [{"id": "~/networkInterfaces/nic1/ipConfigurations/ipconfig1"}], "loadBalancerBackendAddresses": [{"name": "a", "ipAddress": "10.0.0.4"}]}],
  "loadBalancingRules": [{"name": "kms", "protocol": "Tcp", "frontendPort": 1688, "backendPort": 1688, "frontendIPConfiguration": {"id": "~/loadBalancers/lb1/frontendIPConfigurations/front"}, "backendAddressPool": {"id": "~/loadBalancers/lb1/backendAddressPools/pool1"}, "probe": {"id": "~/loadBalancers/lb1/probes/p1"}, "disableOutboundSnat": true, "loadDistribution": "SourceIP"}, {"name": "odd", "frontendPort": 70000, "backendPort": 1}],
  "outboundRules": [{"name": "out", "protocol": "All", "backendAddressPool": {"id": "~/loadBalancers/lb1/backendAddressPools/pool1"}}],
  "probes": [{"name": "p1", "protocol": "Tcp", "port": 1688}]
}"#,
        "lb lb1 Some(\"Standard\") (frontendipconfigurations/front Some(10.0.0.10) false) (frontendipconfigurations/out None true) (backendaddresspools/pool1 ipconfigurations/ipconfig1 [10.0.0.4]) (kms frontendipconfigurations/front backendaddresspools/pool1 probes/p1 Tcp 1688>1688 true Some(\"SourceIP\")) (out backendaddresspools/pool1 Any) (probes/p1 Tcp 1688) @1",
    );
}

#[test]
fn firewalls() {
    check_kind(
        r#"
[{
  "id": "~/azureFirewalls/fw1", "name": "fw1", "type": "Microsoft.Network/azureFirewalls", "additionalProperties": {"Network.DNS.EnableProxy": "true"},
  "ipConfigurations": [{"name": "a", "privateIPAddress": "10.0.3.4", "subnet": {"id": "~/virtualNetworks/hub/subnets/AzureFirewallSubnet"}, "publicIPAddress": {"id": "~/publicIPAddresses/pip1"}}],
  "networkRuleCollections": [{"name": "net", "priority": 200, "action": {"type": "Allow"}, "rules": [{"name": "kms", "protocols": ["TCP"], "sourceAddresses": ["*"], "destinationAddresses": ["20.118.99.224", "40.83.235.53"], "destinationPorts": ["1688"]}]}],
  "applicationRuleCollections": [{"name": "app", "priority": 300, "action": {"type": "Allow"}, "rules": [{"name": "wu", "protocols": [{"protocolType": "Https", "port": 443}], "sourceAddresses": ["10.0.0.0/16"], "targetFqdns": ["*.contoso.com"], "fqdnTags": ["WindowsUpdate"]}]}],
  "natRuleCollections": []
},
{
  "id": "~/azureFirewalls/fw2", "name": "fw2", "type": "Microsoft.Network/azureFirewalls", "virtualHub": {"id": "~/virtualHubs/hub1"}, "firewallPolicy": {"id": "~/firewallPolicies/p1"},
  "hubIPAddresses": {"privateIPAddress": "10.100.0.132", "publicIPs": {"addresses": [{"address": "203.0.113.9"}], "count": 1}}
}]"#,
        "fw fw1 azurefirewalls/fw1 [10.0.3.4] subnet=subnets/azurefirewallsubnet Some(true) hub=- policy=- Some(true) net(200 Network allow kms([Tcp] *>20.118.99.224/32+40.83.235.53/32:1688)) app(300 Application allow wu([] 10.0.0.0/16>'*.contoso.com'+WindowsUpdate:)) @1
         fw fw2 azurefirewalls/fw2 [10.100.0.132] subnet=- Some(true) hub=virtualhubs/hub1 policy=firewallpolicies/p1 None @8",
    );
}

#[test]
fn policies() {
    check_kind(
        r#"
{"id": "~/firewallPolicies/p1", "name": "p1", "type": "Microsoft.Network/FirewallPolicies", "basePolicy": {"id": "~/firewallPolicies/base"}, "dnsSettings": {"enableProxy": true, "servers": []}, "ruleCollectionGroups": [{"id": "~/firewallPolicies/p1/ruleCollectionGroups/g1"}]}
{"id": "~/firewallPolicies/p1/ruleCollectionGroups/g1", "name": "g1", "type": "Microsoft.Network/FirewallPolicies/RuleCollectionGroups", "priority": 200,
 "ruleCollections": [
  {"ruleCollectionType": "FirewallPolicyFilterRuleCollection", "name": "c1", "priority": 100, "action": {"type": "Deny"}, "rules": [
    {"ruleType": "NetworkRule", "name": "n", "ipProtocols": ["TCP", "UDP"], "sourceIpGroups": ["~/ipGroups/spokes"], "destinationFqdns": ["azkms.core.windows.net"], "destinationPorts": ["1688-1690"]},
    {"ruleType": "NetworkRule", "name": "odd", "ipProtocols": ["x"], "destinationAddresses": ["*"], "destinationPorts": ["y"]},
    {"ruleType": "ApplicationRule", "name": "a", "sourceAddresses": ["*"], "targetFqdns": ["*"]}]},
  {"ruleCollectionType": "FirewallPolicyNatRuleCollection", "name": "c2", "priority": 101, "action": {"type": "DNAT"}, "rules": [{"ruleType": "NatRule", "name": "d", "ipProtocols": ["TCP"], "sourceAddresses": ["*"], "destinationAddresses": ["203.0.113.9"], "destinationPorts": ["1688"], "translatedAddress": "10.0.0.4"}]}
 ]}
{"id": "~/ipGroups/spokes", "name": "spokes", "type": "Microsoft.Network/ipGroups", "ipAddresses": ["10.0.0.0/16", "10.1.0.4", "10.2.0.1-10.2.0.9"]}"#,
        "policy p1 firewallpolicies/base Some(\"rulecollectiongroups/g1\") Some(true) @1
         rcg g1 rulecollectiongroups/g1 200 c1(100 Network deny n([Tcp, Other] ipgroups/spokes>'azkms.core.windows.net':1688-1690) odd([Any] ?sources>?x:*)) c1(100 Application deny a([] *>'*':)) c2(101 Nat deny d([Tcp] *>203.0.113.9/32:1688)) @2
         ipgroup ipgroups/spokes 10.0.0.0/16+10.1.0.4/32+10.2.0.1..10.2.0.9 @10",
    );
}

#[test]
fn virtual_wan() {
    check_kind(
        r#"
[{"id": "~/virtualHubs/hub1", "name": "hub1", "type": "Microsoft.Network/virtualHubs", "addressPrefix": "10.100.0.0/23", "azureFirewall": {"id": "~/azureFirewalls/fw2"}},
 {"id": "~/virtualHubs/hub1/hubVirtualNetworkConnections/c1", "name": "c1", "type": "Microsoft.Network/virtualHubs/hubVirtualNetworkConnections", "enableInternetSecurity": true, "remoteVirtualNetwork": {"id": "~/virtualNetworks/vnet1"}},
 {"id": "~/virtualHubs/hub1/routingIntent/intent1", "name": "intent1", "type": "Microsoft.Network/virtualHubs/routingIntent", "routingPolicies": [{"name": "a", "destinations": ["PrivateTraffic"], "nextHop": "~/azureFirewalls/other"}, {"name": "b", "destinations": ["Internet"], "nextHop": "~/azureFirewalls/fw2"}]}]"#,
        "hub virtualhubs/hub1 azurefirewalls/fw2 @1
         connection hubvirtualnetworkconnections/c1 virtualnetworks/vnet1 true @2
         intent routingintent/intent1 azurefirewalls/fw2 @3",
    );
}
