//! PowerShell's `Resolve-DnsName`: rows or lists of records, whose column and property names are English in every
//! language, and errors, whose ids are.
//!
//! Without `-Server` it asks as Windows does, hosts file and cache included: such an address is what the client used.
//! With it, it is what that server gave.

mod failure;
mod records;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;
use std::ops::RangeInclusive;

use kmsdoctor_core::fact::{Key, Subject, SubjectKind, Value, Why};

use self::failure::{Failure, Reason};
use self::records::{Data, Record};
use super::{console, names};
use crate::document::Document;
use crate::sink::Sink;

/// The command.
const COMMAND: &str = "resolve-dnsname";

/// Options of the command that take a value, whose value is not the name.
const VALUED: [&str; 4] = ["-type", "-querytype", "-server", "-erroraction"];

/// The option, without a value, that disables DNSSEC checks.
const UNCHECKED: &str = "-dnsseccd";

/// Puts everything that Resolve-DnsName said into the sink.
pub(crate) fn read(document: &Document<'_>, sink: &mut Sink<'_>) {
    let mut answer = Answer::new(Question::default());
    let mut index = 0;
    while index < document.lines.len() {
        let text = document.lines.get(index).map_or("", |line| line.text.as_str());
        let trimmed = text.trim();
        if let Some((failure, lines)) = Failure::read(document, index) {
            answer.failed(&failure, index..=index + lines - 1, sink);
            index += lines;
            continue;
        } else if let Some(arguments) = console::arguments(trimmed, COMMAND).filter(|_| !trimmed.starts_with('+')) {
            std::mem::replace(&mut answer, Answer::new(Question::read(arguments))).tell(sink);
        } else if console::is_prompt(trimmed) {
            std::mem::replace(&mut answer, Answer::new(Question::default())).tell(sink);
        } else if let Some((found, lines)) = records::read(document, index) {
            for record in found {
                answer.add(record);
            }
            index += lines;
            continue;
        }
        index += 1;
    }
    answer.tell(sink);
}

/// What was asked, where the command line stands in the text.
#[derive(Debug, Default)]
struct Question {
    name: Option<String>,
    server: Option<IpAddr>,
    /// It was put to a DNS server that was named by hand.
    is_elsewhere: bool,
    /// Records came without DNSSEC checks: whether a client gets them is open.
    is_unchecked: bool,
    srv: bool,
}

impl Question {
    fn read(arguments: &str) -> Self {
        let mut question = Self::default();
        let mut option: Option<String> = None;
        for word in arguments.split_whitespace().take_while(|word| !word.starts_with(['|', '>'])) {
            let value = word.trim_matches(['"', '\'']);
            if word.starts_with('-') {
                let word = word.to_ascii_lowercase();
                question.is_elsewhere |= word == "-server";
                if word == UNCHECKED {
                    question.is_unchecked = true;
                    continue;
                }
                option = Some(word);
                continue;
            }
            match option.take().as_deref() {
                Some("-server") => question.server = console::address(value),
                Some("-type" | "-querytype") => question.srv = value.eq_ignore_ascii_case("srv"),
                Some(other) if VALUED.contains(&other) => {}
                // The value of `-Name`, or what stands alone; the type may stand alone behind it.
                _ if question.name.is_none() => question.name = Some(name_of(value)),
                _ => question.srv |= value.eq_ignore_ascii_case("srv"),
            }
        }
        question
    }
}

/// The records of one command.
struct Answer {
    question: Question,
    addresses: BTreeMap<String, (BTreeSet<IpAddr>, RangeInclusive<usize>)>,
    services: BTreeMap<String, (BTreeSet<Subject>, RangeInclusive<usize>)>,
    /// Domains with records of domain controllers.
    controllers: BTreeMap<String, RangeInclusive<usize>>,
    /// A zone answered that it has no such record.
    authority: Option<(String, RangeInclusive<usize>)>,
    last: Option<RangeInclusive<usize>>,
}

impl Answer {
    fn new(question: Question) -> Self {
        Self {
            question,
            addresses: BTreeMap::new(),
            services: BTreeMap::new(),
            controllers: BTreeMap::new(),
            authority: None,
            last: None,
        }
    }

