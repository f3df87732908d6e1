//! Command line arguments, in both languages.

mod localise;

use std::ffi::OsString;
use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::num::NonZeroU32;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use clap::{Args, CommandFactory, FromArgMatches, Parser, Subcommand, ValueEnum};
use jiff::Timestamp;
use kmsdoctor_core::language::Language;
use kmsdoctor_core::reference::Kind;
use kmsdoctor_live::KMS_PORT;

use crate::locale;
use crate::words::pick;

const EXAMPLES: &str = "Examples:
  kmsdoctor check --domain contoso.com      check the path to KMS for this domain
  kmsdoctor analyze slmgr.txt events.xml    diagnose from saved output
  kmsdoctor cloud exports/                  where the way to the cloud's KMS ends
  kmsdoctor probe 10.0.0.0/24               which hosts answer as KMS
  kmsdoctor explain 0xC004F074              what a code means
  kmsdoctor checklist                       what to look at in the first minutes
  kmsdoctor drill --demo                    see it find a fault that it makes up

Exit status: 0 healthy, 1 problem found, 2 usage, 3 could not tell";

/// Finds out why a Windows or Office machine is not activated, with evidence, remedy and the way back.
#[derive(Debug, Parser)]
#[command(name = "kmsdoctor", version, max_term_width = 100, after_help = EXAMPLES)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    pub(crate) command: Command,
}

impl Arguments {
    pub(crate) fn common(&self) -> &Common {
        match &self.command {
            Command::Check(check) => &check.common,
            Command::Analyze(analyze) => &analyze.common,
            Command::Cloud(cloud) => &cloud.common,
            Command::Explain(explain) => &explain.common,
            Command::Checklist(checklist) => &checklist.common,
            Command::Probe(probe) => &probe.common,
            Command::Drill(drill) => &drill.common,
        }
    }
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Check the path to KMS from this machine: DNS, TCP, RPC bind, clock
    Check(Check),
    /// Diagnose from files, folders, zip bundles or standard input
    Analyze(Analyze),
    /// Follow the way from virtual machines to KMS through a cloud's network, from its exports
    Cloud(Cloud),
    /// Probe many KMS hosts, ranges and SRV domains at once, at the level of RPC
    Probe(Probe),
    /// Explain an error code, an event, a term, a message, a cause
    Explain(Explain),
    /// Print a checklist: the first minutes, a situation, or a cause
    Checklist(Checklist),
    /// Practise: break something on loopback, diagnose it, and read why
    Drill(Drill),
}

/// Options that every command has.
#[derive(Debug, Args)]
pub(crate) struct Common {
    /// Language of the output (default: the user's locale, else English)
    #[arg(long, value_enum, value_name = "ja|en", hide_possible_values = true)]
    lang: Option<Lang>,
    /// Write the output to this file instead of standard output
    #[arg(long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
    /// Show more: what was excluded, what could not be checked, every remedy
    #[arg(short, long)]
    pub(crate) verbose: bool,
}

impl Common {
    pub(crate) fn language(&self) -> Language {
        match self.lang {
            Some(Lang::Ja) => Language::Japanese,
            Some(Lang::En) => Language::English,
            None => locale::language(),
        }
    }
}

/// Options of redaction.
#[derive(Debug, Args)]
pub(crate) struct Redact {
    /// Put tokens (HOST-1, ADDR-1, ...) for names, addresses, users and ids in all that is written
    #[arg(long)]
    redact: bool,
    /// Keep what the tokens stand for in this file, and go on with the tokens that it has (implies --redact)
    #[arg(long, value_name = "FILE")]
    pub(crate) redact_map: Option<PathBuf>,
}

impl Redact {
    pub(crate) fn is_on(&self) -> bool {
        self.redact || self.redact_map.is_some()
    }
}

/// What the organisation holds its hosts against.
#[derive(Debug, Args)]
pub(crate) struct Policy {
    /// The KMS hosts that are approved: a host, suffix (.contoso.com), address or CIDR per line. It is not saved with --save
    #[arg(long, value_name = "FILE")]
    pub(crate) approved_hosts: Option<PathBuf>,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Lang {
    Ja,
    En,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    Human,
    Json,
}

impl Format {
    /// Colours go to people only.
    pub(crate) fn has_colours(self) -> bool {
        self == Self::Human
    }
}

/// Forms of a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ReportFormat {
    Human,
    Json,
    Html,
}

