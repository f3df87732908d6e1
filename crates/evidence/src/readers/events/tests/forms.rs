//! The same events in every form in which they are passed on.

use super::*;

const SENTENCE: &str = "The client has sent an activation request to the key management service machine.";
const SENTENCE_JAPANESE: &str = "クライアントからキー管理サービス コンピューターにライセンス認証要求が送信されました。";

fn string() -> String {
    format!("0xC004F074, 0x00000000, kms1.contoso.com:1688, {CMID}, 2026/01/05 00:13, 1, 5, 0, {PRODUCT}, 25")
}

/// Asserts that each of `expect` is among the facts, as `key value @line`; keys of attempts without their subject.
fn check_some(input: &str, expect: &[&str]) {
    let found = rendered(input.as_bytes());
    for expect in expect {
        assert!(found.lines().any(|line| line.ends_with(expect)), "{expect}\nis missing in\n{found}\nof\n{input}");
    }
}

fn count(input: &str, key: &str) -> usize {
    rendered(input.as_bytes()).lines().filter(|line| line.contains(key)).count()
}

#[test]
fn event_viewer_csv() {
    let string = string();
    let failure = format!(
        "RuleId=1;Action=AutoActivate;AppId=0ff1ce15-a989-479d-af46-f275c6370663;SkuId={PRODUCT};NotificationInterval=1440"
    );
    let english = format!(
        "Level,Date and Time,Source,Event ID,Task Category
Information,1/5/2026 9:13:33 AM,Microsoft-Windows-Security-SPP,12288,None,\"{SENTENCE}
Info:
{string}\"
Error,1/5/2026 9:12:02 AM,Microsoft-Windows-Security-SPP,8198,None,\"License Activation (slui.exe) failed with the following error code:
hr=0xC004F074
Command-line arguments:
{failure}\"
Error,1/5/2026 9:11:00 AM,VSS,12289,None,\"Volume Shadow Copy Service error: \"\"x\"\" 0x80070005\"
"
    );
    let expect = [
        "attempt.code = 0xC004F074 @4",
        "attempt.target = kms1.contoso.com:1688 @4",
        "attempt.record = scheduled @5",
        "attempt.application = office @5",
    ];
    check_some(&english, &expect);
    assert_eq!(count(&english, "attempt.record"), 2);
    // The month stands first, as the request shows, and the zone is nine hours ahead.
    let time = |input: &str| {
        let facts = testing::facts(read, input.as_bytes());
        let failure = facts.into_iter().find(|fact| fact.subject.id.starts_with("8198:"));
        failure.and_then(|fact| fact.time).map(|time| time.to_string())
    };
    assert_eq!(time(&english).as_deref(), Some("2026-01-05T00:12:02Z"));
    let japanese = english
        .replace(
            "Level,Date and Time,Source,Event ID,Task Category",
            "レベル,日付と時刻,ソース,イベント ID,タスクのカテゴリ",
        )
        .replace("Information,1/5/2026 9:13:33 AM", "情報,2026/01/05 9:13:33")
        .replace("Error,1/5/2026 9:12:02 AM", "エラー,2026/01/05 9:12:02")
        .replace(SENTENCE, SENTENCE_JAPANESE)
        .replace("Info:", "情報:");
    check_some(&japanese, &expect);
    assert_eq!(time(&japanese).as_deref(), Some("2026-01-05T00:12:02Z"));
    let bytes = SHIFT_JIS.encode(&japanese).0.into_owned();
    assert_eq!(rendered(&bytes), rendered(japanese.as_bytes()));
    // German, with tabs, without the head, and in a language without labels here: by the order of columns.
    let german = english.replace(
        "Level,Date and Time,Source,Event ID,Task Category",
        "Ebene,Datum und Uhrzeit,Quelle,Ereignis-ID,Aufgabenkategorie",
    );
    check_some(&german, &expect);
    let tabs = german
        .replace(",1/5", "\t1/5")
        .replace("AM,", "AM\t")
        .replace("SPP,", "SPP\t")
        .replace("12288,", "12288\t")
        .replace("8198,", "8198\t")
        .replace("None,", "Keine\t");
    check_some(&tabs, &expect);
    check_some(
        &english
            .replace("Level,Date and Time", "Nivel,Fecha y hora")
            .replace("Source,Event ID", "Origen,Id. del evento"),
        &expect,
    );
}

