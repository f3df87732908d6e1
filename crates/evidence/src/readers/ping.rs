//! `ping`, in any language: the header names the host, replies carry `TTL=` (IPv4) or a time (IPv6), and what the network
//! says of a host that is not there stands in Windows' own words.
//!
//! Silence proves nothing: many hosts and firewalls drop pings. A router, or the machine itself for its own network, that
//! calls the *host* unreachable got no answer to its question for it; "net unreachable" is also how Windows prints what a
//! filter on the way forbids, so it says no more than silence does.

use std::net::IpAddr;
use std::ops::RangeInclusive;

use kmsdoctor_core::fact::{Key, Subject, SubjectKind, Value, Why};

use super::console;
use crate::document::Document;
use crate::sink::Sink;

/// "Destination host unreachable." (ping.exe 10027, tracert.exe 10017).
const HOST_UNREACHABLE: [&str; 3] =
    ["Destination host unreachable", "宛先ホストに到達できません", "Zielhost nicht erreichbar"];

/// Words before and after the name of "could not find host" (ping.exe 10013, tracert.exe 10004).
const NOT_FOUND: [(&str, &str); 6] = [
    ("Ping request could not find host ", ""),
    ("ping 要求ではホスト ", "が見つかりませんでした"),
    ("Ping-Anforderung konnte Host ", "nicht finden"),
    ("Unable to resolve target system name ", ""),
    ("ターゲット システム名 ", "を解決できません"),
    ("Der Zielname ", "konnte nicht aufgelöst werden"),
];

/// Puts what pings found into the sink.
pub(crate) fn read(document: &Document<'_>, sink: &mut Sink<'_>) {
    let mut ping: Option<Ping> = None;
    for (index, line) in document.lines.iter().enumerate() {
        let text = line.text.trim();
        // Outcomes follow at once; prose that speaks of a ping stands alone.
        let followed = document.lines.get(index + 1).is_some_and(|line| !line.text.trim().is_empty());
        if let Some(target) = header(text).filter(|_| followed) {
            let begun = Ping { target, first: index, answer: None, last: index };
            if let Some(before) = ping.replace(begun) {
                before.tell(sink);
            }
        } else if let Some(name) = not_found(text) {
            let name = Subject::new(SubjectKind::Name, name);
            // It does not say whether the name is missing or the server silent.
            sink.unknown(&name, Key::NameAddress, Why::NoAnswer, index..=index);
        } else if console::is_prompt(text) {
            if let Some(before) = ping.take() {
                before.tell(sink);
            }
        } else if let Some(ping) = ping.as_mut().filter(|_| !text.is_empty()) {
            ping.line(text, index);
        }
    }
    if let Some(ping) = ping {
        ping.tell(sink);
    }
}

/// Name or address that a message says was not found.
fn not_found(text: &str) -> Option<&str> {
    let (start, _) = NOT_FOUND.into_iter().find(|(start, end)| text.starts_with(start) && text.contains(end))?;
    let name = text.strip_prefix(start)?.split_whitespace().next()?;
    let name = name.trim_matches(['"', '„', '“', '”', '.']);
    console::is_host_name(name).then_some(name)
}

/// Whom a ping or a trace is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Target {
    pub(super) name: Option<String>,
    pub(super) address: IpAddr,
}

impl Target {
    /// The target that a header names, whatever the language: `kms1.contoso.com [10.20.0.5]`, or an address alone.
    pub(super) fn find(text: &str) -> Option<Self> {
        if let Some((before, rest)) = text.split_once('[') {
            let address = console::address(rest.split_once(']')?.0)?;
            let name = before.split_whitespace().next_back().filter(|name| console::is_host_name(name));
            return Some(Self { name: name.map(str::to_owned), address });
        }
        let mut words = text.split_whitespace().map(|word| word.trim_end_matches(['.', ':', ',', '。']));
        let address = words.find_map(console::address)?;
        Some(Self { name: None, address })
    }