/// Forms of what the reference says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum PageFormat {
    Human,
    Json,
    Markdown,
}

impl PageFormat {
    /// Colours go to people only.
    pub(crate) fn has_colours(self) -> bool {
        self == Self::Human
    }
}

#[derive(Debug, Args)]
pub(crate) struct Check {
    /// Domain in which to look for the SRV record; may be repeated (default: this machine's domains)
    #[arg(long = "domain", value_name = "DOMAIN", value_parser = domain)]
    pub(crate) domains: Vec<String>,
    /// KMS host to judge, with its port if it is not 1688; may be repeated. Without --domain nothing else is judged
    #[arg(long = "host", value_name = "HOST[:PORT]", value_parser = host)]
    pub(crate) hosts: Vec<(String, Option<u16>)>,
    /// DNS server to ask; may be repeated (default: this machine's)
    #[arg(long = "dns", value_name = "ADDR[:PORT]", value_parser = resolver)]
    pub(crate) resolvers: Vec<SocketAddr>,
    /// Time source to hold the clock against; may be repeated (default: the domain controllers found in DNS)
    #[arg(long, value_name = "HOST")]
    pub(crate) ntp: Vec<String>,
    /// Deadline of each exchange, in seconds
    #[arg(long, value_name = "SECONDS", default_value = "3", value_parser = seconds)]
    pub(crate) timeout: Duration,
    #[command(flatten)]
    pub(crate) policy: Policy,
    /// Save what was sent and received as a bundle, to be analysed elsewhere
    #[arg(long, value_name = "BUNDLE.zip")]
    pub(crate) save: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) redact: Redact,
    /// Form of the output
    #[arg(long, value_enum, default_value = "human", value_name = "human|json|html", hide_possible_values = true)]
    pub(crate) format: ReportFormat,
    #[command(flatten)]
    pub(crate) common: Common,
}

/// Forms of what a probe finds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ProbeFormat {
    Human,
    Json,
    Csv,
    Prometheus,
    Nagios,
}

#[derive(Debug, Args)]
pub(crate) struct Probe {
    /// Host or address (HOST[:PORT]), range (10.0.0.0/24), SRV record (_vlmcs._tcp.contoso.com), or a file with one of these
    /// on each line (@FILE; `-` is standard input)
    #[arg(required_unless_present = "domains", value_name = "TARGET")]
    pub(crate) targets: Vec<String>,
    /// Domain whose advertised hosts are probed; may be repeated
    #[arg(long = "domain", value_name = "DOMAIN", value_parser = domain)]
    pub(crate) domains: Vec<String>,
    /// TCP port of targets that name none
    #[arg(long, value_name = "PORT", default_value_t = KMS_PORT, value_parser = port)]
    pub(crate) port: u16,
    /// DNS server to ask; may be repeated (default: this machine's)
    #[arg(long = "dns", value_name = "ADDR[:PORT]", value_parser = resolver)]
    pub(crate) resolvers: Vec<SocketAddr>,
    /// Deadline of a connection and of a bind, in seconds
    #[arg(long, value_name = "SECONDS", default_value = "2", value_parser = seconds)]
    pub(crate) timeout: Duration,
    /// How often a silent endpoint is asked, at least; where packets get lost it is asked more often
    #[arg(long, value_name = "COUNT", default_value = "2", value_parser = count)]
    pub(crate) attempts: NonZeroU32,
    /// New connections in a second; 0 for as many as go
    #[arg(long, value_name = "PER_SECOND", default_value_t = 1000, value_parser = rate)]
    pub(crate) rate: u32,
    /// Connections open at once
    #[arg(long, value_name = "COUNT", default_value = "512", value_parser = count)]
    pub(crate) concurrency: NonZeroU32,
    /// Probe ranges above a /16
    #[arg(long)]
    pub(crate) yes: bool,
    /// Probe ranges of public addresses
    #[arg(long)]
    pub(crate) public: bool,
    /// Form of the output; json is one object on each line
    #[arg(
        long,
        value_enum,
        default_value = "human",
        value_name = "human|json|csv|prometheus|nagios",
        hide_possible_values = true
    )]
    pub(crate) format: ProbeFormat,
    #[command(flatten)]
    pub(crate) common: Common,
}

