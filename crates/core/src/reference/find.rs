//! From whatever somebody has in hand to entries: a code in any notation, an event, the last five characters of a key, an
//! activation ID, a name, a term in either language, a whole pasted message.

use super::{Entry, Kind};
use crate::code::{ErrorCode, narrow};
use crate::knowledge::{Advice, Knowledge, Setting};

/// Characters of a term that are looked at: more than any message.
const TERM_CHARACTERS_MAX: usize = 4000;
/// Entries that are offered where nothing fits exactly.
const NEAR_MAX: usize = 60;
/// The shortest name that is looked for inside other text: 4 letters, or 3 characters of Japanese, which say more.
const INSIDE_WEIGHT_MIN: usize = 12;
/// The shortest part of an official message that is taken for one, in characters.
const MESSAGE_CHARACTERS_MIN: usize = 10;
/// Characters by which a pasted message may differ from the official one and still be the whole of it.
const WHOLE_DISTANCE_MAX: usize = 12;
/// Codes that one text may stand for.
const MESSAGES_MAX: usize = 12;

/// What a term leads to.
#[derive(Debug, Clone, Default)]
pub struct Answer<'k> {
    /// Entries that the term names, the best first.
    pub entries: Vec<Entry<'k>>,
    /// A code in the term that is not known.
    pub unknown_code: Option<ErrorCode>,
    /// Entries that come near, where nothing is named.
    pub near: Vec<Entry<'k>>,
    /// Every word of the term stands in the names of those near it: they are what was looked for, but which?
    pub is_choice: bool,
}

/// Looks a term up.
pub fn find<'k>(term: &str, knowledge: &'k Knowledge) -> Answer<'k> {
    Finder::new(knowledge).find(term)
}

/// Entries of which the whole term is the id, the name or an alias.
pub(super) fn exact<'k>(term: &str, knowledge: &'k Knowledge) -> Vec<Entry<'k>> {
    Finder::new(knowledge).exact(term)
}

/// The names of everything, made ready for many look-ups.
pub struct Finder<'k> {
    knowledge: &'k Knowledge,
    entries: Vec<Names<'k>>,
    /// Official messages without blanks, with their lengths in characters.
    messages: Vec<(Entry<'k>, String, usize)>,
}

/// An entry with what it is called, folded.
struct Names<'k> {
    entry: Entry<'k>,
    id: String,
    titles: Vec<String>,
    aliases: Vec<String>,
}

impl Names<'_> {
    fn all(&self) -> impl Iterator<Item = &String> {
        std::iter::once(&self.id).chain(&self.titles).chain(&self.aliases)
    }
}

