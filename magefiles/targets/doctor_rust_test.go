package targets

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/noetl/noetl/magefiles/xbuild"
)

// rustJob is a machine with rustup, zig's wrapper and standard libraries of the
// given triples.
func rustJob(t *testing.T, host string, triples ...string) *job {
	t.Helper()
	if runtime.GOOS != "linux" {
		t.Skip("programs are looked for as Linux does it")
	}
	bin, sysroot := fakes(t, "cargo", "rustc", "rustup", "cc", "zig", "cargo-zigbuild"), t.TempDir()
	for _, triple := range triples {
		for _, lib := range []string{"libcore-1.rlib", "libstd-1.rlib"} {
			file := filepath.Join(sysroot, "lib", "rustlib", triple, "lib", lib)
			if err := errors.Join(os.MkdirAll(filepath.Dir(file), 0o755), os.WriteFile(file, nil, 0o644)); err != nil {
				t.Fatal(err)
			}
		}
	}
	j, rec, _ := testJob(t, map[string]string{"PATH": bin, "CARGO": filepath.Join(bin, "cargo")})
	var err error
	if j.host, err = xbuild.ParsePlatform(host); err != nil {
		t.Fatal(err)
	}
	rec.Reply = func(_ context.Context, c xbuild.Cmd) error {
		line := filepath.Base(c.Name) + " " + strings.Join(c.Args, " ")
		switch {
		case filepath.Dir(c.Name) != bin: // the machine's own /usr/bin/cargo
			return &xbuild.ToolError{Cmd: c, Err: errors.New("exit status 1")}
		case line == "rustc -vV":
			fmt.Fprint(c.Stdout, "rustc 1.95.0\nhost: x86_64-unknown-linux-gnu\nrelease: 1.95.0\n")
		case strings.Contains(line, "--print"):
			fmt.Fprintf(c.Stdout, "%s\n%s\n", sysroot, filepath.Join(sysroot, "lib/rustlib/x86_64-unknown-linux-gnu/lib"))
		case strings.HasPrefix(line, "zig"):
			fmt.Fprintln(c.Stdout, "0.15.1")
		default:
			return &xbuild.ToolError{Cmd: c, Err: errors.New("exit status 1")}
		}
		return nil
	}
	return j
}

// TestCheckRust: without a target only the image's platforms and the host have
// to be there; who asks for crossRust wants them all.
func TestCheckRust(t *testing.T) {
	t.Parallel()
	linux := []string{"x86_64-unknown-linux-gnu", "aarch64-unknown-linux-gnu"}
	for _, tt := range []struct {
		name, target string
		triples      []string
		want         map[string]checkState
	}{
		{"the image's, for everybody", "", linux, map[string]checkState{"rust.linux-arm64": stateOK, "rust.darwin-arm64": stateWarning, "rust.zig": stateOK}},
		{"the image's, for crossRust", "crossRust", linux, map[string]checkState{"rust.linux-arm64": stateOK, "rust.darwin-arm64": stateMissing}},
		{"the image's, for images", "images", linux, map[string]checkState{"rust.linux-arm64": stateOK, "rust.darwin-arm64": ""}},
		{"one of two", "", linux[:1], map[string]checkState{"rust.linux-amd64": stateOK, "rust.linux-arm64": stateMissing}},
		{"one of two, for setupLocalDev", "setupLocalDev", linux[:1], map[string]checkState{"rust.linux-amd64": stateOK, "rust.linux-arm64": ""}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			j := rustJob(t, "linux/amd64", tt.triples...)
			asked := core()
			if tt.target != "" {
				asked = []string{tt.target}
			}
			checks := j.checkRust(t.Context(), tt.target, asked)
			for id, want := range tt.want {
				if c := byID(checks, id); c.State != want {
					t.Errorf("%s is %+v, want %s", id, c, want)
				}
			}
			for _, c := range checks {
				if c.State == stateMissing && !strings.HasPrefix(c.Cure, "rustup target add ") {
					t.Errorf("no cure: %+v", c)
				}
			}
			first := byID(checks, "rust.toolchain.0")
			if first.Found != "1.95.0" || first.Title != "cargo of rustup" || !strings.Contains(first.Why, "selected in crates") {
				t.Errorf("%+v", first)
			}
		})
	}
}

func TestOwnTriple(t *testing.T) {
	t.Parallel()
	for triple, want := range map[string]string{
		"x86_64-pc-windows-msvc": "windows/amd64", "aarch64-pc-windows-msvc": "windows/arm64", "x86_64-unknown-linux-musl": "linux/amd64",
		"aarch64-apple-darwin": "darwin/arm64", "riscv64gc-unknown-linux-gnu": "",
	} {
		var got []string
		for _, p := range xbuild.Platforms() {
			if ownTriple(triple, p) {
				got = append(got, p.String())
			}
		}
		if !slices.Equal(got, strings.Fields(want)) {
			t.Errorf("%s is of %v, want %q", triple, got, want)
		}
	}
}
