//! Measures one part, `kmsdoctor-bench PART PRODUCT`, and prints its figures as Markdown. `cargo xtask bench` builds and runs it.
//!
//! Everything happens on the loopback device of a network namespace of its own: nothing leaves the machine, and what is
//! dropped on purpose is dropped there.

#[cfg(target_os = "linux")]
mod blackbox;
#[cfg(target_os = "linux")]
mod cloud;
#[cfg(target_os = "linux")]
mod names;
#[cfg(target_os = "linux")]
mod process;
#[cfg(target_os = "linux")]
mod responder;
#[cfg(target_os = "linux")]
mod silence;
#[cfg(target_os = "linux")]
mod sweep;

#[cfg(not(target_os = "linux"))]
fn main() {
    eprintln!("measurements need Linux");
    std::process::exit(2);
}

#[cfg(target_os = "linux")]
fn main() -> anyhow::Result<()> {
    use anyhow::{Context, bail, ensure};
    use std::path::Path;
    use std::process::Command;

    /// Set in the process that runs inside of the namespace.
    const INSIDE: &str = "KMSDOCTOR_BENCH_INSIDE";

    let arguments: Vec<String> = std::env::args().collect();
    let [program, part, product] = arguments.as_slice() else { bail!("usage: kmsdoctor-bench PART PRODUCT") };
    if std::env::var_os(INSIDE).is_none() {
        let mut inside = Command::new("unshare");
        inside.args(["--net", "--", program, part, product]).env(INSIDE, "1");
        let status = inside.status().context("`unshare` of util-linux cannot be started")?;
        ensure!(status.success(), "the measurement failed: {status}");
        return Ok(());
    }
    process::run("ip", &["link", "set", "lo", "up"])?;
    rlimit::increase_nofile_limit(u64::MAX).context("the limit of open files cannot be raised")?;
    let product = Path::new(product);
    let figures = match part.as_str() {
        "cloud" => cloud::measure(product)?,
        "probe" => sweep::measure(product)?,
        "silence" => silence::measure(product)?,
        "srv" => names::measure(product)?,
        _ => bail!("the parts are cloud, probe, silence and srv"),
    };
    println!("{figures}");
    Ok(())
}
