//! A real BIND 9 (`named`) with one generated zone.

use std::fs::{self, File};
use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use std::time::Duration;

use hickory_proto::op::ResponseCode;
use hickory_proto::rr::{RData, RecordType};
use rustix::process::{Pid, Signal, kill_process};

use crate::command::wait_for;
use crate::dns::ask;
use crate::error::{LabError, Result};
use crate::network::{Network, SERVER};

/// How long BIND may take to start or to load a zone; it takes a tenth of a second.
const READY_LIMIT: Duration = Duration::from_secs(10);
/// How long one question of the readiness check waits.
const QUESTION_LIMIT: Duration = Duration::from_millis(500);

/// The records of one zone.
#[derive(Debug, Clone)]
pub struct Zone {
    name: String,
    records: String,
    loadable: bool,
}

impl Zone {
    /// A zone with nothing but SOA, NS and the name server's own address.
    pub fn new(name: &str) -> Self {
        Self { name: name.to_owned(), records: String::new(), loadable: true }
    }

    /// Adds an A or AAAA record for a label inside the zone.
    #[must_use]
    pub fn host(self, label: &str, address: IpAddr) -> Self {
        let record_type = if address.is_ipv4() { "A" } else { "AAAA" };
        self.record(&format!("{label} IN {record_type} {address}"))
    }

    /// Adds a `_vlmcs._tcp` SRV record that points to a label inside the zone.
    #[must_use]
    pub fn service(self, label: &str, port: u16) -> Self {
        self.record(&format!("_vlmcs._tcp IN SRV 0 0 {port} {label}"))
    }

    /// Adds one line of the zone file as it is.
    #[must_use]
    pub fn record(mut self, line: &str) -> Self {
        self.records.push_str(line);
        self.records.push('\n');
        self
    }

    /// Makes the zone one that BIND cannot load: started with it, it answers SERVFAIL.
    #[must_use]
    pub fn unloadable(self) -> Self {
        Self { loadable: false, ..self.record("broken IN A not-an-address") }
    }

    fn file(&self, serial: u32) -> String {
        format!(
            "$ORIGIN {name}.\n$TTL 60\n\
             @ IN SOA ns hostmaster {serial} 3600 600 86400 60\n\
             @ IN NS ns\n\
             ns IN A {SERVER}\n\
             {records}",
            name = self.name,
            records = self.records,
        )
    }
}

/// `named` in the server namespace at [`SERVER`] port 53; it ends on drop.
#[derive(Debug)]
pub struct NameServer<'network> {
    network: &'network Network,
    serial: u32,
    directory: PathBuf,
    process: Option<Child>,
}

impl<'network> NameServer<'network> {
    /// Starts BIND and returns when it answers for the zone.
    pub fn start(network: &'network Network, zone: &Zone) -> Result<Self> {
        let directory = network.server().state_directory();
        fs::create_dir(&directory).map_err(LabError::io(format!("create {}", directory.display())))?;
        let mut server = Self { network, serial: 0, directory, process: None };
        let configuration = configuration(&server.directory, &zone.name);
        server.write("named.conf", &configuration)?;
        server.start_with(zone)?;
        Ok(server)
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        (SERVER, 53).into()
    }

    /// Replaces the zone, which must be loadable and have the same name, and returns when the new one is served.
    pub fn publish(&mut self, zone: &Zone) -> Result<()> {
        self.write_zone(zone)?;
        if let Some(child) = &self.process {
            kill_process(Pid::from_child(child), Signal::HUP)
                .map_err(|error| LabError::io("make named reload")(error.into()))?;
        }
        self.wait_until_served(zone)
    }

    /// Ends BIND; nothing listens on port 53 then.
    pub fn stop(&mut self) {
        if let Some(mut child) = self.process.take() {
            // Both fail only if it has ended by itself.
            let _ = child.kill();
            let _ = child.wait();
        }
    }

    /// Starts BIND again after [`Self::stop`]. With an unloadable zone it serves SERVFAIL.
    pub fn start_with(&mut self, zone: &Zone) -> Result<()> {
        self.write_zone(zone)?;
        let log_path = self.directory.join("named.log");
        let log = File::create(&log_path).map_err(LabError::io(format!("create {}", log_path.display())))?;
        let child = self
            .network
            .server()
            .command("named")
            // In the foreground, logging to standard error, on one thread, IPv4 only.
            .args(["-g", "-n", "1", "-4", "-c"])
            .arg(self.directory.join("named.conf"))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(log)
            .spawn()
            .map_err(LabError::io("start named"))?;
        self.process = Some(child);
        self.wait_until_served(zone)
    }

    fn write_zone(&mut self, zone: &Zone) -> Result<()> {
        self.serial += 1;
        self.write("zone", &zone.file(self.serial))
    }

    fn write(&self, name: &str, text: &str) -> Result<()> {
        let path = self.directory.join(name);
        fs::write(&path, text).map_err(LabError::io(format!("write {}", path.display())))
    }

    /// A zone that cannot be loaded counts as served when BIND says SERVFAIL for it.
    fn wait_until_served(&self, zone: &Zone) -> Result<()> {
        let (address, serial) = (self.address(), self.serial);
        let zone_name = format!("{}.", zone.name);
        let served = wait_for("answer from BIND for its zone", READY_LIMIT, || {
            let client = self.network.client();
            let answer =
                ask(client, address, &zone_name, RecordType::SOA, QUESTION_LIMIT).map_err(|error| error.chain())?;
            let current = |data: &RData| matches!(data, RData::SOA(soa) if soa.serial == serial);
            let served = if zone.loadable {
                answer.answers.iter().any(|record| current(&record.data))
            } else {
                answer.metadata.response_code == ResponseCode::ServFail
            };
            served.then_some(()).ok_or_else(|| format!("{answer}"))
        });
        served.map_err(|error| self.with_log(error))
    }

    fn with_log(&self, error: LabError) -> LabError {
        let log = fs::read_to_string(self.directory.join("named.log")).unwrap_or_default();
        match error {
            LabError::Timeout { what, limit, last } => {
                LabError::Timeout { what, limit, last: format!("{last}\nnamed said:\n{log}") }
            }
            other => other,
        }
    }
}

impl Drop for NameServer<'_> {
    fn drop(&mut self) {
        self.stop();
    }
}

fn configuration(directory: &Path, zone_name: &str) -> String {
    let directory = directory.display();
    format!(
        "options {{\n\
         directory \"{directory}\";\n\
         listen-on {{ {SERVER}; }};\n\
         listen-on-v6 {{ none; }};\n\
         pid-file none;\n\
         recursion no;\n\
         dnssec-validation no;\n\
         }};\n\
         controls {{ }};\n\
         zone \"{zone_name}\" {{ type primary; file \"{directory}/zone\"; }};\n"
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::network::{host_address, host_address_v6};

    #[test]
    fn zone_file_has_one_line_per_record() {
        let zone = Zone::new("contoso.example")
            .host("kms1", host_address(1))
            .host("kms1", host_address_v6(1))
            .service("kms1", 1688);
        let expected = "$ORIGIN contoso.example.\n$TTL 60\n\
            @ IN SOA ns hostmaster 7 3600 600 86400 60\n@ IN NS ns\nns IN A 10.77.0.1\n\
            kms1 IN A 10.77.0.11\nkms1 IN AAAA fd77::11\n_vlmcs._tcp IN SRV 0 0 1688 kms1\n";
        assert_eq!(zone.file(7), expected);
    }
}