    fn add(&mut self, record: Record) {
        let lines = record.lines.clone();
        self.last = Some(lines.clone());
        match record.data {
            Data::Address(address) => {
                let (addresses, _) = self.addresses.entry(record.owner).or_insert_with(|| (BTreeSet::new(), lines));
                addresses.insert(address);
            }
            Data::Service(target, port) => {
                let Some((key, domain)) = names::service(&record.owner) else { return };
                let domain = domain.to_owned();
                if key == Key::DomainSrv {
                    let (targets, _) = self.services.entry(domain).or_insert_with(|| (BTreeSet::new(), lines));
                    targets.insert(Subject::endpoint(&target, port));
                } else {
                    self.controllers.entry(domain).or_insert(lines);
                }
            }
            Data::Authority => self.authority = Some((record.owner, lines)),
        }
    }

    fn tell(self, sink: &mut Sink<'_>) {
        if self.question.is_unchecked {
            return;
        }
        let from_server = self.question.server;
        for (name, (addresses, lines)) in &self.addresses {
            let subject = Subject::new(SubjectKind::Name, name);
            sink.word(&subject, Key::NameAddress, "found", lines.clone());
            let told = match from_server {
                Some(_) => names::given_by_servers(addresses),
                // Of several one is taken, and the text does not tell which.
                None if addresses.len() > 1 => Vec::new(),
                None => vec![(Key::NameClientAddress, names::list(addresses))],
            };
            for (key, text) in told {
                sink.present(&subject, key, Value::Text(text), lines.clone());
            }
        }
        for (domain, (targets, lines)) in &self.services {
            let domain = Subject::new(SubjectKind::Domain, domain);
            sink.word(&domain, Key::DomainSrv, "found", lines.clone());
            if from_server.is_some() {
                let text = Value::Text(names::list(targets));
                sink.present(&domain, Key::DomainSrvTargets, text, lines.clone());
            }
            for target in targets {
                sink.present(target, Key::EndpointAdvertised, Value::Flag(true), lines.clone());
            }
        }
        for (domain, lines) in &self.controllers {
            let domain = Subject::new(SubjectKind::Domain, domain);
            sink.word(&domain, Key::DomainControllerSrv, "found", lines.clone());
        }
        let asked = self.question.name.as_deref().and_then(names::service);
        if let (Some((zone, lines)), Some(service), true) = (&self.authority, asked, self.question.srv)
            && self.services.is_empty()
            && self.controllers.is_empty()
            && (service.1 == zone || service.1.strip_suffix(zone.as_str()).is_some_and(|above| above.ends_with('.')))
        {
            self.no_service(service, Ok("no-data"), lines.clone(), sink);
        }
        if let (Some(server), Some(lines)) = (from_server, self.last) {
            sink.word(&Subject::new(SubjectKind::Resolver, server.to_string()), Key::ResolverOutcome, "answers", lines);
        }
    }

    /// An error, which names what was asked for.
    fn failed(&self, failure: &Failure, lines: RangeInclusive<usize>, sink: &mut Sink<'_>) {
        let outcome = match failure.reason {
            Reason::NoSuchName => Ok("no-such-name"),
            Reason::NoData => Ok("no-data"),
            Reason::Timeout | Reason::ServerFailure => Err(Why::NoAnswer),
        };
        if let Some(service) = names::service(&failure.asked) {
            self.no_service(service, outcome, lines.clone(), sink);
        } else if console::is_host_name(&failure.asked) && !failure.asked.starts_with('_') {
            let name = Subject::new(SubjectKind::Name, &failure.asked);
            match outcome {
                Ok(word) => sink.word(&name, Key::NameAddress, word, lines.clone()),
                Err(why) => sink.unknown(&name, Key::NameAddress, why, lines.clone()),
            }
        }
        if let Some(server) = self.question.server {
            let outcome = match failure.reason {
                Reason::NoSuchName | Reason::NoData => "answers",
                Reason::Timeout => "timeout",
                Reason::ServerFailure => "server-failure",
            };
            sink.word(&Subject::new(SubjectKind::Resolver, server.to_string()), Key::ResolverOutcome, outcome, lines);
        }
    }

    /// No records of a service. That a server which was named by hand has none of domain controllers says nothing of
    /// those that the machine uses.
    fn no_service(
        &self,
        (key, domain): (Key, &str),
        outcome: Result<&str, Why>,
        lines: RangeInclusive<usize>,
        sink: &mut Sink<'_>,
    ) {
        if key == Key::DomainControllerSrv && self.question.is_elsewhere {
            return;
        }
        let domain = Subject::new(SubjectKind::Domain, domain);
        match outcome {
            Ok(word) => sink.word(&domain, key, word, lines),
            Err(why) => sink.unknown(&domain, key, why, lines),
        }
    }
}

fn name_of(text: &str) -> String {
    text.trim_end_matches('.').to_ascii_lowercase()
}
