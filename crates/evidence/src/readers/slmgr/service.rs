//! Settings of the client and the state of a KMS host, which belong to the machine rather than to one licence.

use std::ops::RangeInclusive;

use kmsdoctor_core::fact::{Key, Subject, SubjectKind, Value};

use super::label::Label;
use super::words;
use crate::readers::console::is_host_name;
use crate::readers::pattern::{guid_in, host_and_port};
use crate::sink::Sink;

/// Port of a KMS host where none is given.
const PORT_DEFAULT: u16 = 1688;

type Lines = RangeInclusive<usize>;

/// Facts of a labelled line about the machine. `is_windows` tells that the line is about Windows' own settings: those
/// of Office do not show that Windows has none.
pub(super) fn labelled(label: Label, value: &str, lines: &Lines, is_windows: bool, sink: &mut Sink<'_>) {
    let machine = Subject::machine();
    match label {
        Label::Version if is_version(value) => {
            sink.present(&machine, Key::MachineVersion, Value::Text(value.to_owned()), lines.clone());
        }
        Label::ActivationType => {
            if let Some(word) = words::activation_type(value) {
                sink.word(&machine, Key::KmsActivationType, word, lines.clone());
            }
        }
        Label::PinnedHost => pinned(value, lines, sink),
        Label::CachedHost => {
            // The script asks DNS only where no host is pinned.
            if is_windows {
                sink.absent(&machine, Key::KmsPinnedHost, lines.clone());
            }
            match host_and_port(value) {
                Some((host, Some(port))) => {
                    let endpoint = Subject::endpoint(&host, port);
                    sink.present(&machine, Key::KmsCachedHost, Value::Text(host), lines.clone());
                    sink.present(&endpoint, Key::EndpointUsed, Value::Flag(true), lines.clone());
                }
                _ if is_not_available(value) => sink.absent(&machine, Key::KmsCachedHost, lines.clone()),
                _ => {}
            }
        }
        Label::LookupDomain => lookup_domain(value, lines, sink),
        Label::ClientId => {
            if let Some(id) = guid_in(value) {
                sink.present(&machine, Key::MachineClientId, Value::Text(id.to_lowercase()), lines.clone());
            }
        }
        Label::ActivationInterval => number(Key::KmsActivationInterval, value, lines, sink),
        Label::RenewalInterval => number(Key::KmsRenewalInterval, value, lines, sink),
        Label::RearmCount => number(Key::MachineRearmCount, value, lines, sink),
        _ => {}
    }
}

fn number(key: Key, value: &str, lines: &Lines, sink: &mut Sink<'_>) {
    if let Some(number) = words::last_number(value) {
        sink.present(&Subject::machine(), key, Value::Integer(number), lines.clone());
    }
}

/// Whether the line says that this machine serves as a KMS host.
pub(super) fn serves(text: &str) -> Option<bool> {
    let text = words::folded(text);
    let text = text.trim();
    let english = text.starts_with("key management service is") && text.contains("on this machine");
    let japanese = text.contains("キー管理サービス") && text.contains("このコンピュータ") && text.contains("効");
    let german = text.contains("schlüsselverwaltungsdienst") && text.contains("auf diesem computer");
    // Messages of errors use the same words.
    if !(english || japanese || german) || text.contains("0x") || text.len() > 160 {
        return None;
    }
    Some(
        !(text.contains("disabled")
            || text.contains("無効")
            || text.contains("deaktiviert")
            || text.contains("有効ではありません")),
    )
}

/// Whether the line says that the host publishes its record: of a host's lines without a label, the one with DNS.
pub(super) fn publishes(text: &str) -> Option<bool> {
    let text = words::folded(text);
    let text = text.trim();
    if text.len() > 120 || text.contains([':', '=']) || !text.contains("dns") {
        return None;
    }
    let off = ["disabled", "無効", "deaktiviert", "已禁用", "已停用", "안 함", "désactiv"];
    let on = ["enabled", "有効", "aktiviert", "已启用", "已啟用", "사용", "activ"];
    let is_off = off.iter().any(|word| text.contains(word));
    let is_on = on.iter().any(|word| text.contains(word));
    (is_off || is_on).then_some(!is_off)
}

/// Whether the host says that it meets what hardware-based security asks for (Windows Server 2025, August 2026).
pub(super) fn hardware_secured(text: &str) -> Option<bool> {
    let text = words::folded(text);
    if !text.contains("hardware-based security") || !text.contains("kms host") || text.len() > 200 {
        return None;
    }
    let is_short = text.contains("doesn't meet") || text.contains("doesn’t meet") || text.contains("does not meet");
    (is_short || text.contains("is eligible")).then_some(!is_short)
}

