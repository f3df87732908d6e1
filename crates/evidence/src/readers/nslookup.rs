//! `nslookup`: SRV records, host names, and what the DNS server made of the question. Windows in English, Japanese,
//! German and Chinese; the BIND tool of the same name where its output differs little.
//!
//! Structure goes before labels: the first pair of lines "label: name" and "label: address" after a command is the
//! DNS server, the next one the answer; SRV fields, `***` and record types are the same in every language.
//!
//! A question that got no answer leaves the name or domain unknown, so that another answer counts, and is told of the
//! DNS server (see also `transcript/dns.rs`). nslookup appends the suffix search list, which the KMS client does not:
//! an answer is always taken for the name *in the answer*, and that a domain was asked does not show that the client
//! looks in it.

mod answers;
mod failure;
mod question;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;
use std::ops::RangeInclusive;

use kmsdoctor_core::fact::{Key, Subject, SubjectKind, Value, Why};

use self::answers::Services;
use self::failure::{Failure, Outcome};
use self::question::Question;
use super::{console, names};
use crate::document::Document;
use crate::sink::Sink;

/// How the line begins that names the DNS server.
const SERVER_LABELS: [&str; 14] = [
    "server",
    "default server",
    "サーバー",
    "既定のサーバー",
    "standardserver",
    "服务器",
    "默认服务器",
    "伺服器",
    "預設伺服器",
    "serveur",
    "serveur par défaut",
    "servidor",
    "서버",
    "기본 서버",
];

/// How the line begins that names the host of the answer.
const NAME_LABELS: [&str; 7] = ["name", "名前", "名称", "名稱", "nom", "nombre", "이름"];

/// Puts everything that nslookup said into the sink.
pub(crate) fn read(document: &Document<'_>, sink: &mut Sink<'_>) {
    let mut scan = Scan {
        document,
        sink,
        question: None,
        asks_srv: false,
        is_elsewhere: false,
        server: None,
        timeouts: Vec::new(),
        services: None,
        addresses: BTreeMap::new(),
    };
    let mut index = 0;
    while index < document.lines.len() {
        index += scan.line(index).max(1);
    }
    scan.close();
}

/// The DNS server of the block that is being read.
struct Server {
    address: IpAddr,
    lines: RangeInclusive<usize>,
    /// Its name was found by asking it, so it answers.
    named: bool,
    /// Its outcome has been told.
    told: bool,
    /// The question for its name ran into a timeout.
    slow: bool,
}

struct Scan<'d, 's, 'k> {
    document: &'d Document<'d>,
    sink: &'s mut Sink<'k>,
    question: Option<Question>,
    /// `set type=srv` in an interactive session.
    asks_srv: bool,
    /// `server 192.0.2.1` in an interactive session.
    is_elsewhere: bool,
    server: Option<Server>,
    /// Lines "DNS request timed out." since the last header or result.
    timeouts: Vec<usize>,
    services: Option<Services>,
    /// Addresses that the answers of the block give, each name with the line on which its first stands.
    addresses: BTreeMap<Subject, (BTreeSet<IpAddr>, RangeInclusive<usize>)>,
}

