//! One block of licence data.

use std::ops::RangeInclusive;

use kmsdoctor_core::code::ErrorCode;
use kmsdoctor_core::fact::{Key, Subject, SubjectKind, Value, Why};

use super::label::Label;
use super::shape::Context;
use super::words;
use crate::readers::pattern::{codes_in, guid_in, is_masked};
use crate::sink::Sink;

/// Numbers of one host that are kept; it prints four that matter.
const HOST_NUMBERS_MAX: usize = 8;

type Lines = RangeInclusive<usize>;

/// What was read of a block so far: value and lines. `Err` is a value that cannot be read.
#[derive(Debug, Clone, Default)]
pub(super) struct Block {
    name: Option<(String, Lines)>,
    description: Option<(Option<&'static str>, Lines)>,
    /// Generation of a host key.
    generation: Option<(&'static str, Lines)>,
    activation_id: Option<(String, Lines)>,
    application: Option<(&'static str, Lines)>,
    channel: Option<(Result<&'static str, Why>, Lines)>,
    partial_key: Option<(Result<String, Why>, Lines)>,
    status: Option<(Result<&'static str, Why>, Lines)>,
    reason: Option<(ErrorCode, Lines)>,
    minutes: Option<(i64, Lines)>,
    serves: Option<Lines>,
    /// Numbers of a KMS host.
    host: Vec<(Key, i64, Lines)>,
    /// What its lines are about, each once.
    seen: Vec<Label>,
    /// What the last labelled line was about.
    last: Option<Label>,
    /// ospp is activating it: an error code is the result of that, not its state.
    pub(super) is_activating: bool,
    /// The licence is there without a key, as most in a list of all are.
    is_unused: bool,
}

impl Block {
    /// True if a line with this label begins another block.
    pub(super) fn ends_before(&self, label: Label) -> bool {
        match label {
            Label::Version | Label::ProductId => self.has_license_data() || self.name.is_some(),
            Label::Name => self.name.is_some() || self.description.is_some() || self.has_license_data(),
            Label::Description => self.description.is_some(),
            Label::ActivationId => self.activation_id.is_some(),
            _ => false,
        }
    }

    /// True if this is a block of licence data: `Name:` and `Description:` alone stand in many outputs. What adds to
    /// another licence has a state of its own, which is not the product's.
    pub(super) fn is_license(&self) -> bool {
        let is_addon = self.name.as_ref().is_some_and(|(name, _)| words::is_addon(name));
        // A list of all has dozens of licences that are not in use: nothing but a name and IDs is printed of them.
        let is_used = self.status.is_some() || self.partial_key.is_some() || self.channel.is_some();
        self.has_license_data() && is_used && !self.is_unused && !is_addon
    }

    fn has_license_data(&self) -> bool {
        self.status.is_some()
            || self.channel.is_some()
            || matches!(self.description, Some((Some(_), _)))
            || (self.activation_id.is_some() && (self.partial_key.is_some() || self.application.is_some()))
    }

    /// True if its key makes a KMS host.
    pub(super) fn is_host_key(&self) -> bool {
        matches!(self.channel, Some((Ok("csvlk"), _))) || matches!(self.description, Some((Some("csvlk"), _)))
    }

    /// True for Windows, and where nothing says that it is Office.
    pub(super) fn is_windows(&self) -> bool {
        self.application_word() != Some("office")
    }

    /// True if an error code after it tells its state.
    pub(super) fn has_status(&self) -> bool {
        self.status.is_some() && !self.is_activating
    }

    /// What is known of the block, for lines with unknown labels.
    pub(super) fn context(&self) -> Context<'_> {
        Context { seen: &self.seen, last: self.last, is_host_key: self.is_host_key() }
    }

    /// A line with this label belongs to the block.
    pub(super) fn saw(&mut self, label: Label) {
        self.last = Some(label);
        if !self.seen.contains(&label) {
            self.seen.push(label);
        }
    }

    /// Takes a number of a KMS host.
    pub(super) fn host(&mut self, label: Label, value: &str, lines: &Lines) {
        let key = match label {
            Label::Count => Key::HostCount,
            Label::ListeningPort => Key::HostPort,
            Label::Requests => Key::HostRequests,
            Label::FailedRequests => Key::HostFailedRequests,
            _ => return,
        };
        if let Some(number) = words::last_number(value).filter(|_| self.host.len() < HOST_NUMBERS_MAX) {
            self.host.push((key, number, lines.clone()));
        }
    }

    /// The numbers of the host. Where no line says in words that it is one, count and port together do.
    pub(super) fn host_numbers(&mut self) -> Vec<(Key, i64, Lines)> {
        let has = |wanted: Key| self.host.iter().any(|(key, ..)| *key == wanted);
        if self.serves.is_none() && has(Key::HostCount) && has(Key::HostPort) {
            self.serves = self.host.first().map(|(.., lines)| lines.clone());
        }
        if self.serves.is_some() { self.host.clone() } else { Vec::new() }
    }

    /// True for Office.
    pub(super) fn is_office(&self) -> bool {
        self.application_word() == Some("office")
    }

    /// The application, where something beside the name and the ID shows it.
    pub(super) fn belongs_to(&mut self, application: &'static str, lines: &Lines) {
        if self.application_word().is_none() {
            self.application = Some((application, lines.clone()));
        }
    }

    /// Where it says that the machine serves.
    pub(super) fn serves_at(&self) -> Option<&Lines> {
        self.serves.as_ref()
    }

    /// Activation ID, if it can be read.
    pub(super) fn activation_id(&self) -> Option<&str> {
        self.activation_id.as_ref().map(|(id, _)| id.as_str())
    }

    /// The machine serves as a KMS host by this licence.
    pub(super) fn serves(&mut self, lines: &Lines) {
        self.serves = Some(lines.clone());
    }

    /// The licence has no key.
    pub(super) fn is_not_in_use(&mut self) {
        self.is_unused = true;
    }

    /// Takes a labelled value; returns false if the label is none of a licence.
    pub(super) fn take(&mut self, label: Label, value: &str, lines: &Lines) -> bool {
        let lines = lines.clone();
        match label {
            Label::Name => self.name = Some((value.to_owned(), lines)),
            Label::Description => {
                self.generation = words::generation_of_description(value).map(|id| (id, lines.clone()));
                self.description = Some((words::channel_of_description(value), lines));
            }
            Label::ActivationId => self.activation_id = guid_in(value).map(|id| (id.to_lowercase(), lines)),
            Label::ApplicationId => {
                self.application = guid_in(value).and_then(words::application_of_id).map(|name| (name, lines));
            }
            Label::Channel => self.channel = Some((words::channel_of_key(value).ok_or(Why::Unreadable), lines)),
            Label::PartialKey => self.partial_key = Some((words::partial_key(value).ok_or(Why::Unreadable), lines)),
            Label::Status => self.status = Some((words::status(value).ok_or(Why::Unreadable), lines)),
            Label::Reason => self.reason(value, &lines),
            Label::MinutesLeft => {
                if let Some(minutes) = words::minutes(value) {
                    self.minutes = Some((minutes, lines));
                }
            }
            _ => return false,
        }
        true
    }

    /// Takes the reason of the state.
    pub(super) fn reason(&mut self, value: &str, lines: &Lines) {
        if let Some((_, code)) = codes_in(value).first() {
            self.reason = Some((*code, lines.clone()));
        }
    }

    /// Takes what the form of the value tells where the label is not known.
    pub(super) fn take_by_form(&mut self, text: &str, lines: &Lines) {
        let (label, value) = text.split_once([':', '：']).map_or(("", text), |(label, value)| (label, value.trim()));
        if self.channel.is_none() && words::channel_of_key(value).is_some() && value.starts_with("Volume:") {
            self.take(Label::Channel, value, lines);
        } else if self.is_license() && self.minutes.is_none() && value.contains('(') && starts_with_number(value) {
            self.take(Label::MinutesLeft, value, lines);
        } else if self.is_license() && !self.has_status() && self.activation_id.is_none() && label.contains("ID") {
            let id = guid_in(value).filter(|id| words::application_of_id(id).is_none());
            self.activation_id = id.map(|id| (id.to_lowercase(), lines.clone()));
        }
    }

    /// Windows or Office.
    pub(super) fn application_word(&self) -> Option<&'static str> {
        let by_name = || self.name.as_ref().and_then(|(name, _)| words::application_of_name(name));
        self.application.as_ref().map(|(word, _)| *word).or_else(by_name)
    }

    fn subject(&self, local: &str) -> Subject {
        let id = match (&self.activation_id, &self.partial_key) {
            (Some((id, _)), _) => id.clone(),
            (None, Some((Ok(key), _))) => format!("{}:{key}", self.application_word().unwrap_or("windows")),
            _ => local.to_owned(),
        };
        Subject::new(SubjectKind::License, id)
    }

    /// Puts its facts into the sink; `local` names it where it does not name itself.
    pub(super) fn emit(&self, local: &str, sink: &mut Sink<'_>) {
        let subject = self.subject(local);
        if let Some((name, lines)) = self.name.as_ref().filter(|(name, _)| !name.is_empty() && !is_masked(name)) {
            sink.present(&subject, Key::LicenseProduct, Value::Text(name.clone()), lines.clone());
        }
        if let Some((name, lines)) = self.name.as_ref().filter(|_| self.partial_key.is_some())
            && let Some(class) = words::edition_class(name)
        {
            sink.word(&Subject::machine(), Key::MachineEditionClass, class, lines.clone());
        }
        let place = self.application.as_ref().map(|(_, lines)| lines).or(self.name.as_ref().map(|(_, lines)| lines));
        if let (Some(application), Some(lines)) = (self.application_word(), place) {
            sink.word(&subject, Key::LicenseApplication, application, lines.clone());
        }
        self.emit_channel(&subject, sink);
        if let Some((key, lines)) = &self.partial_key {
            sink.present(&subject, Key::LicenseKeyInstalled, Value::Flag(true), lines.clone());
            match key {
                Ok(key) => sink.present(&subject, Key::LicensePartialKey, Value::Text(key.clone()), lines.clone()),
                Err(why) => sink.unknown(&subject, Key::LicensePartialKey, *why, lines.clone()),
            }
        }
        match (&self.status, &self.reason) {
            (Some((Ok(status), lines)), _) => sink.word(&subject, Key::LicenseStatus, status, lines.clone()),
            // The script gives a reason for this state alone.
            (Some((Err(_), lines)), Some((code, _))) if !code.is_success() => {
                sink.word(&subject, Key::LicenseStatus, "notification", lines.clone());
            }
            (Some((Err(why), lines)), _) => sink.unknown(&subject, Key::LicenseStatus, *why, lines.clone()),
            (None, _) => {}
        }
        // ospp prints a code for information where the licence is sound.
        let is_licensed = matches!(self.status, Some((Ok("licensed"), _)));
        if let Some((code, lines)) = self.reason.as_ref().filter(|_| !is_licensed) {
            sink.present(&subject, Key::LicenseReason, Value::Code(*code), lines.clone());
        }
        if let Some((minutes, lines)) = &self.minutes {
            sink.present(&subject, Key::LicenseMinutesLeft, Value::Integer(*minutes), lines.clone());
        }
        if let Some(lines) = &self.serves {
            sink.present(&subject, Key::LicenseServes, Value::Flag(true), lines.clone());
            if let Some((_, count, lines)) = self.host.iter().find(|(key, ..)| *key == Key::HostCount) {
                sink.present(&subject, Key::LicenseHostCount, Value::Integer(*count), lines.clone());
            }
        }
        self.emit_host_key(sink);
    }

    /// What an installed host key tells of the machine.
    fn emit_host_key(&self, sink: &mut Sink<'_>) {
        if !self.is_host_key() {
            return;
        }
        // Lists of all licences have those of host keys that nobody has installed.
        if let (Some((generation, lines)), Some(_)) = (&self.generation, &self.partial_key) {
            sink.present(
                &Subject::machine(),
                Key::HostKeyGeneration,
                Value::Text((*generation).to_owned()),
                lines.clone(),
            );
        }
        if let (true, Some((_, lines))) = (self.is_office(), &self.partial_key) {
            sink.word(&Subject::machine(), Key::HostOfficePack, "installed", lines.clone());
        }
    }

    /// The key's channel counts more than the description, which tells the licence's.
    fn emit_channel(&self, subject: &Subject, sink: &mut Sink<'_>) {
        let described = self.description.as_ref().and_then(|(channel, lines)| Some(((*channel)?, lines)));
        match (&self.channel, described) {
            (Some((Ok(channel), lines)), _) => sink.word(subject, Key::LicenseChannel, channel, lines.clone()),
            (_, Some((channel, lines))) => sink.word(subject, Key::LicenseChannel, channel, lines.clone()),
            (Some((Err(why), lines)), None) => sink.unknown(subject, Key::LicenseChannel, *why, lines.clone()),
            (None, None) => {}
        }
    }
}

fn starts_with_number(text: &str) -> bool {
    let rest = text.trim_start_matches(|character: char| character.is_ascii_digit());
    rest.len() < text.len()
        && (rest.trim_start().starts_with('分') || rest.trim_start().to_lowercase().starts_with("minute"))
}
