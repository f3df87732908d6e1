//! Redaction: names, addresses, users and ids out of reports and evidence, with the same token for the same thing.
//!
//! First everything is learned ([`Redactor::learn_facts`], [`Redactor::learn_text`]): which words are names follows from
//! facts, from labels, from their form. Then texts are rewritten ([`Redactor::text`]). What is the same for everybody
//! stays: loopback, masks, the clouds' documented KMS endpoints, ids of products, error codes, words such as `server`.
//!
//! A name that nothing in the evidence shows to be one, in prose, is not found: redaction is no promise about prose.

mod clouds;
mod forms;
mod learn;
mod map;
mod scan;
#[cfg(test)]
mod tests;
mod words;

use std::collections::{HashMap, HashSet};
use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use crate::diagnosis::Diagnosis;
use crate::fact::{Fact, FactBase, State, Subject, Value};

pub use map::{Entry, Map, MapError, NoToken, SCHEMA};

/// What a token stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Kind {
    /// A host, by the first label of its name.
    Host,
    /// A DNS domain, or the short name of one.
    Domain,
    /// An IP address.
    Address,
    /// A user, or the person or organisation that Windows is registered to.
    User,
    /// An e-mail address or user principal name.
    Mail,
    /// A security identifier of a domain or machine.
    Sid,
    /// Something of a cloud that is no host: an interface, a subnet, a route table, a resource group.
    Resource,
    /// A client machine ID.
    ClientId,
    /// Another GUID that is not known to be the same for everybody.
    Id,
    /// A hardware address.
    Mac,
    /// An installation or confirmation ID.
    InstallationId,
}

impl Kind {
    const ALL: [Self; 11] = [
        Self::Host,
        Self::Domain,
        Self::Address,
        Self::User,
        Self::Mail,
        Self::Sid,
        Self::Resource,
        Self::ClientId,
        Self::Id,
        Self::Mac,
        Self::InstallationId,
    ];

    /// What its tokens begin with.
    fn name(self) -> &'static str {
        match self {
            Self::Host => "HOST",
            Self::Domain => "DOMAIN",
            Self::Address => "ADDR",
            Self::User => "USER",
            Self::Mail => "MAIL",
            Self::Sid => "SID",
            Self::Resource => "RESOURCE",
            Self::ClientId => "CMID",
            Self::Id => "ID",
            Self::Mac => "MAC",
            Self::InstallationId => "INSTALLATION-ID",
        }
    }
}

/// `HOST-1`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
struct Token {
    kind: Kind,
    number: u32,
}

impl fmt::Display for Token {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}-{}", self.kind.name(), self.number)
    }
}

/// Where a rewritten text is going to stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// In a report: tokens.
    Report,
    /// In evidence that is to be read again: addresses and GUIDs stay such, in ranges that nobody has.
    Evidence,
}

/// What is the same for everybody, beside what this module knows itself.
#[derive(Debug, Clone, Default)]
pub struct Public {
    /// Names of documented endpoints.
    pub names: Vec<String>,
    /// Their addresses.
    pub addresses: Vec<String>,
    /// GUIDs of products, applications, interfaces.
    pub ids: Vec<String>,
}

/// Gives tokens and puts them in place of what they stand for.
#[derive(Debug)]
pub struct Redactor {
    map: Map,
    /// Tokens by what they stand for, in lower case.
    tokens: HashMap<(Kind, String), Token>,
    counts: HashMap<Kind, u32>,
    /// Names that are looked for in texts, in lower case.
    words: HashMap<String, Token>,
    /// Longest of the names that are not ASCII, in characters; they are looked for without word boundaries.
    wide_chars_max: usize,
    /// Some of the names have blanks.
    has_blanks: bool,
    stand_ins: HashMap<IpAddr, Token>,
    public_names: HashSet<String>,
    public_addresses: HashSet<IpAddr>,
    public_ids: HashSet<String>,
}

/// GUIDs that are the same everywhere: applications, the KMS interface, NDR, the licensing service's event provider.
const PUBLIC_IDS: [&str; 6] = [
    "55c92734-d682-4d71-983e-d6ec3f16059f",
    "0ff1ce15-a989-479d-af46-f275c6370663",
    "59a52881-a989-479d-af46-f275c6370663",
    "51c82175-844e-4750-b0d8-ec255555bc06",
    "8a885d04-1ceb-11c9-9fe8-08002b104860",
    "e23b33b0-c8c9-472c-a5f9-f2bdfea0f156",
];

