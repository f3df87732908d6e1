//! The page of a cause.

use super::Writer;
use crate::knowledge::{Cause, Section, Source};
use crate::reference::{Block, Entry, Item, Link};

impl Writer<'_> {
    pub(super) fn cause(&mut self, cause: &Cause) -> Vec<Source> {
        let language = self.language;
        for section in Section::ALL {
            self.blocks.push(Block::Heading(section.heading(language).to_owned()));
            self.text(cause.text.section(section, language));
            if section == Section::Fault {
                self.variants(cause);
            }
        }
        if let Some(unverified) = &cause.unverified {
            let label = self.pick("未確認", "Not verified");
            self.blocks.push(Block::Warning(format!("{label}: {}", unverified.get(language))));
        }
        self.check_items("確認方法", "Checks", &cause.checks);
        match &cause.no_remedy {
            Some(reason) => self.section("対処の手順", "Remedies", reason.get(language)),
            None => self.remedy_links("対処の手順", "Remedies", &cause.remedies),
        }
        self.recurrence(cause);
        let knowledge = self.knowledge;
        let rivals: Vec<Link> = cause
            .rivals
            .iter()
            .filter_map(|rival| {
                let link = Entry::Cause(knowledge.causes.get(&rival.cause)?).link(language);
                Some(Link { remark: Some(rival.difference.get(language).to_owned()), ..link })
            })
            .collect();
        self.links("区別すべき原因", "Told apart from", rivals);
        self.cause_links("この原因が招くもの", "What follows from it", &cause.leads_to);
        self.code_links(
            "よく見られるコード (コードだけでは確定しません)",
            "Codes often seen (a code alone proves nothing)",
            &cause.codes,
        );
        cause.sources.clone()
    }

    fn variants(&mut self, cause: &Cause) {
        if cause.variants.is_empty() {
            return;
        }
        let language = self.language;
        self.heading("内訳", "Its forms");
        let items: Vec<Item> = cause
            .variants
            .iter()
            .map(|variant| {
                let checks = variant.checks.iter().filter_map(|id| self.knowledge.checks.get(id));
                let remedies = variant.remedies.iter().filter_map(|id| self.knowledge.remedies.get(id));
                let mut remarks =
                    vec![(self.pick("見分け方", "told by").to_owned(), variant.difference.get(language).to_owned())];
                remarks.extend(remedies.map(|remedy| {
                    let title = format!("{} ({})", remedy.title.get(language), remedy.id);
                    (self.pick("対処", "remedy").to_owned(), title)
                }));
                let commands = checks
                    .map(|check| (check.title.get(language).to_owned(), crate::report::fill(&check.command, &[])));
                Item {
                    text: format!("{} (`{}`)", variant.title.get(language), variant.id),
                    remarks,
                    commands: commands.collect(),
                    tick: false,
                }
            })
            .collect();
        self.blocks.push(Block::Items(items));
    }

    /// What to watch, what to look through, whom to call.
    pub(in crate::reference) fn recurrence(&mut self, cause: &Cause) {
        let language = self.language;
        let recurrence = &cause.recurrence;
        self.heading("監視・点検・連絡先", "Watch, audit, escalate");
        self.fields([(self.pick("担当", "Owner"), Some(recurrence.owner.label(language).to_owned()))]);
        let watch = self.pick("監視", "watch");
        let mut items: Vec<Item> = recurrence
            .monitor
            .iter()
            .map(|text| Item { text: format!("{watch}: {}", text.get(language)), ..Item::default() })
            .collect();
        items.extend(recurrence.audit.iter().map(|audit| {
            let check = audit.check.as_ref().and_then(|id| self.knowledge.checks.get(id));
            Item {
                text: format!("{}: {}", audit.every.label(language), audit.what.get(language)),
                commands: check
                    .map(|check| (check.title.get(language).to_owned(), crate::report::fill(&check.command, &[])))
                    .into_iter()
                    .collect(),
                ..Item::default()
            }
        }));
        let escalate = &recurrence.escalate;
        let data: Vec<String> = escalate
            .checks
            .iter()
            .filter_map(|id| self.knowledge.checks.get(id))
            .map(|check| check.title.get(language).to_owned())
            .collect();
        let to = escalate.to.label(language);
        let text = match language {
            crate::language::Language::Japanese => format!("解決しないときの連絡先: {to}"),
            crate::language::Language::English => format!("where it does not yield, call: {to}"),
        };
        items.push(Item {
            text,
            remarks: vec![
                (self.pick("渡す情報", "with the output of").to_owned(), data.join(self.pick("、", "; "))),
                (self.pick("伝えること", "and say").to_owned(), escalate.with.get(language).to_owned()),
            ],
            ..Item::default()
        });
        self.blocks.push(Block::Items(items));
    }
}