    /// Facts of the target: which address its name led to, and whether it lives.
    pub(super) fn tell(&self, alive: Option<bool>, lines: &[RangeInclusive<usize>; 2], sink: &mut Sink<'_>) {
        let [header, answer] = lines;
        let name = self.name.as_ref().map(|name| Subject::new(SubjectKind::Name, name));
        if let Some(name) = &name {
            let address = Value::Text(self.address.to_string());
            sink.present(name, Key::NameClientAddress, address, header.clone());
        }
        for subject in name.into_iter().chain([Subject::new(SubjectKind::Name, self.address.to_string())]) {
            match alive {
                Some(alive) => sink.present(&subject, Key::NameAlive, Value::Flag(alive), answer.clone()),
                None => sink.unknown(&subject, Key::NameAlive, Why::NoAnswer, answer.clone()),
            }
        }
    }
}

/// Whether the network says that the host is not there.
pub(super) fn says_unreachable(text: &str) -> bool {
    HOST_UNREACHABLE.iter().any(|words| text.contains(words))
}

/// `Pinging kms1 [10.20.0.5] with 32 bytes of data:`: the program's own name, a number of bytes and a colon at the end
/// are the same in every language.
fn header(text: &str) -> Option<Target> {
    if !text.ends_with([':', '：']) {
        return None;
    }
    let lower = text.to_ascii_lowercase();
    // The statistics are headed by the program's name and the address, too.
    let bytes = text.split(|character: char| !character.is_ascii_digit()).any(|number| number == "32")
        || lower.contains("byte")
        || text.contains("バイト");
    (bytes && lower.contains("ping")).then(|| Target::find(text)).flatten()
}

struct Ping {
    target: Target,
    first: usize,
    /// What was answered, and where.
    answer: Option<(bool, usize)>,
    last: usize,
}

impl Ping {
    fn line(&mut self, text: &str, index: usize) {
        self.last = index;
        if is_reply(text, self.target.address) {
            self.answer = Some((true, index));
        } else if says_unreachable(text) && self.answer.is_none() {
            self.answer = Some((false, index));
        }
    }

    fn tell(&self, sink: &mut Sink<'_>) {
        let answer = self.answer.map_or(self.first..=self.last, |(_, index)| index..=index);
        self.target.tell(self.answer.map(|(alive, _)| alive), &[self.first..=self.first, answer], sink);
    }
}