#[derive(Debug, Args)]
pub(crate) struct Analyze {
    /// Files, folders or zip bundles; `-` is standard input. Kinds are recognised by content
    #[arg(required = true, value_name = "PATH")]
    pub(crate) paths: Vec<PathBuf>,
    /// Judge at this moment (RFC 3339) instead of the newest dated fact
    #[arg(long, value_name = "TIME", value_parser = time)]
    pub(crate) as_of: Option<Timestamp>,
    #[command(flatten)]
    pub(crate) policy: Policy,
    /// Save what was read as a bundle, with product keys masked, and redacted with --redact
    #[arg(long = "save", value_name = "BUNDLE.zip")]
    pub(crate) save_evidence: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) redact: Redact,
    /// Form of the output
    #[arg(long, value_enum, default_value = "human", value_name = "human|json|html", hide_possible_values = true)]
    pub(crate) format: ReportFormat,
    #[command(flatten)]
    pub(crate) common: Common,
}

/// Forms of a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ChangeForm {
    Az,
    Bicep,
    Terraform,
    Portal,
}

#[derive(Debug, Args)]
pub(crate) struct Cloud {
    /// Exports of a cloud's network: files, folders or zip bundles; `-` is standard input
    #[arg(required = true, value_name = "PATH")]
    pub(crate) exports: Vec<PathBuf>,
    /// What if: the resources in this file take the place of the same ones in the exports, or are added; may be repeated
    #[arg(long = "assume", value_name = "FILE")]
    pub(crate) assumed: Vec<PathBuf>,
    /// Form of the change that is proposed. AWS and Google Cloud have theirs: PowerShell, gcloud
    #[arg(
        long = "as",
        value_enum,
        default_value = "az",
        value_name = "az|bicep|terraform|portal",
        hide_possible_values = true
    )]
    pub(crate) form: ChangeForm,
    /// Save what was read as a bundle, with product keys masked, and redacted with --redact
    #[arg(long = "save", value_name = "BUNDLE.zip")]
    pub(crate) save_evidence: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) redact: Redact,
    /// Form of the output
    #[arg(long, value_enum, default_value = "human", value_name = "human|json|html", hide_possible_values = true)]
    pub(crate) format: ReportFormat,
    #[command(flatten)]
    pub(crate) common: Common,
}

#[derive(Debug, Args)]
pub(crate) struct Explain {
    /// An error code in any notation, an event id, the last five characters of a key, a term, what the screen says, a
    /// whole pasted message, or the id of a cause
    #[arg(required_unless_present = "list", value_name = "TERM", allow_negative_numbers = true)]
    pub(crate) term: Vec<String>,
    /// List everything of a kind: cause, code, event, symptom, state, remedy, check, product, host, generation, setting,
    /// endpoint, cloud-rule, method, limit, term, dispute, advice, checklist
    #[arg(long, value_name = "KIND", value_parser = kind, conflicts_with = "term")]
    pub(crate) list: Option<Kind>,
    /// Form of the output
    #[arg(long, value_enum, default_value = "human", value_name = "human|json|markdown", hide_possible_values = true)]
    pub(crate) format: PageFormat,
    #[command(flatten)]
    pub(crate) common: Common,
}

#[derive(Debug, Args)]
pub(crate) struct Checklist {
    /// A cause, or a situation: isolated-network, host-migration, cloud-vm, handover (default: the first minutes)
    #[arg(long = "for", value_name = "CAUSE|SITUATION")]
    pub(crate) situation: Option<String>,
    /// Form of the output
    #[arg(long, value_enum, default_value = "human", value_name = "human|json|markdown", hide_possible_values = true)]
    pub(crate) format: PageFormat,
    #[command(flatten)]
    pub(crate) common: Common,
}

#[derive(Debug, Args)]
pub(crate) struct Drill {
    /// What is broken, one of --list (default: the seed decides)
    #[arg(value_name = "SCENARIO", conflicts_with = "list_scenarios")]
    pub(crate) scenario: Option<String>,
    /// List the scenarios
    #[arg(long = "list")]
    pub(crate) list_scenarios: bool,
    /// Run the check at once, and explain its report (the default where the input is no terminal)
    #[arg(long, conflicts_with = "list_scenarios")]
    pub(crate) demo: bool,
    /// Do not say what is broken: ask for it, and score the answer
    #[arg(long, conflicts_with_all = ["demo", "list_scenarios", "format", "output"])]
    pub(crate) blind: bool,
    /// How many worlds to diagnose
    #[arg(long, value_name = "COUNT", default_value = "1", requires = "blind", value_parser = count)]
    pub(crate) rounds: NonZeroU32,
    /// The same seed gives the same scenario, names, addresses and ports again (default: another one each time)
    #[arg(long, value_name = "NUMBER", value_parser = seed)]
    pub(crate) seed: Option<u64>,
    /// Form of the output
    #[arg(long, value_enum, default_value = "human", value_name = "human|json", hide_possible_values = true)]
    pub(crate) format: Format,
    #[command(flatten)]
    pub(crate) common: Common,
}

