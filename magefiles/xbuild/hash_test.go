package xbuild

import (
	"io/fs"
	"os"
	"path/filepath"
	"testing"
	"testing/fstest"
	"time"
)

func TestHashTreeSeesNamesAndContentOnly(t *testing.T) {
	t.Parallel()
	file := func(content string) *fstest.MapFile { return &fstest.MapFile{Data: []byte(content), Mode: 0o644} }
	base := fstest.MapFS{"a.ts": file("one"), "sub/b.ts": file("two")}
	want, err := HashTree(base)
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name    string
		tree    fs.FS
		exclude []string
		same    bool
	}{
		{"mode and time", fstest.MapFS{"a.ts": {Data: []byte("one"), Mode: 0o755, ModTime: time.Now()}, "sub/b.ts": file("two")}, nil, true},
		{"empty folder", fstest.MapFS{"a.ts": file("one"), "sub/b.ts": file("two"), "empty": {Mode: fs.ModeDir | 0o755}}, nil, true},
		{"content", fstest.MapFS{"a.ts": file("One"), "sub/b.ts": file("two")}, nil, false},
		{"name", fstest.MapFS{"A.ts": file("one"), "sub/b.ts": file("two")}, nil, false},
		{"moved border", fstest.MapFS{"a.ts": file("on"), "sub/b.ts": file("etwo")}, nil, false},
		{"one more", fstest.MapFS{"a.ts": file("one"), "sub/b.ts": file("two"), "c": file("")}, nil, false},
		{"link", fstest.MapFS{"a.ts": file("one"), "sub/b.ts": {Data: []byte("two"), Mode: fs.ModeSymlink | 0o777}}, nil, false},
		{"excluded by name, at any depth", fstest.MapFS{"a.ts": file("one"), "sub/b.ts": file("two"), "node_modules/x/y": file("z"), "sub/node_modules": file("z")}, []string{"node_modules"}, true},
		{"excluded by pattern", fstest.MapFS{"a.ts": file("one"), "sub/b.ts": file("two"), "sub/x.tsbuildinfo": file("z")}, []string{"*.tsbuildinfo"}, true},
		{"excluded by path", fstest.MapFS{"a.ts": file("one"), "sub/b.ts": file("two"), "sub/dist/y": file("z")}, []string{"sub/dist"}, true},
		{"excluded at the top", fstest.MapFS{"a.ts": file("one"), "sub/b.ts": file("two"), "sub.x": file("z")}, []string{"/sub.x"}, true},
		{"anchored, so not below", fstest.MapFS{"a.ts": file("one"), "sub/b.ts": file("two"), "sub/dist/y": file("z")}, []string{"/dist"}, false},
		{"a path elsewhere stays", fstest.MapFS{"a.ts": file("one"), "sub/b.ts": file("two"), "dist/y": file("z")}, []string{"sub/dist"}, false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			got, err := HashTree(test.tree, test.exclude...)
			if err != nil {
				t.Fatal(err)
			}
			if (got == want) != test.same {
				t.Errorf("HashTree = %s, the base's is %s; same should be %v", got, want, test.same)
			}
		})
	}
}

func TestHashTreeRefusesABadPattern(t *testing.T) {
	t.Parallel()
	if _, err := HashTree(fstest.MapFS{"a": {}}, "["); err == nil {
		t.Error("a malformed pattern was accepted")
	}
}

func TestKeyKeepsPartsApart(t *testing.T) {
	t.Parallel()
	if Key("ab", "c") == Key("a", "bc") || Key("a") == Key("a", "") {
		t.Error("different parts have one key")
	}
}

func TestStamp(t *testing.T) {
	t.Parallel()
	name := filepath.Join(t.TempDir(), "state", "ui.key")
	if got := readStamp(name); got != "" {
		t.Errorf("a missing stamp reads %q", got)
	}
	if err := writeStamp(name, "k1"); err != nil {
		t.Fatal(err)
	}
	if got := readStamp(name); got != "k1" {
		t.Errorf("readStamp = %q, want k1", got)
	}
	if err := dropStamp(name); err != nil {
		t.Fatal(err)
	}
	if err := dropStamp(name); err != nil {
		t.Errorf("dropping a missing stamp: %v", err)
	}
	if entries, err := os.ReadDir(filepath.Dir(name)); err != nil || len(entries) != 0 {
		t.Errorf("left behind: %v, %v", entries, err)
	}
}

func TestFileKeyOfAMissingFileDiffersFromAnEmptyOne(t *testing.T) {
	t.Parallel()
	name := filepath.Join(t.TempDir(), "f")
	missing, err := fileKey(name)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if empty, err := fileKey(name); err != nil || empty == missing {
		t.Errorf("fileKey of an empty file = %q, %v; of a missing one %q", empty, err, missing)
	}
}
