//! What stands on the page of each kind of entry.

mod cause;
mod remedy;
mod table;

use super::{Block, Entry, Item, Kind, Link, decode};
use crate::code::ErrorCode;
use crate::knowledge::{Check, CodeEntry, Evidence, Knowledge, Place, Source};
use crate::language::Language;
use crate::report::fill;

/// Blocks and sources of an entry's page.
pub(super) fn blocks(entry: &Entry<'_>, knowledge: &Knowledge, language: Language) -> (Vec<Block>, Vec<Source>) {
    let mut writer = Writer { knowledge, language, blocks: Vec::new() };
    let sources = match entry {
        Entry::Cause(cause) => writer.cause(cause),
        Entry::Code(code) => writer.code(code),
        Entry::Event(event) => writer.event(event),
        Entry::Remedy(remedy) => writer.remedy(remedy),
        Entry::Check(check) => writer.check(check),
        Entry::Product(product) => writer.product(product),
        Entry::HostKey(key) => writer.host_key(key),
        Entry::Generation(generation) => writer.generation(generation),
        Entry::Setting(setting) => writer.setting(setting),
        Entry::Endpoint(endpoint) => writer.endpoint(endpoint),
        Entry::Topic(topic) => writer.topic(topic),
        Entry::Dispute(dispute) => writer.dispute(dispute),
        Entry::Advice(advice) => writer.advice(advice),
        Entry::Checklist(checklist) => writer.checklist(checklist),
    };
    writer.about(entry);
    (writer.blocks, sources)
}

/// Collects the blocks of a page.
pub(super) struct Writer<'k> {
    pub(super) knowledge: &'k Knowledge,
    pub(super) language: Language,
    pub(super) blocks: Vec<Block>,
}

