package targets

import (
	"archive/tar"
	"context"
	"crypto/sha1" //nolint:gosec // SPDX 2.3 wants it of every file
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/noetl/noetl/magefiles/attest"
	"github.com/noetl/noetl/magefiles/oci"
	"github.com/noetl/noetl/magefiles/xbuild"
)

// layerContent is what a bill of materials needs of a layer.
type layerContent struct {
	Files []attest.File     `json:"files"`
	Texts map[string]string `json:"texts"` // of the files that say what others are
	Links map[string]string `json:"links"` // of documentation that several packages share
	Gone  []string          `json:"gone"`  // of lower layers; a folder ends in /
}

// layerContentFormat goes into the names of cached contents: raise it when equal
// layers are read to something else.
const layerContentFormat = "1"

// layersRead are the layers that this build has read, by digest: several images have them.
type layersRead struct {
	mu sync.Mutex
	by map[string]func() (layerContent, error)
}

// layerContent reads a layer, or what was found in it before: a layer's digest
// stands for its content. Nobody may change what it returns.
func (j *job) layerContent(ctx context.Context, l oci.LayerStream) (layerContent, error) {
	j.read.mu.Lock()
	if j.read.by == nil {
		j.read.by = map[string]func() (layerContent, error){}
	}
	read := j.read.by[l.Digest]
	if read == nil {
		read = sync.OnceValues(func() (layerContent, error) { return j.cachedContent(ctx, l) })
		j.read.by[l.Digest] = read
	}
	j.read.mu.Unlock()
	return read()
}

func (j *job) cachedContent(ctx context.Context, l oci.LayerStream) (layerContent, error) {
	file := filepath.Join(j.cache(), "attest", xbuild.Key(layerContentFormat, l.Digest)+".json")
	var c layerContent
	if raw, err := os.ReadFile(file); err == nil && json.Unmarshal(raw, &c) == nil {
		now := time.Now()
		_ = os.Chtimes(file, now, now) // in use; see prunePapers
		return c, nil
	}
	c, err := readContent(ctx, l)
	if err != nil {
		return c, fmt.Errorf("reading layer %q: %w", l.Name, err)
	}
	raw, err := json.Marshal(c)
	if err != nil {
		return c, err
	}
	return c, xbuild.WriteFile(file, raw, 0o644)
}

// prunePapers forgets layers that no build has read for a while.
func (j *job) prunePapers() {
	files, _ := filepath.Glob(filepath.Join(j.cache(), "attest", "*.json"))
	for _, file := range files {
		if info, err := os.Stat(file); err == nil && time.Since(info.ModTime()) > keepLayers {
			_ = os.Remove(file) // another build may have done so
		}
	}
}

func readContent(ctx context.Context, l oci.LayerStream) (layerContent, error) {
	c := layerContent{Texts: map[string]string{}, Links: map[string]string{}}
	stream, err := l.Open()
	if err != nil {
		return c, err
	}
	defer func() { _ = stream.Close() }()
	for archive := tar.NewReader(stream); ; {
		h, err := archive.Next()
		if errors.Is(err, io.EOF) {
			return c, nil
		}
		if err == nil {
			err = ctx.Err()
		}
		if err == nil {
			err = c.add(h, archive)
		}
		if err != nil {
			return c, err
		}
	}
}

// maxFact is the size of the largest file that is kept as text, in bytes.
const maxFact = 16 << 20

func (c *layerContent) add(h *tar.Header, content io.Reader) error {
	name := path.Clean(strings.TrimPrefix(h.Name, "/"))
	dir, base := path.Split(name)
	if hidden, ok := strings.CutPrefix(base, ".wh."); ok {
		if hidden == ".wh..opq" {
			c.Gone = append(c.Gone, dir)
		} else {
			c.Gone = append(c.Gone, dir+hidden, dir+hidden+"/")
		}
		return nil
	}
	switch h.Typeflag {
	case tar.TypeSymlink:
		if strings.HasPrefix(name, "usr/share/doc/") || name == "etc/os-release" {
			c.Links[name] = h.Linkname
		}
	case tar.TypeLink: // another name of a file that came before
		target := path.Clean(strings.TrimPrefix(h.Linkname, "/"))
		for _, f := range c.Files {
			if f.Path == target {
				c.Files = append(c.Files, attest.File{Path: name, SHA1: f.SHA1, SHA256: f.SHA256})
				break
			}
		}
	case tar.TypeReg:
		small, strong := sha1.New(), sha256.New() //nolint:gosec // see above
		var text strings.Builder
		to := io.MultiWriter(small, strong)
		if tellsOthers(name) && h.Size <= maxFact {
			to = io.MultiWriter(small, strong, &text)
		}
		if _, err := io.Copy(to, content); err != nil {
			return err
		}
		if text.Len() > 0 {
			c.Texts[name] = text.String()
		}
		c.Files = append(c.Files, attest.File{Path: name, SHA1: hex.EncodeToString(small.Sum(nil)), SHA256: hex.EncodeToString(strong.Sum(nil))})
	}
	return nil
}

// tellsOthers knows the files that say what other files are.
func tellsOthers(name string) bool {
	dir, base := path.Split(name)
	switch base {
	case "METADATA", "RECORD":
		return strings.HasSuffix(dir, ".dist-info/")
	case "copyright":
		return strings.HasPrefix(name, "usr/share/doc/")
	case "os-release", bundleLicenses:
		return true
	}
	return name == "var/lib/dpkg/status" || dir == "var/lib/dpkg/info/" && path.Ext(name) == ".list"
}
