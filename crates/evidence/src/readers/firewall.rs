//! Windows Firewall: rules as `netsh advfirewall firewall show rule` and `Get-NetFirewallRule` print them, what its profiles do where
//! no rule is, and its log.

mod log;
mod netsh;
mod powershell;
mod profile;
mod rule;
mod wmi;

use crate::document::Document;
use crate::sink::Sink;

/// Puts everything that the firewall's tools and log said into the sink.
pub(crate) fn read(document: &Document<'_>, sink: &mut Sink<'_>) {
    let mut verdicts = rule::Verdicts::default();
    netsh::read(document, &mut verdicts);
    powershell::read(document, &mut verdicts);
    verdicts.wmi.read(document);
    verdicts.tell(sink);
    profile::read(document, sink);
    log::read(document, sink);
}
