//! Faults of DNS: of records, and of those who serve them.

use std::time::Duration;

use kmsdoctor_lab::{Peer, Product, RESOLVER, Result, Run, SERVER, Signatures, Zone, host_address};
use serde_json::Value;

use crate::world::{DISCOVER, DOMAIN, JSON, KMS_PORT, RUN_OVERHEAD, TIMEOUT_S, World, healthy_zone, in_world};

/// Without `--dns` the resolver that the machine is configured with is asked.
pub(crate) fn configured_resolver() -> Result<()> {
    in_world(&Zone::new(DOMAIN), |world| {
        let _kms = world.add_kms_host(host_address(1))?;
        world.network.client().set_resolver_configuration(&format!("nameserver {SERVER}\n"))?;
        world.expect_problem(&["--domain", DOMAIN], "dns-srv-missing")?;
        world.dns.publish(&healthy_zone())?;
        world.expect_healthy(&["--domain", DOMAIN])
    })
}

pub(crate) fn srv_missing() -> Result<()> {
    in_world(&Zone::new(DOMAIN).host("kms1", host_address(1)), |world| {
        let _kms = world.add_kms_host(host_address(1))?;
        world.expect_problem(DISCOVER, "dns-srv-missing")?;
        world.dns.publish(&healthy_zone())?;
        world.expect_healthy(DISCOVER)
    })
}

pub(crate) fn srv_stale_name_gone() -> Result<()> {
    in_world(&healthy_zone().service("retired", KMS_PORT), |world| {
        let _kms = world.add_kms_host(host_address(1))?;
        let (run, findings) = world.expect_problem(DISCOVER, "dns-srv-stale")?;
        expect_named(&run, &findings, "dns-srv-stale", &["retired"], &[])?;
        world.dns.publish(&healthy_zone())?;
        world.expect_healthy(DISCOVER)
    })
}

pub(crate) fn srv_stale_host_dead() -> Result<()> {
    let zone = healthy_zone().host("kms2", host_address(2)).service("kms2", KMS_PORT);
    in_world(&zone, |world| {
        let _kms = world.add_kms_host(host_address(1))?;
        let (run, findings) = world.expect_problem(DISCOVER, "dns-srv-stale")?;
        expect_named(&run, &findings, "dns-srv-stale", &["kms2"], &[])?;
        let _other = world.add_kms_host(host_address(2))?;
        world.expect_healthy(DISCOVER)
    })
}

/// Of eight hosts two are gone and two drop everything: the run is not slower for that.
pub(crate) fn srv_stale_half_of_eight() -> Result<()> {
    let labels = ["kms1", "kms2", "kms3", "kms4", "kms5", "kms6", "kms7", "kms8"];
    let hosts = || labels.into_iter().zip((1..).map(host_address));
    let zone =
        hosts().fold(Zone::new(DOMAIN), |zone, (label, address)| zone.host(label, address).service(label, KMS_PORT));
    in_world(&zone, |world| {
        let mut servers = Vec::new();
        for (_, address) in hosts() {
            servers.push(world.add_kms_host(address)?);
        }
        for (_, address) in hosts().take(2) {
            world.network.remove_host(address)?;
        }
        for (_, address) in hosts().skip(2).take(2) {
            world.network.add_firewall_rule(&format!("ip daddr {address} drop"))?;
        }
        let (run, findings) = world.expect_problem_of(Product::run_alone, DISCOVER, "dns-srv-stale")?;
        expect_named(&run, &findings, "dns-srv-stale", &labels[..4], &labels[4..])?;
        let limit = Duration::from_secs(TIMEOUT_S.into()) + RUN_OVERHEAD;
        // Measured around the whole process, so it includes starting `ip netns exec` and the program itself.
        eprintln!("srv-stale-half-of-eight: {:?} of at most {limit:?}", run.elapsed);
        if run.elapsed > limit {
            return Err(run.failure(&format!("it took longer than {limit:?}")));
        }
        world.network.clear_firewall()?;
        for (_, address) in hosts().take(2) {
            world.network.add_host(address)?;
        }
        world.expect_healthy(DISCOVER)
    })
}

