//! `nltest` and `Test-ComputerSecureChannel`: the secure channel to the domain, and whether a domain controller answers.
//!
//! nltest is English in every language and prints the numbers of `winerror.h`.

use kmsdoctor_core::fact::{Key, Subject, Why};

use super::{command_line, console};
use crate::document::Document;
use crate::sink::Sink;

/// Lines between the command and `True` or `False`, with the wrapped message of `-Verbose` between them.
const ANSWER_LINES_MAX: usize = 6;

/// What a line of nltest is about.
#[derive(Clone, Copy, PartialEq, Eq)]
enum About {
    /// The channel as the service has it, or as it was verified.
    Channel,
    /// The question itself failed.
    Question,
    /// The search for a domain controller.
    Controller,
}

/// How lines begin that tell a status.
const STATUS_LINES: [(&str, About); 5] = [
    ("Trusted DC Connection Status", About::Channel),
    ("Trust Verification Status", About::Channel),
    ("I_NetLogonControl failed", About::Question),
    ("Getting DC name failed", About::Controller),
    ("DsGetDcName failed", About::Controller),
];

/// What a status says.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Status {
    Success,
    /// The machine and the domain do not trust each other (any more).
    Broken,
    /// No domain controller was found or reached.
    NoController,
    Denied,
    Other,
}

/// Puts channel and controller into the sink.
pub(crate) fn read(document: &Document<'_>, sink: &mut Sink<'_>) {
    let machine = Subject::machine();
    for (index, line) in document.lines.iter().enumerate() {
        let text = line.text.trim();
        if let Some((about, status)) = status_line(text) {
            if !command_line::is_of_another_machine(document, index) {
                tell(about, status, index, sink);
            }
        } else if let Some(("DC", name)) = console::labelled(text) {
            let is_answer = name.starts_with(r"\\") && below(document, index).starts_with("Address:");
            if is_answer && !command_line::is_of_another_machine(document, index) {
                sink.word(&machine, Key::MachineDomainController, "reachable", index..=index + 1);
            }
        } else if tests_channel(text)
            && let Some((is_sound, at)) = answer(document, index)
        {
            let word = if is_sound { "sound" } else { "broken" };
            sink.word(&machine, Key::MachineSecureChannel, word, index..=at);
        }
    }
}

fn below<'d>(document: &'d Document<'_>, index: usize) -> &'d str {
    document.lines.get(index + 1).map_or("", |line| line.text.trim())
}

/// `Trusted DC Connection Status Status = 5 0x5 ERROR_ACCESS_DENIED`
fn status_line(text: &str) -> Option<(About, Status)> {
    let (start, about) = STATUS_LINES.iter().find(|(start, _)| text.starts_with(start))?;
    let (_, number) = text.get(start.len()..)?.split_once("= ")?;
    let number: u32 = number.split_whitespace().next()?.parse().ok()?;
    let status = match number {
        0 => Status::Success,
        // Denied by the domain: the password of the machine's account is not the domain's. By the machine: no rights.
        5 if *about == About::Channel => Status::Broken,
        5 => Status::Denied,
        // NO_SUCH_USER, NO_TRUST_LSA_SECRET, NO_TRUST_SAM_ACCOUNT, TRUSTED_DOMAIN_FAILURE, TRUSTED_RELATIONSHIP_FAILURE
        1317 | 1786..=1789 => Status::Broken,
        // NO_LOGON_SERVERS, NO_SUCH_DOMAIN, DOMAIN_CONTROLLER_NOT_FOUND, and of the question BAD_NETPATH; RPC of
        // the question is the machine's own.
        1311 | 1355 | 1908 => Status::NoController,
        53 | 1722 if *about == About::Channel => Status::NoController,
        _ => Status::Other,
    };
    Some((*about, status))
}

fn tell(about: About, status: Status, index: usize, sink: &mut Sink<'_>) {
    let machine = Subject::machine();
    let lines = index..=index;
    let (channel, controller) = (Key::MachineSecureChannel, Key::MachineDomainController);
    match (about, status) {
        (About::Channel, Status::Success) => {
            sink.word(&machine, channel, "sound", lines);
        }
        (About::Channel | About::Question, Status::Broken) => sink.word(&machine, channel, "broken", lines),
        (About::Channel | About::Question, Status::NoController) => {
            sink.unknown(&machine, channel, Why::NoAnswer, lines.clone());
            sink.word(&machine, controller, "unreachable", lines);
        }
        (About::Question, Status::Denied) => sink.unknown(&machine, channel, Why::NotPermitted, lines),
        (About::Controller, Status::NoController) => sink.word(&machine, controller, "unreachable", lines),
        (About::Controller, Status::Denied) => sink.unknown(&machine, controller, Why::NotPermitted, lines),
        _ => {}
    }
}

