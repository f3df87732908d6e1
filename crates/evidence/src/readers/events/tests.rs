use encoding_rs::SHIFT_JIS;
use proptest::prelude::*;

mod forms;
mod statements;

use super::*;
use crate::readers::testing;

const CMID: &str = "11111111-2222-3333-4444-555555555555";
const PRODUCT: &str = "de32eafd-aaee-4662-9444-c1befb41bde2";

const VIEWER_JAPANESE: &str = "ログの名前:         Application
ソース:           Microsoft-Windows-Security-SPP
日付:            2026/01/05 9:13:33
イベント ID:       12288
タスクのカテゴリ:      なし
レベル:           情報
キーワード:         クラシック
ユーザー:          N/A
コンピューター:       pc1.contoso.com
説明:
クライアントからキー管理サービス コンピューターにライセンス認証要求が送信されました。
情報:
0xC004F074, 0x00000000, kms1.contoso.com:1688, 11111111-2222-3333-4444-555555555555, 2026/01/05 00:13, 1, 5, 0, de32eafd-aaee-4662-9444-c1befb41bde2, 5

ログの名前:         Application
ソース:           Microsoft-Windows-Security-SPP
日付:            2026/01/05 9:14:00
イベント ID:       8198
コンピューター:       pc1.contoso.com
説明:
ライセンス認証 (slui.exe) が失敗しました。エラー コード:
hr=0xC004F074
コマンド ライン引数:
RuleId=eeba1977-569e-4571-b639-7623d8bfecc0;Action=AutoActivate;AppId=55c92734-d682-4d71-983e-d6ec3f16059f;SkuId=de32eafd-aaee-4662-9444-c1befb41bde2;NotificationInterval=1440;Trigger=TimerEvent
";

const XML: &str = r#"Record 1
<?xml version="1.0" encoding="utf-8"?>
<Event xmlns="http://schemas.microsoft.com/win/2004/08/events/event">
  <System>
    <Provider Name="Microsoft-Windows-Security-SPP" EventSourceName="Software Protection Platform Service"/>
    <EventID Qualifiers="16384">12288</EventID>
    <TimeCreated SystemTime="2026-01-05T00:13:11.5Z"/>
    <EventRecordID>8055</EventRecordID>
    <Computer>pc1.contoso.com</Computer>
  </System>
  <EventData>
    <Data>0x00000000, 0x00000000, kms1.contoso.com:1688, 11111111-2222-3333-4444-555555555555, 2026/01/05 00:13, 1, 5, 0, de32eafd-aaee-4662-9444-c1befb41bde2, 5</Data>
    <Binary>0000</Binary>
  </EventData>
</Event>
junk between
<Event xmlns="http://schemas.microsoft.com/win/2004/08/events/event"><System><Provider Name="Microsoft-Windows-Security-SPP"/><EventID>12289</EventID><TimeCreated SystemTime="2026-01-05T00:13:12Z"/><EventRecordID>8056</EventRecordID><Computer>pc1.contoso.com</Computer></System><EventData><Data>0x00000000, 0x00000000, 1, 0, 50, 120, 10080, 2026/01/05 00:13</Data></EventData></Event>
"#;

fn check(input: &str, expect: &str) {
    testing::check(read, input, expect);
}

fn rendered(bytes: &[u8]) -> String {
    testing::render(&testing::facts(read, bytes))
}

/// `expect` with `A` for the subject of the only attempt.
fn check_one(input: &str, id: &str, expect: &str) {
    let expect: Vec<String> = expect.lines().map(|line| line.trim().replacen("A ", &format!("{id} "), 1)).collect();
    check(input, &expect.join("\n"));
}

