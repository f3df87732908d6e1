//! Rewriting: from left to right, at each beginning of a word, the longest of what is known or told by its form.

use super::words::{COMMON, EXTENSIONS, NAMESPACES, SECOND_LEVELS, TOP_LEVELS};
use super::{Form, Kind, Redactor, Token, forms, id_stand_in, learn, stand_in};

/// Words that a name may be made of.
const PARTS_MAX: usize = 24;

/// Bytes of a name (RFC 1035 section 2.3.4).
const NAME_BYTES_MAX: usize = 253;

/// A line as long as this may have been broken by a console.
const CONSOLE_COLUMNS: usize = 79;

/// Labels of service names that do not begin with an underscore.
const SERVICE_LABELS: [&str; 5] = ["dc", "gc", "pdc", "domains", "forestdnszones"];

/// A place in a text that is rewritten.
#[derive(Clone, Copy)]
struct Place<'t> {
    text: &'t str,
    /// The same in lower case, with the same offsets.
    lower: &'t str,
    at: usize,
    /// A host's token and a dot stand before it.
    after_host: bool,
}

impl Redactor {
    /// Rewrites `text`. Learn everything first: what is learned later stays in texts before.
    pub fn text(&mut self, text: &str, form: Form) -> String {
        let lower = text.to_ascii_lowercase();
        let mut out = String::with_capacity(text.len());
        let mut at = 0;
        let mut before: Option<char> = None;
        let mut host_end = None;
        while let Some(character) = text.get(at..).and_then(|rest| rest.chars().next()) {
            let place = Place { text, lower: &lower, at, after_host: host_end == Some(at) };
            let found = if character.is_ascii() {
                let begins = !before.is_some_and(|before| before.is_ascii_alphanumeric());
                let may_begin = character.is_ascii_alphanumeric() || matches!(character, '_' | ':');
                if begins && may_begin { self.at(place, before, form) } else { None }
            } else {
                self.wide(place)
            };
            if let Some((end, replacement)) = found {
                out.push_str(&replacement);
                // A domain may follow.
                let is_host = replacement.starts_with("HOST-") && !replacement.contains('.');
                host_end = (is_host && text[end..].starts_with('.')).then_some(end + 1);
                before = text[..end].chars().next_back();
                at = end;
            } else {
                out.push(character);
                before = Some(character);
                at += character.len_utf8();
            }
        }
        out
    }

    /// What begins at a place: its end, and what is written instead.
    fn at(&mut self, place: Place<'_>, before: Option<char>, form: Form) -> Option<(usize, String)> {
        let Place { text, at, .. } = place;
        let first = *text.as_bytes().get(at)?;
        if let Some(end) = forms::mail(text, at) {
            let token = self.token(Kind::Mail, &text[at..end]);
            return Some((end, token.to_string()));
        }
        if let Some(end) = forms::guid(text, at) {
            return Some((end, self.id(&text[at..end], form)));
        }
        if matches!(first, b's' | b'S')
            && let Some(end) = forms::sid(text, at)
        {
            return Some((end, self.token(Kind::Sid, &text[at..end]).to_string()));
        }
        if let Some(end) = forms::mac(text, at) {
            return Some((end, self.token(Kind::Mac, &text[at..end].replace(':', "-")).to_string()));
        }
        if let Some((address, end)) = forms::ipv6(text, at) {
            return Some((end, self.spell_address(address, &text[at..end], form)));
        }
        if first.is_ascii_digit() {
            if let Some(end) = forms::installation_id(text, at) {
                let digits: String = text[at..end].chars().filter(char::is_ascii_digit).collect();
                return Some((end, self.token(Kind::InstallationId, &digits).to_string()));
            }
            if let Some((address, end)) = forms::ipv4(text, at) {
                return Some((end, self.reverse_or_plain(address, &text[at..end], &place.lower[end..], form)));
            }
        }
        self.wrapped(place, form)
            .or_else(|| self.wide(place))
            .or_else(|| self.known(place, form))
            .or_else(|| self.host_of_known_domain(place, form))
            .or_else(|| self.name(place, before, form))
            .or_else(|| self.longest(place.lower, at).map(|(token, end)| (end, token.to_string())))
            .or_else(|| if form == Form::Report { self.cut(place) } else { None })
    }