/// Findings of `cause` must speak of every host in `stale` in subject or evidence, and of none as subject in `alive`.
fn expect_named(run: &Run, findings: &[Value], cause: &str, stale: &[&str], alive: &[&str]) -> Result<()> {
    let of_cause = || findings.iter().filter(|finding| finding["cause"] == cause);
    let spoken: String =
        of_cause().flat_map(|finding| [finding["subject"].to_string(), finding["for"].to_string()]).collect();
    if let Some(host) = stale.iter().find(|host| !spoken.contains(**host)) {
        return Err(run.failure(&format!("{cause} does not name {host}")));
    }
    let subjects: String = of_cause().map(|finding| finding["subject"].to_string()).collect();
    if let Some(host) = alive.iter().find(|host| subjects.contains(**host)) {
        return Err(run.failure(&format!("{cause} names {host}, which works")));
    }
    Ok(())
}

pub(crate) fn srv_wrong_port() -> Result<()> {
    let zone = Zone::new(DOMAIN).host("kms1", host_address(1)).service("kms1", 1689);
    in_world(&zone, |world| {
        let _kms = world.add_kms_host(host_address(1))?;
        world.expect_problem(DISCOVER, "dns-srv-wrong-port")?;
        world.dns.publish(&healthy_zone())?;
        world.expect_healthy(DISCOVER)
    })
}

pub(crate) fn name_unresolvable() -> Result<()> {
    let arguments = &["--host", "gone.contoso.example", "--dns", "10.77.0.1"];
    in_world(&Zone::new(DOMAIN), |world| {
        let _kms = world.add_kms_host(host_address(1))?;
        world.expect_problem(arguments, "dns-name-unresolvable")?;
        world.dns.publish(&Zone::new(DOMAIN).host("gone", host_address(1)))?;
        world.expect_healthy(arguments)
    })
}

pub(crate) fn dns_silent() -> Result<()> {
    in_world(&healthy_zone(), |world| {
        let _kms = world.add_kms_host(host_address(1))?;
        world.network.add_firewall_rule("udp dport 53 drop")?;
        world.network.add_firewall_rule("tcp dport 53 drop")?;
        world.expect_problem(DISCOVER, "dns-server-unreachable")?;
        world.network.clear_firewall()?;
        world.expect_healthy(DISCOVER)
    })
}

/// The server machine says that nothing listens on port 53.
pub(crate) fn dns_stopped() -> Result<()> {
    in_world(&healthy_zone(), |world| {
        let _kms = world.add_kms_host(host_address(1))?;
        world.dns.stop();
        world.expect_problem(DISCOVER, "dns-server-unreachable")?;
        world.dns.start_with(&healthy_zone())?;
        world.expect_healthy(DISCOVER)
    })
}

/// The server answers SERVFAIL: that says nothing about the record.
pub(crate) fn dns_failing() -> Result<()> {
    in_world(&healthy_zone().unloadable(), |world| {
        let _kms = world.add_kms_host(host_address(1))?;
        world.expect_problem(DISCOVER, "dns-server-unreachable")?;
        world.dns.stop();
        world.dns.start_with(&healthy_zone())?;
        world.expect_healthy(DISCOVER)
    })
}

/// The record is in the parent of the domain in which the client looks, which its search list names as well.
pub(crate) fn suffix_mismatch() -> Result<()> {
    in_world(&healthy_zone(), |world| {
        let _kms = world.add_kms_host(host_address(1))?;
        let client = world.network.client();
        client.set_resolver_configuration(&format!("nameserver {SERVER}\nsearch clients.{DOMAIN} {DOMAIN}\n"))?;
        world.expect_problem(&[], "dns-suffix-mismatch")?;
        client.set_resolver_configuration(&format!("nameserver {SERVER}\nsearch {DOMAIN}\n"))?;
        world.expect_healthy(&[])
    })
}

