//! What the host table says of a KMS host and of a client that it does not activate, where the evidence has both.
//!
//! The host is known by its key and its operating system, the client by its setup key or by the activation ID in the
//! host's own record of the refusal. Where one of them is open, or may be one of several of which the table says
//! different things, nothing is said.

use super::joins::{same_machine, text};
use super::{fact, open_codes, products};
use crate::code::ErrorCode;
use crate::fact::{Fact, FactBase, Key, Origin, State, Subject, SubjectKind, Value};
use crate::knowledge::{Compatibility, HostKey, Hosts, Knowledge, Product};

/// What a host records, and what its client gets, where it has no licence for the client's product.
const REFUSALS: [ErrorCode; 2] = [ErrorCode(0xC004_F015), ErrorCode(0xC004_F042)];

/// Facts of one machine, with its name where the evidence tells it.
pub type MachineFacts = (Option<String>, FactBase);

/// Tells the machines of an analysis what the host table says: a host of the products that its log shows it to refuse,
/// a client of the host that it uses.
pub fn join_hosts(machines: &mut [MachineFacts], knowledge: &Knowledge) {
    let table = &knowledge.hosts;
    let hosts: Vec<Option<Host<'_>>> = machines.iter().map(|(_, facts)| Host::of(facts, table)).collect();
    let named: Vec<(&str, &Host<'_>)> =
        machines.iter().zip(&hosts).filter_map(|((name, _), host)| Some((name.as_deref()?, host.as_ref()?))).collect();
    let mut derived: Vec<Option<Fact>> = Vec::new();
    for ((_, facts), host) in machines.iter().zip(&hosts) {
        let judged: Vec<Fact> = if let Some(host) = host {
            refused_products(facts, knowledge).iter().filter_map(|client| host.judge(client, table)).collect()
        } else {
            let used = || named.iter().filter(|(name, _)| uses(facts, name));
            clients(facts, knowledge)
                .iter()
                .flat_map(|client| used().filter_map(|(_, host)| host.judge(client, table)))
                .collect()
        };
        // Of several products or hosts the table may say different things: then the machine as a whole has no answer.
        let agree = judged.iter().all(|fact| fact.state == judged[0].state);
        derived.push(judged.into_iter().next().filter(|_| agree));
    }
    for ((_, facts), fact) in machines.iter_mut().zip(derived) {
        if let Some(fact) = fact {
            facts.insert(fact);
        }
    }
}

/// A KMS host, as far as the host table asks.
struct Host<'k> {
    key: &'k HostKey,
    /// Generations that its operating system may be of.
    generations: Vec<&'k str>,
    /// With its revision, where that is told.
    build: Option<String>,
    origins: Vec<Origin>,
}

impl<'k> Host<'k> {
    fn of(facts: &FactBase, table: &'k Hosts) -> Option<Self> {
        // The facts of a host and of a client that nothing tells apart are nobody's.
        if setup_keys(facts).next().is_some() {
            return None;
        }
        let (key, key_told) = told(facts, Key::HostKeyGeneration)?;
        let key = table.key(key)?;
        let build = told(facts, Key::MachineBuild);
        let (version, version_told) = build.or_else(|| told(facts, Key::MachineVersion))?;
        let possible = table.generations_of_build(version).into_iter().map(|generation| generation.id.as_str());
        let possible: Vec<&str> = possible.collect();
        // What is installed runs there.
        let runs_on = |generation: &&str| key.runs_on.iter().any(|listed| listed == generation);
        let listed: Vec<&str> = possible.iter().copied().filter(runs_on).collect();
        let generations = if listed.is_empty() { possible } else { listed };
        let origins = key_told.origins.iter().chain(&version_told.origins).cloned().collect();
        Some(Self { key, generations, build: build.map(|(build, _)| build.to_owned()), origins })
    }

    /// What the table says of `client` on this host.
    fn judge(&self, client: &Client<'_>, table: &Hosts) -> Option<Fact> {
        let pairs =
            self.generations.iter().flat_map(|host| client.generations.iter().map(move |client| (host, client)));
        let words: Option<Vec<&str>> =
            pairs.map(|(host, client)| word(table.judge(&self.key.id, host, self.build.as_deref(), client))).collect();
        let words = words?;
        let first = *words.first()?;
        let is_told = words.iter().all(|word| *word == first) && (first == "listed" || client.is_unactivated);
        let origins = self.origins.iter().chain(&client.origins).cloned().collect();
        let value = Value::Word(Key::HostCompatibility.word(first)?);
        is_told.then(|| fact(&Subject::machine(), Key::HostCompatibility, value, None, origins))
    }
}

