package xbuild

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func TestRustBuildRefusesNonsense(t *testing.T) {
	t.Parallel()
	linux := []Platform{{"linux", "amd64", ""}}
	for want, b := range map[string]RustBuild{
		"possible: auto, cargo": {Platforms: linux, With: "xargo"},
		"no platform":           {},
		"unknown platform":      {Platforms: []Platform{{"linux", "riscv64", ""}}},
		"absolute path":         {Platforms: linux, CacheDir: "cache"},
	} {
		if _, err := b.Build(t.Context(), new(Recorder).Run); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%+v: %v, want %q", b, err, want)
		}
	}
}

// build runs buildWith against a cargo that makes made and prints stderr.
func build(t *testing.T, dir string, made map[string]string, stderr string, fail error) (RustResult, string, error) {
	t.Helper()
	return buildChecked(t, dir, made, stderr, fail, nil)
}

// buildChecked is build with a check of what was made.
func buildChecked(t *testing.T, dir string, made map[string]string, stderr string, fail error, check func(Platform, string) error) (RustResult, string, error) {
	t.Helper()
	var log bytes.Buffer
	b := RustBuild{Check: check, Dir: dir, Out: filepath.Join(dir, "out"), Log: &log, Platforms: []Platform{{"linux", "amd64", ""}, {"linux", "arm64", ""}}}
	r := &Recorder{Reply: func(_ context.Context, c Cmd) error {
		switch c.Args[0] {
		case "metadata":
			fmt.Fprintf(c.Stdout, `{"workspace_root":%q,"target_directory":%q}`, dir, dir+"/target")
		case "build":
			fmt.Fprint(c.Stderr, stderr)
			for triple, name := range made {
				path := filepath.Join(dir, "target", triple, "release", name)
				if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
					return err
				}
				if err := os.WriteFile(path, []byte(triple), 0o600); err != nil {
					return err
				}
				fmt.Fprintf(c.Stdout, `{"reason":"compiler-artifact","target":{"name":%q,"kind":["bin"]},"executable":%q}`+"\n", name, path)
			}
			if fail != nil {
				return &ToolError{Cmd: c, Err: fail, Output: `{"reason":"noise"}`}
			}
		}
		return nil
	}}
	tc := Toolchain{Name: "cargo", rustc: rustc{cargo: "cargo", host: amd}, Platforms: b.Platforms, triples: []string{amd, arm}}
	result, _, err := b.buildWith(t.Context(), r.Run, Toolchains{tc})
	return result, log.String(), err
}

func TestBuildWith(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "ü b")
	result, log, err := build(t, dir, map[string]string{amd: "app", arm: "app"}, "   Compiling app\n", nil)
	if err != nil {
		t.Fatal(err)
	}
	if log != "   Compiling app\n" {
		t.Errorf("log %q", log)
	}
	if len(result.Binaries) != 2 {
		t.Fatalf("binaries %+v", result.Binaries)
	}
	for i, triple := range []string{amd, arm} {
		bin := result.Binaries[i]
		want := filepath.Join(dir, "out", []string{"linux-amd64", "linux-arm64"}[i], "app")
		text, err := os.ReadFile(bin.Path)
		if err != nil || string(text) != triple || bin.Path != want || bin.Size != int64(len(triple)) {
			t.Errorf("%+v holds %q (%v), want %q at %s", bin, text, err, triple, want)
		}
		if info, err := os.Stat(bin.Path); err != nil || info.Mode().Perm() != 0o755 && filepath.Separator == '/' {
			t.Errorf("mode %v, %v", info.Mode(), err)
		}
		if left, _ := filepath.Glob(filepath.Join(filepath.Dir(bin.Path), ".tmp-*")); len(left) > 0 {
			t.Errorf("left behind %v", left)
		}
	}
}

// TestBuildWithCheck: one program that is refused keeps all of them out, and all
// that are refused are told.
func TestBuildWithCheck(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	made := map[string]string{amd: "app", arm: "app"}
	check := func(p Platform, path string) error {
		if text, err := os.ReadFile(path); err != nil || !strings.Contains(path, "target") || p.Arch == "arm64" != (string(text) == arm) {
			t.Errorf("asked about %s at %s, which holds %q (%v)", p, path, text, err)
		}
		return nil
	}
	if _, _, err := buildChecked(t, dir, made, "", nil, check); err != nil {
		t.Fatal(err)
	}
	dir = t.TempDir()
	_, _, err := buildChecked(t, dir, made, "", nil, func(p Platform, _ string) error { return fmt.Errorf("no %s", p) })
	if err == nil || !strings.Contains(err.Error(), "no linux/amd64") || !strings.Contains(err.Error(), "no linux/arm64") {
		t.Errorf("refused, and it said %v", err)
	}
	if left, _ := filepath.Glob(filepath.Join(dir, "out", "*", "*")); len(left) > 0 {
		t.Errorf("refused, and there are %v", left)
	}
}