impl<'k> Finder<'k> {
    /// Reads all names of `knowledge`.
    pub fn new(knowledge: &'k Knowledge) -> Self {
        let fold_all = |names: Vec<String>| names.iter().map(|name| fold(name)).collect::<Vec<_>>();
        let names = |entry: Entry<'k>| Names {
            id: fold(&entry.id()),
            titles: fold_all(titles(&entry)),
            aliases: fold_all(entry.aliases()),
            entry,
        };
        let entries = Kind::ALL.iter().flat_map(|kind| kind.entries(knowledge)).map(names).collect();
        let messages = knowledge.codes.values().flat_map(|code| {
            [&code.message_ja, &code.message_en].into_iter().flatten().map(move |message| {
                let message = squeeze(message);
                let length = message.chars().count();
                (Entry::Code(code), message, length)
            })
        });
        Self { knowledge, entries, messages: messages.collect() }
    }

    /// Looks a term up.
    pub fn find(&self, term: &str) -> Answer<'k> {
        let term: String = term.chars().take(TERM_CHARACTERS_MAX).collect();
        // Lines of quoted mail begin with these.
        let unquoted = |line: &str| line.trim_start().trim_start_matches(['>', '|', '＞']).to_owned();
        let term: String = term.lines().map(unquoted).collect::<Vec<_>>().join("\n");
        let folded = fold(&term);
        if folded.is_empty() {
            return Answer::default();
        }
        let warnings = self.advice(&folded);
        if !warnings.is_empty() {
            let mut entries = warnings;
            let codes = codes_in(&term);
            add(&mut entries, codes.iter().filter_map(|code| self.knowledge.codes.get(code)).map(Entry::Code));
            add(&mut entries, self.exact(&term));
            add(&mut entries, self.inside(&folded));
            return Answer { entries, ..Answer::default() };
        }
        let mut named = self.exact(&term);
        if !named.is_empty() {
            // What the screen says may be a code's official message too.
            if !matches!(named.as_slice(), [Entry::Code(_)]) {
                add(&mut named, self.by_message(&folded));
            }
            return Answer { entries: named, ..Answer::default() };
        }
        let codes = codes_in(&term);
        let messages = if codes.is_empty() { self.by_message(&folded) } else { Vec::new() };
        if messages.len() > 1 {
            // Several codes have this text.
            return Answer { near: messages, is_choice: true, ..Answer::default() };
        }
        let mut entries: Vec<Entry<'k>> = Vec::new();
        add(&mut entries, codes.iter().filter_map(|code| self.knowledge.codes.get(code)).map(Entry::Code));
        // An official message says more than the terms that stand in it.
        add(&mut entries, messages);
        add(&mut entries, self.inside(&folded));
        let unknown_code = codes.into_iter().find(|code| !self.knowledge.codes.contains_key(code));
        let (near, is_choice) =
            if entries.is_empty() && unknown_code.is_none() { self.near(&folded) } else { (Vec::new(), false) };
        if let ([only], true) = (near.as_slice(), is_choice) {
            return Answer { entries: vec![*only], ..Answer::default() };
        }
        Answer { entries, unknown_code, near, is_choice }
    }

    fn exact(&self, term: &str) -> Vec<Entry<'k>> {
        let knowledge = self.knowledge;
        let whole = fold(term);
        let folded = whole.trim_matches(|character: char| "\"'“”「」()[].,:。、".contains(character));
        if let Some((kind, id)) =
            folded.split_once(':').and_then(|(kind, id)| Some((Kind::from_name(kind)?, id.trim())))
        {
            let named = self.entries.iter().filter(|names| names.entry.kind() == kind && names.id == id);
            return named.map(|names| names.entry).collect();
        }
        // The value of a registry path, and a build with its word.
        let folded = match folded.rsplit_once('\\') {
            Some((path, value)) if path.starts_with("hk") && !value.is_empty() => value,
            _ => ["build ", "os build ", "ビルド "].iter().find_map(|word| folded.strip_prefix(word)).unwrap_or(folded),
        };
        // Nothing else is written like a code.
        if let Some(entry) = ErrorCode::parse(folded).and_then(|code| knowledge.codes.get(&code)) {
            return vec![Entry::Code(entry)];
        }
        let mut entries = Vec::new();
        add(&mut entries, knowledge.causes.get(folded).map(Entry::Cause));
        let is_symbol =
            |symbol: &Option<String>| symbol.as_ref().is_some_and(|symbol| symbol.eq_ignore_ascii_case(folded));
        add(&mut entries, knowledge.codes.values().filter(|code| is_symbol(&code.symbol)).map(Entry::Code));
        add(&mut entries, event_number(folded).into_iter().flat_map(|id| events(id, knowledge)));
        if let Some(last_five) = last_five(folded) {
            let fits =
                |known: &Option<String>| known.as_ref().is_some_and(|known| known.eq_ignore_ascii_case(&last_five));
            add(&mut entries, knowledge.products.iter().filter(|product| fits(&product.last_five)).map(Entry::Product));
        }
        if folded.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.') {
            add(&mut entries, knowledge.hosts.generations_of_build(folded).into_iter().map(Entry::Generation));
        }
        // The Win32 error inside a known code.
        if let Some(win32) = folded.parse::<u32>().ok().filter(|number| (1..0x1_0000).contains(number)) {
            let code = ErrorCode(0x8007_0000 | win32);
            add(&mut entries, knowledge.codes.get(&code).map(Entry::Code));
        }
        let updates = knowledge.hosts.updates.iter().filter(|update| update.update.eq_ignore_ascii_case(folded));
        let hosts = updates.filter_map(|update| knowledge.hosts.generation(&update.host));
        add(&mut entries, hosts.map(Entry::Generation));
        // What has the term for its id comes before what has it for its title, and that before what it is another
        // word for.
        // Blanks between Japanese and other letters are a matter of taste.
        let (bare, bare_whole) = (folded.replace(' ', ""), whole.replace(' ', ""));
        let is = |name: &String| {
            let name = name.replace(' ', "");
            name == bare || name == bare_whole
        };
        let rank = |names: &Names<'k>| {
            let is_option = || matches!(names.entry, Entry::Setting(setting) if option_is(&setting.name, folded));
            let ranks = [is(&names.id), names.titles.iter().any(is) || is_option(), names.aliases.iter().any(is)];
            ranks.iter().position(|fits| *fits)
        };
        let named = self.entries.iter().filter(|names| names.entry.kind() != Kind::Code);
        let mut named: Vec<(usize, Entry<'k>)> =
            named.filter_map(|names| rank(names).map(|rank| (rank, names.entry))).collect();
        named.sort_by_key(|(rank, entry)| (*rank, order(entry.kind())));
        add(&mut entries, named.into_iter().map(|(_, entry)| entry));
        entries
    }

    /// Entries that a longer text names: causes, events, symptoms, states, terms, options.
    fn inside(&self, folded: &str) -> Vec<Entry<'k>> {
        let knowledge = self.knowledge;
        let mut entries = Vec::new();
        add(&mut entries, knowledge.causes.values().filter(|cause| stands_in(&cause.id, folded)).map(Entry::Cause));
        let numbers = folded.split(|character: char| !character.is_ascii_digit()).filter(|run| run.len() >= 4);
        let speaks_of_events = folded.contains("event") || folded.contains("イベント");
        let ids = numbers.filter(|_| speaks_of_events).filter_map(|run| run.parse().ok());
        add(&mut entries, ids.flat_map(|id| events(id, knowledge)));
        add(&mut entries, self.options_in(folded));
        add(&mut entries, self.keys_in(folded));
        let mut found: Vec<(usize, Entry<'k>)> = Vec::new();
        for names in self.entries.iter().filter(|names| matches!(names.entry, Entry::Topic(_))) {
            let longest = names
                .titles
                .iter()
                .chain(&names.aliases)
                .filter(|name| weight(name) >= INSIDE_WEIGHT_MIN && stands_in(name, folded))
                .map(|name| name.chars().count())
                .max();
            found.extend(longest.map(|length| (length, names.entry)));
        }
        // What the text names by the most characters says most.
        found.sort_by_key(|(length, entry)| (std::cmp::Reverse(*length), entry.kind(), entry.id()));
        add(&mut entries, found.into_iter().map(|(_, entry)| entry).take(NEAR_MAX));
        entries
    }

    /// Options of slmgr and ospp in a command line: `slmgr.vbs /skms kms1:1688`, `ospp.vbs /sethst:kms1`.
    fn options_in(&self, folded: &str) -> Vec<Entry<'k>> {
        let script = ["slmgr", "ospp"].into_iter().find(|script| folded.contains(script));
        let Some(script) = script else { return Vec::new() };
        let options: Vec<&str> = folded
            .split(' ')
            .filter(|word| word.starts_with(['/', '-']))
            .map(|word| word.trim_start_matches(['/', '-']).split(':').next().unwrap_or_default())
            .collect();
        let is_named = |setting: &&Setting| {
            let name = setting.name.to_lowercase();
            setting.kind == script
                && options.contains(&name.trim_start_matches('/').split([':', ' ']).next().unwrap_or_default())
        };
        self.knowledge.settings.iter().filter(is_named).map(Entry::Setting).collect()
    }

    /// Products of the keys in a text, by their last five characters; the rest of a key is not looked at.
    fn keys_in(&self, folded: &str) -> Vec<Entry<'k>> {
        let words = folded.split([' ', '"', '\'', '`', '(', ')', ',']).filter(|word| word.matches('-').count() == 4);
        let of_key = |word: &str| {
            let last = word.rsplit('-').next()?.to_uppercase();
            self.knowledge.products.iter().find(|product| product.last_five.as_deref() == Some(last.as_str()))
        };
        words.filter_map(of_key).map(Entry::Product).collect()
    }

    /// Advice that is not to be followed, known by the words of its commands.
    fn advice(&self, folded: &str) -> Vec<Entry<'k>> {
        // A pattern may end a word.
        let text = format!("{folded} ");
        let gives = |advice: &&Advice| advice.patterns.iter().any(|pattern| text.contains(pattern.as_str()));
        self.knowledge.advice.values().filter(gives).map(Entry::Advice).collect()
    }

    /// Codes whose official message holds the text, or whose message the text holds: those of the most like length
    /// first.
    fn by_message(&self, folded: &str) -> Vec<Entry<'k>> {
        let text = squeeze(folded);
        let length = text.chars().count();
        if length < MESSAGE_CHARACTERS_MIN {
            return Vec::new();
        }
        let fits = |message: &str, own: usize| {
            message.contains(&text) || (own >= MESSAGE_CHARACTERS_MIN && text.contains(message))
        };
        let mut fitting: Vec<(usize, Entry<'k>)> = self
            .messages
            .iter()
            .filter(|(_, message, own)| fits(message, *own))
            .map(|(entry, _, own)| (own.abs_diff(length), *entry))
            .collect();
        fitting.sort_by_key(|(distance, entry)| (*distance, entry.id()));
        let whole = fitting.first().is_some_and(|(distance, _)| *distance <= WHOLE_DISTANCE_MAX);
        let mut entries = Vec::new();
        add(
            &mut entries,
            fitting
                .into_iter()
                .filter(|(distance, _)| !whole || *distance <= WHOLE_DISTANCE_MAX)
                .map(|(_, entry)| entry),
        );
        // Words that stand in many messages name none of them.
        if entries.len() > MESSAGES_MAX { Vec::new() } else { entries }
    }

    /// Entries in whose names the term stands, or that share its words; and whether they hold all of it.
    fn near(&self, folded: &str) -> (Vec<Entry<'k>>, bool) {
        /// The share of the words, in per cent, from which an entry is near.
        const SHARE_MIN: usize = 60;
        /// 3 letters, or 2 characters of Japanese.
        const WORD_WEIGHT_MIN: usize = 8;
        let words: Vec<&str> =
            folded.split([' ', '-', '_', '/']).filter(|word| weight(word) >= WORD_WEIGHT_MIN).collect();
        let mut scored: Vec<(usize, Entry<'k>)> = Vec::new();
        // A letter or two stand in everything.
        if weight(folded) < WORD_WEIGHT_MIN {
            return (Vec::new(), false);
        }
        for names in &self.entries {
            let whole = names.all().any(|name| name.contains(folded));
            let shared = words.iter().filter(|word| names.all().any(|name| name.contains(**word))).count();
            let score = if whole { 101 } else { shared * 100 / words.len().max(1) };
            if score >= SHARE_MIN {
                scored.push((score, names.entry));
            }
        }
        scored.sort_by_key(|(score, entry)| (std::cmp::Reverse(*score), order(entry.kind()), entry.kind(), entry.id()));
        if scored.is_empty() {
            scored = self.typing_mistakes(folded);
        }
        let is_choice = scored.first().is_some_and(|(score, _)| *score >= 100);
        let kept = scored.into_iter().filter(|(score, _)| *score >= 100 || !is_choice).take(NEAR_MAX);
        (kept.map(|(_, entry)| entry).collect(), is_choice)
    }
}

