use kmsdoctor_core::artifact::Artifact;
use proptest::prelude::*;

use super::*;
use crate::readers::testing;

const ID: &str = "9bd77860-9b31-4b7b-96ad-2564017315bf";

fn check(input: &str, expect: &str) {
    let input = input.strip_prefix('\n').unwrap_or(input).replace('#', ID);
    let hash: String = Artifact::new("", input.as_bytes().to_vec(), None).sha256().chars().take(HASH_CHARS).collect();
    testing::check(read, &input, &expect.replace('#', ID).replace("HASH", &hash));
}

const CLIENT: &str = "
PS C:\\> Get-CimInstance SoftwareLicensingProduct -Filter \"PartialProductKey IS NOT NULL\" | fl *

ADActivationObjectDN                           :
ADActivationObjectName                         :
ApplicationID                                  : 55c92734-d682-4d71-983e-d6ec3f16059f
Description                                    : Windows(R) Operating System, VOLUME_KMSCLIENT channel
DiscoveredKeyManagementServiceMachineName      : kms1.contoso.com
DiscoveredKeyManagementServiceMachinePort      : 1688
EvaluationEndDate                              : 01.01.1601 01:00:00
GracePeriodRemaining                           : 253564
ID                                             : #
IsKeyManagementServiceMachine                  : 0
KeyManagementServiceCurrentCount               : 4294967295
KeyManagementServiceMachine                    :
KeyManagementServicePort                       : 0
LicenseIsAddon                                 : False
LicenseStatus                                  : 1
LicenseStatusReason                            : 1074066433
Name                                           : Windows(R), ServerStandard
                                                 edition
PartialProductKey                              : WXY23
ProductKeyChannel                              : Volume:GVLK
VLActivationInterval                           : 120
VLActivationType                               : 2
VLActivationTypeEnabled                        : 0
VLRenewalInterval                              : 10080
PSComputerName                                 :
";

#[test]
fn a_client_as_list() {
    check(
        CLIENT,
        "# license.product = Windows(R), ServerStandard edition @19
         # license.application = windows @5
         # license.channel = gvlk @22
         # license.key-installed = true @21
         # license.partial-key = WXY23 @21
         # license.status = licensed @17
         # license.minutes-left = 253564 @10
         machine kms.pinned-host absent @14
         machine kms.cached-host = kms1.contoso.com @7
         machine kms.activation-type = any @25
         machine kms.activation-interval = 120 @23
         machine kms.renewal-interval = 10080 @26
         kms1.contoso.com:1688 endpoint.used = true @7",
    );
}

#[test]
fn a_notification_with_a_signed_or_unsigned_reason() {
    for reason in ["-1073418225", "3221549071", "0xC004F00F"] {
        check(
            &format!(
                "
Name                        : Windows(R), Enterprise edition
LicenseStatus               : 5
LicenseStatusReason         : {reason}
GracePeriodRemaining        : 0
PartialProductKey           : WXY23
KeyManagementServiceMachine : kms2.contoso.com
KeyManagementServicePort    : 1700
VLActivationTypeEnabled     : 1"
            ),
            "windows:wxy23 license.product = Windows(R), Enterprise edition @1
             windows:wxy23 license.application = windows @1
             windows:wxy23 license.key-installed = true @5
             windows:wxy23 license.partial-key = WXY23 @5
             windows:wxy23 license.status = notification @2
             windows:wxy23 license.reason = 0xC004F00F @3
             machine kms.pinned-host = kms2.contoso.com @6
             machine kms.pinned-port = 1700 @7
             machine kms.activation-type = ad @8
             kms2.contoso.com:1700 endpoint.pinned = true @6",
        );
    }
}

