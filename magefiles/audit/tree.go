package audit

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
)

// maxTree is what a wheel or another zip may unpack to, in bytes. A folder's
// files are on a disk, and as large as that.
const maxTree = 64 << 30

// InspectTree reads a folder, or a wheel or another zip ([archive/zip.Reader]
// is a tree). Links are not followed: what they point at is either in the tree,
// and read there, or not part of it. The tree is Partial: it is put somewhere
// where more is.
func InspectTree(ctx context.Context, fsys fs.FS, platform string) (*Inventory, error) {
	if _, err := parsePlatform(platform); err != nil {
		return nil, err
	}
	defer frugal()()
	inv := &Inventory{Platform: platform, Partial: true, Files: map[string]*Entry{}}
	c := newContents()
	left := int64(maxTree)
	err := fs.WalkDir(fsys, ".", func(p string, d fs.DirEntry, err error) error {
		if err := errors.Join(err, ctx.Err()); err != nil {
			return err
		}
		if len(inv.Files) >= maxEntries {
			return fmt.Errorf("there are more than %d files", maxEntries)
		}
		e, err := c.entry(ctx, fsys, p, d, &left)
		if err != nil || e == nil {
			return err
		}
		inv.Files[e.Path] = e
		if e.File != nil {
			inv.Stats.Files++
			inv.Stats.Bytes += e.File.Size
		}
		if e.File != nil && e.File.Program != nil {
			inv.Stats.Binaries++
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("auditing for %s: %w", platform, err)
	}
	inv.name(nil)
	return inv, nil
}

func (c *contents) entry(ctx context.Context, fsys fs.FS, p string, d fs.DirEntry, left *int64) (e *Entry, err error) {
	defer func() {
		if err != nil {
			err = fmt.Errorf("reading %q: %w", p, err)
		}
	}()
	info, err := d.Info()
	if err != nil {
		return nil, err
	}
	e = &Entry{Path: clean(p), Mode: info.Mode(), UID: -1, GID: -1, Layer: -1}
	switch {
	case e.Mode.Type() == fs.ModeSymlink:
		if e.Link, err = fs.ReadLink(fsys, p); err != nil && !errors.Is(err, fs.ErrInvalid) {
			return nil, err
		}
		return e, nil
	case !e.Mode.IsRegular():
		return e, nil
	}
	f, err := fsys.Open(p)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	if info, err = f.Stat(); err != nil {
		return nil, err
	}
	if *left -= info.Size(); *left < 0 && !onDisk(f) {
		return nil, fmt.Errorf("the tree unpacks to more than %d bytes", int64(maxTree))
	}
	e.File, err = c.read(&countingReader{ctx: ctx, r: f}, info.Size(), e.Path, e.Mode, false)
	return e, err
}

// onDisk reports whether a file can be read from anywhere, as those of archives
// cannot be.
func onDisk(f fs.File) bool {
	_, ok := f.(io.ReaderAt)
	return ok
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