#[test]
fn request_bare() {
    let id = format!("12288:{CMID}:2026-01-05T00:13:00Z:kms1.contoso.com:1688:0xC004F074");
    let expect = format!(
        "A attempt.record = request @1
         A attempt.code = 0xC004F074 @1
         A attempt.target = kms1.contoso.com:1688 @1
         A attempt.client-id = {CMID} @1
         A attempt.client-time = 2026-01-05T00:13:00Z @1
         A attempt.flags = 134217728 @1
         A attempt.required-count = 25 @1
         A attempt.activation-id = {PRODUCT} @1
         {PRODUCT} license.status = notification @1
         {PRODUCT} license.minutes-left = 0 @1"
    );
    let string =
        format!("0xC004F074, 0x8000000, kms1.contoso.com:1688, {CMID}, 2026/01/05 00:13, 1, 5, 0, {PRODUCT}, 25");
    check_one(&string, &id, &expect);
    check_one(&string.replace(", ", ","), &id, &expect);
    // Twice is once: the subject is the same.
    let twice = testing::facts(read, format!("{string}\n\nnoted again:\n{string}\n").as_bytes());
    assert!(twice.iter().filter(|fact| fact.key.name() == "attempt.code").all(|fact| fact.subject.id == id));
    let with_message =
        format!("The client has sent an activation request to the key management service machine.\nInfo:\n{string}");
    check_one(&with_message, &id, &expect.replace("@1", "@3"));
    let fact = &testing::facts(read, string.as_bytes())[0];
    assert_eq!(fact.time.map(|time| time.to_string()).as_deref(), Some("2026-01-05T00:13:00Z"));
}

#[test]
fn response_and_served() {
    check_one(
        "0x0, 0x4000008, 0, 0, 4, 120, 10080, 2026/1/5 0:13",
        "12289:2026-01-05T00:13:00Z:0x00000000",
        "A attempt.record = response @1
         A attempt.code = 0x00000000 @1
         A attempt.client-time = 2026-01-05T00:13:00Z @1
         A attempt.flags = 67108872 @1
         A attempt.activated = false @1
         A attempt.count = 4 @1
         A attempt.activation-interval-minutes = 120 @1
         A attempt.renewal-interval-minutes = 10080 @1",
    );
    check_one(
        &format!(
            "ライセンス認証要求が処理されました。\n情報:\n0xC004F06C,5,pc1.contoso.com,{CMID},2026/1/5 0:13,0,2,41520,{PRODUCT}"
        ),
        &format!("12290:{CMID}:2026-01-05T00:13:00Z:pc1.contoso.com:0xC004F06C"),
        &format!(
            "A attempt.record = served @3
             A attempt.code = 0xC004F06C @3
             A attempt.client = pc1.contoso.com @3
             A attempt.client-id = {CMID} @3
             A attempt.client-time = 2026-01-05T00:13:00Z @3
             A attempt.required-count = 5 @3
             A attempt.activation-id = {PRODUCT} @3"
        ),
    );
}

#[test]
fn viewer_japanese_in_every_encoding() {
    let found = rendered(VIEWER_JAPANESE.as_bytes());
    let request = format!(
        "12288:{CMID}:2026-01-05T00:13:00Z:kms1.contoso.com:1688:0xC004F074:2026/01/05 9:13:33:pc1.contoso.com"
    );
    let failure = format!("8198:0xC004F074:{PRODUCT}:2026/01/05 9:14:00:pc1.contoso.com");
    for expect in [
        "machine machine.name = pc1.contoso.com @19".to_owned(),
        "machine machine.domain = contoso.com @19".to_owned(),
        format!("{request} attempt.code = 0xC004F074 @13"),
        format!("{failure} attempt.record = scheduled @20"),
        format!("{failure} attempt.code = 0xC004F074 @20"),
        format!("{failure} attempt.activation-id = {PRODUCT} @20"),
        format!("{failure} attempt.application = windows @20"),
    ] {
        assert!(found.lines().any(|line| line == expect), "{expect}\n{found}");
    }
    assert_eq!(found.lines().filter(|line| line.contains("attempt.computer = pc1.contoso.com")).count(), 2);
    assert_eq!(found.lines().count(), 18, "{found}");
    let text = VIEWER_JAPANESE.replace('\n', "\r\n");
    let utf16: Vec<u8> = text.encode_utf16().flat_map(u16::to_be_bytes).collect();
    for bytes in [SHIFT_JIS.encode(&text).0.into_owned(), utf16, format!("\u{feff}{text}").into_bytes()] {
        assert_eq!(rendered(&bytes), found);
    }
    // The request carries both clocks, and dates the other event, too.
    let times: std::collections::BTreeSet<String> = testing::facts(read, VIEWER_JAPANESE.as_bytes())
        .iter()
        .map(|fact| fact.time.map(|time| time.to_string()).unwrap_or_default())
        .collect();
    assert_eq!(times.into_iter().collect::<Vec<_>>(), ["2026-01-05T00:13:00Z", "2026-01-05T00:14:00Z"]);
    // Without it the local time of the viewer dates nothing.
    let alone = &VIEWER_JAPANESE[VIEWER_JAPANESE.rfind("ログの名前").unwrap()..];
    assert!(testing::facts(read, alone.as_bytes()).iter().all(|fact| fact.time.is_none()));
}

