//! Masking of product keys at the door, before anything is hashed, stored or shown.
//!
//! A key is recognised by its form alone: five groups of five characters of an alphabet without vowels. The bytes may
//! be text in any of the known encodings or a binary file with text in it, so every encoding in question is tried on
//! all of them.
//!
//! With something visible in each gap between its groups, it is a key wherever it stands and however its lines are
//! broken. With blanks, line breaks or nothing in a gap it could be a table or a longer code, so more is asked of it.
//!
//! A mistyped key is nearly as good as the key, so it is masked too where it stands as a word of its own.

mod characters;
mod digital;
mod escapes;
mod mistyped;

use characters::{Class, Form, Mask, Text};

/// What is masked ends a word for what stands beside it, so another round may find more. Each masks something.
const ROUNDS_MAX: usize = 8;
/// Units of a gap between two groups: a line break and the indentation of a wrapped line fit.
const GAP_UNITS_MAX: usize = 64;
/// Letters of other scripts in a gap: "の", or a dash that was read in a wrong encoding. More of them are text.
const GAP_LETTERS_MAX: usize = 4;
const GROUP: usize = 5;
const KEY: usize = 25;
/// Four numbers and a word have fewer letters. Of random keys one in five million does.
const LETTERS_MIN: usize = 6;

/// Masks every product key in `bytes` in place, same length, but for its last five characters, and blanks the binary
/// forms of product keys that the registry has (`DigitalProductId`).
///
/// Groups may be separated by anything that is no letter or digit of ASCII, as it stands or escaped, or by nothing.
/// Mistyped keys are masked where dashes separate their groups: their last group stays, and where a character stood
/// that no key has there is a question mark.
/// Takes linear time; masking twice is masking once.
pub fn product_keys(bytes: &mut [u8]) {
    digital::product_ids(bytes);
    for _ in 0..ROUNDS_MAX {
        if !(in_every_form(bytes, mask) | in_every_form(bytes, mistyped::mask)) {
            break;
        }
    }
}

/// Whether a character of text is one that product keys have.
pub fn is_of_keys(character: char) -> bool {
    Class::of(character).is_key()
}

/// Masks something in the bytes, whose characters begin at a place, read in a form; whether there was any.
type Masking = fn(&mut [u8], usize, Form) -> bool;

/// One round; whether it masked anything.
fn in_every_form(bytes: &mut [u8], mask: Masking) -> bool {
    let mut is_changed = false;
    match bytes {
        [0xff, 0xfe, ..] => is_changed |= mask(bytes, 0, Form::Utf16Little),
        [0xfe, 0xff, ..] => is_changed |= mask(bytes, 0, Form::Utf16Big),
        // Without zeros there is no UTF-16: at least its line breaks have zeros.
        _ if !bytes.contains(&0) => {}
        _ => {
            // Text of one byte order can be read as the other one from the next byte on; the right one goes first.
            let zeros = |parity: usize| bytes.iter().skip(parity).step_by(2).filter(|byte| **byte == 0).count();
            let orders = if zeros(0) > zeros(1) {
                [Form::Utf16Big, Form::Utf16Little]
            } else {
                [Form::Utf16Little, Form::Utf16Big]
            };
            for start in 0..2 {
                for order in orders {
                    is_changed |= mask(bytes, start, order);
                }
            }
        }
    }
    if std::str::from_utf8(bytes).is_err() {
        is_changed |= mask(bytes, 0, Form::Cp932);
    }
    is_changed | mask(bytes, 0, Form::Utf8)
}

/// `text`, such as the name of a file, with its product keys masked like those of [`product_keys`].
pub fn product_keys_in_text(text: &str) -> String {
    let mut bytes = text.as_bytes().to_vec();
    for _ in 0..ROUNDS_MAX {
        if !(mask(&mut bytes, 0, Form::Utf8) | mistyped::mask(&mut bytes, 0, Form::Utf8)) {
            break;
        }
    }
    // A star is as long as what it stands for, so this is UTF-8 still.
    String::from_utf8(bytes).unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned())
}

/// Words that somebody typed, with everything masked that looks like a key or a mistyped one: four or five groups of four
/// to six letters and digits, joined by hyphens. Their last group stays.
pub fn typed_text(text: &str) -> String {
    let masked = product_keys_in_text(text);
    let is_group = |group: &str| {
        (GROUP - 1..=GROUP + 1).contains(&group.chars().count())
            && group.chars().all(|character| character.is_ascii_alphanumeric())
    };
    let mut typed = String::with_capacity(masked.len());
    for word in masked.split_inclusive(|character: char| !(character.is_ascii_alphanumeric() || character == '-')) {
        let end =
            word.trim_end_matches(|character: char| !(character.is_ascii_alphanumeric() || character == '-')).len();
        let (word, after) = word.split_at(end);
        let groups: Vec<&str> = word.split('-').collect();
        if (GROUP - 1..=GROUP).contains(&groups.len()) && groups.iter().all(|group| is_group(group)) {
            let stars = groups[..groups.len() - 1].iter().map(|group| "*".repeat(group.len()));
            let last = groups.last().map(|last| (*last).to_owned());
            typed.push_str(&stars.chain(last).collect::<Vec<_>>().join("-"));
        } else {
            typed.push_str(word);
        }
        typed.push_str(after);
    }
    typed
}

