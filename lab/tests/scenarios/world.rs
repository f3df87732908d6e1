//! What the scenarios share: a network with a name server, and the product in it.

use std::cell::Cell;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use kmsdoctor_lab::{
    Behaviour, LabError, NameServer, Namespace, Network, PDU_BIND, PduLog, Product, Result, Run, TcpServer, Zone,
    host_address,
};
use serde_json::Value;

pub(crate) const DOMAIN: &str = "contoso.example";
pub(crate) const KMS_PORT: u16 = 1688;
/// The deadline of each exchange, in seconds: long enough to be no reason for a timeout of its own.
pub(crate) const TIMEOUT_S: u8 = 2;
/// All targets are asked at once, so a run takes no longer than the slowest single deadline and this.
pub(crate) const RUN_OVERHEAD: Duration = Duration::from_millis(500);

/// Discovery through the lab's name server.
pub(crate) const DISCOVER: &[&str] = &["--domain", DOMAIN, "--dns", "10.77.0.1"];

pub(crate) const JSON: &[&str] = &["--format", "json", "--lang", "en"];

/// [`Product::run`] or [`Product::run_alone`].
pub(crate) type RunProduct = fn(&Product, &Namespace, &[&str]) -> Result<Run>;

/// A network with a name server; hosts and servers are up to the trial.
pub(crate) struct World<'network> {
    pub(crate) network: &'network Network,
    pub(crate) dns: NameServer<'network>,
    pub(crate) log: PduLog,
    /// The deadline that the product is given.
    pub(crate) timeout_s: u8,
    runs: Cell<u32>,
}

impl World<'_> {
    /// Starts a server on a host's KMS port.
    pub(crate) fn serve(&self, address: IpAddr, behaviour: Behaviour) -> Result<TcpServer> {
        let address = SocketAddr::new(address, KMS_PORT);
        TcpServer::start(self.network.server(), address, behaviour, &self.log)
    }

    /// Brings a host up that acknowledges the bind.
    pub(crate) fn add_kms_host(&self, address: IpAddr) -> Result<TcpServer> {
        self.network.add_host(address)?;
        self.serve(address, Behaviour::AcknowledgeBind)
    }

    /// Runs `kmsdoctor check` on the client. Demands that it sent nothing but binds, and that the bundle which it saved
    /// says the same where nothing of this network is in reach.
    pub(crate) fn run(&self, run: RunProduct, arguments: &[&str], form: &[&str]) -> Result<Run> {
        self.run_and_analyse(run, arguments, form).map(|(live, _)| live)
    }

    /// The same, with the path of the bundle.
    pub(crate) fn run_and_analyse(&self, run: RunProduct, arguments: &[&str], form: &[&str]) -> Result<(Run, String)> {
        let number = self.runs.replace(self.runs.get() + 1);
        let bundle = self.network.client().make_state_directory("bundles")?.join(format!("{number}.zip"));
        let bundle = bundle.display().to_string();
        let (product, timeout) = (Product::find()?, self.timeout_s.to_string());
        let check = ["check", "--timeout", &timeout, "--save", &bundle];
        let live = run(product, self.network.client(), &[&check[..], arguments, form].concat())?;
        expect_only_binds(&self.log).map_err(|error| live.failure(&error.to_string()))?;
        let saved = product.run_elsewhere(&[&["analyze", &bundle], form].concat())?;
        live.expect_same(&saved)?;
        Ok((live, bundle))
    }

    /// Runs `kmsdoctor check`, which must find this cause first. Returns the findings.
    pub(crate) fn expect_problem(&self, arguments: &[&str], cause: &str) -> Result<(Run, Vec<Value>)> {
        self.expect_problem_of(Product::run, arguments, cause)
    }

    /// The same with [`Product::run`] or [`Product::run_alone`].
    pub(crate) fn expect_problem_of(
        &self,
        run: RunProduct,
        arguments: &[&str],
        cause: &str,
    ) -> Result<(Run, Vec<Value>)> {
        let run = self.run(run, arguments, JSON)?;
        let findings = run.expect_problem(cause)?;
        Ok((run, findings))
    }

    /// Runs `kmsdoctor check`, which must decide on all of these causes and on no other.
    pub(crate) fn expect_causes(&self, arguments: &[&str], causes: &[&str]) -> Result<Run> {
        let run = self.run(Product::run, arguments, JSON)?;
        run.expect_causes(causes)?;
        Ok(run)
    }

    /// Runs `kmsdoctor check`, which must leave it open and propose this check.
    pub(crate) fn expect_undetermined(&self, arguments: &[&str], next_check: &str) -> Result<Run> {
        let run = self.run(Product::run, arguments, JSON)?;
        run.expect_undetermined(next_check)?;
        Ok(run)
    }

    pub(crate) fn expect_healthy(&self, arguments: &[&str]) -> Result<()> {
        let binds_before = self.log.types().len();
        let run = self.run(Product::run, arguments, JSON)?;
        run.expect_healthy()?;
        if self.log.types().len() == binds_before {
            return Err(run.failure("it says healthy without having bound to any host"));
        }
        Ok(())
    }
}

/// A trial in a network of its own.
pub(crate) fn in_world(zone: &Zone, trial: impl FnOnce(&mut World<'_>) -> Result<()>) -> Result<()> {
    in_world_of(&Network::create()?, zone, trial)
}

/// A trial in this network.
pub(crate) fn in_world_of(
    network: &Network,
    zone: &Zone,
    trial: impl FnOnce(&mut World<'_>) -> Result<()>,
) -> Result<()> {
    let dns = NameServer::start(network, zone)?;
    let log = PduLog::default();
    trial(&mut World { network, dns, log: log.clone(), timeout_s: TIMEOUT_S, runs: Cell::new(0) })?;
    // The trial's servers are gone now and have read to the end of what they got.
    expect_only_binds(&log)
}

/// The boundary of the program: it never sends anything after the bind.
pub(crate) fn expect_only_binds(log: &PduLog) -> Result<()> {
    let types = log.types();
    let detail = format!("PDU types {types:?}, and {PDU_BIND} (bind) is the only one allowed");
    let only_binds = types.iter().all(|pdu_type| *pdu_type == PDU_BIND);
    only_binds.then_some(()).ok_or(LabError::Wire { subject: "what kmsdoctor sent".into(), detail })
}

/// One KMS host, advertised.
pub(crate) fn healthy_zone() -> Zone {
    Zone::new(DOMAIN).host("kms1", host_address(1)).service("kms1", KMS_PORT)
}
