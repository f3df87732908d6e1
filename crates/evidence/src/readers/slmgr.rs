//! Output of `slmgr` (`/dlv`, `/dli`, `/xpr`, `/ato`, `/ao-list`, settings) and `ospp` (`/dstatus`, `/act`, settings), and
//! error codes that stand by themselves in a message or ticket.
//!
//! Values are recognised by their form (GUIDs, codes, channels, `host:1688`) before labels, because the output is
//! localised and often shortened, wrapped or made unreadable in part before it is passed on.

mod asked;
mod command;
mod label;
mod license;
mod service;
mod shape;
pub(super) mod words;
mod wrap;

use std::collections::BTreeSet;
use std::ops::RangeInclusive;

use kmsdoctor_core::code::ErrorCode;
use kmsdoctor_core::fact::{Key, Subject, SubjectKind, Value};

use super::console::is_prompt;
use super::events::lines_of_events;
use super::licensing::{is_activation_object, lines_of_licensing};
use super::pattern::date_in;
use super::remote::lines_of_errors;
use crate::document::Document;
use crate::sink::Sink;
use asked::Asked;
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

/// Only Office activates at an address with this in it.
const OFFICE_URL: &str = "configextension=o1";
/// How slmgr says that the schema of the forest has no activation objects.
const NO_SCHEMA: &str = "not supported in the current active directory schema";

type Lines = RangeInclusive<usize>;

/// Puts everything that the scripts say into the sink.
pub(crate) fn read(document: &Document<'_>, sink: &mut Sink<'_>) {
    let of_events = lines_of_events(document);
    let of_objects = lines_of_licensing(document);
    let of_remote_tools = lines_of_errors(document);
    let is_free = |index: usize| !of_events[index] && !of_objects[index] && !of_remote_tools[index];
    let outputs = wrap::outputs(&document.lines, is_free, begins);
    let hash: String = document.artifact.sha256().chars().take(HASH_CHARS).collect();
    let office = sink.beside();
    let mut scan = Scan {
        sink,
        hash,
        block: Block::default(),
        unnamed: 0,
        is_host: false,
        tells_host: false,
        activating: None,
        product: None,
        codes: BTreeSet::new(),
        office,
        asked: None,
        objects: None,
    };
    for output in &outputs {
        scan.line(output.text.trim(), &output.lines);
    }
    scan.end();
}

/// Whether the licensing service speaks in this line, and no error.
pub(super) fn is_answer(text: &str) -> bool {
    let is_result = |said: &Said| matches!(said, Said::Begins(..) | Said::Succeeded);
    label::labelled(text).is_some_and(|(label, _)| label != Label::ErrorCode)
        || command::said(text).iter().any(is_result)
}

