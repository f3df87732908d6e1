//! Servers that nobody here wrote: what the product meets in the world.

use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpStream};
use std::time::Duration;

use hickory_proto::rr::RecordType;

use crate::daemon::Daemon;
use crate::dns::ask;
use crate::error::{LabError, Result};
use crate::namespace::Namespace;
use crate::time_server::ask_time;

/// How long one question of a readiness check waits.
const QUESTION_LIMIT: Duration = Duration::from_millis(500);
/// The port of the RPC endpoint mapper.
const ENDPOINT_MAPPER_PORT: u16 = 135;

/// What nginx speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WebProtocol {
    /// HTTP.
    Http,
    /// TLS, as for HTTPS.
    Tls,
}

/// A running server; it ends on drop.
#[derive(Debug)]
pub struct Peer {
    _daemon: Daemon,
}

impl Peer {
    /// nginx on one address and port.
    pub fn nginx(namespace: &Namespace, address: SocketAddr, protocol: WebProtocol) -> Result<Self> {
        let listen = match protocol {
            WebProtocol::Http => format!("listen {address};"),
            // Without a certificate: the handshake never gets that far.
            WebProtocol::Tls => format!("listen {address} ssl; ssl_reject_handshake on;"),
        };
        let directory = namespace.make_state_directory("nginx")?;
        let configuration = format!(
            "daemon off; master_process off; pid {}/pid;\nevents {{ }}\nhttp {{ access_log off; server {{ {listen} }} }}\n",
            directory.display()
        );
        let path = namespace.write_state_file("nginx", "nginx.conf", &configuration)?;
        let mut command = namespace.command("nginx");
        command.args(["-e", "stderr", "-c"]).arg(path);
        let mut daemon = Daemon::start(namespace, "nginx", command, None)?;
        daemon.wait_until_ready(|| connect(namespace, address))?;
        Ok(Self { _daemon: daemon })
    }

    /// Samba's RPC endpoint mapper on port 135 of an address. It rejects every interface but its own.
    pub fn endpoint_mapper(namespace: &Namespace, address: IpAddr) -> Result<Self> {
        const WORKERS: &str = "/usr/libexec/samba";
        const DIRECTORIES: [&str; 6] =
            ["private dir", "lock directory", "state directory", "cache directory", "pid directory", "ncalrpc dir"];
        let directories = DIRECTORIES.map(|setting| {
            let path = namespace.make_state_directory(&format!("samba/{}", setting.replace(' ', "-")))?;
            Ok(format!("{setting} = {}\n", path.display()))
        });
        let configuration = format!(
            "[global]\nworkgroup = CONTOSO\nnetbios name = FILES1\ninterfaces = {address}\nbind interfaces only = yes\n\
             rpc start on demand helpers = no\n{}",
            directories.into_iter().collect::<Result<String>>()?
        );
        let path = namespace.write_state_file("samba", "smb.conf", &configuration)?;
        let mut command = namespace.command(format!("{WORKERS}/samba-dcerpcd"));
        command.args(["--foreground", "--no-process-group", "--debug-stdout", "--configfile"]);
        command.arg(path).arg(format!("{WORKERS}/rpcd_epmapper"));
        let mut daemon = Daemon::start(namespace, "samba", command, None)?;
        daemon.wait_until_ready(|| connect(namespace, (address, ENDPOINT_MAPPER_PORT).into()))?;
        Ok(Self { _daemon: daemon })
    }

    /// chrony, whose clock is off by `offset_s`. It leaves the clock of this machine alone.
    pub fn chrony(namespace: &Namespace, address: Ipv4Addr, offset_s: i32) -> Result<Self> {
        Self::chrony_that(namespace, address, offset_s, &["local stratum 1"])
    }

    /// The same without a source of its own, so that it says of its clock that it is not synchronised.
    pub fn unsynchronised_chrony(namespace: &Namespace, address: Ipv4Addr, offset_s: i32) -> Result<Self> {
        Self::chrony_that(namespace, address, offset_s, &[])
    }

    fn chrony_that(namespace: &Namespace, address: Ipv4Addr, offset_s: i32, lines: &[&str]) -> Result<Self> {
        // What `faketime` does, without the process that it would leave between this one and chrony. The dynamic linker
        // knows what `$LIB` is on this machine.
        let mut command = namespace.command("env");
        command.arg("LD_PRELOAD=/usr/$LIB/faketime/libfaketime.so.1");
        command.args([&format!("FAKETIME={offset_s:+}s"), "FAKETIME_DONT_FAKE_MONOTONIC=1", "chronyd"]);
        command.args(["-x", "-d", "-u", "root", "allow all", "cmdport 0", "bindcmdaddress /"]);
        command.args(lines).arg(format!("bindaddress {address}"));
        command.arg(format!("pidfile {}/pid", namespace.make_state_directory("chrony")?.display()));
        let mut daemon = Daemon::start(namespace, "chrony", command, None)?;
        daemon.wait_until_ready(|| match ask_time(namespace, address, QUESTION_LIMIT) {
            Ok(seen) if (seen - i64::from(offset_s)).abs() <= 1 => Ok(()),
            Ok(seen) => Err(format!("{seen} s off")),
            Err(error) => Err(error.chain()),
        })?;
        Ok(Self { _daemon: daemon })
    }

    /// Unbound as a resolver, with these lines in the `server` part of its configuration or after it.
    pub fn unbound(namespace: &Namespace, address: Ipv4Addr, lines: &str) -> Result<Self> {
        let configuration = format!(
            "remote-control:\n control-enable: no\n\
             server:\n directory: \"\"\n chroot: \"\"\n username: \"\"\n pidfile: \"\"\n use-syslog: no\n num-threads: 1\n\
             interface: {address}\n access-control: 0.0.0.0/0 allow\n{lines}\n"
        );
        let mut command = namespace.command("unbound");
        // From standard input: an AppArmor profile confines Unbound to its own directories.
        command.args(["-d", "-p", "-c", "/dev/stdin"]);
        let mut daemon = Daemon::start(namespace, "unbound", command, Some(&configuration))?;
        daemon.wait_until_ready(|| {
            let answer = ask(namespace, (address, 53).into(), "localhost.", RecordType::A, QUESTION_LIMIT);
            answer.map(drop).map_err(|error| error.chain())
        })?;
        Ok(Self { _daemon: daemon })
    }
}

fn connect(namespace: &Namespace, address: SocketAddr) -> std::result::Result<(), String> {
    let connected = namespace.enter(|| TcpStream::connect(address).map_err(LabError::io("connect")));
    connected.map(drop).map_err(|error| error.chain())
}
