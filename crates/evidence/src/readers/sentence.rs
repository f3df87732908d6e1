//! Sentences that programs print, however the console wrapped them.
//!
//! Blanks, line breaks and case do not count: a console breaks Japanese text between any two characters.

use crate::document::Document;

/// Lines that a wrapped sentence takes.
const LINES_MAX: usize = 4;

/// Places of a line at which a sentence may begin: the line's own beginning, and behind the colons of a path and of a
/// label such as `Input Error: `.
const STARTS_MAX: usize = 5;

/// Characters of a sentence.
const CHARS_MAX: usize = 300;

/// What belongs to the first of `sentences` that begins in line `index`, and the line in which it ends.
pub(crate) fn find<'s, T>(document: &Document<'_>, index: usize, sentences: &'s [(&str, T)]) -> Option<(&'s T, usize)> {
    starts(document, index).find_map(|start| {
        sentences.iter().find_map(|(sentence, means)| Some((means, ends(document, index, start, sentence)?)))
    })
}

/// The sentence that begins in line `index` with one of `beginnings`, without blanks and in lower case, and the line in
/// which it ends. It goes to its full stop.
pub(crate) fn beginning(document: &Document<'_>, index: usize, beginnings: &[&str]) -> Option<(String, usize)> {
    let start = starts(document, index)
        .find(|start| beginnings.iter().any(|words| ends(document, index, *start, words).is_some()))?;
    let mut sentence = String::new();
    let mut count = 0;
    let mut last = index;
    for (at, text) in lines(document, index, start) {
        if at > index && text.trim().is_empty() {
            break;
        }
        last = at;
        for character in folded(text) {
            sentence.push(character);
            count += 1;
            if matches!(character, '.' | '。') || count == CHARS_MAX {
                return Some((sentence, at));
            }
        }
    }
    Some((sentence, last))
}

/// `text` without blanks and in lower case.
pub(crate) fn folded(text: &str) -> impl Iterator<Item = char> {
    let visible = text.chars().filter(|character| !character.is_whitespace() && *character != '\0');
    visible.flat_map(char::to_lowercase)
}

fn starts(document: &Document<'_>, index: usize) -> impl Iterator<Item = usize> {
    let text = document.lines.get(index).map_or("", |line| line.text.as_str());
    let behind = text.match_indices([':', '：']).map(|(at, colon)| at + colon.len());
    std::iter::once(0).chain(behind).take(STARTS_MAX)
}

fn lines<'d>(document: &'d Document<'_>, index: usize, start: usize) -> impl Iterator<Item = (usize, &'d str)> {
    let lines = document.lines.iter().enumerate().skip(index).take(LINES_MAX);
    lines.map(move |(at, line)| (at, line.text.get(if at == index { start } else { 0 }..).unwrap_or("")))
}

/// The line in which `sentence` ends, if it begins at `start` of line `index`.
fn ends(document: &Document<'_>, index: usize, start: usize, sentence: &str) -> Option<usize> {
    let mut expected = folded(sentence);
    let mut next = expected.next()?;
    for (at, text) in lines(document, index, start) {
        for character in folded(text) {
            if character != next {
                return None;
            }
            match expected.next() {
                Some(character) => next = character,
                None => return Some(at),
            }
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use kmsdoctor_core::artifact::Artifact;

    use super::*;

    fn with<T>(text: &str, look: impl FnOnce(&Document<'_>) -> T) -> T {
        let artifact = Artifact::new("test", text.as_bytes().to_vec(), None);
        look(&Document::decode(&artifact).expect("text"))
    }

    #[test]
    fn wrapped_and_labelled_sentences_are_found() {
        let sentences = [("No such thing here.", 1), ("何もありません。", 2)];
        let found = |text: &str| with(text, |document| find(document, 0, &sentences).map(|(means, at)| (*means, at)));
        assert_eq!(found("No such thing here."), Some((1, 0)));
        assert_eq!(found("Input Error: no such\nthing here. More"), Some((1, 1)));
        assert_eq!(found("エラー: 何もあ\nりません。"), Some((2, 1)));
        assert_eq!(found("There is no such thing here."), None);
        assert_eq!(found("No such thing"), None);
    }

    #[test]
    fn a_sentence_goes_to_its_full_stop() {
        let found = |text: &str| with(text, |document| beginning(document, 0, &["the thing"]));
        assert_eq!(found("The thing is\nbroken. More"), Some(("thethingisbroken.".to_owned(), 1)));
        assert_eq!(found("The thing is\n\nbroken."), Some(("thethingis".to_owned(), 0)));
        assert_eq!(found("A thing is"), None);
    }
}
