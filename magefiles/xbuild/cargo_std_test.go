package xbuild

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func TestPrepareStd(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name     string
		vendored []string // what the standard library brings along
		fail     string   // the command that fails
		want     []string // folders in the directory source
		ran      string
		err      string
	}{
		{"brought along", []string{"gimli-0.32.3", "libc-0.2.183"}, "", []string{"gimli-0.32.3", "libc-0.2.180", "libc-0.2.183", "memchr-2.7.4"}, "vendor", ""},
		{"the same of both", []string{"memchr-2.7.4"}, "", []string{"libc-0.2.180", "memchr-2.7.4"}, "vendor", ""},
		{"not brought along", nil, "", nil, "fetch", ""},
		{"nor to be had", nil, "fetch", nil, "fetch", "which is not in"},
		{"the crate's are not to be had", []string{"libc-0.2.183"}, "vendor", nil, "vendor", "putting what the crate depends on beside"},
	}
	for _, tt := range tests {
		root := t.TempDir()
		r := rustc{cargo: "/usr/bin/cargo", version: "1.96.0", sysroot: filepath.Join(root, "usr")}
		for _, name := range tt.vendored {
			writeText(t, filepath.Join(r.library(), "vendor", name, "lib.rs"), "std's")
		}
		writeText(t, filepath.Join(root, "crates", "Cargo.lock"), "version = 4\n")
		m := metadata{WorkspaceRoot: filepath.Join(root, "crates"), TargetDirectory: filepath.Join(root, "target")}
		rec := &Recorder{Reply: func(_ context.Context, c Cmd) error {
			if c.Args[0] == tt.fail {
				return errors.New("no network")
			}
			if c.Args[0] == "vendor" {
				for _, name := range []string{"libc-0.2.180", "memchr-2.7.4"} {
					writeText(t, filepath.Join(c.Args[len(c.Args)-1], name, "lib.rs"), "own")
				}
			}
			return nil
		}}
		b := RustBuild{Dir: filepath.Join(root, "crates", "app")}
		tc := Toolchain{Name: "build-std", rustc: r, triples: []string{winAmd}}
		for range 2 { // what is there is taken as it is
			std, err := b.prepareStd(t.Context(), rec.Run, tc, m)
			if tt.err != "" {
				if err == nil || !strings.Contains(err.Error(), tt.err) || !strings.Contains(err.Error(), "no network") {
					t.Errorf("%s: %v, want %q", tt.name, err, tt.err)
				}
				continue
			}
			if err != nil {
				t.Fatalf("%s: %v", tt.name, err)
			}
			var got []string
			if std != nil {
				got = names(t, std.folder)
			}
			if !slices.Equal(got, tt.want) {
				t.Errorf("%s: %q, want %q", tt.name, got, tt.want)
			}
		}
		cmds := rec.Cmds()
		if cmds[0].Args[0] != tt.ran || tt.ran == "vendor" && tt.err == "" && len(cmds) != 1 {
			t.Errorf("%s: ran %v", tt.name, cmds)
		}
		if left, _ := filepath.Glob(filepath.Join(m.TargetDirectory, "build-std", ".tmp-*")); len(left) > 0 {
			t.Errorf("%s: left behind %q", tt.name, left)
		}
		if text, err := os.ReadFile(filepath.Join(r.library(), "vendor", "libc-0.2.183", "lib.rs")); slices.Contains(tt.vendored, "libc-0.2.183") && string(text) != "std's" {
			t.Errorf("%s: the standard library's own sources were changed: %q, %v", tt.name, text, err)
		}
	}
}

// names are the folders in a folder.
func names(t *testing.T, dir string) []string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, e := range entries {
		out = append(out, e.Name())
	}
	return out
}

// TestEmptyLibs: rustc is told the same folder in every checkout, unless the
// target folder is elsewhere.
func TestEmptyLibs(t *testing.T) {
	t.Parallel()
	tc := Toolchain{zig: &zig{}, triples: []string{"x86_64-pc-windows-gnu"}}
	root := t.TempDir()
	b := RustBuild{CacheDir: filepath.Join(root, "cache")}
	for _, tt := range []struct{ target, told, at string }{
		{"a b/target", filepath.Join("target", "build-std-lib"), "a b/target/build-std-lib"},
		{"elsewhere", filepath.Join(root, "cache", "build-std-lib"), "cache/build-std-lib"},
	} {
		m := metadata{WorkspaceRoot: filepath.Join(root, "a b"), TargetDirectory: filepath.Join(root, filepath.FromSlash(tt.target))}
		told, err := b.emptyLibs(tc, m)
		if err != nil || told != tt.told || !isFile(filepath.Join(root, filepath.FromSlash(tt.at), "libssp_nonshared.a")) {
			t.Errorf("%s: told %q, %v; want %q", tt.target, told, err, tt.told)
		}
	}
	tc.zig = nil
	if told, err := b.emptyLibs(tc, metadata{}); told != "" || err != nil {
		t.Errorf("without zig: %q, %v", told, err)
	}
}
