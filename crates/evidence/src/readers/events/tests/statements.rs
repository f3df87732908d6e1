//! Events that state something by themselves.

use super::*;

/// As Event Viewer copies it.
fn viewer(source: &str, id: u32, message: &str) -> String {
    format!("Log Name: System\nSource: {source}\nEvent ID: {id}\nDescription:\n{message}\n")
}

fn xml(source: &str, id: u32, data: &str) -> String {
    format!(
        "<Event><System><Provider Name=\"{source}\"/><EventID>{id}</EventID><TimeCreated SystemTime=\"2026-01-05T00:13:11Z\"/></System>{data}</Event>\n"
    )
}

fn data(values: &[&str]) -> String {
    format!("<EventData><Data>{}</Data></EventData>", values.join("</Data><Data>"))
}

const SPP: &str = "Microsoft-Windows-Security-SPP";
const APPLICATION: &str = "55c92734-d682-4d71-983e-d6ec3f16059f";

/// The facts without their lines.
fn says(input: &str, expect: &str) {
    let found = rendered(input.as_bytes());
    let found: Vec<&str> = found.lines().map(|line| line.split(" @").next().unwrap_or(line)).collect();
    let expect: Vec<&str> = expect.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    assert_eq!(found, expect, "\nin:\n{input}");
}

#[test]
fn publishing() {
    let failed = "machine host.publish-code = 0x80072338
                  machine host.publish-domain = contoso.com";
    let done = "machine host.publish-code = 0x00000000
                machine host.publish-domain = contoso.com";
    for message in [
        "Publishing the Key Management Service (KMS) to DNS in the 'contoso.com' domain failed.\nInfo:\n0x80072338",
        "'contoso.com' ドメイン内でキー管理サービス (KMS) を DNS に発行できませんでした。\n情報:\n0x80072338",
        "Fehler beim Veröffentlichen des Schlüsselverwaltungsdienstes (Key Management Service, KMS) in DNS in der \"contoso.com\"-Domäne.\nInfo:\n0x80072338",
        "'contoso.com' ドメイン内でキー管理サービス (KMS) を DNS に発行できませんでした。\n\n情報:\n0x80072338",
    ] {
        says(&viewer("Security-SPP", 12293, message), failed);
        // Without a header.
        says(message, failed);
    }
    says(&xml(SPP, 12293, &data(&["0x80072338", "contoso.com"])), failed);
    for message in [
        "Publishing the Key Management Service (KMS) to DNS in the 'contoso.com' domain is successful.",
        "'contoso.com' ドメイン内でキー管理サービス (KMS) を DNS に正常に発行しました。",
        "Die Veröffentlichung des Schlüsselverwaltungsdienstes (Key Management Service, KMS) in DNS in der \"contoso.com\"-Domäne war erfolgreich.",
    ] {
        says(&viewer("Security-SPP", 12294, message), done);
        says(message, done);
    }
    says(&xml(SPP, 12294, &data(&["contoso.com"])), done);
    says("Publishing the Key Management Service (KMS) to DNS in the ... domain failed, we think.", "");
    says(&viewer("SomethingElse", 12293, "'contoso.com' 0x80072338"), "");
}

#[test]
fn the_newest_of_undated_events_is_the_last_word() {
    let event = |date: &str, id: u32, end: &str| {
        format!(
            "Log Name: Application\nSource: Security-SPP\nDate: {date}\nEvent ID: {id}\nDescription:\nPublishing the Key Management Service (KMS) to DNS in the 'contoso.com' domain {end}\n\n"
        )
    };
    let failed = |date: &str| event(date, 12293, "failed.\nInfo:\n0x80072338");
    let done = |date: &str| event(date, 12294, "is successful.");
    let codes = |input: String| {
        let facts = testing::facts(read, input.as_bytes());
        let codes = facts.iter().filter(|fact| fact.key.name() == "host.publish-code");
        codes.map(|fact| fact.value().unwrap().to_string()).collect::<Vec<_>>().join(" ")
    };
    // Event Viewer lists the newest first.
    assert_eq!(codes(done("2026/01/06 9:13:33") + &failed("2026/01/05 9:13:33")), "0x00000000");
    assert_eq!(codes(failed("1/6/2026 9:13:33 AM") + &done("1/5/2026 9:13:33 AM")), "0x80072338");
    assert_eq!(codes(failed("1/5/2026 9:13:33 AM") + &done("1/6/2026 9:13:33 AM")), "0x00000000");
    // The order of these cannot be told: both stay.
    assert_eq!(codes(failed("1/2/2026 9:13:33 AM") + &done("2/1/2026 9:13:33 AM")), "0x80072338 0x00000000");
}

