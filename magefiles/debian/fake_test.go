package debian

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"flag"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ProtonMail/go-crypto/openpgp"
	"github.com/ProtonMail/go-crypto/openpgp/armor"
	"github.com/ProtonMail/go-crypto/openpgp/clearsign"
	"github.com/ProtonMail/go-crypto/openpgp/packet"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// today is the clock of all tests.
var today = time.Date(2026, 3, 14, 15, 9, 26, 0, time.UTC)

// fakeMirror is a Debian mirror of one suite, with its security suite.
type fakeMirror struct {
	key   *openpgp.Entity
	url   string
	mu    sync.Mutex
	files map[string][]byte // by URL path; a test may change them
	asked map[string]int
	serve func(w http.ResponseWriter, r *http.Request) bool // may answer instead
	date  string
	until string
	suite string
	pkgs  map[string]Package // by name and architecture
}

func newMirror(t *testing.T, debs ...fakeDeb) *fakeMirror {
	t.Helper()
	key := newKey(t)
	m := &fakeMirror{
		key: key, files: map[string][]byte{}, asked: map[string]int{}, pkgs: map[string]Package{},
		date: "Sat, 14 Mar 2026 08:00:00 UTC", until: "Sat, 21 Mar 2026 08:00:00 UTC", suite: "trixie",
	}
	srv := httptest.NewServer(m)
	t.Cleanup(srv.Close)
	m.url = srv.URL
	m.publish(t, debs...)
	return m
}

// count is how often a path was asked for.
func (m *fakeMirror) count(path string) int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.asked[path]
}

// answer lets a test answer in the place of the mirror.
func (m *fakeMirror) answer(serve func(http.ResponseWriter, *http.Request) bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.serve = serve
}

func (m *fakeMirror) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	m.mu.Lock()
	m.asked[r.URL.Path]++
	data, ok := m.files[r.URL.Path]
	serve := m.serve
	m.mu.Unlock()
	if serve != nil && serve(w, r) {
		return
	}
	if !ok {
		http.NotFound(w, r)
		return
	}
	w.Header().Set("Content-Length", fmt.Sprint(len(data)))
	_, _ = w.Write(data)
}

// publish replaces all that the mirror has.
func (m *fakeMirror) publish(t *testing.T, debs ...fakeDeb) {
	t.Helper()
	m.mu.Lock()
	defer m.mu.Unlock()
	clear(m.files)
	clear(m.pkgs)
	index := map[string]*bytes.Buffer{}
	for _, archive := range []string{archiveMain, archiveSecurity} {
		for _, arch := range []string{"amd64", "arm64"} {
			index[archive+" "+arch] = &bytes.Buffer{}
		}
	}
	for _, d := range debs {
		archive := archiveMain
		if d.security {
			archive = archiveSecurity
		}
		control, data := d.build(t)
		sum := sha256.Sum256(data)
		file := fmt.Sprintf("pool/main/%s_%s.deb", d.name, strings.ReplaceAll(d.version, ":", "%3a"))
		file = strings.ReplaceAll(file, "%3a", "") // as the real pool: without the epoch's colon
		if d.arch != "" && d.arch != "all" {
			file = strings.TrimSuffix(file, ".deb") + "_" + d.arch + ".deb"
		}
		m.files["/"+archive+"/"+file] = data
		for _, arch := range []string{"amd64", "arm64"} {
			if d.arch == arch || d.arch == "" || d.arch == "all" {
				fmt.Fprintf(index[archive+" "+arch], "%sFilename: %s\nSize: %d\nSHA256: %x\n\n", control, file, len(data), sum)
			}
		}
		m.pkgs[d.name] = Package{Archive: archive, Path: file, SHA256: hex.EncodeToString(sum[:]), Size: int64(len(data)), Name: d.name, Version: d.version}
	}
	for archive, suite := range map[string]string{archiveMain: m.suite, archiveSecurity: m.suite + "-security"} {
		m.release(t, archive, suite, map[string][]byte{"amd64": index[archive+" amd64"].Bytes(), "arm64": index[archive+" arm64"].Bytes()})
	}
}

func (m *fakeMirror) release(t *testing.T, archive, suite string, indices map[string][]byte) {
	t.Helper()
	dist := "/" + archive + "/dists/" + suite + "/"
	text := fmt.Sprintf("Origin: Debian\nSuite: stable\nCodename: %s\nDate: %s\nValid-Until: %s\nAcquire-By-Hash: yes\nNo-Support-for-Architecture-all: Packages\nArchitectures: all amd64 arm64\nComponents: main\nSHA256:\n", suite, m.date, m.until)
	for _, arch := range []string{"amd64", "arm64"} {
		name := "main/binary-" + arch + "/Packages"
		packed := compress(t, "xz", indices[arch])
		text += fmt.Sprintf(" %x %d %s\n", sha256.Sum256(indices[arch]), len(indices[arch]), name)
		text += fmt.Sprintf(" %x %d %s.xz\n", sha256.Sum256(packed), len(packed), name)
		m.files[dist+name+".xz"] = packed
	}
	m.files[dist+"InRelease"] = sign(t, m.key, text)
}

// fetcher uses the mirror, its key and an empty cache; what it logs is appended to log.
func (m *fakeMirror) fetcher(t *testing.T, log *strings.Builder) Fetcher {
	var mu sync.Mutex
	return Fetcher{
		Mirrors: Mirrors{Main: []string{m.url + "/debian"}, Security: []string{m.url + "/debian-security"}},
		Cache:   filepath.Join(t.TempDir(), "cache ä"), Keys: []string{public(t, m.key)},
		Now: func() time.Time { return today }, wait: time.Millisecond,
		Log: func(s string) {
			mu.Lock()
			defer mu.Unlock()
			if log != nil {
				log.WriteString(s + "\n")
			}
		},
	}
}

func newKey(t *testing.T) *openpgp.Entity {
	t.Helper()
	key, err := openpgp.NewEntity("A test", "", "test@example.org", &packet.Config{Algorithm: packet.PubKeyAlgoEdDSA, Time: func() time.Time { return today.AddDate(-1, 0, 0) }})
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func public(t *testing.T, key *openpgp.Entity) string {
	t.Helper()
	var b bytes.Buffer
	w := must(armor.Encode(&b, openpgp.PublicKeyType, nil))
	if err := key.Serialize(w); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func sign(t *testing.T, key *openpgp.Entity, text string) []byte {
	t.Helper()
	var b bytes.Buffer
	w := must(clearsign.Encode(&b, key.PrivateKey, &packet.Config{Time: func() time.Time { return today.AddDate(0, 0, -1) }}))
	_ = must(io.WriteString(w, text))
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// golden compares with a file of testdata.
func golden(t *testing.T, name, got string) {
	t.Helper()
	file := filepath.Join("testdata", name+".golden")
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s differs from what is expected; run with -update if it is right\ngot:\n%s", file, got)
	}
}

// wantError checks that an error says all of the words.
func wantError(t *testing.T, err error, words ...string) {
	t.Helper()
	if err == nil {
		t.Fatalf("no error, one with %q is expected", words)
	}
	for _, w := range words {
		if !strings.Contains(err.Error(), w) {
			t.Errorf("the error does not say %q: %v", w, err)
		}
	}
}
