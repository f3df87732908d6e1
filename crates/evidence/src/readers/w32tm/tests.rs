use proptest::prelude::*;

use super::read;
use crate::readers::testing;

fn check(input: &str, expect: &str) {
    testing::check(read, input, expect);
}

#[test]
fn synchronised() {
    check(
        "
C:\\>w32tm /query /status
Leap Indicator: 0(no warning)
Stratum: 3 (secondary reference - syncd by (S)NTP)
Precision: -23 (119.209ns per tick)
Root Delay: 0.0312500s
Root Dispersion: 0.1250000s
ReferenceId: 0x0A140002 (source IP:  10.20.0.2)
Last Successful Sync Time: 11/20/2026 8:15:00 AM
Source: dc1.contoso.com,0x9
Poll Interval: 10 (1024s)
",
        "machine clock.source = dc1.contoso.com @9
         machine clock.synchronised = true @2",
    );
    check(
        "
閏インジケーター: 0 (警告なし)
階層: 3 (二次参照 - (S)NTP で同期)
精度: -23 (ティックごとに 119.209ns)
ルート遅延: 0.0312500s
ルート分散: 0.1250000s
参照 ID: 0x0A140002 (ソース IP:  10.20.0.2)
最終正常同期時刻: 2026/11/20 8:15:00
ソース: dc1.contoso.com,8
ポーリング間隔: 10 (1024s)
",
        "machine clock.source = dc1.contoso.com @8
         machine clock.synchronised = true @1",
    );
}

#[test]
fn wrapped_lines() {
    check(
        "
Leap Indicator: 0(no
warning)
Stratum: 3 (secondary reference -
syncd by (S)NTP)
Precision: -23 (119.209ns per
tick)
ReferenceId: 0x0A140002 (source IP:
10.20.0.2)
Last Successful Sync Time: 11/20/2026
8:15:00 AM
Source: dc1.contoso.com
",
        "machine clock.source = dc1.contoso.com @11
         machine clock.synchronised = true @1",
    );
}

#[test]
fn a_language_without_labels_here_is_read_by_the_order_of_lines() {
    check(
        "
Indicateur : 0 (aucun)
Couche : 3 (secondaire)
Précision : -23 (119.209ns)
Délai : 0.0312500s
Dispersion : 0.1250000s
Référence : 0x0A140002 (IP :  10.20.0.2)
Dernière : 20/11/2026 08:15:00
Origine : dc1.contoso.com
",
        "machine clock.source = dc1.contoso.com @8
         machine clock.synchronised = true @1",
    );
}

#[test]
fn never_synchronised() {
    let en = "
Leap Indicator: 3(not synchronized)
Stratum: 0 (unspecified)
Precision: -23 (119.209ns per tick)
ReferenceId: 0x00000000 (unspecified)
Last Successful Sync Time: unspecified
Source: Local CMOS Clock
";
    let ja = "
閏インジケーター: 3 (同期未実行)
階層: 0 (未指定)
精度: -23 (ティックごとに 119.209ns)
参照 ID: 0x00000000 (未指定)
最終正常同期時刻: 未指定
ソース: Local CMOS Clock
";
    for input in [en, ja] {
        check(input, "machine clock.source = Local CMOS Clock @6\nmachine clock.synchronised = false @6");
    }
}

