//! Less frequent outputs: Active Directory, virtual machines, hosts for Office, settings.

use super::{check, check_with_hash};

#[test]
fn activation_by_active_directory() {
    check(
        "
Name: Windows(R), ServerStandard edition
Description: Windows(R) Operating System, VOLUME_KMSCLIENT channel
Partial Product Key: WXY23
License Status: Licensed
Volume activation expiration: 253564 minute(s) (177 day(s))
Configured Activation Type: AD

Most recent activation information:
AD Activation client information
    Activation Object name: Contoso AO
    AO DN: CN=Contoso AO,CN=Activation Objects,CN=Microsoft SPP,CN=Services,CN=Configuration,DC=contoso,DC=com
    AO extended PID: 06401-00206-491-411285-03-1031-9600.0000-0802017
    AO activation ID: 8e8b9a6f-1111-2222-3333-444444444444",
        "machine kms.activation-type = ad @6
         machine ad.activation-object = found @11
         windows:wxy23 license.product = Windows(R), ServerStandard edition @1
         windows:wxy23 license.application = windows @1
         windows:wxy23 license.channel = gvlk @2
         windows:wxy23 license.key-installed = true @3
         windows:wxy23 license.partial-key = WXY23 @3
         windows:wxy23 license.status = licensed @4
         windows:wxy23 license.minutes-left = 253564 @5",
    );
    check(
        "C:\\>cscript //nologo slmgr.vbs /ao-list\nActivation Objects\n    No objects found",
        "machine ad.activation-object = missing @3",
    );
    check(
        "AO DN = XXXXX,CN=Activation Objects,CN=Microsoft SPP,CN=Services,CN=Configuration,DC=contoso,DC=com",
        "machine ad.activation-object = found @1",
    );
    check("No objects found", "");
    check("The object CN=X,CN=Activation Objects,CN=Microsoft SPP,CN=Services is gone", "");
}

#[test]
fn activation_of_virtual_machines() {
    check(
        "
Name: Windows(R), ServerStandard edition
Description: Windows(R) Operating System, VIRTUAL_MACHINE_ACTIVATION channel
Product Key Channel: VT:IA
Partial Product Key: WXY23
License Status: Licensed
Automatic VM activation expiration: 9000 minute(s) (7 day(s))

Automatic VM Activation client information
    Guest IAID: 11111111-2222-3333-4444-555555555555
    Host machine name: HV01
    Activation time: 2026-01-05 9:13:33",
        "windows:wxy23 license.product = Windows(R), ServerStandard edition @1
         windows:wxy23 license.application = windows @1
         windows:wxy23 license.channel = avma @3
         windows:wxy23 license.key-installed = true @4
         windows:wxy23 license.partial-key = WXY23 @4
         windows:wxy23 license.status = licensed @5
         windows:wxy23 license.minutes-left = 9000 @6",
    );
}

#[test]
fn readiness_for_hardware_based_security() {
    for (line, expect) in [
        ("This device is eligible to serve as a KMS host with hardware-based security.", true),
        ("This device doesn't meet the requirements for using a KMS host with hardware-based security.", false),
        ("This device doesn’t meet the requirements for using a KMS host with hardware-based security.", false),
    ] {
        check(line, &format!("machine host.hardware-secured = {expect} @1"));
    }
    let line = "This device doesn't meet the requirements for using a KMS host with hardware-based security.";
    let (first, rest) = line.split_at(80);
    check(&format!("{first}\n{rest}"), "machine host.hardware-secured = false @1");
    check("Is hardware-based security of a KMS host worth it?", "");
}

#[test]
fn a_host_of_windows_and_office() {
    // Office has a count of its own; that of Windows is the machine's.
    let found = super::rendered(
        "
Name: Windows(R), ServerStandard edition
Description: Windows(R) Operating System, VOLUME_KMS_WS22 channel
Activation ID: 9bd77860-9b31-4b7b-96ad-2564017315bf
Partial Product Key: WXY23
License Status: Licensed
Key Management Service is enabled on this machine
    Current count: 30
    Listening on Port: 1688

Name: Office 21, Office21KMSHost2021VL_KMS_Host_AE edition
Description: Office 21, VOLUME_KMS channel
Activation ID: 47f3b983-7c53-4d45-abc6-bcd91e2dd90a
Partial Product Key: WXY24
License Status: Licensed
Key Management Service is enabled on this machine
    Current count: 2
    Listening on Port: 1688"
            .as_bytes(),
    );
    for expect in [
        "machine host.count = 30",
        "9bd77860-9b31-4b7b-96ad-2564017315bf license.host-count = 30",
        "47f3b983-7c53-4d45-abc6-bcd91e2dd90a license.host-count = 2",
        "47f3b983-7c53-4d45-abc6-bcd91e2dd90a license.application = office",
        "machine host.key-generation = server-2022",
        "machine host.office-pack = installed",
    ] {
        assert!(found.contains(expect), "{found}");
    }
    assert_eq!(found.matches("machine host.count").count(), 1, "{found}");
    // Cut off above; the address shows that it is Office's.
    let found = super::rendered(
        "
   Use License URL: https://activation.sls.microsoft.com/SLActivateProduct/SLActiva
   teProduct.asmx?configextension=o16
   Partial Product Key: WXY24
   License Status: Licensed
   Key Management Service is enabled on this machine
      Current count: 0"
            .as_bytes(),
    );
    assert!(found.contains("office:wxy24 license.host-count = 0"), "{found}");
    assert!(found.contains("machine host.count = 0"), "{found}");
}

