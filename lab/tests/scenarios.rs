//! Every scenario breaks a working network in one way, runs `kmsdoctor check`, demands the cause as first finding,
//! repairs the fault in the same network and demands health.

use std::net::{IpAddr, SocketAddr};
use std::process::ExitCode;
use std::time::Duration;

use kmsdoctor_lab::{
    Behaviour, CheckRun, LabError, NameServer, Namespace, Network, PDU_BIND, PduLog, Product, Result, SERVER,
    TcpServer, TimeServer, Trial, UNROUTED_HOST, Zone, host_address, host_address_v6,
};
use serde_json::Value;

const DOMAIN: &str = "contoso.example";
const KMS_PORT: u16 = 1688;
/// The deadline of each exchange, in seconds: long enough to be no reason for a timeout of its own.
const TIMEOUT_S: u8 = 2;
/// All targets are asked at once, so a run takes no longer than the slowest single deadline and this.
const RUN_OVERHEAD: Duration = Duration::from_millis(500);

/// Discovery through the lab's name server.
const DISCOVER: &[&str] = &["--domain", DOMAIN, "--dns", "10.77.0.1"];

const JSON: &[&str] = &["--format", "json", "--lang", "en"];

/// [`Product::check`] or [`Product::check_alone`].
type Check = fn(&Product, &Namespace, &[&str]) -> Result<CheckRun>;

fn main() -> ExitCode {
    kmsdoctor_lab::run(&[
        Trial { name: "healthy", run: healthy },
        Trial { name: "healthy-ipv6-only", run: healthy_ipv6_only },
        Trial { name: "configured-resolver", run: configured_resolver },
        Trial { name: "srv-missing", run: srv_missing },
        Trial { name: "srv-stale-name-gone", run: srv_stale_name_gone },
        Trial { name: "srv-stale-host-dead", run: srv_stale_host_dead },
        Trial { name: "srv-stale-half-of-eight", run: srv_stale_half_of_eight },
        Trial { name: "srv-wrong-port", run: srv_wrong_port },
        Trial { name: "name-unresolvable", run: name_unresolvable },
        Trial { name: "dns-silent", run: dns_silent },
        Trial { name: "dns-stopped", run: dns_stopped },
        Trial { name: "dns-failing", run: dns_failing },
        Trial { name: "port-dropped", run: port_dropped },
        Trial { name: "port-refused", run: port_refused },
        Trial { name: "host-dead", run: host_dead },
        Trial { name: "host-unrouted", run: host_unrouted },
        Trial { name: "http-on-kms-port", run: http_on_kms_port },
        Trial { name: "silence-on-kms-port", run: silence_on_kms_port },
        Trial { name: "other-rpc-service", run: other_rpc_service },
        Trial { name: "reset-after-accept", run: reset_after_accept },
        Trial { name: "close-after-accept", run: close_after_accept },
        Trial { name: "reset-on-the-path", run: reset_on_the_path },
        Trial { name: "prohibited-on-the-path", run: prohibited_on_the_path },
        Trial { name: "everything-accepted-on-the-path", run: everything_accepted_on_the_path },
        Trial { name: "clock-five-hours-off", run: clock_five_hours_off },
        Trial { name: "japanese-report", run: japanese_report },
    ])
}

/// A network with a name server; hosts and servers are up to the trial.
struct World<'network> {
    network: &'network Network,
    dns: NameServer<'network>,
    log: PduLog,
}

