package xbuild

import (
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"testing"
)

// TestSplitLaidOut: how packages are parted is known until a folder holds something else; then they are read again.
func TestSplitLaidOut(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	ledger := Ledger{Dir: filepath.Join(root, "keys"), Root: root}
	var laid []LaidOut
	for p, tree := range twoSites() {
		dir := filepath.Join(root, p.Slug())
		if err := os.CopyFS(dir, tree); err != nil {
			t.Fatal(err)
		}
		laid = append(laid, LaidOut{Platform: p, Dir: dir, Key: ledger.TreeKey(dir)})
	}
	now := func() []LaidOut {
		for i := range laid {
			laid[i].Key = ledger.TreeKey(laid[i].Dir)
		}
		return laid
	}
	read := 0
	native := func(fsys fs.FS, name string) (bool, error) {
		read++
		return isELF(fsys, name)
	}
	first, err := SplitLaidOut(laid, native, ledger)
	if err != nil || read == 0 || len(first.Rows) == 0 || len(first.Warnings) == 0 {
		t.Fatalf("%d files read, %d rows, %q, %v", read, len(first.Rows), first.Warnings, err)
	}
	read = 0
	again, err := SplitLaidOut(laid, native, ledger)
	if err != nil || read > 0 || again.Key != first.Key || !reflect.DeepEqual(again.keys, first.keys) || len(first.keys) != len(laid)+1 || !reflect.DeepEqual(again.Rows, first.Rows) || !reflect.DeepEqual(again.Warnings, first.Warnings) {
		t.Errorf("%d files read; %+v\nwant %+v; %v", read, again.Rows, first.Rows, err)
	}
	for _, s := range []*SavedSplit{first, again} {
		shared, err := s.Shared()
		if err != nil {
			t.Fatal(err)
		}
		if text, err := fs.ReadFile(shared, "pure_one/__init__.py"); err != nil || string(text) != "1" {
			t.Errorf("%q, %v", text, err)
		}
		own, err := s.Native(laid[0].Platform)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := fs.Stat(own, "speedy/fast.so"); err != nil {
			t.Error(err)
		}
	}
	if !again.Still() {
		t.Error("nothing changed, and it is not the same")
	}
	if err := os.WriteFile(filepath.Join(laid[1].Dir, "stray"), []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	if again.Still() {
		t.Error("a file more is still the same")
	}
	read = 0
	changed, err := SplitLaidOut(now(), native, ledger)
	if err != nil || read == 0 || changed.Key == first.Key {
		t.Errorf("%d files read after a change, key %s; %v", read, changed.Key, err)
	}
	same, other := laid[0].Platform, laid[1].Platform
	if changed.SharedKey() != first.SharedKey() || changed.NativeKey(same) != first.NativeKey(same) || changed.NativeKey(other) == first.NativeKey(other) {
		t.Errorf("a file more for %s: keys %q, before %q", other, changed.keys, first.keys)
	}
}
