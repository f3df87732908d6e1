use proptest::prelude::*;

use super::read;
use crate::readers::testing;

fn check(input: &str, expect: &str) {
    testing::check(read, input, expect);
}

#[test]
fn sc_in_any_language() {
    check(
        "
SERVICE_NAME: sppsvc
        TYPE               : 10  WIN32_OWN_PROCESS
        STATE              : 1  STOPPED
        WIN32_EXIT_CODE    : 0  (0x0)
",
        "machine service.state = stopped @1",
    );
    check(
        "
C:\\>sc queryex sppsvc

サービス名: sppsvc
        種類               : 10  WIN32_OWN_PROCESS
        状態               : 4  RUNNING
                                (NOT_STOPPABLE, NOT_PAUSABLE, IGNORES_SHUTDOWN)
        PID                : 4711
",
        "machine service.state = running @3",
    );
    check(
        "
[SC] QueryServiceConfig SUCCESS

SERVICE_NAME: sppsvc
        TYPE               : 10  WIN32_OWN_PROCESS
        START_TYPE         : 2   AUTO_START  (DELAYED)
        ERROR_CONTROL      : 1   NORMAL
        BINARY_PATH_NAME   : C:\\Windows\\system32\\sppsvc.exe
        DISPLAY_NAME       : Software Protection
",
        "machine service.start-type = delayed @3",
    );
    check(
        "
[SC] QueryServiceConfig ERFOLG

SERVICE_NAME: sppsvc
        STARTTYP           : 4   DISABLED
",
        "machine service.start-type = disabled @3",
    );
}

#[test]
fn psservice_with_tabs_and_a_description() {
    check(
        "
SERVICE_NAME: sppsvc
DISPLAY_NAME: Software Protection
Enables the download, installation and enforcement of digital licenses for Windows
and Windows applications.
\tTYPE\t\t  : 10 WIN32_OWN_PROCESS
\tSTATE\t\t  : 2  START_PENDING
\t\t\t       (NOT_STOPPABLE,NOT_PAUSABLE,IGNORES_SHUTDOWN)
",
        "machine service.state = start-pending @6",
    );
}

#[test]
fn powershell_lists_and_tables() {
    check(
        "
PS C:\\> Get-Service sppsvc | fl *

Name                : sppsvc
RequiredServices    : {RpcSs}
MachineName         : .
Status              : Stopped
StartType           : Disabled
",
        "machine service.state = stopped @3
         machine service.start-type = disabled @7",
    );
    check(
        "Name      : sppsvc\nStatus : OK\nStartMode : Auto\nState : Running\nDelayedAutoStart : True",
        "machine service.state = running @1
         machine service.start-type = delayed @1",
    );
    // .NET does not say whether the start is delayed.
    check(
        "
Name   Status  StartType
----   ------  ---------
sppsvc Stopped Automatic",
        "machine service.state = stopped @3
         machine service.start-type unknown NotInEvidence @3",
    );
    check(
        "
Status   Name               DisplayName
------   ----               -----------
Running  sppsvc             Software Protection",
        "machine service.state = running @3",
    );
}

#[test]
fn starting_answers_with_a_number_in_every_language() {
    check(
        "
C:\\>net start sppsvc
System error 1058 has occurred.

The service cannot be started, either because it is disabled or because it has no enabled devices
associated with it.
",
        "machine service.start-code = 0x80070422 @1",
    );
    check(
        "C:\\>net start \"Software Protection\"\nシステム エラー 5 が発生しました。\n\nアクセスが拒否されました。",
        "machine service.start-code = 0x80070005 @1",
    );
    check("C:\\>NET START SPPSVC\nSystemfehler 1058 aufgetreten.", "machine service.start-code = 0x80070422 @1");
    check(
        "C:\\>sc start sppsvc\n[SC] StartService FAILED 1058:\n\nThe service cannot be started",
        "machine service.start-code = 0x80070422 @1",
    );
    check("C:\\>sc start sppsvc\n[SC] StartService FEHLER 1058:", "machine service.start-code = 0x80070422 @1");
    check(
        "C:\\>net start sppsvc\nA service specific error occurred: 3221549172.\n\nMore help is available by typing NET HELPMSG 3547.",
        "machine service.start-code = 0xC004F074 @1",
    );
}

#[test]
fn a_service_that_starts_or_runs() {
    check(
        "
C:\\>net stop wuauserv & net start sppsvc
Software Protection サービスを開始します.
Software Protection サービスは正常に開始されました。
",
        "machine service.start-code = 0x00000000 @1
         machine service.state = running @1",
    );
    check(
        "C:\\>net start sppsvc\nThe requested service has already been started.\n\nMore help is available by typing NET HELPMSG 2182.",
        "machine service.state = running @1",
    );
}

#[test]
fn the_list_of_started_services() {
    let list = |service: &str| {
        format!(
            "C:\\>net start\nThese Windows services are started:\n\n   DHCP Client\n{service}   Windows Time\n\nThe command completed successfully.\n"
        )
    };
    check(&list("   Software Protection\n"), "machine service.state = running @5");
    check(&list(""), "machine service.state = stopped @7");
    check("次の Windows サービスが開始されています:\n\n   DHCP Client\n", "");
    check("C:\\>net start | find \"Prot\"\n\nC:\\>dir\n   x\nThe end.", "");
}

#[test]
fn refusals_are_no_state() {
    check(
        "C:\\>sc query sppsvc\n[SC] EnumQueryServicesStatus:OpenService FAILED 5:\n\nAccess is denied.",
        "machine service.state unknown NotPermitted @1",
    );
    check(
        "C:\\>sc qc sppsvc\n[SC] OpenService FAILED 5:\n\nアクセスが拒否されました。",
        "machine service.start-type unknown NotPermitted @1",
    );
    check("C:\\>sc query sppsvc\n[SC] EnumQueryServicesStatus:OpenService FAILED 1060:", "");
}

#[test]
fn other_services_machines_and_prose_say_nothing() {
    check("SERVICE_NAME: wuauserv\n        STATE              : 1  STOPPED", "");
    check("SERVICE_NAME: sppsvc\nSERVICE_NAME: wuauserv\n        STATE              : 1  STOPPED", "");
    check("C:\\>sc \\\\pc02 query sppsvc\n\nSERVICE_NAME: sppsvc\n        STATE              : 1  STOPPED", "");
    check("Name : sppsvc\nMachineName : pc02\nStatus : Stopped", "");
    check("Stopped sppsvc and started it again.", "");
    check("STATE of sppsvc: 1 STOPPED is normal.", "");
    check("C:\\>net start wuauserv\nSystem error 1058 has occurred.", "");
    check("System error 1058 has occurred.", "");
    check("SERVICE_NAME: sppsvc\n        STATE              : 4  STOPPED", "");
}

proptest! {
    #[test]
    fn never_panics(lines in proptest::collection::vec(
        "(C:\\\\>net start sppsvc|SERVICE_NAME: sppsvc|sppsvc|STATE : 1  STOPPED|\\[SC\\] | NET HELPMSG |error|   )?\\PC{0,12}", 0..20,
    )) {
        testing::facts(read, lines.join("\n").as_bytes());
    }
}
