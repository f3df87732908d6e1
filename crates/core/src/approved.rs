//! The organisation's list of approved KMS hosts, one entry a line: a host, a suffix (`.contoso.com`), an address or a
//! network.
//!
//! The list is no evidence: it is given with the question, and given again with a saved bundle.

use std::collections::BTreeSet;
use std::net::IpAddr;

use ipnet::IpNet;

/// Octets of a name, and of a label of it (RFC 1035).
const NAME_MAX: usize = 253;
const LABEL_MAX: usize = 63;

/// Approved KMS hosts.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Approved {
    /// In lower case, without the dot at their end.
    names: BTreeSet<String>,
    /// Each with the dot at its beginning.
    suffixes: Vec<String>,
    networks: Vec<IpNet>,
}

/// Why a text is no list.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ListError {
    /// It has no entry: nothing would be approved, which nobody means.
    #[error("there is no entry")]
    Empty,
    /// A line that is no entry.
    #[error("line {number}: {entry:?} is no host, suffix, address or network")]
    Entry {
        /// Counted from 1.
        number: usize,
        /// What stands there.
        entry: String,
    },
}

impl Approved {
    /// Reads a list. `#` begins a comment.
    pub fn parse(text: &str) -> Result<Self, ListError> {
        let mut list = Self::default();
        for (index, line) in text.lines().enumerate() {
            let entry = line.split('#').next().unwrap_or_default().trim();
            if !entry.is_empty() {
                list.add(entry).ok_or_else(|| ListError::Entry { number: index + 1, entry: entry.to_owned() })?;
            }
        }
        if list == Self::default() { Err(ListError::Empty) } else { Ok(list) }
    }

    fn add(&mut self, entry: &str) -> Option<()> {
        if let Ok(address) = entry.parse::<IpAddr>() {
            self.networks.push(address.to_canonical().into());
        } else if let Ok(network) = entry.parse() {
            self.networks.push(network);
        } else if let Some(suffix) = entry.strip_prefix("*.").or_else(|| entry.strip_prefix('.')) {
            self.suffixes.push(format!(".{}", name(suffix)?));
        } else {
            self.names.insert(name(entry)?);
        }
        Some(())
    }

    /// Whether a host that evidence calls `host`, a name or an address, is approved, where its name led to `addresses`.
    /// `None` where the list has what may be it.
    pub fn allows(&self, host: &str, addresses: &[IpAddr]) -> Option<bool> {
        if let Ok(address) = host.parse() {
            return Some(self.allows_address(address));
        }
        let host = fold(host);
        if self.allows_name(&host) {
            return Some(true);
        }
        let is_unseen = addresses.is_empty() && !self.networks.is_empty();
        if is_unseen || self.may_be_short_for(&host) {
            return None;
        }
        // Who is led to one that is not approved may use it.
        Some(!addresses.is_empty() && addresses.iter().all(|address| self.allows_address(*address)))
    }

    /// Whether the name stands on the list, or below a suffix of it.
    pub fn allows_name(&self, name: &str) -> bool {
        let name = fold(name);
        self.names.contains(&name) || self.suffixes.iter().any(|suffix| name.ends_with(suffix))
    }

    /// Whether the address stands on the list, or is in a network of it.
    pub fn allows_address(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        self.networks.iter().any(|network| network.contains(&address))
    }

    /// A name without a domain, which a client completes by its own domains.
    fn may_be_short_for(&self, host: &str) -> bool {
        let begins = |name: &String| name.split_once('.').is_some_and(|(first, _)| first == host);
        !host.contains('.') && (!self.suffixes.is_empty() || self.names.iter().any(begins))
    }
}

fn fold(name: &str) -> String {
    name.trim().trim_end_matches('.').to_lowercase()
}

