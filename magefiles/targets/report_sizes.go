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
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/noetl/noetl/magefiles/oci"
	"github.com/noetl/noetl/magefiles/xbuild"
)

// layerLists is what a layer holds, and what it says of files, its own and those of
// other layers of its image: a package's list and its files may lie apart. It
// depends on the layer's bytes alone, and is remembered beside them.
type layerLists struct {
	Digest   string            `json:"digest"`
	Sizes    map[string]int64  `json:"sizes"` // of its files, from the root
	Lists    []packageList     `json:"lists"`
	Versions map[string]string `json:"versions"` // of Debian's packages
}

type packageList struct {
	measuredPackage
	Files []string `json:"files"`
}

// measuredLayer is a layer's files by the packages that bring them.
type measuredLayer struct {
	Digest   string
	Packages []measuredPackage // sorted by kind and name
	Other    int64             // bytes of files that no package lists
}

type measuredPackage struct {
	Kind    string `json:"kind"` // debianKind or pythonKind
	Name    string `json:"name"`
	Version string `json:"version"`
	Bytes   int64  `json:"-"`
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
	read, known := map[string]layerLists{}, map[string][]layerLists{} // by digest; what the images with a layer say of its files
	var order []string
	for _, image := range images {
		top := image.Layers[max(0, len(image.Layers)-own):]
		var all []layerLists
		for _, l := range top {
			files, ok := read[l.Digest]
			if !ok {
				if files, err = j.listsOf(ctx, l); err != nil {
					return nil, fmt.Errorf("reading layer %q: %w", l.Name, err)
				}
				read[l.Digest] = files
				order = append(order, l.Digest)
			}
			all = append(all, files)
		}
		for _, l := range top {
			known[l.Digest] = append(known[l.Digest], all...)
		}
	}
	var out []measuredLayer
	for _, digest := range order {
		out = append(out, shares(read[digest], known[digest]))
	}
	return out, nil
}

// listsOf is what a layer says of its files, read or remembered.
func (j *job) listsOf(ctx context.Context, l oci.LayerStream) (layerLists, error) {
	m, file := layerLists{}, j.listsFile(l.Digest)
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
	if m, err = listed(ctx, r); err != nil {
		return m, err
	}
	j.keepLists(m, l.Digest)
	return m, nil
}

func (j *job) listsFile(digest string) string {
	return filepath.Join(j.layers().Dir, "sizes", strings.ReplaceAll(digest, ":", "-")+".files.json")
}

// keepLists remembers them; if it cannot, the next build reads the layer again.
func (j *job) keepLists(m layerLists, digest string) {
	m.Digest = digest
	if raw, err := json.Marshal(m); err == nil {
		_ = xbuild.WriteFile(j.listsFile(digest), raw, 0o644)
	}
}

// mostList is more than any list of a package's files has, in bytes.
const mostList = 16 << 20

// listed reads a layer: the sizes of its files, and the lists of those who
// brought files (dpkg's, and RECORD of Python's wheels).
func listed(ctx context.Context, layer io.Reader) (layerLists, error) {
	found := layerLists{Sizes: map[string]int64{}}
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
			return layerLists{}, err
		}
		if h.Typeflag != tar.TypeReg {
			continue
		}
		name := path.Clean("/" + h.Name)
		found.Sizes[name] += h.Size
		info, inInfo := strings.CutPrefix(name, "/var/lib/dpkg/info/")
		pkg, isList := strings.CutSuffix(info, ".list")
		record := path.Base(name) == "RECORD" && strings.HasSuffix(path.Dir(name), ".dist-info")
		if !(inInfo && isList) && !record && name != "/var/lib/dpkg/status" {
			continue
		}
		text, err := io.ReadAll(io.LimitReader(files, mostList))
		switch {
		case err != nil:
			return layerLists{}, err
		case record:
			id := strings.TrimSuffix(path.Base(path.Dir(name)), ".dist-info")
			dist, version, _ := strings.Cut(id, "-") // a wheel writes its name without hyphens
			p := measuredPackage{Kind: pythonKind, Name: strings.ReplaceAll(dist, "_", "-"), Version: version}
			found.Lists = append(found.Lists, packageList{p, recorded(text, path.Dir(path.Dir(name)))})
		case inInfo:
			pkg, _, _ = strings.Cut(pkg, ":")
			p := measuredPackage{Kind: debianKind, Name: pkg}
			found.Lists = append(found.Lists, packageList{p, strings.Split(string(text), "\n")})
		default:
			found.Versions = installedVersions(text)
		}
	}
	return found, nil
}

// shares gives each file of a layer to the first package that lists it, in
// whichever layer of its images the list is.
func shares(layer layerLists, known []layerLists) measuredLayer {
	m := measuredLayer{Digest: layer.Digest, Packages: []measuredPackage{}}
	lists, versions, here := map[measuredPackage][]string{}, map[string]string{}, map[measuredPackage]bool{}
	for _, k := range known {
		for _, l := range k.Lists {
			lists[l.measuredPackage] = append(lists[l.measuredPackage], l.Files...)
			here[l.measuredPackage] = here[l.measuredPackage] || k.Digest == layer.Digest
		}
		maps.Copy(versions, k.Versions)
	}
	sizes := maps.Clone(layer.Sizes)
	for _, p := range slices.SortedFunc(maps.Keys(lists), func(a, b measuredPackage) int {
		return strings.Compare(a.Kind+" "+a.Name+" "+a.Version, b.Kind+" "+b.Name+" "+b.Version)
	}) {
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
		if own.Bytes > 0 || here[p] {
			m.Packages = append(m.Packages, own)
		}
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