impl Writer<'_> {
    pub(super) fn pick(&self, japanese: &'static str, english: &'static str) -> &'static str {
        match self.language {
            Language::Japanese => japanese,
            Language::English => english,
        }
    }

    pub(super) fn heading(&mut self, japanese: &'static str, english: &'static str) {
        let text = self.pick(japanese, english).to_owned();
        self.blocks.push(Block::Heading(text));
    }

    pub(super) fn text(&mut self, text: &str) {
        self.blocks.push(Block::Text(text.to_owned()));
    }

    /// A heading with a text below it.
    pub(super) fn section(&mut self, japanese: &'static str, english: &'static str, text: &str) {
        self.heading(japanese, english);
        self.text(text);
    }

    /// Says so where a statement is not certain.
    pub(super) fn evidence(&mut self, evidence: Evidence) {
        let label = self.pick("確からしさ", "How well documented").to_owned();
        if evidence.is_uncertain() {
            self.blocks.push(Block::Warning(format!("{label}: {}", evidence.label(self.language))));
        } else {
            self.blocks.push(Block::Fields(vec![(label, evidence.label(self.language).to_owned())]));
        }
    }

    pub(super) fn fields(&mut self, fields: impl IntoIterator<Item = (&'static str, Option<String>)>) {
        let fields = fields.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?)));
        self.blocks.push(Block::Fields(fields.collect()));
    }

    pub(super) fn links(&mut self, japanese: &'static str, english: &'static str, links: Vec<Link>) {
        if !links.is_empty() {
            self.heading(japanese, english);
            self.blocks.push(Block::Links(links));
        }
    }

    pub(super) fn cause_links(&mut self, japanese: &'static str, english: &'static str, ids: &[String]) {
        let language = self.language;
        let causes = ids.iter().filter_map(|id| self.knowledge.causes.get(id));
        let links = causes.map(|cause| Entry::Cause(cause).link(language)).collect();
        self.links(japanese, english, links);
    }

    pub(super) fn remedy_links(&mut self, japanese: &'static str, english: &'static str, ids: &[String]) {
        let language = self.language;
        let remedies = ids.iter().filter_map(|id| self.knowledge.remedies.get(id));
        let links = remedies
            .map(|remedy| {
                let mut remark = remedy.risk.label(language).to_owned();
                if remedy.consumes_mak() {
                    remark.push_str(match language {
                        Language::Japanese => "、MAK の認証回数を使う",
                        Language::English => ", uses up MAK activations",
                    });
                }
                Link { remark: Some(remark), ..Entry::Remedy(remedy).link(language) }
            })
            .collect();
        self.links(japanese, english, links);
    }

    pub(super) fn code_links(&mut self, japanese: &'static str, english: &'static str, codes: &[ErrorCode]) {
        let language = self.language;
        let known = codes.iter().filter_map(|code| self.knowledge.codes.get(code));
        let links = known.map(|code| Entry::Code(code).link(language)).collect();
        self.links(japanese, english, links);
    }

    /// A list of checks with their commands and what they tell.
    pub(super) fn check_items(&mut self, japanese: &'static str, english: &'static str, ids: &[String]) {
        let items: Vec<Item> =
            ids.iter().filter_map(|id| self.knowledge.checks.get(id)).map(|check| self.check_item(check)).collect();
        if !items.is_empty() {
            self.heading(japanese, english);
            self.blocks.push(Block::Items(items));
        }
    }

    pub(super) fn check_item(&self, check: &Check) -> Item {
        let language = self.language;
        Item {
            text: check.title.get(language).to_owned(),
            remarks: vec![(self.pick("分かること", "tells").to_owned(), check.why.get(language).to_owned())],
            commands: vec![(self.place_and_shell(check.place, &check.command), fill(&check.command, &[]))],
            tick: false,
        }
    }

    /// Where a command runs, and in which shell where only one understands it.
    pub(super) fn place_and_shell(&self, place: Place, command: &str) -> String {
        let place = place.label(self.language);
        if command.contains('%') {
            format!("{place} ({})", self.pick("コマンド プロンプト", "Command Prompt"))
        } else {
            place.to_owned()
        }
    }

    fn code(&mut self, code: &CodeEntry) -> Vec<Source> {
        let language = self.language;
        let none = self
            .pick("(この言語の公式メッセージは確認できていません)", "(no official message is known in this language)");
        let message = code.message(language).unwrap_or(none).to_owned();
        self.section("公式のメッセージ", "Official message", &message);
        self.section("意味", "Meaning", code.meaning.get(language));
        self.evidence(code.evidence);
        let sides: Vec<&str> = code.sides.iter().map(|side| side.label(language)).collect();
        let sides = sides.join(self.pick("、", ", "));
        let mut fields = vec![(self.pick("見られる場面", "Seen with").to_owned(), sides)];
        fields.extend(decode(code.code).fields(language));
        self.blocks.push(Block::Fields(fields));
        self.check_items("次に確認すること", "Next checks", &code.checks);
        if code.causes.is_empty() {
            self.section(
                "考えられる原因",
                "Causes with which it is seen",
                self.pick(
                    "このコードに結び付く原因は知られていません。",
                    "No cause is known that this code is a sign of.",
                ),
            );
        } else {
            self.cause_links(
                "考えられる原因 (コードだけでは確定しません)",
                "Causes with which it is seen (a code alone proves none)",
                &code.causes,
            );
        }
        code.sources.clone()
    }

    fn check(&mut self, check: &Check) -> Vec<Source> {
        let language = self.language;
        self.text(check.why.get(language));
        let item = Item {
            text: self.place_and_shell(check.place, &check.command),
            commands: vec![(self.pick("コマンド", "command").to_owned(), fill(&check.command, &[]))],
            ..Item::default()
        };
        self.blocks.push(Block::Items(vec![item]));
        self.fields([(
            self.pick("かかる時間", "Takes"),
            Some(match language {
                Language::Japanese => format!("約 {} 秒", check.seconds),
                Language::English => format!("about {} s", check.seconds),
            }),
        )]);
        if !check.outcomes.is_empty() {
            self.heading("結果の読み方", "How to read it");
            let items = check.outcomes.iter().map(|outcome| self.outcome(outcome)).collect();
            self.blocks.push(Block::Items(items));
        }
        let keys = check.keys().map(|key| (key.name().to_owned(), key.label(language).to_owned())).collect();
        self.heading("得られる事実", "Facts that it gives");
        self.blocks.push(Block::Fields(keys));
        let settles: Vec<Link> = self
            .knowledge
            .causes
            .values()
            .filter(|cause| cause.checks.contains(&check.id))
            .map(|cause| Entry::Cause(cause).link(language))
            .collect();
        self.links("これで決まる原因", "Causes that it helps to settle", settles);
        check.sources.clone()
    }

    pub(super) fn outcome(&self, outcome: &crate::knowledge::Outcome) -> Item {
        let language = self.language;
        let mut remarks = vec![(self.pick("次に", "then").to_owned(), outcome.then.get(language).to_owned())];
        let causes: Vec<String> = outcome
            .causes
            .iter()
            .filter_map(|id| self.knowledge.causes.get(id))
            .map(|cause| format!("{} ({})", cause.title.get(language), cause.id))
            .collect();
        if !causes.is_empty() {
            remarks.push((self.pick("原因の候補", "points to").to_owned(), causes.join(self.pick("、", "; "))));
        }
        Item { text: outcome.sees.get(language).to_owned(), remarks, ..Item::default() }
    }

    /// Disputes and advice that concern an entry: a reader of the entry has to see them.
    fn about(&mut self, entry: &Entry<'_>) {
        let language = self.language;
        let id = entry.id();
        let names: Vec<String> = match entry {
            Entry::Setting(setting) => vec![id, setting.name.clone()],
            Entry::Event(event) => vec![id, event.id.to_string()],
            Entry::Dispute(_) | Entry::Advice(_) => return,
            _ => vec![id],
        };
        let concerns =
            |about: &[String]| about.iter().any(|entry| names.iter().any(|name| name.eq_ignore_ascii_case(entry)));
        let disputes: Vec<Link> = self
            .knowledge
            .disputes
            .values()
            .filter(|dispute| concerns(&dispute.about))
            .map(|dispute| Link {
                remark: Some(dispute.followed.get(language).to_owned()),
                ..Entry::Dispute(dispute).link(language)
            })
            .collect();
        self.links("資料が食い違う点", "Where sources disagree", disputes);
        let advice: Vec<Link> = self
            .knowledge
            .advice
            .values()
            .filter(|advice| concerns(&advice.about))
            .map(|advice| Link {
                remark: Some(format!("{}: {}", advice.fault.label(language), advice.why.get(language))),
                ..Entry::Advice(advice).link(language)
            })
            .collect();
        self.links("従ってはいけない助言", "Advice not to follow", advice);
    }

    /// Entries named by ids of any kind.
    pub(super) fn named(&self, ids: &[String]) -> Vec<Link> {
        let find = |id: &String| super::find::exact(id, self.knowledge).into_iter().next();
        ids.iter()
            .filter_map(find)
            .map(|entry| entry.link(self.language))
            .filter(|link| link.kind != Kind::Dispute)
            .collect()
    }
}
