//! Targets of a probe: hosts, addresses, ranges, SRV domains, and files of them.

use std::fs;
use std::io::{self, Read};
use std::net::{IpAddr, SocketAddr};

use ipnet::IpNet;
use kmsdoctor_core::address;
use kmsdoctor_core::language::Language::{self, English, Japanese};
use kmsdoctor_live::{KMS_PORT, SweepTarget};

use crate::arguments::{Mistake, domain, host};
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
        let list = match text.strip_prefix('@') {
            Some(path) => Some((path, read(fs::File::open(path), path, language)?)),
            None if text == "-" => Some(("-", read(Ok(io::stdin().lock()), "-", language)?)),
            None => None,
        };
        let Some((path, list)) = list else {
            targets.push(checked(text, port, allowed, language)?);
            continue;
        };
        for (number, line) in (1..).zip(list.lines()) {
            let line = line.split('#').next().unwrap_or_default().trim();
            if !line.is_empty() {
                let target = checked(line, port, allowed, language);
                targets.push(target.map_err(|error| match language {
                    Japanese => error.context(format!("{path} の {number} 行目")),
                    English => error.context(format!("{path}, line {number}")),
                })?);
            }
        }
    }
    if targets.is_empty() {
        anyhow::bail!(pick(
            language,
            "対象がありません。ホスト、アドレス範囲、または @ファイル名 を指定してください。",
            "There is no target. Give hosts, ranges of addresses, or @FILE."
        ));
    }
    Ok(targets)
}

fn read(source: io::Result<impl Read>, path: &str, language: Language) -> anyhow::Result<String> {
    let mut bytes = Vec::new();
    let read = source.and_then(|source| source.take(LIST_BYTES_MAX + 1).read_to_end(&mut bytes));
    let too_long = bytes.len() as u64 > LIST_BYTES_MAX;
    if let Some(error) = read.err().map(|error| error.to_string()).or(too_long.then(|| "> 64 MiB".to_owned())) {
        match language {
            Japanese => anyhow::bail!("対象の一覧 {path} を読めません: {error}"),
            English => anyhow::bail!("the list of targets {path} cannot be read: {error}"),
        }
    }
    // Editors on Windows save UTF-8 with a mark; names of hosts are ASCII in any encoding.
    Ok(String::from_utf8_lossy(&bytes).trim_start_matches('\u{feff}').to_owned())
}

/// A target, if it may be asked.
fn checked(text: &str, port: u16, allowed: Allowed, language: Language) -> anyhow::Result<Target> {
    let target = parse(text, port).map_err(|mistake| {
        let what = match language {
            Japanese => format!("対象 `{text}` は使えません。"),
            English => format!("`{text}` is no target: "),
        };
        anyhow::anyhow!("{what}{}", mistake.text(language))
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
    if let Some(name) = text.get(..SERVICE_PREFIX.len()).filter(|start| start.eq_ignore_ascii_case(SERVICE_PREFIX)) {
        return domain(&text[name.len()..]).map(|name| Target::Named(SweepTarget::Domain(name)));
    }
    if text.contains('/') {
        return text.parse().map(|range: IpNet| Target::Range(range.trunc(), port)).map_err(|_| Mistake::Target);
    }
    let (name, own_port) = host(text)?;
    // Without --port the usual one.
    let port = own_port.unwrap_or(port);
    Ok(Target::Named(match name.parse::<IpAddr>() {
        Ok(address) => SweepTarget::Address(SocketAddr::new(address, port)),
        Err(_) => SweepTarget::Host { name, port },
    }))
}

/// The port where none is given.
pub(crate) const PORT_DEFAULT: u16 = KMS_PORT;

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