#[test]
fn start_of_a_host_and_schedule_of_the_service() {
    for (id, message) in [
        (12291, "Key Management Service (KMS) failed to start.\nInfo:\nhr=0xC004F015"),
        (12291, "キー管理サービス (KMS) を開始できませんでした。\n情報:\n0xC004F015"),
        (12292, "hr=0xC004F015"),
    ] {
        says(&viewer(SPP, id, message), "machine host.init-code = 0xC004F015");
    }
    says(&xml(SPP, 12291, &data(&["0xC004F015"])), "machine host.init-code = 0xC004F015");
    for message in [
        "Failed to schedule Software Protection service for re-start at 2126-08-17T23:43:57Z. Error Code: 0x80041316.",
        "ソフトウェア保護サービスの 2126-08-17T23:43:57Z の再起動をスケジュールできませんでした。エラー コード: 0x80041316。",
        "Fehler beim Planen des Softwareschutzdiensts für den erneuten Start bei 2126-08-17T23:43:57Z. Fehlercode: 0x80041316.",
    ] {
        says(&viewer(SPP, 16385, message), "machine task.schedule-code = 0x80041316");
        says(message, "machine task.schedule-code = 0x80041316");
    }
    says(&xml(SPP, 16385, &data(&["0x80041316", "2126-08-17T23:43:57Z"])), "machine task.schedule-code = 0x80041316");
    let done = "ソフトウェア保護サービスの 2126-08-17T23:43:57Z の再起動をスケジュールしました。理由: RulesEngine。";
    says(&viewer(SPP, 16384, done), "machine task.schedule-code = 0x00000000");
    says(&format!("Id : 16384\nMessage : {done}"), "machine task.schedule-code = 0x00000000");
    says("Id : 16384\nMessage : something", "");
    says(&viewer("Other", 16384, done), "");
}

#[test]
fn store_hardware_and_permissions() {
    let rows = |code: &str| {
        format!(
            "C:\\Windows\\system32\\sppwinob.dll, msft:spp/windowsfunctionality/agent/7.0, 0x00000000, 0x00000000\nC:\\Windows\\system32\\sppobjs.dll, msft:rm/algorithm/phone/1.0, {code}, 0x00000000"
        )
    };
    for (code, expect) in [("0x00000000", "0x00000000"), ("0x8007000D", "0x8007000D")] {
        let expect = format!("machine store.code = {expect}");
        says(&viewer(SPP, 1066, &format!("Initialization status for service objects.\n{}", rows(code))), &expect);
        says(&viewer(SPP, 1066, &format!("サービス オブジェクトの初期化状態。\n{}", rows(code))), &expect);
        says(&xml(SPP, 1066, &data(&[&rows(code)])), &expect);
    }
    // A row that was cut leaves open whether all are sound.
    says(&viewer(SPP, 1066, &rows("0x00000000").replace(", 0x00000000\nC:", "\nC:")), "");
    let changed = format!("前回の起動以降にハードウェアが変更されました。\n AppID={APPLICATION}、SkuID={PRODUCT}。");
    says(&viewer(SPP, 1040, &changed), "machine machine.hardware-changed = true");
    says(&format!("Id : 1040\nMessage : {changed}"), "machine machine.hardware-changed = true");
    says(&xml(SPP, 1040, &data(&[APPLICATION, PRODUCT])), "machine machine.hardware-changed = true");
    says(&viewer("MsiInstaller", 1040, &changed), "");
    says("Id : 1040\nMessage : Beginning a Windows Installer transaction", "");
    let denied = "規則エンジンでの 1 つ以上のスケジュール済みアクションの実行に失敗しました。\nエラー コード:0x80070005\nパス:C:\\Windows\\System32\\SLUI.exe\n引数:RuleId=1";
    says(&viewer(SPP, 8229, denied), "machine machine.permissions = damaged");
    says(denied, "machine machine.permissions = damaged");
    says(&viewer(SPP, 8229, &denied.replace("0x80070005", "0x80070002")), "");
}