#[test]
fn export_csv() {
    let string = string();
    let input = format!(
        "#TYPE System.Diagnostics.Eventing.Reader.EventLogRecord
\"Message\",\"Id\",\"Version\",\"Qualifiers\",\"Level\",\"RecordId\",\"ProviderName\",\"LogName\",\"MachineName\",\"TimeCreated\"
\"{SENTENCE}
Info:
{string}\",\"12288\",\"0\",\"16384\",\"4\",\"77\",\"Microsoft-Windows-Security-SPP\",\"Application\",\"pc1.contoso.com\",\"2026/01/05 9:13:33\"
"
    );
    check_some(
        &input,
        &[
            "attempt.code = 0xC004F074 @5",
            "attempt.record-number = 77 @5",
            "attempt.computer = pc1.contoso.com @5",
            "machine.domain = contoso.com @5",
        ],
    );
    assert_eq!(count(&input, "attempt.record "), 1);
}

#[test]
fn json_of_powershell() {
    let string = string();
    let object = |time: &str| {
        format!(
            "{{
    \"Id\":  12288,
    \"Qualifiers\":  16384,
    \"ProviderName\":  \"Microsoft-Windows-Security-SPP\",
    \"LogName\":  \"Application\",
    \"RecordId\":  77,
    \"MachineName\":  \"pc1.contoso.com\",
    \"TimeCreated\":  \"{time}\",
    \"Properties\":  [
                       \"System.Diagnostics.Eventing.Reader.EventProperty\"
                   ],
    \"Message\":  \"{SENTENCE}\\r\\nInfo:\\r\\n{string}\"
}}"
        )
    };
    // Windows PowerShell and PowerShell 7, alone, in a list, and among other text.
    for time in ["\\/Date(1767572013000)\\/", "2026-01-05T09:13:33+09:00", "2026-01-05T00:13:33.0000000Z"] {
        let one = object(time);
        let id = format!(
            "12288:{CMID}:2026-01-05T00:13:00Z:kms1.contoso.com:1688:0xC004F074:2026-01-05T00:13:33Z:pc1.contoso.com:#77"
        );
        check_some(&one, &[&format!("{id} attempt.code = 0xC004F074 @12"), "attempt.computer = pc1.contoso.com @1"]);
        let list =
            format!("PS C:\\> Get-WinEvent -LogName Application | ConvertTo-Json\n[\n{one},\n{one}\n]\nPS C:\\>");
        assert_eq!(count(&list, "attempt.target"), 2, "{list}");
        let compressed = format!("[{},{}]", one.replace('\n', ""), one.replace('\n', ""));
        assert_eq!(count(&compressed, "attempt.target"), 2, "{compressed}");
        // Cut off in the second: the first is read.
        let cut = &list[..list.rfind("\"Message\"").unwrap()];
        assert_eq!(count(cut, "attempt.target"), 1);
    }
    // The values, where they were kept, go before the message.
    let values = object("2026-01-05T00:13:33Z")
        .replace("\"System.Diagnostics.Eventing.Reader.EventProperty\"", &format!("{{ \"Value\": \"{string}\" }}"));
    check_some(&values.replace(SENTENCE, "?"), &["attempt.code = 0xC004F074 @12"]);
    // Another source.
    assert_eq!(rendered(object("").replace("Security-SPP", "VSS").as_bytes()), "");
}

