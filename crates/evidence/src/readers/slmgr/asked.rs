//! Command lines of slmgr and ospp. Some answers (`Successfully applied setting.`) tell nothing without them.

use std::ops::RangeInclusive;

use kmsdoctor_core::fact::{Key, Subject, Value};

use super::{service, words};
use crate::sink::Sink;

/// Lines between a command and its answer: the banner of the script host, and the frame of ospp.
pub(super) const ANSWER_LINES_MAX: usize = 8;

type Lines = RangeInclusive<usize>;

/// A command that sets something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Asked {
    /// It is Office's script.
    pub(super) is_office: bool,
    /// `sethst`, `act-type`.
    option: String,
    value: Option<String>,
    /// Where it stands.
    pub(super) line: usize,
}

/// The command of a line, with or without a prompt before it.
pub(super) fn asked(text: &str, line: usize) -> Option<Asked> {
    let lower = text.to_ascii_lowercase();
    let (at, is_office) = match (lower.find("slmgr"), lower.find("ospp.vbs")) {
        (Some(at), _) => (at, false),
        (None, Some(at)) => (at, true),
        (None, None) => return None,
    };
    let before = lower[..at].trim_end();
    if !(before.is_empty() || before.ends_with(['>', '\\', '"', '/']) || before.contains("cscript")) {
        return None;
    }
    let mut tokens = text[at..].split_whitespace().map(|token| token.trim_matches('"')).skip(1);
    let option = tokens.find(|token| token.starts_with(['/', '-']))?.trim_start_matches(['/', '-']);
    let (option, value) = match option.split_once(':') {
        Some((option, value)) => (option, Some(value)),
        None => (option, tokens.next()),
    };
    Some(Asked { is_office, option: option.to_ascii_lowercase(), value: value.map(str::to_owned), line })
}

impl Asked {
    /// Puts what it has set into the sink, if `text` says that it succeeded; true if it does.
    pub(super) fn answered(&self, text: &str, lines: &Lines, sink: &mut Sink<'_>) -> bool {
        let folded = words::folded(text);
        let lines = self.line..=*lines.end();
        let value = self.value.as_deref().unwrap_or_default();
        let machine = Subject::machine();
        if self.is_office {
            if !folded.contains("successfully applied setting") {
                return false;
            }
            match self.option.as_str() {
                "sethst" => service::pinned(value, &lines, sink),
                "setprt" => service::pinned(&format!(":{value}"), &lines, sink),
                "remhst" => {
                    sink.absent(&machine, Key::KmsPinnedHost, lines.clone());
                    sink.absent(&machine, Key::KmsPinnedPort, lines);
                }
                "skms-domain" => service::lookup_domain(value, &lines, sink),
                "ckms-domain" => sink.absent(&machine, Key::KmsLookupDomain, lines),
                "actype" => activation_type(value, lines, sink),
                _ => {}
            }
            return true;
        }
        match self.option.as_str() {
            "act-type"
                if folded.contains("activation type")
                    || (folded.contains("ライセンス認証の種類") && folded.contains("されました")) =>
            {
                activation_type(value, lines, sink);
            }
            "cdns" | "sdns" if folded.trim().len() <= 120 && service::publishes(text).is_some() => {
                sink.present(&machine, Key::HostPublishing, Value::Flag(self.option == "sdns"), lines);
            }
            _ => return false,
        }
        true
    }
}

/// 0 all, 1 Active Directory, 2 KMS, 3 token; without a number it is all.
fn activation_type(value: &str, lines: Lines, sink: &mut Sink<'_>) {
    let number = if value.is_empty() { Ok(0) } else { value.parse::<usize>() };
    let word = number.ok().and_then(|number| ["any", "ad", "kms", "token"].get(number));
    if let Some(word) = word {
        sink.word(&Subject::machine(), Key::KmsActivationType, word, lines);
    }
}
