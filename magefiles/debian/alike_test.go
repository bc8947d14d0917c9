package debian

import (
	"archive/tar"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
)

// twoSystems is a Debian for two architectures: each file shows one way to be
// alike, or not to be.
func twoSystems() []fakeDeb {
	const elf = "\x7fELF code of "
	var debs []fakeDeb
	for _, arch := range []string{"amd64", "arm64"} {
		triplet := map[string]string{"amd64": "x86_64-linux-gnu", "arm64": "aarch64-linux-gnu"}[arch]
		mode := dir("./usr/strict/")
		if arch == "arm64" {
			mode.Mode = 0o750
		}
		owned := file("./usr/share/owned", 0o2755)
		owned.Uid, owned.Gid = 1, 5
		base := fakeDeb{
			name: "base-files", arch: arch, fields: "Multi-Arch: foreign\n",
			files: []tar.Header{
				dir("./"), dir("./usr/bin/"), dir("./usr/lib/"), link("./bin", "usr/bin"), link("./lib", "usr/lib"), link("./etc/default", "of-"+arch),
				file("./bin/program", 0o755), file("./bin/script", 0o755), hard("./bin/name", "./bin/script"), file("./usr/share/text", 0o644),
				file("./usr/share/machine", 0o644), owned, dir("./usr/empty/"), mode, file("./usr/strict/file", 0o644),
				file("./usr/share/firmware", 0o644), file("./usr/share/x86_64-linux-gnu", 0o644), file("./usr/share/wrapper", 0o755),
			},
			body: map[string]string{
				"./bin/program": elf + arch, "./bin/script": "#!/bin/sh", "./usr/share/text": "text", "./usr/share/machine": arch, "./usr/share/owned": "owned",
				"./usr/strict/file": "strict", "./usr/share/firmware": elf + "a network card", "./usr/share/x86_64-linux-gnu": "what this is", "./usr/share/wrapper": elf + arch,
			},
			scripts: map[string]string{"md5sums": "0123456789abcdef0123456789abcdef  usr/share/text\n"},
		}
		if arch == "arm64" {
			base.body["./usr/share/wrapper"] = "#!/usr/bin/emulator"
			base.files = append(base.files, dir("./lib64/"), file("./lib64/only", 0o644))
		}
		debs = append(debs, base, fakeDeb{
			name: "libz", arch: arch, fields: "Multi-Arch: same\n",
			files: []tar.Header{file("./usr/lib/"+triplet+"/libz.so", 0o644), file("./usr/share/doc/libz/copyright", 0o644), file("./usr/share/doc/libz/README", 0o644)},
			body:  map[string]string{"./usr/lib/" + triplet + "/libz.so": elf + arch, "./usr/share/doc/libz/copyright": "MIT", "./usr/share/doc/libz/README": "long"},
		})
	}
	return append(debs, fakeDeb{name: "tzdata", files: []tar.Header{file("./usr/share/zoneinfo/Etc/UTC", 0o644)}, body: map[string]string{"./usr/share/zoneinfo/Etc/UTC": "TZif2"}})
}

func surveyed(t *testing.T) (Fetcher, Lock, Spec) {
	t.Helper()
	spec := Spec{
		Suites: []Suite{{Name: "trixie"}}, Seeds: []string{"base-files", "libz", "tzdata"}, Exclude: []string{"usr/share/doc"},
		Users: []User{{Name: "someone", UID: 10001, GID: 10001, Home: "/home/someone"}},
	}
	f := newMirror(t, twoSystems()...).fetcher(t, nil)
	lock, err := Resolve(t.Context(), f, spec, "amd64", "arm64")
	if err != nil {
		t.Fatal(err)
	}
	if lock, err = Survey(t.Context(), f, lock, spec); err != nil {
		t.Fatal(err)
	}
	return f, lock, spec
}

