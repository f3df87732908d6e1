mod languages;
mod outputs;

use encoding_rs::{SHIFT_JIS, WINDOWS_1252};
use kmsdoctor_core::artifact::Artifact;
use proptest::prelude::*;

use super::*;
use crate::readers::testing;

const CLIENT: &str = "Software licensing service version: 10.0.20348.1

Name: Windows(R), ServerStandard edition
Description: Windows(R) Operating System, VOLUME_KMSCLIENT channel
Activation ID: 9bd77860-9b31-4b7b-96ad-2564017315bf
Application ID: 55c92734-d682-4d71-983e-d6ec3f16059f
Extended PID: 03612-04537-000-000000-03-1033-20348.0000-1862025
Product Key Channel: Volume:GVLK
Partial Product Key: WXY23
License Status: Licensed
Volume activation expiration: 253564 minute(s) (177 day(s))
Trusted time: 7/5/2025 9:13:33 AM
Configured Activation Type: All

Most recent activation information:
Key Management Service client information
    Client Machine ID (CMID): 11111111-2222-3333-4444-555555555555
    KMS machine name from DNS: kms1.contoso.com:1688
    KMS machine IP address: 10.0.0.5
    KMS machine extended PID: 06401-00206-491-411285-03-1031-9600.0000-0802017
    Activation interval: 120 minutes
    Renewal interval: 10080 minutes
    KMS host caching is enabled
";

const CLIENT_JAPANESE: &str = "ソフトウェア ライセンス サービスのバージョン: 10.0.19041.1

名前: Windows(R), Enterprise edition
説明: Windows(R) Operating System, VOLUME_KMSCLIENT channel
ライセンス認証 ID: 73111121-5638-40f6-bc11-f1d7b0d64300
アプリケーション ID: 55c92734-d682-4d71-983e-d6ec3f16059f
拡張 PID: 03612-03308-000-000000-03-1041-19041.0000-0012025
プロダクト キー チャネル: Volume:GVLK
インストール ID: 130096098742538877424757780434931350325192537413574684069762241
プロダクト キーの一部: WXY23
ライセンスの状態: 通知
通知の理由: 0xC004F056.
残りの Windows リセット カウント: 1001
信頼された時刻: 2026/01/05 9:13:33
構成されたライセンス認証の種類: すべて
登録済みの KMS コンピューター名: kms2.contoso.com:1700
";

fn check(input: &str, expect: &str) {
    testing::check(read, input, expect);
}

fn rendered(bytes: &[u8]) -> String {
    testing::render(&testing::facts(read, bytes))
}

/// Name of what names itself by the artifact's hash: `license-1@0123abcd`, `command:0123abcd:1`.
fn hash(input: &str) -> String {
    Artifact::new("", input.strip_prefix('\n').unwrap_or(input).as_bytes().to_vec(), None)
        .sha256()
        .chars()
        .take(8)
        .collect()
}

fn check_with_hash(input: &str, expect: &str) {
    check(input, &expect.replace('#', &hash(input)));
}

#[test]
fn client() {
    let id = "9bd77860-9b31-4b7b-96ad-2564017315bf";
    check(
        CLIENT,
        &format!(
            "machine machine.version = 10.0.20348.1 @1
             machine kms.activation-type = any @13
             machine machine.client-id = 11111111-2222-3333-4444-555555555555 @17
             machine kms.pinned-host absent @18
             machine kms.cached-host = kms1.contoso.com @18
             kms1.contoso.com:1688 endpoint.used = true @18
             machine kms.activation-interval = 120 @21
             machine kms.renewal-interval = 10080 @22
             {id} license.product = Windows(R), ServerStandard edition @3
             {id} license.application = windows @6
             {id} license.channel = gvlk @8
             {id} license.key-installed = true @9
             {id} license.partial-key = WXY23 @9
             {id} license.status = licensed @10
             {id} license.minutes-left = 253564 @11"
        ),
    );
}

