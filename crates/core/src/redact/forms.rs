//! What is told by its form alone, at a place in a text: addresses, ids, mail.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Longest name of a mailbox before the `@` (RFC 5321 section 4.5.3.1.1).
const MAILBOX_MAX: usize = 64;

fn byte(text: &str, at: usize) -> Option<u8> {
    text.as_bytes().get(at).copied()
}

/// End of the run of bytes that `is` from `at` on, at most `max` of them.
fn run(text: &str, at: usize, max: usize, is: impl Fn(u8) -> bool) -> usize {
    let bytes = text.as_bytes().get(at..).unwrap_or_default();
    at + bytes.iter().take(max).take_while(|byte| is(**byte)).count()
}

fn is_word(byte: Option<u8>) -> bool {
    byte.is_some_and(|byte| byte.is_ascii_alphanumeric())
}

/// End of the GUID at `at`.
pub(super) fn guid(text: &str, at: usize) -> Option<usize> {
    let mut end = at;
    for (index, length) in [8, 4, 4, 4, 12].into_iter().enumerate() {
        if index > 0 {
            (byte(text, end)? == b'-').then_some(())?;
            end += 1;
        }
        let part = run(text, end, length, |byte| byte.is_ascii_hexdigit());
        (part == end + length).then_some(())?;
        end = part;
    }
    (!is_word(byte(text, end))).then_some(end)
}

/// End of the SID at `at`, if it is one of a domain, a machine or a directory: others are the same everywhere.
pub(super) fn sid(text: &str, at: usize) -> Option<usize> {
    let rest = text.get(at..)?;
    let head = ["S-1-5-21-", "S-1-12-1-"]
        .into_iter()
        .find(|head| rest.get(..head.len()).is_some_and(|start| start.eq_ignore_ascii_case(head)))?;
    let end = run(text, at + head.len(), 64, |byte| byte.is_ascii_digit() || byte == b'-');
    Some(at + text[at..end].trim_end_matches('-').len())
}

/// End of the hardware address at `at`. Longer rows of pairs are hashes.
pub(super) fn mac(text: &str, at: usize) -> Option<usize> {
    let separator = byte(text, at + 2).filter(|separator| matches!(separator, b'-' | b':'))?;
    if at >= 1 && byte(text, at - 1) == Some(separator) {
        return None;
    }
    let mut end = at;
    for index in 0..6 {
        if index > 0 {
            (byte(text, end)? == separator).then_some(())?;
            end += 1;
        }
        let pair = run(text, end, 2, |byte| byte.is_ascii_hexdigit());
        (pair == end + 2).then_some(())?;
        end = pair;
    }
    (!is_word(byte(text, end)) && byte(text, end) != Some(separator)).then_some(end)
}

/// The IPv4 address at `at` and its end. `1.2.3.4.5` has none.
pub(super) fn ipv4(text: &str, at: usize) -> Option<(IpAddr, usize)> {
    if at >= 2 && byte(text, at - 1) == Some(b'.') && is_word(byte(text, at - 2)) {
        return None;
    }
    let mut octets = [0; 4];
    let mut end = at;
    for (index, octet) in octets.iter_mut().enumerate() {
        if index > 0 {
            (byte(text, end)? == b'.').then_some(())?;
            end += 1;
        }
        let part = run(text, end, 3, |byte| byte.is_ascii_digit());
        *octet = text.get(end..part)?.parse().ok()?;
        end = part;
    }
    let goes_on = is_word(byte(text, end)) || (byte(text, end) == Some(b'.') && is_digit(byte(text, end + 1)));
    (!goes_on).then(|| (Ipv4Addr::from(octets).into(), end))
}

fn is_digit(byte: Option<u8>) -> bool {
    byte.is_some_and(|byte| byte.is_ascii_digit())
}

/// The IPv6 address at `at` and its end, without a zone.
pub(super) fn ipv6(text: &str, at: usize) -> Option<(IpAddr, usize)> {
    if at >= 1 && matches!(byte(text, at - 1), Some(b':' | b'.')) {
        return None;
    }
    // The longest has 45 characters, with an IPv4 address at its end.
    let mut end = run(text, at, 46, |byte| byte.is_ascii_hexdigit() || matches!(byte, b':' | b'.'));
    if is_word(byte(text, end)) || text[at..end].matches(':').count() < 2 {
        return None;
    }
    while end > at {
        if let Ok(address) = text[at..end].parse::<Ipv6Addr>() {
            return Some((address.into(), end));
        }
        // The end of a sentence, or a label's colon.
        if !matches!(byte(text, end - 1), Some(b':' | b'.')) {
            return None;
        }
        end -= 1;
    }
    None
}

/// End of the mail address at `at`.
pub(super) fn mail(text: &str, at: usize) -> Option<usize> {
    let sign = run(text, at, MAILBOX_MAX, |byte| byte.is_ascii_alphanumeric() || b"._%+-".contains(&byte));
    (sign > at && byte(text, sign)? == b'@').then_some(())?;
    let end = run(text, sign + 1, 253, |byte| byte.is_ascii_alphanumeric() || b".-".contains(&byte));
    let domain = text[sign + 1..end].trim_end_matches(['.', '-']);
    (domain.contains('.') && is_word(domain.bytes().next())).then(|| sign + 1 + domain.len())
}

/// Digits of an installation ID (nine groups of six or seven) and of a confirmation ID (eight groups of six).
const INSTALLATION_ID_DIGITS: [usize; 3] = [63, 54, 48];

/// End of the installation or confirmation ID at `at`: in groups, in one piece, broken by a console, or cut by a quote's end.
pub(super) fn installation_id(text: &str, at: usize) -> Option<usize> {
    let (mut digits, mut group, mut end) = (0, 0, at);
    let mut groups: Vec<usize> = Vec::new();
    while digits < INSTALLATION_ID_DIGITS[0] + 1 {
        let part = run(text, end, INSTALLATION_ID_DIGITS[0] + 1, |byte| byte.is_ascii_digit());
        if part == end {
            break;
        }
        digits += part - end;
        group += part - end;
        end = part;
        let gap = run(text, end, 16, |byte| matches!(byte, b'-' | b' ' | b'\r' | b'\n' | b'\t'));
        if !is_digit(byte(text, gap)) {
            break;
        }
        // A line break alone is a console's.
        if text[end..gap].contains(['-', ' ']) && !text[end..gap].contains('\n') || text[end..gap].contains('-') {
            groups.push(group);
            group = 0;
        }
        if gap > end {
            end = gap;
        }
    }
    groups.push(group);
    let is_cut = text.get(end..).is_some_and(|rest| rest.starts_with('…'));
    let is_whole = INSTALLATION_ID_DIGITS.contains(&digits);
    let in_groups = |length: usize| {
        let (last, others) = groups.split_last().unwrap_or((&0, &[]));
        others.iter().all(|group| *group == length) && (*last == length || (is_cut && *last < length))
    };
    let is_id = (is_whole && (groups.len() == 1 || in_groups(6) || in_groups(7)))
        || (is_cut && digits >= 12 && (groups.len() == 1 || in_groups(6) || in_groups(7)));
    (is_id && !is_word(byte(text, end))).then_some(end)
}
