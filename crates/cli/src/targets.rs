//! Targets of a probe: hosts, addresses, ranges, SRV domains, and files of them.

use std::fs::File;
use std::io;
use std::net::{IpAddr, SocketAddr};

use anyhow::{Context, anyhow};
use ipnet::IpNet;
use kmsdoctor_core::address;
use kmsdoctor_core::language::Language::{self, English, Japanese};
use kmsdoctor_core::printable::printable;
use kmsdoctor_live::SweepTarget;

use crate::arguments::{Mistake, domain, host};
use crate::list;
use crate::words::pick;

/// Addresses of a range that is asked without `--yes`: a /16.
const RANGE_MAX: u128 = 65_536;
/// Bytes of a list of targets.
const LIST_BYTES_MAX: u64 = 64 * 1024 * 1024;
/// In front of a domain this names its SRV record.
const SERVICE_PREFIX: &str = "_vlmcs._tcp.";

/// One target.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Target {
    /// Named by the user, so that it is judged.
    Named(SweepTarget),
    /// A range that is looked through.
    Range(IpNet, u16),
}

impl Target {
    /// Everything that has to be asked for it.
    pub(crate) fn expand(&self) -> Box<dyn Iterator<Item = SweepTarget> + '_> {
        match self {
            Self::Named(target) => Box::new(std::iter::once(target.clone())),
            Self::Range(range, port) => {
                Box::new(range.hosts().map(|address| SweepTarget::Address(SocketAddr::new(address, *port))))
            }
        }
    }
}

/// What the user allows.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Allowed {
    /// Ranges above a /16.
    pub(crate) large: bool,
    /// Ranges of public addresses.
    pub(crate) public: bool,
}

/// The targets that were typed; a file or standard input stands for what its lines say.
pub(crate) fn take(typed: &[String], port: u16, allowed: Allowed, language: Language) -> anyhow::Result<Vec<Target>> {
    let mut targets = Vec::new();
    for text in typed {
        let (path, list) = match text.strip_prefix('@') {
            Some(path) => (path, File::open(path).and_then(|file| list::read(file, LIST_BYTES_MAX))),
            None if text == "-" => ("-", list::read(io::stdin().lock(), LIST_BYTES_MAX)),
            None => {
                targets.push(checked(text, port, allowed, language)?);
                continue;
            }
        };
        for (number, line) in (1..).zip(text_of(list, path, language)?.lines()) {
            let entry = list::entry(line);
            if !entry.is_empty() {
                let target = checked(entry, port, allowed, language).with_context(|| match language {
                    Japanese => format!("{path} の {number} 行目"),
                    English => format!("{path}, line {number}"),
                })?;
                targets.push(target);
            }
        }
    }
    Ok(targets)
}

fn text_of(list: io::Result<Option<String>>, path: &str, language: Language) -> anyhow::Result<String> {
    let no_text =
        || pick(language, "テキストではないか、64 MiB を超えています", "it is no text, or larger than 64 MiB");
    list.map_err(anyhow::Error::from).and_then(|text| text.ok_or_else(|| anyhow!(no_text()))).with_context(|| {
        match language {
            Japanese => format!("対象の一覧 {path} を読めません"),
            English => format!("the list of targets {path} cannot be read"),
        }
    })
}

/// A target, if it may be asked.
fn checked(text: &str, port: u16, allowed: Allowed, language: Language) -> anyhow::Result<Target> {
    let target = parse(text, port).map_err(|mistake| {
        // Lists come from anywhere: what stands there must not steer the terminal.
        let text = printable(text);
        let what = match language {
            Japanese => format!("対象 `{text}` は使えません。"),
            English => format!("`{text}` is no target: "),
        };
        anyhow!("{what}{}", mistake.text(language))
    })?;
    if let Target::Range(range, _) = &target {
        if !allowed.large && addresses(range) > RANGE_MAX {
            match language {
                Japanese => {
                    anyhow::bail!("{range} は /16 より広い範囲です。意図したものなら --yes を付けてください。")
                }
                English => anyhow::bail!("{range} is larger than a /16. If that is what you mean, add --yes."),
            }
        }
        let is_public = [range.network(), range.broadcast()].iter().any(|end| address::class(*end) == "public");
        if !allowed.public && is_public {
            match language {
                Japanese => anyhow::bail!(
                    "{range} はパブリック アドレスの範囲です。自組織のものなら --public を付けてください。"
                ),
                English => {
                    anyhow::bail!("{range} is a range of public addresses. If it is yours to probe, add --public.")
                }
            }
        }
    }
    Ok(target)
}

