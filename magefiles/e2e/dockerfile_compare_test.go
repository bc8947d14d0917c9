//go:build e2e

package e2e

import (
	"archive/tar"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
)

// contents says of each path what it is: kind, mode, owner, and content. Times
// are left out: BuildKit gives folders that of the build.
func contents(t *testing.T, image v1.Image) map[string]string {
	t.Helper()
	if image == nil {
		t.Fatal("there is no such image")
	}
	stream := mutate.Extract(image)
	defer func() { _ = stream.Close() }()
	out := map[string]string{}
	for r := tar.NewReader(stream); ; {
		h, err := r.Next()
		if errors.Is(err, io.EOF) {
			return out
		}
		if err != nil {
			t.Fatal(err)
		}
		hash := sha256.New()
		if _, err := io.Copy(hash, r); err != nil {
			t.Fatal(err)
		}
		path := strings.Trim(strings.TrimPrefix(h.Name, "./"), "/")
		out[path] = fmt.Sprintf("%c %o %d:%d %s %x", h.Typeflag, h.Mode&0o7777, h.Uid, h.Gid, h.Linkname, hash.Sum(nil)[:8])
	}
}

func layerDigests(t *testing.T, image v1.Image) map[string]bool {
	t.Helper()
	layers, err := image.Layers()
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]bool{}
	for _, l := range layers {
		d, err := l.Digest()
		if err != nil {
			t.Fatal(err)
		}
		out[d.String()] = true
	}
	return out
}

func sameConfig(t *testing.T, theirs, own v1.Image) {
	t.Helper()
	a, errA := theirs.ConfigFile()
	b, errB := own.ConfigFile()
	if err := errors.Join(errA, errB); err != nil {
		t.Fatal(err)
	}
	for _, c := range []*v1.Config{&a.Config, &b.Config} {
		delete(c.Labels, "org.opencontainers.image.created") // the commit's time, which docker build alone does not know
		slices.Sort(c.Env)
	}
	if got, want := fmt.Sprintf("%+v", a.Config), fmt.Sprintf("%+v", b.Config); got != want {
		t.Errorf("the config is\n%s\nwant\n%s", got, want)
	}
}
