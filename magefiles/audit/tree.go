package audit

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
)

// Tree checks every native file of a folder, or of a wheel or another zip
// ([archive/zip.Reader] is a tree). Links are not followed: what they point at
// is either in the tree, and checked there, or not part of it.
//
// Findings are sorted (see [Sort]); their paths are relative to the root.
func Tree(ctx context.Context, fsys fs.FS, platform string) ([]Finding, Stats, error) {
	w, err := parsePlatform(platform)
	if err != nil {
		return nil, Stats{}, err
	}
	var findings []Finding
	var stats Stats
	err = fs.WalkDir(fsys, ".", func(p string, d fs.DirEntry, err error) error {
		if err := errors.Join(err, ctx.Err()); err != nil {
			return fmt.Errorf("auditing %q: %w", p, err)
		}
		if !d.Type().IsRegular() {
			return nil
		}
		b, ok, size, err := inspect(fsys, p)
		if err != nil {
			return err
		}
		stats.Files++
		stats.Bytes += size
		if !ok {
			return nil
		}
		stats.Binaries++
		v := judge(b, w, p)
		if v.id == "" {
			return nil
		}
		findings = append(findings, Finding{
			ID: v.id, Severity: v.severity, Platform: platform, Path: p, LayerIndex: -1,
			Message: v.reason + " in a tree for " + platform, Cure: cure(v, b, w, "/"+p),
		})
		return nil
	})
	if err != nil {
		return nil, stats, err
	}
	Sort(findings)
	return findings, stats, nil
}

// Native reports whether the file holds code for particular machines, so that
// its package cannot be shared between platforms. Code that is the same bytes
// on every platform does not count: eBPF, .NET assemblies, and the launchers
// for Windows in setuptools and distlib.
func Native(fsys fs.FS, path string) (bool, error) {
	b, ok, _, err := inspect(fsys, path)
	if err != nil || !ok {
		return false, err
	}
	if b.Format == Archive {
		return true, nil // a library, even if its first object is out of sight
	}
	return !device(b.Arch) && b.Kind != Managed && !(b.Format == PE && launcher(path)), nil
}

func inspect(fsys fs.FS, path string) (b Binary, ok bool, size int64, err error) {
	f, err := fsys.Open(path)
	if err != nil {
		return b, false, 0, fmt.Errorf("auditing %q: %w", path, err)
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	info, err := f.Stat()
	if err != nil {
		return b, false, 0, fmt.Errorf("auditing %q: %w", path, err)
	}
	if b, ok, err = Read(f); err != nil {
		return b, false, 0, fmt.Errorf("auditing %q: %w", path, err)
	}
	return b, ok, info.Size(), nil
}