/// Whether an update is missing that the host may have is open.
fn word(judged: Compatibility<'_>) -> Option<&'static str> {
    match judged {
        Compatibility::Listed => Some("listed"),
        Compatibility::UpdateMissing(_) => Some("update-missing"),
        Compatibility::NotListed => Some("not-listed"),
        Compatibility::ListedWithUpdate(_) | Compatibility::Unknown => None,
    }
}

/// A product that asks for activation.
struct Client<'k> {
    /// Generations that it may be of.
    generations: Vec<&'k str>,
    /// The evidence shows that it is not activated.
    is_unactivated: bool,
    origins: Vec<Origin>,
}

/// The machine's own Windows, by its setup key and its build.
fn clients<'k>(facts: &FactBase, knowledge: &'k Knowledge) -> Vec<Client<'k>> {
    let version = told(facts, Key::MachineBuild).or_else(|| told(facts, Key::MachineVersion));
    let is_of_build = |generation: &&str| {
        version.is_none_or(|(version, _)| {
            knowledge.hosts.generations_of_build(version).iter().any(|known| known.id == **generation)
        })
    };
    let client = |(license, key): (&Subject, &Fact)| {
        let product = products::of_key(&knowledge.products, &key.value()?.to_string())?;
        let status = facts.state(license, Key::LicenseStatus);
        Some(Client {
            generations: windows(product).filter(is_of_build).collect(),
            is_unactivated: matches!(status, State::Present(Value::Word(status)) if status != "licensed"),
            origins: key.origins.clone(),
        })
    };
    setup_keys(facts).filter_map(client).collect()
}

/// Products that the host's own log shows it to refuse, where the product table knows their activation IDs.
fn refused_products<'k>(facts: &FactBase, knowledge: &'k Knowledge) -> Vec<Client<'k>> {
    let refused = open_codes(facts).into_iter().filter(|(code, _)| REFUSALS.contains(code));
    let client = |attempt: &Fact| {
        let served = facts.state(&attempt.subject, Key::AttemptRecord) == State::Present(Value::Word("served"));
        let id = text(facts, &attempt.subject, Key::AttemptActivationId).filter(|_| served)?;
        let is_it =
            |product: &&Product| product.activation_id.as_deref().is_some_and(|known| known.eq_ignore_ascii_case(&id));
        let product = knowledge.products.iter().find(is_it)?;
        let generations: Vec<&str> = windows(product).collect();
        Some(Client { generations, is_unactivated: true, origins: attempt.origins.clone() })
    };
    refused.filter_map(|(_, position)| client(facts.fact(position))).collect()
}

/// The generations of a product, if it is Windows: Office has host keys of its own.
fn windows(product: &Product) -> impl Iterator<Item = &str> {
    let is_windows = product.family.starts_with("windows");
    product.generations.iter().filter(move |_| is_windows).map(String::as_str)
}

/// Licences of KMS clients, with the setup keys that are installed for them.
fn setup_keys(facts: &FactBase) -> impl Iterator<Item = (&Subject, &Fact)> {
    let is_client =
        |license: &&Subject| facts.state(license, Key::LicenseChannel) == State::Present(Value::Word("gvlk"));
    let licenses = facts.subjects(SubjectKind::License).filter(is_client);
    licenses.filter_map(|license| Some((license, facts.known(license, Key::LicensePartialKey)?)))
}

/// Whether the machine uses the host called `name`: its requests went there or are in that host's log, or it is set to it.
fn uses(facts: &FactBase, name: &str) -> bool {
    let is_true = |endpoint: &Subject, key| facts.state(endpoint, key) == State::Present(Value::Flag(true));
    let mut endpoints = facts.subjects(SubjectKind::Endpoint);
    let mut attempts = facts.subjects(SubjectKind::Attempt);
    endpoints.any(|endpoint| {
        let is_used = is_true(endpoint, Key::EndpointUsed) || is_true(endpoint, Key::EndpointPinned);
        is_used && same_machine(&endpoint.host().to_lowercase(), name)
    }) || attempts.any(|attempt| {
        let served = facts.state(attempt, Key::AttemptRecord) == State::Present(Value::Word("served"));
        served && text(facts, attempt, Key::AttemptComputer).is_some_and(|host| same_machine(&host, name))
    })
}

/// A text of the machine, with the fact that tells it.
fn told(facts: &FactBase, key: Key) -> Option<(&str, &Fact)> {
    let fact = facts.known(&Subject::machine(), key)?;
    match fact.value() {
        Some(Value::Text(text)) => Some((text, fact)),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