impl Scan<'_, '_, '_> {
    fn text(&self, index: usize) -> &str {
        self.document.lines.get(index).map_or("", |line| line.text.as_str())
    }

    /// Reads the line at `index`; returns how many lines that took.
    fn line(&mut self, index: usize) -> usize {
        let text = self.text(index).to_owned();
        let trimmed = text.trim();
        if let Some(arguments) = console::arguments(trimmed, "nslookup") {
            self.close();
            self.server = None;
            (self.asks_srv, self.is_elsewhere) = (false, false);
            self.question = Some(Question::new(arguments, false));
        } else if let Some(command) =
            text.strip_prefix("> ").filter(|_| self.server.is_some() || self.question.is_some())
        {
            self.interactive(command.trim());
        } else if console::is_prompt(trimmed) {
            self.close();
            (self.server, self.question) = (None, None);
        } else if trimmed.starts_with("DNS request timed out") {
            self.timeouts.push(index);
        } else if trimmed.starts_with("**") || trimmed.starts_with(";; ") {
            return self.failure(index);
        } else if let Some(service) = answers::service(self.document, index) {
            return self.service(index, service);
        } else if let Some(lines) = self.pair(index, trimmed) {
            return lines;
        } else if trimmed.starts_with("primary name server") && trimmed.contains('=') {
            self.start_of_authority(index);
        } else if let Some((name, address)) = answers::address_record(&text) {
            let name = name.to_owned();
            self.answered(index);
            self.name(&name, Ok("found"), index..=index);
            self.led_to(&name, &[address], index..=index);
        } else if answers::is_record(&text) && self.server.is_some() {
            self.answered(index);
        }
        1
    }

    fn interactive(&mut self, command: &str) {
        self.close();
        let lower = command.to_ascii_lowercase();
        if let Some(option) = lower.strip_prefix("set ") {
            if let Some(record_type) = question::record_type(option.trim()) {
                self.asks_srv = record_type == "srv";
            }
            self.question = None;
        } else {
            self.is_elsewhere |= ["server ", "lserver "].iter().any(|option| lower.starts_with(option));
            let mut question = Question::new(command, self.asks_srv);
            question.is_elsewhere |= self.is_elsewhere;
            self.question = Some(question);
        }
    }

    /// Ends a block: what nobody has told yet about its server is told, and the records found are put together.
    fn close(&mut self) {
        if let Some(services) = self.services.take() {
            services.tell(self.sink);
        }
        for (name, (addresses, lines)) in std::mem::take(&mut self.addresses) {
            for (key, text) in names::given_by_servers(&addresses) {
                self.sink.present(&name, key, Value::Text(text), lines.clone());
            }
        }
        let timeouts = std::mem::take(&mut self.timeouts);
        let Some(server) = self.server.as_mut().filter(|server| !server.told) else { return };
        server.told = true;
        let resolver = Subject::new(SubjectKind::Resolver, server.address.to_string());
        let lines = server.lines.clone();
        match (timeouts.as_slice(), server.named) {
            ([first, .., last], _) => self.sink.word(&resolver, Key::ResolverOutcome, "timeout", *first..=*last),
            ([only], _) => self.sink.word(&resolver, Key::ResolverOutcome, "timeout", *only..=*only),
            ([], true) => self.sink.word(&resolver, Key::ResolverOutcome, "answers", lines),
            // Only the reverse question for the server's own name stayed open, as it does wherever nobody keeps a
            // reverse zone: that says little of the server.
            ([], false) if server.slow => self.sink.unknown(&resolver, Key::ResolverOutcome, Why::NoAnswer, lines),
            ([], false) => {}
        }
    }

    /// "label: name" and "label: address": the server or an answer. Returns how many lines that took.
    fn pair(&mut self, index: usize, text: &str) -> Option<usize> {
        let (label, value) = console::labelled(text)?;
        let label = label.to_lowercase();
        let is_name = NAME_LABELS.contains(&label.as_str());
        let below = self.text(index + 1).to_owned();
        let below =
            console::labelled(&below).and_then(|(label, value)| Some((label.to_lowercase(), console::address(value)?)));
        let Some((_, address)) = below.filter(|(below, _)| !SERVER_LABELS.contains(&below.as_str())) else {
            return (is_name && console::is_host_name(value)).then(|| self.name_without_address(index, value));
        };
        let first_pair = self.server.is_none() && self.question.is_some();
        if SERVER_LABELS.contains(&label.as_str()) || (first_pair && !is_name) {
            // Timeouts above the first server are those of the question for its name, below it those of the question.
            let slow = self.server.is_none() && !self.timeouts.is_empty();
            if slow {
                self.timeouts.clear();
            }
            self.close();
            let named = console::is_host_name(value);
            self.server = Some(Server { address, lines: index..=index + 1, named, told: false, slow });
            return Some(2);
        }
        let in_answer = is_name || (self.server.is_some() && self.question.is_some());
        (in_answer && console::is_host_name(value)).then(|| self.host(index, value))
    }

    /// The answer for a host: name, addresses, aliases.
    fn host(&mut self, index: usize, name: &str) -> usize {
        self.answered(index);
        // A reverse question shows the same lines and proves nothing about the name.
        if self.question.as_ref().is_some_and(Question::is_address) {
            return 2;
        }
        self.name(name, Ok("found"), index..=index + 1);
        let (aliases, lines) = answers::aliases(self.document, index + 2);
        let addresses = answers::addresses(self.document, index + 1..=index + 1 + lines);
        self.led_to(name, &addresses, index..=index + 1);
        for (line, alias) in aliases {
            self.name(&alias, Ok("found"), line..=line);
            self.led_to(&alias, &addresses, index + 1..=line);
        }
        2 + lines
    }

    /// Addresses that the server gave for a name, told when the block ends: records stand on several lines.
    fn led_to(&mut self, name: &str, addresses: &[IpAddr], lines: RangeInclusive<usize>) {
        let name = Subject::new(SubjectKind::Name, name);
        let (known, _) = self.addresses.entry(name).or_insert_with(|| (BTreeSet::new(), lines));
        known.extend(addresses);
    }

    /// `Name:` without an address: the name exists, with other records.
    fn name_without_address(&mut self, index: usize, name: &str) -> usize {
        let plain = self.question.as_ref().is_some_and(|question| question.is_plain() && !question.is_address());
        if self.server.is_some() && plain && self.text(index + 1).trim().is_empty() {
            self.answered(index);
            self.name(name, Ok("no-data"), index..=index);
        }
        1
    }

    fn service(&mut self, index: usize, service: answers::Service) -> usize {
        self.answered(index);
        let lines = service.lines;
        if let Some((key, domain)) = names::service(&service.owner) {
            let same = self.services.as_ref().is_some_and(|services| services.is_of(key, domain));
            if !same && let Some(before) = self.services.take() {
                before.tell(self.sink);
            }
            self.services.get_or_insert_with(|| Services::new(key, domain)).add(index, service);
        }
        lines
    }

    /// The block that stands for "no record of this type": owner of the zone, then its serial and times. It does not
    /// repeat the question, so it counts only below the command, and only from a zone that the name lies in; else
    /// nslookup has appended a suffix.
    fn start_of_authority(&mut self, index: usize) {
        self.answered(index);
        let zone = (0..index).rev().map(|above| self.text(above).trim()).find(|text| !text.is_empty());
        let Some(zone) = zone.filter(|zone| console::is_host_name(zone)).map(str::to_ascii_lowercase) else { return };
        let Some(question) = self.question.clone().filter(|question| question.srv) else { return };
        if let Some(asked) = question.service().filter(|(_, domain)| is_within(domain, &zone)) {
            self.no_service(asked, Ok("no-data"), index - 1..=index);
        }
    }

    fn failure(&mut self, index: usize) -> usize {
        let Some((failure, lines)) = Failure::read(self.document, index, self.question.as_ref()) else { return 1 };
        let range = index..=index + lines - 1;
        let resolver = match failure.outcome {
            Outcome::NoSuchName | Outcome::NoData { .. } => "answers",
            Outcome::ServerFailure => "server-failure",
            Outcome::Timeout => "timeout",
        };
        self.resolver(resolver, range.clone());
        let Some(asked) = failure.asked else { return lines };
        if let Some(service) = names::service(&asked) {
            let srv = failure.outcome.mentions("SRV") || self.question.as_ref().is_some_and(|question| question.srv);
            match &failure.outcome {
                Outcome::NoSuchName => self.no_service(service, Ok("no-such-name"), range),
                Outcome::NoData { .. } if srv => self.no_service(service, Ok("no-data"), range),
                // Addresses were asked for, and a service has none.
                Outcome::NoData { .. } => {}
                Outcome::ServerFailure | Outcome::Timeout => self.no_service(service, Err(Why::NoAnswer), range),
            }
        } else if console::is_host_name(&asked) && !asked.starts_with('_') {
            match &failure.outcome {
                Outcome::NoSuchName => self.name(&asked, Ok("no-such-name"), range),
                Outcome::NoData { .. } => self.host_without(&asked, &failure.outcome, range),
                Outcome::ServerFailure | Outcome::Timeout => self.name(&asked, Err(Why::NoAnswer), range),
            }
        }
        lines
    }

    /// No records of a service. That a server which was named by hand has none of domain controllers says nothing of
    /// those that the machine uses.
    fn no_service(&mut self, (key, domain): (Key, &str), outcome: Result<&str, Why>, lines: RangeInclusive<usize>) {
        if key == Key::DomainControllerSrv && self.question.as_ref().is_some_and(|question| question.is_elsewhere) {
            return;
        }
        let domain = Subject::new(SubjectKind::Domain, domain);
        match outcome {
            Ok(word) => self.sink.word(&domain, key, word, lines),
            Err(why) => self.sink.unknown(&domain, key, why, lines),
        }
    }

    fn host_without(&mut self, name: &str, outcome: &Outcome, lines: RangeInclusive<usize>) {
        let keys = [("A+AAAA", Key::NameAddress), ("A", Key::NameIpv4), ("AAAA", Key::NameIpv6)];
        if let Some((_, key)) = keys.into_iter().find(|(record_type, _)| outcome.mentions(record_type)) {
            self.sink.word(&Subject::new(SubjectKind::Name, name), key, "no-data", lines);
        }
    }

    fn name(&mut self, name: &str, outcome: Result<&str, Why>, lines: RangeInclusive<usize>) {
        let name = Subject::new(SubjectKind::Name, name);
        match outcome {
            Ok(word) => self.sink.word(&name, Key::NameAddress, word, lines),
            Err(why) => self.sink.unknown(&name, Key::NameAddress, why, lines),
        }
    }

    fn answered(&mut self, index: usize) {
        if self.server.as_ref().is_some_and(|server| !server.told) {
            self.resolver("answers", index..=index);
        }
    }

    fn resolver(&mut self, outcome: &str, lines: RangeInclusive<usize>) {
        self.timeouts.clear();
        let Some(server) = &mut self.server else { return };
        server.told = true;
        let resolver = Subject::new(SubjectKind::Resolver, server.address.to_string());
        self.sink.word(&resolver, Key::ResolverOutcome, outcome, lines);
    }
}

/// Whether `domain` is `zone` or lies below it.
fn is_within(domain: &str, zone: &str) -> bool {
    domain == zone || domain.strip_suffix(zone).is_some_and(|above| above.ends_with('.'))
}