impl World<'_> {
    /// Starts a server on a host's KMS port.
    fn serve(&self, address: IpAddr, behaviour: Behaviour) -> Result<TcpServer> {
        self.serve_on(address, KMS_PORT, behaviour)
    }

    fn serve_on(&self, address: IpAddr, port: u16, behaviour: Behaviour) -> Result<TcpServer> {
        TcpServer::start(self.network.server(), SocketAddr::new(address, port), behaviour, &self.log)
    }

    /// Brings a host up that acknowledges the bind.
    fn add_kms_host(&self, address: IpAddr) -> Result<TcpServer> {
        self.network.add_host(address)?;
        self.serve(address, Behaviour::AcknowledgeBind)
    }

    /// Runs `kmsdoctor check` on the client and demands that it sent nothing but binds.
    fn run(&self, check: Check, arguments: &[&str], more: &[&str]) -> Result<CheckRun> {
        let timeout = TIMEOUT_S.to_string();
        let all = [arguments, &["--timeout", &timeout], more].concat();
        let run = check(Product::find()?, self.network.client(), &all)?;
        expect_only_binds(&self.log).map_err(|error| run.failure(&error.to_string()))?;
        Ok(run)
    }

    fn expect_problem(&self, arguments: &[&str], cause: &str) -> Result<(CheckRun, Vec<Value>)> {
        self.expect_problem_of(Product::check, arguments, cause)
    }

    fn expect_problem_of(&self, check: Check, arguments: &[&str], cause: &str) -> Result<(CheckRun, Vec<Value>)> {
        let run = self.run(check, arguments, JSON)?;
        let findings = run.expect_problem(cause)?;
        Ok((run, findings))
    }

    fn expect_healthy(&self, arguments: &[&str]) -> Result<()> {
        let binds_before = self.log.types().len();
        let run = self.run(Product::check, arguments, JSON)?;
        run.expect_healthy()?;
        if self.log.types().len() == binds_before {
            return Err(run.failure("it says healthy without having bound to any host"));
        }
        Ok(())
    }
}

