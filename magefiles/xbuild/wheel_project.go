package xbuild

import (
	"archive/zip"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// ProjectWheel says which wheel to build of a Python project.
type ProjectWheel struct {
	UV      UV
	Dir     string   // the project: its pyproject.toml
	Out     string   // a folder that holds nothing but the wheel afterwards
	Exclude []string // what in Dir the wheel does not depend on; as for HashTree

	Ledger Ledger // of earlier builds
}

// BuiltWheel is the file of a wheel.
type BuiltWheel struct {
	File string
	Verdict
}

// projectStep is the name of the step in its ledger.
const projectStep = "package"

// BuildWheel builds the wheel of a Python project, unless nothing changed since it was built: no file of the project, nor uv, nor
// the wheel. It needs no network if the project's build backend is uv_build in a version range that uv itself is in: uv then is the
// backend. The wheel of the same sources is the same, byte by byte.
func BuildWheel(ctx context.Context, run Runner, w ProjectWheel) (BuiltWheel, error) {
	built, err := w.build(ctx, run)
	if err != nil {
		err = fmt.Errorf("building the wheel of %q: %w", w.Dir, err)
	}
	return built, err
}

func (w ProjectWheel) build(ctx context.Context, run Runner) (built BuiltWheel, err error) {
	if w.Out, err = filepath.Abs(w.Out); err != nil {
		return built, err
	}
	// The folder is replaced, so one that holds something else was not meant.
	entries, err := os.ReadDir(w.Out)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return built, err
	}
	for _, entry := range entries {
		if filepath.Ext(entry.Name()) != ".whl" {
			return built, fmt.Errorf("the folder %q, which would be replaced, holds %q: name a folder for the wheel alone", w.Out, entry.Name())
		}
	}
	inputs, err := w.inputs(ctx, run)
	if err != nil {
		return built, err
	}
	there, err := w.Ledger.tree(OutputInput, w.Out)
	if err != nil {
		return built, err
	}
	built.Verdict = w.Ledger.judge(projectStep, inputs, there)
	if !built.Ran() && len(entries) == 1 {
		built.File = filepath.Join(w.Out, entries[0].Name())
		return built, nil
	}
	next := fresh(w.Out + ".new")
	defer func() { _ = os.RemoveAll(next) }()
	if err := w.UV.run(ctx, run, w.Dir, w.args(next)...); err != nil {
		return built, err
	}
	wheels, err := filepath.Glob(filepath.Join(globEscape(next), "*.whl"))
	if err != nil || len(wheels) != 1 {
		return built, fmt.Errorf("uv left %d wheels, not one", len(wheels))
	}
	built.File = filepath.Join(w.Out, filepath.Base(wheels[0]))
	made, err := w.Ledger.Files.Tree(OutputInput, w.Ledger.name(w.Out), next)
	if err != nil {
		return built, err
	}
	if err := w.Ledger.drop(projectStep); err != nil {
		return built, err
	}
	if err := Swap(next, w.Out); err != nil {
		return built, err
	}
	return built, w.Ledger.vouch(Stamp{Step: projectStep, Inputs: inputs, Outputs: made}, func() (Inputs, error) { return w.inputs(ctx, run) })
}

func (w ProjectWheel) args(out string) []string {
	args := []string{"build", "--wheel", "--out-dir", out, "--no-create-gitignore"}
	if w.UV.Python != "" {
		args = append(args, "--python", w.UV.Python)
	}
	return args
}

// inputs are all that the wheel depends on: every file of the project that is not excluded.
func (w ProjectWheel) inputs(ctx context.Context, run Runner) (Inputs, error) {
	in, err := w.Ledger.tree(FileInput, w.Dir, w.Exclude...)
	if err != nil {
		return nil, err
	}
	uv, err := w.Ledger.UVVersion(ctx, run, w.UV)
	if err != nil {
		return nil, fmt.Errorf("asking for the version of uv: %w", err)
	}
	in.flag("command", strings.Join(w.args("DIR"), " "))
	in.tool("uv", uv, versionNumber.FindString(uv))
	return append(in, variables(w.Ledger.Environ, readByUV)...), nil
}

// WheelTree reads a wheel whole and returns the files as they belong into a site-packages, and what they are. A wheel with files for
// other places (a .data folder) or with files that its RECORD does not list is refused.
func WheelTree(file string) (fs.FS, Dist, error) {
	tree, dist, err := wheelTree(file)
	if err != nil {
		return nil, dist, fmt.Errorf("reading wheel %q: %w", file, err)
	}
	return tree, dist, nil
}

func wheelTree(file string) (fs.FS, Dist, error) {
	content, err := os.ReadFile(file)
	if err != nil {
		return nil, Dist{}, err
	}
	archive, err := zip.NewReader(bytes.NewReader(content), int64(len(content)))
	if err != nil {
		return nil, Dist{}, err
	}
	dists, err := Distributions(archive)
	if err != nil {
		return nil, Dist{}, err
	}
	if len(dists) != 1 {
		return nil, Dist{}, fmt.Errorf("it holds %d distributions, not one", len(dists))
	}
	dist := dists[0]
	for _, entry := range archive.File {
		top, _, _ := strings.Cut(entry.Name, "/")
		switch {
		case strings.HasSuffix(top, ".data"):
			return nil, dist, fmt.Errorf("%q belongs elsewhere than into site-packages, which is not supported here", entry.Name)
		case !entry.FileInfo().IsDir() && !slices.Contains(dist.Files, entry.Name):
			return nil, dist, fmt.Errorf("%q is not in its RECORD", entry.Name)
		}
	}
	in, err := dist.install(archive, nil)
	if err != nil {
		return nil, dist, err
	}
	return newView(in.files), dist, nil
}
