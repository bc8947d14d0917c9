package xbuild

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func crossToolchains(platforms ...Platform) Toolchain {
	tc := Toolchain{
		Name: "cross", Platforms: platforms,
		rustc: rustc{cargo: "/up/cargo", rustc: "/up/rustc", version: "1.95.0", commit: "5980", host: crossHost, sysroot: "/home/me/.rustup/toolchains/stable-" + crossHost},
		cross: &cross{path: "/b/cross", version: "0.2.5", engine: "/b/docker", sysroot: "/home/me/.rustup/toolchains/stable-" + crossHost},
	}
	for _, p := range platforms {
		triple, _ := p.Triple()
		tc.triples = append(tc.triples, triple)
	}
	return tc
}

func TestCrossCmd(t *testing.T) {
	t.Parallel()
	if filepath.Separator != '/' {
		t.Skip("the golden files have Unix paths")
	}
	env := envOf("HOME=/home/me", "CARGO_TARGET_DIR=/var/target")
	b := RustBuild{Dir: "/home/ü b/crates/app", Bins: []string{"app"}, Profile: "release", Glibc: "2.28", Features: []string{"x"}, Getenv: env}
	m := someMetadata(t)
	show := func(name string) {
		c, target := crossCmd(b, crossToolchains(linuxARM, linuxAMD), arm, m, cargoConfig{})
		golden(t, name, lines(c)+"target "+target+"\n")
	}
	show("cross-path-dependency")
	m.Packages = append(m.Packages[:1], m.Packages[2:]...)
	show("cross")
}

// buildCross runs buildWith against a cross whose container writes to /target.
func buildCross(t *testing.T, reply func(c Cmd, target, triple string) error) (RustResult, []Cmd, error) {
	t.Helper()
	dir := t.TempDir()
	var log bytes.Buffer
	b := RustBuild{Dir: dir, Out: filepath.Join(dir, "out"), Log: &log, Platforms: []Platform{linuxAMD, linuxARM}, Getenv: envOf("DOCKER_OPTS=--network none")}
	r := &Recorder{Reply: func(_ context.Context, c Cmd) error {
		switch {
		case c.Args[0] == "metadata":
			fmt.Fprintf(c.Stdout, `{"workspace_root":%q,"target_directory":%q}`, dir, filepath.Join(dir, "target"))
		case c.Name == "/b/cross":
			n := len(c.Args)
			return reply(c, c.Args[n-1], c.Args[n-3])
		}
		return nil
	}}
	result, _, err := b.buildWith(t.Context(), r.Run, Toolchains{crossToolchains(linuxAMD, linuxARM)})
	return result, r.Cmds(), err
}

func makes(c Cmd, path, triple string) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	if err := os.WriteFile(path, []byte(triple), 0o600); err != nil {
		return err
	}
	fmt.Fprintf(c.Stdout, `{"reason":"compiler-artifact","target":{"name":"app","kind":["bin"]},"executable":"/target/%s/release/app"}`+"\n", triple)
	return nil
}

// TestBuildWithCross: one invocation for each triple, and what cargo calls
// /target/… is found where that folder is.
func TestBuildWithCross(t *testing.T) {
	t.Parallel()
	result, cmds, err := buildCross(t, func(c Cmd, target, triple string) error {
		return makes(c, filepath.Join(target, triple, "release", "app"), triple)
	})
	if err != nil || len(result.Binaries) != 2 {
		t.Fatalf("%+v, %v", result, err)
	}
	for i, triple := range []string{amd, arm} {
		bin := result.Binaries[i]
		text, err := os.ReadFile(bin.Path)
		if err != nil || string(text) != triple || bin.Toolchain != "cross 0.2.5" {
			t.Errorf("%+v holds %q (%v), want %q", bin, text, err, triple)
		}
	}
	names := map[string]bool{}
	for _, c := range cmds {
		if c.Name == "/b/cross" {
			options := getenv(c.Env, "CROSS_CONTAINER_OPTS")
			if !strings.HasPrefix(options, "--network none --name cross-") {
				t.Errorf("options for the container: %q", options)
			}
			names[options] = true
		}
	}
	if len(names) != 2 {
		t.Errorf("containers: %v", names)
	}
}

func TestBuildWithCrossFails(t *testing.T) {
	t.Parallel()
	fail := func(output string) func(Cmd, string, string) error {
		return func(c Cmd, _, _ string) error {
			fmt.Fprint(c.Stderr, output)
			return &ToolError{Cmd: c, Err: errors.New("exit status 1")}
		}
	}
	tests := []struct {
		name  string
		reply func(c Cmd, target, triple string) error
		want  string
	}{
		{"image cannot be built", fail("Get \"https://registry-1.docker.io/v2/\": no such host\nError: \n   0: could not run container\n   1: when building custom image\n   2: when building dockerfile\n"), "CROSS_BUILD_OPTS"},
		{"image cannot be fetched", fail("Unable to find image 'ours:latest' locally\ndocker: Error response from daemon: pull access denied for ours\n"), "cannot be fetched"},
		{"cargo's own failure", fail("error: could not compile `app` (bin \"app\") due to 1 previous error\n"), "the crate app does not compile"},
		{"fell back to the host", func(c Cmd, target, triple string) error {
			fmt.Fprintf(c.Stdout, `{"reason":"compiler-artifact","target":{"name":"app","kind":["bin"]},"executable":%q}`+"\n", target+"/"+triple+"/release/app")
			return nil
		}, "not built in the container"},
	}
	for _, tt := range tests {
		if _, _, err := buildCross(t, tt.reply); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: %v, want %q", tt.name, err, tt.want)
		}
	}
}

// TestCrossCancelled: ending the client does not end the container, so that is
// removed.
func TestCrossCancelled(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	removed := make(chan string, 1)
	run := func(rctx context.Context, c Cmd) error {
		if c.Name == "/b/docker" {
			if rctx.Err() != nil {
				t.Error("the context of the removal has ended, too")
			}
			removed <- strings.Join(c.Args, " ")
			return nil
		}
		cancel()
		if got := <-removed; !strings.HasPrefix(got, "rm --force cross-"+arm) { // its end ends the client
			t.Errorf("removed %q", got)
		}
		return rctx.Err()
	}
	b := RustBuild{Getenv: envOf()}
	_, _, err := b.invokeCross(ctx, run, crossToolchains(linuxARM), someMetadata(t), cargoConfig{})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
}