fn in_world(zone: &Zone, trial: impl FnOnce(&mut World<'_>) -> Result<()>) -> Result<()> {
    let network = Network::create()?;
    let dns = NameServer::start(&network, zone)?;
    let log = PduLog::default();
    trial(&mut World { network: &network, dns, log: log.clone() })?;
    // The trial's servers are gone now and have read to the end of what they got.
    expect_only_binds(&log)
}

/// The boundary of the program: it never sends anything after the bind.
fn expect_only_binds(log: &PduLog) -> Result<()> {
    let types = log.types();
    let detail = format!("PDU types {types:?}, and {PDU_BIND} (bind) is the only one allowed");
    let only_binds = types.iter().all(|pdu_type| *pdu_type == PDU_BIND);
    only_binds.then_some(()).ok_or(LabError::Wire { subject: "what kmsdoctor sent".into(), detail })
}

/// One KMS host, advertised.
fn healthy_zone() -> Zone {
    Zone::new(DOMAIN).host("kms1", host_address(1)).service("kms1", KMS_PORT)
}

fn healthy() -> Result<()> {
    in_world(&healthy_zone(), |world| {
        let _kms = world.add_kms_host(host_address(1))?;
        world.expect_healthy(DISCOVER)?;
        world.expect_healthy(&["--host", "10.77.0.11"])?;
        world.expect_healthy(&["--host", "kms1.contoso.example:1688", "--dns", "10.77.0.1:53"])
    })
}

fn healthy_ipv6_only() -> Result<()> {
    let zone = Zone::new(DOMAIN).host("kms1", host_address_v6(1)).service("kms1", KMS_PORT);
    in_world(&zone, |world| {
        let _kms = world.add_kms_host(host_address_v6(1))?;
        world.expect_healthy(DISCOVER)
    })
}

/// Without `--dns` the resolver that the machine is configured with is asked.
fn configured_resolver() -> Result<()> {
    in_world(&Zone::new(DOMAIN), |world| {
        let _kms = world.add_kms_host(host_address(1))?;
        world.network.client().set_resolver_configuration(&format!("nameserver {SERVER}\n"))?;
        world.expect_problem(&["--domain", DOMAIN], "dns-srv-missing")?;
        world.dns.publish(&healthy_zone())?;
        world.expect_healthy(&["--domain", DOMAIN])
    })
}

fn srv_missing() -> Result<()> {
    in_world(&Zone::new(DOMAIN).host("kms1", host_address(1)), |world| {
        let _kms = world.add_kms_host(host_address(1))?;
        world.expect_problem(DISCOVER, "dns-srv-missing")?;
        world.dns.publish(&healthy_zone())?;
        world.expect_healthy(DISCOVER)
    })
}

fn srv_stale_name_gone() -> Result<()> {
    in_world(&healthy_zone().service("retired", KMS_PORT), |world| {
        let _kms = world.add_kms_host(host_address(1))?;
        let (run, findings) = world.expect_problem(DISCOVER, "dns-srv-stale")?;
        expect_named(&run, &findings, "dns-srv-stale", &["retired"], &[])?;
        world.dns.publish(&healthy_zone())?;
        world.expect_healthy(DISCOVER)
    })
}

fn srv_stale_host_dead() -> Result<()> {
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
fn srv_stale_half_of_eight() -> Result<()> {
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
        let (run, findings) = world.expect_problem_of(Product::check_alone, DISCOVER, "dns-srv-stale")?;
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
fn expect_named(run: &CheckRun, findings: &[Value], cause: &str, stale: &[&str], alive: &[&str]) -> Result<()> {
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

fn srv_wrong_port() -> Result<()> {
    let zone = Zone::new(DOMAIN).host("kms1", host_address(1)).service("kms1", 1689);
    in_world(&zone, |world| {
        let _kms = world.add_kms_host(host_address(1))?;
        world.expect_problem(DISCOVER, "dns-srv-wrong-port")?;
        world.dns.publish(&healthy_zone())?;
        world.expect_healthy(DISCOVER)
    })
}

fn name_unresolvable() -> Result<()> {
    let arguments = &["--host", "gone.contoso.example", "--dns", "10.77.0.1"];
    in_world(&Zone::new(DOMAIN), |world| {
        let _kms = world.add_kms_host(host_address(1))?;
        world.expect_problem(arguments, "dns-name-unresolvable")?;
        world.dns.publish(&Zone::new(DOMAIN).host("gone", host_address(1)))?;
        world.expect_healthy(arguments)
    })
}

fn dns_silent() -> Result<()> {
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
fn dns_stopped() -> Result<()> {
    in_world(&healthy_zone(), |world| {
        let _kms = world.add_kms_host(host_address(1))?;
        world.dns.stop();
        world.expect_problem(DISCOVER, "dns-server-unreachable")?;
        world.dns.start_with(&healthy_zone())?;
        world.expect_healthy(DISCOVER)
    })
}

/// The server answers SERVFAIL: that says nothing about the record.
fn dns_failing() -> Result<()> {
    in_world(&healthy_zone().unloadable(), |world| {
        let _kms = world.add_kms_host(host_address(1))?;
        world.expect_problem(DISCOVER, "dns-server-unreachable")?;
        world.dns.stop();
        world.dns.start_with(&healthy_zone())?;
        world.expect_healthy(DISCOVER)
    })
}

/// The host still answers pings and refuses other ports.
fn port_dropped() -> Result<()> {
    in_world(&healthy_zone(), |world| {
        let _kms = world.add_kms_host(host_address(1))?;
        world.network.add_firewall_rule("tcp dport 1688 drop")?;
        world.expect_problem(DISCOVER, "net-port-filtered")?;
        world.network.clear_firewall()?;
        world.expect_healthy(DISCOVER)
    })
}

fn port_refused() -> Result<()> {
    in_world(&healthy_zone(), |world| {
        world.network.add_host(host_address(1))?;
        world.expect_problem(DISCOVER, "net-port-refused")?;
        let _kms = world.serve(host_address(1), Behaviour::AcknowledgeBind)?;
        world.expect_healthy(DISCOVER)
    })
}

fn host_dead() -> Result<()> {
    in_world(&healthy_zone(), |world| {
        world.expect_problem(DISCOVER, "net-host-unreachable")?;
        let _kms = world.add_kms_host(host_address(1))?;
        world.expect_healthy(DISCOVER)
    })
}

/// The router says that it knows no way to the host.
fn host_unrouted() -> Result<()> {
    let address = UNROUTED_HOST.to_string();
    let arguments = &["--host", address.as_str()];
    in_world(&Zone::new(DOMAIN), |world| {
        world.expect_problem(arguments, "net-host-unreachable")?;
        let _kms = world.add_kms_host(UNROUTED_HOST)?;
        world.expect_healthy(arguments)
    })
}

/// A server that is none for KMS, replaced by one that acknowledges the bind.
fn misbehaving(behaviour: Behaviour, arguments: &[&str], cause: &str) -> Result<()> {
    in_world(&healthy_zone(), |world| {
        world.network.add_host(host_address(1))?;
        let wrong = world.serve(host_address(1), behaviour)?;
        world.expect_problem(arguments, cause)?;
        drop(wrong);
        let _kms = world.serve(host_address(1), Behaviour::AcknowledgeBind)?;
        world.expect_healthy(arguments)
    })
}

fn http_on_kms_port() -> Result<()> {
    misbehaving(Behaviour::AnswerHttp, DISCOVER, "net-not-kms")
}

fn silence_on_kms_port() -> Result<()> {
    misbehaving(Behaviour::StaySilent, &["--host", "10.77.0.11"], "net-not-kms")
}

fn other_rpc_service() -> Result<()> {
    misbehaving(Behaviour::RejectInterface, DISCOVER, "net-not-kms")
}

fn reset_after_accept() -> Result<()> {
    misbehaving(Behaviour::ResetOnAccept, DISCOVER, "net-intercepted")?;
    misbehaving(Behaviour::ResetOnData, &["--host", "10.77.0.11"], "net-intercepted")
}

fn close_after_accept() -> Result<()> {
    misbehaving(Behaviour::CloseOnAccept, &["--host", "10.77.0.11"], "net-intercepted")
}

/// The host is well; a device on the way lets the connection open and resets it when data flows.
fn reset_on_the_path() -> Result<()> {
    in_world(&healthy_zone(), |world| {
        let _kms = world.add_kms_host(host_address(1))?;
        let rule = "tcp dport 1688 tcp flags & psh == psh reject with tcp reset";
        world.network.add_firewall_rule(rule)?;
        world.expect_problem(DISCOVER, "net-intercepted")?;
        world.network.clear_firewall()?;
        world.expect_healthy(DISCOVER)
    })
}

/// A device on the way says that it lets nothing through; the report names it.
fn prohibited_on_the_path() -> Result<()> {
    let arguments = &["--host", "10.99.0.10"];
    in_world(&healthy_zone(), |world| {
        let _kms = world.add_kms_host(UNROUTED_HOST)?;
        world.network.add_firewall_rule("tcp dport 1688 reject with icmp admin-prohibited")?;
        let (run, findings) = world.expect_problem(arguments, "net-port-filtered")?;
        if !findings[0]["for"].to_string().contains("endpoint.last-hop") {
            return Err(run.failure("it does not name the device"));
        }
        world.network.clear_firewall()?;
        world.expect_healthy(arguments)
    })
}

/// Something accepts every connection in the host's place and says nothing.
fn everything_accepted_on_the_path() -> Result<()> {
    in_world(&healthy_zone(), |world| {
        let _kms = world.add_kms_host(host_address(1))?;
        let mute = world.serve_on(host_address(1), 7777, Behaviour::StaySilent)?;
        world.network.redirect_all_connections(host_address(1), 7777)?;
        world.expect_problem(&["--host", "10.77.0.11"], "net-intercepted")?;
        world.network.clear_redirections()?;
        drop(mute);
        world.expect_healthy(DISCOVER)
    })
}

fn clock_five_hours_off() -> Result<()> {
    let arguments = &["--domain", DOMAIN, "--dns", "10.77.0.1", "--ntp", "10.77.0.1"];
    in_world(&healthy_zone(), |world| {
        let _kms = world.add_kms_host(host_address(1))?;
        let time = TimeServer::start(world.network.server(), SERVER.into(), 5 * 3_600)?;
        world.expect_problem(arguments, "client-clock-skew")?;
        time.set_offset_s(-5 * 3_600);
        world.expect_problem(arguments, "client-clock-skew")?;
        time.set_offset_s(0);
        world.expect_healthy(arguments)
    })
}

fn japanese_report() -> Result<()> {
    in_world(&Zone::new(DOMAIN), |world| {
        let run = world.run(Product::check, DISCOVER, &["--lang", "ja"])?;
        // Hiragana, katakana or a common ideograph.
        let japanese = |character| matches!(character, '\u{3040}'..='\u{30ff}' | '\u{4e00}'..='\u{9fff}');
        let expected = run.stdout.contains("_vlmcs._tcp") && run.stdout.contains(japanese);
        if run.status != Some(1) || !expected {
            return Err(run.failure("no problem reported in Japanese with the record's name"));
        }
        Ok::<_, LabError>(())
    })
}