#[test]
fn states_of_licences() {
    let row = |number: u8, product: &str, first: &str| {
        format!(
            "{number}: {product}, 1, 1 [(0 [{first}], [(?)(?)( 1 0x00000000 30 0 msft:rm/algorithm/volume/1.0 0x00000000 259192)(?)(?)(?)])(1 )(2 )]"
        )
    };
    let other = "0724cb7d-3437-4cb7-93cb-830375d0079d";
    let rows = format!("{}\n{}", row(1, other, "0xC004F014, 0, 0"), row(2, PRODUCT, "0x00000000, 1, 0"));
    let expect = format!(
        "{PRODUCT} license.application = windows
         {PRODUCT} license.status = licensed
         {PRODUCT} license.reason absent
         {PRODUCT} license.minutes-left = 259192"
    );
    says(&xml(SPP, 1003, &data(&[APPLICATION, &format!("\n{rows}\n")])), &expect);
    let message = format!(
        "ソフトウェア保護サービスによるライセンス状態チェックが完了しました。\nアプリケーション ID={APPLICATION}\nライセンスの状態=\n{rows}\n"
    );
    let dated = format!("Source: {SPP}\nDate: 2026-01-05T00:13:11Z\nEvent ID: 1003\nDescription:\n{message}");
    says(&dated, &expect);
    // A state without a date would count as the newest.
    says(&viewer(SPP, 1003, &message), "");
    says(&xml("Microsoft-Windows-Search", 1003, &data(&[APPLICATION, &rows])), "");

    let rules = |state: &str, reason: &str| {
        format!(
            "Security-SPP-Action-StateData (REG_SZ) =AppId={APPLICATION};LastConsumptionReason={reason};LastNotificationId=VolumeUnlicensed;LicenseState=SL_LICENSING_STATUS_{state};PartialProductKey=WXY23;ProductKeyType=Volume:GVLK;SkuId={PRODUCT};ruleId=1;volumeActivationOrder=normal"
        )
    };
    says(
        &xml(SPP, 8230, &data(&[&rules("NOTIFICATION", "0xc004f056")])),
        &format!(
            "{PRODUCT} license.application = windows
             {PRODUCT} license.status = notification
             {PRODUCT} license.reason = 0xC004F056
             {PRODUCT} license.channel = gvlk
             {PRODUCT} license.partial-key = WXY23"
        ),
    );
    says(
        &xml(SPP, 8230, &data(&[&rules("LICENSED", "0x00000000")])),
        &format!(
            "{PRODUCT} license.application = windows
             {PRODUCT} license.status = licensed
             {PRODUCT} license.reason absent
             {PRODUCT} license.channel = gvlk
             {PRODUCT} license.partial-key = WXY23"
        ),
    );
}

