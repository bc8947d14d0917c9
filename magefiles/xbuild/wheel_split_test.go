package xbuild

import (
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
)

// wheelFiles is what an installer leaves of a distribution: files and a .dist-info folder. Names that end in ! are not in its RECORD, those
// that lead out of the folder only there.
func wheelFiles(name, version, tag string, files map[string]string) fstest.MapFS {
	tree, info := fstest.MapFS{}, strings.ReplaceAll(name, "-", "_")+"-"+version+".dist-info"
	all := map[string]string{
		info + "/METADATA":  "Metadata-Version: 2.4\nName: " + name + "\nVersion: " + version + "\n\nName: not this\n",
		info + "/WHEEL":     "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: " + tag + "\n",
		info + "/INSTALLER": "uv",
		info + "/REQUESTED": "",
	}
	maps.Copy(all, files)
	record := info + "/RECORD,,\n"
	for _, file := range slices.Sorted(maps.Keys(all)) {
		listed := strings.TrimSuffix(file, "!")
		if fs.ValidPath(listed) {
			tree[listed] = &fstest.MapFile{Data: []byte(all[file]), Mode: 0o600}
		}
		if listed == file {
			record = fmt.Sprintf("%q,sha256=x,%d\n", file, len(all[file])) + record
		}
	}
	tree[info+"/RECORD"] = &fstest.MapFile{Data: []byte(record)}
	return tree
}

// siteOf puts distributions into one folder.
func siteOf(dists ...fstest.MapFS) fstest.MapFS {
	site := fstest.MapFS{".lock": {}}
	for _, dist := range dists {
		maps.Copy(site, dist)
	}
	return site
}

const elfHead = "\x7fELF code of "

func twoSites() map[Platform]fs.FS {
	sites := map[Platform]fs.FS{}
	for _, p := range []Platform{{OS: "linux", Arch: "amd64"}, {OS: "linux", Arch: "arm64"}} {
		m, _ := p.Machine()
		dists := []fstest.MapFS{
			wheelFiles("Pure-One", "1.0", "py3-none-any", map[string]string{
				"pure_one/__init__.py": "1", "pure_one/with, comma.txt": "c", "pure_one/tool": "#!/bin/sh\n", "bin/pure": "#!/home/me/" + m,
				"pure_one/__pycache__/x.cpython-313.pyc": m, "Pure_One-1.0.dist-info/direct_url.json": "file:///home/me/" + m,
			}),
			wheelFiles("speedy", "2.0", "cp313-cp313-manylinux_2_28_"+m, map[string]string{"speedy/__init__.py": "s", "speedy/config.py": m, "speedy/fast.so": elfHead + m}),
			wheelFiles("liar", "3.0", "py3-none-any", map[string]string{"liar/data.bin": elfHead + "x86_64"}),
			wheelFiles("changing", "4.0", "py3-none-any", map[string]string{"changing.py": m}),
			wheelFiles("program", "5.0", "py3-none-manylinux_2_28_"+m, map[string]string{"bin/program": elfHead + m, "bin/launcher.exe": elfHead + "x86_64", "program.py": "p", "../../bin/x": "out"}),
			wheelFiles("untidy", "6.0", "py3-none-any", map[string]string{"untidy.py": "u", "untidy_extra.py!": "e"}),
		}
		if p.Arch == "arm64" {
			dists = append(dists, wheelFiles("only-arm", "7.0", "py3-none-any", map[string]string{"only_arm.py": "a"}))
		}
		sites[p] = siteOf(dists...)
	}
	return sites
}

func TestSplitWheels(t *testing.T) {
	t.Parallel()
	split, err := SplitWheels(twoSites(), isELF)
	if err != nil {
		t.Fatal(err)
	}
	var got strings.Builder
	for _, row := range split.Rows {
		_, _ = fmt.Fprintf(&got, "%s %s pure=%v", row.Name, row.Version, row.Pure)
		for _, p := range []Platform{{OS: "linux", Arch: "amd64"}, {OS: "linux", Arch: "arm64"}} {
			fmt.Fprintf(&got, " %s=%s", p, row.Tags[p])
		}
		got.WriteString("\n")
	}
	dump := func(title string, fsys fs.FS) {
		fmt.Fprintf(&got, "\n== %s\n", title)
		for _, name := range readNames(t, fsys) {
			info, err := fs.Stat(fsys, name)
			if err != nil {
				t.Fatal(err)
			}
			fmt.Fprintf(&got, "%v %s\n", info.Mode(), name)
		}
	}
	dump("shared", split.Shared)
	dump("arm64", split.Native[Platform{OS: "linux", Arch: "arm64"}])
	record, err := fs.ReadFile(split.Shared, "Pure_One-1.0.dist-info/RECORD")
	if err != nil {
		t.Fatal(err)
	}
	fmt.Fprintf(&got, "\n== RECORD\n%s\n== warnings\n%s\n", record, strings.Join(split.Warnings, "\n"))
	// Another parting without another version would take layers of the old one from the cache: its file is a new one.
	golden(t, fmt.Sprintf("wheel-split-%d", partingVersion), got.String())
}