#[test]
fn client_japanese_in_every_encoding() {
    let id = "73111121-5638-40f6-bc11-f1d7b0d64300";
    check(
        CLIENT_JAPANESE,
        &format!(
            "machine machine.version = 10.0.19041.1 @1
             machine machine.rearm-count = 1001 @13
             machine kms.activation-type = any @15
             machine kms.pinned-host = kms2.contoso.com @16
             machine kms.pinned-port = 1700 @16
             kms2.contoso.com:1700 endpoint.pinned = true @16
             {id} license.product = Windows(R), Enterprise edition @3
             {id} license.application = windows @6
             {id} license.channel = gvlk @8
             {id} license.key-installed = true @10
             {id} license.partial-key = WXY23 @10
             {id} license.status = notification @11
             {id} license.reason = 0xC004F056 @12"
        ),
    );
    let expect = rendered(CLIENT_JAPANESE.as_bytes());
    let text = CLIENT_JAPANESE.replace('\n', "\r\n");
    let utf16: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    for bytes in [SHIFT_JIS.encode(&text).0.into_owned(), utf16, format!("\u{feff}{text}").into_bytes()] {
        assert_eq!(rendered(&bytes), expect);
    }
}

#[test]
fn german() {
    let text = "Name: Windows(R), Professional edition\r
Beschreibung: Windows(R) Operating System, VOLUME_KMSCLIENT channel\r
Teil-Product Key: WXY23\r
Lizenzstatus: Benachrichtigung\r
Fehler: 0xC004F074 Der Computer konnte nicht aktiviert werden. Der Schlüsselverwaltungsdienst ist für Sie nicht verfügbar.\r
";
    let found = rendered(&WINDOWS_1252.encode(text).0);
    for expect in [
        "license.channel = gvlk @2",
        "license.partial-key = WXY23 @3",
        "license.status = notification @4",
        "attempt.code = 0xC004F074 @5",
    ] {
        assert!(found.contains(expect), "{found}");
    }
}

#[test]
fn host() {
    check(
        "
        Name: Windows Server(R), ServerEnterprise edition
        Description: Windows Operating System - Windows Server(R), VOLUME_KMS_C channel
        Partial Product Key: WXY23
        License Status: Licensed
            Key Management Service is enabled on this machine
            Current count: -1
            Listening on Port: 1688
            DNS publishing disabled
            KMS priority: Normal
         Key Management Service cumulative requests received from clients
            Total requests received: 826
            Failed requests received: 7
            Requests with License Status Licensed: 819",
        "machine host.enabled = true @5
         machine host.publishing = false @8
         machine host.count = -1 @6
         machine host.port = 1688 @7
         machine host.requests = 826 @11
         machine host.failed-requests = 7 @12
         windows:wxy23 license.product = Windows Server(R), ServerEnterprise edition @1
         windows:wxy23 license.application = windows @1
         windows:wxy23 license.channel = csvlk @2
         windows:wxy23 license.key-installed = true @3
         windows:wxy23 license.partial-key = WXY23 @3
         windows:wxy23 license.status = licensed @4
         windows:wxy23 license.serves = true @5
         windows:wxy23 license.host-count = -1 @6",
    );
    check(
        "
        説明: Windows(R) Operating System, VOLUME_KMS_WS22 channel
        プロダクト キーの一部: WXY23
        ライセンスの状態: ライセンスされています
        キー管理サービスはこのコンピューターで有効です
            現在のカウント: 4
            リッスンしているポート: 1688
            DNS 公開は有効です
        受信した要求の合計: 12
        失敗した要求: 3
        ライセンスの状態がライセンスなしの要求: 0",
        "machine host.enabled = true @4
         machine host.publishing = true @7
         machine host.count = 4 @5
         machine host.port = 1688 @6
         machine host.requests = 12 @8
         machine host.failed-requests = 3 @9
         windows:wxy23 license.channel = csvlk @1
         windows:wxy23 license.key-installed = true @2
         windows:wxy23 license.partial-key = WXY23 @2
         windows:wxy23 license.status = licensed @3
         windows:wxy23 license.serves = true @4
         windows:wxy23 license.host-count = 4 @5
         machine host.key-generation = server-2022 @1",
    );
}