/// A name as the list keeps it; `None` for what is none. What looks like an address and is none is no name.
fn name(entry: &str) -> Option<String> {
    let name = entry.strip_suffix('.').unwrap_or(entry).to_lowercase();
    let is_label = |label: &str| {
        (1..=LABEL_MAX).contains(&label.len())
            && label.chars().all(|character| character.is_alphanumeric() || matches!(character, '-' | '_'))
    };
    let is_number = |label: &str| label.bytes().all(|byte| byte.is_ascii_digit());
    let is_name =
        name.len() <= NAME_MAX && name.split('.').all(is_label) && !name.rsplit('.').next().is_some_and(is_number);
    is_name.then_some(name)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn list(text: &str) -> Approved {
        Approved::parse(text).expect("a list")
    }

    fn check(entries: &str, host: &str, addresses: &[&str], expect: Option<bool>) {
        let addresses: Vec<IpAddr> = addresses.iter().map(|address| address.parse().expect("an address")).collect();
        assert_eq!(list(entries).allows(host, &addresses), expect, "{entries:?} {host} {addresses:?}");
    }

    #[test]
    fn names_and_suffixes() {
        for host in ["kms1.contoso.com", "KMS1.Contoso.COM.", "kms1.contoso.com."] {
            check("# ours\r\nKMS1.contoso.com.  # Tokyo\r\n", host, &[], Some(true));
        }
        check("kms1.contoso.com", "kms2.contoso.com", &[], Some(false));
        check("kms1.contoso.com", "xkms1.contoso.com", &[], Some(false));
        check("kms1.contoso.com", "kms1.contoso.com.fabrikam.com", &[], Some(false));
        for suffix in [".contoso.com", "*.contoso.com", "*.CONTOSO.com."] {
            check(suffix, "kms1.contoso.com", &[], Some(true));
            check(suffix, "kms1.osaka.contoso.com", &[], Some(true));
            check(suffix, "contoso.com", &[], Some(false));
            check(suffix, "kms1.fakecontoso.com", &[], Some(false));
        }
        check("日本.contoso.com", "日本.contoso.com", &[], Some(true));
    }

    #[test]
    fn addresses_and_networks() {
        check("192.0.2.5", "192.0.2.5", &[], Some(true));
        check("192.0.2.5", "192.0.2.6", &[], Some(false));
        check("192.0.2.0/24\n2001:db8::/32", "192.0.2.200", &[], Some(true));
        check("192.0.2.0/24", "::ffff:192.0.2.200", &[], Some(true));
        check("192.0.2.77/24", "192.0.2.1", &[], Some(true));
        check("2001:db8::/32", "2001:db8:1::5", &[], Some(true));
        check("2001:db8::/32", "192.0.2.5", &[], Some(false));
        // An address is no name, whosever it is.
        check("kms1.contoso.com", "192.0.2.5", &[], Some(false));
    }

    #[test]
    fn a_name_may_be_approved_by_its_addresses() {
        check("192.0.2.0/24", "kms1.contoso.com", &["192.0.2.5"], Some(true));
        check("192.0.2.0/24", "kms1.contoso.com", &["192.0.2.5", "198.51.100.7"], Some(false));
        check("192.0.2.0/24", "kms1.contoso.com", &["198.51.100.7"], Some(false));
        check("192.0.2.0/24", "kms1.contoso.com", &[], None);
        check("kms1.contoso.com\n192.0.2.0/24", "kms1.contoso.com", &["198.51.100.7"], Some(true));
        check("kms1.contoso.com", "kms2.contoso.com", &["198.51.100.7"], Some(false));
    }

    #[test]
    fn a_short_name_may_be_any_that_begins_so() {
        check("kms1.contoso.com", "kms1", &[], None);
        check(".contoso.com", "kms1", &[], None);
        check("kms1.contoso.com", "kms2", &[], Some(false));
        check("kms1", "kms1", &[], Some(true));
    }

    #[test]
    fn lines_that_are_no_entries() {
        for entry in [
            "kms1.contoso.com:1688",
            "https://kms1",
            "10.0.0.300",
            "10.0.0",
            "10.0.0.0/33",
            "*",
            ".",
            "*.",
            "kms*.contoso.com",
            "a..b",
            "two words",
            "[2001:db8::1]",
            "1688",
            "\"kms1\"",
        ] {
            let expect = Err(ListError::Entry { number: 2, entry: entry.to_owned() });
            assert_eq!(Approved::parse(&format!("kms1\n  {entry}  # here\n")), expect);
        }
        for text in ["", "\n\n", "# nothing\n  # at all"] {
            assert_eq!(Approved::parse(text), Err(ListError::Empty), "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn never_panics(text in "([a-z0-9.*:/#\n-]|\\PC){0,40}", host in "\\PC{0,20}") {
            if let Ok(list) = Approved::parse(&text) {
                let _ = list.allows(&host, &[IpAddr::from([192, 0, 2, 5])]);
            }
        }

        #[test]
        fn what_is_listed_is_allowed(host in "[a-z][a-z0-9-]{0,9}(\\.[a-z]{1,9}){0,3}", address: IpAddr) {
            let list = list(&format!("{host}\n{address}"));
            prop_assert_eq!(list.allows(&host.to_uppercase(), &[]), Some(true));
            prop_assert_eq!(list.allows(&address.to_string(), &[]), Some(true));
        }
    }
}