/// The hosts file of the client names an address that the host had once.
pub(crate) fn hosts_override() -> Result<()> {
    in_world(&healthy_zone(), |world| {
        let old = host_address(2).to_string();
        let hosts =
            world.network.client().write_state_file("etc", "hosts", &format!("# by hand\n{old} kms1.{DOMAIN}\n"))?;
        let hosts = hosts.display().to_string();
        let _kms = world.add_kms_host(host_address(1))?;
        // The probe asks DNS, as KMS discovery does not: what Windows would connect to stands in the file.
        world.expect_healthy(DISCOVER)?;
        let (_, bundle) = world.run_and_analyse(Product::run, &[DISCOVER, &["--host", &old]].concat(), JSON)?;
        let both = Product::find()?.run_elsewhere(&[&["analyze", &bundle, &hosts], JSON].concat())?;
        both.expect_causes(&["dns-hosts-override", "net-host-unreachable"])
    })
}

/// Unbound asks BIND, as a resolver does.
fn forwarding(zone_lines: &str) -> String {
    format!("{zone_lines}stub-zone:\n name: \"{DOMAIN}\"\n stub-addr: {SERVER}\n")
}

/// Discovery through Unbound.
const THROUGH_UNBOUND: &[&str] = &["--domain", DOMAIN, "--dns", "10.77.0.3"];

/// Of the resolver itself there is nothing to be said against: behind it nobody serves the zone.
pub(crate) fn upstream_dead() -> Result<()> {
    in_world(&healthy_zone(), |world| {
        let _kms = world.add_kms_host(host_address(1))?;
        world.network.add_host(RESOLVER.into())?;
        let _unbound = Peer::unbound(world.network.server(), RESOLVER, &forwarding(""))?;
        world.dns.stop();
        world.expect_problem(THROUGH_UNBOUND, "dns-server-unreachable")?;
        world.dns.start_with(&healthy_zone())?;
        world.expect_healthy(THROUGH_UNBOUND)
    })
}

/// The signatures of the zone have expired: who validates answers SERVFAIL, who does not finds everything well.
pub(crate) fn dnssec_expired() -> Result<()> {
    let expired = healthy_zone().signed(Signatures::Expired);
    in_world(&expired, |world| {
        let _kms = world.add_kms_host(host_address(1))?;
        world.network.add_host(RESOLVER.into())?;
        let anchor =
            format!(" module-config: \"validator iterator\"\n trust-anchor: \"{}\"\n", world.dns.trust_anchor()?);
        let start = |world: &World<'_>| Peer::unbound(world.network.server(), RESOLVER, &forwarding(&anchor));
        let unbound = start(world)?;
        world.expect_problem(THROUGH_UNBOUND, "dns-validation-fails")?;
        world.expect_healthy(DISCOVER)?;
        world.dns.publish(&healthy_zone().signed(Signatures::Valid))?;
        // With an empty cache: a resolver remembers for a while what was bogus.
        drop(unbound);
        let _unbound = start(world)?;
        world.expect_healthy(THROUGH_UNBOUND)
    })
}

/// Two resolvers: the internal one, and one that knows nothing of the internal zone and says so.
pub(crate) fn split_horizon() -> Result<()> {
    in_world(&healthy_zone(), |world| {
        let _kms = world.add_kms_host(host_address(1))?;
        world.network.add_host(RESOLVER.into())?;
        let outside = format!(" local-zone: \"{DOMAIN}.\" always_nxdomain\n");
        let unbound = Peer::unbound(world.network.server(), RESOLVER, &outside)?;
        let client = world.network.client();
        for (first, second) in [(SERVER, RESOLVER), (RESOLVER, SERVER)] {
            client.set_resolver_configuration(&format!("nameserver {first}\nnameserver {second}\n"))?;
            world.expect_problem(&["--domain", DOMAIN], "dns-resolvers-disagree")?;
        }
        // What the outside one says alone.
        world.expect_problem(THROUGH_UNBOUND, "dns-srv-missing")?;
        drop(unbound);
        let _unbound = Peer::unbound(world.network.server(), RESOLVER, &forwarding(""))?;
        world.expect_healthy(&["--domain", DOMAIN])
    })
}
