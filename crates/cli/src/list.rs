//! Lists that users keep in files: an entry on each line, `#` begins a comment, in whatever encoding.

use std::io::{self, Read};

use kmsdoctor_core::artifact::Artifact;
use kmsdoctor_evidence::Unread;
use kmsdoctor_evidence::document::Document;

/// The text of a list, which may be empty; `None` for what is no text, or longer than `bytes_max`.
pub(crate) fn read(source: impl Read, bytes_max: u64) -> io::Result<Option<String>> {
    let mut bytes = Vec::new();
    let is_too_long = source.take(bytes_max + 1).read_to_end(&mut bytes)? as u64 > bytes_max;
    let artifact = Artifact::new("-", bytes, None);
    Ok(match Document::decode(&artifact) {
        _ if is_too_long => None,
        Ok(document) => Some(document.lines.into_iter().map(|line| line.text).collect::<Vec<_>>().join("\n")),
        Err(Unread::Empty) => Some(String::new()),
        Err(_) => None,
    })
}

/// What stands on a line beside its comment; empty for a line without an entry.
pub(crate) fn entry(line: &str) -> &str {
    line.split('#').next().unwrap_or_default().trim()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_of_every_encoding() {
        let utf16: Vec<u8> = "\u{feff}kms1\r\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
        for bytes in [&b"kms1\r\n"[..], b"\xef\xbb\xbfkms1\n", &utf16, b"kms1 # \x93\x8c\x8b\x9e\n"] {
            let text = read(bytes, 64).expect("bytes").expect("text");
            assert_eq!(text.lines().map(entry).collect::<Vec<_>>(), ["kms1"]);
        }
        assert_eq!(read(&b""[..], 64).expect("bytes"), Some(String::new()));
        assert_eq!(read(&b"kms1"[..], 3).expect("bytes"), None);
        assert_eq!(read(&b"\0\x01\x02\xff\xfe\x80garbage\0\0\0"[..], 64).expect("bytes"), None);
    }
}
