package targets

import (
	"bytes"
	"context"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/noetl/noetl/magefiles/audit"
	"github.com/noetl/noetl/magefiles/oci"
	"github.com/noetl/noetl/magefiles/report"
	"github.com/noetl/noetl/magefiles/xbuild"
)

// makeUI builds the UI into the Python package.
func (j *job) makeUI(ctx context.Context, s *report.Step) error {
	_, err := j.builtUI(ctx, s)
	return err
}

// builtUI is makeUI, and what it did.
func (j *job) builtUI(ctx context.Context, s *report.Step) (xbuild.UIResult, error) {
	npm, err := j.tool("npm")
	if err != nil {
		return xbuild.UIResult{}, err
	}
	node, err := j.tool("node")
	if err != nil {
		return xbuild.UIResult{}, err
	}
	result, err := xbuild.BuildUI(ctx, j.run, xbuild.UI{
		Dir: j.path(j.UI.Dir), Out: j.path(j.UI.Out), State: j.path("dist/ui"), Npm: npm, Node: node, Log: s.Log(), Ledger: j.ledger(),
	})
	if err != nil {
		return result, err
	}
	j.judged(s, "ui", result.Verdict)
	done(s, result.Ran(), fmt.Sprintf("%d files, %s", result.Files, report.Bytes(result.Bytes)))
	return result, nil
}

// makeCLI builds the CLI for all platforms at once.
func (j *job) makeCLI(ctx context.Context, s *report.Step, platforms []xbuild.Platform, with string) (xbuild.RustResult, error) {
	build := j.rust(platforms, with)
	build.Check = j.checkProgram
	result, err := j.buildRust(ctx, s, build)
	if err == nil {
		done(s, result.Ran(), builtWith(result.Toolchains, platforms))
	}
	return result, err
}

// makeHostCLI builds it for this machine alone, to be used here: as what Rust
// takes this machine for (MSVC's Windows, musl's Linux) where it cannot be the
// same as for everybody else. What it would need of other machines is no matter.
func (j *job) makeHostCLI(ctx context.Context, s *report.Step) (xbuild.RustResult, error) {
	build := j.rust([]xbuild.Platform{j.host}, "")
	build.Native = true
	return j.buildRust(ctx, s, build)
}

func (j *job) buildRust(ctx context.Context, s *report.Step, build xbuild.RustBuild) (xbuild.RustResult, error) {
	build.Log, build.Ledger = s.Log(), j.ledger()
	var err error
	if build.Stable, err = j.everyPlatform(j.hostToo()); err != nil {
		return xbuild.RustResult{}, err
	}
	build.Chosen = func(chosen xbuild.Toolchains) {
		fmt.Fprintln(s.Log(), chosen.Reason())
		s.Detail(builtWith(chosen, build.Platforms))
	}
	s.Detail("choosing a toolchain")
	result, err := build.Build(ctx, j.run)
	if err != nil {
		return result, err
	}
	j.judged(s, "cli", result.Verdict)
	return result, nil
}

func builtWith(chosen xbuild.Toolchains, platforms []xbuild.Platform) string {
	return chosen.String() + " for " + xbuild.Join(platforms)
}

// rust is the CLI's build as data.
func (j *job) rust(platforms []xbuild.Platform, with string) xbuild.RustBuild {
	return xbuild.RustBuild{
		Dir: j.path(j.CLI.crate()), Bins: []string{j.CLI.Binary}, Platforms: platforms, Out: j.path("dist/cli"),
		With: j.setting(with, "RUST_WITH", "auto"), Glibc: j.CLI.Glibc, RustRuntime: j.CLI.RustRuntime, MacOS: j.CLI.MacOS, CacheDir: filepath.Join(j.cache(), "zig"),
		ToolDirs: []string{xbuild.PythonBin(j.pyTools().Dir, j.host)}, Getenv: j.env,
	}
}

// cliParts are the programs that were built.
func (j *job) cliParts(result xbuild.RustResult) (map[xbuild.Platform]layerPart, error) {
	out := map[xbuild.Platform]layerPart{}
	for _, b := range result.Binaries {
		one, err := j.filePart(b.Path, "cli", oci.Dir(filepath.Dir(b.Path)))
		if err != nil {
			return nil, err
		}
		out[b.Platform] = one
	}
	return out, nil
}