func TestBuildWithFails(t *testing.T) {
	t.Parallel()
	broken := errors.New("exit status 101")
	tests := []struct {
		name, stderr string
		made         map[string]string
		fail         error
		want         string
	}{
		{"does not compile", "error: could not compile `app` (bin \"app\") due to 1 previous error\n", nil, broken, "cure: the crate app does not compile"},
		{"unknown failure shows its output", "error: the moon is full\n", nil, broken, "the moon is full"},
		{"one platform is missing", "", map[string]string{amd: "app"}, nil, `"app" for 1 of 2 platforms`},
		{"no binary", "", nil, nil, "cargo made no binary"},
		{"a path that tells nothing", "", map[string]string{"elsewhere": "app"}, nil, "names none of"},
	}
	for _, tt := range tests {
		_, _, err := build(t, t.TempDir(), tt.made, tt.stderr, tt.fail)
		if err == nil || !strings.Contains(err.Error(), tt.want) || strings.Contains(err.Error(), "noise") {
			t.Errorf("%s: %v, want %q", tt.name, err, tt.want)
		}
		if tt.fail != nil && !errors.Is(err, broken) {
			t.Errorf("%s: the cause is lost in %v", tt.name, err)
		}
	}
}

// TestBuildAllOrNothing: with two toolchains, both are asked before the first
// compiles, and nothing is put into place when the second fails.
func TestBuildAllOrNothing(t *testing.T) {
	t.Parallel()
	for _, fails := range []bool{false, true} {
		dir := t.TempDir()
		var order []string
		rec := &Recorder{Reply: func(_ context.Context, c Cmd) error {
			order = append(order, filepath.Base(c.Name)+" "+c.Args[0])
			switch c.Args[0] {
			case "metadata":
				fmt.Fprintf(c.Stdout, `{"workspace_root":%q,"target_directory":%q}`, dir, dir+"/target")
			case "build":
				if fails && filepath.Base(c.Name) == "cargo2" {
					return &ToolError{Cmd: c, Err: errors.New("exit status 101")}
				}
				path := filepath.Join(dir, "target", c.Args[len(c.Args)-1], "release", "app")
				writeText(t, path, filepath.Base(c.Name))
				fmt.Fprintf(c.Stdout, `{"reason":"compiler-artifact","target":{"name":"app","kind":["bin"]},"executable":%q}`+"\n", path)
			}
			return nil
		}}
		b := RustBuild{Dir: dir, Out: filepath.Join(dir, "out"), Platforms: platformsOf(t, "linux/amd64,linux/arm64")}
		r, _, err := b.buildWith(t.Context(), rec.Run, Toolchains{
			{Name: "cargo", rustc: rustc{cargo: "/a/cargo1", version: "1.96.0"}, Platforms: b.Platforms[:1], triples: []string{amd}},
			{Name: "build-std", Linker: "gcc", rustc: rustc{cargo: "/a/cargo2", version: "1.95.0"}, Platforms: b.Platforms[1:], triples: []string{arm}},
		})
		if first := slices.Index(order, "cargo1 build"); first < slices.Index(order, "cargo2 metadata") || first < slices.Index(order, "cargo2 fetch") {
			t.Errorf("compiled before all was asked: %q", order)
		}
		if _, stat := os.Stat(b.Out); fails != (err != nil) || fails != (stat != nil) {
			t.Errorf("fails %v: %v, out: %v", fails, err, stat)
		}
		if fails {
			if !strings.Contains(err.Error(), "for linux/arm64 with build-std 1.95.0 + gcc") {
				t.Errorf("which one failed? %v", err)
			}
			continue
		}
		if got := r.Binaries[0].Toolchain + ", " + r.Binaries[1].Toolchain; got != "cargo 1.96.0, build-std 1.95.0 + gcc" || r.Toolchains.String() != got {
			t.Errorf("toolchains %q, %q", got, r.Toolchains)
		}
	}
}
