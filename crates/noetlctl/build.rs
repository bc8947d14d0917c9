//! Hands the target triple, which only build scripts are told, to the program. Reads nothing else: no clock, no git.

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    let triple = std::env::var("TARGET").expect("cargo sets TARGET for build scripts");
    println!("cargo::rustc-env=NOETL_TRIPLE={triple}");
}
