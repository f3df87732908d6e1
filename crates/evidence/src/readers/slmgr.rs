//! Output of `slmgr` (`/dlv`, `/dli`, `/xpr`, `/ato`, `/skms`) and `ospp` (`/dstatus`, `/act`), and error codes that
//! stand by themselves in a message or ticket.
//!
//! Values are recognised by their form (GUIDs, codes, channels, `host:1688`) before labels, because the output is
//! localised and often shortened, wrapped or made unreadable in part before it is passed on.

mod command;
mod label;
mod license;
mod service;
pub(super) mod words;
mod wrap;

use std::collections::BTreeSet;
use std::ops::RangeInclusive;

use kmsdoctor_core::code::ErrorCode;
use kmsdoctor_core::fact::{Key, Subject, SubjectKind, Value};

use super::console::is_prompt;
use super::events::lines_of_events;
use super::licensing::lines_of_licensing;
use super::pattern::date_in;
use crate::document::Document;
use crate::sink::Sink;
use command::Said;
use label::Label;
use license::Block;

/// Lines between `Activating …` and its result.
const RESULT_LINES_MAX: usize = 12;
/// Lines between the product's name and the answer of `/xpr`.
const XPR_LINES_MAX: usize = 3;
/// Hex digits of the artifact's hash that make names of its own unique.
const HASH_CHARS: usize = 8;
/// `0xC004F014`: the product key is not available.
const KEY_NOT_AVAILABLE: ErrorCode = ErrorCode(0xC004_F014);

type Lines = RangeInclusive<usize>;

/// Puts everything that the scripts say into the sink.
pub(crate) fn read(document: &Document<'_>, sink: &mut Sink<'_>) {
    let of_events = lines_of_events(document);
    let of_objects = lines_of_licensing(document);
    let is_free = |index: usize| !of_events[index] && !of_objects[index];
    let outputs = wrap::outputs(&document.lines, is_free, begins);
    let hash: String = document.artifact.sha256().chars().take(HASH_CHARS).collect();
    let mut scan = Scan {
        sink,
        hash,
        block: Block::default(),
        unnamed: 0,
        is_host: false,
        activating: None,
        product: None,
        codes: BTreeSet::new(),
    };
    for output in &outputs {
        scan.line(output.text.trim(), &output.lines);
    }
    scan.finish();
}

/// True for lines that begin something of their own, which no wrapped line joins.
fn begins(text: &str) -> bool {
    let text = text.trim();
    label::labelled(text).is_some()
        || is_separator(text)
        || is_prompt(text)
        || [
            "Error:",
            "エラー:",
            "Fehler:",
            "Activating ",
            "Key Management Service",
            "キー管理サービス",
            "KMS host caching",
            "DNS publishing",
            "<Product",
            "Please use slmgr",
        ]
        .iter()
        .any(|mark| text.starts_with(mark))
}

/// Lines between the outputs of two commands, or between two products of ospp.
fn is_separator(text: &str) -> bool {
    text.starts_with("Microsoft (R) Windows Script Host")
        || text.starts_with("---")
        || text.starts_with("===")
        || text.starts_with("###")
}

struct Scan<'s, 'd> {
    sink: &'s mut Sink<'d>,
    hash: String,
    block: Block,
    /// Licences so far that do not name themselves.
    unnamed: usize,
    /// The lines belong to the data of a KMS host.
    is_host: bool,
    /// Where `Activating …` stood, and the ID in it.
    activating: Option<(usize, Option<String>)>,
    /// Where `/xpr` named the product.
    product: Option<(String, Lines)>,
    /// Codes that were counted: in prose the same code is mentioned again and again.
    codes: BTreeSet<ErrorCode>,
}

impl Scan<'_, '_> {
    fn line(&mut self, text: &str, lines: &Lines) {
        if text.is_empty() {
            return;
        }
        if is_separator(text) || is_prompt(text) {
            self.finish();
            return;
        }
        if let Some((label, value)) = label::labelled(text) {
            if self.labelled(label, value, lines) {
                return;
            }
        } else if self.unlabelled(text, lines) {
            return;
        }
        self.said(text, lines);
        self.block.take_by_form(text, lines);
    }

    /// Takes a labelled line; false if what it says may still be the result of a command.
    fn labelled(&mut self, label: Label, value: &str, lines: &Lines) -> bool {
        if self.block.ends_before(label) {
            self.finish();
        }
        match label {
            Label::ErrorCode if self.block.has_status() => {
                self.block.reason(value, lines);
                true
            }
            Label::ErrorCode | Label::Other | Label::ProductId => label != Label::ErrorCode,
            Label::Count | Label::ListeningPort | Label::Requests | Label::FailedRequests => {
                if self.is_host || self.block.is_host_key() {
                    service::host(label, value, lines, self.sink);
                }
                true
            }
            label if self.block.take(label, value, lines) => true,
            label => {
                service::labelled(label, value, lines, self.block.is_windows(), self.sink);
                true
            }
        }
    }