/// `Reply from 10.20.0.5: bytes=32 time<1ms TTL=128`; IPv6 has no TTL. Statistics have times and no address.
fn is_reply(text: &str, address: IpAddr) -> bool {
    let mut words =
        text.split(|character: char| character.is_whitespace() || "：,、".contains(character) || !character.is_ascii());
    let named = words.any(|word| console::address(word.strip_suffix(':').unwrap_or(word)) == Some(address));
    let timed = || {
        text.match_indices("ms").any(|(at, _)| {
            text.get(..at).is_some_and(|before| {
                let number = before.trim_end_matches(|character: char| character.is_ascii_digit());
                number.len() < before.len() && number.ends_with(['=', '<'])
            })
        })
    };
    named && (text.contains("TTL=") || (address.is_ipv6() && timed()))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::readers::testing;

    fn check(input: &str, expect: &str) {
        testing::check(read, input, expect);
    }

    const ALIVE: &str = "
        kms1.contoso.com name.client-address = 10.20.0.5 @2
        kms1.contoso.com name.alive = true @4
        10.20.0.5 name.alive = true @4";

    #[test]
    fn replies_in_several_languages() {
        for (header, reply) in [
            (
                "Pinging kms1.contoso.com [10.20.0.5] with 32 bytes of data:",
                "Reply from 10.20.0.5: bytes=32 time<1ms TTL=127",
            ),
            (
                "kms1.contoso.com [10.20.0.5]に ping を送信しています 32 バイトのデータ:",
                "10.20.0.5 からの応答: バイト数 =32 時間 <1ms TTL=127",
            ),
            (
                "Ping wird ausgeführt für kms1.contoso.com [10.20.0.5] mit 32 Bytes Daten:",
                "Antwort von 10.20.0.5: Bytes=32 Zeit<1ms TTL=127",
            ),
            (
                "正在 Ping kms1.contoso.com [10.20.0.5] 具有 32 字节的数据:",
                "来自 10.20.0.5 的回复: 字节=32 时间<1ms TTL=127",
            ),
            ("Ping kms1.contoso.com [10.20.0.5] 32바이트 데이터 사용:", "10.20.0.5의 응답: 바이트=32 시간<1ms TTL=127"),
            (
                "Envoi d'une requête 'ping' sur kms1.contoso.com [10.20.0.5] avec 32 octets de données :",
                "Réponse de 10.20.0.5 : octets=32 temps<1ms TTL=127",
            ),
        ] {
            check(
                &format!(
                    "C:\\>ping kms1.contoso.com\n{header}\nRequest timed out.\n{reply}\n\nPing statistics for 10.20.0.5:\n    Packets: Sent = 2, Received = 1"
                ),
                ALIVE,
            );
        }
    }

    #[test]
    fn addresses_alone() {
        check(
            "
10.20.0.5 に ping を送信しています 32 バイトのデータ:
10.20.0.5 からの応答: バイト数 =32 時間 =2ms TTL=127",
            "10.20.0.5 name.alive = true @2",
        );
        check("Pinging fd00::5 with 32 bytes of data:\nReply from fd00::5: time=1ms", "fd00::5 name.alive = true @2");
    }

    #[test]
    fn silence_proves_nothing() {
        for silence in ["Request timed out.", "要求がタイムアウトしました。", "Zeitüberschreitung der Anforderung."]
        {
            check(
                &format!("Pinging 10.20.0.5 with 32 bytes of data:\n{silence}\n{silence}\n"),
                "10.20.0.5 name.alive unknown NoAnswer @1",
            );
        }
        check(
            "Pinging 10.20.0.5 with 32 bytes of data:\nReply from 10.20.7.1: TTL expired in transit.",
            "10.20.0.5 name.alive unknown NoAnswer @1",
        );
        check(
            "Pinging 10.20.0.5 with 32 bytes of data:\nReply from 10.20.7.1: Destination net unreachable.",
            "10.20.0.5 name.alive unknown NoAnswer @1",
        );
        check("Pinging 10.20.0.5 with 32 bytes of data:", "");
    }

    #[test]
    fn the_network_says_that_nobody_is_there() {
        for line in [
            "Reply from 10.20.0.31: Destination host unreachable.",
            "10.20.0.31 からの応答: 宛先ホストに到達できません。",
            "Antwort von 10.20.0.31: Zielhost nicht erreichbar.",
        ] {
            check(&format!("Pinging 10.20.0.5 with 32 bytes of data:\n{line}"), "10.20.0.5 name.alive = false @2");
        }
        check(
            "Pinging 10.20.0.5 with 32 bytes of data:\nReply from 10.20.0.31: Destination host unreachable.\nReply from 10.20.0.5: bytes=32 time=9ms TTL=128",
            "10.20.0.5 name.alive = true @3",
        );
    }

    #[test]
    fn names_that_are_not_found() {
        for line in [
            "Ping request could not find host kms9.contoso.com. Please check the name and try again.",
            "ping 要求ではホスト kms9.contoso.com が見つかりませんでした。ホスト名を確認してもう一度実行してください。",
            "Ping-Anforderung konnte Host \"kms9.contoso.com\" nicht finden. Überprüfen Sie den Namen, und versuchen Sie es erneut.",
            "Unable to resolve target system name kms9.contoso.com.",
            "ターゲット システム名 kms9.contoso.com を解決できません。",
        ] {
            check(line, "kms9.contoso.com name.address unknown NoAnswer @1");
        }
    }

    #[test]
    fn prose_and_masks_say_nothing() {
        check("I can ping 10.20.0.5, with 32 bytes of data:\n\nthat works, TTL=5", "");
        check("Reply from 10.20.0.5: bytes=32 time<1ms TTL=127", "");
        check("Pinging <host> [x.x.x.x] with 32 bytes of data:\nReply from x.x.x.x: bytes=32 time<1ms TTL=127", "");
    }

    proptest! {
        #[test]
        fn never_panics(lines in proptest::collection::vec("(Pinging |Reply from |ping 要求ではホスト )?(10\\.20\\.0\\.5|\\[|\\]|kms1)?( with 32 bytes|ms|TTL=)?\\PC{0,12}:?", 0..20)) {
            testing::facts(read, lines.join("\n").as_bytes());
        }
    }
}
