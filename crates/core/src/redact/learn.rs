//! Which words are names: from facts, and from what stands around them in texts.

use std::net::IpAddr;

use super::words::{
    COMMON, COMMON_FOLDERS, EXTENSIONS, Label, NO_DOMAINS, PUBLIC_SUFFIXES, SECOND_LEVELS, TOP_LEVELS, label,
};
use super::{Form, Kind, Redactor, Token, forms};
use crate::fact::{Fact, State, Subject, SubjectKind, Value};

/// Characters of a line that are looked through for names beside labels: more is no output of a console.
const LINE_BYTES_MAX: usize = 64 * 1024;

/// Columns of a table, and fields of a line, that are looked at.
const COLUMNS_MAX: usize = 64;

/// Bytes of the id of a cloud's resource.
const ID_BYTES_MAX: usize = 1024;

/// Names in such an id that are looked at.
const SEGMENTS_MAX: usize = 8;

/// Longest name of a `NetBIOS` domain.
const SHORT_NAME_MAX: usize = 15;

impl Redactor {
    /// Learns the names that facts tell.
    pub fn learn_facts<'f>(&mut self, facts: impl IntoIterator<Item = &'f Fact>) {
        for fact in facts {
            self.learn_subject(&fact.subject);
            let State::Present(Value::Text(text)) = &fact.state else { continue };
            match fact.key.name() {
                "machine.name" | "kms.pinned-host" | "kms.cached-host" | "attempt.target" | "attempt.computer"
                | "attempt.client" | "clock.source" | "machine.http-proxy" | "license.machine" => self.learn_host(text),
                "machine.domain" | "kms.lookup-domain" | "host.publish-domain" => self.learn_domain(text),
                "domain.srv-targets" | "domain.cached-srv" | "clock.configured-source" => {
                    text.split([',', ';']).for_each(|host| self.learn_host(host));
                }
                "host.publish-list" => text.split([',', ';']).for_each(|domain| self.learn_domain(domain)),
                "attempt.client-id" | "machine.client-id" | "license.client-id" => self.learn_client_id(text),
                "attempt.activation-id" => self.keep_id(text),
                _ => {}
            }
        }
    }

    fn learn_subject(&mut self, subject: &Subject) {
        match subject.kind {
            SubjectKind::Domain => self.learn_domain(&subject.id),
            SubjectKind::Name | SubjectKind::TimeSource | SubjectKind::Endpoint | SubjectKind::Resolver => {
                self.learn_host(subject.host());
            }
            // Activation IDs.
            SubjectKind::License => self.keep_id(&subject.id),
            // The interface, or the artifact that describes its routes; the rest is an address.
            SubjectKind::CloudPath => {
                let interface = subject.id.split('/').next().unwrap_or_default();
                if !interface.contains('.') {
                    self.learn_resource(interface);
                }
            }
            SubjectKind::Machine | SubjectKind::Attempt | SubjectKind::Mention => {}
        }
    }

    fn keep_id(&mut self, id: &str) {
        let id = id.trim().trim_matches(['{', '}']);
        if forms::guid(id, 0) == Some(id.len()) {
            self.public_ids.insert(id.to_lowercase());
        }
    }

    fn learn_client_id(&mut self, id: &str) {
        let id = id.trim().trim_matches(['{', '}']);
        if forms::guid(id, 0) == Some(id.len()) && self.tokens_of_id(id).is_none() && !self.is_public_id(id) {
            self.token(Kind::ClientId, id);
        }
    }

    /// Learns a host's name: short, whole, with a port, or an address.
    pub fn learn_host(&mut self, text: &str) {
        let word =
            text.trim().trim_start_matches('\\').split([' ', '\t', ',', ';', '/', '\\']).next().unwrap_or_default();
        let word = match word.rsplit_once(':') {
            Some((host, port)) if !host.contains(':') || host.ends_with(']') => {
                if port.bytes().all(|byte| byte.is_ascii_digit()) { host } else { word }
            }
            _ => word,
        };
        let word = word.trim_matches(['[', ']']).trim_end_matches('.').to_lowercase();
        if let Ok(address) = word.parse::<IpAddr>() {
            self.address_token(address);
            return;
        }
        if !is_name(&word) || self.is_public_name(&word) || is_token(&word) {
            return;
        }
        match word.split_once('.') {
            // What only looks like a name: a number, a version.
            _ if !word.contains(char::is_alphabetic) => {}
            None => self.learn_label(&word),
            Some((first, rest)) if rest.contains('.') || self.words.contains_key(rest) => {
                if !first.starts_with('_') {
                    self.learn_label(first);
                }
                self.learn_domain(rest);
            }
            Some((first, _)) if is_token(first) => {}
            // `kms1.local`: what many have stays behind the token.
            Some((first, rest)) => {
                self.learn_label(first);
                if COMMON.contains(&first) {
                    let token = self.token(Kind::Host, first);
                    self.word(&word, token);
                } else {
                    self.learn_domain(rest);
                }
            }
        }
    }

    pub(super) fn learn_label(&mut self, label: &str) {
        if !COMMON.contains(&label) && !is_token(label) && label.contains(char::is_alphabetic) {
            let token = self.token(Kind::Host, label);
            self.word(label, token);
        }
    }

    /// Learns the name of something in a cloud. Names that are words of the exports themselves stay: they tell nothing.
    pub fn learn_resource(&mut self, name: &str) {
        let name = name.trim().to_lowercase();
        let is_common = COMMON.contains(&name.as_str()) || super::clouds::RESOURCE_WORDS.contains(&name.as_str());
        let is_known = self.words.contains_key(&name) || self.is_public_name(&name) || is_token(&name);
        if is_name(&name) && !is_common && !is_known && name.contains(char::is_alphabetic) {
            let token = self.token(Kind::Resource, &name);
            self.resource_words(&name, token);
        }
    }

    /// The name as it is, and as names of a template's parameters have it.
    pub(super) fn resource_words(&mut self, name: &str, token: Token) {
        self.word(name, token);
        self.word(&name.replace(['-', '.'], "_"), token);
    }

    /// Learns a domain's name.
    pub fn learn_domain(&mut self, text: &str) {
        let word = text.trim().split([' ', '\t', ',', ';']).next().unwrap_or_default().trim_matches('.').to_lowercase();
        // Names of services begin with underscores.
        let mut name = word.as_str();
        while let Some((first, rest)) = name.split_once('.').filter(|(first, _)| first.starts_with('_')) {
            let _ = first;
            name = rest;
        }
        let is_common = COMMON.contains(&name) || is_suffix(name) || self.is_public_name(name);
        if is_name(name)
            && !is_common
            && !is_token(name)
            && name.contains(char::is_alphabetic)
            && name.parse::<IpAddr>().is_err()
        {
            self.domain_token(name);
        }
    }

    pub(super) fn domain_token(&mut self, name: &str) -> Token {
        // `CONTOSO` and `contoso.com` are one thing where the short name is known for a domain.
        if let Some(token) = self.words.get(name).filter(|token| token.kind == Kind::Domain) {
            return *token;
        }
        let token = self.token(Kind::Domain, name);
        self.word(name, token);
        self.domain_alias(name, token);
        token
    }

    /// The name under which an organisation has registered its domain is also that of its `NetBIOS` domain.
    pub(super) fn domain_alias(&mut self, name: &str, token: Token) {
        let labels: Vec<&str> = name.split('.').collect();
        let suffix = match labels.as_slice() {
            [.., second, top] if top.len() == 2 && SECOND_LEVELS.contains(second) => 2,
            [_, ..] => 1,
            [] => return,
        };
        if let Some(alias) = labels.len().checked_sub(suffix + 1).and_then(|index| labels.get(index))
            && alias.len() >= 3
            && !COMMON.contains(alias)
        {
            self.word(alias, token);
        }
    }

    fn learn_user(&mut self, text: &str) {
        let text = text.split('\t').next().unwrap_or_default();
        let text = text.split("  ").next().unwrap_or_default().trim().trim_matches(['"', '\'']);
        let name = match text.rsplit_once('\\') {
            Some((domain, name)) => {
                let domain = domain.trim_end_matches('\\');
                if !NO_DOMAINS.contains(&domain.to_lowercase().as_str()) {
                    self.learn_short_domain(domain);
                }
                name
            }
            None => text,
        };
        if name.contains(',') {
            name.split(',').for_each(|part| self.learn_user(part));
            return;
        }
        let lower = name.to_lowercase();
        let is_odd = name.contains(['@', ':', '/', '<', '>', '=', '%', '{', '(', '|']);
        let is_account = lower.ends_with('$') || lower.starts_with("s-1-");
        if is_odd || is_account || COMMON.contains(&lower.as_str()) || is_token(&lower) || lower.chars().count() > 64 {
            return;
        }
        if lower.contains(char::is_alphabetic) && lower.chars().count() >= 2 && !self.words.contains_key(&lower) {
            let token = self.token(Kind::User, name);
            self.word(&lower, token);
        }
    }

    fn learn_short_domain(&mut self, domain: &str) {
        let lower = domain.to_lowercase();
        let fits = lower.contains('.') || lower.chars().count() <= SHORT_NAME_MAX;
        if fits && !self.words.contains_key(&lower) {
            self.learn_domain(&lower);
        }
    }

    pub(super) fn is_public_name(&self, name: &str) -> bool {
        self.public_names.contains(name)
            || PUBLIC_SUFFIXES.iter().any(|suffix| {
                name.strip_suffix(suffix).is_some_and(|before| before.is_empty() || before.ends_with('.'))
            })
    }

    pub(super) fn is_public_id(&self, id: &str) -> bool {
        let id = id.to_lowercase();
        self.public_ids.contains(&id)
            || id.starts_with(super::ID_STAND_IN)
            || id.chars().all(|digit| matches!(digit, '0' | '-'))
    }

    pub(super) fn tokens_of_id(&self, id: &str) -> Option<Token> {
        let id = id.to_lowercase();
        let find = |kind: Kind| self.tokens.get(&(kind, id.clone())).copied();
        find(Kind::ClientId).or_else(|| find(Kind::Id))
    }

    /// Learns the names that the form of a text shows: behind labels, in paths, before users.
    pub fn learn_text(&mut self, text: &str) {
        // Where a backslash is an escape, two of them are one.
        let is_escaped = text.trim_start().starts_with(['{', '[']) && text.contains("\":");
        self.reserve(text);
        let mut table: Option<Vec<Option<Label>>> = None;
        for line in text.lines() {
            let line = cut(line);
            self.folders(line);
            self.accounts(line, is_escaped);
            self.servers(line);
            self.commands(line);
            self.labelled(line);
            self.row(line, &mut table);
        }
        // Exports may be one line of many megabytes.
        self.resources(text);
        self.learn_parameters(text);
        // Names that their form shows: the short ones of these hosts may stand before them.
        self.text(text, Form::Report);
    }

    /// `/resourceGroups/rg1/providers/Microsoft.Network/virtualNetworks/vnet1/subnets/web`.
    fn resources(&mut self, text: &str) {
        let lower = text.to_ascii_lowercase();
        let segments = |from: usize| {
            let rest = &lower[from..];
            let is_end =
                |(at, character): &(usize, char)| *at >= ID_BYTES_MAX || "\"\\ \t\r\n,;<>?".contains(*character);
            let end = rest.char_indices().find(is_end).map_or(rest.len(), |(at, _)| at);
            rest[..end].split('/')
        };
        for (at, mark) in lower.match_indices("/resourcegroups/") {
            segments(at + mark.len()).take(1).for_each(|group| self.learn_resource(group));
        }
        for (at, mark) in lower.match_indices("/providers/microsoft.") {
            // The provider's namespace, then kinds and names in turn.
            segments(at + mark.len()).skip(2).step_by(2).take(SEGMENTS_MAX).for_each(|name| self.learn_resource(name));
        }
    }

    /// `C:\Users\mia`, `/home/mia`.
    fn folders(&mut self, line: &str) {
        let lower = line.to_ascii_lowercase();
        for folder in ["users", "home", "documents and settings"] {
            for (at, _) in lower.match_indices(folder) {
                let is_path = line[..at].ends_with(['\\', '/']);
                let rest = &line[at + folder.len()..];
                let name = rest.trim_start_matches(['\\', '/']);
                if !is_path || name.len() == rest.len() {
                    continue;
                }
                let end =
                    name.find(['\\', '/', '"', '<', '>', '|', ':', '*', '?', '\'', ';', ',']).unwrap_or(name.len());
                let is_inner = name[end..].starts_with(['\\', '/', '>']);
                let name =
                    if is_inner { &name[..end] } else { name[..end].split_whitespace().next().unwrap_or_default() };
                if !COMMON_FOLDERS.contains(&name.to_lowercase().as_str()) {
                    self.learn_user(name);
                }
            }
        }
    }

    /// `CONTOSO\mia`, where the line or what is known shows that it is no path.
    fn accounts(&mut self, line: &str, is_escaped: bool) {
        let separator = if is_escaped { "\\\\" } else { "\\" };
        for (at, _) in line.match_indices(separator) {
            let is_of_domain = |character: char| character.is_alphanumeric() || matches!(character, '-' | '.');
            let before = &line[..at];
            let domain = &before[before.trim_end_matches(is_of_domain).len()..];
            let after = &line[at + separator.len()..];
            let name_end = after.find(|character: char| !(character.is_alphanumeric() || "-._$".contains(character)));
            let (name, behind) = after.split_at(name_end.unwrap_or(after.len()));
            let in_path = before[..before.len() - domain.len()].ends_with(['\\', '/', ':', '%', '_', '}'])
                || behind.starts_with(['\\', '/'])
                || name.rsplit_once('.').is_some_and(|(_, end)| EXTENSIONS.contains(&end.to_lowercase().as_str()));
            let lower = domain.to_lowercase();
            if in_path || domain.is_empty() || name.is_empty() || NO_DOMAINS.contains(&lower.as_str()) {
                continue;
            }
            let is_known = self.words.get(&lower).is_some_and(|token| matches!(token.kind, Kind::Domain | Kind::Host));
            let alone = line.trim().len() == domain.len() + separator.len() + name.len();
            let has_label = line.split([':', '：', '=']).next().and_then(label) == Some(Label::User);
            if is_known || alone || has_label || line.contains("S-1-5-21-") {
                self.learn_user(&format!("{domain}\\{name}"));
            }
        }
    }

    /// `\\dc1\netlogon`.
    fn servers(&mut self, line: &str) {
        for (at, _) in line.match_indices("\\\\") {
            if line[..at].ends_with(|before: char| before.is_alphanumeric() || matches!(before, ':' | '\\' | '%')) {
                continue;
            }
            let rest = line[at..].trim_start_matches('\\');
            let end = rest.find(|character: char| !(character.is_ascii_alphanumeric() || "-.".contains(character)));
            let (name, behind) = rest.split_at(end.unwrap_or(rest.len()));
            let share = behind.trim_start_matches('\\');
            let has_share = share.len() < behind.len() && share.starts_with(char::is_alphanumeric);
            // Without a share it stands alone, as in `Logon Server: \\DC1`.
            if has_share || behind.trim().is_empty() {
                self.learn_host(name);
            }
        }
    }

    /// `-ComputerName pc1,pc2`, `/node:pc1`, `slmgr.vbs pc1 /dlv`. Prose speaks of options, too, and has no prompt.
    fn commands(&mut self, line: &str) {
        let lower = line.to_lowercase();
        let has = |marks: &[&str]| marks.iter().any(|mark| lower.contains(mark));
        if !has(&["-comp", "-cn ", "/node:", "slmgr"]) || !has(&[">", "+ ", "get-", "gwmi", "cscript", "wmic"]) {
            return;
        }
        let mut before = "";
        for word in lower.split_whitespace().take(COLUMNS_MAX) {
            let is_script = before.ends_with("slmgr.vbs") || before.ends_with("slmgr");
            let names_next = before.starts_with("-comp") || before == "-cn" || is_script;
            let named =
                word.strip_prefix("/node:").or(Some(word).filter(|word| names_next && !word.starts_with(['/', '-'])));
            for host in named.into_iter().flat_map(|named| named.split(',')) {
                self.learn_host(host.trim_matches(['"', '\'']));
            }
            before = word;
        }
    }

    fn take(&mut self, label: Label, value: &str) {
        let value = value.trim().trim_matches(['"', '\'', '<', '>']);
        match label {
            Label::Host => self.learn_host(value),
            Label::Domain => self.learn_domain(value),
            Label::User => self.learn_user(value),
            Label::ClientId => self.learn_client_id(value),
        }
    }

    /// Values behind labels, in the forms of consoles, the registry, JSON and XML.
    fn labelled(&mut self, line: &str) {
        for separator in [':', '：', '='] {
            if let Some((before, value)) = line.split_once(separator)
                && let Some(label) = label(before)
            {
                self.take(label, value);
            }
        }
        if let Some((name, rest)) = line.split_once("REG_")
            && let Some(label) = label(name)
            && let Some((_, value)) = rest.split_once(char::is_whitespace)
        {
            self.take(label, value);
        }
        self.quoted(line);
        self.tagged(line);
    }

    /// `"name": "value"`, `"name"="value"`, `name="value"`.
    fn quoted(&mut self, line: &str) {
        let mut pieces = line.split('"');
        let mut between = pieces.next().unwrap_or_default();
        let mut last: Option<&str> = None;
        while let (Some(inside), following) = (pieces.next(), pieces.next()) {
            let sign = between.trim();
            if matches!(sign, ":" | "=")
                && let Some(label) = last.and_then(label)
            {
                self.take(label, inside);
            } else if let Some(name) = sign.strip_suffix('=').or_else(|| sign.strip_suffix(':'))
                && let Some(label) =
                    name.split(|character: char| !character.is_alphanumeric()).next_back().and_then(label)
            {
                self.take(label, inside);
            }
            last = Some(inside);
            match following {
                Some(text) => between = text,
                None => break,
            }
        }
    }

    /// `<Computer>pc1</Computer>`, `<Data Name="TargetUserName">mia</Data>`.
    fn tagged(&mut self, line: &str) {
        for (at, _) in line.match_indices('>') {
            let before = &line[..at];
            let Some(open) = before.rfind('<').filter(|open| at - open < 200) else { continue };
            let tag = &before[open + 1..];
            let value = line[at + 1..].split('<').next().unwrap_or_default();
            if value.trim().is_empty() || value.len() > 300 {
                continue;
            }
            let named = tag.split_once("Name=").map(|(_, name)| name.trim_matches(['"', '\'', ' ', '/']));
            let element = tag.split(|character: char| character.is_whitespace()).next().unwrap_or_default();
            let element = element.rsplit(':').next().unwrap_or_default();
            if let Some(label) = named.and_then(label).or_else(|| label(element)) {
                self.take(label, value);
            }
        }
    }

    /// Tables with a line of heads: values below heads that are labels.
    fn row(&mut self, line: &str, table: &mut Option<Vec<Option<Label>>>) {
        let separator = [',', ';', '\t'].into_iter().find(|separator| line.matches(*separator).count() >= 1);
        let Some(separator) = separator else { return };
        let fields: Vec<&str> = line.split(separator).take(COLUMNS_MAX).collect();
        let labels: Vec<Option<Label>> = fields.iter().map(|field| label(field)).collect();
        // A head has short words only, so no row of values is taken for one.
        if fields.len() >= 2 && labels.iter().any(Option::is_some) && !line.contains(['=', '：']) {
            *table = Some(labels);
            return;
        }
        if let Some(labels) = table.as_ref().filter(|labels| labels.len() == fields.len()) {
            for (label, field) in labels.iter().zip(&fields) {
                if let Some(label) = label {
                    self.take(*label, field);
                }
            }
        }
    }
}

/// What is looked at of a line.
fn cut(line: &str) -> &str {
    let mut end = line.len().min(LINE_BYTES_MAX);
    while !line.is_char_boundary(end) {
        end -= 1;
    }
    &line[..end]
}

/// Whether a word is written like a name of hosts or domains; Windows' own may have letters of other scripts.
fn is_name(word: &str) -> bool {
    let is_label = |label: &str| {
        (1..=63).contains(&label.len())
            && label.chars().all(|character| character.is_alphanumeric() || matches!(character, '-' | '_'))
    };
    word.len() <= 253 && word.split('.').all(is_label)
}

/// Whether it is one of the tokens that stand in redacted evidence.
pub(super) fn is_token(word: &str) -> bool {
    word.parse::<Token>().is_ok()
}

/// Whether organisations register below it, so that it names none.
pub(super) fn is_suffix(name: &str) -> bool {
    match name.split_once('.') {
        None => TOP_LEVELS.contains(&name),
        Some((second, top)) => top.len() == 2 && SECOND_LEVELS.contains(&second),
    }
}
