package targets

import (
	"context"
	"encoding/csv"
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/noetl/noetl/magefiles/attest"
	"github.com/noetl/noetl/magefiles/oci"
)

// imageContent is the files of an image, the upper layers over the lower ones.
type imageContent struct {
	files map[string]attest.File
	layer map[string]string // the name of the layer that a file is from
	texts map[string]string
	links map[string]string
}

// imageContent reads the top layers of an image; none means all.
func (j *job) imageContent(ctx context.Context, image oci.PlatformImage, top int) (*imageContent, error) {
	if n := len(image.Layers); top != everyLayer && n > top {
		image.Layers = image.Layers[n-top:]
	}
	c := &imageContent{files: map[string]attest.File{}, layer: map[string]string{}, texts: map[string]string{}, links: map[string]string{}}
	for _, l := range image.Layers {
		content, err := j.layerContent(ctx, l)
		if err != nil {
			return nil, err
		}
		for _, gone := range content.Gone {
			c.remove(gone)
		}
		for _, f := range content.Files {
			c.files[f.Path], c.layer[f.Path] = f, l.Name
			delete(c.texts, f.Path)
			if text, ok := content.Texts[f.Path]; ok {
				c.texts[f.Path] = text
			}
		}
		for name, target := range content.Links {
			c.links[name] = target
		}
	}
	return c, nil
}

func (c *imageContent) remove(gone string) {
	for name := range c.files {
		if name == gone || strings.HasSuffix(gone, "/") && strings.HasPrefix(name, gone) {
			delete(c.files, name)
			delete(c.texts, name)
		}
	}
}

// take removes files from those that are left, for the component that they
// belong to, sorted.
func (c *imageContent) take(belongs func(name string) bool) []attest.File {
	var out []attest.File
	for name, f := range c.files {
		if belongs(name) {
			out = append(out, f)
			delete(c.files, name)
		}
	}
	slices.SortFunc(out, func(a, b attest.File) int { return strings.Compare(a.Path, b.Path) })
	return out
}

// debian are the installed packages of dpkg. Their files are left out: the
// database in the image lists them, and the checksum is the whole package's.
func (c *imageContent) debian() []attest.Component {
	status := c.texts["var/lib/dpkg/status"]
	if status == "" {
		return nil
	}
	owned := map[string]bool{}
	for name, list := range c.texts {
		if path.Dir(name) != "var/lib/dpkg/info" {
			continue
		}
		for line := range strings.Lines(list) {
			file := strings.Trim(strings.TrimSpace(line), "/")
			owned[file] = true
			if top, _, _ := strings.Cut(file, "/"); slices.Contains([]string{"bin", "lib", "lib64", "sbin"}, top) {
				owned["usr/"+file] = true // where the links of today lead
			}
		}
	}
	c.take(func(name string) bool { return owned[name] })
	release := c.texts["usr/lib/os-release"]
	if release == "" {
		release = c.texts["etc/os-release"]
	}
	return attest.DpkgPackages(status, attest.ReadOSRelease(release), c.copyright)
}

// copyright is the text of a package's copyright file; its folder, or the file,
// may be a link to another package's.
func (c *imageContent) copyright(name string) string {
	dir := "usr/share/doc/" + name
	for range 4 {
		if text, ok := c.texts[dir+"/copyright"]; ok {
			return text
		}
		if target, ok := c.links[dir+"/copyright"]; ok {
			dir = path.Dir(path.Join(dir, target))
		} else if target, ok := c.links[dir]; ok {
			dir = path.Join(path.Dir(dir), target)
		} else {
			return ""
		}
	}
	return ""
}

// python are the distributions that lie in a site-packages of the image, with
// the files of their RECORDs. Those that came in a package of the system are
// that package; one that is there twice is one with the files of both.
func (c *imageContent) python(version string) []attest.Component {
	var out []attest.Component
	var requires [][]string
	places := map[string]int{} // of an ID in out
	for _, name := range slices.Sorted(maps.Keys(c.texts)) {
		if _, left := c.files[name]; !left || path.Base(name) != "METADATA" {
			continue
		}
		d, r := attest.PythonDistribution(c.texts[name], version)
		if d.Name == "" || d.Version == "" {
			continue // whatever it is: its files are listed with their layer
		}
		info := path.Dir(name)
		recorded := map[string]bool{}
		reader := csv.NewReader(strings.NewReader(c.texts[info+"/RECORD"]))
		reader.FieldsPerRecord = -1
		for row, err := reader.Read(); err == nil && len(row) > 0; row, err = reader.Read() {
			recorded[path.Join(path.Dir(info), row[0])] = true
		}
		d.Files = c.take(func(file string) bool { return recorded[file] || path.Dir(file) == info })
		if i, twice := places[d.ID()]; twice {
			out[i].Files = append(out[i].Files, d.Files...)
			continue
		}
		places[d.ID()] = len(out)
		out, requires = append(out, d), append(requires, r)
	}
	attest.LinkPython(out, requires)
	return out
}