#[test]
fn words_of_states() {
    for (text, expect) in [
        ("Unlicensed", "unlicensed"),
        ("ライセンスなし", "unlicensed"),
        ("Licensed", "licensed"),
        ("ライセンスされています", "licensed"),
        ("ライセンス済み", "licensed"),
        ("ライセンスあり", "licensed"),
        ("Initial grace period", "initial-grace"),
        ("初期猶予期間", "initial-grace"),
        ("Additional grace period (KMS license expired or hardware out of tolerance)", "out-of-tolerance-grace"),
        ("追加の猶予期間", "out-of-tolerance-grace"),
        ("Non-genuine grace period.", "non-genuine-grace"),
        ("非正規の猶予期間", "non-genuine-grace"),
        ("通知", "notification"),
        ("Extended grace period", "extended-grace"),
        ("延長猶予期間", "extended-grace"),
        ("---OOB_GRACE---", "initial-grace"),
        ("---NOTIFICATIONS---", "notification"),
    ] {
        assert_eq!(words::status(text), Some(expect), "{text}");
    }
    assert_eq!(words::status("???"), None);
}

#[test]
fn wrapped_at_the_width_of_the_console() {
    for width in [80_usize, 100, 120] {
        let mut input = String::new();
        for line in CLIENT.replace("ServerStandard edition", &"Long ".repeat(24)).lines() {
            let characters: Vec<char> = line.chars().collect();
            for piece in characters.chunks(width).map(|piece| piece.iter().collect::<String>()) {
                input.push_str(&piece);
                input.push('\n');
            }
            if characters.is_empty() {
                input.push('\n');
            }
        }
        let found = rendered(input.as_bytes());
        assert_eq!(found.lines().count(), 15, "{found}");
    }
    let input = "
Description: Windows Operating System - Windows Server(R) 2008, VOLUME_KMSCLI
ENT channel
License Status: Licensed
Error: 0xC004F074 The Software Licensing Service reported that the computer could not be activated.
No Key Management Service (KMS) could be contacted. Please see the Application Event Log for additio
nal information.";
    check_with_hash(
        input,
        "command:#:4 attempt.record = command @4
         command:#:4 attempt.code = 0xC004F074 @4
         license-1@# license.status = licensed @3",
    );
    let input = "
Name: Windows Server(R), ServerStandard edition
Description: Windows Operating System - Windows Server(R) 2008 R2, VOLUME_KMSCLI
ENT channel
License Status: Licensed";
    assert!(rendered(input.as_bytes()).contains("license.channel = gvlk @3"), "{}", rendered(input.as_bytes()));
}

#[test]
fn results_of_commands() {
    check_with_hash(
        "
Activating Windows(R), ServerStandard edition (9bd77860-9b31-4b7b-96ad-2564017315bf) ...
Error: 0xC004F074 The Software Licensing Service reported that the computer could not be activated.

Activating Windows(R), ServerStandard edition (9bd77860-9b31-4b7b-96ad-2564017315bf) ...
Product activated successfully.",
        "command:#:2 attempt.record = command @2
         command:#:2 attempt.code = 0xC004F074 @2
         command:#:2 attempt.application = windows @1
         command:#:2 attempt.activation-id = 9bd77860-9b31-4b7b-96ad-2564017315bf @1
         command:#:5 attempt.record = command @5
         command:#:5 attempt.code = 0x00000000 @5
         command:#:5 attempt.application = windows @4
         command:#:5 attempt.activation-id = 9bd77860-9b31-4b7b-96ad-2564017315bf @4",
    );
    check_with_hash(
        "Windows(R), Enterprise edition (73111121-5638-40f6-bc11-f1d7b0d64300) のライセンス認証を行っています … 製品は正常にライセンス認証されました。",
        "command:#:1 attempt.record = command @1
         command:#:1 attempt.code = 0x00000000 @1
         command:#:1 attempt.application = windows @1
         command:#:1 attempt.activation-id = 73111121-5638-40f6-bc11-f1d7b0d64300 @1",
    );
    check_with_hash(
        "エラー: 0xC004F014 ソフトウェア ライセンス サービスで、プロダクト キーが利用できないことが報告されました。",
        "command:#:1 attempt.record = command @1
         command:#:1 attempt.code = 0xC004F014 @1
         license-1@# license.application = windows @1
         license-1@# license.key-installed = false @1",
    );
    check_with_hash(
        "プロダクト キーが見つかりません。",
        "license-1@# license.application = windows @1\nlicense-1@# license.key-installed = false @1",
    );
}