/// Masks the keys in `bytes`, whose characters begin at `start`, read as `form`; whether there were any.
fn mask(bytes: &mut [u8], start: usize, form: Form) -> bool {
    let (mut position, mut is_bounded) = beginning(bytes, start, form);
    let mut is_changed = false;
    let mut escape_end = None;
    // Characters that somebody masked before: no key begins there.
    let mut known: Vec<Place> = Vec::new();
    while let Some((character, length)) = (Text { bytes, form, start }).character(position) {
        let text = Text { bytes, form, start };
        let class = Class::of(character);
        let mut is_masked = false;
        if known.last() < Some(&(position, length)) {
            known.clear();
        }
        if class.is_key()
            && !known.contains(&(position, length))
            && let Some(found) = find(text, position, is_bounded || escape_end == Some(position))
        {
            is_masked = found.to_mask.first() == Some(&(position, length));
            is_changed |= !found.to_mask.is_empty();
            for (place, length) in found.to_mask {
                Mask::Star.write(&mut bytes[place..place + length], form);
            }
            if !found.known.is_empty() {
                known = found.known;
            }
        } else if escapes::is_lead(character)
            && let Some((_, end)) = escapes::escape(text, position)
        {
            escape_end = Some(end);
        }
        is_bounded = is_masked || !class.is_alphanumeric();
        // Not to the end of the key: a tag between its groups may hold another one.
        position += length;
    }
    is_changed
}

/// Where the search begins, and whether a word may begin there.
fn beginning(bytes: &[u8], start: usize, form: Form) -> (usize, bool) {
    let position = if form == Form::Utf16Big { 0 } else { start };
    (position, position == 0 || !Class::of(bytes[0].into()).is_alphanumeric())
}

/// Place and length of a character.
type Place = (usize, usize);

struct Found {
    to_mask: Vec<Place>,
    /// Masked before.
    known: Vec<Place>,
}

/// The key that begins at `start`, if one does.
fn find(text: Text<'_>, start: usize, is_bounded: bool) -> Option<Found> {
    if !may_begin(text, start, is_bounded) {
        return None;
    }
    let mut key = Key::at(text, start, is_bounded)?;
    let mut to_mask = Vec::new();
    if !key.is_uniform() {
        // Five characters before a key, such as the end of another one, are no part of it. If there are more of them,
        // the ones between are masked, so that no mixture of separators keeps a key readable.
        let better = (1..GROUP).find_map(|skipped| {
            let start = key.places[skipped * GROUP].0;
            let better = Key::at(text, start, key.gaps[skipped - 1].is_some())?;
            better.is_uniform().then_some((skipped, better))
        });
        if let Some((skipped, better)) = better {
            to_mask.extend(&key.places[GROUP..skipped * GROUP]);
            key = better;
        } else if let Some(skipped) = key.mistyped_one_within(text) {
            to_mask.extend(&key.places[GROUP..skipped * GROUP]);
            return Some(Found { to_mask, known: Vec::new() });
        }
    }
    let secret = &key.places[..KEY - GROUP];
    if key.is_masked {
        return Some(Found { to_mask, known: secret.to_vec() });
    }
    to_mask.extend(secret);
    Some(Found { to_mask, known: Vec::new() })
}

/// Whether the first group allows for a key at `start`. Nearly all letters are refused here, at little cost.
fn may_begin(text: Text<'_>, start: usize, is_bounded: bool) -> bool {
    let mut position = start;
    for _ in 0..GROUP {
        let Some((character, length)) = text.character(position) else { return false };
        match Class::of(character) {
            Class::Letter { .. } | Class::Digit => position += length,
            Class::Alphanumeric | Class::Star => return false,
            Class::Mark(_) => return escapes::is_lead(character),
            // Something that may stand within a group.
            Class::Blank | Class::Break | Class::Invisible | Class::Quote => return true,
        }
    }
    text.character(position).is_some_and(|(next, _)| is_bounded || !Class::of(next).is_alphanumeric())
}

/// What has the form of a key.
struct Key {
    places: [Place; KEY],
    /// The gaps between its groups, as [`Gap::kind`] has them.
    gaps: [Option<char>; GROUP - 1],
    /// Somebody masked it before, with X.
    is_masked: bool,
}

