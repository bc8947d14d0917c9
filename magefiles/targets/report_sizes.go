package targets

import (
	"archive/tar"
	"bufio"
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/noetl/noetl/magefiles/oci"
	"github.com/noetl/noetl/magefiles/xbuild"
)

// measuredLayer is a layer's files by the packages that bring them. It depends
// on the layer's bytes alone, and is remembered beside them.
type measuredLayer struct {
	Digest   string            `json:"digest"`
	Packages []measuredPackage `json:"packages"` // sorted by kind and name
	Other    int64             `json:"other"`    // bytes of files that no package lists
}

type measuredPackage struct {
	Kind    string `json:"kind"` // debianKind or pythonKind
	Name    string `json:"name"`
	Version string `json:"version"`
	Bytes   int64  `json:"bytes"`
}

const (
	debianKind = "Debian"
	pythonKind = "Python"
)

// measureLayers measures the top layers of every image, each blob once.
func (j *job) measureLayers(ctx context.Context, index oci.Index, own int) ([]measuredLayer, error) {
	images, err := oci.Streams(index)
	if err != nil {
		return nil, err
	}
	var out []measuredLayer
	for _, image := range images {
		for _, l := range image.Layers[max(0, len(image.Layers)-own):] {
			if slices.ContainsFunc(out, func(m measuredLayer) bool { return m.Digest == l.Digest }) {
				continue
			}
			m, err := j.measureLayer(ctx, l)
			if err != nil {
				return out, fmt.Errorf("reading layer %q: %w", l.Name, err)
			}
			out = append(out, m)
		}
	}
	return out, nil
}

func (j *job) measureLayer(ctx context.Context, l oci.LayerStream) (measuredLayer, error) {
	m := measuredLayer{}
	file := filepath.Join(j.layers().Dir, "sizes", strings.ReplaceAll(l.Digest, ":", "-")+".json")
	if raw, err := os.ReadFile(file); err == nil && json.Unmarshal(raw, &m) == nil && m.Digest == l.Digest {
		now := time.Now() // what is in use is young: it lies among the layers, and is pruned with them
		_ = os.Chtimes(file, now, now)
		return m, nil
	}
	r, err := l.Open()
	if err != nil {
		return m, err
	}
	defer func() { _ = r.Close() }()
	if m, err = measure(ctx, r); err != nil {
		return m, err
	}
	m.Digest = l.Digest
	raw, err := json.Marshal(m)
	if err == nil {
		_ = xbuild.WriteFile(file, raw, 0o644) // the next build measures again, if need be
	}
	return m, nil
}

// mostList is more than any list of a package's files has, in bytes.
const mostList = 16 << 20

// measure reads a layer: the sizes of its files, and the lists of those who
// brought them (dpkg's, and RECORD of Python's wheels).
func measure(ctx context.Context, layer io.Reader) (measuredLayer, error) {
	sizes := map[string]int64{}
	lists := map[measuredPackage][]string{}
	versions := map[string]string{}
	files := tar.NewReader(layer)
	for {
		h, err := files.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err == nil {
			err = ctx.Err()
		}
		if err != nil {
			return measuredLayer{}, err
		}
		if h.Typeflag != tar.TypeReg {
			continue
		}
		name := path.Clean("/" + h.Name)
		sizes[name] += h.Size
		info, inInfo := strings.CutPrefix(name, "/var/lib/dpkg/info/")
		pkg, isList := strings.CutSuffix(info, ".list")
		record := path.Base(name) == "RECORD" && strings.HasSuffix(path.Dir(name), ".dist-info")
		if !(inInfo && isList) && !record && name != "/var/lib/dpkg/status" {
			continue
		}
		text, err := io.ReadAll(io.LimitReader(files, mostList))
		switch {
		case err != nil:
			return measuredLayer{}, err
		case record:
			id := strings.TrimSuffix(path.Base(path.Dir(name)), ".dist-info")
			dist, version, _ := strings.Cut(id, "-") // a wheel writes its name without hyphens
			p := measuredPackage{Kind: pythonKind, Name: strings.ReplaceAll(dist, "_", "-"), Version: version}
			lists[p] = append(lists[p], recorded(text, path.Dir(path.Dir(name)))...)
		case inInfo:
			pkg, _, _ = strings.Cut(pkg, ":")
			p := measuredPackage{Kind: debianKind, Name: pkg}
			lists[p] = append(lists[p], strings.Split(string(text), "\n")...)
		default:
			versions = installedVersions(text)
		}
	}
	return shares(sizes, lists, versions), nil
}

// shares gives each file to the first package that lists it.
func shares(sizes map[string]int64, lists map[measuredPackage][]string, versions map[string]string) measuredLayer {
	m := measuredLayer{Packages: []measuredPackage{}}
	packages := make([]measuredPackage, 0, len(lists))
	for p := range lists {
		packages = append(packages, p)
	}
	slices.SortFunc(packages, func(a, b measuredPackage) int {
		return strings.Compare(a.Kind+" "+a.Name+" "+a.Version, b.Kind+" "+b.Name+" "+b.Version)
	})
	for _, p := range packages {
		own := p
		for _, name := range lists[p] {
			for _, at := range []string{name, "/usr" + name} { // packages still list /lib, which is a link to /usr/lib
				own.Bytes += sizes[at]
				delete(sizes, at)
			}
		}
		if own.Kind == debianKind {
			own.Version = versions[own.Name]
		}
		m.Packages = append(m.Packages, own)
	}
	for _, size := range sizes {
		m.Other += size
	}
	return m
}

// recorded are the files that a RECORD lists, from the root.
func recorded(text []byte, site string) []string {
	r := csv.NewReader(bytes.NewReader(text))
	r.FieldsPerRecord = -1
	rows, err := r.ReadAll()
	if err != nil {
		return nil // its files are then nobody's
	}
	var names []string
	for _, row := range rows {
		names = append(names, path.Join(site, row[0]))
	}
	return names
}

// installedVersions reads dpkg's status.
func installedVersions(status []byte) map[string]string {
	versions, name := map[string]string{}, ""
	lines := bufio.NewScanner(bytes.NewReader(status))
	lines.Buffer(nil, mostList)
	for lines.Scan() {
		if v, ok := strings.CutPrefix(lines.Text(), "Package: "); ok {
			name = v
		} else if v, ok := strings.CutPrefix(lines.Text(), "Version: "); ok {
			versions[name] = v
		}
	}
	return versions
}
