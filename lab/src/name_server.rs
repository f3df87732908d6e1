//! A real BIND 9 (`named`) with one generated zone.

use std::fs;
use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};
use std::time::Duration;

use hickory_proto::op::ResponseCode;
use hickory_proto::rr::{RData, RecordType};

use crate::command;
use crate::daemon::Daemon;
use crate::dns::ask;
use crate::error::{LabError, Result};
use crate::network::{Network, SERVER, SERVER_V6};

/// How long one question of the readiness check waits.
const QUESTION_LIMIT: Duration = Duration::from_millis(500);

/// The records of one zone.
#[derive(Debug, Clone)]
pub struct Zone {
    name: String,
    records: String,
    loadable: bool,
    signatures: Option<Signatures>,
}

/// Until when the signatures of a zone are good (DNSSEC, RFC 4034 section 3.1.5).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Signatures {
    /// For the next 30 days.
    Valid,
    /// Since years.
    Expired,
}

impl Zone {
    /// A zone with nothing but SOA, NS and the name server's own address.
    pub fn new(name: &str) -> Self {
        Self { name: name.to_owned(), records: String::new(), loadable: true, signatures: None }
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

    /// Signs the zone with the key that [`NameServer::trust_anchor`] tells.
    #[must_use]
    pub fn signed(self, signatures: Signatures) -> Self {
        Self { signatures: Some(signatures), ..self }
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

/// `named` in the server namespace at [`SERVER`] and [`SERVER_V6`] port 53; it ends on drop.
#[derive(Debug)]
pub struct NameServer<'network> {
    network: &'network Network,
    zone: String,
    key: Option<String>,
    serial: u32,
    directory: PathBuf,
    process: Option<Daemon>,
}

impl<'network> NameServer<'network> {
    /// Starts BIND and returns when it answers for the zone.
    pub fn start(network: &'network Network, zone: &Zone) -> Result<Self> {
        let directory = network.server().make_state_directory("named")?;
        let mut server = Self { network, zone: zone.name.clone(), key: None, serial: 0, directory, process: None };
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
        if let Some(process) = &self.process {
            process.reload()?;
        }
        self.wait_until_served(zone)
    }

    /// Ends BIND; nothing listens on port 53 then.
    pub fn stop(&mut self) {
        self.process = None;
    }

    /// Starts BIND again after [`Self::stop`]. With an unloadable zone it serves SERVFAIL.
    pub fn start_with(&mut self, zone: &Zone) -> Result<()> {
        self.write_zone(zone)?;
        let namespace = self.network.server();
        let mut command = namespace.command("named");
        // In the foreground, logging to standard error, on one thread.
        command.args(["-g", "-n", "1", "-c"]).arg(self.directory.join("named.conf"));
        self.process = Some(Daemon::start(namespace, "named", command, None)?);
        self.wait_until_served(zone)
    }

    /// The key that zones are signed with, as a resource record.
    pub fn trust_anchor(&mut self) -> Result<String> {
        let key = self.signing_key()?;
        let path = self.directory.join(format!("{key}.key"));
        let text = fs::read_to_string(&path).map_err(LabError::io(format!("read {}", path.display())))?;
        Ok(text.lines().filter(|line| !line.starts_with(';')).collect())
    }

    fn write_zone(&mut self, zone: &Zone) -> Result<()> {
        self.serial += 1;
        let text = zone.file(self.serial);
        let Some(signatures) = zone.signatures else { return self.write("zone", &text) };
        let key = self.signing_key()?;
        self.write("unsigned", &format!("{text}$INCLUDE {}.key\n", self.directory.join(&key).display()))?;
        let (start, end) = match signatures {
            Signatures::Valid => ("now-1d", "now+30d"),
            Signatures::Expired => ("20200101000000", "20200201000000"),
        };
        let directory = self.directory.display().to_string();
        let (signed, unsigned) = (format!("{directory}/zone"), format!("{directory}/unsigned"));
        // One key for everything; what has expired is not verified.
        let validity = ["-z", "-P", "-s", start, "-e", end];
        let files = ["-K", &directory, "-d", &directory, "-o", &zone.name, "-f", &signed, &unsigned, &key];
        command::run("dnssec-signzone", &[&validity[..], &files].concat()).map(drop)
    }

    /// The name of the key's files; it is made when it is first needed.
    fn signing_key(&mut self) -> Result<String> {
        if let Some(known) = &self.key {
            return Ok(known.clone());
        }
        let directory = self.directory.display().to_string();
        let key = ["-K", &directory, "-f", "KSK", "-a", "ECDSAP256SHA256", &self.zone];
        let made = command::run("dnssec-keygen", &[&["-q"], &key[..]].concat())?.trim().to_owned();
        self.key = Some(made.clone());
        Ok(made)
    }

    fn write(&self, name: &str, text: &str) -> Result<()> {
        let path = self.directory.join(name);
        fs::write(&path, text).map_err(LabError::io(format!("write {}", path.display())))
    }

    /// A zone that cannot be loaded counts as served when BIND says SERVFAIL for it.
    fn wait_until_served(&mut self, zone: &Zone) -> Result<()> {
        let (address, serial) = (self.address(), self.serial);
        let zone_name = format!("{}.", zone.name);
        let client = self.network.client();
        let look = || {
            let answer =
                ask(client, address, &zone_name, RecordType::SOA, QUESTION_LIMIT).map_err(|error| error.chain())?;
            let current = |data: &RData| matches!(data, RData::SOA(soa) if soa.serial == serial);
            let served = if zone.loadable {
                answer.answers.iter().any(|record| current(&record.data))
            } else {
                answer.metadata.response_code == ResponseCode::ServFail
            };
            served.then_some(()).ok_or_else(|| format!("{answer}"))
        };
        self.process.as_mut().map_or(Ok(()), |process| process.wait_until_ready(look))
    }
}

fn configuration(directory: &Path, zone_name: &str) -> String {
    let directory = directory.display();
    format!(
        "options {{\n\
         directory \"{directory}\";\n\
         listen-on {{ {SERVER}; }};\n\
         listen-on-v6 {{ {SERVER_V6}; }};\n\
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