#[test]
fn generations_of_host_keys() {
    for (name, expect) in [
        ("VOLUME_KMS_WS16", Some("server-2016")),
        ("VOLUME_KMS_WS19", Some("server-2019")),
        ("VOLUME_KMS_WS22", Some("server-2022")),
        ("VOLUME_KMS_WS25", Some("server-2025")),
        ("VOLUME_KMS_W10", Some("windows-10")),
        ("VOLUME_KMS_2012-R2_WIN10", None),
        ("VOLUME_KMS_C", None),
        ("VOLUME_KMSCLIENT", None),
    ] {
        let text = format!("Windows(R) Operating System, {name} channel");
        assert_eq!(super::words::generation_of_description(&text), expect, "{name}");
    }
}

#[test]
fn classes_of_editions() {
    for (name, expect) in [
        ("Windows(R), Core edition", Some("home")),
        ("Windows(R), CoreSingleLanguage edition", Some("home")),
        ("Windows(R), ServerRdsh edition", Some("multi-session")),
        ("Windows(R), ServerTurbine edition", Some("azure-edition")),
        ("Windows(R), ServerStandardEval edition", Some("evaluation")),
        ("Windows(R), Enterprise edition", None),
        ("Office 16, Core edition", None),
    ] {
        assert_eq!(super::words::edition_class(name), expect, "{name}");
    }
}

#[test]
fn settings_that_only_the_command_names() {
    let banner =
        "Microsoft (R) Windows Script Host Version 5.812\nCopyright (C) Microsoft Corporation. All rights reserved.";
    check(
        &format!("C:\\>cscript slmgr.vbs /act-type 2\n{banner}\n\nVolume activation type set successfully."),
        "machine kms.activation-type = kms @1",
    );
    check("C:\\>slmgr /act-type 1\nError: 0xC004F055 x", &{
        let hash = super::hash("C:\\>slmgr /act-type 1\nError: 0xC004F055 x");
        format!("command:{hash}:2 attempt.record = command @2\ncommand:{hash}:2 attempt.code = 0xC004F055 @2")
    });
    check("C:\\>slmgr.vbs /cdns\nDNS publishing disabled.", "machine host.publishing = false @1");
    check("KMS port set to 1689 successfully.", "machine host.port = 1689 @1");
    check(
        "
C:\\Program Files\\Microsoft Office\\Office16>cscript ospp.vbs /sethst:kms1.contoso.com
---Processing--------------------------
---------------------------------------
Successfully applied setting.
---------------------------------------
---Exiting-----------------------------
C:\\Program Files\\Microsoft Office\\Office16>cscript ospp.vbs /setprt:1700
---Processing--------------------------
---------------------------------------
Successfully applied setting.",
        "machine kms.pinned-host = kms1.contoso.com @1
         kms1.contoso.com:1688 endpoint.pinned = true @1
         machine kms.pinned-port = 1700 @7",
    );
    check("Successfully applied setting.", "");
}

#[test]
fn what_is_pinned_for_office_is_not_pinned_for_windows() {
    let found = super::rendered(
        "
Description: Windows(R) Operating System, VOLUME_KMSCLIENT channel
License Status: Licensed
    KMS machine name from DNS: kms1.contoso.com:1688
---------------------------------------
LICENSE NAME: Office 16, Office16ProPlusVL_KMS_Client edition
LICENSE DESCRIPTION: Office 16, VOLUME_KMSCLIENT channel
LICENSE STATUS:  ---LICENSED---
ERROR CODE: 0x4004F040 (for information purposes only as the status is licensed)
    KMS machine registry override defined: kms2.contoso.com:1688"
            .as_bytes(),
    );
    assert!(found.contains("machine kms.pinned-host absent"), "{found}");
    assert!(found.contains("kms2.contoso.com:1688 endpoint.pinned = true"), "{found}");
    assert!(!found.contains("pinned-host = kms2"), "{found}");
    assert!(!found.contains("license.reason"), "{found}");
}

#[test]
fn keys_of_office() {
    check_with_hash(
        "<No installed product keys detected>",
        "license-1@# license.application = office @1\nlicense-1@# license.key-installed = false @1",
    );
    check(
        "---Processing---\nClient Machine ID (CMID): 11111111-2222-3333-4444-555555555555\n---Exiting---",
        "machine machine.client-id = 11111111-2222-3333-4444-555555555555 @2",
    );
}

#[test]
fn additions_and_installation_ids_are_not_taken() {
    check(
        "
Name: Windows(R) 7, Client-ESU-Year1 add-on for Enterprise
Description: Windows Operating System - Windows(R) 7, VOLUME_MAK channel
Partial Product Key: WXY25
License Status: Unlicensed",
        "",
    );
    let id = "130096098742538877424757780434931350325192537413574684069762241";
    for text in [
        format!("C:\\>cscript slmgr.vbs /dti\nInstallation ID: {id}"),
        format!(
            "Name: Windows(R), X edition\nDescription: Windows(R) Operating System, RETAIL channel\nInstallation ID: {id}\nLicense Status: Licensed"
        ),
    ] {
        let facts = crate::readers::testing::facts(super::read, text.as_bytes());
        assert!(facts.iter().all(|fact| !fact.origins[0].quote.contains(id)), "{facts:?}");
    }
}