func TestSplitWheelsIsTheSameFromEachPlatform(t *testing.T) {
	t.Parallel()
	sites := twoSites()
	var sums []string
	for _, p := range []Platform{{OS: "linux", Arch: "amd64"}, {OS: "linux", Arch: "arm64"}} {
		// The other platform's tree stands in for both, but for what makes the split come out the same.
		pure := fstest.MapFS{}
		for name, file := range sites[p].(fstest.MapFS) {
			if strings.Contains(strings.ToLower(name), "pure") {
				pure[name] = file
			}
		}
		split, err := SplitWheels(map[Platform]fs.FS{p: pure}, isELF)
		if err != nil {
			t.Fatal(err)
		}
		sum, err := HashTree(split.Shared)
		if err != nil {
			t.Fatal(err)
		}
		sums = append(sums, sum)
	}
	if sums[0] != sums[1] {
		t.Error("what installers write about this machine is in the shared part")
	}
}

// Nothing is kept twice: what two platforms have of their own under one name
// is not the same, unless it is machine code, which is wrong on one of them.
func TestSplitWheelsKeepsNothingTwice(t *testing.T) {
	t.Parallel()
	split, err := SplitWheels(twoSites(), isELF)
	if err != nil {
		t.Fatal(err)
	}
	sameFiles(t, split.Native[Platform{OS: "linux", Arch: "amd64"}], split.Native[Platform{OS: "linux", Arch: "arm64"}])
	for _, file := range readNames(t, split.Shared) {
		if code, err := isELF(split.Shared, file); code || err != nil {
			t.Errorf("machine code is shared: %s (%v)", file, err)
		}
	}
}

// sameFiles complains of files that are in both trees with the same bytes.
func sameFiles(t *testing.T, a, b fs.FS) {
	t.Helper()
	for _, file := range readNames(t, a) {
		here, err := fs.ReadFile(a, file)
		if err != nil {
			t.Fatal(err)
		}
		there, err := fs.ReadFile(b, file)
		if code, _ := isELF(a, file); err == nil && !code && string(here) == string(there) {
			t.Errorf("%s is the same for both platforms, and is kept for each", file)
		}
	}
}

func TestSplitViewsAreFileSystems(t *testing.T) {
	t.Parallel()
	split, err := SplitWheels(twoSites(), isELF)
	if err != nil {
		t.Fatal(err)
	}
	if err := fstest.TestFS(split.Shared, "pure_one/__init__.py", "pure_one/with, comma.txt"); err != nil {
		t.Error(err)
	}
	if err := fstest.TestFS(newView(nil)); err != nil {
		t.Errorf("an empty part: %v", err)
	}
}

func TestDistributionsRefuses(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, file, content, want string
	}{
		{"no RECORD", "RECORD", "", "RECORD"},
		{"no METADATA", "METADATA", "", "METADATA"},
		{"no name", "METADATA", "Version: 1\n", "no name"},
		{"no version", "METADATA", "Name: a\n\nVersion: 1\n", "no version"},
		{"no tag", "WHEEL", "Wheel-Version: 1.0\n", "no Tag"},
		{"broken RECORD", "RECORD", "\"a,b\n", "RECORD"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			site := wheelFiles("a", "1", "py3-none-any", nil)
			delete(site, "a-1.dist-info/"+test.file)
			if test.content != "" {
				site["a-1.dist-info/"+test.file] = &fstest.MapFile{Data: []byte(test.content)}
			}
			if _, err := Distributions(site); err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("error %v, want one with %q", err, test.want)
			}
		})
	}
}

func TestDistTag(t *testing.T) {
	t.Parallel()
	dist := Dist{Tags: []string{"cp313-cp313-manylinux2014_x86_64", "cp313-cp313-manylinux_2_17_x86_64"}}
	if got, want := dist.Tag(), "cp313-cp313-manylinux2014_x86_64.manylinux_2_17_x86_64"; got != want {
		t.Errorf("Tag() = %q, want %q", got, want)
	}
	if got, want := (Dist{Tags: []string{"py2-none-any", "py3-none-any"}}).Tag(), "py2.py3-none-any"; got != want {
		t.Errorf("Tag() = %q, want %q", got, want)
	}
}
