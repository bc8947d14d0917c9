package oci

import (
	"bytes"
	"context"
	"errors"
	"io"
	"io/fs"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
)

// readings are what a reader has seen, by the digest that it was told.
type readings struct {
	mu sync.Mutex
	by map[string]string
}

func (r *readings) told(digest, text string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.by == nil {
		r.by = map[string]string{}
	}
	r.by[digest] = text
}

// TestReaders: every reader sees each new layer as it can be read from the image afterwards, whatever the others do.
func TestReaders(t *testing.T) {
	t.Parallel()
	plan := twoPlatforms()
	plan.Images[0].Layers = append(plan.Images[0].Layers, &Layer{Name: "large", To: "/", Tree: FS(fstest.MapFS{
		"a": {Data: bytes.Repeat([]byte("0123456789abcdef"), 100_000)}, "b": file("small"),
	})})
	var whole, head, failed readings
	b := Builder{Cache: Cache{Dir: t.TempDir()}, Readers: []LayerReader{
		func(_ context.Context, r io.Reader) (func(string), error) {
			text, err := io.ReadAll(r)
			return func(digest string) { whole.told(digest, string(text)) }, err
		},
		func(_ context.Context, r io.Reader) (func(string), error) {
			text := make([]byte, 5)
			_, err := io.ReadFull(r, text)
			return func(digest string) { head.told(digest, string(text)) }, err
		},
		func(context.Context, io.Reader) (func(string), error) {
			return func(digest string) { failed.told(digest, "") }, errors.New("it cannot read this")
		},
		func(context.Context, io.Reader) (func(string), error) { return nil, nil },
	}}
	index, err := b.Build(t.Context(), plan)
	if err != nil {
		t.Fatal(err)
	}
	images, err := Streams(index)
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]string{}
	for _, image := range images {
		for _, l := range image.Layers {
			r, err := l.Open()
			if err != nil {
				t.Fatal(err)
			}
			text, err := io.ReadAll(r)
			if err := errors.Join(err, r.Close()); err != nil {
				t.Fatal(err)
			}
			want[l.Digest] = string(text)
		}
	}
	if len(want) != 4 || !maps.Equal(whole.by, want) {
		t.Errorf("layers %q were read, want %q", slices.Sorted(maps.Keys(whole.by)), slices.Sorted(maps.Keys(want)))
	}
	for digest, text := range want {
		if head.by[digest] != text[:5] {
			t.Errorf("of %s the head is %q", digest, head.by[digest])
		}
	}
	if len(failed.by) > 0 {
		t.Errorf("who failed was told of %v", failed.by)
	}

	clear(whole.by)
	if _, err := b.Build(t.Context(), plan); err != nil || len(whole.by) > 0 {
		t.Errorf("from the cache: %v, and read were %v", err, whole.by)
	}
}

// TestReadersOfNothing: a layer that does not come about is not told of, and its readers see why.
func TestReadersOfNothing(t *testing.T) {
	t.Parallel()
	seen := make(chan error, 1)
	b := Builder{Cache: Cache{Dir: t.TempDir()}, Readers: []LayerReader{func(_ context.Context, r io.Reader) (func(string), error) {
		_, err := io.Copy(io.Discard, r)
		seen <- err
		return func(digest string) { t.Errorf("it was told of %s", digest) }, nil
	}}}
	plan := onePlatform()
	plan.Images[0].Layers = []*Layer{{Name: "broken", Key: "1", To: "/", Tree: FS(brokenFile{fstest.MapFS{"file": file(strings.Repeat("x", 1000))}})}}
	if _, err := b.Build(t.Context(), plan); !errors.Is(err, fs.ErrPermission) {
		t.Errorf("got %v", err)
	}
	select {
	case err := <-seen:
		if !errors.Is(err, fs.ErrPermission) {
			t.Errorf("the reader saw %v", err)
		}
	default:
		t.Error("the build did not wait for its reader")
	}
}

// brokenFile has files that cannot be opened.
type brokenFile struct{ fstest.MapFS }

func (b brokenFile) Open(name string) (fs.File, error) {
	if name == "file" {
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrPermission}
	}
	return b.MapFS.Open(name)
}
