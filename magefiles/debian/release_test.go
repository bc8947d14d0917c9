package debian

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/ProtonMail/go-crypto/openpgp"
	"github.com/ProtonMail/go-crypto/openpgp/clearsign"
	"github.com/ProtonMail/go-crypto/openpgp/packet"
)

// resolveOne resolves package "aa" of a mirror whose state a test has spoilt.
func resolveOne(t *testing.T, m *fakeMirror, f Fetcher) (Lock, error) {
	t.Helper()
	return Resolve(t.Context(), f, Spec{Suites: []Suite{{Name: "trixie"}}, Seeds: []string{"aa"}}, "arm64")
}

const (
	inReleasePath = "/debian/dists/trixie/InRelease"
	packagesPath  = "/debian/dists/trixie/main/binary-arm64/Packages.xz"
)

func TestReleaseRefused(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name  string
		spoil func(*testing.T, *fakeMirror, *Fetcher)
		want  []string
	}{
		{"changed after signing", func(t *testing.T, m *fakeMirror, _ *Fetcher) {
			m.files[inReleasePath] = bytes.Replace(m.files[inReleasePath], []byte("Components: main"), []byte("Components: evil"), 1)
		}, []string{"signature", "changed on its way", "another mirror"}},
		{
			"unknown key", func(t *testing.T, m *fakeMirror, f *Fetcher) { f.Keys = []string{public(t, newKey(t))} },
			[]string{"none of its keys is known", "debian-archive-keyring"},
		},
		{"Debian's keys, not ours", func(t *testing.T, m *fakeMirror, f *Fetcher) { f.Keys = nil }, []string{"none of its keys is known"}},
		{"no key at all in the armour", func(t *testing.T, m *fakeMirror, f *Fetcher) { f.Keys = []string{"hello"} }, []string{"OpenPGP key 1 of 1", "--armor"}},
		{"not signed", func(t *testing.T, m *fakeMirror, _ *Fetcher) {
			m.files[inReleasePath] = []byte("Suite: stable\nCodename: trixie\n")
		}, []string{"not signed at all"}},
		{"a login page", func(t *testing.T, m *fakeMirror, _ *Fetcher) { m.files[inReleasePath] = []byte("<html>log in</html>") }, []string{"login page"}},
		{"expired", func(t *testing.T, m *fakeMirror, f *Fetcher) {
			f.Now = func() time.Time { return today.AddDate(0, 0, 9) }
		}, []string{"expired on 2026-03-21", "another"}},
		{"from the future", func(t *testing.T, m *fakeMirror, f *Fetcher) {
			f.Now = func() time.Time { return today.AddDate(0, 0, -3) }
		}, []string{"signature"}},
		{"dated in the future", func(t *testing.T, m *fakeMirror, f *Fetcher) {
			m.date = "Sat, 21 Mar 2026 08:00:00 UTC"
			m.publish(t)
		}, []string{"from the future", "set the clock"}},
		{"another suite", func(t *testing.T, m *fakeMirror, _ *Fetcher) {
			m.suite = "sid"
			m.publish(t)
			m.files[inReleasePath] = m.files["/debian/dists/sid/InRelease"]
		}, []string{`"sid"`, `not "trixie"`}},
		{"no date", func(t *testing.T, m *fakeMirror, _ *Fetcher) {
			m.files[inReleasePath] = sign(t, m.key, "Codename: trixie\nSHA256:\n")
		}, []string{"is no date"}},
		{"no sums", func(t *testing.T, m *fakeMirror, _ *Fetcher) {
			m.files[inReleasePath] = sign(t, m.key, "Codename: trixie\nDate: Sat, 14 Mar 2026 08:00:00 UTC\nMD5Sum:\n")
		}, []string{"no SHA-256 sums"}},
		{"no architecture", func(t *testing.T, m *fakeMirror, _ *Fetcher) {
			m.files[inReleasePath] = sign(t, m.key, fmt.Sprintf("Codename: trixie\nDate: Sat, 14 Mar 2026 08:00:00 UTC\nArchitectures: amd64\nSHA256:\n %064d 1 x\n", 0))
		}, []string{`"arm64"`, "the suite has amd64"}},
		{"endless", func(t *testing.T, m *fakeMirror, _ *Fetcher) { m.files[inReleasePath] = make([]byte, maxInRelease+1) }, []string{"more than 8388608 bytes"}},
		{"no such suite", func(t *testing.T, m *fakeMirror, _ *Fetcher) { delete(m.files, inReleasePath) }, []string{"404", "does not carry this suite"}},
		{"wrong hash of the index", func(t *testing.T, m *fakeMirror, _ *Fetcher) {
			m.files[packagesPath] = bytes.Clone(m.files[packagesPath])
			m.files[packagesPath][20] ^= 1
		}, []string{"Packages.xz", "SHA-256", "is expected", "another mirror"}},
		{"index of another size", func(t *testing.T, m *fakeMirror, _ *Fetcher) {
			m.files[packagesPath] = append(bytes.Clone(m.files[packagesPath]), 0)
		}, []string{"Packages.xz", "bytes", "are expected"}},
		{"index gone", func(t *testing.T, m *fakeMirror, _ *Fetcher) { delete(m.files, packagesPath) }, []string{"Packages.xz", "404"}},
		{"index lies", func(t *testing.T, m *fakeMirror, _ *Fetcher) {
			m.release(t, archiveMain, "trixie", map[string][]byte{"arm64": []byte("Package: ../x\nSize: 1\n")})
		}, []string{"reading index", "no package name"}},
		{"no mirror", func(t *testing.T, m *fakeMirror, f *Fetcher) { f.Mirrors = Mirrors{} }, []string{"no mirror"}},
		{"no network", func(t *testing.T, m *fakeMirror, f *Fetcher) {
			f.Mirrors.Main = []string{"http://127.0.0.1:1/debian"}
		}, []string{"is this host online?", "HTTPS_PROXY"}},
		{"unknown host", func(t *testing.T, m *fakeMirror, f *Fetcher) {
			f.Mirrors.Main = []string{"http://mirror.invalid/debian"}
		}, []string{"mirror.invalid", "is this host online?"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			m := newMirror(t, fakeDeb{name: "aa"})
			f := m.fetcher(t, nil)
			c.spoil(t, m, &f)
			_, err := resolveOne(t, m, f)
			wantError(t, err, c.want...)
		})
	}
}

