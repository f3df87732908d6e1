//! Connection, bind and acknowledgement against 16,384 loopback addresses, beside a bare loop that does the same, nmap and
//! the blackbox exporter, which merely connect.

use std::fmt::Write as _;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use anyhow::ensure;
use kmsdoctor_wire::rpc::{Reply, decode_reply, encode_bind};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::runtime::Builder;
use tokio::task::JoinSet;

use crate::process::{median, timed};
use crate::{blackbox, responder};

const TARGETS: u32 = 16_384;
/// Rounds in which each side has its turn.
const ROUNDS: usize = 5;
/// Connections open at once, on both sides that can be told.
const CONCURRENCY: u32 = 512;

/// The `index`th target.
pub(crate) fn address(index: u32) -> Ipv4Addr {
    Ipv4Addr::from_bits(Ipv4Addr::new(127, 64, 0, 0).to_bits() + index)
}

/// A list of targets as nmap and the product read it, one on each line.
pub(crate) fn list(count: u32) -> anyhow::Result<tempfile::NamedTempFile> {
    let mut text = String::new();
    for index in 0..count {
        writeln!(text, "{}", address(index))?;
    }
    let file = tempfile::NamedTempFile::new()?;
    std::fs::write(file.path(), text)?;
    Ok(file)
}

pub(crate) fn measure(product: &Path) -> anyhow::Result<String> {
    let port = responder::start()?;
    let list = list(TARGETS)?;
    let path = list.path().to_string_lossy().into_owned();
    let (from_list, port_text, concurrency) = (format!("@{path}"), port.to_string(), CONCURRENCY.to_string());
    let range = format!("{}/18", address(0));
    let options = ["--port", &port_text, "--rate", "0", "--concurrency", &concurrency, "--format", "csv"];
    let (mut bare, mut own, mut ranged, mut nmap, mut peer) = (vec![], vec![], vec![], vec![], vec![]);
    let (mut missed, mut peak_mib) = (0, 0.0_f64);
    for _ in 0..ROUNDS {
        bare.push(bare_loop(port)?);

        let ended = timed(product, &[&["probe", &from_list], &options[..]].concat())?;
        let found = ended.output.lines().filter(|line| line.contains(",acknowledged,")).count();
        missed += usize::try_from(TARGETS)? - found.min(usize::try_from(TARGETS)?);
        peak_mib = peak_mib.max(ended.peak_mib);
        own.push(rate(TARGETS, ended.elapsed));

        let ended = timed(product, &[&["probe", &range], &options[..]].concat())?;
        let found = ended.output.lines().filter(|line| line.contains(",acknowledged,")).count();
        // The ends of a range are left out.
        ensure!(found + 2 == usize::try_from(TARGETS)?, "{found} of the range were found");
        peak_mib = peak_mib.max(ended.peak_mib);
        ranged.push(rate(TARGETS - 2, ended.elapsed));

        let arguments =
            ["-n", "-Pn", "-sT", "-T5", "--min-parallelism", &concurrency, "-p", &port_text, "-oG", "-", "-iL", &path];
        let ended = timed(Path::new("nmap"), &arguments)?;
        let found = ended.output.lines().filter(|line| line.contains("/open/")).count();
        ensure!(found == usize::try_from(TARGETS)?, "nmap found {found}");
        nmap.push(rate(TARGETS, ended.elapsed));

        peer.push(blackbox::rate(port)?);
    }
    let (bare, own, ranged) = (median(bare), median(own), median(ranged));
    let (nmap, peer) = (median(nmap), median(peer));
    let mut text = String::from("| what | targets/s | `kmsdoctor probe` is |\n| --- | ---: | ---: |\n");
    writeln!(text, "| `kmsdoctor probe @LIST`, start to end: connection, bind, acknowledgement | {own:.0} | |")?;
    writeln!(text, "| `kmsdoctor probe RANGE`, the same | {ranged:.0} | |")?;
    writeln!(text, "| bare tokio loop, the same exchange, without start | {bare:.0} | {:.2} × |", own / bare)?;
    writeln!(text, "| `nmap -n -Pn -sT -T5`, connection only | {nmap:.0} | {:.2} × |", own / nmap)?;
    writeln!(text, "| blackbox_exporter, TCP module, connection only | {peer:.0} | {:.1} × |", own / peer)?;
    write!(
        text,
        "\n{TARGETS} loopback addresses, both ends on this machine, {CONCURRENCY} connections at once, medians of {ROUNDS} \
         rounds in turn. Missed in all rounds: {missed}. Peak of resident memory: {peak_mib:.1} MiB."
    )?;
    Ok(text)
}

#[expect(clippy::cast_precision_loss, reason = "a rate")]
pub(crate) fn rate(targets: impl TryInto<u64>, elapsed: Duration) -> f64 {
    targets.try_into().unwrap_or(0) as f64 / elapsed.as_secs_f64()
}

/// The least that can be done with tokio: no retries, no output, no deadline.
fn bare_loop(port: u16) -> anyhow::Result<f64> {
    let runtime = Builder::new_current_thread().enable_all().build()?;
    let started = Instant::now();
    let acknowledged = runtime.block_on(async {
        let next = Arc::new(AtomicU32::new(0));
        let mut workers = JoinSet::new();
        for _ in 0..CONCURRENCY {
            let next = Arc::clone(&next);
            workers.spawn(async move {
                let message = encode_bind(1);
                let mut acknowledged = 0_u32;
                loop {
                    let index = next.fetch_add(1, Ordering::Relaxed);
                    if index >= TARGETS {
                        return acknowledged;
                    }
                    acknowledged += u32::from(exchange((address(index), port).into(), &message).await.is_ok());
                }
            });
        }
        let mut acknowledged = 0;
        while let Some(done) = workers.join_next().await {
            acknowledged += done.unwrap_or(0);
        }
        acknowledged
    });
    ensure!(acknowledged == TARGETS, "the bare loop reached {acknowledged}");
    Ok(rate(TARGETS, started.elapsed()))
}

async fn exchange(address: SocketAddr, message: &[u8]) -> anyhow::Result<()> {
    let mut stream = TcpStream::connect(address).await?;
    stream.write_all(message).await?;
    let mut reply = [0; 256];
    let mut filled = 0;
    loop {
        let read = stream.read(&mut reply[filled..]).await?;
        filled += read;
        match decode_reply(&reply[..filled]) {
            Reply::Acknowledged { .. } => return Ok(()),
            _ if read == 0 || filled == reply.len() => anyhow::bail!("no acknowledgement"),
            _ => {}
        }
    }
}
