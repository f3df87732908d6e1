//! Checklists: the first minute and the first five of a help desk, those of situations, and one for every cause. All
//! come out of the checks, causes and remedies themselves.

use super::pages::Writer;
use super::{Block, Item, Kind, Page};
use crate::knowledge::{Cause, Check, Checklist, Knowledge, Section};
use crate::language::Language;

/// Seconds of the first part of the general checklist.
const FIRST_SECONDS: u32 = 60;

/// Id of the checklist for somebody who knows nothing yet.
pub const CAUSE_FREE: &str = "first-minutes";

/// The checklist called `name`: a situation, a cause, or, without a name, the first five minutes. `None` if there is no
/// such one.
pub fn checklist(name: Option<&str>, knowledge: &Knowledge, language: Language) -> Option<Page> {
    let mut writer = Writer { knowledge, language, blocks: Vec::new() };
    let (id, title, sources) = match name {
        None | Some(CAUSE_FREE) => {
            writer.first_minutes();
            let title = match language {
                Language::Japanese => "最初の 60 秒と 5 分",
                Language::English => "The first 60 seconds and the first 5 minutes",
            };
            (CAUSE_FREE.to_owned(), title.to_owned(), Vec::new())
        }
        Some(name) => {
            let name = name.trim().to_lowercase();
            if let Some(checklist) = knowledge.checklists.get(&name) {
                writer.checklist_parts(checklist);
                (name, checklist.title.get(language).to_owned(), checklist.sources.clone())
            } else {
                let cause = knowledge.causes.get(&name)?;
                writer.of_cause(cause);
                (name, cause.title.get(language).to_owned(), cause.sources.clone())
            }
        }
    };
    Some(Page { kind: Kind::Checklist, id, title, blocks: writer.blocks, sources })
}

impl Writer<'_> {
    fn tick(&self, check: &Check) -> Item {
        let mut item = Item { tick: true, ..self.check_item(check) };
        let time = match self.language {
            Language::Japanese => format!("約 {} 秒", check.seconds),
            Language::English => format!("about {} s", check.seconds),
        };
        item.remarks.push((self.pick("時間", "time").to_owned(), time));
        item
    }

    /// The opening checks in their order: as many as fit into the first minute, then the rest with what each outcome
    /// points to.
    fn first_minutes(&mut self) {
        let mut opening: Vec<&Check> = self.knowledge.checks.values().filter(|check| check.opening.is_some()).collect();
        opening.sort_by_key(|check| (check.opening, &check.id));
        let mut seconds = 0;
        let first: Vec<&Check> = opening
            .iter()
            .copied()
            .take_while(|check| {
                seconds += u32::from(check.seconds);
                seconds <= FIRST_SECONDS
            })
            .collect();
        self.heading("最初の 60 秒: 何も変更せずに見る", "The first 60 seconds: look, change nothing");
        self.blocks.push(Block::Items(first.iter().map(|check| self.tick(check)).collect()));
        self.heading("5 分の流れ: 結果から原因へ", "The 5-minute flow: from what is seen to the cause");
        for check in &opening {
            let mut head = self.tick(check);
            head.remarks.clear();
            // Its command stands above.
            if first.iter().any(|known| known.id == check.id) {
                head.commands.clear();
                head.tick = false;
            }
            let mut items = vec![head];
            items.extend(check.outcomes.iter().map(|outcome| self.outcome(outcome)));
            self.blocks.push(Block::Items(items));
        }
        self.text(self.pick(
            "得られた出力をファイルに保存し、`kmsdoctor analyze FILE…` に渡すと、証拠とともに原因を示します。",
            "Save the output into files and give them to `kmsdoctor analyze FILE…`: it names the cause with its evidence.",
        ));
    }

    /// Checks, what to do, verification and way back, prevention: everything that a cause knows, to be ticked off.
    fn of_cause(&mut self, cause: &Cause) {
        let language = self.language;
        self.text(cause.text.section(Section::Fault, language));
        self.heading("1. 確かめる", "1. Make sure");
        let checks = cause.checks.iter().filter_map(|id| self.knowledge.checks.get(id));
        let items: Vec<Item> = checks.map(|check| self.tick(check)).collect();
        self.blocks.push(Block::Items(items));
        let rivals: Vec<Item> = cause
            .rivals
            .iter()
            .map(|rival| Item {
                text: format!("`{}`: {}", rival.cause, rival.difference.get(language)),
                tick: true,
                ..Item::default()
            })
            .collect();
        if !rivals.is_empty() {
            self.heading("2. 似た原因を除く", "2. Exclude what it is not");
            self.blocks.push(Block::Items(rivals));
        }
        self.heading("3. 直す", "3. Mend it");
        if let Some(reason) = &cause.no_remedy {
            self.text(reason.get(language));
        }
        for remedy in cause.remedies.iter().filter_map(|id| self.knowledge.remedies.get(id)) {
            let mut items = vec![Item {
                text: format!("{} (`{}`, {})", remedy.title.get(language), remedy.id, remedy.risk.label(language)),
                tick: true,
                ..Item::default()
            }];
            items.extend((1..).zip(&remedy.steps).map(|(number, step)| self.step(number, step)));
            self.blocks.push(Block::Items(items));
        }
        self.recurrence(cause);
    }

    /// The parts of a checklist for a situation.
    pub(super) fn checklist_parts(&mut self, checklist: &Checklist) {
        let language = self.language;
        self.text(checklist.when.get(language));
        for part in &checklist.parts {
            self.blocks.push(Block::Heading(part.title.get(language).to_owned()));
            let mut items = Vec::new();
            for item in &part.items {
                let text = item.text.as_ref().map(|text| text.get(language).to_owned());
                if let Some(check) = item.check.as_ref().and_then(|id| self.knowledge.checks.get(id)) {
                    let mut tick = self.tick(check);
                    if let Some(text) = text {
                        tick.text = text;
                    }
                    items.push(tick);
                } else if let Some(remedy) = item.remedy.as_ref().and_then(|id| self.knowledge.remedies.get(id)) {
                    let title = text.unwrap_or_else(|| remedy.title.get(language).to_owned());
                    let head = format!("{title} (`{}`, {})", remedy.id, remedy.risk.label(language));
                    let command = format!("kmsdoctor explain {}", remedy.id);
                    let steps = self.pick("手順", "steps").to_owned();
                    items.push(Item { text: head, tick: true, commands: vec![(steps, command)], ..Item::default() });
                } else if let Some(text) = text {
                    items.push(Item { text, tick: true, ..Item::default() });
                }
            }
            self.blocks.push(Block::Items(items));
        }
    }
}
