//! Text from outside, made harmless for terminals and reports.

/// `text` with every character that could fake or hide output replaced by U+FFFD: control characters (a tab becomes a
/// blank), and the invisible and bidirectional formatting characters of Unicode.
pub fn printable(text: &str) -> String {
    text.chars().map(harmless).collect()
}

/// One character of [`printable`].
pub fn harmless(character: char) -> char {
    match character {
        '\t' => ' ',
        character if character.is_control() => '\u{fffd}',
        '\u{ad}'
        | '\u{61c}'
        | '\u{200b}'..='\u{200f}'
        | '\u{2028}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}'
        | '\u{feff}' => '\u{fffd}',
        character => character,
    }
}

#[cfg(test)]
mod tests {
    use super::printable;

    #[test]
    fn what_fakes_output_is_replaced() {
        assert_eq!(printable("a\u{1b}[2Jb\tc\u{202e}d\r\n"), "a\u{fffd}[2Jb c\u{fffd}d\u{fffd}\u{fffd}");
        assert_eq!(printable("日本語 ﾊﾝｶｸ ＡＢＣ —"), "日本語 ﾊﾝｶｸ ＡＢＣ —");
    }
}
