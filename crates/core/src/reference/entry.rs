//! An entry of the knowledge, whatever its kind.

use serde::Serialize;
use serde_json::{Value, json};

use super::{Kind, Link, Page, pages};
use crate::knowledge::{
    Advice, Cause, Check, Checklist, CloudEndpoint, CodeEntry, Dispute, Event, Generation, HostKey, Knowledge, Product,
    Remedy, Section, Setting, Topic, TopicKind,
};
use crate::language::Language;

/// An entry of the knowledge.
#[derive(Debug, Clone, Copy)]
#[expect(missing_docs, reason = "each variant is named as its type")]
pub enum Entry<'k> {
    Cause(&'k Cause),
    Code(&'k CodeEntry),
    Event(&'k Event),
    Remedy(&'k Remedy),
    Check(&'k Check),
    Product(&'k Product),
    HostKey(&'k HostKey),
    Generation(&'k Generation),
    Setting(&'k Setting),
    Endpoint(&'k CloudEndpoint),
    Topic(&'k Topic),
    Dispute(&'k Dispute),
    Advice(&'k Advice),
    Checklist(&'k Checklist),
}

impl PartialEq for Entry<'_> {
    fn eq(&self, other: &Self) -> bool {
        (self.kind(), self.id()) == (other.kind(), other.id())
    }
}

impl Entry<'_> {
    /// What it is.
    pub fn kind(&self) -> Kind {
        match self {
            Self::Cause(_) => Kind::Cause,
            Self::Code(_) => Kind::Code,
            Self::Event(_) => Kind::Event,
            Self::Remedy(_) => Kind::Remedy,
            Self::Check(_) => Kind::Check,
            Self::Product(_) => Kind::Product,
            Self::HostKey(_) => Kind::Host,
            Self::Generation(_) => Kind::Generation,
            Self::Setting(_) => Kind::Setting,
            Self::Endpoint(_) => Kind::Endpoint,
            Self::Topic(topic) => match topic.kind {
                TopicKind::Term => Kind::Term,
                TopicKind::State => Kind::State,
                TopicKind::Symptom => Kind::Symptom,
                TopicKind::Limit => Kind::Limit,
                TopicKind::Method => Kind::Method,
                TopicKind::CloudRule => Kind::CloudRule,
            },
            Self::Dispute(_) => Kind::Dispute,
            Self::Advice(_) => Kind::Advice,
            Self::Checklist(_) => Kind::Checklist,
        }
    }

    /// What leads to it, unique in its kind.
    pub fn id(&self) -> String {
        match self {
            Self::Cause(cause) => cause.id.clone(),
            Self::Code(code) => code.code.to_string(),
            Self::Event(event) => match event.provider.as_str() {
                "Microsoft-Windows-Security-SPP" => event.id.to_string(),
                provider => format!("{} {}", event.id, provider.rsplit('-').next().unwrap_or(provider)),
            },
            Self::Remedy(remedy) => remedy.id.clone(),
            Self::Check(check) => check.id.clone(),
            Self::Product(product) => {
                product.last_five.clone().or_else(|| product.activation_id.clone()).unwrap_or_default()
            }
            Self::HostKey(key) => key.id.clone(),
            Self::Generation(generation) => generation.id.clone(),
            Self::Setting(setting) => match setting.kind.as_str() {
                kind @ ("slmgr" | "ospp") => format!("{kind} {}", setting.name),
                "wmi" if !setting.place.is_empty() => {
                    format!("{}.{}", setting.place.split_whitespace().next().unwrap_or_default(), setting.name)
                }
                _ => setting.name.clone(),
            },
            Self::Endpoint(endpoint) => {
                endpoint.name.clone().or_else(|| endpoint.addresses.first().cloned()).unwrap_or_default()
            }
            Self::Topic(topic) => topic.id.clone(),
            Self::Dispute(dispute) => dispute.id.clone(),
            Self::Advice(advice) => advice.id.clone(),
            Self::Checklist(checklist) => checklist.id.clone(),
        }
    }

    /// Its title.
    pub fn title(&self, language: Language) -> String {
        match self {
            Self::Cause(cause) => cause.title.get(language).to_owned(),
            Self::Code(code) => code.symbol.clone().unwrap_or_default(),
            Self::Event(event) => event.title.get(language).to_owned(),
            Self::Remedy(remedy) => remedy.title.get(language).to_owned(),
            Self::Check(check) => check.title.get(language).to_owned(),
            Self::Product(product) => product_title(product),
            Self::HostKey(key) => key.title.get(language).to_owned(),
            Self::Generation(generation) => generation.title.clone(),
            Self::Setting(setting) => first_sentence(setting.meaning.get(language)),
            Self::Endpoint(endpoint) => format!("{} ({})", endpoint.cloud, endpoint.region),
            Self::Topic(topic) => topic.title.get(language).to_owned(),
            Self::Dispute(dispute) => dispute.title.get(language).to_owned(),
            Self::Advice(advice) => advice.says.get(language).to_owned(),
            Self::Checklist(checklist) => checklist.title.get(language).to_owned(),
        }
    }

    /// Other words that lead to it.
    pub fn aliases(&self) -> Vec<String> {
        let owned = |names: &[String]| names.to_vec();
        match self {
            Self::Code(code) => code.symbol.iter().cloned().collect(),
            Self::Product(product) => {
                // “11 / 10” is two versions.
                let versions = product.version.split(" / ").map(|version| {
                    let family = if product.family == "windows-server" { "Windows Server" } else { "Windows" };
                    format!("{family} {version} {}", product.edition)
                });
                let versions = versions.filter(|_| product.family != "office");
                product.activation_id.iter().cloned().chain(versions).collect()
            }
            Self::Generation(generation) => {
                let title = &generation.title;
                let short = [
                    title.replace("Windows Server", "Server"),
                    title.replace("LTSC ", ""),
                    title.replace("Windows ", "win"),
                ];
                short.into_iter().filter(|short| short != title).collect()
            }
            Self::Setting(setting) => {
                // The value's own name, without the key that tells it from another of the same name.
                let last = setting.name.rsplit('\\').next().unwrap_or(&setting.name);
                vec![setting.name.clone(), last.split(" (").next().unwrap_or(last).to_owned()]
            }
            Self::Endpoint(endpoint) => owned(&endpoint.addresses),
            Self::Topic(topic) => owned(&topic.aliases),
            _ => Vec::new(),
        }
    }

    /// A way to its page.
    pub fn link(&self, language: Language) -> Link {
        Link { kind: self.kind(), id: self.id(), title: self.title(language), remark: None }
    }

    /// Its page.
    pub fn page(&self, knowledge: &Knowledge, language: Language) -> Page {
        let (blocks, sources) = pages::blocks(self, knowledge, language);
        let title = match self {
            Self::Code(code) => match &code.symbol {
                Some(symbol) => format!("{} {symbol}", code.code),
                None => code.code.to_string(),
            },
            Self::Event(event) => format!("{} {}", event.id, event.title.get(language)),
            Self::Setting(_) | Self::Endpoint(_) => self.id(),
            _ => self.title(language),
        };
        Page { kind: self.kind(), id: self.id(), title, blocks, sources }
    }

    /// Everything that it holds, as JSON, its texts in `language`.
    pub fn json(&self, language: Language) -> Value {
        let mut value = match self {
            Self::Cause(cause) => cause_json(cause, language),
            Self::Code(code) => {
                let mut value = plain(code, language);
                value["message"] = json!(code.message(language));
                if let Value::Object(fields) = &mut value {
                    fields.remove("message_ja");
                    fields.remove("message_en");
                }
                value
            }
            Self::Event(event) => plain(event, language),
            Self::Remedy(remedy) => json!({
                "title": remedy.title.get(language), "risk": remedy.risk, "rights": remedy.rights,
                "precondition": remedy.precondition_text.as_ref().map(|text| text.get(language)),
                "no_verification": remedy.no_verification.as_ref().map(|text| text.get(language)),
                "consumes_mak": remedy.consumes_mak(), "converts": remedy.converts,
                "steps": plain(&remedy.steps, language),
                "unverified": remedy.unverified.as_ref().map(|text| text.get(language)), "sources": remedy.sources,
            }),
            Self::Check(check) => plain(check, language),
            Self::Product(product) => plain(product, language),
            Self::HostKey(key) => plain(key, language),
            Self::Generation(generation) => plain(generation, language),
            Self::Setting(setting) => plain(setting, language),
            Self::Endpoint(endpoint) => plain(endpoint, language),
            Self::Topic(topic) => plain(topic, language),
            Self::Dispute(dispute) => plain(dispute, language),
            Self::Advice(advice) => plain(advice, language),
            Self::Checklist(checklist) => plain(checklist, language),
        };
        value["kind"] = json!(self.kind().name());
        value["id"] = json!(self.id());
        value
    }
}

/// Family, version and edition as people say them.
pub(super) fn product_title(product: &Product) -> String {
    let family = match product.family.as_str() {
        "windows-server" => "Windows Server",
        "windows-client" => "Windows",
        _ => return product.edition.clone(),
    };
    format!("{family} {} {}", product.version, product.edition)
}

/// The first sentence of a text.
pub(super) fn first_sentence(text: &str) -> String {
    let end = text.find('。').map(|end| end + '。'.len_utf8()).or_else(|| text.find(". ").map(|end| end + 1));
    text[..end.unwrap_or(text.len())].to_owned()
}

fn cause_json(cause: &Cause, language: Language) -> Value {
    json!({
        "title": cause.title.get(language), "area": cause.area,
        "sections": Section::ALL.map(|section| json!({"heading": section.heading(language), "text": cause.text.section(section, language)})),
        "codes": cause.codes, "leads_to": cause.leads_to, "rivals": plain(&cause.rivals, language),
        "variants": plain(&cause.variants, language), "remedies": cause.remedies,
        "no_remedy": cause.no_remedy.as_ref().map(|text| text.get(language)), "checks": cause.checks,
        "recurrence": plain(&cause.recurrence, language),
        "unverified": cause.unverified.as_ref().map(|text| text.get(language)), "sources": cause.sources,
    })
}

/// `value` as JSON, each pair of languages replaced by the text in `language`.
fn plain(value: &impl Serialize, language: Language) -> Value {
    // Every type of the knowledge has string keys and finite numbers.
    let mut value = serde_json::to_value(value).unwrap_or(Value::Null);
    localise(&mut value, language);
    value
}

fn localise(value: &mut Value, language: Language) {
    match value {
        Value::Object(fields) if fields.len() == 2 && fields.contains_key("ja") && fields.contains_key("en") => {
            *value = fields.remove(language.tag()).unwrap_or(Value::Null);
        }
        Value::Object(fields) => fields.values_mut().for_each(|field| localise(field, language)),
        Value::Array(items) => items.iter_mut().for_each(|item| localise(item, language)),
        _ => {}
    }
}