impl<'k> Finder<'k> {
    /// Names that differ from a single word by a slip of the fingers.
    fn typing_mistakes(&self, folded: &str) -> Vec<(usize, Entry<'k>)> {
        /// Shorter words are one slip away from half of all names.
        const WORD_CHARACTERS_MIN: usize = 4;
        let length = folded.chars().count();
        if !(WORD_CHARACTERS_MIN..40).contains(&length) {
            return Vec::new();
        }
        let slips_max = if length < 8 { 1 } else { 2 };
        let slips = |names: &Names<'k>| {
            let near = names.all().filter(|name| name.chars().count().abs_diff(length) <= slips_max);
            near.map(|name| strsim::damerau_levenshtein(name, folded)).min().filter(|slips| *slips <= slips_max)
        };
        self.entries.iter().filter_map(|names| slips(names).map(|slips| (99 - slips, names.entry))).collect()
    }
}

/// A text without blanks, for messages that were wrapped.
fn squeeze(text: &str) -> String {
    fold(text).replace(' ', "")
}

fn add<'k>(entries: &mut Vec<Entry<'k>>, more: impl IntoIterator<Item = Entry<'k>>) {
    for entry in more {
        if !entries.contains(&entry) {
            entries.push(entry);
        }
    }
}

/// Case, full-width letters and the space around a term do not matter.
fn fold(text: &str) -> String {
    let narrowed: String = text.chars().map(narrow).collect();
    narrowed.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase()
}