func TestPartsGolden(t *testing.T) {
	t.Parallel()
	f, lock, spec := surveyed(t)
	var b strings.Builder
	for _, line := range strings.SplitAfter(lock.Alike.lines(), "\n") {
		if !strings.HasPrefix(line, "shared:") {
			b.WriteString(line)
		}
	}
	var common string
	own := map[string]*Tree{}
	for _, arch := range []string{"amd64", "arm64"} {
		whole, err := Root(t.Context(), f, lock, arch, spec)
		if err != nil {
			t.Fatal(err)
		}
		parts, err := whole.Parts(lock)
		if err != nil {
			t.Fatal(err)
		}
		shared := parts[0]
		own[arch] = whole.part(func(n *node) bool { _, err := shared.walk(n.hdr.Name, false, false); return err != nil })
		if common == "" {
			common = list(t, shared)
			fmt.Fprintf(&b, "\n== shared\n%s", common)
		} else if got := list(t, shared); got != common {
			t.Errorf("from %s another part is shared:\n%s", arch, got)
		}
		for i, part := range lock.Parts(arch, spec)[1:] {
			fmt.Fprintf(&b, "\n== %s %q\n%s", arch, part.Name, list(t, parts[i+1]))
		}
		union(t, whole, parts...)
		if err := fstest.TestFS(shared, "usr/bin/script", "bin", "usr/share/text"); err != nil {
			t.Error(err)
		}
	}
	golden(t, "parts", b.String())
	// What is alike is kept once, whatever it is.
	own["amd64"].root.all(func(n *node) {
		other, err := own["arm64"].walk(n.hdr.Name, false, false)
		if err == nil && !n.isDir() && other.print() == n.print() && n.hdr.Name != "usr/strict/file" {
			t.Errorf("%s is the same on both, and is kept for each", n.hdr.Name)
		}
	})
}

// union checks that the parts over each other are the whole.
func union(t *testing.T, whole *Tree, parts ...*Tree) {
	t.Helper()
	got := map[string]string{}
	for _, part := range parts {
		part.root.all(func(n *node) {
			before, twice := got[n.hdr.Name]
			if twice && (!n.isDir() || before != n.print()) {
				t.Errorf("%s is in both parts", n.hdr.Name)
			}
			got[n.hdr.Name] = n.print()
		})
	}
	whole.root.all(func(n *node) {
		if got[n.hdr.Name] != n.print() {
			t.Errorf("%s is not in the parts as it is in the whole", n.hdr.Name)
		}
		delete(got, n.hdr.Name)
	})
	if len(got) > 0 {
		t.Errorf("the parts have more than the whole: %q", got)
	}
}

// A build for one architecture needs nothing of the others, and notices when the
// lock does not fit.
func TestPartsOfOneArchitecture(t *testing.T) {
	t.Parallel()
	f, lock, spec := surveyed(t)
	f.Locked = true
	again, err := Surveyed(t.Context(), f, lock, spec)
	if err != nil || again.Alike.Sum != lock.Alike.Sum {
		t.Errorf("a lock that is good is surveyed again: %v", err)
	}
	f.Cache = t.TempDir()
	if again, err = Fetch(t.Context(), f, again, spec, "arm64"); err != nil {
		t.Fatal(err)
	}
	if foreign, _ := fs.Glob(must(Root(t.Context(), f, again, "arm64", spec)), "usr/lib/x86_64*"); len(foreign) > 0 {
		t.Error("there is something of the other architecture")
	}
	whole := must(Root(t.Context(), f, again, "arm64", spec))
	forged := again
	forged.Alike.Own = slices.DeleteFunc(slices.Clone(again.Alike.Own), func(p string) bool { return p == "usr/share/machine" })
	_, err = whole.Parts(forged)
	wantError(t, err, "all architectures share", "resolve the base again and commit the lock")
	// Other settings, and packages that were exchanged by hand, need another survey.
	other := spec
	other.Users = nil
	_, err = Surveyed(t.Context(), f, lock, other)
	wantError(t, err, "refused", "resolve the base again")
	f.Locked = false
	fresh, err := Surveyed(t.Context(), f, lock, other)
	if err != nil || fresh.Alike.Sum == lock.Alike.Sum || fresh.Alike.Of == lock.Alike.Of {
		t.Errorf("got %+v, %v", fresh.Alike, err)
	}
}