    /// Takes a line without label that is no result; true if it was one.
    fn unlabelled(&mut self, text: &str, lines: &Lines) -> bool {
        if let Some(serves) = service::serves(text) {
            self.is_host = serves;
            self.sink.present(&Subject::machine(), Key::HostEnabled, Value::Flag(serves), lines.clone());
            if serves {
                self.block.serves(lines);
            }
            return true;
        }
        if let Some(publishes) = service::publishes(text).filter(|_| self.is_host || self.block.is_host_key()) {
            self.sink.present(&Subject::machine(), Key::HostPublishing, Value::Flag(publishes), lines.clone());
            return true;
        }
        let folded = words::folded(text);
        if folded.contains("license is not in use") || folded.contains("ライセンスは使用されていません")
        {
            self.block.is_not_in_use();
            return true;
        }
        if folded.contains("attempting to activate the following product") {
            self.finish();
            self.block.is_activating = true;
            return true;
        }
        self.xpr(text, lines) || service::setting(text, lines, self.sink)
    }

    /// Takes the answer of `/xpr`.
    fn xpr(&mut self, text: &str, lines: &Lines) -> bool {
        let is_permanent = command::is_permanent(text);
        let expires = if command::expires(text) { date_in(text) } else { None };
        let near = self.product.as_ref().is_some_and(|(_, place)| lines.start() - place.end() <= XPR_LINES_MAX);
        let status = if near && !is_permanent && expires.is_none() { words::status(text) } else { None };
        if !is_permanent && expires.is_none() && status.is_none() {
            return false;
        }
        let subject = self.unnamed_license();
        if let Some((name, place)) = self.product.take().filter(|_| near) {
            self.sink.present(&subject, Key::LicenseProduct, Value::Text(name.clone()), place.clone());
            if let Some(application) = words::application_of_name(&name) {
                self.sink.word(&subject, Key::LicenseApplication, application, place);
            }
        }
        if is_permanent {
            self.sink.present(&subject, Key::LicensePermanent, Value::Flag(true), lines.clone());
        }
        if let Some(time) = expires {
            self.sink.present(&subject, Key::LicenseExpires, Value::Time(time), lines.clone());
        }
        if let Some(status) = status {
            self.sink.word(&subject, Key::LicenseStatus, status, lines.clone());
        }
        true
    }

    fn said(&mut self, text: &str, lines: &Lines) {
        if let Some(name) = command::product_of_xpr(text) {
            self.product = Some((name.to_owned(), lines.clone()));
            return;
        }
        for said in command::said(text) {
            match said {
                Said::Begins(id) => self.activating = Some((*lines.start(), id)),
                Said::Succeeded => self.attempt(ErrorCode::SUCCESS, lines),
                Said::Failed(code) => {
                    self.codes.insert(code);
                    self.attempt(code, lines);
                    if code == KEY_NOT_AVAILABLE {
                        self.no_key(lines);
                    }
                }
                Said::Mentioned(code) => {
                    if self.codes.insert(code) {
                        let subject =
                            Subject::new(SubjectKind::Mention, format!("{}:{}", self.hash, lines.start() + 1));
                        self.sink.present(&subject, Key::MentionCode, Value::Code(code), lines.clone());
                    }
                }
                Said::NoKey => self.no_key(lines),
            }
        }
    }

    fn attempt(&mut self, code: ErrorCode, lines: &Lines) {
        let number = lines.start() + 1;
        let subject = Subject::new(SubjectKind::Attempt, format!("command:{}:{number}", self.hash));
        self.sink.word(&subject, Key::AttemptRecord, "command", lines.clone());
        self.sink.present(&subject, Key::AttemptCode, Value::Code(code), lines.clone());
        let begun = self.activating.take().filter(|(begin, _)| lines.start() - begin <= RESULT_LINES_MAX);
        if let Some((begin, Some(id))) = begun {
            self.sink.present(&subject, Key::AttemptActivationId, Value::Text(id), begin..=*lines.end());
        } else if let (true, Some(id)) = (self.block.is_activating, self.block.activation_id()) {
            self.sink.present(&subject, Key::AttemptActivationId, Value::Text(id.to_owned()), lines.clone());
        }
    }

    fn no_key(&mut self, lines: &Lines) {
        let id = self.activating.as_ref().and_then(|(_, id)| id.clone());
        let subject = id.map_or_else(|| self.unnamed_license(), |id| Subject::new(SubjectKind::License, id));
        // ospp has other words for it: this is slmgr's message, which speaks of Windows.
        self.sink.word(&subject, Key::LicenseApplication, "windows", lines.clone());
        self.sink.present(&subject, Key::LicenseKeyInstalled, Value::Flag(false), lines.clone());
    }

    fn unnamed_license(&mut self) -> Subject {
        self.unnamed += 1;
        Subject::new(SubjectKind::License, self.local_name())
    }

    fn local_name(&self) -> String {
        format!("license-{}@{}", self.unnamed, self.hash)
    }

    /// Ends the block.
    fn finish(&mut self) {
        let block = std::mem::take(&mut self.block);
        self.is_host = false;
        if block.is_license() {
            self.unnamed += 1;
            block.emit(&self.local_name(), self.sink);
        }
    }
}

#[cfg(test)]
mod tests;