fn tests_channel(text: &str) -> bool {
    let command = command_line::command(text).to_ascii_lowercase();
    let is_command = command.starts_with("test-computersecurechannel") || command.starts_with("powershell");
    is_command && command.contains("test-computersecurechannel")
}

/// `True` or `False` below the command.
fn answer(document: &Document<'_>, index: usize) -> Option<(bool, usize)> {
    for (at, line) in document.lines.iter().enumerate().skip(index + 1).take(ANSWER_LINES_MAX) {
        match line.text.trim() {
            "True" => return Some((true, at)),
            "False" => return Some((false, at)),
            text if console::is_prompt(text) => return None,
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::readers::testing;

    fn check(input: &str, expect: &str) {
        testing::check(read, input, expect);
    }

    #[test]
    fn channels() {
        check(
            r"
C:\>nltest /sc_verify:contoso.com
Flags: b0 HAS_IP  HAS_TIMESERV
Trusted DC Name \\DC01.contoso.com
Trusted DC Connection Status Status = 0 0x0 NERR_Success
Trust Verification Status = 0 0x0 NERR_Success
The command completed successfully
",
            "machine machine.secure-channel = sound @4
             machine machine.secure-channel = sound @5",
        );
        for status in ["5 0x5 ERROR_ACCESS_DENIED", "1789 0x6fd ERROR_TRUSTED_RELATIONSHIP_FAILURE", "1787 0x6fb"] {
            check(
                &format!("Trusted DC Connection Status Status = {status}"),
                "machine machine.secure-channel = broken @1",
            );
        }
        check(
            "Trusted DC Connection Status Status = 1311 0x51f ERROR_NO_LOGON_SERVERS",
            "machine machine.secure-channel unknown NoAnswer @1
             machine machine.domain-controller = unreachable @1",
        );
        check(
            "I_NetLogonControl failed: Status = 5 0x5 ERROR_ACCESS_DENIED",
            "machine machine.secure-channel unknown NotPermitted @1",
        );
        check("I_NetLogonControl failed: Status = 1722 0x6ba RPC_S_SERVER_UNAVAILABLE", "");
    }

    #[test]
    fn controllers() {
        check(
            r"
           DC: \\DC01.contoso.com
      Address: \\10.20.0.2
     Dom Guid: 11111111-2222-3333-4444-555555555555
     Dom Name: contoso.com
",
            "machine machine.domain-controller = reachable @1",
        );
        check(
            "Getting DC name failed: Status = 1355 0x54b ERROR_NO_SUCH_DOMAIN",
            "machine machine.domain-controller = unreachable @1",
        );
        check(
            "C:\\>nltest /server:srv02 /dsgetdc:contoso.com\nGetting DC name failed: Status = 1355 0x54b ERROR_NO_SUCH_DOMAIN",
            "",
        );
        check("DC: \\\\DC01", "");
    }

    #[test]
    fn powershell() {
        check("PS C:\\> Test-ComputerSecureChannel\nFalse\n", "machine machine.secure-channel = broken @1");
        check(
            "PS C:\\> Test-ComputerSecureChannel -Verbose\n詳細: 操作 \"Test-ComputerSecureChannel\" を対象 \"PC01\" に対して\n実行しています。\nTrue\n",
            "machine machine.secure-channel = sound @1",
        );
        check("PS C:\\> Test-ComputerSecureChannel\n\nPS C:\\> $true\nTrue", "");
        check("Run Test-ComputerSecureChannel; it says\nFalse", "");
    }

    proptest! {
        #[test]
        fn never_panics(lines in proptest::collection::vec(
            "(Trusted DC Connection Status|Getting DC name failed| Status = |DC: \\\\\\\\|Test-ComputerSecureChannel|False)?\\PC{0,12}", 0..20,
        )) {
            testing::facts(read, lines.join("\n").as_bytes());
        }
    }
}
