//! One block of licence data.

use std::ops::RangeInclusive;

use kmsdoctor_core::code::ErrorCode;
use kmsdoctor_core::fact::{Key, Subject, SubjectKind, Value, Why};

use super::label::Label;
use super::words;
use crate::readers::pattern::{codes_in, guid_in, is_masked};
use crate::sink::Sink;

type Lines = RangeInclusive<usize>;

/// What was read of a block so far: value and lines. `Err` is a value that cannot be read.
#[derive(Debug, Clone, Default)]
pub(super) struct Block {
    name: Option<(String, Lines)>,
    description: Option<(Option<&'static str>, Lines)>,
    activation_id: Option<(String, Lines)>,
    application: Option<(&'static str, Lines)>,
    channel: Option<(Result<&'static str, Why>, Lines)>,
    partial_key: Option<(Result<String, Why>, Lines)>,
    status: Option<(Result<&'static str, Why>, Lines)>,
    reason: Option<(ErrorCode, Lines)>,
    minutes: Option<(i64, Lines)>,
    serves: Option<Lines>,
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

    /// True if this is a block of licence data: `Name:` and `Description:` alone stand in many outputs.
    pub(super) fn is_license(&self) -> bool {
        self.has_license_data() && !self.is_unused
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
            Label::Description => self.description = Some((words::channel_of_description(value), lines)),
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
        if self.description.is_none() && words::channel_of_description(value).is_some() && value.contains(", ") {
            self.take(Label::Description, value, lines);
        } else if self.channel.is_none() && words::channel_of_key(value).is_some() && value.starts_with("Volume:") {
            self.take(Label::Channel, value, lines);
        } else if self.is_license() && self.minutes.is_none() && value.contains('(') && starts_with_number(value) {
            self.take(Label::MinutesLeft, value, lines);
        } else if self.is_license() && self.activation_id.is_none() && label.contains("ID") {
            let id = guid_in(value).filter(|id| words::application_of_id(id).is_none());
            self.activation_id = id.map(|id| (id.to_lowercase(), lines.clone()));
        }
    }

    fn application_word(&self) -> Option<&'static str> {
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
        match &self.status {
            Some((Ok(status), lines)) => sink.word(&subject, Key::LicenseStatus, status, lines.clone()),
            Some((Err(why), lines)) => sink.unknown(&subject, Key::LicenseStatus, *why, lines.clone()),
            None => {}
        }
        if let Some((code, lines)) = &self.reason {
            sink.present(&subject, Key::LicenseReason, Value::Code(*code), lines.clone());
        }
        if let Some((minutes, lines)) = &self.minutes {
            sink.present(&subject, Key::LicenseMinutesLeft, Value::Integer(*minutes), lines.clone());
        }
        if let Some(lines) = &self.serves {
            sink.present(&subject, Key::LicenseServes, Value::Flag(true), lines.clone());
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
