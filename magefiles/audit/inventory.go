package audit

import (
	"io/fs"
	"path"
	"strings"
)

// Inventory is what one platform's image (or a folder, or a wheel) holds when
// all its layers lie on one another: names, kinds and facts of files, and the
// text of a few, but no contents. Checks are functions of it.
type Inventory struct {
	Platform string // as the image's config or the caller says: "linux/arm64"
	Layers   []LayerFacts
	Config   *Config            // nil for what is no image
	Files    map[string]*Entry  // by absolute, clean path: "/usr/bin/python3"; the root is "/"
	Removed  map[string]Removal // files and links that a layer took away from those under it, by path
	Partial  bool               // layers under it were not read: what is not here may be there
	Stats    Stats
}

// LayerFacts is one layer that was read.
type LayerFacts struct {
	Name   string // what its maker calls it; may be empty
	Index  int    // its place in the image, 0 at the bottom
	Digest string // of the compressed blob; may be empty
}

// Removal is where a file came from, and who took it away: indexes into
// Inventory.Layers.
type Removal struct{ From, By int }

// Config is the part of an image's configuration that decides what runs.
type Config struct {
	Entrypoint, Command []string
	User                string // "10001", "app", "10001:10001"; "" is root
	WorkingDir          string
	Env                 []string // KEY=value
	Ports               []string // "8082/tcp"
}

// Entry is one name in the final file system. Hard links are several names with
// one File.
type Entry struct {
	Path     string
	Mode     fs.FileMode // type and permissions; setuid, setgid and sticky as Go's bits
	UID, GID int         // -1 where unknown
	Link     string      // where a symbolic link points, as written
	Layer    int         // index into Inventory.Layers; -1 for a tree
	File     *Content    // nil but for regular files
}

// Content is what is known of a regular file's bytes.
type Content struct {
	Size    int64
	Sum     [32]byte // SHA-256
	Program *Program // nil unless it is native code
	Fault   error    // why Program could not be read in full (ErrMalformed)
	Head    []byte   // the first bytes of a text or script: enough for "#!" and key headers
	Text    []byte   // the whole of the few small files that checks read; nil else
	Inner   []Inner  // native files in it, if it is a zip, wheel, egg or jar
	Names   []string // all its names, sorted; more than one for hard links
}

// Inner is a native file within an archive within the image.
type Inner struct {
	Path    string // within the archive, with "!" between nested archives: "b.jar!lib/x.so"
	Sum     [32]byte
	Program *Program
	Fault   error
}

// maxLinks is what Linux itself allows in one path (path_resolution(7)).
const maxLinks = 40

// Resolve follows symbolic links in a path as the kernel does within the image:
// absolute ones start at its root, none climbs out of it, and ".." is where the
// link before it leads. The path starts at the root, too. It returns the final
// name, or false if something on the way is missing or goes in circles.
func (inv *Inventory) Resolve(name string) (*Entry, bool) {
	rest, at := strings.Split(name, "/"), "/"
	for links := 0; len(rest) > 0; {
		part := rest[0]
		rest = rest[1:]
		switch part {
		case "", ".":
			continue
		case "..":
			at = path.Dir(at)
			continue
		}
		next := path.Join(at, part)
		e, ok := inv.Files[next]
		if !ok {
			return nil, false
		}
		if e.Mode.Type() != fs.ModeSymlink {
			at = next
			continue
		}
		if links++; links > maxLinks {
			return nil, false
		}
		rest = append(strings.Split(e.Link, "/"), rest...)
		if strings.HasPrefix(e.Link, "/") {
			at = "/"
		}
	}
	e, ok := inv.Files[at]
	return e, ok
}

// layerOf names the layer of an entry for a finding.
func (inv *Inventory) layerOf(e *Entry) (name string, index int) {
	if e.Layer < 0 || e.Layer >= len(inv.Layers) {
		return "", -1
	}
	l := inv.Layers[e.Layer]
	return l.Name, l.Index
}

// finding is a finding about an entry.
func (inv *Inventory) finding(e *Entry, id, severity, message, cure string) Finding {
	layer, index := inv.layerOf(e)
	return Finding{
		ID: id, Severity: severity, Platform: inv.Platform, Path: e.Path, Layer: layer, LayerIndex: index,
		Message: message, Cure: cure,
	}
}
