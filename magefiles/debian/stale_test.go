package debian

import (
	"archive/tar"
	"context"
	"net/http"
	"strings"
	"testing"
)

// stale makes a lock, and then a mirror that has moved on.
func stale(t *testing.T) (*fakeMirror, Lock, Spec) {
	t.Helper()
	spec := Spec{Suites: []Suite{{Name: "trixie"}}, Seeds: []string{"aa"}}
	old := fakeDeb{name: "aa", version: "1.0", fields: "Depends: bb\n", files: []tar.Header{file("./a", 0o644)}}
	m := newMirror(t, old, fakeDeb{name: "bb"})
	lock, err := Resolve(t.Context(), m.fetcher(t, nil), spec, "amd64", "arm64")
	if err != nil {
		t.Fatal(err)
	}
	old.version = "1.1"
	m.publish(t, old, fakeDeb{name: "bb"})
	return m, lock, spec
}

func TestStaleLockIsResolvedAnewAndLoudly(t *testing.T) {
	t.Parallel()
	m, lock, spec := stale(t)
	var log strings.Builder
	f := m.fetcher(t, &log)
	fresh, err := Fetch(t.Context(), f, lock, spec, "amd64", "arm64")
	if err != nil {
		t.Fatal(err)
	}
	for _, arch := range []string{"amd64", "arm64"} {
		if p := fresh.For(arch); len(p) != 2 || p[0].Version != "1.1" {
			t.Errorf("%s: got %+v", arch, p)
		}
	}
	for _, want := range []string{"WARNING", "resolved anew", `"aa" 1.0`, "404", "commit the lock"} {
		if !strings.Contains(log.String(), want) {
			t.Errorf("the log does not say %q:\n%s", want, &log)
		}
	}
	tree, err := Root(t.Context(), f, lock, "arm64", spec)
	if err != nil || tree.Packages[0].Version != "1.1" {
		t.Errorf("got %+v, %v", tree, err)
	}
}

func TestStaleLockIsRefusedWhenLocked(t *testing.T) {
	t.Parallel()
	m, lock, spec := stale(t)
	var log strings.Builder
	f := m.fetcher(t, &log)
	f.Locked = true
	_, err := Root(t.Context(), f, lock, "arm64", spec)
	wantError(t, err, `"aa" 1.0 for arm64`, "no mirror has it any more", "resolve the base again and commit the lock", "refused")
	if m.count(inReleasePath) != 2 { // once for each architecture, when the lock was made
		t.Errorf("InRelease was asked for %d times", m.count(inReleasePath))
	}
	spec.Seeds = append(spec.Seeds, "bb")
	_, err = Root(t.Context(), f, lock, "arm64", spec)
	wantError(t, err, "packages asked for", "refused")
}

// A fault that is not "gone" must not silently lead to other versions.
func TestFaultsDoNotResolveAnew(t *testing.T) {
	t.Parallel()
	spec := Spec{Suites: []Suite{{Name: "trixie"}}, Seeds: []string{"aa"}}
	for name, spoil := range map[string]func(*fakeMirror, *Fetcher){
		"is this host online?": func(_ *fakeMirror, f *Fetcher) { f.Mirrors.Main = []string{"http://127.0.0.1:1/debian"} },
		"503": func(m *fakeMirror, _ *Fetcher) {
			m.answer(func(w http.ResponseWriter, _ *http.Request) bool { w.WriteHeader(503); return true })
		},
		"SHA-256": func(m *fakeMirror, _ *Fetcher) {
			data := m.files["/debian/"+m.pkgs["aa"].Path]
			data[len(data)-20] ^= 1
		},
		"are expected": func(m *fakeMirror, _ *Fetcher) {
			p := "/debian/" + m.pkgs["aa"].Path
			m.files[p] = m.files[p][:100]
		},
	} {
		m := newMirror(t, fakeDeb{name: "aa"})
		var log strings.Builder
		f := m.fetcher(t, &log)
		lock, err := Resolve(t.Context(), f, spec, "arm64")
		if err != nil {
			t.Fatal(err)
		}
		spoil(m, &f)
		_, err = Root(t.Context(), f, lock, "arm64", spec)
		wantError(t, err, name, `"aa" 1.0 for arm64`)
		if log.Len() > 0 {
			t.Errorf("%s: something was tried: %s", name, &log)
		}
	}
}

// With a lock and a warm cache the network is not needed, nor is any index.
func TestOffline(t *testing.T) {
	t.Parallel()
	m := newMirror(t, system()...)
	f := m.fetcher(t, nil)
	lock, err := Resolve(t.Context(), f, systemSpec(), "arm64")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Fetch(t.Context(), f, lock, systemSpec(), "arm64"); err != nil {
		t.Fatal(err)
	}
	f.Mirrors = Mirrors{Main: []string{"http://127.0.0.1:1/debian"}, Security: []string{"http://127.0.0.1:1/debian"}}
	f.Locked = true
	if _, err := Root(t.Context(), f, lock, "arm64", systemSpec()); err != nil {
		t.Error(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	f.Cache = t.TempDir()
	if _, err := Root(ctx, f, lock, "arm64", systemSpec()); err == nil {
		t.Error("an interrupted build succeeded")
	}
}
