//! What the gate needs of the Rust toolchain.

use crate::command::{self, cargo, program};

/// The Windows target that the product is built for from the first day.
pub const WINDOWS_TARGET: &str = "x86_64-pc-windows-gnu";
/// The linker that this target uses.
pub const WINDOWS_LINKER: &str = "x86_64-w64-mingw32-gcc";

/// What the toolchain can do, after what is missing was added where that is possible.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each tool is there or not, independently of the others")]
pub struct Toolchain {
    /// `cargo fmt` is there.
    pub has_format: bool,
    /// `cargo clippy` is there.
    pub has_lints: bool,
    /// The standard library for Windows is there.
    pub has_windows_target: bool,
    /// The linker for Windows is there.
    pub has_windows_linker: bool,
    /// `cargo nextest` is there.
    pub has_nextest: bool,
}

/// Looks at the toolchain and adds through rustup what is missing.
pub fn ensure() -> anyhow::Result<Toolchain> {
    let has_subcommand = |name: &str| command::answer(&mut cargo([name, "--version"])).is_some();
    let has_rustup = command::answer(&mut program("rustup", ["--version"])).is_some();
    let has = |is_there: &dyn Fn() -> bool, add: [&str; 3]| -> anyhow::Result<bool> {
        if !is_there() && has_rustup {
            let mut rustup = program("rustup", add);
            println!("    {}", command::line(&rustup));
            command::succeeds(&mut rustup)?;
        }
        Ok(is_there())
    };
    Ok(Toolchain {
        has_format: has(&|| has_subcommand("fmt"), ["component", "add", "rustfmt"])?,
        has_lints: has(&|| has_subcommand("clippy"), ["component", "add", "clippy"])?,
        has_windows_target: has(&has_windows_target, ["target", "add", WINDOWS_TARGET])?,
        has_windows_linker: has_windows_linker(),
        has_nextest: has_subcommand("nextest"),
    })
}

/// Whether the standard library for Windows is installed: its folder is there.
pub fn has_windows_target() -> bool {
    let folder = command::answer(&mut program("rustc", ["--print", "target-libdir", "--target", WINDOWS_TARGET]));
    folder.is_some_and(|folder| std::path::Path::new(folder.trim()).is_dir())
}

/// Whether the linker for Windows is installed.
pub fn has_windows_linker() -> bool {
    command::answer(&mut program(WINDOWS_LINKER, ["--version"])).is_some()
}
