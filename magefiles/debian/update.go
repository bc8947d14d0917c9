package debian

import (
	"archive/tar"
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/blakesmith/ar"
)

// Update makes what an update of a source package brings, without waiting for one: of the sources with a part of their own (see
// [Lock.Parts]) the smallest, else of all the largest, has packages of another version. They are those that are locked, but at the
// end of each file of machine code stands mark, which is part of the version, too: digits and small letters. The packages are put
// into the cache as if they had been fetched; the lock is surveyed anew. It is for measuring, and for nothing that anybody uses.
func Update(ctx context.Context, f Fetcher, l Lock, spec Spec, mark string) (Lock, error) {
	source := l.updated()
	l.Packages = slices.Clone(l.Packages)
	for i, p := range l.Packages {
		if p.source() != source {
			continue
		}
		var err error
		if l.Packages[i], err = f.update(ctx, p, mark); err != nil {
			return Lock{}, fmt.Errorf("making another version of package %q: %w", p.Name, err)
		}
	}
	return Survey(ctx, f, l, spec)
}

// updated is the source package that an update is made of.
func (l Lock) updated() string {
	size := map[string]int64{}
	for _, p := range l.Packages {
		size[p.source()] += p.Size
	}
	bySize := func(a, b string) int { return cmp.Or(cmp.Compare(size[a], size[b]), strings.Compare(a, b)) }
	if large := l.largeSources(); len(large) > 0 {
		return slices.MinFunc(large, bySize)
	}
	sources := slices.SortedFunc(maps.Keys(size), bySize)
	if len(sources) == 0 {
		return ""
	}
	return sources[len(sources)-1]
}

func (f Fetcher) update(ctx context.Context, p Package, mark string) (Package, error) {
	file, err := f.deb(ctx, p)
	if err != nil {
		return Package{}, err
	}
	d, err := openDeb(file, p, decompress)
	if err != nil {
		return Package{}, err
	}
	next := p
	next.Version += "+" + mark
	d.scripts["control"] = bytes.Replace(d.scripts["control"], []byte("Version: "+p.Version+"\n"), []byte("Version: "+next.Version+"\n"), 1)
	for i, m := range d.entries {
		if !bytes.HasPrefix(m.data, []byte("\x7fELF")) {
			continue
		}
		before := md5Hex(m.data)
		d.entries[i].data = append(slices.Clip(m.data), mark...)
		d.scripts["md5sums"] = bytes.ReplaceAll(d.scripts["md5sums"], []byte(before), []byte(md5Hex(d.entries[i].data)))
	}
	var b bytes.Buffer
	if err := d.write(&b); err != nil {
		return Package{}, err
	}
	sum := sha256.Sum256(b.Bytes())
	next.SHA256, next.Size = hex.EncodeToString(sum[:]), int64(b.Len())
	_, err = f.store(&b, digest{next.SHA256, next.Size})
	return next, err
}

// write writes a package as Debian's builders do.
func (d *deb) write(w io.Writer) error {
	var scripts []member
	for _, name := range slices.Sorted(maps.Keys(d.scripts)) {
		scripts = append(scripts, member{&tar.Header{Name: "./" + name, Typeflag: tar.TypeReg, Mode: 0o755}, d.scripts[name]})
	}
	archive := ar.NewWriter(w)
	if err := archive.WriteGlobalHeader(); err != nil {
		return err
	}
	for _, part := range []struct {
		name    string
		entries []member // none: the format's number
	}{{"debian-binary", nil}, {"control.tar.xz", scripts}, {"data.tar.xz", d.entries}} {
		text := []byte("2.0\n")
		if part.entries != nil {
			var err error
			if text, err = packed(part.entries); err != nil {
				return fmt.Errorf("writing %q: %w", part.name, err)
			}
		}
		if err := archive.WriteHeader(arHeader(part.name, int64(len(text)))); err != nil {
			return err
		}
		if _, err := archive.Write(text); err != nil {
			return err
		}
	}
	return nil
}

// packed is a tar of the entries, compressed.
func packed(entries []member) ([]byte, error) {
	var b bytes.Buffer
	z, err := compressXz(&b)
	if err != nil {
		return nil, err
	}
	w := tar.NewWriter(z)
	for _, m := range entries {
		h := *m.hdr
		h.Size = int64(len(m.data))
		if err := w.WriteHeader(&h); err != nil {
			return nil, err
		}
		if _, err := w.Write(m.data); err != nil {
			return nil, err
		}
	}
	err = errors.Join(w.Close(), z.Close())
	return b.Bytes(), err
}
