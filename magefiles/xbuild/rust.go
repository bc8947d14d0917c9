package xbuild

import (
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// DefaultGlibc is the oldest glibc that Linux binaries are linked for when
// nothing else is said: that of Debian 10, RHEL 8 and manylinux_2_28.
const DefaultGlibc = "2.28"

// RustBuild says which Rust binaries are wanted. It is data: nothing happens
// before Choose or Build.
type RustBuild struct {
	Dir               string     // the crate's folder; its rust-toolchain.toml and .cargo/config.toml count
	Bins              []string   // names of binaries; none means all of the package
	Platforms         []Platform // those that share a toolchain are built by one cargo invocation
	Stable            []Platform // their toolchains are chosen first and as one set, asked for or not: what they are built with does not depend on Platforms
	Native            bool       // this host's own platform may be built for rustc's own triple (MSVC, musl) if there is no standard library for ours
	Out               string     // binaries land in Out/OS-ARCH/NAME
	Profile           string     // cargo's --profile; "" is release
	Features          []string
	NoDefaultFeatures bool
	With              string              // "" or "auto", "cargo", "zigbuild", "cross", "build-std"
	Glibc             string              // oldest glibc for Linux; "" is DefaultGlibc. Only zigbuild can keep it
	RustRuntime       bool                // for Linux, zig adds no compiler runtime to Rust's own; C code of crates that needs more of one does not link
	MacOS             string              // oldest macOS, as 11.0; "" is the linker's default, for zig a new one
	NoInstall         bool                // only look at what is there: rustup is not asked to download, for a doctor and a dry run
	CacheDir          string              // for zig's caches; absolute
	ToolDirs          []string            // looked in before PATH: the pinned tools
	Getenv            func(string) string // PATH, CARGO, RUSTC, RUSTFLAGS, …
	Log               io.Writer           // cargo's messages; nil discards
	// Check may refuse a program that was built: it is then not put into Out,
	// nor is any other. path is where cargo left it.
	Check func(p Platform, path string) error
	// Chosen hears of the toolchains before anything compiles; it may be nil.
	Chosen func(Toolchains)
	Ledger Ledger // of earlier builds

	began time.Time // set by check
}

// Withs are the values that RustBuild.With may have.
func Withs() []string { return []string{"auto", "cargo", "zigbuild", "cross", "build-std"} }

// Binary is one program that was built.
type Binary struct {
	Platform  Platform
	Name      string // without .exe
	Path      string
	Size      int64  // bytes
	Toolchain string // short words for a table: "cargo 1.95.0 + zig"

	sum string // what was put there
}

// check refuses what cannot work before anything runs, and fills in defaults.
func (b RustBuild) check() (RustBuild, error) {
	if b.began.IsZero() {
		b.began = time.Now()
	}
	if b.Profile == "" {
		b.Profile = "release"
	}
	if b.Glibc == "" {
		b.Glibc = DefaultGlibc
	}
	if b.With == "" {
		b.With = "auto"
	}
	if b.Getenv == nil {
		b.Getenv = func(string) string { return "" }
	}
	if !slices.Contains(Withs(), b.With) {
		return b, fmt.Errorf("choosing a Rust toolchain %q: unknown; possible: %s", b.With, strings.Join(Withs(), ", "))
	}
	if len(b.Platforms) == 0 {
		return b, fmt.Errorf("building crate %q: no platform given; possible: %s", b.Dir, Join(Platforms()))
	}
	dir, err := filepath.Abs(b.Dir)
	if err != nil {
		return b, fmt.Errorf("building crate %q: %w", b.Dir, err)
	}
	b.Dir = dir
	if b.CacheDir != "" && !filepath.IsAbs(b.CacheDir) {
		return b, fmt.Errorf("building crate %q: the cache folder %q must be an absolute path", b.Dir, b.CacheDir)
	}
	for _, p := range slices.Concat(b.Platforms, b.Stable) {
		if _, err := p.Triple(); err != nil {
			return b, err
		}
	}
	return b, nil
}

// platformOf is the inverse of Platform.Triple.
func platformOf(triple string) (Platform, bool) {
	for _, row := range table() {
		if row.triple == triple {
			return row.platform, true
		}
	}
	return Platform{}, false
}

// envTriple is how cargo spells a triple in CARGO_TARGET_…_LINKER; lower case
// it is how the cc crate spells it in CC_….
func envTriple(triple string) string {
	return strings.ToUpper(strings.ReplaceAll(triple, "-", "_"))
}
