//! The page of a remedy.

use super::Writer;
use crate::condition::{Condition, Leaf, Test};
use crate::fact::{Value, word_label};
use crate::knowledge::{Remedy, Source, Step};
use crate::language::Language;
use crate::reference::{Block, Entry, Item, Link};
use crate::report::fill;

impl Writer<'_> {
    pub(super) fn remedy(&mut self, remedy: &Remedy) -> Vec<Source> {
        let language = self.language;
        let converts = remedy.converts.as_ref().map(|conversion| format!("{} → {}", conversion.from, conversion.to));
        self.fields([
            (self.pick("リスク", "Risk"), Some(remedy.risk.label(language).to_owned())),
            (self.pick("必要な権限", "Rights"), Some(remedy.rights.label(language).to_owned())),
            (self.pick("認証方式の変更", "Changes the method"), converts),
            (self.pick("前提", "Before"), remedy.precondition_text.as_ref().map(|text| text.get(language).to_owned())),
        ]);
        if remedy.consumes_mak() {
            let text = self.pick(
                "MAK の認証回数を使います。戻せません。",
                "It uses up activations of a MAK, which do not come back.",
            );
            self.blocks.push(Block::Warning(text.to_owned()));
        }
        self.heading("手順", "Steps");
        let items: Vec<Item> = (1..).zip(&remedy.steps).map(|(number, step)| self.step(number, step)).collect();
        self.blocks.push(Block::Items(items));
        self.heading("成功の確認", "How to see that it worked");
        match (&remedy.verification, &remedy.no_verification) {
            (Some(condition), _) => {
                let mut fields: Vec<(String, String)> = Vec::new();
                self.wanted_facts(condition, false, &mut fields);
                fields.dedup();
                self.blocks.push(Block::Fields(fields));
            }
            (None, reason) => {
                let reason = reason.as_ref().map(|reason| reason.get(language).to_owned());
                self.text(&reason.unwrap_or_default());
            }
        }
        if let Some(unverified) = &remedy.unverified {
            let label = self.pick("未確認", "Not verified");
            self.blocks.push(Block::Warning(format!("{label}: {}", unverified.get(language))));
        }
        let mends: Vec<Link> = self
            .knowledge
            .causes
            .values()
            .filter(|cause| {
                let mut of_variants = cause.variants.iter().flat_map(|variant| &variant.remedies);
                cause.remedies.contains(&remedy.id) || of_variants.any(|id| *id == remedy.id)
            })
            .map(|cause| Entry::Cause(cause).link(language))
            .collect();
        self.links("対象の原因", "What it mends", mends);
        remedy.sources.clone()
    }

    /// The facts of a condition with what they have to be.
    fn wanted_facts(&self, condition: &Condition, is_negated: bool, fields: &mut Vec<(String, String)>) {
        match condition {
            Condition::All(parts) | Condition::Any(parts) => {
                for part in parts {
                    self.wanted_facts(part, is_negated, fields);
                }
            }
            Condition::Not(part) => self.wanted_facts(part, !is_negated, fields),
            Condition::Some(quantifier) | Condition::Every(quantifier) => {
                if let Some(among) = &quantifier.among {
                    self.wanted_facts(among, is_negated, fields);
                }
                self.wanted_facts(&quantifier.each, is_negated, fields);
            }
            Condition::Leaf(leaf) => {
                let label = format!("{} ({})", leaf.key.label(self.language), leaf.key.name());
                let wanted = self.wanted(leaf);
                let wanted = match (is_negated, self.language) {
                    (false, _) => wanted,
                    (true, Language::Japanese) => format!("「{wanted}」以外"),
                    (true, Language::English) => format!("not “{wanted}”"),
                };
                fields.push((label, wanted));
            }
            Condition::Predicate(_) | Condition::Constant(_) => {}
        }
    }

    /// What a fact is asked for, in words.
    fn wanted(&self, leaf: &Leaf) -> String {
        let language = self.language;
        let value = |value: &Value| match value {
            Value::Word(word) => word_label(word, language).to_owned(),
            Value::Flag(true) => self.pick("はい", "yes").to_owned(),
            Value::Flag(false) => self.pick("いいえ", "no").to_owned(),
            Value::Code(code) if code.is_success() => self.pick("成功 (0x00000000)", "success (0x00000000)").to_owned(),
            other => other.to_string(),
        };
        let more = self.pick("より大きい", "above");
        let less = self.pick("より小さい", "below");
        match &leaf.test {
            Test::OneOf(values) => values.iter().map(value).collect::<Vec<_>>().join(self.pick(" または ", " or ")),
            Test::Above(limit) => format!("{limit} {more}"),
            Test::Below(limit) => format!("{limit} {less}"),
            Test::Outside(low, high) => match language {
                Language::Japanese => format!("{low} から {high} の外"),
                Language::English => format!("outside of {low} to {high}"),
            },
            Test::HasBits(bits) => format!("0x{bits:08X}"),
            Test::Exists => self.pick("ある", "there").to_owned(),
            Test::ExistsNot => self.pick("ない", "not there").to_owned(),
            Test::BelowFact(other) => format!("{less}: {}", other.label(language)),
        }
    }

    pub(in crate::reference) fn step(&self, number: usize, step: &Step) -> Item {
        let language = self.language;
        let filled = |command: &String| fill(command, &[]);
        let mut remarks = vec![(
            self.pick("リスク", "risk").to_owned(),
            format!("{}、{}", step.risk.label(language), step.rights.label(language)),
        )];
        if language == Language::English {
            remarks[0].1 = format!("{}, {}", step.risk.label(language), step.rights.label(language));
        }
        if step.consumes_mak {
            remarks.push((
                self.pick("注意", "note").to_owned(),
                self.pick("MAK の認証回数を 1 回使います", "uses up 1 activation of the MAK").to_owned(),
            ));
        }
        let texts = [
            (self.pick("影響", "also"), &step.side_effects),
            (self.pick("事前に記録", "note before"), &step.capture_note),
        ];
        remarks.extend(
            texts
                .into_iter()
                .filter_map(|(label, text)| Some((label.to_owned(), text.as_ref()?.get(language).to_owned()))),
        );
        if let Some(edit) = &step.edit {
            remarks.push((
                self.pick("変更箇所", "edit").to_owned(),
                format!("{}: {}", edit.target, edit.after.get(language)),
            ));
        }
        if let Some(note) = &step.undo_note {
            remarks.push((self.pick("戻し方", "way back").to_owned(), note.get(language).to_owned()));
        }
        let commands = [
            (self.pick("事前に記録", "note before"), &step.capture),
            (self.pick("実行", "run"), &step.command),
            (self.pick("確認", "verify"), &step.verify),
            (self.pick("元に戻す", "undo"), &step.undo),
        ];
        Item {
            text: format!(
                "{number}: [{}] {}",
                self.place_and_shell(step.place, step.command.as_deref().unwrap_or_default()),
                step.action.get(language)
            ),
            remarks,
            commands: commands
                .into_iter()
                .filter_map(|(label, command)| Some((label.to_owned(), filled(command.as_ref()?))))
                .collect(),
            tick: false,
        }
    }
}
