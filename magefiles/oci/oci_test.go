package oci

import (
	"archive/tar"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-containerregistry/pkg/registry"
	v1 "github.com/google/go-containerregistry/pkg/v1"
)

var update = flag.Bool("update", false, "rewrite testdata/*.golden")

// golden compares with testdata/NAME.golden.
func golden(t *testing.T, name, got string) {
	t.Helper()
	file := filepath.Join("testdata", name+".golden")
	if *update {
		if err := writeFile(file, []byte(got)); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if want := strings.ReplaceAll(string(want), "\r\n", "\n"); got != want {
		t.Errorf("%s differs; run the test with -update if it should\n--- got\n%s--- want\n%s", file, got, want)
	}
}

// epoch is the time of everything in these tests.
func epoch() time.Time { return time.Unix(1_700_000_000, 0) }

func file(content string) *fstest.MapFile {
	return &fstest.MapFile{Data: []byte(content), Mode: 0o644}
}

func symlink(target string) *fstest.MapFile {
	return &fstest.MapFile{Data: []byte(target), Mode: fs.ModeSymlink | 0o777}
}

// layer is a layer with one file that differs by content.
func layer(name, content string) *Layer {
	return &Layer{Name: name, To: "/opt/" + name, Tree: FS(fstest.MapFS{"file": file(content)})}
}

// twoPlatforms is a plan with one layer of each platform and a shared one.
func twoPlatforms() Plan {
	ui := layer("ui", "the same on all of them")
	image := func(platform string) Image {
		return Image{
			Platform: platform,
			Layers:   []*Layer{layer("cli", "machine code for "+platform), ui},
			Config:   Config{Entrypoint: []string{"app"}, Env: map[string]string{"A": "1"}, User: "10001"},
			Created:  epoch(),
		}
	}
	return Plan{Images: []Image{image("linux/arm64"), image("linux/amd64")}}
}

func build(t *testing.T, plan Plan) Index {
	t.Helper()
	return buildIn(t, t.TempDir(), plan)
}

func buildIn(t *testing.T, dir string, plan Plan) Index {
	t.Helper()
	index, err := Builder{Cache: Cache{Dir: dir}}.Build(t.Context(), plan)
	if err != nil {
		t.Fatal(err)
	}
	return index
}

func digest(t *testing.T, d interface{ Digest() (v1.Hash, error) }) string {
	t.Helper()
	h, err := d.Digest()
	if err != nil {
		t.Fatal(err)
	}
	return h.String()
}

// wantError wants an error that says all of the given things.
func wantError(t *testing.T, err error, says ...string) {
	t.Helper()
	if err == nil {
		t.Fatalf("no error; want one that says %q", says)
	}
	for _, s := range says {
		if !strings.Contains(err.Error(), s) {
			t.Errorf("error %q does not say %q", err, s)
		}
	}
}

// testRegistry is a registry in this process that keeps a record of requests
// and, where fail says so, answers with a server error instead.
type testRegistry struct {
	host  string
	inner http.Handler

	mu   sync.Mutex
	log  []string
	fail func(*http.Request) bool
	edit func(http.ResponseWriter, *http.Request) bool // true: it has answered
}

func newRegistry(t *testing.T) *testRegistry {
	t.Helper()
	r := &testRegistry{inner: registry.New(registry.Logger(log.New(io.Discard, "", 0)))}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		r.mu.Lock()
		r.log = append(r.log, req.Method+" "+req.URL.Path)
		fail, edit := r.fail, r.edit
		r.mu.Unlock()
		switch {
		case fail != nil && fail(req):
			http.Error(w, "broken", http.StatusInternalServerError)
		case edit != nil && edit(w, req):
		default:
			r.inner.ServeHTTP(w, req)
		}
	}))
	t.Cleanup(server.Close)
	r.host = strings.TrimPrefix(server.URL, "http://")
	return r
}

func (r *testRegistry) set(fail func(*http.Request) bool, edit func(http.ResponseWriter, *http.Request) bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.fail, r.edit = fail, edit
}

// requests returns the record since the last call.
func (r *testRegistry) requests() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	out := r.log
	r.log = nil
	return out
}

func count(requests []string, method, part string) int {
	n := 0
	for _, line := range requests {
		if strings.HasPrefix(line, method+" ") && strings.Contains(line, part) {
			n++
		}
	}
	return n
}

// quick retries at once.
func quick() Remote {
	return Remote{Patience: Patience{Attempts: 2, First: time.Millisecond, Longest: 2 * time.Millisecond}}
}

// listing shows a tar archive, one entry a line.
func listing(t *testing.T, r io.Reader) string {
	t.Helper()
	var out strings.Builder
	for tr := tar.NewReader(r); ; {
		h, err := tr.Next()
		if errors.Is(err, io.EOF) {
			return out.String()
		}
		if err != nil {
			t.Fatal(err)
		}
		content, err := io.ReadAll(tr)
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(&out, "%c %04o %d:%d %d %s", h.Typeflag, h.Mode, h.Uid, h.Gid, h.ModTime.Unix(), h.Name)
		if h.Linkname != "" {
			fmt.Fprintf(&out, " -> %s", h.Linkname)
		}
		if len(content) > 0 {
			fmt.Fprintf(&out, " %q", content)
		}
		for key, value := range h.PAXRecords {
			if strings.HasPrefix(key, paxXattr) {
				fmt.Fprintf(&out, " %s=%q", key, value)
			}
		}
		if h.Uname+h.Gname != "" || !h.AccessTime.IsZero() || !h.ChangeTime.IsZero() {
			t.Errorf("%q: names of owners or further times were written", h.Name)
		}
		out.WriteByte('\n')
	}
}

func tarOf(t *testing.T, tree fs.FS, l *Layer) string {
	t.Helper()
	var out strings.Builder
	if err := writeTar(context.Background(), &out, tree, l, epoch()); err != nil {
		t.Fatal(err)
	}
	return out.String()
}
