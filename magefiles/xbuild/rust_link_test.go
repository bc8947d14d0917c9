package xbuild

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// TestZigCandidates makes the folders that pip makes, under a name that Glob
// would read as a pattern.
func TestZigCandidates(t *testing.T) {
	t.Parallel()
	if filepath.Separator != '/' {
		t.Skip("a folder's name cannot be a pattern there")
	}
	for _, layout := range []string{
		"bin|lib/python3.13/site-packages/ziglang/zig",
		"bin|lib64/python3.11/site-packages/ziglang/zig",
		"Scripts|Lib/site-packages/ziglang/zig.exe",
	} {
		bin, zig, _ := strings.Cut(layout, "|")
		env := filepath.Join(t.TempDir(), "a [b] *ü", "py")
		file := filepath.Join(env, zig)
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, nil, 0o755); err != nil {
			t.Fatal(err)
		}
		got := zigCandidates([]string{filepath.Join(env, bin)}, filepath.Glob)
		if !slices.Equal(got, []string{file, "zig"}) {
			t.Errorf("%s: %q", layout, got)
		}
	}
}

func TestLinkerFor(t *testing.T) {
	t.Parallel()
	z := &zig{zigbuild: "cargo-zigbuild", zig: "zig", version: "0.17.1"}
	tests := []struct {
		with, triple, have string
		zig                *zig
		env                string
		want               string // kind, or part of the error
	}{
		{"auto", amd, "", z, "", "zig"},
		{"auto", amd, "cc", nil, "", "cc"},
		{"auto", arm, "cc", nil, "", "neither cargo-zigbuild with zig nor aarch64-linux-gnu-gcc is there"},
		{"auto", arm, "aarch64-linux-gnu-gcc", nil, "", "gcc"},
		{"cargo", arm, "", z, "", "aarch64-linux-gnu-gcc is not there"},
		{"zigbuild", amd, "cc", nil, "", "cargo-zigbuild with zig is not there"},
		{"cargo", "aarch64-apple-darwin", "", z, "", "only cargo-zigbuild with zig links for it, and -with=cargo leaves that alone"},
		{"auto", "x86_64-pc-windows-msvc", "", z, "", "own"},
		{"auto", "aarch64-apple-darwin", "cc", nil, "", "cargo-zigbuild with zig is not there"},
		{"auto", arm, "", z, "CARGO_TARGET_AARCH64_UNKNOWN_LINUX_GNU_LINKER=lld", "own"},
	}
	for _, tt := range tests {
		b := RustBuild{With: tt.with, Getenv: envOf(tt.env)}
		look := func(name string) (string, error) {
			if name == tt.have {
				return "/bin/" + name, nil
			}
			return "", os.ErrNotExist
		}
		l, missing := b.linkerFor(look, tt.zig, amd, tt.triple)
		if l.kind+missing != tt.want {
			t.Errorf("%+v: %+v, %q", tt, l, missing)
		}
	}
}
