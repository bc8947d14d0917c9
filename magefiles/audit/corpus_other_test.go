package audit

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// Libraries of Rust and Zig, where these are: E2E=1 asks for it, and ZIG names
// the latter if it is not on PATH.
func TestCorpusOther(t *testing.T) {
	t.Parallel()
	if os.Getenv("E2E") == "" {
		t.Skip("builds with whatever compilers are there: set E2E=1")
	}
	folder, all := t.TempDir(), score{}
	write := func(name, text string) {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	write("x.c", cLibrary)
	write("x.rs", "#![no_std]\n#[panic_handler]\nfn stop(_: &core::panic::PanicInfo) -> ! { loop {} }\n#[no_mangle]\npub extern \"C\" fn other() -> i32 { 1 }\n")
	build := func(tool, out string, args ...string) []byte {
		cmd := exec.CommandContext(t.Context(), tool, append(args, "-o", out)...)
		cmd.Dir, cmd.Env = folder, append(os.Environ(), "ZIG_GLOBAL_CACHE_DIR="+filepath.Join(folder, "cache"), "ZIG_LOCAL_CACHE_DIR="+filepath.Join(folder, "cache"))
		if msg, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("%s %q: %v\n%s", tool, args, err, msg)
		}
		return slurp(t, filepath.Join(folder, out))
	}
	here, okHere := newCBuilt(t, "amd64")
	there, okThere := newCBuilt(t, "arm64")
	if rust, err := exec.LookPath("rustc"); err == nil && okHere && okThere {
		library := func(target, linker string) []byte {
			return build(rust, target+".so", "--crate-type=cdylib", "-Cpanic=abort", "-Clinker="+linker, "--target="+target, "x.rs")
		}
		amd64, arm64 := library("x86_64-unknown-linux-gnu", here.tool), library("aarch64-unknown-linux-gnu", there.tool)
		all.sow(t, "linux/amd64", cleanBase("linux/amd64"), []plant{{"Rust's for arm64", arm64, amd64, IDArch, Error, Error}})
		all.sow(t, "linux/arm64", cleanBase("linux/arm64"), []plant{{"Rust's for amd64", amd64, arm64, IDArch, Error, Error}})
	}
	zig := os.Getenv("ZIG")
	if zig == "" {
		zig, _ = exec.LookPath("zig")
	}
	if zig != "" {
		library := func(target string) []byte {
			return build(zig, target+".so", "cc", "-shared", "-fPIC", "-nostdlib", "-target", target, "x.c")
		}
		hard, soft := library("arm-linux-gnueabihf"), library("arm-linux-gnueabi")
		all.sow(t, "linux/arm/v7", cleanBase("linux/arm/v7"), []plant{
			{"Zig's for soft floats", soft, hard, IDFloatABI, Error, Error},
			{"Zig's for big-endian arm", library("armeb-linux-gnueabihf"), hard, IDArch, Error, Error},
		})
		all.sow(t, "linux/arm64", cleanBase("linux/arm64"), []plant{{"Zig's for riscv64", library("riscv64-linux-gnu"), library("aarch64-linux-gnu"), IDArch, Error, Error}})
	}
	t.Log(all)
}
