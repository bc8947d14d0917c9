package debian

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/ProtonMail/go-crypto/openpgp"
)

// Bounds on what a mirror may make us read. The largest index of Debian, of main, has 60 MB.
const (
	maxInRelease = 8 << 20
	maxIndex     = 512 << 20
)

// candidate is a package as an index offers it.
type candidate struct {
	Package
	priority                    string
	preDepends, depends         string
	conflicts, breaks, provides string
}

// readIndex downloads what a suite offers for an architecture, in component main.
func readIndex(ctx context.Context, f Fetcher, suite Suite, arch string) ([]candidate, error) {
	archive := archiveOf(suite)
	keys, err := keyring(f.Keys)
	if err != nil {
		return nil, err
	}
	bases := f.bases(archive)
	if len(bases) == 0 {
		return nil, fmt.Errorf("reading suite %q: there is no mirror of archive %q; give one", suite.Name, archive)
	}
	var failures []error
	for i, base := range bases {
		// A whole suite comes from one mirror: release file and index of two
		// mirrors of different age do not fit together.
		list, err := f.at(archive, base).suiteIndex(ctx, suite, arch, keys)
		if err == nil {
			return list, nil
		}
		err = fmt.Errorf("reading suite %q from %q: %w", suite.Name, redacted(base), err)
		failures = append(failures, err)
		if ctx.Err() != nil {
			break
		}
		if i < len(bases)-1 {
			f.logf("%v; trying the next mirror", err)
		}
	}
	return nil, errors.Join(failures...)
}

func (f Fetcher) suiteIndex(ctx context.Context, suite Suite, arch string, keys openpgp.EntityList) ([]candidate, error) {
	archive := archiveOf(suite)
	dist := "dists/" + suite.Name + "/"
	data, err := f.get(ctx, archive, dist+"InRelease", maxInRelease)
	if isGone(err) {
		return nil, fmt.Errorf("%w; the mirror does not carry this suite: check its name, or use another mirror", err)
	}
	if err != nil {
		return nil, err
	}
	r, err := openRelease(data, suite.Name, keys, f.now())
	if err != nil {
		return nil, err
	}
	if !slices.Contains(r.architectures, arch) {
		return nil, fmt.Errorf("looking for architecture %q: the suite has %s", arch, strings.Join(r.architectures, " "))
	}
	var all []candidate
	arches := []string{arch}
	if r.allSeparate {
		arches = append(arches, "all")
	}
	for _, a := range arches {
		list, err := f.packages(ctx, archive, dist, "main/binary-"+a+"/Packages", r)
		if err != nil {
			return nil, err
		}
		all = append(all, list...)
	}
	return all, nil
}

// packages downloads and parses one index, whose digest the release file knows.
func (f Fetcher) packages(ctx context.Context, archive, dist, name string, r *release) ([]candidate, error) {
	for _, suffix := range []string{".xz", ".gz", ""} {
		want, ok := r.files[name+suffix]
		if !ok {
			continue
		}
		if want.size > maxIndex {
			return nil, fmt.Errorf("reading index %q: it has %d bytes, more than the %d allowed", name+suffix, want.size, maxIndex)
		}
		paths := []string{dist + name + suffix}
		if r.byHash {
			// By its hash an index is found even while the mirror is being updated.
			dir := name[:strings.LastIndex(name, "/")]
			paths = slices.Insert(paths, 0, dist+dir+"/by-hash/SHA256/"+want.sha256)
		}
		file, err := f.blob(ctx, archive, paths, want)
		if err != nil {
			return nil, err
		}
		list, err := parseIndexFile(file, archive, name+suffix)
		if err != nil {
			return nil, fmt.Errorf("reading index %q: %w", name+suffix, err)
		}
		return list, nil
	}
	return nil, fmt.Errorf("looking for index %q: the release file does not list it", name)
}

func parseIndexFile(file, archive, name string) (list []candidate, err error) {
	in, err := openShared(file)
	if err != nil {
		return nil, err
	}
	defer func() { _ = in.Close() }()
	text, err := decompress(in, name, maxIndex)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, text.Close()) }()
	return parseIndex(text, archive)
}

func parseIndex(r io.Reader, archive string) ([]candidate, error) {
	var list []candidate
	for s, err := range stanzas(r) {
		if err != nil {
			return nil, err
		}
		size, err := strconv.ParseInt(s.get("Size"), 10, 64)
		if err != nil {
			return nil, fmt.Errorf("package %q: %q is no size", s.get("Package"), s.get("Size"))
		}
		c := candidate{
			Package: Package{
				Name: s.get("Package"), Version: s.get("Version"), SHA256: strings.ToLower(s.get("SHA256")),
				Size: size, Archive: archive, Path: s.get("Filename"),
			},
			priority:   s.get("Priority"),
			preDepends: s.get("Pre-Depends"), depends: s.get("Depends"),
			conflicts: s.get("Conflicts"), breaks: s.get("Breaks"), provides: s.get("Provides"),
		}
		if err := c.check(); err != nil {
			return nil, err
		}
		list = append(list, c)
	}
	return list, nil
}