/// Facts of the lines that `/skms`, `/ckms`, `/skms-domain` and `/sprt` answer with; true if it is one.
pub(super) fn setting(text: &str, lines: &Lines, sink: &mut Sink<'_>) -> bool {
    let folded = words::folded(text);
    let is_about =
        folded.contains("key management service") || folded.contains("キー管理サービス") || folded.contains("kms");
    let is_set = folded.contains("set to ") || folded.contains("設定されました") || folded.contains("festgelegt");
    let is_cleared = ["cleared", "クリアされました", "消去されました", "解除されました", "gelöscht"]
        .iter()
        .any(|word| folded.contains(word));
    if !is_about || !(is_set || is_cleared) || text.len() > 400 {
        return false;
    }
    if ["kms port set to", "kms ポート"].iter().any(|words| folded.contains(words)) {
        if let Some(port) = words::last_number(text).filter(|port| (1..=65535).contains(port)) {
            sink.present(&Subject::machine(), Key::HostPort, Value::Integer(port), lines.clone());
        }
        return true;
    }
    let is_domain = ["lookup domain", "検索ドメイン", "参照ドメイン"].iter().any(|word| folded.contains(word));
    let is_name = ["machine name", "コンピューター名", "コンピュータ名", "コンピューターの名前", "computername"]
        .iter()
        .any(|word| folded.contains(word));
    let machine = Subject::machine();
    if is_cleared {
        if is_domain {
            sink.absent(&machine, Key::KmsLookupDomain, lines.clone());
        } else if is_name {
            sink.absent(&machine, Key::KmsPinnedHost, lines.clone());
            sink.absent(&machine, Key::KmsPinnedPort, lines.clone());
        }
    } else if let Some(value) = value_of_setting(text) {
        if is_domain {
            lookup_domain(value, lines, sink);
        } else if is_name {
            pinned(value, lines, sink);
        }
    }
    is_name || is_domain
}

/// The name in `… set to kms1.contoso.com successfully.`, in any language: the last word that only a name can be.
fn value_of_setting(text: &str) -> Option<&str> {
    if let Some((_, rest)) = text.split_once("set to ") {
        return rest.split_whitespace().next();
    }
    let is_part = |character: char| character.is_ascii_alphanumeric() || matches!(character, '.' | '-' | ':' | '_');
    let words = text.split(|character: char| !is_part(character)).map(|word| word.trim_matches(['.', ':', '-']));
    words
        .filter(|word| word.contains(['.', ':']) || (word.len() > 3 && !word.eq_ignore_ascii_case("kms")))
        .find(|word| host_and_port(word).is_some())
}

/// A host pinned on the client, with or without a port.
pub(super) fn pinned(value: &str, lines: &Lines, sink: &mut Sink<'_>) {
    let machine = Subject::machine();
    // `/skms :1700` pins the port alone.
    if let Some(port) = value.strip_prefix(':').and_then(|port| port.parse::<u16>().ok()) {
        sink.present(&machine, Key::KmsPinnedPort, Value::Integer(port.into()), lines.clone());
        return;
    }
    let Some((host, port)) = host_and_port(value) else { return };
    sink.present(&machine, Key::KmsPinnedHost, Value::Text(host.clone()), lines.clone());
    if let Some(port) = port {
        sink.present(&machine, Key::KmsPinnedPort, Value::Integer(port.into()), lines.clone());
    }
    let endpoint = Subject::endpoint(&host, port.unwrap_or(PORT_DEFAULT));
    sink.present(&endpoint, Key::EndpointPinned, Value::Flag(true), lines.clone());
}

/// A domain in which the client is told to look.
pub(super) fn lookup_domain(value: &str, lines: &Lines, sink: &mut Sink<'_>) {
    if !is_host_name(value) {
        return;
    }
    sink.present(&Subject::machine(), Key::KmsLookupDomain, Value::Text(value.to_owned()), lines.clone());
    sink.present(&Subject::new(SubjectKind::Domain, value), Key::DomainLookup, Value::Flag(true), lines.clone());
}

fn is_version(value: &str) -> bool {
    value.contains('.') && value.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.')
}

fn is_not_available(value: &str) -> bool {
    let value = words::folded(value);
    [
        "not available",
        "unavailable",
        "利用できません",
        "使用できません",
        "ありません",
        "nicht verfügbar",
        "不可用",
        "사용할 수 없",
        "disponible",
    ]
    .iter()
    .any(|word| value.contains(word))
}