// filePart is what is made of one file, named by what is in it.
func (j *job) filePart(file, kind string, open tree) (layerPart, error) {
	sum, err := j.files.Sum(file)
	return layerPart{open, xbuild.Key(kind, filepath.Base(file), sum), func() bool {
		now, err := j.files.Sum(file)
		return err == nil && now == sum
	}}, err
}

// splitWheels lays out the packages of the asked platforms and of all the
// project's: what is shared must be the same whichever of them is built.
func (j *job) splitWheels(ctx context.Context, s *report.Step, platforms []xbuild.Platform) (*xbuild.SavedSplit, error) {
	all, err := j.everyPlatform(platforms)
	if err != nil {
		return nil, err
	}
	uv, err := j.uv(s)
	if err != nil {
		return nil, err
	}
	s.Detail("wheels for " + xbuild.Join(all))
	laid, err := xbuild.LayOutWheels(ctx, j.run, xbuild.Wheels{
		UV: uv, Lock: j.path(j.Python.Lock), Python: j.Python.Version, Platforms: all, Out: j.path("dist/wheels"),
		Changed: j.auditWheels, Ledger: j.ledger(),
	})
	if err != nil {
		return nil, err
	}
	built := false
	for _, l := range laid {
		built = built || l.Ran()
		j.judged(s, "wheels for "+l.Platform.String(), l.Verdict)
	}
	split, err := xbuild.SplitLaidOut(laid, audit.Native, j.ledger())
	if err != nil {
		return nil, err
	}
	for _, w := range split.Warnings {
		j.show.Warn(w)
	}
	done(s, built, fmt.Sprintf("%d distributions", len(split.Rows)))
	return split, nil
}

// wheelParts are what all platforms share of the packages, and what each has for itself.
func wheelParts(split *xbuild.SavedSplit, platforms []xbuild.Platform) (shared layerPart, native map[xbuild.Platform]layerPart) {
	shared = layerPart{
		func(context.Context) (fs.FS, error) { return split.Shared() }, xbuild.Key("wheels", split.SharedKey()), split.Still,
	}
	native = map[xbuild.Platform]layerPart{}
	for _, p := range platforms {
		native[p] = layerPart{
			func(context.Context) (fs.FS, error) { return split.Native(p) }, xbuild.Key("wheels", split.NativeKey(p)), split.Still,
		}
	}
	return shared, native
}

// packagePart is the project's own package as a wheel, unpacked.
func (j *job) packagePart(ctx context.Context, s *report.Step) (layerPart, error) {
	uv, err := j.uv(s)
	if err != nil {
		return layerPart{}, err
	}
	built, err := xbuild.BuildWheel(ctx, j.run, xbuild.ProjectWheel{
		UV: uv, Dir: j.path(j.Python.Project), Out: j.path("dist/wheels/" + j.Python.Package), Exclude: j.notPackage(), Ledger: j.ledger(),
	})
	if err != nil {
		return layerPart{}, err
	}
	j.judged(s, "package", built.Verdict)
	done(s, built.Ran(), filepath.Base(built.File))
	return j.filePart(built.File, "package", func(context.Context) (fs.FS, error) {
		files, _, err := xbuild.WheelTree(built.File)
		return files, err
	})
}

// notPackage is what of the project's folder its wheel does not depend on: what builds and tools leave, and the other parts, unless
// pyproject.toml names their folders.
func (j *job) notPackage() []string {
	out := []string{"/dist", "/.git", "/.tools", "/.venv", "__pycache__", "node_modules", ".DS_Store", "*.egg-info", ".pytest_cache", ".ruff_cache", "/.golangci.yml"}
	manifest, err := os.ReadFile(j.path(j.Python.Project + "/pyproject.toml"))
	for _, dir := range []string{j.CLI.Dir, j.UI.Dir, "magefiles", "documentation", ".github", "docker", "scripts", j.Python.Tests} {
		if err == nil && !bytes.Contains(manifest, []byte(dir)) {
			out = append(out, "/"+dir)
		}
	}
	for _, dir := range append([]string{j.UI.Out}, j.CLI.Into...) { // made by other steps; the manifest leaves them out of the wheel
		out = append(out, "/"+dir)
	}
	return out
}

// uv is uv as every step uses it.
func (j *job) uv(s *report.Step) (xbuild.UV, error) {
	path, err := j.tool("uv")
	return xbuild.UV{Path: path, Log: s.Log()}, err
}

// done notes what a step did, or that there was nothing to do.
func done(s *report.Step, built bool, what string) {
	if built {
		s.Detail(what)
		return
	}
	s.Skip(what + ", as before")
}
