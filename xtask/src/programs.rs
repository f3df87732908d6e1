//! The programs under test: the product for this machine and for Windows.

use std::path::PathBuf;

use anyhow::{Context, ensure};

use crate::command::{self, cargo};
use crate::toolchain::WINDOWS_TARGET;

/// Names the product for this machine; without it, tests build it first, because an old one proves nothing.
pub const PRODUCT_VARIABLE: &str = "KMSDOCTOR_BIN";
/// Names the product for Windows, in the same way.
pub const EXE_VARIABLE: &str = "KMSDOCTOR_EXE";

/// Where debug builds lie.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Programs {
    /// Cargo's target directory.
    pub target_directory: PathBuf,
    /// The product for this machine.
    pub product: PathBuf,
    /// The product for Windows.
    pub exe: PathBuf,
}

impl Programs {
    /// Asks cargo for its target directory.
    pub fn locate() -> anyhow::Result<Self> {
        let metadata = command::output(&mut cargo(["metadata", "--format-version=1", "--no-deps"]))?;
        let metadata: serde_json::Value =
            serde_json::from_slice(&metadata.stdout).context("`cargo metadata` printed no JSON")?;
        let target = metadata["target_directory"].as_str().context("`cargo metadata` names no target directory")?;
        let target_directory = PathBuf::from(target);
        Ok(Self {
            product: target_directory.join("debug").join(format!("kmsdoctor{}", std::env::consts::EXE_SUFFIX)),
            exe: target_directory.join(WINDOWS_TARGET).join("debug/kmsdoctor.exe"),
            target_directory,
        })
    }

    /// The product for this machine, built if [`PRODUCT_VARIABLE`] does not name it.
    pub fn product() -> anyhow::Result<PathBuf> {
        named_or_built(PRODUCT_VARIABLE, &["build", "--quiet", "--package", "kmsdoctor"], |programs| programs.product)
    }

    /// The product for Windows, built if [`EXE_VARIABLE`] does not name it.
    pub fn exe() -> anyhow::Result<PathBuf> {
        let build = ["build", "--quiet", "--package", "kmsdoctor", "--target", WINDOWS_TARGET];
        named_or_built(EXE_VARIABLE, &build, |programs| programs.exe)
    }
}

fn named_or_built(variable: &str, build: &[&str], path: fn(Programs) -> PathBuf) -> anyhow::Result<PathBuf> {
    if let Some(path) = std::env::var_os(variable) {
        return Ok(path.into());
    }
    let mut build = cargo(build);
    let output = command::output(&mut build)?;
    let errors = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "`{}` failed:\n{errors}", command::line(&build));
    Programs::locate().map(path)
}
