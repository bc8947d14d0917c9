package xbuild

import (
	"crypto/sha256"
	"encoding/hex"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// rustVersion changes with how this package builds Rust.
const rustVersion = 1

// inputs are all that programs depend on, as far as that is known without running anything.
func (b RustBuild) inputs(f rustFacts) (Inputs, error) {
	in := b.flags()
	trees := map[string][]string{f.Workspace: {".git"}}
	if rel, err := filepath.Rel(f.Workspace, f.Target); err == nil && filepath.IsLocal(rel) {
		trees[f.Workspace] = []string{".git", "/" + filepath.ToSlash(rel)}
	}
	for _, dir := range f.Folders {
		trees[dir] = []string{".git", "/target"}
	}
	for _, file := range append(b.configs(), f.Files...) {
		if info, err := os.Stat(file); err == nil && info.IsDir() { // a build script may depend on a whole folder
			trees[file] = []string{".git"}
			continue
		}
		in = append(in, b.Ledger.files(FileInput, []string{file})...)
	}
	for dir, exclude := range trees {
		files, err := b.Ledger.tree(FileInput, dir, exclude...)
		if err != nil {
			return nil, err
		}
		in = append(in, files...)
	}
	for _, dir := range f.Sysroots {
		in.tool("standard libraries in "+dir, libraries(dir), "")
	}
	in = append(in, b.programs(f)...)
	read := readByRust(f.Variables)
	return append(in, variables(b.Ledger.Environ, read)...).unique(), nil
}

// flags are the parameters.
func (b RustBuild) flags() (in Inputs) {
	in.flag("build", rustVersion)
	in.flag("platforms", Join(b.Platforms))
	in.flag("with", b.With)
	in.flag("glibc", b.Glibc)
	in.flag("macOS", b.MacOS)
	in.flag("rustRuntime", b.RustRuntime)
	in.flag("profile", b.Profile)
	in.flag("bins", strings.Join(b.Bins, ","))
	in.flag("features", strings.Join(b.Features, ","))
	in.flag("noDefaultFeatures", b.NoDefaultFeatures)
	in.flag("stable", Join(b.Stable))
	in.flag("native", b.Native)
	in.flag("cache", b.CacheDir)
	in.flag("crate", b.Dir)
	in.flag("out", b.Out)
	return in
}

// configs are the files that cargo and rustup look for in the crate's folder and all above, and in their own; and the manifests
// above, one of which may make another workspace. Most are not there.
func (b RustBuild) configs() []string {
	var out []string
	for dir := b.Dir; ; dir = filepath.Dir(dir) {
		for _, name := range []string{".cargo/config", ".cargo/config.toml", "rust-toolchain", "rust-toolchain.toml", "Cargo.toml", "Cross.toml"} {
			out = append(out, cleanJoin(dir, name))
		}
		if dir == filepath.Dir(dir) {
			break
		}
	}
	if home := cargoHome(b.Getenv); home != "" {
		out = append(out, filepath.Join(home, "config"), filepath.Join(home, "config.toml"))
	}
	return append(out, rustupFiles(b.Getenv)...)
}

// rustupFiles say which toolchain rustup's stand-ins run.
func rustupFiles(getenv func(string) string) []string {
	dir := getenv("RUSTUP_HOME")
	for _, key := range []string{"HOME", "USERPROFILE"} {
		if home := getenv(key); dir == "" && home != "" {
			dir = filepath.Join(home, ".rustup")
		}
	}
	if dir == "" {
		return nil
	}
	return []string{filepath.Join(dir, "settings.toml")}
}

// programs are those that were run last time, and those that would be looked for: a better one may have come.
func (b RustBuild) programs(f rustFacts) (in Inputs) {
	look := Look(b.Getenv("PATH"), b.ToolDirs...)
	names := []string{
		"cargo", "rustc", "rustup", "cargo-zigbuild", "zig", "cross", "cc", "gcc", "clang", "ld", "ld.lld", "ar", "c++", "g++", "cmake", "make", "ninja", "pkg-config", "perl", "python3",
		"nasm", "go", "docker", "podman",
	}
	for _, p := range slices.Concat(b.Platforms, b.Stable) {
		if triple, err := p.Triple(); err == nil {
			gnu := strings.Replace(strings.Replace(triple, "-unknown-", "-", 1), "-pc-windows-gnullvm", "-w64-mingw32", 1)
			names = append(names, gnu+"-gcc", gnu+"-ar", gnu+"-ld")
		}
	}
	for _, name := range names {
		if path, err := look(name); err == nil {
			in.tool(name, identity(path), "")
		}
	}
	for _, path := range slices.Concat(f.Programs, b.cargos(look, filepath.Glob), zigCandidates(b.ToolDirs, filepath.Glob)) {
		if filepath.IsAbs(path) { // names were looked up above
			in.tool(b.Ledger.name(path), identity(path), "")
		}
	}
	for _, kv := range b.Ledger.Environ { // RUSTC_WRAPPER=sccache, CC=…
		name, value, _ := strings.Cut(kv, "=")
		if path, err := look(value); err == nil && value != "" && readByRust(nil)(name) {
			in.tool(name+" "+value, identity(path), "")
		}
	}
	self, err := b.Ledger.Files.Program() // the library that says how all this is run
	if err != nil {
		self = unreadable()
	}
	in.tool("the build library", self, "")
	return in
}

// readByRust tells which variables count: those that cargo, rustc, cargo-zigbuild, zig, the C compilers and the usual build
// scripts read, and those that the last build named. One too many costs a second, one too few a wrong program.
func readByRust(named []string) func(string) bool {
	prefixes := []string{
		"RUST", "CARGO", "CC_", "CXX", "AR_", "LD_", "NM_", "RANLIB", "STRIP", "OBJCOPY", "CFLAGS", "CPPFLAGS", "LDFLAGS", "PKG_CONFIG", "SDKROOT",
		"MACOSX_", "ZIG", "TARGET_", "HOST_", "BINDGEN", "LIBCLANG", "CLANG", "LLVM", "CMAKE", "OPENSSL", "AWS_LC", "RING_", "C_INCLUDE", "CPLUS_", "LIBRARY_PATH",
		"DYLD_", "CROSS", "SCCACHE", "CCACHE", "GCC_", "COMPILER_PATH", "__CARGO", "VC", "VS", "WINDOWSSDK", "UCRT", "CRATE_CC", "BUILD_STD",
	}
	exact := []string{
		"CC", "AR", "LD", "NM", "TARGET", "HOST", "CPATH", "INCLUDE", "LIB", "LIBPATH", "PATH", "HOME", "USERPROFILE", "SOURCE_DATE_EPOCH", "MAKEFLAGS", "PROFILE",
		"DOCS_RS",
	}
	return func(name string) bool {
		if strings.HasPrefix(name, "CARGO_TERM_") {
			return false
		}
		upper := strings.ToUpper(name)
		return slices.Contains(named, name) || slices.Contains(exact, upper) || strings.HasSuffix(upper, "FLAGS") ||
			slices.ContainsFunc(prefixes, func(p string) bool { return strings.HasPrefix(upper, p) })
	}
}

// unique drops inputs that were found in two ways.
func (in Inputs) unique() Inputs {
	sorted := in.sorted()
	return slices.CompactFunc(sorted, func(a, b Input) bool { return a == b })
}

// stampName names the stamp of a build: one for each set of platforms, so that they do not overwrite one another's.
func (b RustBuild) stampName() string {
	sum := sha256.Sum256([]byte(Join(b.Platforms) + "\n" + b.Profile + "\n" + b.With))
	name := "cli." + hex.EncodeToString(sum[:4])
	if b.Native {
		name += ".native"
	}
	return name
}
