package bench

import (
	"bytes"
	"crypto/sha256"
	"encoding/xml"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

var update = flag.Bool("update", false, "rewrite the golden files")

func fixture() Result {
	zero, one := int64(0), int64(1_301_669)
	r := Result{
		Title: "Building an image", Commit: "0123456789abcdef", Date: time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC),
		Machine: Machine{CPU: "A <CPU>", Cores: 2, Memory: 16e9, OS: "Linux & co", Kernel: "6.1", Tools: []string{"go 1.26"}},
	}
	for i, s := range []float64{31, 30, 40} {
		r.Add(Sample{Cell: Cell{"oci", "cold"}, Run: i + 1, Seconds: s, Tools: 30, Twice: &one})
	}
	r.Add(Sample{Cell: Cell{"emulated", "cold"}, Run: 1, Seconds: 620})
	r.Add(Sample{Cell: Cell{"oci", "nochange"}, Run: 1, Seconds: 0.5, Blobs: &zero, Sent: &zero})
	r.Add(Sample{Cell: Cell{"buildx", "nochange"}, Run: 1, Seconds: 0.4, Sent: &one})
	r.Miss(Missing{Engine: "ko", Why: "no compiler."})
	return r
}

// TestGolden: the table and the picture of a known result.
func TestGolden(t *testing.T) {
	t.Parallel()
	r := fixture()
	text, err := r.JSON()
	if err != nil {
		t.Fatal(err)
	}
	for name, got := range map[string]string{"result.json": string(text), "result.md": r.Markdown(), "result.svg": r.SVG()} {
		file := filepath.Join("testdata", name+".golden")
		if *update {
			if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(file)
		if err != nil || strings.ReplaceAll(string(want), "\r\n", "\n") != got {
			t.Errorf("%s differs (%v); run with -update and look at the change:\n%s", file, err, got)
		}
	}
	again, err := Read(text)
	if err != nil || again.SVG() != r.SVG() || again.Markdown() != r.Markdown() {
		t.Errorf("read back it is another result (%v)", err)
	}
	for d := xml.NewDecoder(strings.NewReader(r.SVG())); ; {
		if _, err := d.Token(); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatalf("the picture is no XML: %v", err)
		}
	}
}

// TestJudge: the limits count in the right direction, and what is not measured
// is not judged.
func TestJudge(t *testing.T) {
	t.Parallel()
	want := map[string]string{
		"cold, two platforms: emulated build / ours":                 "20.00 true",
		"cold, two platforms: cross-compiling buildx / ours":         "unknown",
		"no change: ours / cross-compiling buildx":                   "1.25 false",
		"blobs sent for no change":                                   "0.00 true",
		"own overhead, cold: wall time / critical path of the tools": "1.03 true",
	}
	for _, v := range fixture().Judge(Thresholds()) {
		got := "unknown"
		if v.Known {
			got = fmt.Sprintf("%.2f %v", v.Value, v.Good)
		}
		if w, ok := want[v.What]; ok && got != w {
			t.Errorf("%s: %s, want %s", v.What, got, w)
		}
		delete(want, v.What)
	}
	if len(want) > 0 {
		t.Errorf("never judged: %v", want)
	}
}

// TestSchedule: engines take turns, cold first; emulation is cold once.
func TestSchedule(t *testing.T) {
	t.Parallel()
	var got []string
	for _, turn := range Schedule([]string{"oci", "buildx", "emulated", "task"}, []string{"nochange", "cold", "list"}, 2) {
		got = append(got, fmt.Sprintf("%s %s %d", turn.Scenario, turn.Engine, turn.Run))
	}
	want := []string{
		"cold oci 1", "cold buildx 1", "cold emulated 1", "cold buildx 2", "cold oci 2",
		"nochange oci 1", "nochange buildx 1", "nochange emulated 1", "nochange buildx 2", "nochange emulated 2", "nochange oci 2",
		"list task 1", "list task 2",
	}
	if !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
	if _, err := Choose("engines", "oci,kaniko", []string{"oci"}); err == nil || !strings.Contains(err.Error(), "kaniko") {
		t.Errorf("an unknown name: %v", err)
	}
}

// TestSame: results of two machines or commits are not put together.
func TestSame(t *testing.T) {
	t.Parallel()
	r := fixture()
	other := r.Machine
	other.Cores = 64
	if r.Same(other, r.Commit) == nil || r.Same(r.Machine, "fff") == nil || r.Same(r.Machine, r.Commit) != nil {
		t.Error("results are told apart wrongly")
	}
}

// TestRegistry: what is pushed is there, is counted, and nothing wrong is kept.
func TestRegistry(t *testing.T) {
	t.Parallel()
	r := &Registry{Dir: t.TempDir()}
	s := httptest.NewServer(r)
	defer s.Close()
	call := func(method, path string, body string) *http.Response {
		req, err := http.NewRequestWithContext(t.Context(), method, s.URL+path, bytes.NewBufferString(body))
		if err != nil {
			t.Fatal(err)
		}
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = res.Body.Close() })
		return res
	}
	d := fmt.Sprintf("sha256:%x", sha256.Sum256([]byte("hello")))
	if res := call("HEAD", "/v2/a/b/blobs/"+d, ""); res.StatusCode != http.StatusNotFound {
		t.Errorf("a blob before it is pushed: %s", res.Status)
	}
	where := call("POST", "/v2/a/b/blobs/uploads/", "").Header.Get("Location")
	call("PATCH", where, "hel")
	if res := call("PUT", where+"?digest="+d, "lo"); res.StatusCode != http.StatusCreated {
		t.Errorf("the push: %s", res.Status)
	}
	where = call("POST", "/v2/a/b/blobs/uploads/", "").Header.Get("Location")
	if res := call("PUT", where+"?digest="+d, "other"); res.StatusCode != http.StatusBadRequest {
		t.Errorf("wrong bytes: %s", res.Status)
	}
	if n, blobs := r.Count(); n != 10 || blobs != 1 {
		t.Errorf("%d bytes in %d blobs were counted", n, blobs)
	}
	if b, _ := io.ReadAll(call("GET", "/v2/a/b/blobs/"+d, "").Body); string(b) != "hello" {
		t.Errorf("the blob is %q", b)
	}
	call("PUT", "/v2/a/b/manifests/latest", `{"mediaType":"x/y"}`)
	if res := call("GET", "/v2/a/b/manifests/latest", ""); res.Header.Get("Content-Type") != "x/y" || res.Header.Get("Docker-Content-Digest") == "" {
		t.Errorf("the manifest: %s %v", res.Status, res.Header)
	}
	if res := call("GET", "/v2/../../etc/blobs/passwd", ""); res.StatusCode == http.StatusOK {
		t.Error("it gives files that are not its own")
	}
}
