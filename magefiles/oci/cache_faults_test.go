package oci

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"testing"
	"testing/fstest"
)

func TestCacheDoesNotTrustDamage(t *testing.T) {
	t.Parallel()
	for name, damage := range map[string]func(string) error{
		"truncated": func(f string) error { return os.Truncate(f, 10) },
		"flipped": func(f string) error {
			raw, err := os.ReadFile(f)
			if err != nil {
				return err
			}
			raw[len(raw)/2] ^= 1
			return os.WriteFile(f, raw, 0o644)
		},
		"gone": os.Remove,
		"key is rubbish": func(f string) error {
			keys, err := filepath.Glob(filepath.Join(filepath.Dir(f), "..", "..", "keys", "*"))
			if err != nil || len(keys) != 1 {
				return errors.New("no key file")
			}
			return os.WriteFile(keys[0], []byte(`{"digest":`), 0o644)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir, opened := t.TempDir(), 0
			want := digest(t, buildIn(t, dir, onePlatform(countedTree(&opened))))
			blobs, err := filepath.Glob(filepath.Join(dir, "blobs", "sha256", "*"))
			if err != nil || len(blobs) != 1 {
				t.Fatalf("blobs %v, %v", blobs, err)
			}
			if err := damage(blobs[0]); err != nil {
				t.Fatal(err)
			}
			if got := digest(t, buildIn(t, dir, onePlatform(countedTree(&opened)))); got != want || opened != 2 {
				t.Errorf("digest %s, want %s; tree opened %d times, want 2", got, want, opened)
			}
			if h, err := filepath.Glob(blobs[0]); err != nil || len(h) != 1 {
				t.Errorf("the blob was not repaired: %v", err)
			}
		})
	}
}

func TestCacheFailuresLeaveNothing(t *testing.T) {
	t.Parallel()
	cancelled, cancel := context.WithCancel(context.Background())
	cancel()
	for name, test := range map[string]struct {
		ctx  context.Context
		tree func(context.Context) (fs.FS, error)
		says string
	}{
		"tree cannot be opened": {context.Background(), Dir(filepath.Join(t.TempDir(), "none")), `building layer "l": opening folder`},
		"file cannot be read":   {context.Background(), FS(wrapFS{FS: fstest.MapFS{"a": file("1")}}), `adding "a"`},
		"interrupt":             {cancelled, FS(fstest.MapFS{}), "context canceled"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			_, err := Builder{Cache: Cache{Dir: dir}}.Build(test.ctx, onePlatform(&Layer{Name: "l", To: "/x", Key: "k", Tree: test.tree}))
			wantError(t, err, test.says)
			wantNoFiles(t, dir)
		})
	}
}

func wantNoFiles(t *testing.T, dir string) {
	t.Helper()
	err := filepath.WalkDir(dir, func(file string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			t.Errorf("%s was left behind", file)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestCacheThatCannotBeWritten(t *testing.T) {
	t.Parallel()
	l := layer("a", "b")
	notADir := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(notADir, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	_, err := Builder{Cache: Cache{Dir: notADir}}.Build(t.Context(), onePlatform(l))
	wantError(t, err, `building layer "a": making cache`, notADir)

	_, err = Builder{}.Build(t.Context(), onePlatform(l))
	wantError(t, err, "no cache directory")

	if runtime.GOOS == "windows" || os.Geteuid() == 0 {
		return // neither Windows nor root cares about the mode of a directory
	}
	locked := t.TempDir()
	if err := os.Chmod(locked, 0o555); err != nil {
		t.Fatal(err)
	}
	_, err = Builder{Cache: Cache{Dir: locked}}.Build(t.Context(), onePlatform(l))
	wantError(t, err, "permission denied")
}