#[test]
fn a_virtual_machine_that_was_just_set_is_not_called_broken() {
    check(
        "
Leap Indicator: 3(not synchronized)
Stratum: 1 (primary reference - syncd by radio clock)
Precision: -23 (119.209ns per tick)
ReferenceId: 0x564D5450 (source name:  \"VMTP\")
Last Successful Sync Time: 11/20/2026 8:15:00 AM
Source: VM IC Time Synchronization Provider
",
        "machine clock.source = VM IC Time Synchronization Provider @6
         machine clock.synchronised unknown Contradictory @1",
    );
}

#[test]
fn sources_and_errors() {
    check("PS C:\\> w32tm /query /source\ndc1.contoso.com,0x8\nPS C:\\>", "machine clock.source = dc1.contoso.com @2");
    check(
        "w32tm /query /source\nFree-running System Clock",
        "machine clock.source = Free-running System Clock @2
         machine clock.synchronised = false @2",
    );
    check(
        "The following error occurred: Access is denied. (0x80070005)",
        "machine clock.synchronised unknown NotPermitted @1",
    );
    check(
        "次のエラーが発生しました。サービスは開始されていません。 (0x80070426)",
        "machine clock.synchronised = false @1",
    );
    check(
        "The following error occurred: The service has not\nbeen started. (0x80070426)",
        "machine clock.synchronised = false @1",
    );
    check("The service has not been started. (0x80070426)", "");
}

const CHART: &str = "
C:\\>w32tm /stripchart /computer:dc1.contoso.com /samples:3
Tracking dc1.contoso.com [10.20.0.2:123].
Collecting 3 samples.
The current time is 11/20/2026 8:15:00 AM.
08:15:00 d:+00.0010002s o:-14400.2500000s  [@                |                 ]
08:15:02 d:+00.0010002s o:-14400.5000000s  [@                |                 ]
08:15:04 error: 0x800705B4
08:15:06 d:+00.0010002s o:-14399.7500000s  [@                |                 ]
";

#[test]
fn the_median_of_a_chart() {
    check(
        CHART,
        "dc1.contoso.com clock.outcome = answered @5
         dc1.contoso.com clock.offset-s = -14400.250 @5",
    );
}

#[test]
fn charts_in_other_languages() {
    check(
        "
dc1.contoso.com [10.20.0.2:123] を追跡中。
現在の時刻は 2026/11/20 8:15:00 です。
08:15:00, +18000.1250000s
08:15:02, エラー: 0x800705B4
",
        "dc1.contoso.com clock.outcome = answered @3
         dc1.contoso.com clock.offset-s = +18000.125 @3",
    );
    check(
        "dc1.contoso.com wird verfolgt [10.20.0.2:123].\n08:15:00, +00.5000000s",
        "dc1.contoso.com clock.outcome = answered @2
         dc1.contoso.com clock.offset-s = +0.500 @2",
    );
}

#[test]
fn only_errors() {
    check(
        "Tracking dc1 [10.20.0.2:123].\n08:15:00 error: 0x800705B4\n08:15:02 error: 0x800705B4",
        "dc1 clock.outcome = timeout @3",
    );
    check("10.20.0.2 を追跡中。\n08:15:00 エラー: 0x80072746", "10.20.0.2 clock.outcome = refused @2");
    check("w32tm /stripchart /computer:nowhere\n08:15:00 error: 0x80072AF9", "nowhere clock.outcome = unresolved @2");
    check("Tracking dc1 [10.20.0.2:123].\n08:15:00 error: 0x80004005", "dc1 clock.outcome unknown NoAnswer @2");
}

#[test]
fn several_charts_in_one_file() {
    check(
        "
Tracking a.contoso.com [10.20.0.2:123].
08:15:00, +00.1000000s
Tracking b.contoso.com [10.20.0.3:123].
08:15:10, +00.2000000s
",
        "a.contoso.com clock.outcome = answered @2
         a.contoso.com clock.offset-s = +0.100 @2
         b.contoso.com clock.outcome = answered @4
         b.contoso.com clock.offset-s = +0.200 @4",
    );
}

#[test]
fn other_text_with_times_says_nothing() {
    check("08:15:00 INFO service started", "");
    check("Reply from 10.20.0.2: bytes=32 time<1ms TTL=128", "");
    check("08:15:00, +5 items", "");
    check("08:15:00, +0.5s later", "");
    check("08:15:00 error: 0x800705B4", "");
    // Samples alone are evidence all the same.
    check(
        "08:15:00, -00.5000000s",
        "w32tm /stripchart clock.outcome = answered @1
         w32tm /stripchart clock.offset-s = -0.500 @1",
    );
    check(
        "Suivi de dc1.contoso.com [10.20.0.2:123].\n08:15:00, -00.5000000s",
        "dc1.contoso.com clock.outcome = answered @2
         dc1.contoso.com clock.offset-s = -0.500 @2",
    );
}

#[test]
fn charts_that_end_at_once() {
    check(
        "C:\\>w32tm /stripchart /computer:nowhere.contoso.com\nThe following error occurred: No such host is known. (0x80072AF9)",
        "nowhere.contoso.com clock.outcome = unresolved @2",
    );
    check(
        "w32tm /stripchart /computer:nowhere.contoso.com\n次のエラーが発生しました。そのようなホストは不明です。 (0x80072AF9)",
        "nowhere.contoso.com clock.outcome = unresolved @2",
    );
    check("The following error occurred: No such host is known. (0x80072AF9)", "");
}

const CONFIGURATION: &str = "
[Configuration]

EventLogFlags: 2 (Local)
AnnounceFlags: 10 (Local)

[TimeProviders]

NtpClient (Local)
DllName: C:\\WINDOWS\\system32\\w32time.dll (Local)
Enabled: 1 (Local)
AllowNonstandardModeCombinations: 1 (Local)
Type: NTP (Local)
NtpServer: time.contoso.com,0x9 dc1.contoso.com,0x8 (Local)

NtpServer (Local)
Enabled: 0 (Local)
";

#[test]
fn configuration() {
    check(CONFIGURATION, "machine clock.configured-source = time.contoso.com, dc1.contoso.com @13");
    check(
        &CONFIGURATION.replace("(Local)", "(ローカル)").replace("Type: NTP ", "Type: NT5DS "),
        "machine clock.configured-source = NT5DS @12",
    );
    check(
        &CONFIGURATION.replace("(Local)", "(ポリシー)").replace("Type: NTP ", "Type: NoSync "),
        "machine clock.configured-source = NoSync @12
         machine clock.synchronised = false @12",
    );
    check("Type: NTP (Local)", "");
}

#[test]
fn monitor() {
    check(
        "
dc1.contoso.com *** PDC ***[10.20.0.2:123]:
    ICMP: 0ms delay
    NTP: +0.0000000s offset from dc1.contoso.com
        RefID: 'LOCL' [0x4C434F4C]
dc2.contoso.com[10.20.0.3:123]:
    ICMP: 1ms delay
    NTP: error ERROR_TIMEOUT - no response from server in 1000ms
dc3.contoso.com[10.20.0.4:123]:
    ICMP: 1ms delay
    NTP: error WSAECONNRESET - no server listening on NTP port
",
        "dc1.contoso.com clock.outcome = answered @1
         dc2.contoso.com clock.outcome = timeout @5
         dc3.contoso.com clock.outcome = refused @8",
    );
    for words in ["offset from local clock", "ローカル コンピューターの時刻からのオフセット", "Offset von lokaler Zeit"]
    {
        check(
            &format!("kms1.contoso.com[10.20.0.5:123]:\n    ICMP: 0ms\n    NTP: -18000.1250000s {words}\n"),
            "kms1.contoso.com clock.outcome = answered @1
             kms1.contoso.com clock.offset-s = -18000.125 @3",
        );
    }
}

proptest! {
    #[test]
    fn never_panics_on_other_output(damage: (usize, u8, usize)) {
        testing::mutate(read, CONFIGURATION, damage);
    }

    #[test]
    fn never_panics_on_damaged_output(damage: (usize, u8, usize)) {
        testing::mutate(read, CHART, damage);
    }

    #[test]
    fn never_panics(lines in proptest::collection::vec("(Tracking |08:15:00[ ,]|Source: |x: [0-9](\\(|)|The following error occurred:)?(o:|d:|0x|\\+|\\[|\\])?\\PC{0,12}", 0..24)) {
        testing::facts(read, lines.join("\n").as_bytes());
    }
}