/// Parses arguments; on `--help`, `--version` and mistakes prints what is due and gives the exit status.
pub(crate) fn parse(arguments: impl IntoIterator<Item = OsString>) -> Result<Arguments, ExitCode> {
    let arguments: Vec<OsString> = arguments.into_iter().collect();
    let language = asked_language(&arguments).unwrap_or_else(locale::language);
    let command = localise::localise(Arguments::command(), language);
    command.try_get_matches_from(arguments).and_then(|matches| Arguments::from_arg_matches(&matches)).map_err(|error| {
        if error.use_stderr() {
            localise::print_mistake(&error, language);
            ExitCode::from(crate::EXIT_USAGE)
        } else {
            // Nothing can be done about a closed standard output.
            let _ = error.print();
            ExitCode::SUCCESS
        }
    })
}

/// The language asked for with `--lang`, before anything else is parsed: help and mistakes speak it too.
fn asked_language(arguments: &[OsString]) -> Option<Language> {
    let mut words = arguments.iter().filter_map(|argument| argument.to_str());
    while let Some(word) = words.next() {
        let value = if word == "--lang" { words.next() } else { word.strip_prefix("--lang=") };
        match value {
            Some("ja") => return Some(Language::Japanese),
            Some("en") => return Some(Language::English),
            _ => {}
        }
    }
    None
}

/// A value that cannot be used, and the form that it should have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mistake {
    Count,
    Domain,
    Host,
    Port,
    Rate,
    Resolver,
    Seed,
    Target,
    Deadline,
    Time,
    Kind,
}

impl Mistake {
    pub(crate) fn text(self, language: Language) -> &'static str {
        let (japanese, english) = match self {
            Self::Count => ("1 以上の数です", "a count is a number from 1"),
            Self::Rate => ("0 以上の数です", "a rate is a number from 0"),
            Self::Seed => ("シードは 0 以上の整数です", "a seed is a whole number from 0"),
            Self::Target => (
                "対象は kms1.contoso.com、10.0.0.5:1688、10.0.0.0/24、_vlmcs._tcp.contoso.com のように指定します",
                "a target looks like kms1.contoso.com, 10.0.0.5:1688, 10.0.0.0/24 or _vlmcs._tcp.contoso.com",
            ),
            Self::Domain => ("ドメインは contoso.com のように指定します", "a domain looks like contoso.com"),
            Self::Host => (
                "ホストは kms1.contoso.com、kms1.contoso.com:1688、[2001:db8::1]:1688 のように指定します",
                "a host looks like kms1.contoso.com, kms1.contoso.com:1688 or [2001:db8::1]:1688",
            ),
            Self::Port => ("ポートは 1 から 65535 の数です", "a port is a number from 1 to 65535"),
            Self::Resolver => (
                "DNS サーバーは 10.0.0.1、10.0.0.1:53、[2001:db8::1]:53 のようにアドレスで指定します",
                "a DNS server is given by its address, such as 10.0.0.1, 10.0.0.1:53 or [2001:db8::1]:53",
            ),
            Self::Deadline => ("期限は 0.1 から 60 秒です", "a deadline is 0.1 to 60 seconds"),
            Self::Kind => (
                "種類は cause、code、event、symptom、state、remedy、check、product、host、generation、setting、endpoint、cloud-rule、method、limit、term、dispute、advice、checklist のどれかです",
                "a kind is one of cause, code, event, symptom, state, remedy, check, product, host, generation, setting, endpoint, cloud-rule, method, limit, term, dispute, advice, checklist",
            ),
            Self::Time => ("時刻は 2026-11-23T09:00:00Z のように指定します", "a time looks like 2026-11-23T09:00:00Z"),
        };
        pick(language, japanese, english)
    }
}

impl fmt::Display for Mistake {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.text(Language::English))
    }
}

impl std::error::Error for Mistake {}

