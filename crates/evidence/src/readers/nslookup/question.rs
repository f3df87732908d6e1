//! What was asked, where the command line stands in the text.

use kmsdoctor_core::fact::Key;

use crate::readers::{console, names};

/// A question.
#[derive(Debug, Clone)]
pub(super) struct Question {
    /// The name as typed, in lower case without the last dot; `None` for `nslookup` alone.
    pub(super) name: Option<String>,
    /// SRV records were asked for.
    pub(super) srv: bool,
    /// Some record type was given.
    typed: bool,
    /// It was put to a DNS server that was named by hand.
    pub(super) is_elsewhere: bool,
}

impl Question {
    /// The question in the arguments of a command or in a line of an interactive session, whose settings may already
    /// ask for SRV records.
    pub(super) fn new(arguments: &str, asks_srv: bool) -> Self {
        let mut question = Self { name: None, srv: asks_srv, typed: asks_srv, is_elsewhere: false };
        for word in arguments.split_whitespace().take_while(|word| !word.contains(['>', '|', '&'])) {
            if let Some(option) = word.strip_prefix(['-', '/']) {
                if let Some(record_type) = record_type(&option.to_ascii_lowercase()) {
                    (question.typed, question.srv) = (true, record_type == "srv");
                }
            } else if question.name.is_none() {
                question.name = Some(word.trim_end_matches('.').to_ascii_lowercase());
            } else {
                question.is_elsewhere = true;
            }
        }
        question
    }

    /// The service that was asked for, and the domain.
    pub(super) fn service(&self) -> Option<(Key, &str)> {
        names::service(self.name.as_deref()?)
    }

    /// An address was given, to find its name.
    pub(super) fn is_address(&self) -> bool {
        self.name.as_deref().is_some_and(|name| console::address(name).is_some())
    }

    /// Addresses were asked for, since nothing else was.
    pub(super) fn is_plain(&self) -> bool {
        !self.typed
    }
}

/// The record type of `type=srv`, `q=srv`, `querytype=srv`.
pub(super) fn record_type(option: &str) -> Option<&str> {
    let (name, record_type) = option.split_once('=')?;
    let is_type = (!name.is_empty() && "querytype".starts_with(name)) || (name.len() > 1 && "type".starts_with(name));
    is_type.then(|| record_type.trim())
}