    fn id(&mut self, id: &str, form: Form) -> String {
        if self.is_public_id(id) {
            let token = if form == Form::Report { self.token_of_stand_in(id) } else { None };
            return token.map_or_else(|| id.to_owned(), |token| token.to_string());
        }
        let token = self.tokens_of_id(id).unwrap_or_else(|| self.token(Kind::Id, id));
        match form {
            Form::Report => token.to_string(),
            Form::Evidence => id_stand_in(token),
        }
    }

    fn spell_address(&mut self, address: std::net::IpAddr, spelled: &str, form: Form) -> String {
        if form == Form::Evidence && self.stand_ins.contains_key(&address) {
            return spelled.to_owned();
        }
        match (self.address_token(address), form) {
            (None, _) => spelled.to_owned(),
            (Some(token), Form::Report) => token.to_string(),
            (Some(token), Form::Evidence) => stand_in(address, token.number).to_string(),
        }
    }

    /// `5.0.20.10.in-addr.arpa` is 10.20.0.5.
    fn reverse_or_plain(&mut self, address: std::net::IpAddr, spelled: &str, behind: &str, form: Form) -> String {
        let reversed = |text: &str| text.split('.').rev().collect::<Vec<_>>().join(".");
        if let Ok(address) = reversed(spelled).parse()
            && behind.starts_with(".in-addr.arpa")
        {
            let text = self.spell_address(address, &reversed(spelled), form);
            return if form == Form::Evidence { reversed(&text) } else { text };
        }
        if self.is_public_prefix(address, behind) {
            return spelled.to_owned();
        }
        self.spell_address(address, spelled, form)
    }

    /// The longest known name at a place.
    fn known(&self, place: Place<'_>, form: Form) -> Option<(usize, String)> {
        let (token, end) = self.longest(place.lower, place.at)?;
        if token.kind == Kind::Domain && has_more(place.lower, end) {
            // The short name of a domain at the beginning of a longer name.
            return None;
        }
        Some((end, spell_word(token, &place.lower[place.at..end], form)))
    }

    /// An unknown host before a known domain, also within a longer name of a file.
    fn host_of_known_domain(&mut self, place: Place<'_>, form: Form) -> Option<(usize, String)> {
        let Place { lower, at, .. } = place;
        let is_of_label = |byte: &u8| byte.is_ascii_alphanumeric() || b"-_".contains(byte);
        let length = lower.as_bytes()[at..].iter().take(64).take_while(|byte| is_of_label(byte)).count();
        let label = lower.get(at..at + length)?;
        let domain_at = at + length + 1;
        (lower.as_bytes().get(at + length) == Some(&b'.') && !label.starts_with('_')).then_some(())?;
        let (domain, end) = self.longest(lower, domain_at).filter(|(token, _)| token.kind == Kind::Domain)?;
        // `srv-kms1` before a domain is a file's name for kms1, if kms1 is known.
        let has_known_end = label.match_indices('-').any(|(dash, _)| self.words.contains_key(&label[dash + 1..]));
        (!has_known_end && !has_more(lower, end)).then(|| (end, format!("{}.{domain}", self.host_or_id(label, form))))
    }

