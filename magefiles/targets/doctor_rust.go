package targets

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/noetl/noetl/magefiles/xbuild"
)

// checkRust asks the Rust toolchains, in the crate's own folder, which of the
// CLI's platforms they can build for. Who asks for no target in particular has
// to be able to build for the image and for this host; the rest is a warning.
func (j *job) checkRust(ctx context.Context, target string, asked []string) []check {
	platforms, err := xbuild.ParsePlatforms(strings.Join(j.CLI.Platforms, ","))
	required := j.requiredPlatforms(target)
	if err != nil {
		return []check{{ID: "rust", Section: sectionRust, Title: "Rust", State: stateMissing, Problem: err.Error()}}
	}
	if target != "" && target != "crossRust" { // then the others do not matter
		platforms = required
	}
	for _, p := range required {
		if !slices.Contains(platforms, p) {
			platforms = append(platforms, p)
		}
	}
	build := j.rust(platforms, "")
	found, err := build.Survey(ctx, j.run)
	if err != nil {
		return []check{j.silentRust(ctx, err, asked)}
	}
	out := j.checkToolchains(found, len(platforms))
	zig := j.checkZig(ctx, build.ToolDirs)
	out = append(out, zig, j.checkCompiler(ctx))
	_, err = j.tool("cargo-zigbuild")
	r := rustAnswers{found: found, zig: zig.State == stateOK && err == nil, atLeast: j.rustVersion()}
	var bad []xbuild.Platform
	for _, p := range platforms {
		c := j.checkPlatform(r, p)
		if c.Problem != "" && slices.Contains(required, p) {
			bad = append(bad, p)
		}
		out = append(out, c)
	}
	if len(bad) == 0 {
		return out
	}
	// What is simple will not do: then the build itself has to say.
	build = j.rust(required, "")
	build.NoInstall = true
	if _, err = build.Choose(ctx, j.run); err == nil {
		return out
	}
	for i, c := range out {
		for _, p := range bad {
			if c.ID == platformID(p) {
				out[i].State = stateMissing
			}
		}
	}
	return out
}

func platformID(p xbuild.Platform) string { return "rust." + p.Slug() }

func (j *job) silentRust(ctx context.Context, err error, asked []string) check {
	c := check{ID: "rust", Section: sectionRust, Title: "Rust", NeededBy: []string{"crossRust", "images", "setupLocalDev"}, Why: "builds the CLI"}
	return c.lacks(silence(ctx, err), asked)
}

// requiredPlatforms are those whose toolchain must be there for a good verdict.
func (j *job) requiredPlatforms(target string) []xbuild.Platform {
	var list []xbuild.Platform
	var err error
	switch target {
	case "crossRust":
		list, err = j.rustPlatforms("")
	case "setupLocalDev", "test", "lint":
		return j.hostToo()
	case "images":
		list, err = j.platforms("")
	default:
		list, err = j.everyPlatform(j.hostToo())
	}
	if err != nil { // a typing error in the environment, which the target itself refuses
		return j.hostToo()
	}
	return list
}

// rustAnswers is what one platform's check is made of.
type rustAnswers struct {
	found   []xbuild.RustHas
	zig     bool
	atLeast string // of rustc
}

// checkToolchains has a line for each cargo; the first is what a plain cargo
// would be in the crate's folder.
func (j *job) checkToolchains(found []xbuild.RustHas, platforms int) []check {
	var out []check
	for i, h := range found {
		c := check{
			ID: fmt.Sprintf("rust.toolchain.%d", i), Section: sectionRust, Title: "cargo", State: stateInfo,
			Where: h.Cargo, Wanted: ">=" + j.rustVersion(),
			Why: h.Cargo + ": has the standard libraries of all these platforms",
		}
		if len(h.Std) < platforms {
			c.Why = h.Cargo + ": has the standard libraries of " + cmp.Or(strings.Join(names(h.Std), ", "), "none of these platforms")
		}
		if c.Found = h.Version; h.Rustup {
			c.Title = "cargo of rustup"
			c.Why += "; selected in " + j.CLI.Dir
		}
		switch {
		case h.Err != nil:
			c.State, c.Problem = stateWarning, h.Err.Error()
		case xbuild.CompareVersions(h.Version, j.rustVersion()) < 0:
			c.State, c.Problem = stateInfo, "it is "+h.Version+", the crate needs "+j.rustVersion()
		case h.Source:
			c.Why += "; and the source of any other"
		}
		out = append(out, c)
	}
	return out
}

// checkZig looks for the zig that cargo-zigbuild would take.
func (j *job) checkZig(ctx context.Context, dirs []string) check {
	zig := xbuild.Zig(dirs)
	zig.Why = "links for every platform"
	z := check{ID: "rust.zig", Section: sectionRust, Title: "zig", State: stateOK, Why: zig.Why, NeededBy: []string{"crossRust", "images"}}
	f := xbuild.Find(ctx, j.run, zig, j.look())
	if z.Found, z.Where = f.Version, j.short(f.Path); f.Err != nil {
		z.State, z.Found, z.Cure, z.Problem = stateWarning, "", pinnedAdvice, problemOf(ctx, zig, f)
	}
	return z
}