/// Which kind is meant first where a word names several.
fn order(kind: Kind) -> u8 {
    match kind {
        Kind::Cause => 0,
        Kind::Symptom | Kind::State => 1,
        Kind::Method | Kind::Term | Kind::Limit => 2,
        Kind::Generation | Kind::Product | Kind::Host => 3,
        _ => 4,
    }
}

/// `slmgr /skms`, `slmgr.vbs -skms` and `/skms` name the same option.
fn option_is(name: &str, folded: &str) -> bool {
    let Some(option) = fold(name).strip_prefix('/').map(str::to_owned) else { return false };
    let last = folded.rsplit(' ').next().unwrap_or(folded);
    last.strip_prefix(['/', '-']).is_some_and(|typed| typed == option)
}

fn titles(entry: &Entry<'_>) -> Vec<String> {
    match entry {
        // Its first sentence is no name.
        Entry::Setting(_) | Entry::Advice(_) => Vec::new(),
        entry => crate::language::Language::ALL.map(|language| entry.title(language)).to_vec(),
    }
}

/// `12288`, `event 12288`, `event id: 12288`, `イベント ID 12288`.
fn event_number(folded: &str) -> Option<u32> {
    let digits = folded.trim_start_matches(|character: char| !character.is_ascii_digit());
    let before = &folded[..folded.len() - digits.len()];
    let words = [
        "",
        "event",
        "event id",
        "eventid",
        "id",
        "イベント",
        "イベントid",
        "イベント id",
        "イベント id:",
        "event id:",
        "id:",
    ];
    if !words.contains(&before.trim()) || digits.len() > 5 {
        return None;
    }
    digits.parse().ok()
}

