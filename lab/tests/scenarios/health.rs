//! Networks without a fault.

use kmsdoctor_lab::{Behaviour, Product, Result, SERVER_V6, Zone, host_address, host_address_v6};

use crate::world::{DISCOVER, DOMAIN, KMS_PORT, healthy_zone, in_world};

pub(crate) fn healthy() -> Result<()> {
    in_world(&healthy_zone(), |world| {
        let _kms = world.add_kms_host(host_address(1))?;
        world.expect_healthy(DISCOVER)?;
        world.expect_healthy(&["--host", "10.77.0.11"])?;
        world.expect_healthy(&["--host", "kms1.contoso.example:1688", "--dns", "10.77.0.1:53"])
    })
}

pub(crate) fn healthy_ipv6_only() -> Result<()> {
    let zone = Zone::new(DOMAIN).host("kms1", host_address_v6(1)).service("kms1", KMS_PORT);
    in_world(&zone, |world| {
        let _kms = world.add_kms_host(host_address_v6(1))?;
        world.expect_healthy(DISCOVER)
    })
}

/// A client that has no IPv4 address; it finds DNS and KMS over IPv6.
pub(crate) fn ipv6_only_segment() -> Result<()> {
    let zone = Zone::new(DOMAIN).host("kms1", host_address_v6(1)).service("kms1", KMS_PORT);
    let resolver = SERVER_V6.to_string();
    let arguments = &["--domain", DOMAIN, "--dns", &resolver];
    in_world(&zone, |world| {
        world.network.add_host(host_address_v6(1))?;
        world.network.client().run("ip", &["-4", "address", "flush", "dev", "eth0"])?;
        world.expect_problem(arguments, "net-port-refused")?;
        let _kms = world.serve(host_address_v6(1), Behaviour::AcknowledgeBind)?;
        world.expect_healthy(arguments)
    })
}

pub(crate) fn japanese_report() -> Result<()> {
    in_world(&Zone::new(DOMAIN), |world| {
        let run = world.run(Product::run, DISCOVER, &["--lang", "ja"])?;
        // Hiragana, katakana or a common ideograph.
        let japanese = |character| matches!(character, '\u{3040}'..='\u{30ff}' | '\u{4e00}'..='\u{9fff}');
        let expected = run.stdout.contains("_vlmcs._tcp") && run.stdout.contains(japanese);
        if run.status != Some(1) || !expected {
            return Err(run.failure("no problem reported in Japanese with the record's name"));
        }
        Ok(())
    })
}
