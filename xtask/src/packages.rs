//! Debian packages that the tests need.

use crate::command::{self, program};

/// A Debian package and why it is needed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Package {
    /// Its name.
    pub name: &'static str,
    /// The part that does not run without it.
    pub part: Part,
    /// What it is for.
    pub reason: &'static str,
}

/// A part of the tests that can be left out as a whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// Real networks, broken on purpose.
    Lab,
    /// The build for Windows.
    CrossBuild,
    /// The Windows program under Wine.
    Wine,
    /// The reference in a browser.
    Book,
}

impl Part {
    /// Its name in lists.
    pub fn name(self) -> &'static str {
        match self {
            Self::Lab => "lab",
            Self::CrossBuild => "cross build for Windows",
            Self::Wine => "wine",
            Self::Book => "book",
        }
    }
}

/// Every package, in this one place.
pub const PACKAGES: &[Package] = &[
    Package { name: "bind9", part: Part::Lab, reason: "the lab's name server" },
    Package { name: "bind9-utils", part: Part::Lab, reason: "signs the lab's zones" },
    Package { name: "unbound", part: Part::Lab, reason: "a second resolver, which validates signatures" },
    Package { name: "nginx-light", part: Part::Lab, reason: "a web server on the KMS port" },
    Package { name: "samba", part: Part::Lab, reason: "an RPC endpoint mapper on the KMS port" },
    Package { name: "chrony", part: Part::Lab, reason: "a time server" },
    Package { name: "faketime", part: Part::Lab, reason: "another time for chrony" },
    Package { name: "iproute2", part: Part::Lab, reason: "network namespaces and virtual cables" },
    Package { name: "nftables", part: Part::Lab, reason: "drops and resets on the lab's paths" },
    Package { name: "iputils-ping", part: Part::Lab, reason: "a sign of life beside the product's own" },
    Package { name: "gcc-mingw-w64-x86-64", part: Part::CrossBuild, reason: "links kmsdoctor.exe" },
    Package { name: "wine", part: Part::Wine, reason: "starts kmsdoctor.exe on Linux" },
    Package { name: "chromium", part: Part::Book, reason: "looks at the reference" },
    Package { name: "chromium-driver", part: Part::Book, reason: "drives Chromium" },
    Package { name: "wine64", part: Part::Wine, reason: "64-bit programs under Wine" },
];

/// Whether this machine installs software as Debian does.
pub fn is_debian() -> bool {
    command::answer(&mut program("dpkg-query", ["--version"])).is_some()
}

/// The packages that are not installed.
pub fn missing() -> Vec<Package> {
    PACKAGES.iter().copied().filter(|package| !is_installed(package.name)).collect()
}

/// Whether a package is installed.
pub fn is_installed(name: &str) -> bool {
    let mut query = program("dpkg-query", ["--show", "--showformat=${db:Status-Status}", name]);
    command::answer(&mut query).is_some_and(|status| status == "installed")
}

/// Whether packages may be installed: as root, with apt.
pub fn may_install() -> bool {
    is_root() && command::answer(&mut program("apt-get", ["--version"])).is_some()
}

/// Whether this user is root.
pub fn is_root() -> bool {
    command::answer(&mut program("id", ["-u"])).is_some_and(|id| id.trim() == "0")
}

/// Installs packages, and says whether that worked.
pub fn install(packages: &[Package]) -> anyhow::Result<bool> {
    install_by_name(&packages.iter().map(|package| package.name).collect::<Vec<_>>())
}

/// The same by their names.
pub fn install_by_name(names: &[&str]) -> anyhow::Result<bool> {
    let quiet = ["--quiet=2", "--yes", "-o=Dpkg::Use-Pty=0"];
    let mut update = program("apt-get", quiet);
    update.arg("update");
    let mut install = program("apt-get", quiet);
    install.args(["--no-install-recommends", "install"]).args(names);
    for step in [&mut update, &mut install] {
        println!("    {}", command::line(step));
        if !command::succeeds(step.env("DEBIAN_FRONTEND", "noninteractive"))? {
            return Ok(false);
        }
    }
    Ok(true)
}

/// What is missing, part by part, as lines for people.
pub fn explain(missing: &[Package]) -> Vec<String> {
    let mut lines = Vec::new();
    for part in [Part::Lab, Part::CrossBuild, Part::Wine, Part::Book] {
        let lacking: Vec<String> = missing
            .iter()
            .filter(|package| package.part == part)
            .map(|package| format!("{} ({})", package.name, package.reason))
            .collect();
        if !lacking.is_empty() {
            lines.push(format!("{}: missing Debian packages: {}", part.name(), lacking.join(", ")));
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_missing_is_told_part_by_part() {
        let missing: Vec<Package> = PACKAGES
            .iter()
            .copied()
            .filter(|package| package.name.starts_with("wine") || package.name == "bind9")
            .collect();
        assert_eq!(
            explain(&missing),
            [
                "lab: missing Debian packages: bind9 (the lab's name server)",
                "wine: missing Debian packages: wine (starts kmsdoctor.exe on Linux), wine64 (64-bit programs under Wine)"
            ]
        );
        assert!(explain(&[]).is_empty());
    }

    #[test]
    fn packages_stand_once() {
        for (index, package) in PACKAGES.iter().enumerate() {
            assert!(PACKAGES[..index].iter().all(|other| other.name != package.name), "{} stands twice", package.name);
        }
    }
}