/// True for lines that begin something of their own, which no wrapped line joins.
fn begins(text: &str) -> bool {
    let text = text.trim();
    label::labelled(text).is_some()
        || shape::begins(text)
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
    /// Something was said of whether the machine is a KMS host.
    tells_host: bool,
    /// Where `Activating …` stood, and the application and the ID in it.
    activating: Option<(usize, &'static str, Option<String>)>,
    /// Where `/xpr` named the product.
    product: Option<(String, Lines)>,
    /// Codes that were counted: in prose the same code is mentioned again and again.
    codes: BTreeSet<ErrorCode>,
    /// What is said of the machine for Office: it counts where nothing is said for Windows.
    office: Sink<'d>,
    /// The last command, for answers that tell nothing without it.
    asked: Option<Asked>,
    /// Where the list of activation objects begins.
    objects: Option<usize>,
}

impl Scan<'_, '_> {
    fn line(&mut self, text: &str, lines: &Lines) {
        if text.is_empty() {
            return;
        }
        if let Some(asked) = asked::asked(text, *lines.start()) {
            self.asked = Some(asked);
        }
        if is_separator(text) || is_prompt(text) {
            self.finish();
            return;
        }
        if self.answered(text, lines) || self.activation_object(text, lines) {
            return;
        }
        if text.to_ascii_lowercase().contains(OFFICE_URL) {
            self.block.belongs_to("office", lines);
        }
        let known = label::labelled(text);
        if let Some((label, value)) = known.or_else(|| shape::shaped(text, self.block.context())) {
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
        self.block.saw(label);
        match label {
            Label::ErrorCode if self.block.has_status() => {
                self.block.reason(value, lines);
                true
            }
            Label::ErrorCode | Label::Other | Label::ProductId => label != Label::ErrorCode,
            Label::Count | Label::ListeningPort | Label::Requests | Label::FailedRequests => {
                if self.is_host || self.block.is_host_key() {
                    self.block.host(label, value, lines);
                }
                true
            }
            label if self.block.take(label, value, lines) => true,
            label => {
                let is_windows = self.block.is_windows();
                let sink = if is_windows { &mut *self.sink } else { &mut self.office };
                service::labelled(label, value, lines, is_windows, sink);
                true
            }
        }
    }

    /// Takes a line without label that is no result; true if it was one.
    fn unlabelled(&mut self, text: &str, lines: &Lines) -> bool {
        if let Some(serves) = service::serves(text) {
            self.is_host = serves;
            self.tells_host = true;
            self.sink.present(&Subject::machine(), Key::HostEnabled, Value::Flag(serves), lines.clone());
            if serves {
                self.block.serves(lines);
            }
            return true;
        }
        if let Some(secured) = service::hardware_secured(text) {
            self.sink.present(&Subject::machine(), Key::HostHardwareSecured, Value::Flag(secured), lines.clone());
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

    /// Takes the answer to a command that sets something.
    fn answered(&mut self, text: &str, lines: &Lines) -> bool {
        let near = |asked: &&Asked| lines.start() - asked.line <= asked::ANSWER_LINES_MAX;
        let Some(asked) = self.asked.as_ref().filter(near) else { return false };
        let sink = if asked.is_office { &mut self.office } else { &mut *self.sink };
        let is_answer = asked.answered(text, lines, sink);
        if is_answer {
            self.asked = None;
        }
        is_answer
    }

    /// Takes the distinguished name of an activation object, and the empty list of `/ao-list`.
    fn activation_object(&mut self, text: &str, lines: &Lines) -> bool {
        let labelled = text.split_once([':', '：']).or_else(|| text.split_once(" = "));
        let value = labelled.map_or(text, |(_, value)| value);
        let folded = words::folded(text);
        let near = self.objects.is_some_and(|heading| lines.start() - heading <= XPR_LINES_MAX);
        let word = if is_activation_object(value) {
            "found"
        } else if (near && folded.starts_with("no objects found")) || folded.contains(NO_SCHEMA) {
            "missing"
        } else {
            if folded == "activation objects" {
                self.objects = Some(*lines.start());
            }
            return false;
        };
        self.sink.word(&Subject::machine(), Key::AdActivationObject, word, lines.clone());
        true
    }

    /// Takes the answer of `/xpr`.
    fn xpr(&mut self, text: &str, lines: &Lines) -> bool {
        let is_permanent = command::is_permanent(text);
        let near = self.product.as_ref().is_some_and(|(_, place)| lines.start() - place.end() <= XPR_LINES_MAX);
        // In a language that is not known, a date that is no end of a grace period.
        let may_expire = command::expires(text) || (near && !is_permanent && words::status(text).is_none());
        let expires = if may_expire { date_in(text) } else { None };
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
                Said::Begins(application, id) => self.activating = Some((*lines.start(), application, id)),
                Said::Succeeded => self.attempt(ErrorCode::SUCCESS, lines),
                Said::Failed(code) => {
                    self.codes.insert(code);
                    self.attempt(code, lines);
                    if code == KEY_NOT_AVAILABLE {
                        self.no_key(lines, "windows");
                    }
                }
                Said::Mentioned(code) => {
                    if self.codes.insert(code) {
                        let subject =
                            Subject::new(SubjectKind::Mention, format!("{}:{}", self.hash, lines.start() + 1));
                        self.sink.present(&subject, Key::MentionCode, Value::Code(code), lines.clone());
                    }
                }
                Said::NoKey => self.no_key(lines, "windows"),
                Said::NoOfficeKey => self.no_key(lines, "office"),
            }
        }
    }

    fn attempt(&mut self, code: ErrorCode, lines: &Lines) {
        let number = lines.start() + 1;
        let subject = Subject::new(SubjectKind::Attempt, format!("command:{}:{number}", self.hash));
        self.sink.word(&subject, Key::AttemptRecord, "command", lines.clone());
        self.sink.present(&subject, Key::AttemptCode, Value::Code(code), lines.clone());
        let activating = self.activating.take().filter(|(begin, ..)| lines.start() - begin <= RESULT_LINES_MAX);
        let (begin, application, id) = match activating {
            Some((begin, application, id)) => (begin, Some(application), id),
            None if self.block.is_activating => {
                (*lines.start(), self.block.application_word(), self.block.activation_id().map(str::to_owned))
            }
            None => return,
        };
        if let Some(application) = application {
            self.sink.word(&subject, Key::AttemptApplication, application, begin..=*lines.end());
        }
        if let Some(id) = id {
            self.sink.present(&subject, Key::AttemptActivationId, Value::Text(id), begin..=*lines.end());
        }
    }

    fn no_key(&mut self, lines: &Lines, application: &'static str) {
        let id = self.activating.as_ref().and_then(|(.., id)| id.clone());
        let subject = id.map_or_else(|| self.unnamed_license(), |id| Subject::new(SubjectKind::License, id));
        self.sink.word(&subject, Key::LicenseApplication, application, lines.clone());
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
        let mut block = std::mem::take(&mut self.block);
        self.is_host = false;
        let numbers = block.host_numbers();
        let sink = if block.is_office() { &mut self.office } else { &mut *self.sink };
        if let Some(lines) = block.serves_at().filter(|_| !self.tells_host) {
            self.tells_host = true;
            sink.present(&Subject::machine(), Key::HostEnabled, Value::Flag(true), lines.clone());
        }
        for (key, number, lines) in numbers {
            sink.present(&Subject::machine(), key, Value::Integer(number), lines);
        }
        if block.is_license() {
            self.unnamed += 1;
            block.emit(&self.local_name(), self.sink);
        }
    }

    /// Ends the document.
    fn end(mut self) {
        self.finish();
        let said = self.sink.keys_of_machine();
        let mut facts = self.office.into_facts();
        facts.retain(|fact| fact.subject != Subject::machine() || !said.contains(&fact.key));
        self.sink.append(facts);
    }
}

#[cfg(test)]
mod tests;
