//! What this program was built for, in the words of OCI (`linux/arm64`) and of Rust (`aarch64-unknown-linux-gnu`).

use std::env::consts::{ARCH, OS};
use std::sync::OnceLock;

/// The target triple this program was built for.
pub const TRIPLE: &str = env!("NOETL_TRIPLE");

/// The platform this program was built for, as OCI and Go write it: `os/arch[/variant]`.
pub fn oci() -> &'static str {
    static OCI: OnceLock<String> = OnceLock::new();
    OCI.get_or_init(|| spell(OS, ARCH, TRIPLE, cfg!(target_endian = "little")))
}

/// Spells Rust's names for a platform as OCI does. A name we do not know stays as it is.
fn spell(os: &str, arch: &str, triple: &str, little: bool) -> String {
    let os = if os == "macos" { "darwin" } else { os };
    let arch = match arch {
        "x86_64" => "amd64",
        "x86" => "386",
        "aarch64" => "arm64",
        // arm64 is v8 without saying so; 32-bit Arm is the one place where the variant is part of the name.
        "arm" if triple.starts_with("armv7") || triple.starts_with("thumbv7") => "arm/v7",
        "arm" if triple.starts_with("armv5") => "arm/v5",
        "arm" => "arm/v6",
        "powerpc64" if little => "ppc64le",
        "powerpc64" => "ppc64",
        "loongarch64" => "loong64",
        other => other,
    };
    format!("{os}/{arch}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spells_platforms_as_oci_does() {
        for (os, arch, triple, want) in [
            ("linux", "x86_64", "x86_64-unknown-linux-gnu", "linux/amd64"),
            ("linux", "aarch64", "aarch64-unknown-linux-gnu", "linux/arm64"),
            ("linux", "arm", "armv7-unknown-linux-gnueabihf", "linux/arm/v7"),
            ("linux", "arm", "arm-unknown-linux-gnueabihf", "linux/arm/v6"),
            ("linux", "powerpc64", "powerpc64le-unknown-linux-gnu", "linux/ppc64le"),
            ("linux", "riscv64", "riscv64gc-unknown-linux-gnu", "linux/riscv64"),
            ("macos", "aarch64", "aarch64-apple-darwin", "darwin/arm64"),
            ("windows", "x86_64", "x86_64-pc-windows-gnu", "windows/amd64"),
            ("windows", "aarch64", "aarch64-pc-windows-gnullvm", "windows/arm64"),
        ] {
            assert_eq!(spell(os, arch, triple, true), want, "{triple}");
        }
    }

    #[test]
    fn the_triple_is_that_of_this_program() {
        assert!(TRIPLE.starts_with(ARCH) || ARCH == "arm" || ARCH == "x86", "{TRIPLE} is not for {ARCH}");
    }
}