#[test]
fn json_of_several_products() {
    check(
        "
[
    {
        \"ADActivationObjectDN\":  \"CN=Contoso AO,CN=Activation Objects,CN=Microsoft SPP,CN=Services,CN=Configuration,DC=contoso,DC=com\",
        \"ApplicationID\":  \"55c92734-d682-4d71-983e-d6ec3f16059f\",
        \"Description\":  \"Windows(R) Operating System, TIMEBASED_EVAL channel\",
        \"EvaluationEndDate\":  \"\\/Date(1798761600000)\\/\",
        \"ID\":  \"#\",
        \"LicenseStatus\":  1,
        \"Name\":  \"Windows(R), ServerStandardEval edition\",
        \"PartialProductKey\":  \"WXY23\"
    },
    {
        \"ApplicationID\":  \"0ff1ce15-a989-479d-af46-f275c6370663\",
        \"ID\":  \"d450596f-894d-49e0-966a-fd39ed4c4c64\",
        \"KeyManagementServiceMachine\":  \"kms3.contoso.com\",
        \"KeyManagementServicePort\":  1688,
        \"LicenseStatus\":  3,
        \"Name\":  \"Office 16, Office16ProPlusVL_KMS_Client edition\",
        \"PartialProductKey\":  \"WXY24\",
        \"ProductKeyChannel\":  \"Volume:GVLK\"
    },
    {
        \"ApplicationID\":  \"55c92734-d682-4d71-983e-d6ec3f16059f\",
        \"Name\":  \"Windows(R), Other edition\", \"LicenseStatus\":  0, \"PartialProductKey\":  null
    },
    {
        \"ApplicationID\":  \"55c92734-d682-4d71-983e-d6ec3f16059f\", \"LicenseIsAddon\": true,
        \"Name\":  \"Windows(R), ESU edition\", \"LicenseStatus\":  5, \"PartialProductKey\":  \"WXY25\"
    }
]",
        "# license.product = Windows(R), ServerStandardEval edition @9
         machine machine.edition-class = evaluation @9
         # license.application = windows @4
         # license.channel = evaluation @5
         # license.key-installed = true @10
         # license.partial-key = WXY23 @10
         # license.status = licensed @8
         # license.expires = 2027-01-01T00:00:00Z @6
         d450596f-894d-49e0-966a-fd39ed4c4c64 license.product = Office 16, Office16ProPlusVL_KMS_Client edition @18
         d450596f-894d-49e0-966a-fd39ed4c4c64 license.application = office @13
         d450596f-894d-49e0-966a-fd39ed4c4c64 license.channel = gvlk @20
         d450596f-894d-49e0-966a-fd39ed4c4c64 license.key-installed = true @19
         d450596f-894d-49e0-966a-fd39ed4c4c64 license.partial-key = WXY24 @19
         d450596f-894d-49e0-966a-fd39ed4c4c64 license.status = out-of-tolerance-grace @17
         machine kms.pinned-host = kms3.contoso.com @15
         machine kms.pinned-port = 1688 @16
         kms3.contoso.com:1688 endpoint.pinned = true @15
         machine ad.activation-object = found @3",
    );
}

#[test]
fn what_is_pinned_for_office_is_not_pinned_for_windows() {
    check(
        "
Name                        : Office 16, X edition
LicenseStatus               : 5
KeyManagementServiceMachine : kms3.contoso.com

Version                     : 10.0.20348.1
KeyManagementServiceMachine :
RemainingWindowsReArmCount  : 1001
ClientMachineID             : 11111111-2222-3333-4444-555555555555
IsKeyManagementServiceMachine : 0",
        "license-1@HASH license.product = Office 16, X edition @1
         license-1@HASH license.application = office @1
         license-1@HASH license.status = notification @2
         machine machine.version = 10.0.20348.1 @5
         machine machine.client-id = 11111111-2222-3333-4444-555555555555 @8
         machine machine.rearm-count = 1001 @7
         machine kms.pinned-host absent @6
         machine host.enabled = false @9
         kms3.contoso.com:1688 endpoint.pinned = true @3",
    );
}

#[test]
fn a_host_by_wmic() {
    check(
        "

Description=Windows(R) Operating System, VOLUME_KMS_WS22 channel

ID=#

IsKeyManagementServiceMachine=1

KeyManagementServiceCurrentCount=4294967295

KeyManagementServiceFailedRequests=2

KeyManagementServiceTotalRequests=12

LicenseStatus=1

PartialProductKey=WXY23



IsKeyManagementServiceMachine=1

KeyManagementServiceDnsPublishing=FALSE

KeyManagementServiceListeningPort=1689

KeyManagementServiceMachine=

",
        "# license.application = windows @1
         # license.channel = csvlk @1
         # license.key-installed = true @15
         # license.partial-key = WXY23 @15
         # license.status = licensed @13
         # license.serves = true @5
         # license.host-count = -1 @7
         machine kms.pinned-host absent @25
         machine host.enabled = true @5
         machine host.count = -1 @7
         machine host.port = 1689 @23
         machine host.publishing = false @21
         machine host.requests = 12 @11
         machine host.failed-requests = 2 @9",
    );
}