fn addresses(range: &IpNet) -> u128 {
    1_u128.checked_shl(u32::from(range.max_prefix_len() - range.prefix_len())).unwrap_or(u128::MAX)
}

fn parse(text: &str, port: u16) -> Result<Target, Mistake> {
    if text.get(..SERVICE_PREFIX.len()).is_some_and(|start| start.eq_ignore_ascii_case(SERVICE_PREFIX)) {
        return domain(&text[SERVICE_PREFIX.len()..]).map(|name| Target::Named(SweepTarget::Domain(name)));
    }
    if text.contains('/') {
        return text.parse().map(|range: IpNet| Target::Range(range.trunc(), port)).map_err(|_| Mistake::Target);
    }
    let (name, own_port) = host(text)?;
    let port = own_port.unwrap_or(port);
    Ok(Target::Named(match name.parse::<IpAddr>() {
        Ok(address) => SweepTarget::Address(SocketAddr::new(address, port)),
        Err(_) => SweepTarget::Host { name, port },
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOTHING: Allowed = Allowed { large: false, public: false };

    fn taken(text: &str) -> Result<Target, String> {
        checked(text, 1688, NOTHING, English).map_err(|error| format!("{error:#}"))
    }

    #[test]
    fn forms_of_targets() {
        let named = |target| Ok(Target::Named(target));
        assert_eq!(taken("10.0.0.5"), named(SweepTarget::Address("10.0.0.5:1688".parse().unwrap())));
        assert_eq!(taken("[fd00::1]:1700"), named(SweepTarget::Address("[fd00::1]:1700".parse().unwrap())));
        assert_eq!(taken("kms1"), named(SweepTarget::Host { name: "kms1".to_owned(), port: 1688 }));
        assert_eq!(taken("_VLMCS._tcp.Contoso.com."), named(SweepTarget::Domain("contoso.com".to_owned())));
        assert_eq!(taken("10.1.2.3/24"), Ok(Target::Range("10.1.2.0/24".parse().unwrap(), 1688)));
        for mistake in ["http://kms1", "10.0.0.0/33", "a b", "", "10.0.0.1/", "_vlmcs._tcp."] {
            assert!(taken(mistake).is_err(), "{mistake}");
        }
        assert!(!taken("\u{1b}[31mkms 1").unwrap_err().contains('\u{1b}'));
    }

    #[test]
    fn ranges_that_need_a_word() {
        assert!(taken("10.0.0.0/16").is_ok());
        assert!(taken("10.0.0.0/15").unwrap_err().contains("--yes"));
        assert!(taken("fd00::/64").unwrap_err().contains("--yes"));
        assert!(taken("198.51.100.0/24").unwrap_err().contains("--public"));
        assert!(taken("0.0.0.0/0").unwrap_err().contains("--yes"));
        // A range that begins privately and ends publicly.
        assert!(taken("172.16.0.0/11").is_err());
        assert!(taken("198.51.100.7").is_ok());
        let all = Allowed { large: true, public: true };
        assert!(checked("0.0.0.0/0", 1688, all, English).is_ok());
    }

    #[test]
    fn ranges_leave_the_ends_out() {
        let range = Target::Range("10.0.0.0/30".parse().unwrap(), 1700);
        let addresses: Vec<SweepTarget> = range.expand().collect();
        let expected = ["10.0.0.1:1700", "10.0.0.2:1700"].map(|text| SweepTarget::Address(text.parse().unwrap()));
        assert_eq!(addresses, expected);
    }
}
