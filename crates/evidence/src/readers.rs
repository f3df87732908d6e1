//! One module per kind of evidence. A text reader scans the whole document for its own marks and takes what it
//! recognises, so that several outputs pasted into one file are each read by their own reader.

mod capture;
pub(crate) mod cloud;
mod command_line;
mod component_health;
mod console;
mod defender;
mod dns_client;
mod dsregcmd;
mod edition;
pub(crate) mod events;
mod firewall;
mod group_policy;
pub(crate) mod hive;
mod hosts_file;
mod imds;
mod ipconfig;
mod key_text;
mod licensing;
mod names;
mod netstat;
mod network_state;
mod nltest;
mod nslookup;
mod objects;
mod pattern;
mod ping;
mod portqry;
mod registry;
mod remote;
mod resolve_dns_name;
mod route;
mod script_host;
mod sentence;
mod service;
mod slmgr;
mod store_permissions;
mod system_info;
mod task;
mod test_net_connection;
#[cfg(test)]
mod testing;
mod time_zone;
mod tracert;
pub(crate) mod transcript;
mod version;
mod vnextdiag;
mod w32tm;
mod whoami;
mod winhttp;

use crate::document::Document;
use crate::sink::Sink;

/// A reader of console or log text.
pub(crate) struct TextReader {
    /// The kind reported when it finds something.
    pub(crate) kind: &'static str,
    /// Puts everything that it recognises into the sink.
    pub(crate) read: fn(&Document<'_>, &mut Sink<'_>),
}

/// Every text reader. A new one is a module above and a row here.
pub(crate) const TEXT_READERS: &[TextReader] = &[
    TextReader { kind: "slmgr", read: slmgr::read },
    TextReader { kind: "licensing", read: licensing::read },
    TextReader { kind: "vnextdiag", read: vnextdiag::read },
    TextReader { kind: "imds", read: imds::read },
    TextReader { kind: "events", read: events::read },
    TextReader { kind: "nslookup", read: nslookup::read },
    TextReader { kind: "test-net-connection", read: test_net_connection::read },
    TextReader { kind: "w32tm", read: w32tm::read },
    TextReader { kind: "registry", read: registry::read },
    TextReader { kind: "whoami", read: whoami::read },
    TextReader { kind: "service", read: service::read },
    TextReader { kind: "version", read: version::read },
    TextReader { kind: "system-info", read: system_info::read },
    TextReader { kind: "script-host", read: script_host::read },
    TextReader { kind: "component-health", read: component_health::read },
    TextReader { kind: "task", read: task::read },
    TextReader { kind: "dsregcmd", read: dsregcmd::read },
    TextReader { kind: "nltest", read: nltest::read },
    TextReader { kind: "defender", read: defender::read },
    TextReader { kind: "group-policy", read: group_policy::read },
    TextReader { kind: "store-permissions", read: store_permissions::read },
    TextReader { kind: "key-text", read: key_text::read },
    TextReader { kind: "ipconfig", read: ipconfig::read },
    TextReader { kind: "dns-client", read: dns_client::read },
    TextReader { kind: "hosts-file", read: hosts_file::read },
    TextReader { kind: "ping", read: ping::read },
    TextReader { kind: "tracert", read: tracert::read },
    TextReader { kind: "resolve-dns-name", read: resolve_dns_name::read },
    TextReader { kind: "firewall", read: firewall::read },
    TextReader { kind: "capture", read: capture::read },
    TextReader { kind: "route", read: route::read },
    TextReader { kind: "netstat", read: netstat::read },
    TextReader { kind: "winhttp", read: winhttp::read },
    TextReader { kind: "portqry", read: portqry::read },
    TextReader { kind: "time-zone", read: time_zone::read },
    TextReader { kind: "network-state", read: network_state::read },
    TextReader { kind: "remote", read: remote::read },
];