#[test]
fn xml() {
    let request = format!(
        "12288:{CMID}:2026-01-05T00:13:00Z:kms1.contoso.com:1688:0x00000000:2026-01-05T00:13:11.5Z:pc1.contoso.com:#8055"
    );
    let response = "12289:2026-01-05T00:13:00Z:0x00000000:2026-01-05T00:13:12Z:pc1.contoso.com:#8056";
    check(
        XML,
        &format!(
            "machine machine.name = pc1.contoso.com @17
             machine machine.domain = contoso.com @17
             {request} attempt.record = request @12
             {request} attempt.computer = pc1.contoso.com @3
             {request} attempt.record-number = 8055 @12
             {request} attempt.code = 0x00000000 @12
             {request} attempt.target = kms1.contoso.com:1688 @12
             {request} attempt.client-id = {CMID} @12
             {request} attempt.client-time = 2026-01-05T00:13:00Z @12
             {request} attempt.flags = 0 @12
             {request} attempt.required-count = 5 @12
             {request} attempt.activation-id = {PRODUCT} @12
             {response} attempt.record = response @17
             {response} attempt.computer = pc1.contoso.com @17
             {response} attempt.record-number = 8056 @17
             {response} attempt.code = 0x00000000 @17
             {response} attempt.client-time = 2026-01-05T00:13:00Z @17
             {response} attempt.flags = 0 @17
             {response} attempt.activated = true @17
             {response} attempt.count = 50 @17
             {response} attempt.activation-interval-minutes = 120 @17
             {response} attempt.renewal-interval-minutes = 10080 @17
             {response} attempt.activation-id = {PRODUCT} @12
             {PRODUCT} license.status = licensed @17
             {PRODUCT} license.reason absent @17"
        ),
    );
    // Cut off in the second event, and wrapped by the console.
    let cut = &XML[..XML.find("</EventData></Event>").unwrap()];
    assert!(rendered(cut.as_bytes()).contains("attempt.activated = true"), "{}", rendered(cut.as_bytes()));
    let wrapped = XML.replace("kms1.contoso", "kms1.con\n      toso").replace("T00:13:12Z", "T00:13:\n12Z");
    assert!(rendered(wrapped.as_bytes()).contains("attempt.target = kms1.contoso.com:1688"));
    // Other sources use the same numbers.
    assert_eq!(rendered(XML.replace("Microsoft-Windows-Security-SPP", "VSS").as_bytes()), "");
}

