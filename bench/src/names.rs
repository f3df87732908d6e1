//! SRV records of 10,000 domains from a local BIND, beside hickory-resolver.

use std::fmt::Write as _;
use std::net::IpAddr;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use hickory_resolver::TokioResolver;
use hickory_resolver::config::{ConnectionConfig, NameServerConfig, ResolverConfig, ResolverOpts};
use hickory_resolver::net::runtime::TokioRuntimeProvider;
use hickory_resolver::proto::rr::RecordType;
use tokio::runtime::Builder;
use tokio::task::JoinSet;

use crate::process::{Background, median, timed};
use crate::responder;
use crate::sweep::{address, rate};

const DOMAINS: u32 = 10_000;
/// KMS hosts that they advertise.
const HOSTS: u32 = 16;
const ROUNDS: usize = 5;
/// Questions at once: as many as the product has (`DNS_SOCKETS_MAX` of its context).
const CONCURRENCY: usize = 192;
const DNS_PORT: u16 = 53;
const START_MAX: Duration = Duration::from_secs(20);

pub(crate) fn measure(product: &Path) -> anyhow::Result<String> {
    let port = responder::start()?;
    let folder = tempfile::tempdir()?;
    let _server = name_server(folder.path(), port)?;
    let mut list = String::new();
    for index in 0..DOMAINS {
        writeln!(list, "_vlmcs._tcp.d{index}.bench.example")?;
    }
    let path = folder.path().join("domains.txt");
    std::fs::write(&path, list)?;
    let from_list = format!("@{}", path.display());
    let arguments = ["probe", &from_list, "--dns", "127.0.0.1", "--rate", "0", "--format", "csv"];
    let (mut own, mut peer) = (vec![], vec![]);
    for _ in 0..ROUNDS {
        let ended = timed(product, &arguments)?;
        let found = ended.output.lines().filter(|line| line.contains(",acknowledged,")).count();
        ensure!(found == usize::try_from(DOMAINS)?, "{found} domains led to a host that acknowledges");
        own.push(rate(DOMAINS, ended.elapsed));
        peer.push(hickory()?);
    }
    let (own, peer) = (median(own), median(peer));
    let mut text = String::from("| what | domains/s | `kmsdoctor probe` is |\n| --- | ---: | ---: |\n");
    writeln!(text, "| `kmsdoctor probe @LIST`, start to end: SRV, addresses, connection, bind | {own:.0} | |")?;
    writeln!(text, "| hickory-resolver, SRV and addresses, without start | {peer:.0} | {:.2} × |", own / peer)?;
    write!(
        text,
        "\n{DOMAINS} domains that advertise {HOSTS} hosts, a local BIND, {CONCURRENCY} questions at once, medians of {ROUNDS} rounds in turn."
    )?;
    Ok(text)
}

/// BIND with one zone that has all domains.
fn name_server(folder: &Path, port: u16) -> anyhow::Result<Background> {
    let mut zone = String::from("$TTL 60\n@ SOA ns hostmaster 1 3600 600 86400 60\n@ NS ns\nns A 127.0.0.1\n");
    for index in 0..HOSTS {
        writeln!(zone, "kms{index} A {}", address(index))?;
    }
    for index in 0..DOMAINS {
        writeln!(zone, "_vlmcs._tcp.d{index} SRV 0 0 {port} kms{}", index % HOSTS)?;
    }
    std::fs::write(folder.join("zone"), zone)?;
    let path = folder.display();
    let configuration = format!(
        "options {{ directory \"{path}\"; pid-file none; listen-on {{ 127.0.0.1; }}; listen-on-v6 {{ none; }}; recursion no; \
         session-keyfile none; }};\ncontrols {{ }};\nzone \"bench.example\" {{ type primary; file \"{path}/zone\"; }};\n"
    );
    let file = folder.join("named.conf");
    std::fs::write(&file, configuration)?;
    let server = Background::start("named", &["-g", "-c", &file.to_string_lossy()])?;
    let started = Instant::now();
    loop {
        let asked = hickory_one("_vlmcs._tcp.d0.bench.example");
        if asked.is_ok() {
            return Ok(server);
        }
        if started.elapsed() > START_MAX {
            let said = Command::new("named-checkconf").arg("-z").arg(&file).output().map(|output| output.stdout);
            let said = String::from_utf8_lossy(&said.unwrap_or_default()).into_owned();
            return Err(asked.err().context("an error")?.context(format!("BIND does not answer: {said}")));
        }
        std::thread::sleep(Duration::from_millis(50));
    }
}

fn resolver() -> anyhow::Result<TokioResolver> {
    let mut connection = ConnectionConfig::udp();
    connection.port = DNS_PORT;
    let server = NameServerConfig::new(IpAddr::from([127, 0, 0, 1]), true, vec![connection]);
    let configuration = ResolverConfig::from_parts(None, vec![], vec![server]);
    let mut options = ResolverOpts::default();
    options.cache_size = 1024;
    let builder = TokioResolver::builder_with_config(configuration, TokioRuntimeProvider::default());
    Ok(builder.with_options(options).build()?)
}

fn hickory_one(name: &str) -> anyhow::Result<()> {
    let runtime = Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        resolver()?.lookup(name, RecordType::SRV).await?;
        Ok(())
    })
}

fn hickory() -> anyhow::Result<f64> {
    let runtime = Builder::new_current_thread().enable_all().build()?;
    let started = Instant::now();
    let well = runtime.block_on(async {
        let resolver = Arc::new(resolver()?);
        let next = Arc::new(AtomicU32::new(0));
        let mut workers = JoinSet::new();
        for _ in 0..CONCURRENCY {
            let (resolver, next) = (Arc::clone(&resolver), Arc::clone(&next));
            workers.spawn(async move {
                let mut well = 0_u32;
                loop {
                    let index = next.fetch_add(1, Ordering::Relaxed);
                    if index >= DOMAINS {
                        return well;
                    }
                    let name = format!("_vlmcs._tcp.d{index}.bench.example.");
                    let srv = resolver.lookup(name, RecordType::SRV).await;
                    let host = resolver.lookup_ip(format!("kms{}.bench.example.", index % HOSTS)).await;
                    well += u32::from(srv.is_ok() && host.is_ok_and(|host| host.iter().next().is_some()));
                }
            });
        }
        let mut well = 0;
        while let Some(done) = workers.join_next().await {
            well += done.unwrap_or(0);
        }
        anyhow::Ok(well)
    })?;
    ensure!(well == DOMAINS, "hickory-resolver found {well}");
    Ok(rate(DOMAINS, started.elapsed()))
}
