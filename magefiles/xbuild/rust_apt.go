package xbuild

import (
	"errors"
	"fmt"
	"strings"
)

// AptRust installs, on Debian and Ubuntu, a Rust that has the standard library
// of every platform: their packages of other architectures install beside each
// other. It is the way without rustup, and without its download server.
type AptRust struct {
	Platforms []Platform
	Host      Platform
	Root      bool   // already root: no sudo
	MinRust   string // the lowest rustc that will do; "" is any
}

// Prepare makes apt know the packages of the platforms' architectures.
func (a AptRust) Prepare() ([]Cmd, error) {
	var cmds []Cmd
	for _, p := range a.Platforms {
		arch, err := p.Debian()
		if err != nil {
			return nil, err
		}
		if p != a.Host {
			cmds = append(cmds, a.cmd("dpkg", "--add-architecture", arch))
		}
	}
	return append(cmds, a.cmd("apt-get", "update")), nil
}

// Ask prints which versions of Rust apt has; its output is for Install.
func (a AptRust) Ask() Cmd {
	return Cmd{Name: "apt-cache", Args: []string{"policy", "rustc", "rustc-web"}}
}

// Install is the command that installs the newest of the Rusts that Ask
// printed. Debian has a second one, rustc-web, in its stable releases, kept new
// for the sake of browsers.
func (a AptRust) Install(policy string) (Cmd, error) {
	name, version := "", ""
	have := candidates(policy)
	for _, n := range []string{"rustc", "rustc-web"} {
		if v := have[n]; v != "" && CompareVersions(v, version) > 0 {
			name, version = n, v
		}
	}
	switch {
	case name == "":
		return Cmd{}, errors.New("installing Rust from apt: it has no package rustc; install rustup from https://rustup.rs")
	case a.MinRust != "" && CompareVersions(version, a.MinRust) < 0:
		return Cmd{}, fmt.Errorf("installing Rust from apt: its newest is %s (%s), %s is needed; install rustup from https://rustup.rs", version, name, a.MinRust)
	}
	flavour := strings.TrimPrefix(name, "rustc") // "" or "-web"
	args := []string{"install", "-y", "--no-install-recommends", "cargo" + flavour, name}
	for _, p := range a.Platforms {
		arch, err := p.Debian()
		if err != nil {
			return Cmd{}, err
		}
		args = append(args, "libstd-rust"+flavour+"-dev:"+arch)
	}
	return a.cmd("apt-get", args...), nil
}

func (a AptRust) cmd(name string, args ...string) Cmd {
	if a.Root {
		return Cmd{Name: name, Args: args, Env: []string{"DEBIAN_FRONTEND=noninteractive"}}
	}
	// sudo drops the environment, so the variable goes behind it.
	return Cmd{Name: "sudo", Args: append([]string{"DEBIAN_FRONTEND=noninteractive", name}, args...)}
}

// candidates reads `apt-cache policy`: package name to upstream version.
func candidates(policy string) map[string]string {
	out := map[string]string{}
	name := ""
	for line := range strings.Lines(policy) {
		line = strings.TrimRight(line, "\r\n")
		if n, ok := strings.CutSuffix(line, ":"); ok && !strings.HasPrefix(line, " ") {
			name = n
		}
		if v, ok := strings.CutPrefix(strings.TrimSpace(line), "Candidate:"); ok && !strings.Contains(v, "(none)") {
			v, _, _ = strings.Cut(strings.TrimSpace(v), "+") // 1.96.0+dfsg1-1~deb12u2
			v, _, _ = strings.Cut(v, "-")
			out[name] = v
		}
	}
	return out
}