#[test]
fn format_list_wrapped() {
    check_one(
        "
    Id           : 8198
    TimeCreated  : 11/18/2026 4:19:19 PM
    Message      : License Activation (slui.exe) failed with the following error code:
                hr=0x8007232B
                Command-line arguments:
                RuleId=eeba1977-569e-4571-b639-7623d8bfecc0;Action=AutoActivate;AppId=55c92734-d682-4d71-983e-d6ec3f1605
                9f;SkuId=de32eafd-aaee-4662-9444-c1be
                fb41bde2;NotificationInterval=1440;Trigger=TimerEvent",
        &format!("8198:0x8007232B:{PRODUCT}:11/18/2026 4:19:19 PM"),
        &format!(
            "A attempt.record = scheduled @3
             A attempt.code = 0x8007232B @3
             A attempt.activation-id = {PRODUCT} @3
             A attempt.application = windows @3"
        ),
    );
    // `Format-List *` has the message in front.
    let text = format!(
        "Message      : The client has sent an activation request to the key management service machine.
               Info:
               0x8007232A, 0x00000000, 0.0.0.0:0, 11111111-2222-3333-4444-5555555
               55555, 2026/01/05 00:13, 1, 5, 0, {PRODUCT}, 5
Id           : 12288
Version      : 0
RecordId     : 77
ProviderName : Microsoft-Windows-Security-SPP
MachineName  : pc1.contoso.com
TimeCreated  : 2026-01-05T00:13:11Z"
    );
    let found = rendered(text.as_bytes());
    let id = format!("12288:{CMID}:2026-01-05T00:13:00Z:0.0.0.0:0:0x8007232A:2026-01-05T00:13:11Z:pc1.contoso.com:#77");
    assert!(found.contains(&format!("{id} attempt.code = 0x8007232A @3")), "{found}");
    assert!(found.contains("machine.name = pc1.contoso.com @9"), "{found}");
}

#[test]
fn failures() {
    check_one(
        &format!(
            "規則エンジンで VL ライセンス認証の失敗が報告されました。\n理由:0xC004F074\nAppId = 55c92734-d682-4d71-983e-d6ec3f16059f、SkuId = {PRODUCT}\nトリガー=NetworkAvailable"
        ),
        &format!("8233:0xC004F074:{PRODUCT}"),
        &format!(
            "A attempt.record = reported @1\nA attempt.code = 0xC004F074 @1\nA attempt.activation-id = {PRODUCT} @1\nA attempt.application = windows @1"
        ),
    );
    check_one(
        "Event ID: 8208\nSource: Security-SPP\nDescription:\nAcquisition of genuine ticket failed (hr=0x80072EE7) for template Id {99d92734-d682-4d71-983e-d6ec3f16059f}",
        "8208:0x80072EE7:-",
        "A attempt.record = online @3\nA attempt.code = 0x80072EE7 @3",
    );
    // An event without its message is still an event.
    check_one(
        "Log Name: Application\nEvent ID: 12288\nDate: 1/2/2026",
        "12288:1/2/2026",
        "A attempt.record = request @1\nA attempt.code unknown Unreadable @1",
    );
    for text in [
        "Log Name: Application\nSource: VSS\nEvent ID: 12289\nDescription:\nVolume Shadow Copy Service error 0x80070005",
        "Event ID: 34\nDescription:\nx",
        "Id : 5",
        "",
    ] {
        check(text, "");
    }
}

#[test]
fn lines_of_events_are_marked() {
    let input = format!(
        "{VIEWER_JAPANESE}\nError: 0xC004F074 x\nEvent ID: 1003\nDescription:\n0xC004F014\n\nError: 0xC004F069 x\n"
    );
    let artifact = kmsdoctor_core::artifact::Artifact::new("test", input.into_bytes(), None);
    let document = Document::decode(&artifact).unwrap();
    let marked = lines_of_events(&document);
    let free: Vec<&str> = document
        .lines
        .iter()
        .zip(marked)
        .filter(|(_, is_marked)| !is_marked)
        .map(|(line, _)| line.text.as_str())
        .filter(|text| !text.is_empty())
        .collect();
    assert_eq!(free, ["Error: 0xC004F074 x", "Error: 0xC004F069 x"]);
}

#[test]
fn time_is_linear() {
    for line in [
        "<Event ",
        "<Event>",
        "</Event>",
        "Event ID: 12288\n",
        "0x0,",
        "0x0, 0x0,\n",
        "Message: x\nId: 1\n",
        "<Event><Data>",
        "VL activation failed VL activation\n",
        "Date: x\n",
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
    fn damaged(cut in 0_usize..3000, places in proptest::collection::vec((0_usize..3000, any::<u8>()), 0..8)) {
        for text in [VIEWER_JAPANESE, XML] {
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