#[test]
fn domain_and_clock() {
    let broken = "machine machine.secure-channel = broken";
    let unreachable = "machine machine.domain-controller = unreachable";
    says(
        &viewer(
            "NETLOGON",
            3210,
            "This computer could not authenticate with \\\\DC1, a Windows domain controller for domain CONTOSO.",
        ),
        broken,
    );
    says(
        &viewer(
            "NETLOGON",
            5719,
            "ドメイン CONTOSO のドメイン コントローラーでセキュア セッションをセットアップできませんでした。",
        ),
        unreachable,
    );
    says(&xml("NETLOGON", 5719, &data(&["CONTOSO", "%%1311"])), unreachable);
    says(&xml("NETLOGON", 5719, &data(&["CONTOSO", "%%1789"])), broken);
    says(&xml("NETLOGON", 5719, &data(&["CONTOSO", "%%5"])), "");
    says(&viewer("Something", 5719, "x"), "");
    says("Event ID: 5719\nDescription:\nx", "");
    let synchronised = |flag: bool| format!("machine clock.synchronised = {flag}");
    let time = "Microsoft-Windows-Time-Service";
    let too_far = |seconds: i64| {
        format!(
            "The time service has detected that the system time needs to be  changed by {seconds} seconds. The time service \n            will not change the system time by more than 54000 seconds. Verify that your time and time zone are correct."
        )
    };
    says(&viewer(time, 34, &too_far(-86397)), &synchronised(false));
    says(&viewer(time, 34, &too_far(0)), "");
    says(&xml(time, 34, &data(&["86397", "54000", "dc1.contoso.com"])), &synchronised(false));
    says(
        &viewer("Time-Service", 36, "The time service has not synchronized the system time for 86400 seconds."),
        &synchronised(false),
    );
    says(
        &viewer(time, 35, "タイム サービスは、タイム ソース dc1.contoso.com とシステム時刻の同期を開始しました。"),
        &synchronised(true),
    );
    says(&viewer(time, 47, "No valid response has been received."), "");
}

#[test]
fn what_blocked_a_tool() {
    let blocked = |by: &str, program: &str| {
        format!("machine security.block = {by}\nmachine security.blocked-program = {program}")
    };
    let named = |pairs: &[(&str, &str)]| {
        let values: Vec<String> =
            pairs.iter().map(|(name, value)| format!("<Data Name=\"{name}\">{value}</Data>")).collect();
        format!("<EventData>{}</EventData>", values.concat())
    };
    let defender = "Microsoft-Windows-Windows Defender";
    let asr = [
        ("ID", "d1e49aac-8f56-4280-b9ba-993a6d77406c"),
        ("Path", "C:\\Windows\\System32\\cscript.exe"),
        ("Process Name", "C:\\Windows\\System32\\wbem\\WmiPrvSE.exe"),
    ];
    says(&xml(defender, 1121, &named(&asr)), &blocked("attack-surface-reduction", "cscript.exe"));
    let folder =
        [("Path", "C:\\Users\\mia\\Documents\\wscript.exe"), ("Process Name", "C:\\Windows\\System32\\cscript.exe")];
    says(&xml(defender, 1123, &named(&folder)), &blocked("controlled-folder-access", "cscript.exe"));
    let foreign = [("Path", "C:\\Users\\mia\\slmgr.vbs"), ("Process Name", "C:\\Tools\\a.exe")];
    says(&xml(defender, 1123, &named(&foreign)), "");
    let text = "Microsoft Defender Exploit Guard により、IT 管理者によって許可されていない操作がブロックされました。\n ID: D1E49AAC\n パス: C:\\Windows\\System32\\CScript.exe\n プロセス名: C:\\Windows\\explorer.exe";
    says(&viewer("Windows Defender", 1121, text), &blocked("attack-surface-reduction", "cscript.exe"));
    // Audited only; another program; the firewall's log.
    says(&xml(defender, 1122, &named(&asr)), "");
    says(&viewer("Windows Defender", 1121, "Path: C:\\Tools\\mycscript.exe"), "");
    says(&viewer("Windows Defender Firewall", 1121, text), "");
    let file = "<UserData><RuleAndFileData xmlns=\"x\"><PolicyName>SCRIPT</PolicyName><FilePath>%OSDRIVE%\\TEMP\\SLMGR.VBS</FilePath></RuleAndFileData></UserData>";
    says(&xml("Microsoft-Windows-AppLocker", 8007, file), &blocked("applocker", "slmgr.vbs"));
    for message in
        ["%SYSTEM32%\\CSCRIPT.EXE was prevented from running.", "%SYSTEM32%\\CSCRIPT.EXE の実行が禁止されました。"]
    {
        says(&viewer("AppLocker", 8004, message), &blocked("applocker", "cscript.exe"));
    }
    says(&viewer("AppLocker", 8003, "%SYSTEM32%\\CSCRIPT.EXE was allowed to run but would have been prevented."), "");
    says(
        &xml(
            "Microsoft-Windows-CodeIntegrity",
            3077,
            &named(&[
                ("File Name", "\\Device\\HarddiskVolume3\\Windows\\System32\\wscript.exe"),
                ("Process Name", "\\Device\\HarddiskVolume3\\Windows\\explorer.exe"),
            ]),
        ),
        &blocked("app-control", "wscript.exe"),
    );
    says(
        &viewer(
            "CodeIntegrity",
            3077,
            "Code Integrity determined that a process (\\Device\\HarddiskVolume3\\Windows\\System32\\cscript.exe) attempted to load \\Device\\HarddiskVolume3\\Tools\\a.dll that did not meet the signing level requirements.",
        ),
        "",
    );
    says(
        &viewer(
            "Microsoft-Windows-SoftwareRestrictionPolicies",
            866,
            "Access to C:\\Windows\\System32\\wscript.exe has been restricted by your Administrator by location.",
        ),
        &blocked("software-restriction", "wscript.exe"),
    );
}