#[test]
fn a_result_that_tells_how_to_look_its_code_up_is_a_result() {
    for (label, rest) in [
        ("Error", "On a computer running Microsoft Windows non-core edition, run 'slui.exe 0x2a 0xC004F069'"),
        ("エラー", "Microsoft Windows 非コア エディションでは 'slui.exe 0x2a 0xC004F069' を実行してください。"),
        ("Fehler", "Führen Sie 'slui.exe 0x2a 0xC004F069' aus, um den Fehlertext anzuzeigen."),
    ] {
        check_with_hash(
            &format!("{label}: 0xC004F069 {rest}"),
            "command:#:1 attempt.record = command @1\ncommand:#:1 attempt.code = 0xC004F069 @1",
        );
    }
}

#[test]
fn codes_in_prose() {
    for text in [
        "0xC004F074",
        "エラー コード 0xC004F074",
        "認証に失敗し、エラー コード：0xC004F074 が出ます。",
        "We get error 0xC004F074 on all PCs",
        "> Code: 0xC004F074",
    ] {
        check_with_hash(text, "#:1 mention.code = 0xC004F074 @1");
    }
    // Mentioned twice is mentioned once.
    check_with_hash(
        "PC1 で 0xC004F074 のエラーになります。\nなお、エラー 0xC004F074 は昨日からです。",
        "#:1 mention.code = 0xC004F074 @1",
    );
    for text in [
        "16:11:50, error: 0x800705B4",
        "The following error occurred: Access is denied. (0x80070005)",
        "ReferenceId: 0xC0A80A01 (source IP:  192.168.10.1)",
        "    LastErrorCode    REG_DWORD    0xc004f074",
        "The address is 0xC0A80A01",
        "garbage",
        "Name: kms1.contoso.com\nAddress: 10.0.0.1",
        "名前: kms1.contoso.com",
        "Description: something\nName: other",
    ] {
        check(text, "");
    }
    // The code of an event is the event's.
    check(
        "License Activation (slui.exe) failed with the following error code:\nhr=0xC004F074\nCommand-line arguments:\nRuleId=x;Action=AutoActivate",
        "",
    );
}

#[test]
fn settings() {
    check(
        "Key Management Service machine name set to kms1.contoso.com:1700 successfully.",
        "machine kms.pinned-host = kms1.contoso.com @1
         machine kms.pinned-port = 1700 @1
         kms1.contoso.com:1700 endpoint.pinned = true @1",
    );
    check(
        "キー管理サービス コンピューター名が kms1.contoso.com に正常に設定されました。",
        "machine kms.pinned-host = kms1.contoso.com @1
         kms1.contoso.com:1688 endpoint.pinned = true @1",
    );
    check(
        "Key Management Service machine name cleared successfully.",
        "machine kms.pinned-host absent @1
         machine kms.pinned-port absent @1",
    );
    check(
        "Key Management Service lookup domain set to corp.contoso.com successfully.",
        "machine kms.lookup-domain = corp.contoso.com @1
         corp.contoso.com domain.lookup = true @1",
    );
    check(
        "DNS からの KMS コンピューター名: DNS の自動検出: KMS 名は利用できません",
        "machine kms.pinned-host absent @1
         machine kms.cached-host absent @1",
    );
}

#[test]
fn expiry() {
    check_with_hash(
        "
Windows(R), Professional edition:
    The machine is permanently activated.
Windows(R), Enterprise edition:
    Volume activation will expire 2026-03-13 1:05:14 AM
Windows(R), Enterprise edition:
    Volume activation will expire 1/2/2026 1:05:14 AM",
        "license-1@# license.product = Windows(R), Professional edition @1
         license-1@# license.application = windows @1
         license-1@# license.permanent = true @2
         license-2@# license.product = Windows(R), Enterprise edition @3
         license-2@# license.application = windows @3
         license-2@# license.expires = 2026-03-13T01:05:14Z @4",
    );
}

