//! Two faults at once: one does not hide the other.

use kmsdoctor_lab::{Behaviour, Peer, Result, SERVER, Zone, host_address};

use crate::world::{DISCOVER, DOMAIN, KMS_PORT, healthy_zone, in_world};

pub(crate) fn host_dead_and_clock_off() -> Result<()> {
    let arguments = &["--domain", DOMAIN, "--dns", "10.77.0.1", "--ntp", "10.77.0.1"];
    in_world(&healthy_zone(), |world| {
        let chrony = Peer::chrony(world.network.server(), SERVER, 5 * 3_600)?;
        world.expect_causes(arguments, &["net-host-unreachable", "client-clock-skew"])?;
        let _kms = world.add_kms_host(host_address(1))?;
        world.expect_causes(arguments, &["client-clock-skew"])?;
        drop(chrony);
        let _chrony = Peer::chrony(world.network.server(), SERVER, 0)?;
        world.expect_healthy(arguments)
    })
}

/// One record names a port on which nothing listens, another one a host that is gone, by name or for good.
pub(crate) fn wrong_port_and_stale() -> Result<()> {
    let wrong_port = || Zone::new(DOMAIN).host("kms1", host_address(1)).service("kms1", 1689);
    let name_gone = wrong_port().service("retired", KMS_PORT);
    in_world(&name_gone, |world| {
        let _kms = world.add_kms_host(host_address(1))?;
        world.expect_causes(DISCOVER, &["dns-srv-wrong-port", "dns-srv-stale"])?;
        world.dns.publish(&wrong_port().host("kms2", host_address(2)).service("kms2", KMS_PORT))?;
        world.expect_causes(DISCOVER, &["dns-srv-wrong-port", "net-host-unreachable"])?;
        world.dns.publish(&wrong_port())?;
        world.expect_causes(DISCOVER, &["dns-srv-wrong-port"])?;
        world.dns.publish(&healthy_zone())?;
        world.expect_healthy(DISCOVER)
    })
}

/// The resolver is dead, and so is the host that the user names beside it.
pub(crate) fn dns_stopped_and_port_refused() -> Result<()> {
    let arguments = &[DISCOVER, &["--host", "10.77.0.11"]].concat();
    in_world(&healthy_zone(), |world| {
        world.network.add_host(host_address(1))?;
        world.dns.stop();
        world.expect_causes(arguments, &["dns-server-unreachable", "net-port-refused"])?;
        let _kms = world.serve(host_address(1), Behaviour::AcknowledgeBind)?;
        world.expect_causes(arguments, &["dns-server-unreachable"])?;
        world.dns.start_with(&healthy_zone())?;
        world.expect_healthy(arguments)
    })
}
