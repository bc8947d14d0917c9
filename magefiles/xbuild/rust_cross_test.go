package xbuild

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// crossMachine has rustup, cross and an engine, and a crate with a Cross.toml.
type crossMachine struct {
	*fakeRust
	crate  string
	host   string // of rustc, if not x86-64 Linux
	engine string // what it says when it does not answer
	images []string
	with   string
}

func newCrossMachine(t *testing.T, config string, std ...string) *crossMachine {
	t.Helper()
	const dir = "/toolchains/stable-" + crossHost
	m := &crossMachine{fakeRust: newFakeRust(t, dir+"/rustup", "/b/cross", "/b/docker").rustc(dir, "1.95.0", std...), crate: t.TempDir(), with: "cross"}
	if err := os.WriteFile(filepath.Join(m.crate, "Cross.toml"), []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	m.write(filepath.Join(m.crate, "image", "Dockerfile"))
	return m
}

func (m *crossMachine) run(ctx context.Context, c Cmd) error {
	args := strings.Join(c.Args, " ")
	switch {
	case c.Name == "/b/cross":
		m.ran = append(m.ran, c.Name+" "+args+" in "+c.Dir)
		fmt.Fprint(c.Stdout, "cross 0.2.5\n[cross] note: Falling back to `cargo` on the host.\ncargo 1.95.0\n")
	case c.Name == "/b/docker" && args == "version" && m.engine != "":
		return &ToolError{Cmd: c, Err: errors.New("exit status 1"), Output: m.engine}
	case strings.HasPrefix(args, "image inspect "):
		if !slices.Contains(m.images, c.Args[2]) {
			return &ToolError{Cmd: c, Err: errors.New("exit status 1"), Output: "No such image"}
		}
	case strings.HasPrefix(args, "locate-project"):
		fmt.Fprintln(c.Stdout, filepath.Join(m.crate, "Cargo.toml"))
	case args == "-vV" && m.host != "":
		fmt.Fprintf(c.Stdout, "rustc 1.95.0\nhost: %s\nrelease: 1.95.0\n", m.host)
	default:
		return m.fakeRust.run(ctx, c)
	}
	return nil
}

func (m *crossMachine) choose(t *testing.T, platforms ...Platform) (Toolchains, error) {
	t.Helper()
	b, err := RustBuild{Dir: m.crate, With: m.with, Platforms: platforms}.check()
	if err != nil {
		t.Fatal(err)
	}
	return b.choose(t.Context(), (&Recorder{Reply: m.run}).Run, finder{m.look, m.glob})
}

const ourImage = `
[target.aarch64-unknown-linux-gnu]
image = "ours:latest" # named
dockerfile = { file = "image/Dockerfile", context = "." }
[target."x86_64-unknown-linux-gnu".dockerfile]
file = "image/Dockerfile"
`

var (
	linuxAMD = Platform{"linux", "amd64", ""}
	linuxARM = Platform{"linux", "arm64", ""}
)

func TestChooseCross(t *testing.T) {
	t.Parallel()
	m := newCrossMachine(t, ourImage, amd, arm)
	got, err := m.choose(t, linuxARM, linuxAMD)
	if err != nil {
		t.Fatal(err)
	}
	if got.String() != "cross 0.2.5" || len(got) != 1 || len(got[0].triples) != 2 {
		t.Errorf("chosen: %s, %+v", got, got)
	}
	if want := "cross 0.2.5 with rustc 1.95.0, in a container of docker"; got.Reason() != want {
		t.Errorf("reason %q, want %q", got.Reason(), want)
	}
	for _, line := range m.ran {
		if strings.HasPrefix(line, "/b/cross") && !strings.HasSuffix(line, " in "+filepath.VolumeName("/b/cross")+string(filepath.Separator)) {
			t.Errorf("cross was asked for its version in a folder that may have a crate: %s", line)
		}
	}
}

// TestChooseCrossThird: without being asked for it comes after all that needs
// no engine.
func TestChooseCrossThird(t *testing.T) {
	t.Parallel()
	for _, zig := range []bool{true, false} {
		m := newCrossMachine(t, ourImage, amd, arm)
		m.with = ""
		want := "cross"
		if zig {
			m.programs, want = append(m.programs, "/t/zig", "/t/cargo-zigbuild"), "cargo"
		}
		got, err := m.choose(t, linuxARM)
		if err != nil || got[0].Name != want {
			t.Errorf("with zig %v: %s, %v; want %s", zig, got, err, want)
		}
	}
}

func TestChooseCrossAddsTheStandardLibrary(t *testing.T) {
	t.Parallel()
	m := newCrossMachine(t, ourImage, amd)
	if _, err := m.choose(t, linuxARM); err != nil || !slices.ContainsFunc(m.ran, func(s string) bool { return strings.HasSuffix(s, "rustup target add "+arm) }) {
		t.Errorf("%v; ran %v", err, m.ran)
	}
}

func TestChooseCrossRefuses(t *testing.T) {
	t.Parallel()
	lose := func(m *crossMachine, base string) {
		m.programs = slices.DeleteFunc(m.programs, func(p string) bool { return filepath.Base(p) == base })
	}
	tests := []struct {
		name     string
		config   string
		change   func(*crossMachine)
		platform Platform
		words    []string
	}{
		{"no cross", ourImage, func(m *crossMachine) { lose(m, "cross") }, linuxARM, []string{"cross: not there: cargo install cross --locked"}},
		{"no rustup", ourImage, func(m *crossMachine) { lose(m, "rustup") }, linuxARM, []string{"rustup", "https://rustup.rs"}},
		{"no engine", ourImage, func(m *crossMachine) { lose(m, "docker") }, linuxARM, []string{"no container engine", "docker.io"}},
		{"engine down", ourImage, func(m *crossMachine) {
			m.engine = "Client:\n Version: 28\nCannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?\n"
		}, linuxARM, []string{"cross 0.2.5", "does not answer", "Cannot connect", "systemctl start docker"}},
		{"engine forbidden", ourImage, func(m *crossMachine) {
			m.engine = "permission denied while trying to connect to the Docker daemon socket at unix:///var/run/docker.sock\n"
		}, linuxARM, []string{"usermod -aG docker"}},
		{"not Linux", ourImage, nil, Platform{"darwin", "arm64", ""}, []string{"build for Linux only", "aarch64-apple-darwin"}},
		{"no Cross.toml", "", nil, linuxARM, []string{"ghcr.io/cross-rs/" + arm + ":0.2.5", "docker pull"}},
		{"no Dockerfile", strings.ReplaceAll(ourImage, "image/Dockerfile", "gone/Dockerfile"), nil, linuxARM, []string{filepath.Join("gone", "Dockerfile"), "is not there"}},
		{"offline", ourImage, func(m *crossMachine) {
			m.offline = true
			_ = os.RemoveAll(filepath.Join(m.root, "toolchains"))
		}, linuxARM, []string{"no standard library", "could not download"}},
		{"another host", ourImage, func(m *crossMachine) { m.host = "aarch64-apple-darwin" }, linuxARM, []string{"rustup has installed"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			m := newCrossMachine(t, tt.config, amd, arm)
			if tt.change != nil {
				tt.change(m)
			}
			_, err := m.choose(t, tt.platform)
			if err == nil {
				t.Fatal("no error")
			}
			for _, w := range tt.words {
				if !strings.Contains(err.Error(), w) {
					t.Errorf("%q is not in:\n%v", w, err)
				}
			}
		})
	}
}

func TestCrossToolchain(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "toolchains")
	mac := rustc{host: "aarch64-apple-darwin", sysroot: filepath.Join(dir, "1.95.0-aarch64-apple-darwin")}
	_, _, err := crossToolchain(mac)
	if err == nil || !strings.Contains(err.Error(), "rustup toolchain install 1.95.0-"+crossHost+" --force-non-host") {
		t.Errorf("without the toolchain for Linux: %v", err)
	}
	want := filepath.Join(dir, "1.95.0-"+crossHost)
	if err := os.MkdirAll(want, 0o755); err != nil {
		t.Fatal(err)
	}
	if got, host, err := crossToolchain(mac); err != nil || got != want || host != crossHost {
		t.Errorf("%q, %q, %v; want %q", got, host, err, want)
	}
}