/// Events with this number, those of the licensing services first.
fn events(id: u32, knowledge: &Knowledge) -> impl Iterator<Item = Entry<'_>> {
    let mut found: Vec<_> = knowledge.events.iter().filter(|event| event.id == id).collect();
    found.sort_by_key(|event| !event.provider.contains("Security-SPP"));
    found.into_iter().map(Entry::Event)
}

/// The last five characters of a key, alone or at the end of a (masked) key.
fn last_five(folded: &str) -> Option<String> {
    let last = folded.rsplit(['-', ' ', '*']).next()?;
    let is_key = folded.len() == 5 || (folded.len() == 29 && folded.matches('-').count() == 4) || folded.contains('*');
    (is_key && last.len() == 5 && last.bytes().all(|byte| byte.is_ascii_alphanumeric())).then(|| last.to_owned())
}

/// Codes in a text, in its order: the text as a whole first, then word by word.
fn codes_in(text: &str) -> Vec<ErrorCode> {
    let words = text.split(|character: char| {
        let narrow = narrow(character);
        !(narrow.is_ascii_alphanumeric() || narrow == '-')
    });
    let mut codes: Vec<ErrorCode> = Vec::new();
    let parse = |word: &str| ErrorCode::parse(word).or_else(|| ErrorCode::parse(&repaired(word)?));
    for code in std::iter::once(text).chain(words).filter_map(parse) {
        if !code.is_success() && !codes.contains(&code) {
            codes.push(code);
        }
    }
    codes
}

