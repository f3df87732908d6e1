//! A rule, whatever printed it, and what it means for KMS.

use std::ops::RangeInclusive;

use kmsdoctor_core::fact::{Key, Subject, Value};

use super::wmi;
use crate::sink::Sink;

/// The KMS port.
const KMS_PORT: u16 = 1688;

/// Windows' own inbound rule for KMS; its display name is translated.
pub(super) const KMS_RULE: &str = "SPPSVC-In-TCP";

/// Programs that send activation requests: the service, and the activation dialogue.
const SENDERS: [&str; 3] = ["sppsvc.exe", "slui.exe", "sppextcomobj.exe"];

/// What a filter of a rule lets through.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Filter {
    /// The text does not show it.
    #[default]
    NotShown,
    /// Everything.
    Any,
    /// KMS alone or among others.
    Kms,
    /// Something else than KMS, or a part of it.
    Other,
}

/// One rule.
#[derive(Debug, Clone, Default)]
pub(super) struct Rule {
    /// It bears the name of Windows' own rule.
    pub(super) own: bool,
    /// It belongs to the group of WMI.
    pub(super) of_wmi: bool,
    /// It is about the port at which connections to WMI begin.
    pub(super) at_wmi_port: bool,
    pub(super) enabled: Option<bool>,
    pub(super) inbound: Option<bool>,
    pub(super) blocks: Option<bool>,
    pub(super) tcp: Filter,
    pub(super) local_port: Filter,
    pub(super) remote_port: Filter,
    pub(super) program: Filter,
    pub(super) remote_address: Filter,
    pub(super) lines: Option<RangeInclusive<usize>>,
}

impl Rule {
    /// Extends the lines of the rule to `index`.
    pub(super) fn reach(&mut self, index: usize) {
        let first = self.lines.as_ref().map_or(index, |lines| *lines.start());
        self.lines = Some(first..=index);
    }

    /// Whether it blocks what a KMS client sends; `None` where the text does not show what it is about.
    fn blocks_requests(&self) -> Option<bool> {
        let filters = [self.tcp, self.remote_address, self.program, self.remote_port];
        let off = self.enabled == Some(false) || self.inbound == Some(true) || self.blocks == Some(false);
        if off || filters.contains(&Filter::Other) {
            return Some(false);
        }
        let blocks = self.enabled == Some(true) && self.inbound == Some(false) && self.blocks == Some(true);
        let everything = self.program == Filter::Any && self.remote_port == Filter::Any;
        let of_kms = self.program == Filter::Kms || self.remote_port == Filter::Kms;
        (blocks && (of_kms || everything)).then_some(true)
    }

    /// Whether it is a rule that lets requests in to a KMS host.
    fn admits_requests(&self) -> bool {
        let port = self.local_port == Filter::Kms && self.tcp == Filter::Kms && self.program != Filter::Other;
        self.inbound != Some(false) && self.blocks != Some(true) && (self.own || (port && self.inbound == Some(true)))
    }
}

/// The filter of a list of ports: `1688`, `80,1600-1700`, `Any`.
pub(super) fn port(text: &str, is_any: bool) -> Filter {
    if is_any {
        return Filter::Any;
    }
    let covers = |item: &str| {
        let item = item.trim().trim_matches(['{', '}']);
        let (first, last) = item.split_once('-').unwrap_or((item, item));
        matches!((first.trim().parse::<u16>(), last.trim().parse::<u16>()), (Ok(first), Ok(last)) if (first..=last).contains(&KMS_PORT))
    };
    if text.split(',').any(covers) { Filter::Kms } else { Filter::Other }
}

/// The filter of a path: `C:\Windows\System32\sppsvc.exe`, `Any`.
pub(super) fn program(text: &str, is_any: bool) -> Filter {
    let lower = text.to_ascii_lowercase();
    let file = lower.rsplit(['\\', '/']).next().unwrap_or(&lower);
    match (is_any, SENDERS.contains(&file)) {
        (true, _) => Filter::Any,
        (false, true) => Filter::Kms,
        (false, false) => Filter::Other,
    }
}

/// What all rules of a text say together.
#[derive(Default)]
pub(super) struct Verdicts {
    blocked: Option<RangeInclusive<usize>>,
    /// A rule may block requests or not.
    open: bool,
    /// The lines of a listing of all outbound rules.
    listing: Option<RangeInclusive<usize>>,
    admitted: Option<(bool, RangeInclusive<usize>)>,
    missing: Option<usize>,
    pub(super) wmi: wmi::Rules,
}

impl Verdicts {
    pub(super) fn add(&mut self, rule: &Rule) {
        let Some(lines) = rule.lines.clone() else { return };
        if let Some(enabled) = rule.enabled.filter(|_| rule.of_wmi && rule.inbound == Some(true)) {
            self.wmi.add(rule.at_wmi_port, enabled, lines.clone());
        }
        let blocks = rule.blocks_requests();
        self.open |= blocks.is_none();
        if blocks == Some(true) {
            self.blocked.get_or_insert(lines);
        } else if let Some(enabled) = rule.enabled.filter(|_| rule.admits_requests())
            // Of several rules one that is enabled suffices.
            && (enabled || self.admitted.is_none())
        {
            self.admitted = Some((enabled, lines));
        }
    }

    /// These lines show every outbound rule.
    pub(super) fn all(&mut self, lines: RangeInclusive<usize>) {
        self.listing = Some(lines);
    }

    /// The tool found no rule of Windows' own name.
    pub(super) fn missing(&mut self, index: usize) {
        self.missing = Some(index);
    }

    pub(super) fn tell(self, sink: &mut Sink<'_>) {
        let machine = Subject::machine();
        match (self.admitted, self.missing) {
            (Some((enabled, lines)), _) => {
                sink.word(&machine, Key::HostFirewallRule, if enabled { "enabled" } else { "disabled" }, lines);
            }
            (None, Some(index)) => sink.word(&machine, Key::HostFirewallRule, "missing", index..=index),
            (None, None) => {}
        }
        match (self.blocked, self.listing) {
            (Some(lines), _) => sink.present(&machine, Key::FirewallBlocksOutbound, Value::Flag(true), lines),
            (None, Some(lines)) if !self.open => {
                sink.present(&machine, Key::FirewallBlocksOutbound, Value::Flag(false), lines);
            }
            _ => {}
        }
        self.wmi.tell(sink);
    }
}
