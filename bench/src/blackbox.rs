//! `prometheus-blackbox-exporter`, asked over HTTP as Prometheus asks it.

use std::net::TcpListener;
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::ensure;

use crate::process::Background;
use crate::sweep::{self, address};

/// Probes: fewer than for the others, because they take so long.
const PROBES: u32 = 4096;
/// Clients at once; more make it no faster.
const CLIENTS: usize = 16;
/// How long it may take to listen.
const START_MAX: Duration = Duration::from_secs(10);

const CONFIGURATION: &str = "modules:\n  tcp_connect:\n    prober: tcp\n    timeout: 5s\n";

/// Probes in a second.
pub(crate) fn rate(port: u16) -> anyhow::Result<f64> {
    let file = tempfile::NamedTempFile::new()?;
    std::fs::write(file.path(), CONFIGURATION)?;
    // A port that is free now; nobody else is in this namespace.
    let listen = TcpListener::bind("127.0.0.1:0")?.local_addr()?;
    let configuration = format!("--config.file={}", file.path().display());
    let arguments = [configuration, format!("--web.listen-address={listen}"), "--log.level=error".to_owned()];
    let _exporter = Background::start("prometheus-blackbox-exporter", &arguments.each_ref().map(String::as_str))?;
    let started = Instant::now();
    while std::net::TcpStream::connect(listen).is_err() {
        ensure!(started.elapsed() < START_MAX, "the blackbox exporter does not listen");
        thread::sleep(Duration::from_millis(5));
    }
    let next = AtomicU32::new(0);
    let started = Instant::now();
    let well = thread::scope(|scope| {
        let clients: Vec<_> = (0..CLIENTS)
            .map(|_| {
                scope.spawn(|| {
                    let agent = ureq::Agent::new_with_defaults();
                    let mut well = 0_u32;
                    loop {
                        let index = next.fetch_add(1, Ordering::Relaxed);
                        if index >= PROBES {
                            return well;
                        }
                        let url = format!("http://{listen}/probe?module=tcp_connect&target={}:{port}", address(index));
                        let answer = agent.get(&url).call().and_then(|mut answer| answer.body_mut().read_to_string());
                        well += u32::from(answer.is_ok_and(|text| text.contains("\nprobe_success 1")));
                    }
                })
            })
            .collect();
        clients.into_iter().map(|client| client.join().unwrap_or(0)).sum::<u32>()
    });
    let elapsed = started.elapsed();
    ensure!(well == PROBES, "the blackbox exporter reached {well} of {PROBES}");
    Ok(sweep::rate(PROBES, elapsed))
}