/// Numbers of tokens that evidence may have already. Higher ones are no tokens.
const RESERVED_MAX: u32 = 99_999;

/// What GUIDs in evidence begin with.
const ID_STAND_IN: &str = "00000000-0000-4000-";

impl Redactor {
    /// Goes on with the tokens of `map`.
    pub fn new(map: Map, public: &Public) -> Self {
        let lower = |texts: &[String]| texts.iter().map(|text| text.to_lowercase()).collect::<HashSet<_>>();
        let mut public_ids = lower(&public.ids);
        public_ids.extend(PUBLIC_IDS.map(str::to_owned));
        let mut redactor = Self {
            map: Map::default(),
            tokens: HashMap::new(),
            counts: HashMap::new(),
            words: HashMap::new(),
            wide_chars_max: 0,
            has_blanks: false,
            stand_ins: HashMap::new(),
            public_names: lower(&public.names),
            public_addresses: public.addresses.iter().filter_map(|address| address.parse().ok()).collect(),
            public_ids,
        };
        for entry in map.tokens {
            redactor.recall(entry);
        }
        redactor
    }

    /// All tokens so far, for their owner.
    pub fn map(&self) -> &Map {
        &self.map
    }

    fn recall(&mut self, entry: Entry) {
        let Ok(token) = entry.token.parse::<Token>() else { return };
        let value = entry.value.to_lowercase();
        let count = self.counts.entry(token.kind).or_default();
        *count = token.number.max(*count);
        match token.kind {
            Kind::Host | Kind::User => self.word(&value, token),
            Kind::Resource => self.resource_words(&value, token),
            Kind::Domain => {
                self.word(&value, token);
                self.domain_alias(&value, token);
            }
            Kind::Address => {
                if let Ok(address) = value.parse() {
                    self.stand_ins.insert(stand_in(address, token.number), token);
                    self.address_words(address, token);
                }
            }
            _ => {}
        }
        self.tokens.insert((token.kind, value), token);
        self.map.tokens.push(entry);
    }

    /// The token of `value`, given now if it has none.
    fn token(&mut self, kind: Kind, value: &str) -> Token {
        let key = (kind, value.to_lowercase());
        if let Some(token) = self.tokens.get(&key) {
            return *token;
        }
        let count = self.counts.entry(kind).or_default();
        *count = count.saturating_add(1);
        let token = Token { kind, number: *count };
        let in_evidence = match kind {
            Kind::Address => value.parse().ok().map(|address| stand_in(address, token.number).to_string()),
            Kind::ClientId | Kind::Id => Some(id_stand_in(token)),
            _ => None,
        };
        self.tokens.insert(key, token);
        self.map.tokens.push(Entry { token: token.to_string(), value: value.to_owned(), in_evidence });
        token
    }

    /// Looks for `word` in texts from now on, unless it is one already.
    fn word(&mut self, word: &str, token: Token) {
        let characters = word.chars().count();
        if characters < 2 || self.words.contains_key(word) {
            return;
        }
        if !word.is_ascii() {
            self.wide_chars_max = self.wide_chars_max.max(characters);
        }
        self.has_blanks |= word.contains(' ');
        self.words.insert(word.to_owned(), token);
    }

    fn address_words(&mut self, address: IpAddr, token: Token) {
        // As names of files have it.
        if address.is_ipv6() {
            self.word(&address.to_string().replace(':', "_"), token);
        }
    }

    /// What stands for `address` in this form; none where it is the same for everybody.
    fn address_token(&mut self, address: IpAddr) -> Option<Token> {
        if let Some(token) = self.stand_ins.get(&address) {
            return Some(*token);
        }
        if is_public_address(address) || self.public_addresses.contains(&address) {
            return None;
        }
        let token = self.token(Kind::Address, &address.to_string());
        self.stand_ins.insert(stand_in(address, token.number), token);
        self.address_words(address, token);
        Some(token)
    }

    /// `address` as redacted evidence has it.
    pub fn address(&mut self, address: IpAddr) -> IpAddr {
        if self.stand_ins.contains_key(&address) {
            return address;
        }
        self.address_token(address).map_or(address, |token| stand_in(address, token.number))
    }

    /// Tokens that stand in evidence already, such as that of another redaction, are given to nothing else.
    fn reserve(&mut self, text: &str) {
        let upper = text.to_ascii_uppercase();
        for kind in Kind::ALL {
            for (at, name) in upper.match_indices(kind.name()) {
                let digits = upper[at + name.len()..].strip_prefix('-').unwrap_or_default();
                let length = digits.bytes().take(6).take_while(u8::is_ascii_digit).count();
                if let Ok(number) = digits[..length].parse::<u32>()
                    && number <= RESERVED_MAX
                {
                    let count = self.counts.entry(kind).or_default();
                    *count = number.max(*count);
                }
            }
        }
    }

