package xbuild

import (
	"path/filepath"
	"slices"
	"strings"
)

// buildCmd is the one cargo invocation for all triples of a toolchain. It is a
// pure function of its arguments: what would run can be shown and tested.
func buildCmd(b RustBuild, tc Toolchain, m metadata, config cargoConfig) Cmd {
	triples := tc.triples
	flagEnv, flagArgs := rustflags(b.Getenv, config, triples, remapFlags(b, tc, m), func(t string) []string { return b.ownFlags(tc, t) })

	c := Cmd{Name: tc.rustc.cargo, Dir: b.Dir, Env: toolEnv(b, tc), Stderr: b.Log}
	verb := "build"
	if tc.zig != nil {
		c.Name, verb = tc.zig.zigbuild, "zigbuild"
	}
	if tc.cross != nil {
		c.Name = tc.cross.path
	}
	c.Args = []string{verb, "--locked", "--message-format=json-render-diagnostics"}
	if b.Profile == "release" {
		c.Args = append(c.Args, "--release")
	} else {
		c.Args = append(c.Args, "--profile", b.Profile)
	}
	for _, bin := range b.Bins {
		c.Args = append(c.Args, "--bin", bin)
	}
	if len(b.Bins) == 0 {
		c.Args = append(c.Args, "--bins")
	}
	c.Args = append(c.Args, featureArgs(b)...)
	if tc.Name == "build-std" {
		// panic_abort too, or a profile with panic = "abort" does not link.
		c.Args = append(c.Args, "-Zbuild-std=std,panic_abort")
		c.Args = append(c.Args, tc.std.args()...)
		c.Env = append(c.Env, "RUSTC_BOOTSTRAP=1")
	}
	c.Args = append(c.Args, flagArgs...)
	for _, t := range triples {
		if tc.linkers[t].kind == "zig" && strings.Contains(t, "-linux-gnu") {
			t += "." + b.Glibc // cargo-zigbuild's way to pin it
		}
		c.Args = append(c.Args, "--target", t)
	}
	c.Env = slices.Concat(c.Env, flagEnv, linkEnv(b, tc, config, triples))
	return c
}

// remapFlags are rustc's flags that take this machine's folders out of programs.
func remapFlags(b RustBuild, tc Toolchain, m metadata) []string {
	var out []string
	for _, r := range remaps(m, tc.rustc, cargoHome(b.Getenv)) {
		out = append(out, "--remap-path-prefix="+r)
	}
	if tc.std != nil {
		out = append(out, "--remap-path-prefix="+tc.std.folder+"=/registry")
	}
	return out
}

// ownFlags are rustc's flags for one triple alone.
func (b RustBuild) ownFlags(tc Toolchain, triple string) []string {
	return slices.Concat(tc.linkFlags(triple), b.runtimeFlags(tc, triple), tc.stdFlags(triple))
}

func featureArgs(b RustBuild) []string {
	var args []string
	if b.NoDefaultFeatures {
		args = append(args, "--no-default-features")
	}
	if len(b.Features) > 0 {
		args = append(args, "--features", strings.Join(b.Features, ","))
	}
	return args
}

// toolEnv makes cargo, and cargo-zigbuild, use the chosen compiler.
func toolEnv(b RustBuild, tc Toolchain) []string {
	env := []string{"CARGO=" + tc.rustc.cargo}
	if filepath.IsAbs(tc.rustc.rustc) {
		env = append(env, "RUSTC="+tc.rustc.rustc)
	}
	return env
}

// loaderPath is LD_LIBRARY_PATH with the libraries of the toolchain, if rustc needs it: programs for macOS are stripped by the
// rust-objcopy beside it, which does not find its own LLVM unless rustup has started it. rustc then only warns, and the program
// keeps its symbols. "" if there is nothing to set.
func loaderPath(b RustBuild, tc Toolchain, triples []string) string {
	mac := slices.ContainsFunc(triples, func(t string) bool { return strings.HasSuffix(t, "-apple-darwin") })
	if !mac || !strings.Contains(tc.rustc.host, "-linux-") || tc.rustc.sysroot == "" {
		return ""
	}
	lib := filepath.Join(tc.rustc.sysroot, "lib")
	own, _ := filepath.Glob(filepath.Join(globEscape(lib), "libLLVM*.so*"))
	before := filepath.SplitList(b.Getenv("LD_LIBRARY_PATH"))
	if own == nil || slices.Contains(before, lib) {
		return ""
	}
	return strings.Join(append([]string{lib}, before...), string(filepath.ListSeparator))
}

// macOSFloor is read by rustc, by the cc crate and by zig.
const macOSFloor = "MACOSX_DEPLOYMENT_TARGET"

// linkEnv tells cargo, and the cc crate in build scripts, which linker and C
// compiler to use. What the caller has set stays, in the environment or in a
// configuration file, which a variable would hide.
func linkEnv(b RustBuild, tc Toolchain, config cargoConfig, triples []string) []string {
	var env []string
	if path := loaderPath(b, tc, triples); path != "" {
		env = append(env, "LD_LIBRARY_PATH="+path)
	}
	set := func(key, value string) {
		if value != "" && b.Getenv(key) == "" {
			env = append(env, key+"="+value)
		}
	}
	if tc.zig != nil {
		set("CARGO_ZIGBUILD_ZIG_PATH", tc.zig.zig)
		// cargo-zigbuild asks `python3 -m ziglang` first, whichever python3 that
		// is. This makes it fail there and take the zig we chose.
		set("CARGO_ZIGBUILD_PYTHON_PATH", tc.zig.zig)
		// cargo-zigbuild sets these if the host's triple is one of those asked for,
		// lest zig link what runs here. They are part of what cargo names build
		// scripts and proc-macros by, which reaches the programs: so always, and
		// a program has the same bytes whichever others are built with it.
		set("__CARGO_TEST_CHANNEL_OVERRIDE_DO_NOT_USE_THIS", "nightly")
		set("CARGO_UNSTABLE_TARGET_APPLIES_TO_HOST", "true")
		set("CARGO_TARGET_APPLIES_TO_HOST", "false")
		if b.CacheDir != "" {
			set("ZIG_GLOBAL_CACHE_DIR", filepath.Join(b.CacheDir, "zig"))
			set("ZIG_LOCAL_CACHE_DIR", filepath.Join(b.CacheDir, "zig"))
			set("CARGO_ZIGBUILD_CACHE_DIR", b.CacheDir)
		}
	}
	for _, t := range triples {
		if strings.HasSuffix(t, "-apple-darwin") && !slices.ContainsFunc(env, func(e string) bool { return strings.HasPrefix(e, macOSFloor) }) {
			set(macOSFloor, b.MacOS)
		}
		l := tc.linkers[t]
		if l.kind != "gcc" {
			continue
		}
		if config.Target[t].Linker == nil {
			set("CARGO_TARGET_"+envTriple(t)+"_LINKER", l.cc)
		}
		lower := strings.ToLower(envTriple(t))
		set("CC_"+lower, l.cc)
		set("AR_"+lower, l.ar)
	}
	return env
}
