package oci

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"

	v1 "github.com/google/go-containerregistry/pkg/v1"
)

// layerFormat is part of every cache key. Raise it with any change that alters
// the bytes of a layer: a new compressor, another default mode. The digest
// pinned in example_test.go says when that is.
const layerFormat = 1

// Cache keeps finished blobs in a directory, by digest, and remembers which key
// made which. Several builds may use one directory at the same time.
type Cache struct {
	Dir string

	// Sum, if it is set, is the hexadecimal SHA-256 of a file of the cache. It
	// may remember what it read of a file as long as its size and time stay the
	// same: a blob is written once, whole, and never again.
	Sum func(file string) (string, error)
}

// known is what the cache remembers about a key, in Dir/keys/HASH.json.
type known struct {
	Layer  string  `json:"layer"` // for people who look into the cache
	Digest v1.Hash `json:"digest"`
	DiffID v1.Hash `json:"diffID"`
	Size   int64   `json:"size"`
}

// key is the name of a layer in the cache, or "" if the layer has no Key.
func (l *Layer) key(mtime time.Time) string {
	if l.Key == "" {
		return ""
	}
	h := sha256.New()
	fmt.Fprintf(h, "%d %d %q %q %d:%d %t\n", layerFormat, gzipLevel, l.Key, l.To, l.Owner.UID, l.Owner.GID, l.KeepModes)
	fmt.Fprintf(h, "%d\n", mtime.Unix())
	return hex.EncodeToString(h.Sum(nil))
}

func (c Cache) keyFile(key string) string {
	return filepath.Join(c.Dir, "keys", key+".json")
}

func (c Cache) blobFile(h v1.Hash) string {
	return filepath.Join(c.Dir, "blobs", h.Algorithm, h.Hex)
}

// find returns the blob that a key made, or nil if there is none that is sound:
// what a disk or a person has garbled must not become part of an image.
func (c Cache) find(ctx context.Context, key string) *blob {
	raw, err := os.ReadFile(c.keyFile(key))
	if err != nil {
		return nil
	}
	var k known
	if json.Unmarshal(raw, &k) != nil || k.DiffID == (v1.Hash{}) || !c.sound(ctx, k.Digest, k.Size) {
		return nil
	}
	// What is in use is young: see Prune.
	now := time.Now()
	_ = os.Chtimes(c.keyFile(key), now, now)
	return &blob{cache: c, file: c.blobFile(k.Digest), digest: k.Digest, diffID: k.DiffID, size: k.Size}
}

// sound reports whether the blob is there with the content that its name says.
func (c Cache) sound(ctx context.Context, want v1.Hash, size int64) bool {
	file := c.blobFile(want)
	info, err := os.Stat(file)
	if err != nil || info.Size() != size {
		return false
	}
	if now := time.Now(); now.Sub(info.ModTime()) > inUse/2 {
		_ = os.Chtimes(file, now, now) // rarely, since what Sum remembers goes with it
	}
	if c.Sum == nil {
		return checkFile(ctx, file, want, size) == nil
	}
	got, err := c.Sum(file)
	return err == nil && got == want.Hex
}

// remember ties a key to a blob that is already in the cache.
func (c Cache) remember(key, layer string, b *blob) error {
	raw, err := json.Marshal(known{Layer: layer, Digest: b.digest, DiffID: b.diffID, Size: b.size})
	if err != nil {
		return err
	}
	err = writeFile(c.keyFile(key), append(raw, '\n'))
	if _, serr := os.Stat(c.keyFile(key)); serr == nil && errors.Is(err, fs.ErrPermission) {
		// Windows refuses while another build writes or reads the same. A key that
		// is not remembered costs time, no more.
		return nil
	}
	return err
}

// add streams a new blob into the cache. The digest is what fill returns after
// it has written everything; only then does the blob get its name.
func (c Cache) add(fill func(io.Writer) (v1.Hash, error)) (file string, err error) {
	dir := filepath.Join(c.Dir, "blobs", "sha256")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return "", fmt.Errorf("making cache %q: %w", c.Dir, err)
	}
	tmp, err := os.CreateTemp(dir, tempPrefix+"*")
	if err != nil {
		return "", fmt.Errorf("writing to cache %q: %w", c.Dir, err)
	}
	defer os.Remove(tmp.Name()) //nolint:errcheck // gone after the rename
	digest, err := fill(tmp)
	if err == nil {
		// Temporary files are private; a layout made of hard links is not.
		err = tmp.Chmod(0o644)
	}
	if cerr := tmp.Close(); err == nil {
		err = cerr
	}
	if err != nil {
		return "", diskCure(err)
	}
	file = c.blobFile(digest)
	return file, replaceFile(tmp.Name(), file)
}

// checkFile compares a file with a digest and a size.
func checkFile(ctx context.Context, file string, want v1.Hash, size int64) error {
	f, err := os.Open(file)
	if err != nil {
		return err
	}
	defer f.Close() //nolint:errcheck // only read from
	info, err := f.Stat()
	if err != nil {
		return err
	}
	if info.Size() != size {
		return fmt.Errorf("checking %q: %d bytes, not %d", file, info.Size(), size)
	}
	got, _, err := v1.SHA256(contextReader{ctx, f})
	if err == nil && got != want {
		err = fmt.Errorf("checking %q: its content is %s", file, got)
	}
	return err
}

// Prune removes blobs and keys that no build has used for longer than age, and
// then those that were used longest ago until no more than most bytes are left;
// 0 is no bound. What was used within the last hour stays: it may be a build's
// that runs now. A cache that is not there is a success.
func (c Cache) Prune(age time.Duration, most int64) error {
	limit, busy := time.Now().Add(-age), time.Now().Add(-inUse)
	var total int64
	var old []cached
	err := filepath.WalkDir(c.Dir, func(file string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		info, err := d.Info()
		switch {
		case err == nil && info.ModTime().Before(limit):
			err = os.Remove(file)
		case err == nil:
			total += info.Size()
			if info.ModTime().Before(busy) {
				old = append(old, cached{file, info.Size(), info.ModTime()})
			}
		}
		if errors.Is(err, fs.ErrNotExist) {
			return nil // somebody else was faster
		}
		return err
	})
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("pruning cache %q: %w", c.Dir, err)
	}
	if most <= 0 {
		return nil
	}
	slices.SortFunc(old, func(a, b cached) int { return a.used.Compare(b.used) })
	for _, o := range old {
		if total <= most {
			break
		}
		if err := os.Remove(o.file); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("pruning cache %q: %w", c.Dir, err)
		}
		total -= o.size
	}
	return nil
}

// inUse is how long what a build has used is safe from Prune for its size.
const inUse = time.Hour

type cached struct {
	file string
	size int64
	used time.Time
}
