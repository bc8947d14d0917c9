package debian

import (
	"bytes"
	"strings"
	"testing"
)

// TestUpdate: an update has other machine code and another version, the rest as it was, and nothing is fetched for it.
func TestUpdate(t *testing.T) {
	t.Parallel()
	f, lock, spec := surveyed(t)
	updated, err := Update(t.Context(), f, lock, spec, "bench1")
	if err != nil {
		t.Fatal(err)
	}
	f.Mirrors, f.Locked = Mirrors{}, true // they are in the cache
	for _, arch := range []string{"amd64", "arm64"} {
		before, after := must(Root(t.Context(), f, lock, arch, spec)), must(Root(t.Context(), f, updated, arch, spec))
		if _, err := after.Parts(updated); err != nil {
			t.Error(err)
		}
		after.root.all(func(n *node) {
			old, err := before.walk(n.hdr.Name, false, false)
			if err != nil {
				t.Errorf("%s is new", n.hdr.Name)
				return
			}
			if n.file == nil || strings.HasPrefix(n.hdr.Name, "var/lib/dpkg/") {
				return
			}
			want := old.file.data
			if bytes.HasPrefix(want, []byte("\x7fELF")) {
				want = append(bytes.Clone(want), "bench1"...)
			}
			if !bytes.Equal(n.file.data, want) {
				t.Errorf("%s holds %q, want %q", n.hdr.Name, n.file.data, want)
			}
		})
		if status, err := after.ReadFile("var/lib/dpkg/status"); err != nil || !strings.Contains(string(status), "Version: 1.0+bench1\n") {
			t.Errorf("the database says %s; %v", status, err)
		}
	}
	for i, p := range lock.Packages {
		if now := updated.Packages[i]; now.SHA256 == p.SHA256 || now.Version != p.Version+"+bench1" {
			t.Errorf("%v became %v", p, now)
		}
	}
	if again, err := Update(t.Context(), f, updated, spec, "bench2"); err != nil || again.Packages[0].Version != "1.0+bench1+bench2" {
		t.Errorf("an update of that: %v, %v", again.Packages, err)
	}
}

// TestUpdated: which source package is updated.
func TestUpdated(t *testing.T) {
	t.Parallel()
	of := func(source string, size int64) Package {
		return Package{Arch: "amd64", Name: source, Size: size, Path: "pool/main/x/" + source + "/x.deb"}
	}
	for want, packages := range map[string][]Package{
		"":       nil,
		"middle": {of("large", 3*largeSource), of("middle", 2*largeSource), of("small", 1)},
		"b":      {of("a", 1), of("b", 2)},
	} {
		if got := (Lock{Packages: packages}).updated(); got != want {
			t.Errorf("%q is updated, want %q", got, want)
		}
	}
}
