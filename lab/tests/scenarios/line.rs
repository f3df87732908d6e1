//! Long and lossy ways.

use std::time::Duration;

use kmsdoctor_lab::{Network, Quality, Result, host_address};

use crate::world::{DISCOVER, World, healthy_zone, in_world_of};

/// Decides which packets get lost; another one can be given in `KMSDOCTOR_LAB_SEED`.
const SEED: u64 = 1;

pub(crate) fn seed() -> u64 {
    let given = std::env::var("KMSDOCTOR_LAB_SEED").ok().and_then(|text| text.parse().ok());
    let seed = given.unwrap_or(SEED);
    eprintln!("seed of the losses: {seed}");
    seed
}

fn over_line(trial: impl FnOnce(&mut World<'_>) -> Result<()>) -> Result<()> {
    let network = Network::create_over_line(seed())?;
    in_world_of(&network, &healthy_zone(), |world| {
        let _kms = world.add_kms_host(host_address(1))?;
        trial(world)
    })
}

/// 150 ms each way: half the world away.
pub(crate) fn delay() -> Result<()> {
    over_line(|world| {
        world.network.set_quality(Quality { delay: Duration::from_millis(150), loss: 0.0 });
        world.expect_healthy(DISCOVER)
    })
}

/// Every tenth packet gets lost, each way. Connections need time for that: the system asks again after 1 and 3 seconds.
pub(crate) fn loss() -> Result<()> {
    over_line(|world| {
        world.timeout_s = 8;
        world.network.set_quality(Quality { delay: Duration::ZERO, loss: 0.1 });
        world.expect_healthy(DISCOVER)
    })
}

/// The connection takes so long that the bind has less than a second left: that says nothing about the host.
pub(crate) fn bind_slower_than_its_deadline() -> Result<()> {
    over_line(|world| {
        world.network.set_quality(Quality { delay: Duration::from_millis(700), loss: 0.0 });
        world.expect_undetermined(&["--host", "10.77.0.11"], "probe-host")?;
        world.network.set_quality(Quality::default());
        world.expect_healthy(&["--host", "10.77.0.11"])
    })
}
