package oci

import (
	"bufio"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"io/fs"
	"runtime"
	"sync"
	"time"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/klauspost/compress/gzip"
	"golang.org/x/sync/errgroup"
)

// gzipLevel is what Docker and ko use too. See layerFormat before changing it.
const gzipLevel = 6

// Builder turns plans into images.
type Builder struct {
	Cache Cache

	// Jobs is how many layers are made at the same time; 0 is one per CPU.
	Jobs int

	// Progress, if set, hears of each layer that is ready. It may be called from
	// several goroutines, but never by two at once.
	Progress func(LayerDone)

	// Readers are given each layer that is made, as it is made.
	Readers []LayerReader
}

// LayerDone tells of a finished layer.
type LayerDone struct {
	Name   string
	Digest string
	Size   int64         // compressed, in bytes
	Cached bool          // nothing was read or compressed
	Took   time.Duration // waiting included if another image needed it first
}

// Build makes every layer that is not in the cache and puts the index together.
// The result holds exactly the platforms of the plan, sorted.
func (b Builder) Build(ctx context.Context, plan Plan) (Index, error) {
	if b.Cache.Dir == "" {
		return nil, errors.New("building images: the builder has no cache directory")
	}
	images, err := plan.sorted()
	if err != nil {
		return nil, err
	}
	made, err := b.layers(ctx, images)
	if err != nil {
		return nil, err
	}
	return assemble(ctx, plan, images, made, b.Cache)
}

// made are finished layers by who asked for them.
type madeLayers map[layerID]*blob

// layerID tells layers apart within one build: by key where there is one, so
// that equal layers of two images are made once, else by address.
type layerID struct {
	key   string
	layer *Layer
	unix  int64
}

func identify(l *Layer, mtime time.Time) layerID {
	if key := l.key(mtime); key != "" {
		return layerID{key: key}
	}
	return layerID{layer: l, unix: mtime.Unix()}
}

func (b Builder) layers(ctx context.Context, images []plannedImage) (madeLayers, error) {
	made := make(madeLayers)
	var mu sync.Mutex // of made's values and of Progress
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(b.jobs())
	for _, image := range images {
		for _, l := range image.Layers {
			id := identify(l, image.fileTime)
			if _, ok := made[id]; ok {
				continue
			}
			target := new(blob)
			made[id] = target
			g.Go(func() error {
				start := time.Now()
				done, cached, err := b.layer(ctx, l, id.key, image.fileTime)
				if err != nil {
					return fmt.Errorf("building layer %q: %w", l.Name, err)
				}
				mu.Lock()
				defer mu.Unlock()
				*target = *done
				if b.Progress != nil {
					b.Progress(LayerDone{l.Name, done.digest.String(), done.size, cached, time.Since(start)})
				}
				return nil
			})
		}
	}
	return made, g.Wait()
}

func (b Builder) jobs() int {
	if b.Jobs > 0 {
		return b.Jobs
	}
	return runtime.GOMAXPROCS(0)
}

func (b Builder) layer(ctx context.Context, l *Layer, key string, mtime time.Time) (_ *blob, cached bool, err error) {
	if err := ctx.Err(); err != nil {
		return nil, false, err
	}
	if key != "" {
		if found := b.Cache.find(ctx, key); found != nil {
			return found, true, nil
		}
	}
	tree, err := l.Tree(ctx)
	if err != nil {
		return nil, false, err
	}
	if closer, ok := tree.(io.Closer); ok {
		defer closer.Close() //nolint:errcheck // only read from
	}
	keys := []string{key}
	if key == "" || l.SameOften {
		content, err := contentKey(ctx, tree, l, mtime)
		if err != nil {
			return nil, false, err
		}
		if found := b.Cache.find(ctx, content); found != nil {
			return found, true, b.remember([]string{key}, l, found)
		}
		keys = append(keys, content)
	}
	made, err := b.compress(ctx, tree, l, mtime)
	if err != nil {
		return nil, false, err
	}
	return made, false, b.remember(keys, l, made)
}

// remember ties keys to a finished layer, unless what was read is not what they name.
func (b Builder) remember(keys []string, l *Layer, made *blob) error {
	if l.Still != nil && !l.Still() {
		return nil
	}
	for _, key := range keys {
		if key == "" {
			continue
		}
		if err := b.Cache.remember(key, l.Name, made); err != nil {
			return err
		}
	}
	return nil
}

// contentKey is the key of a layer that has no other one: the digest of its archive. To
// read and hash a tree takes a tenth of the time that compressing it does.
func contentKey(ctx context.Context, tree fs.FS, l *Layer, mtime time.Time) (string, error) {
	h := sha256.New()
	if err := writeTar(ctx, h, tree, l, mtime); err != nil {
		return "", err
	}
	fmt.Fprintf(h, "%d %d", layerFormat, gzipLevel)
	return hex.EncodeToString(h.Sum(nil)), nil
}

// compress reads the tree of a layer into the cache: tree -> tar -> gzip -> file,
// with the digests of both ends taken on the way.
func (b Builder) compress(ctx context.Context, tree fs.FS, l *Layer, mtime time.Time) (*blob, error) {
	made := &blob{cache: b.Cache}
	var readers *audience
	var err error
	made.file, err = b.Cache.add(func(file io.Writer) (v1.Hash, error) {
		digest, size := sha256.New(), new(counter)
		out := bufio.NewWriterSize(io.MultiWriter(file, digest, size), 256<<10)
		z, err := gzip.NewWriterLevel(out, gzipLevel) // with an empty header: no name, no time
		if err != nil {
			return v1.Hash{}, err
		}
		diff := sha256.New()
		readers = gather(ctx, b.Readers)
		err = writeTar(ctx, io.MultiWriter(readers, z, diff), tree, l, mtime)
		readers.end(err)
		if err != nil {
			return v1.Hash{}, err
		}
		if err := errors.Join(z.Close(), out.Flush()); err != nil {
			return v1.Hash{}, err
		}
		made.digest, made.diffID, made.size = sum(digest), sum(diff), int64(*size)
		return made.digest, nil
	})
	if err == nil {
		readers.tell(made.digest.String())
	}
	return made, err
}

type counter int64

func (c *counter) Write(p []byte) (int, error) {
	*c += counter(len(p))
	return len(p), nil
}

func sum(h hash.Hash) v1.Hash {
	return v1.Hash{Algorithm: "sha256", Hex: hex.EncodeToString(h.Sum(nil))}
}