    fn longest(&self, lower: &str, at: usize) -> Option<(Token, usize)> {
        let bytes = lower.as_bytes();
        let is_word = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_alphanumeric);
        let mut found = None;
        let mut end = at;
        for _ in 0..PARTS_MAX {
            while is_word(end) {
                end += 1;
            }
            if end - at > NAME_BYTES_MAX {
                break;
            }
            if let Some(token) = lower.get(at..end).and_then(|word| self.words.get(word)) {
                found = Some((*token, end));
            }
            // One or two signs between the words of a name; two for the addresses in names of files.
            let gap = match bytes.get(end) {
                Some(b'-' | b'.' | b'_') if is_word(end + 1) => 1,
                Some(sign @ (b'_' | b'-')) if bytes.get(end + 1) == Some(sign) && is_word(end + 2) => 2,
                Some(b' ') if self.has_blanks && is_word(end + 1) => 1,
                _ => break,
            };
            end += gap;
        }
        found
    }

    /// The longest known name with letters of other scripts.
    fn wide(&self, place: Place<'_>) -> Option<(usize, String)> {
        if self.wide_chars_max == 0 {
            return None;
        }
        let mut word = String::new();
        let mut found = None;
        for (index, character) in place.text[place.at..].char_indices().take(self.wide_chars_max) {
            word.extend(character.to_lowercase());
            // Those of ASCII have word boundaries.
            if !word.is_ascii()
                && let Some(token) = self.words.get(&word)
            {
                found = Some((place.at + index + character.len_utf8(), token.to_string()));
            }
        }
        found
    }

    /// A known name that a console broke into two lines.
    fn wrapped(&mut self, place: Place<'_>, form: Form) -> Option<(usize, String)> {
        let Place { text, lower, at, .. } = place;
        let is_of_name = |byte: &u8| byte.is_ascii_alphanumeric() || b"-._".contains(byte);
        let bytes = lower.as_bytes();
        let end = at + bytes[at..].iter().take(NAME_BYTES_MAX).take_while(|byte| is_of_name(byte)).count();
        let line_break = match bytes.get(end..)? {
            [b'\r', b'\n', ..] => 2,
            [b'\n', ..] => 1,
            _ => return None,
        };
        let column = end.checked_sub(CONSOLE_COLUMNS)?;
        if bytes.get(column..at).is_some_and(|before| before.contains(&b'\n')) {
            return None;
        }
        let below = end + line_break;
        let rest = bytes[below..].iter().take(NAME_BYTES_MAX).take_while(|byte| is_of_name(byte)).count();
        let joined = format!("{}{}", &lower[at..end], &lower[below..below + rest]);
        let joined = joined.trim_end_matches(['.', '-']);
        let cut = below + joined.len().checked_sub(end - at)?;
        if cut == below {
            return None;
        }
        // Only what is certain: a known host, a known domain, a known host of one, or a name that has its end below.
        let written = match (self.words.get(joined), joined.split_once('.')) {
            (Some(token), _) => token.to_string(),
            (None, Some((host, domain))) => {
                if let (Some(host), Some(domain)) = (self.words.get(host), self.words.get(domain)) {
                    format!("{host}.{domain}")
                } else {
                    let labels: Vec<&str> = joined.split('.').collect();
                    let is_name = labels.len() > 2 && has_known_end(&labels) && !self.is_public_name(joined);
                    let is_whole = has_known_end(&lower[at..end].split('.').collect::<Vec<_>>());
                    (is_name && !is_whole && !labels.contains(&"")).then_some(())?;
                    self.split_name(&labels, false, form)
                }
            }
            (None, None) => return None,
        };
        Some((cut, format!("{written}{}", &text[end..below])))
    }

    /// The beginning of a known name, before the `…` with which a quote ends.
    fn cut(&self, place: Place<'_>) -> Option<(usize, String)> {
        let rest = &place.lower[place.at..];
        let is_of_name = |byte: &u8| byte.is_ascii_alphanumeric() || b"-._".contains(byte);
        let end = rest.as_bytes().iter().take(NAME_BYTES_MAX).take_while(|byte| is_of_name(byte)).count();
        if end == 0 || !rest[end..].starts_with('…') {
            return None;
        }
        let start = &rest[..end];
        let token = self.words.iter().filter(|(word, _)| word.starts_with(start)).map(|(_, token)| *token).min()?;
        Some((place.at + end, token.to_string()))
    }

    /// A name with dots that nothing but its form shows: its host and its domain.
    fn name(&mut self, place: Place<'_>, before: Option<char>, form: Form) -> Option<(usize, String)> {
        let Place { text, lower, at, after_host } = place;
        if !after_host && before.is_some_and(|before| matches!(before, '.' | '-' | '_')) {
            return None;
        }
        let bytes = lower.as_bytes();
        let is_of_name = |byte: &u8| byte.is_ascii_alphanumeric() || b"-._".contains(byte);
        let length = bytes[at..].iter().take(NAME_BYTES_MAX + 1).take_while(|byte| is_of_name(byte)).count();
        let run = lower[at..at + length].trim_end_matches(['.', '-', '_']);
        let mut labels: Vec<&str> = run.split('.').collect();
        while labels.len() > 1 && labels.last().is_some_and(|last| EXTENSIONS.contains(last)) {
            labels.pop();
        }
        let end = at + labels.iter().map(|label| label.len() + 1).sum::<usize>() - 1;
        let written = text.get(at..end)?;
        if labels.len() < if after_host { 1 } else { 2 } || labels.iter().any(|label| label.is_empty()) {
            return None;
        }
        let name = labels.join(".");
        if self.is_public_name(&name) {
            return Some((end, written.to_owned()));
        }
        // What was redacted before.
        let (first, rest) = labels.split_first()?;
        let is_redacted =
            learn::is_token(first) && rest.iter().all(|label| learn::is_token(label) || TOP_LEVELS.contains(label));
        if is_redacted || !is_domain_like(&labels, written) {
            return None;
        }
        Some((end, self.split_name(&labels, after_host, form)))
    }

    fn split_name(&mut self, labels: &[&str], after_host: bool, form: Form) -> String {
        let services = labels.iter().rposition(|label| label.starts_with('_')).map_or(0, |last| last + 1);
        let (services, rest) = labels.split_at(services);
        let mut parts: Vec<String> = Vec::new();
        for label in services {
            let is_fixed = label.starts_with('_') || SERVICE_LABELS.contains(label);
            parts.push(if is_fixed { (*label).to_owned() } else { self.host_or_id(label, form) });
        }
        let name = rest.join(".");
        let is_domain = after_host
            || !services.is_empty()
            || self.words.get(&name).is_some_and(|token| token.kind == Kind::Domain)
            || rest.len() == 2
            || (rest.len() == 3 && learn::is_suffix(&rest[1..].join(".")));
        match rest.split_first() {
            None => {}
            Some((first, domain)) if !is_domain => {
                parts.push(self.host_or_id(first, form));
                let domain = domain.join(".");
                parts.push(self.domain_token(&domain).to_string());
            }
            Some(_) => parts.push(self.domain_token(&name).to_string()),
        }
        parts.join(".")
    }

    fn host_or_id(&mut self, label: &str, form: Form) -> String {
        if forms::guid(label, 0) == Some(label.len()) {
            return self.id(label, form);
        }
        if let Some(token) = self.words.get(label) {
            return token.to_string();
        }
        if learn::is_token(label) {
            return label.to_ascii_uppercase();
        }
        let token = self.token(Kind::Host, label);
        if !COMMON.contains(&label) {
            self.word(label, token);
        }
        token.to_string()
    }
}