/// A code as it was meant: the letter O for zero, an `h` behind it, the zero of `0x` left out.
fn repaired(word: &str) -> Option<String> {
    let word = fold(word).replace('o', "0");
    let digits = word.trim_end_matches('h').trim_start_matches("0x").trim_start_matches('x');
    let is_code = digits.len() == 8 && digits.bytes().all(|byte| byte.is_ascii_hexdigit()) && word.contains(['x', 'h']);
    is_code.then(|| format!("0x{digits}"))
}

/// Whether `name` stands in `text` as a word of its own: in Latin letters with a border on both sides.
fn stands_in(name: &str, text: &str) -> bool {
    let is_word = |character: Option<char>| character.is_some_and(|character| character.is_ascii_alphanumeric());
    text.match_indices(name).any(|(at, _)| {
        let before = text[..at].chars().next_back();
        let after = text[at + name.len()..].chars().next();
        let (first, last) = (name.chars().next(), name.chars().next_back());
        !(is_word(first) && is_word(before) || is_word(last) && is_word(after))
    })
}

/// How much a name says by its length.
fn weight(name: &str) -> usize {
    name.chars().map(|character| if character.is_ascii() { 3 } else { 4 }).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_found_in_pasted_messages() {
        let expected = vec![ErrorCode(0xC004_F074)];
        for text in [
            "エラー: 0xC004F074 ソフトウェア ライセンス サービスで…",
            "Error: 0xC004F074 The Software",
            "コード：０ｘＣ００４Ｆ０７４。",
            "(-1073418124)",
        ] {
            assert_eq!(codes_in(text), expected, "{text}");
        }
        assert!(codes_in("hello world 12288").is_empty());
    }

    #[test]
    fn event_numbers() {
        for text in ["12288", "event 12288", "イベント id 12288", "event id: 12288"] {
            assert_eq!(event_number(text), Some(12288), "{text}");
        }
        for text in ["kb12288", "1228812288", "hello", "12288 x"] {
            assert_eq!(event_number(text), None, "{text}");
        }
    }

    #[test]
    fn last_five_characters() {
        for text in ["2yt43", "xxxxx-xxxxx-xxxxx-xxxxx-2yt43", "*****-2yt43", "*2yt43"] {
            assert_eq!(last_five(text).as_deref(), Some("2yt43"), "{text}");
        }
        for text in ["2yt4", "hello world", "net-port-refused"] {
            assert_eq!(last_five(text), None, "{text}");
        }
    }

    #[test]
    fn names_stand_in_texts_as_words() {
        assert!(stands_in("grace", "in grace period"));
        assert!(!stands_in("grace", "disgraceful"));
        assert!(stands_in("透かし", "右下に透かしが出る"));
    }
}
