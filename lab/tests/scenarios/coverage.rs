//! Which scenario shows which cause: no cause of the network is left without an answer.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use kmsdoctor_lab::{LabError, Result};

use crate::TRIALS;

/// Where a cause shows.
enum Shown {
    /// In these scenarios.
    In(&'static [&'static str]),
    /// In none, for this reason.
    Nowhere(&'static str),
}

use Shown::{In, Nowhere};

const CAUSES: &[(&str, Shown)] = &[
    (
        "client-clock-skew",
        In(&["clock-five-hours-off", "chrony-five-hours-off", "chrony-unsynchronised", "host-dead-and-clock-off"]),
    ),
    ("dns-cache-stale", Nowhere("the cache is that of Windows, which `check` does not read")),
    ("dns-hosts-override", In(&["hosts-override"])),
    ("dns-name-unresolvable", In(&["name-unresolvable"])),
    ("dns-resolvers-disagree", In(&["split-horizon"])),
    (
        "dns-server-unreachable",
        In(&["dns-silent", "dns-stopped", "dns-failing", "upstream-dead", "dns-stopped-and-port-refused"]),
    ),
    ("dns-srv-missing", In(&["srv-missing", "configured-resolver", "split-horizon"])),
    (
        "dns-srv-stale",
        In(&["srv-stale-name-gone", "srv-stale-host-dead", "srv-stale-half-of-eight", "wrong-port-and-stale"]),
    ),
    ("dns-srv-wrong-port", In(&["srv-wrong-port", "wrong-port-and-stale"])),
    ("dns-validation-fails", In(&["dnssec-expired"])),
    ("dns-suffix-mismatch", In(&["suffix-mismatch"])),
    (
        "net-client-off-network",
        Nowhere("it is told from domain controllers and the domain of a member, which a Linux client has not"),
    ),
    ("net-host-unreachable", In(&["host-dead", "host-unrouted", "host-dead-and-clock-off", "wrong-port-and-stale"])),
    (
        "net-intercepted",
        In(&["reset-after-accept", "close-after-accept", "reset-on-the-path", "middlebox-answers-for-all"]),
    ),
    ("net-local-firewall-blocks", In(&["forbidden-on-the-client", "dropped-on-the-client"])),
    (
        "net-not-kms",
        In(&[
            "http-on-kms-port",
            "nginx-on-kms-port",
            "nginx-tls-on-kms-port",
            "samba-on-kms-port",
            "silence-on-kms-port",
            "other-rpc-service",
            "middlebox-answers-for-all",
        ]),
    ),
    ("net-port-filtered", In(&["port-dropped", "port-prohibited", "return-path-dropped"])),
    ("net-port-refused", In(&["port-refused", "port-rejected", "ipv6-only-segment", "dns-stopped-and-port-refused"])),
    ("net-proxy-blocks-online", Nowhere("it is about activation over the Internet, which `check` does not try")),
];

/// Every cause of the network is in the table, and everything in the table exists.
pub(crate) fn every_cause_has_a_scenario() -> Result<()> {
    let causes = Path::new(env!("CARGO_MANIFEST_DIR")).join("../knowledge/causes");
    let mut known = BTreeSet::from(["client-clock-skew".to_owned()]);
    for area in ["network", "dns"] {
        let folder = causes.join(area);
        let failure = |source| LabError::Io { operation: format!("list {}", folder.display()), source };
        for entry in fs::read_dir(&folder).map_err(failure)?.flatten() {
            known.extend(entry.file_name().into_string());
        }
    }
    let listed: BTreeSet<String> = CAUSES.iter().map(|(cause, _)| (*cause).to_owned()).collect();
    expect_none("causes in one of table and knowledge", known.symmetric_difference(&listed))?;
    for (cause, shown) in CAUSES {
        match shown {
            In(scenarios) => {
                let exists = |name: &&&str| TRIALS.iter().any(|trial| trial.name == **name);
                expect_none("no such scenario", scenarios.iter().filter(|name| !exists(name)))?;
            }
            Nowhere(reason) => eprintln!("{cause} is in no scenario: {reason}"),
        }
    }
    Ok(())
}

fn expect_none<T: std::fmt::Debug>(what: &str, found: impl Iterator<Item = T>) -> Result<()> {
    let found: Vec<_> = found.collect();
    let failure = || LabError::Wire { subject: what.to_owned(), detail: format!("{found:?}") };
    found.is_empty().then_some(()).ok_or_else(failure)
}