func TestClockSkewIsTolerated(t *testing.T) {
	t.Parallel()
	m := newMirror(t, fakeDeb{name: "aa"})
	for _, hours := range []int{-30, 7*24 + 12} { // before Date and after Valid-Until, by less than a day each
		f := m.fetcher(t, nil)
		f.Now = func() time.Time { return today.Add(time.Duration(hours) * time.Hour) }
		if _, err := resolveOne(t, m, f); err != nil {
			t.Errorf("%+d hours: %v", hours, err)
		}
	}
}

// One good signature of several is enough, whichever comes first.
func TestSecondSignatureCounts(t *testing.T) {
	t.Parallel()
	m := newMirror(t, fakeDeb{name: "aa"})
	block, _ := clearsign.Decode(m.files[inReleasePath])
	stranger := newKey(t)
	var b bytes.Buffer
	w := must(clearsign.EncodeMulti(&b, []*packet.PrivateKey{stranger.PrivateKey, m.key.PrivateKey}, &packet.Config{Time: func() time.Time { return today }}))
	_ = must(w.Write(block.Plaintext))
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	m.files[inReleasePath] = b.Bytes()
	if _, err := resolveOne(t, m, m.fetcher(t, nil)); err != nil {
		t.Error(err)
	}
}

// What surrounds the signed part must not be believed.
func TestOnlySignedTextCounts(t *testing.T) {
	t.Parallel()
	m := newMirror(t)
	evil := "Codename: sid\n\n"
	m.files[inReleasePath] = append([]byte(evil), append(m.files[inReleasePath], evil...)...)
	r, err := openRelease(m.files[inReleasePath], "trixie", openpgp.EntityList{m.key}, today)
	if err != nil || r.codename != "trixie" {
		t.Errorf("got %+v, %v", r, err)
	}
}

func TestDebianKeys(t *testing.T) {
	t.Parallel()
	keys, err := keyring(nil)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, k := range keys {
		for name := range k.Identities {
			names = append(names, name)
		}
		if _, ok := k.SigningKey(today); !ok {
			t.Errorf("key %s cannot sign", k.PrimaryKey.KeyIdString())
		}
	}
	all := strings.Join(names, "\n")
	for _, want := range []string{"Debian Archive Automatic Signing Key (13/trixie)", "Debian Security Archive Automatic Signing Key (13/trixie)", "Debian Stable Release Key (13/trixie)", "(12/bookworm)"} {
		if !strings.Contains(all, want) {
			t.Errorf("there is no key of %q in\n%s", want, all)
		}
	}
}

func TestCacheCannotBeWritten(t *testing.T) {
	t.Parallel()
	m := newMirror(t, fakeDeb{name: "aa"})
	f := m.fetcher(t, nil)
	if err := os.WriteFile(f.Cache, nil, 0o600); err != nil { // a file where the folder should be
		t.Fatal(err)
	}
	_, err := resolveOne(t, m, f)
	wantError(t, err, "using the package cache", "make the folder writable")
	var local *fs.PathError
	if !errors.As(err, &local) {
		t.Errorf("the cause is lost: %v", err)
	}
	f.Cache = ""
	_, err = resolveOne(t, m, f)
	wantError(t, err, "no folder is given")
}
