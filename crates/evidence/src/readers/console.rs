//! What console transcripts have in common: prompts, commands, labels, host names and addresses.

use std::net::IpAddr;

/// Longest host name (RFC 1035 section 2.3.4), in characters of its textual form.
const HOST_NAME_CHARS_MAX: usize = 253;

/// Arguments of `program`, if `text` is a command line that runs it, with or without a prompt before it.
pub(crate) fn arguments<'t>(text: &'t str, program: &str) -> Option<&'t str> {
    let text = text.trim();
    // Program names are ASCII, so they begin and end between characters.
    let at = text.as_bytes().windows(program.len()).position(|word| word.eq_ignore_ascii_case(program.as_bytes()))?;
    let (before, rest) = (&text[..at], &text[at + program.len()..]);
    let before = before.trim_end();
    let starts_command = before.is_empty() || before.ends_with(['>', '$', '#', '%', '\\', '&']);
    let rest = rest.strip_prefix(".exe").or_else(|| rest.strip_prefix(".EXE")).unwrap_or(rest);
    let ends_word = rest.is_empty() || rest.starts_with(char::is_whitespace) || rest.starts_with('/');
    (starts_command && ends_word).then(|| rest.trim())
}

/// Whether a shell waits or waited for a command here: `C:\>`, `PS C:\> dir`, `[d:\~]$`.
pub(crate) fn is_prompt(text: &str) -> bool {
    let text = text.trim_start();
    let bytes = text.as_bytes();
    let drive = |bytes: &[u8]| matches!(bytes, [letter, b':', b'\\', ..] if letter.is_ascii_alphabetic());
    (drive(bytes) && text.contains('>'))
        || (text.starts_with("PS ") && text.contains('>'))
        || (text.starts_with('[') && text.contains("]$"))
}

/// Label and value around the first colon, plain or full-width. Neither need be there in full: `Server:` has no value.
pub(crate) fn labelled(text: &str) -> Option<(&str, &str)> {
    let (label, value) = text.split_once([':', '：'])?;
    let label = label.trim();
    (!label.is_empty()).then(|| (label, value.trim()))
}

/// An address as tools print it: `10.0.0.1`, `fe80::1%12`, `10.0.0.1#53`, `[fd00::1]`.
pub(crate) fn address(text: &str) -> Option<IpAddr> {
    let text = text.trim().trim_start_matches('[').trim_end_matches(']');
    let text = text.split(['#', '%']).next()?;
    text.parse().ok()
}

/// Whether `text` is written like a host or domain name. Addresses, placeholders such as `<name>`, and nslookup's
/// `UnKnown` are none.
pub(crate) fn is_host_name(text: &str) -> bool {
    let text = text.strip_suffix('.').unwrap_or(text);
    let is_label = |label: &str| {
        (1..=63).contains(&label.len())
            && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
    };
    text.len() <= HOST_NAME_CHARS_MAX
        && text.split('.').all(is_label)
        && !text.eq_ignore_ascii_case("unknown")
        && address(text).is_none()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_stand_alone_or_after_a_prompt() {
        assert_eq!(arguments(r"C:\Users\mia>nslookup -q=srv x", "nslookup"), Some("-q=srv x"));
        assert_eq!(arguments(r"PS C:\> NSLOOKUP.exe", "nslookup"), Some(""));
        assert_eq!(arguments("nslookup kms1", "nslookup"), Some("kms1"));
        assert_eq!(arguments(r"[d:\~]$ nslookup kms1", "nslookup"), Some("kms1"));
        assert_eq!(arguments("please run nslookup kms1", "nslookup"), None);
        assert_eq!(arguments("nslookups", "nslookup"), None);
    }

    #[test]
    fn names_and_addresses_differ() {
        for name in ["kms1", "kms1.contoso.com.", "_vlmcs._tcp.contoso.com"] {
            assert!(is_host_name(name), "{name}");
        }
        for other in ["", "UnKnown", "<host>", "10.0.0.1", "a b", "名前", "a..b", "fd00::1"] {
            assert!(!is_host_name(other), "{other}");
        }
        assert_eq!(address("fe80::1%12"), "fe80::1".parse().ok());
        assert_eq!(address("10.0.0.1#53"), "10.0.0.1".parse().ok());
    }
}