pub(crate) fn domain(text: &str) -> Result<String, Mistake> {
    let name = text.trim().trim_end_matches('.');
    let name = name.strip_prefix("_vlmcs._tcp.").unwrap_or(name);
    let fits = |label: &str| {
        (1..=63).contains(&label.len())
            && !label.contains(|character: char| {
                character.is_whitespace() || character.is_control() || "/:@[]".contains(character)
            })
    };
    if name.len() <= 253 && name.split('.').all(fits) { Ok(name.to_lowercase()) } else { Err(Mistake::Domain) }
}

pub(crate) fn host(text: &str) -> Result<(String, Option<u16>), Mistake> {
    let text = text.trim();
    if text.parse::<IpAddr>().is_ok() {
        return Ok((text.to_owned(), None));
    }
    if let Some(rest) = text.strip_prefix('[') {
        let (literal, rest) = rest.split_once(']').ok_or(Mistake::Host)?;
        literal.parse::<std::net::Ipv6Addr>().map_err(|_| Mistake::Host)?;
        let port = match rest.strip_prefix(':') {
            Some(digits) => Some(port(digits)?),
            None if rest.is_empty() => None,
            None => return Err(Mistake::Host),
        };
        return Ok((literal.to_owned(), port));
    }
    let (name, port) = match text.rsplit_once(':') {
        Some((name, digits)) => (name, Some(port(digits)?)),
        None => (text, None),
    };
    if name.parse::<IpAddr>().is_ok() {
        return Ok((name.to_owned(), port));
    }
    domain(name).map(|name| (name, port)).map_err(|_| Mistake::Host)
}

fn port(text: &str) -> Result<u16, Mistake> {
    text.trim().parse().ok().filter(|port| *port > 0).ok_or(Mistake::Port)
}

fn count(text: &str) -> Result<NonZeroU32, Mistake> {
    text.trim().parse().map_err(|_| Mistake::Count)
}

fn rate(text: &str) -> Result<u32, Mistake> {
    text.trim().parse().map_err(|_| Mistake::Rate)
}

fn seed(text: &str) -> Result<u64, Mistake> {
    text.trim().parse().map_err(|_| Mistake::Seed)
}

fn resolver(text: &str) -> Result<SocketAddr, Mistake> {
    let text = text.trim();
    if let Ok(address) = text.parse::<IpAddr>() {
        return Ok(SocketAddr::new(address, 53));
    }
    text.parse().map_err(|_| Mistake::Resolver)
}

fn seconds(text: &str) -> Result<Duration, Mistake> {
    match text.trim().parse::<f64>() {
        Ok(seconds) if (0.1..=60.0).contains(&seconds) => Ok(Duration::from_secs_f64(seconds)),
        _ => Err(Mistake::Deadline),
    }
}

fn kind(text: &str) -> Result<Kind, Mistake> {
    Kind::from_name(text).ok_or(Mistake::Kind)
}

fn time(text: &str) -> Result<Timestamp, Mistake> {
    text.trim().parse().map_err(|_| Mistake::Time)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts() {
        assert_eq!(host("kms1.contoso.com"), Ok(("kms1.contoso.com".to_owned(), None)));
        assert_eq!(host("KMS1.contoso.com.:1689"), Ok(("kms1.contoso.com".to_owned(), Some(1689))));
        assert_eq!(host("10.0.0.5:1688"), Ok(("10.0.0.5".to_owned(), Some(1688))));
        assert_eq!(host("2001:db8::1"), Ok(("2001:db8::1".to_owned(), None)));
        assert_eq!(host("[2001:db8::1]:1688"), Ok(("2001:db8::1".to_owned(), Some(1688))));
        for mistake in ["", ":", "kms1:0", "kms1:99999", "kms1:abc", "[kms1]:1", "[::1", "a b", "http://kms1", "a..b"] {
            assert!(host(mistake).is_err(), "{mistake}");
        }
    }

    #[test]
    fn resolvers_and_seconds() {
        assert_eq!(resolver("10.0.0.1"), Ok("10.0.0.1:53".parse().unwrap()));
        assert_eq!(resolver("::1"), Ok("[::1]:53".parse().unwrap()));
        assert!(resolver("dns.contoso.com").is_err());
        assert_eq!(seconds("0.5"), Ok(Duration::from_millis(500)));
        for mistake in ["0", "-1", "NaN", "inf", "1e9", "x"] {
            assert!(seconds(mistake).is_err(), "{mistake}");
        }
    }

    #[test]
    fn definition_is_sound_in_both_languages() {
        for language in Language::ALL {
            localise::localise(Arguments::command(), language).debug_assert();
        }
    }
}