/// A known word; an address as names of files have it is spelled like an address.
fn spell_word(token: Token, word: &str, form: Form) -> String {
    let address = (token.kind == Kind::Address && form == Form::Evidence).then(|| word.replace('_', ":").parse().ok());
    match address.flatten() {
        Some(address) => stand_in(address, token.number).to_string().replace(':', "_"),
        None => token.to_string(),
    }
}

/// Whether labels with dots between them are a name of the network rather than one of a file or a program. In doubt they
/// are: a word too many in a report harms less than a name too many.
fn is_domain_like(labels: &[&str], written: &str) -> bool {
    let (first, last) = match labels {
        // What follows a host's name and a dot.
        [only] => {
            let is_plain = EXTENSIONS.contains(only) || COMMON.contains(only) || TOP_LEVELS.contains(only);
            return !is_plain && only.bytes().any(|byte| byte.is_ascii_alphabetic());
        }
        [first, .., last] => (first, last),
        [] => return false,
    };
    let is_word = last.len() >= 2 && last.bytes().all(|byte| byte.is_ascii_alphabetic());
    if last.starts_with("xn--") {
        return true;
    }
    if !is_word || NAMESPACES.contains(first) {
        return false;
    }
    let is_known = has_known_end(labels);
    let has_upper = written.bytes().any(|byte| byte.is_ascii_uppercase());
    let has_lower = written.bytes().any(|byte| byte.is_ascii_lowercase());
    is_known || !(has_upper && has_lower)
}

/// Whether a name goes on behind `end`, and not with the ending of a file's name.
fn has_more(lower: &str, end: usize) -> bool {
    let label = lower.get(end..).and_then(|behind| behind.strip_prefix('.')).unwrap_or_default();
    let length = label.bytes().take(64).take_while(u8::is_ascii_alphanumeric).count();
    label.starts_with(|first: char| first.is_ascii_alphabetic()) && !EXTENSIONS.contains(&&label[..length])
}

/// Whether the last of several labels is a top-level domain.
fn has_known_end(labels: &[&str]) -> bool {
    let last = labels.last().copied().unwrap_or_default();
    let is_country = last.len() == 2 && last.bytes().all(|byte| byte.is_ascii_alphabetic());
    labels.len() > 1 && (is_country || TOP_LEVELS.contains(&last) || SECOND_LEVELS.contains(&last))
}