#[test]
fn the_oslicense_module() {
    // The state is a word in the language of the system; counts that there are none of are `N/A`.
    check(
        "
Name                 : Windows(R), Enterprise edition
ActivationID         : #
ApplicationID        : 55c92734-d682-4d71-983e-d6ec3f16059f
LicenseStatus        : 通知
LicenseStatusReason  : 0xC004F034
GracePeriodRemaining : N/A
PartialProductKey    : WXY23
EvaluationEndDate    :

KeyManagementServiceMachine          : Not Set
KeyManagementServicePort             : N/A
KeyManagementServiceLookupDomain     : corp.contoso.com
IsKeyManagementServiceMachine        : 0
KeyManagementServiceCurrentCount     : N/A",
        "# license.product = Windows(R), Enterprise edition @1
         # license.application = windows @3
         # license.key-installed = true @7
         # license.partial-key = WXY23 @7
         # license.status = notification @4
         # license.reason = 0xC004F034 @5
         machine kms.pinned-host absent @10
         machine kms.lookup-domain = corp.contoso.com @12
         corp.contoso.com domain.lookup = true @12
         machine host.enabled = false @13",
    );
    check(
        "{ \"Name\": \"Contoso AO\", \"DistinguishedName\": \"CN=Contoso AO,CN=Activation Objects,CN=Microsoft SPP,CN=Services,CN=Configuration,DC=contoso,DC=com\", \"ObjectClass\": \"msSPP-ActivationObject\" }",
        "machine ad.activation-object = found @1",
    );
}

#[test]
fn tables() {
    check(
        "
Name                             LicenseStatus PartialProductKey
----                             ------------- -----------------
Windows(R), Professional edition             1 WXY23
Windows(R), Enterprise edition               0",
        "windows:wxy23 license.product = Windows(R), Professional edition @3
         windows:wxy23 license.application = windows @3
         windows:wxy23 license.key-installed = true @3
         windows:wxy23 license.partial-key = WXY23 @3
         windows:wxy23 license.status = licensed @3",
    );
}

#[test]
fn several_machines_are_not_mixed() {
    check(
        "
\"Computer Name\",\"Product Name\",\"Product Key Type\",\"License Status\",\"Partial Product Key\",\"CMID\",\"KMS Host\"
\"pc1.contoso.com\",\"Windows(R), Enterprise edition\",\"Volume:GVLK\",\"Licensed\",\"WXY23\",\"11111111-2222-3333-4444-555555555555\",\"kms1.contoso.com\"
\"pc2.contoso.com\",\"Windows(R), Enterprise edition\",\"Volume:MAK\",\"Not Licensed\",\"WXY24\",\"\",\"\"",
        "pc1.contoso.com/windows:wxy23 license.product = Windows(R), Enterprise edition @2
         pc1.contoso.com/windows:wxy23 license.application = windows @2
         pc1.contoso.com/windows:wxy23 license.machine = pc1.contoso.com @2
         pc1.contoso.com/windows:wxy23 license.client-id = 11111111-2222-3333-4444-555555555555 @2
         pc1.contoso.com/windows:wxy23 license.channel = gvlk @2
         pc1.contoso.com/windows:wxy23 license.key-installed = true @2
         pc1.contoso.com/windows:wxy23 license.partial-key = WXY23 @2
         pc1.contoso.com/windows:wxy23 license.status = licensed @2
         pc2.contoso.com/windows:wxy24 license.product = Windows(R), Enterprise edition @3
         pc2.contoso.com/windows:wxy24 license.application = windows @3
         pc2.contoso.com/windows:wxy24 license.machine = pc2.contoso.com @3
         pc2.contoso.com/windows:wxy24 license.channel = mak @3
         pc2.contoso.com/windows:wxy24 license.key-installed = true @3
         pc2.contoso.com/windows:wxy24 license.partial-key = WXY24 @3
         pc2.contoso.com/windows:wxy24 license.status = unlicensed @3",
    );
    // One machine is the machine in question.
    check(
        "
Name,LicenseStatus,PartialProductKey,PSComputerName,KeyManagementServiceMachine
\"Windows(R), Enterprise edition\",5,WXY23,PC1,kms1.contoso.com",
        "windows:wxy23 license.product = Windows(R), Enterprise edition @2
         windows:wxy23 license.application = windows @2
         windows:wxy23 license.key-installed = true @2
         windows:wxy23 license.partial-key = WXY23 @2
         windows:wxy23 license.status = notification @2
         machine machine.name = PC1 @2
         machine kms.pinned-host = kms1.contoso.com @2
         kms1.contoso.com:1688 endpoint.pinned = true @2",
    );
}

