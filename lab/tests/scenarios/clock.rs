//! A client whose clock is wrong: as its time source sees it.

use kmsdoctor_lab::{Peer, Result, SERVER, TimeServer, host_address};

use crate::world::{DOMAIN, healthy_zone, in_world};

pub(crate) fn clock_five_hours_off() -> Result<()> {
    let arguments = &["--domain", DOMAIN, "--dns", "10.77.0.1", "--ntp", "10.77.0.1"];
    in_world(&healthy_zone(), |world| {
        let _kms = world.add_kms_host(host_address(1))?;
        let time = TimeServer::start(world.network.server(), SERVER.into(), 5 * 3_600)?;
        world.expect_problem(arguments, "client-clock-skew")?;
        time.set_offset_s(-5 * 3_600);
        world.expect_problem(arguments, "client-clock-skew")?;
        time.set_offset_s(0);
        world.expect_healthy(arguments)
    })
}

/// A real time server with another idea of the time.
pub(crate) fn chrony_five_hours_off() -> Result<()> {
    let arguments = &["--domain", DOMAIN, "--dns", "10.77.0.1", "--ntp", "10.77.0.1"];
    in_world(&healthy_zone(), |world| {
        let _kms = world.add_kms_host(host_address(1))?;
        for offset_s in [5 * 3_600, -5 * 3_600] {
            let _chrony = Peer::chrony(world.network.server(), SERVER, offset_s)?;
            world.expect_problem(arguments, "client-clock-skew")?;
        }
        let _chrony = Peer::chrony(world.network.server(), SERVER, 0)?;
        world.expect_healthy(arguments)
    })
}

/// A time server that says of itself that it does not know the time: its five hours prove nothing, neither way.
pub(crate) fn chrony_unsynchronised() -> Result<()> {
    let arguments = &["--domain", DOMAIN, "--dns", "10.77.0.1", "--ntp", "10.77.0.1"];
    in_world(&healthy_zone(), |world| {
        let _kms = world.add_kms_host(host_address(1))?;
        let unsynchronised = Peer::unsynchronised_chrony(world.network.server(), SERVER, 5 * 3_600)?;
        let run = world.expect_undetermined(arguments, "license-state")?;
        if !run.stdout.contains("server not synchronised") {
            return Err(run.failure("it does not say why the clock is not judged"));
        }
        drop(unsynchronised);
        let _chrony = Peer::chrony(world.network.server(), SERVER, 0)?;
        world.expect_healthy(arguments)
    })
}
