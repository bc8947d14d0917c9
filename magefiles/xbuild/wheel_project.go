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

// BuildWheel builds the wheel of the Python project in dir into the folder out, which holds nothing else afterwards, and returns its
// path. It needs no network if the project's build backend is uv_build in a version range that uv itself is in: uv then is the
// backend. The wheel of the same sources is the same, byte by byte.
func BuildWheel(ctx context.Context, run Runner, uv UV, dir, out string) (string, error) {
	out, err := filepath.Abs(out)
	if err != nil {
		return "", fmt.Errorf("building a wheel: %w", err)
	}
	// The folder is replaced, so one that holds something else was not meant.
	entries, err := os.ReadDir(out)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return "", fmt.Errorf("building a wheel: %w", err)
	}
	for _, entry := range entries {
		if filepath.Ext(entry.Name()) != ".whl" {
			return "", fmt.Errorf("building a wheel: the folder %q, which would be replaced, holds %q: name a folder for the wheel alone", out, entry.Name())
		}
	}
	next := out + ".new"
	if err := os.RemoveAll(next); err != nil {
		return "", fmt.Errorf("building a wheel: %w", err)
	}
	defer func() { _ = os.RemoveAll(next) }()
	args := []string{"build", "--wheel", "--out-dir", next, "--no-create-gitignore"}
	if uv.Python != "" {
		args = append(args, "--python", uv.Python)
	}
	if err := uv.run(ctx, run, dir, args...); err != nil {
		return "", fmt.Errorf("building the wheel of %q: %w", dir, err)
	}
	wheels, err := filepath.Glob(filepath.Join(next, "*.whl"))
	if err != nil || len(wheels) != 1 {
		return "", fmt.Errorf("building the wheel of %q: uv left %d wheels, not one", dir, len(wheels))
	}
	if err := Swap(next, out); err != nil {
		return "", fmt.Errorf("building the wheel of %q: %w", dir, err)
	}
	return filepath.Join(out, filepath.Base(wheels[0])), nil
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