impl Key {
    /// The key that begins at `start`. What looks like an escape may be a separator with the next group after it.
    fn at(text: Text<'_>, start: usize, is_bounded: bool) -> Option<Self> {
        let mut has_escapes = false;
        Self::read(text, start, is_bounded, Some(&mut has_escapes))
            .or_else(|| if has_escapes { Self::read(text, start, is_bounded, None) } else { None })
    }

    fn read(text: Text<'_>, start: usize, is_bounded: bool, mut has_escapes: Option<&mut bool>) -> Option<Self> {
        let mut position = start;
        let mut key = Self { places: [(0, 0); KEY], gaps: [None; GROUP - 1], is_masked: true };
        let (mut letters, mut digits, mut wraps) = (0, 0, 0);
        let (mut is_separated, mut may_be_plain) = (true, is_bounded);
        for index in 0..KEY {
            if index > 0 {
                let gap = Gap::at(text, position, has_escapes.as_deref_mut())?;
                if index % GROUP == 0 {
                    key.gaps[index / GROUP - 1] = gap.kind();
                    is_separated &= gap.is_separator();
                } else if gap.end > position {
                    if !gap.is_wrap() {
                        return None;
                    }
                    wraps += 1;
                }
                may_be_plain = is_bounded && wraps <= 1;
                if !(is_separated || may_be_plain) {
                    return None;
                }
                position = gap.end;
            }
            let (character, length) = text.character(position)?;
            let is_last_group = index >= KEY - GROUP;
            match Class::of(character) {
                Class::Letter { is_x } => {
                    letters += 1;
                    key.is_masked &= is_last_group || is_x;
                }
                Class::Digit => {
                    digits += 1;
                    key.is_masked &= is_last_group;
                }
                _ => return None,
            }
            key.places[index] = (position, length);
            position += length;
        }
        let ends = || text.character(position).is_none_or(|(next, _)| !Class::of(next).is_alphanumeric());
        let is_key = letters >= LETTERS_MIN && (is_separated || (may_be_plain && digits > 0 && ends()));
        is_key.then_some(key)
    }

    /// The group, after the first one, with which a mistyped key begins: the groups before it are no part of that.
    fn mistyped_one_within(&self, text: Text<'_>) -> Option<usize> {
        let begins = |group: &usize| {
            !matches!(self.gaps[group - 1], None | Some('-'))
                && mistyped::find(text, self.places[group * GROUP].0).is_some()
        };
        (1..GROUP).find(begins)
    }

    /// Whether the same stands in all gaps.
    fn is_uniform(&self) -> bool {
        self.gaps.iter().all(|gap| *gap == self.gaps[0])
    }
}

/// What stands between two characters of a key.
#[derive(Default)]
struct Gap {
    end: usize,
    separator: Option<char>,
    is_broken: bool,
    is_blank: bool,
    is_invisible: bool,
}

impl Gap {
    /// The gap that begins at `position`, with its escapes where `has_escapes` is there to be told of them. `None`
    /// if no letter or digit follows.
    fn at(text: Text<'_>, position: usize, mut has_escapes: Option<&mut bool>) -> Option<Self> {
        let mut gap = Self { end: position, ..Self::default() };
        let mut letters = 0;
        for _ in 0..GAP_UNITS_MAX {
            let (character, length) = text.character(gap.end)?;
            let mut class = Class::of(character);
            let mut end = gap.end + length;
            if escapes::is_lead(character)
                && let Some(has_escapes) = has_escapes.as_deref_mut()
                && let Some(escape) = escapes::escape(text, gap.end)
            {
                *has_escapes = true;
                (class, end) = escape;
            }
            match class {
                Class::Letter { .. } | Class::Digit | Class::Alphanumeric => return Some(gap),
                Class::Star => return None,
                Class::Break => gap.is_broken = true,
                Class::Blank => gap.is_blank = true,
                Class::Invisible => gap.is_invisible = true,
                Class::Quote if gap.is_broken => {}
                Class::Quote => gap.separator = gap.separator.or(Some('>')),
                Class::Mark(mark) => {
                    letters += usize::from(mark.is_alphabetic());
                    if letters > GAP_LETTERS_MAX {
                        return None;
                    }
                    gap.separator = gap.separator.or(Some(mark));
                }
            }
            gap.end = end;
        }
        None
    }

    /// Whether it tells groups from words.
    fn is_separator(&self) -> bool {
        self.separator.is_some() || self.is_invisible
    }

    /// Whether it may stand within a group: a line break with the indentation of the next line.
    fn is_wrap(&self) -> bool {
        self.separator.is_none() && (self.is_broken || !self.is_blank)
    }

    /// Its most telling character.
    fn kind(&self) -> Option<char> {
        let neutral = || {
            let kinds = [(self.is_broken, '\n'), (self.is_blank, ' '), (self.is_invisible, '\u{ad}')];
            kinds.into_iter().find_map(|(is_there, kind)| is_there.then_some(kind))
        };
        self.separator.or_else(neutral)
    }
}

#[cfg(test)]
mod tests;
