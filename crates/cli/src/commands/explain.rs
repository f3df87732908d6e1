//! `kmsdoctor explain`: what a code or a cause means.

use kmsdoctor_core::code::ErrorCode;
use kmsdoctor_core::knowledge::Knowledge;
use kmsdoctor_core::language::Language;

use crate::arguments::{Explain, Format};
use crate::render;
use crate::render::explain::Explanation;

pub(crate) fn run(arguments: &Explain, language: Language) -> anyhow::Result<u8> {
    let term = arguments.term.join(" ");
    let explanation = find(&term, Knowledge::embedded());
    let text = match arguments.common.format {
        Format::Human => explanation.human(&term, language),
        Format::Json => render::json(&explanation.json(&term, language))?,
    };
    render::write(&text, &arguments.common, language)?;
    Ok(if explanation.is_known() { crate::EXIT_HEALTHY } else { crate::EXIT_UNDETERMINED })
}

/// The cause called `term`, else the first known code in it, else the first code.
fn find<'k>(term: &str, knowledge: &'k Knowledge) -> Explanation<'k> {
    let id = term.trim().to_lowercase();
    if let Some(cause) = knowledge.causes.get(&id) {
        return Explanation::Cause { cause, knowledge };
    }
    let codes: Vec<ErrorCode> = codes_in(term);
    if let Some(entry) = codes.iter().find_map(|code| knowledge.codes.get(code)) {
        return Explanation::Code { entry, knowledge };
    }
    match codes.first() {
        Some(code) => Explanation::UnknownCode(*code),
        None => Explanation::Unknown,
    }
}

/// Codes in a text, in its order: the text as a whole first, then word by word.
fn codes_in(text: &str) -> Vec<ErrorCode> {
    let words = text.split(|character: char| {
        let narrow = kmsdoctor_core::code::narrow(character);
        !(narrow.is_ascii_alphanumeric() || narrow == '-')
    });
    std::iter::once(text).chain(words).filter_map(ErrorCode::parse).collect()
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
}