#[test]
fn the_hosts_record_carries_both_clocks() {
    let string = format!("0xC004F06C,25,pc1.contoso.com,{CMID},2026/1/5 6:13,0,2,41520,{PRODUCT}");
    let found = rendered(xml(SPP, 12290, &data(&[&string])).as_bytes());
    assert!(found.contains("attempt.recorded-at = 2026-01-05T00:13:11Z"), "{found}");
    // A header's date may be local, so it is no clock.
    let text = format!("Source: {SPP}\nDate: 2026-01-05T00:13:11Z\nEvent ID: 12290\nDescription:\n{string}");
    assert!(!rendered(text.as_bytes()).contains("recorded-at"));
}

#[test]
fn too_many_events_leave_the_oldest_out() {
    let event = |minute: usize| Found {
        payload: None,
        event: 12288,
        lines: minute..=minute,
        time: Timestamp::from_second(60 * i64::try_from(minute).unwrap()).ok(),
        recorded_at: None,
        date: String::new(),
        number: None,
        computer: None,
    };
    let mut found: Vec<Found> = (0..newest::EVENTS_MAX + 3).rev().map(event).collect();
    assert_eq!(newest::keep(&mut found, newest::EVENTS_MAX), 3);
    assert_eq!((found.len(), found[0].lines.clone()), (newest::EVENTS_MAX, 3..=3));
    assert_eq!(newest::keep(&mut found, newest::EVENTS_MAX), 0);
}

proptest! {
    #[test]
    fn never_panics(source in 0..6_usize, id in 0..24_usize, text in "(\\PC|\n|0x80070005|msft:|\\[\\(0|: |'|\\\\cscript.exe|-86397 ){0,30}") {
        let sources = [SPP, "NETLOGON", "Time-Service", "Windows Defender", "AppLocker", "CodeIntegrity"];
        let ids = [1003, 1040, 1066, 8229, 8230, 12291, 12292, 12293, 12294, 16384, 16385, 3210, 5719, 34, 35, 36, 1121, 1123, 1127, 8004, 8007, 8029, 3077, 866];
        testing::facts(read, viewer(sources[source], ids[id], &text).as_bytes());
        testing::facts(read, xml(sources[source], ids[id], &data(&[&text])).as_bytes());
    }
}