#[test]
fn json_lines() {
    let string = string();
    let plain = format!(
        "{{\"record\": 8055, \"event_id\": 12288, \"time\": \"2026-01-05T00:13:11Z\", \"computer\": \"pc1.contoso.com\", \"params\": [\"{string}\"], \"msg_ja\": \"{SENTENCE_JAPANESE}\"}}"
    );
    // As converters of binary logs write it.
    let nested = format!(
        "{{\"Event\":{{\"#attributes\":{{\"xmlns\":\"x\"}},\"System\":{{\"Provider\":{{\"#attributes\":{{\"Name\":\"Microsoft-Windows-Security-SPP\"}}}},\"EventID\":{{\"#attributes\":{{\"Qualifiers\":16384}},\"#text\":12288}},\"TimeCreated\":{{\"#attributes\":{{\"SystemTime\":\"2026-01-05T00:13:11Z\"}}}},\"EventRecordID\":8055,\"Channel\":\"Application\",\"Computer\":\"pc1.contoso.com\"}},\"EventData\":{{\"Data\":{{\"#text\":[\"{string}\"]}}}}}}}}"
    );
    let id = format!(
        "12288:{CMID}:2026-01-05T00:13:00Z:kms1.contoso.com:1688:0xC004F074:2026-01-05T00:13:11Z:pc1.contoso.com:#8055"
    );
    for line in [plain, nested] {
        check_some(
            &format!("{line}\n{}\n", line.replace("00:13", "00:14")),
            &[&format!("{id} attempt.target = kms1.contoso.com:1688 @1")],
        );
        assert_eq!(count(&format!("{line}\n{}\n", line.replace("00:13", "00:14")), "attempt.target"), 2);
    }
    for other in ["{\"id\": 12288}", "{\"Id\": 12288, \"Message\": \"x\"}", "{", "[{", "{\"a\":\n{\"b\":1}}", "{}"] {
        assert_eq!(rendered(other.as_bytes()), "", "{other}");
    }
}

#[test]
fn viewer_in_other_languages() {
    let string = string();
    for (head, sentence) in [
        (
            ["Protokollname:", "Quelle:", "Datum:", "Ereignis-ID:", "Computer:", "Beschreibung:"],
            "Vom Client wurde eine Aktivierungsanforderung an den Computer mit dem Schlüsselverwaltungsdienst gesendet.",
        ),
        (
            ["日志名称:", "来源:", "日期:", "事件 ID:", "计算机:", "描述:"],
            "客户端已向密钥管理服务计算机发送了激活请求。",
        ),
        (["로그 이름:", "원본:", "날짜:", "이벤트 ID:", "컴퓨터:", "설명:"], "?"),
        (
            ["Nom du journal :", "Source :", "Date :", "ID de l’événement :", "Ordinateur :", "Description :"],
            "Le client a envoyé une demande d’activation à l’ordinateur du service de gestion de clés.",
        ),
    ] {
        let values =
            ["Application", "Microsoft-Windows-Security-SPP", "2026-01-05 09:13:33", "12288", "pc1.contoso.com", ""];
        let lines: Vec<String> =
            head.iter().zip(values).map(|(label, value)| format!("{label}        {value}")).collect();
        let input = format!("{}\n{sentence}\nInfo:\n{string}\n", lines.join("\n"));
        check_some(&input, &["attempt.code = 0xC004F074 @9", "attempt.computer = pc1.contoso.com @5"]);
    }
}

#[test]
fn time_of_tables_and_objects_is_linear() {
    for line in [
        "\"a,b,SPP,1\n",
        "x,y,SPP,12288,\"\n",
        "Id,Source,Date\n\"\n",
        "{\"a\":\n",
        "{\"a\":[\n",
        "[{\"a\":1},",
        "{\"a\":\"\n",
        "{\"Id\":1},",
    ] {
        testing::facts(read, line.repeat(200_000 / line.len()).as_bytes());
    }
}

proptest! {
    #[test]
    fn never_panics(at in 0_usize..2000, byte in any::<u8>(), end in 0_usize..4000) {
        let table = format!("Level,Date and Time,Source,Event ID,Task Category\nError,1/5/2026 9:13:33 AM,SPP,12288,None,\"{SENTENCE}\nInfo:\n{}\"\n", string());
        let object = format!("[{{\"Id\":12288,\"ProviderName\":\"SPP\",\"TimeCreated\":\"2026-01-05T00:13:33Z\",\"Message\":\"{}\"}},\n", string());
        for input in [table, object] {
            testing::mutate(read, &input, (at, byte, end));
        }
    }
}