// checkCompiler looks for what links this system's own programs: build scripts
// run here, whatever is built for.
func (j *job) checkCompiler(ctx context.Context) check {
	c := check{ID: "rust.linker", Section: sectionRust, State: stateOK, Why: "links build scripts, which run here", NeededBy: []string{"crossRust", "images", "setupLocalDev", "test"}}
	tool := xbuild.Tool{Name: "cc"}
	var err error
	switch j.host.OS {
	case "darwin":
		c.Title = "macOS SDK"
		c.Where, err = xbuild.AppleSDK(ctx, j.run)
		tool.Install = map[string]string{"brew": "", "": "xcode-select --install"}
	case "windows":
		c.Title = "MSVC build tools"
		c.Where, err = xbuild.MSVC(ctx, j.run, j.env)
		tool.Install = map[string]string{"": `winget install --exact --id Microsoft.VisualStudio.2022.BuildTools --override "--wait --passive --add Microsoft.VisualStudio.Workload.VCTools --includeRecommended"`}
	default:
		c.Title = "cc"
		c.Where, err = j.look()("cc")
		tool.Install = map[string]string{"apt": "gcc libc6-dev", "dnf": "gcc", "apk": "build-base", "brew": "gcc"}
	}
	if c.Found = "yes"; err != nil {
		c.Found, c.State, c.Problem, c.Cure = "", stateWarning, "not found; it "+c.Why, j.cure(tool)
		if !errors.Is(err, xbuild.ErrNoSDK) && j.host.OS != "linux" {
			c.Problem = silence(ctx, err)
		}
	}
	return c
}

// checkPlatform says what would build the CLI for p.
func (j *job) checkPlatform(r rustAnswers, p xbuild.Platform) check {
	c := check{ID: platformID(p), Section: sectionRust, Title: p.String(), State: stateOK, NeededBy: []string{"crossRust"}}
	if slices.Contains(j.Platforms, p.String()) {
		c.NeededBy = append(c.NeededBy, "images")
	}
	if p == j.host {
		c.NeededBy = append(c.NeededBy, "setupLocalDev", "test")
	}
	triple, err := p.Triple()
	if err != nil {
		c.State, c.Problem = stateWarning, err.Error()
		return c
	}
	linker := j.linkerOf(r, p)
	usable := slices.DeleteFunc(slices.Clone(r.found), func(h xbuild.RustHas) bool {
		return h.Err != nil || xbuild.CompareVersions(h.Version, r.atLeast) < 0
	})
	with := slices.IndexFunc(usable, func(h xbuild.RustHas) bool { return h.Has(p) || p == j.host && ownTriple(h.Host, p) })
	source := slices.IndexFunc(usable, func(h xbuild.RustHas) bool { return h.Source })
	switch {
	case linker == "":
		c.State, c.Problem, c.Cure = stateWarning, "no linker for "+triple, pinnedAdvice
	case with >= 0:
		c.Found, c.Where, c.Why = usable[with].Version, usable[with].Cargo, "standard library is there, "+linker
	case source >= 0:
		c.State, c.Found, c.Where, c.Why = stateInfo, "rust-src", usable[source].Cargo, "standard library from its source, "+linker
		c.Cure = rustCure(usable, triple)
	default:
		c.State, c.Problem, c.Cure = stateWarning, "no standard library for "+triple, rustCure(usable, triple)
	}
	return c
}

// ownTriple reports whether a compiler's own triple is one of the platform,
// with whatever libc.
func ownTriple(host string, p xbuild.Platform) bool {
	arch := map[string]string{"amd64": "x86_64-", "arm64": "aarch64-", "arm": "armv7-"}[p.Arch]
	return arch != "" && strings.HasPrefix(host, arch) && strings.Contains(host, map[string]string{"darwin": "apple"}[p.OS]) &&
		(p.OS == "darwin" || strings.Contains(host, p.OS))
}

func rustCure(found []xbuild.RustHas, triple string) string {
	if slices.ContainsFunc(found, func(h xbuild.RustHas) bool { return h.Rustup }) {
		return "rustup target add " + triple
	}
	return "install rustup from https://rustup.rs, then: rustup target add " + triple
}

// linkerOf is what would link for p, in words; "" if nothing would.
func (j *job) linkerOf(r rustAnswers, p xbuild.Platform) string {
	if r.zig {
		return "linked by zig"
	}
	if p == j.host {
		if path, err := j.look()("cc"); err == nil {
			return "linked by " + filepath.Base(path)
		}
		if p.OS == "windows" {
			return "linked by MSVC"
		}
	}
	prefix, err := p.Multiarch()
	if err != nil {
		return ""
	}
	if _, err := j.look()(prefix + "-gcc"); err != nil {
		return ""
	}
	return "linked by " + prefix + "-gcc"
}