const LIST: &str = "
<?xml version=\"1.0\"?>
<SoftwareLicensingData Version=\"2.0\">
  <Computers>
    <Computer Name=\"pc1.contoso.com\" OSVersion=\"10.0\" Id=\"1\">
      <Products>
        <Product>
          <Sku Id=\"#\" Name=\"Windows(R), Enterprise edition\" ApplicationId=\"55c92734-d682-4d71-983e-d6ec3f16059f\" />
          <License Status=\"1\" ReasonCode=\"0x4004F401\" />
          <PKey PartialKey=\"WXY23\" />
          <CMID>11111111-2222-3333-4444-555555555555</CMID>
        </Product>
      </Products>
    </Computer>
    <Computer Name=\"pc2.contoso.com\">
      <Products>
        <Product>
          <Sku Id=\"#\" ApplicationId=\"55c92734-d682-4d71-983e-d6ec3f16059f\" />
          <License Status=\"5\" ReasonCode=\"0xC004F00F\" />
";

#[test]
fn computer_information_lists() {
    check(
        LIST,
        "pc1.contoso.com/# license.product = Windows(R), Enterprise edition @7
         pc1.contoso.com/# license.application = windows @7
         pc1.contoso.com/# license.machine = pc1.contoso.com @4
         pc1.contoso.com/# license.client-id = 11111111-2222-3333-4444-555555555555 @10
         pc1.contoso.com/# license.key-installed = true @9
         pc1.contoso.com/# license.partial-key = WXY23 @9
         pc1.contoso.com/# license.status = licensed @8
         pc2.contoso.com/# license.application = windows @17
         pc2.contoso.com/# license.machine = pc2.contoso.com @14
         pc2.contoso.com/# license.status = notification @18
         pc2.contoso.com/# license.reason = 0xC004F00F @18",
    );
}

#[test]
fn other_software_has_licences_too() {
    check("Name          : Contoso Reader\nLicenseStatus : 1\n", "");
    check("{\"name\": \"agent\", \"licenseStatus\": \"Licensed\", \"description\": \"RETAIL, shop\"}", "");
    check("The LicenseStatus of Windows is 5.\nLicense Status : Licensed", "");
    check("DistinguishedName : CN=Activation Objects,CN=Microsoft SPP,CN=Services,DC=contoso", "");
}

#[test]
fn what_is_cut_off_by_a_table_is_unknown() {
    check(
        "
Name                             LicenseStatus PartialProductKey
----                             ------------- -----------------
Windows(R), Professional edit... Lizenzie...   WX...",
        "license-1@HASH license.application = windows @3
         license-1@HASH license.key-installed = true @3
         license-1@HASH license.partial-key unknown Unreadable @3
         license-1@HASH license.status unknown Unreadable @3",
    );
}

proptest! {
    #[test]
    fn never_panics_on_damaged_objects(damage: (usize, u8, usize)) {
        testing::mutate(read, CLIENT, damage);
        testing::mutate(read, LIST, damage);
    }

    #[test]
    fn never_panics(text in "(\\PC|\n| : |=|\\{|\\}|\"|,|<Computer Name=\"a\">|<Product>|<softwarelicensingdata|LicenseStatus|PartialProductKey|Name|Windows|KeyManagementServiceMachine){0,60}") {
        testing::facts(read, text.as_bytes());
    }
}

#[test]
fn a_marker_in_the_firmware() {
    let text = |value: &str| {
        format!(
            "Version                           : 10.0.26100.1\nClientMachineID : \nOA3xOriginalProductKeyDescription : {value}\n"
        )
    };
    check(
        &text("[4.0] Professional OEM:DM"),
        "machine machine.version = 10.0.26100.1 @1
         machine machine.firmware-marker = present @3",
    );
    check(&text(""), "machine machine.version = 10.0.26100.1 @1");
}
