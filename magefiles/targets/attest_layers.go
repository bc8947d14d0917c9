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

// once is how the layer is read: as read says, unless it is known already.
func (r *layersRead) once(digest string, read func() (layerContent, error)) func() (layerContent, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.by == nil {
		r.by = map[string]func() (layerContent, error){}
	}
	if r.by[digest] == nil {
		r.by[digest] = sync.OnceValues(read)
	}
	return r.by[digest]
}

// layerContent reads a layer, or what was found in it before: a layer's digest
// stands for its content. Nobody may change what it returns.
func (j *job) layerContent(ctx context.Context, l oci.LayerStream) (layerContent, error) {
	return j.read.once(l.Digest, func() (layerContent, error) { return j.cachedContent(ctx, l) })()
}

// learned is what layerContent shall return for a layer that was read while it was made.
func (j *job) learned(c layerContent, digest string) {
	_ = j.keepContent(c, digest) // the next build reads the layer, then
	j.read.once(digest, func() (layerContent, error) { return c, nil })
}

func (j *job) cachedContent(ctx context.Context, l oci.LayerStream) (layerContent, error) {
	var c layerContent
	file := j.contentFile(l.Digest)
	if raw, err := os.ReadFile(file); err == nil && json.Unmarshal(raw, &c) == nil {
		now := time.Now()
		_ = os.Chtimes(file, now, now) // in use; see prunePapers
		return c, nil
	}
	stream, err := l.Open()
	if err == nil {
		defer func() { _ = stream.Close() }()
		c, err = readContent(ctx, stream)
	}
	if err != nil {
		return c, fmt.Errorf("reading layer %q: %w", l.Name, err)
	}
	return c, j.keepContent(c, l.Digest)
}

func (j *job) contentFile(digest string) string {
	return filepath.Join(j.cache(), "attest", xbuild.Key(layerContentFormat, digest)+".json")
}

func (j *job) keepContent(c layerContent, digest string) error {
	raw, err := json.Marshal(c)
	if err != nil {
		return err
	}
	return xbuild.WriteFile(j.contentFile(digest), raw, 0o644)
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

// readContent reads the uncompressed tar archive of a layer.
func readContent(ctx context.Context, stream io.Reader) (layerContent, error) {
	c := layerContent{Texts: map[string]string{}, Links: map[string]string{}}
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