#[test]
fn office() {
    check_with_hash(
        "
---Processing--------------------------
---------------------------------------
PRODUCT ID: 00339-10000-00000-AA000
SKU ID: d450596f-894d-49e0-966a-fd39ed4c4c64
LICENSE NAME: Office 16, Office16ProPlusVL_KMS_Client edition
LICENSE DESCRIPTION: Office 16, VOLUME_KMSCLIENT channel
LICENSE STATUS:  ---LICENSED---
REMAINING GRACE: 179 days  (258969 minute(s) before expiring)
Last 5 characters of installed product key: WXY23
Activation Type Configuration: ALL
        DNS auto-discovery: KMS name not available
        KMS machine registry override defined: kms1.contoso.com:1688
---------------------------------------
Installed product key detected - attempting to activate the following product:
SKU ID: d450596f-894d-49e0-966a-fd39ed4c4c64
LICENSE NAME: Office 16, Office16ProPlusVL_KMS_Client edition
ERROR CODE: 0xC004F074
---------------------------------------",
        "d450596f-894d-49e0-966a-fd39ed4c4c64 license.product = Office 16, Office16ProPlusVL_KMS_Client edition @5
         d450596f-894d-49e0-966a-fd39ed4c4c64 license.application = office @5
         d450596f-894d-49e0-966a-fd39ed4c4c64 license.channel = gvlk @6
         d450596f-894d-49e0-966a-fd39ed4c4c64 license.key-installed = true @9
         d450596f-894d-49e0-966a-fd39ed4c4c64 license.partial-key = WXY23 @9
         d450596f-894d-49e0-966a-fd39ed4c4c64 license.status = licensed @7
         d450596f-894d-49e0-966a-fd39ed4c4c64 license.minutes-left = 258969 @8
         command:#:17 attempt.record = command @17
         command:#:17 attempt.code = 0xC004F074 @17
         command:#:17 attempt.application = office @17
         command:#:17 attempt.activation-id = d450596f-894d-49e0-966a-fd39ed4c4c64 @17
         machine kms.activation-type = any @10
         machine kms.cached-host absent @11
         machine kms.pinned-host = kms1.contoso.com @12
         machine kms.pinned-port = 1688 @12
         kms1.contoso.com:1688 endpoint.pinned = true @12",
    );
}

#[test]
fn what_was_made_unreadable_is_unknown() {
    check_with_hash(
        "
Activation ID: XXXXXXXXXXXXXXXX
Product Key Channel: Volume:GVLK
Partial Product Key: XXXXX
License Status: Licensed
KMS machine name from DNS: XXXXXXX:1688",
        "machine kms.pinned-host absent @5
         license-1@# license.channel = gvlk @2
         license-1@# license.key-installed = true @3
         license-1@# license.partial-key unknown Unreadable @3
         license-1@# license.status = licensed @4",
    );
    // Licences without a key in a list of all.
    check(
        "Name: Windows(R), X edition\nDescription: Windows(R), VOLUME_MAK channel\nActivation ID: 9bd77860-9b31-4b7b-96ad-2564017315bf\nThis license is not in use.",
        "",
    );
}

#[test]
fn time_is_linear() {
    for line in [
        "Name: x\n",
        "Error: 0xC004F074 ",
        "Activating Windows (",
        "x",
        "Description: VOLUME_KMSCLIENT channel\n",
        ": 1 分 (",
        "\n",
    ] {
        testing::facts(read, line.repeat(40_000 / line.len()).as_bytes());
    }
}

proptest! {
    #[test]
    fn any_text(text in "\\PC{0,300}") {
        testing::facts(read, text.as_bytes());
    }

    #[test]
    fn damaged(cut in 0_usize..2000, places in proptest::collection::vec((0_usize..2000, any::<u8>()), 0..8)) {
        for text in [CLIENT, CLIENT_JAPANESE] {
            let mut bytes = text.as_bytes().to_vec();
            let length = bytes.len();
            for (place, value) in &places {
                bytes[place % length] = *value;
            }
            bytes.truncate(length - cut % length);
            for fact in testing::facts(read, &bytes) {
                prop_assert!(fact.origins[0].span.end <= bytes.len());
            }
        }
    }
}