    /// What an id in redacted evidence stands for.
    fn token_of_stand_in(&self, id: &str) -> Option<Token> {
        let (variant, number) = id.strip_prefix(ID_STAND_IN)?.split_once('-')?;
        let number = u32::from_str_radix(number.get(4..)?, 16).ok()?;
        let kind = if variant == "8000" { Kind::ClientId } else { Kind::Id };
        let is_given = self.counts.get(&kind).is_some_and(|count| (1..=*count).contains(&number));
        is_given.then_some(Token { kind, number })
    }

    /// Rewrites a fact for a report.
    pub fn fact(&mut self, fact: &mut Fact) {
        self.subject(&mut fact.subject);
        if let State::Present(Value::Text(text)) = &mut fact.state {
            *text = self.text(text, Form::Report);
        }
        for origin in &mut fact.origins {
            origin.artifact = self.text(&origin.artifact, Form::Report);
            origin.quote = self.text(&origin.quote, Form::Report);
        }
    }

    fn subject(&mut self, subject: &mut Subject) {
        subject.id = self.text(&subject.id, Form::Report);
    }

    /// Rewrites everything in a diagnosis that comes from evidence. What was found stays as it is.
    pub fn diagnosis(&mut self, diagnosis: &mut Diagnosis<'_>) {
        for machine in &mut diagnosis.machines {
            let mut facts: Vec<Fact> = machine.facts.iter().cloned().collect();
            for fact in &mut facts {
                self.fact(fact);
            }
            machine.facts = FactBase::new(facts);
            machine.name = machine.name.as_ref().map(|name| self.text(name, Form::Report));
        }
        for finding in &mut diagnosis.findings {
            finding.subject.iter_mut().for_each(|subject| self.subject(subject));
            finding.holding.iter_mut().chain(&mut finding.against).for_each(|fact| self.fact(fact));
            finding.missing.iter_mut().filter_map(|missing| missing.subject.as_mut()).for_each(|subject| {
                self.subject(subject);
            });
        }
        for next in &mut diagnosis.next_checks {
            next.subjects.iter_mut().for_each(|subject| self.subject(subject));
        }
    }
}

/// An address of the same class that nobody has: of the range for benchmarks (RFC 2544), of a corner of the private
/// range, of documentation (RFC 3849).
fn stand_in(address: IpAddr, number: u32) -> IpAddr {
    match address {
        IpAddr::V4(address) => {
            let is_shared = matches!(address.octets(), [100, 64..=127, ..]);
            let base = if address.is_private() || is_shared { [10, 254, 0, 0] } else { [198, 18, 0, 0] };
            // Both ranges have 17 bits. With more addresses than that tokens differ, and stand-ins repeat.
            Ipv4Addr::from(u32::from_be_bytes(base) | (number & 0x1_ffff)).into()
        }
        IpAddr::V6(address) => {
            let head = match address.segments()[0] {
                0xfc00..=0xfdff => [0xfd00, 0x0db8],
                0xfe80..=0xfebf => [0xfe80, 0],
                _ => [0x2001, 0x0db8],
            };
            let [a, b, c, d] = number.to_be_bytes();
            let (high, low) = (u16::from_be_bytes([a, b]), u16::from_be_bytes([c, d]));
            Ipv6Addr::new(head[0], head[1], 0, 0, 0, 0, high, low).into()
        }
    }
}

fn id_stand_in(token: Token) -> String {
    let variant = if token.kind == Kind::ClientId { "8000" } else { "9000" };
    format!("{ID_STAND_IN}{variant}-{:012x}", token.number)
}

/// Addresses that are the same for everybody: the machine itself, masks, groups, link-local ones of IPv4 (a cloud's services,
/// or no address at all).
fn is_public_address(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => {
            let is_mask = address.octets()[0] >= 240;
            address.is_loopback()
                || address.is_link_local()
                || address.is_multicast()
                || is_mask
                || address.octets()[0] == 0
        }
        IpAddr::V6(address) => {
            // Windows' own defaults for DNS servers, fec0:0:0:ffff::1 to ::3.
            let is_default = address.segments()[..7] == [0xfec0, 0, 0, 0xffff, 0, 0, 0];
            address.is_loopback() || address.is_unspecified() || address.is_multicast() || is_default
        }
    }
}
