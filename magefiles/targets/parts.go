package targets

import (
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
		Dir: j.path(j.UI.Dir), Out: j.path(j.UI.Out), State: j.path("dist/ui"), Npm: npm, Node: node, Log: s.Log(),
	})
	if err != nil {
		return result, err
	}
	done(s, result.Built, fmt.Sprintf("%d files, %s", result.Files, report.Bytes(result.Bytes)))
	return result, nil
}

// makeCLI builds the CLI for all platforms at once.
func (j *job) makeCLI(ctx context.Context, s *report.Step, platforms []xbuild.Platform, with string) (xbuild.RustResult, error) {
	build := j.rust(platforms, with)
	build.Check = j.checkProgram
	return j.buildRust(ctx, s, build)
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
	build.Log = s.Log()
	s.Detail("choosing a toolchain")
	chosen, err := j.chooseRust(ctx, build)
	if err != nil {
		return xbuild.RustResult{}, err
	}
	fmt.Fprintln(s.Log(), chosen.Reason())
	s.Detail(chosen.String() + " for " + xbuild.Join(build.Platforms))
	return build.BuildWith(ctx, j.run, chosen)
}

// chooseRust keeps what the image's platforms and this host are built with the
// same, whichever of them and whatever else is asked for.
func (j *job) chooseRust(ctx context.Context, build xbuild.RustBuild) (xbuild.Toolchains, error) {
	var err error
	if build.Stable, err = j.everyPlatform(j.hostToo()); err != nil {
		return nil, err
	}
	return build.Choose(ctx, j.run)
}

// rust is the CLI's build as data.
func (j *job) rust(platforms []xbuild.Platform, with string) xbuild.RustBuild {
	return xbuild.RustBuild{
		Dir: j.path(j.CLI.crate()), Bins: []string{j.CLI.Binary}, Platforms: platforms, Out: j.path("dist/cli"),
		With: j.setting(with, "RUST_WITH", "auto"), Glibc: j.CLI.Glibc, MacOS: j.CLI.MacOS, CacheDir: filepath.Join(j.cache(), "zig"),
		ToolDirs: []string{xbuild.PythonBin(j.pyTools().Dir, j.host)}, Getenv: j.env,
	}
}

// cliTrees are the folders of the programs that were built.
func cliTrees(result xbuild.RustResult) map[xbuild.Platform]tree {
	out := map[xbuild.Platform]tree{}
	for _, b := range result.Binaries {
		out[b.Platform] = oci.Dir(filepath.Dir(b.Path))
	}
	return out
}

// splitWheels lays out the packages of the asked platforms and of all the
// project's: what is shared must be the same whichever of them is built.
func (j *job) splitWheels(ctx context.Context, s *report.Step, platforms []xbuild.Platform) (*xbuild.WheelSplit, error) {
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
		Changed: j.auditWheels,
	})
	if err != nil {
		return nil, err
	}
	trees, built := map[xbuild.Platform]fs.FS{}, false
	for _, l := range laid {
		trees[l.Platform] = os.DirFS(l.Dir)
		built = built || l.Built
	}
	split, err := xbuild.SplitWheels(trees, audit.Native)
	if err != nil {
		return nil, err
	}
	for _, w := range split.Warnings {
		j.show.Warn(w)
	}
	done(s, built, fmt.Sprintf("%d distributions", len(split.Rows)))
	return split, nil
}

// packageTree is the project's own package as a wheel, unpacked.
func (j *job) packageTree(ctx context.Context, s *report.Step) (tree, error) {
	uv, err := j.uv(s)
	if err != nil {
		return nil, err
	}
	wheel, err := xbuild.BuildWheel(ctx, j.run, uv, j.path(j.Python.Project), j.path("dist/wheels/"+j.Python.Package))
	if err != nil {
		return nil, err
	}
	files, _, err := xbuild.WheelTree(wheel)
	return oci.FS(files), err
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
