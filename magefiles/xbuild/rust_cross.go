package xbuild

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// cross is what a build with cross needs to know. The program cross runs cargo
// in a container, for one triple at a time. It mounts a toolchain of rustup's,
// always the one for x86-64 Linux, and takes the linker and the C compiler from
// an image, which Cross.toml names or has it build.
type cross struct {
	path, version string
	rustup        string
	engine        string // docker or podman
	sysroot       string // the toolchain that is mounted
	host          string // that toolchain's triple
}

// reason is the beginning of the line that explains a choice.
func (x cross) reason(r rustc) string {
	return fmt.Sprintf("cross %s with rustc %s, in a container of %s", x.version, r.version, filepath.Base(x.engine))
}

// crossHost is the triple of the toolchain that cross mounts.
const crossHost = "x86_64-unknown-linux-gnu"

// crossWay is cross with a container engine that answers.
func (c *chooser) crossWay(ctx context.Context) *way {
	w := &way{title: "cross"}
	x, r, err := c.findCross(ctx)
	if x != nil {
		w.title = "cross " + x.version
	}
	if err != nil {
		w.unfit = err.Error()
		return w
	}
	w.cross, w.rustc = x, r
	if r.host == crossHost {
		w.rustup = x.rustup // which can add a standard library
	}
	images, err := c.crossImages(ctx, x, r)
	if err != nil {
		w.unfit = err.Error()
		return w
	}
	w.targets = map[Platform]target{}
	for _, p := range slices.Concat(c.b.Stable, c.b.Platforms) {
		triple, _ := p.Triple() // check has looked
		w.targets[p] = target{triple: triple, problem: c.crossProblem(ctx, w, triple, images)}
	}
	return w
}

// findCross asks all that does not hang on the platform, the quickest first. x
// is not nil once the program has been found.
func (c *chooser) findCross(ctx context.Context) (x *cross, r rustc, err error) {
	path, err := c.f.look("cross")
	if err != nil {
		path, err = c.f.look(filepath.Join(cargoHome(c.b.Getenv), "bin", "cross"))
	}
	if err != nil {
		return nil, r, errors.New("not there: cargo install cross --locked")
	}
	rustup, err := c.f.look("rustup")
	if err != nil {
		return nil, r, errors.New("it takes its toolchain from rustup, which is not there: install it from https://rustup.rs")
	}
	cargo, err := c.f.look(filepath.Join(filepath.Dir(rustup), "cargo"))
	if err != nil {
		return nil, r, fmt.Errorf("no cargo beside %s", rustup)
	}
	if r = c.probe(ctx, cargo); r.err != nil {
		return nil, r, r.err
	}
	x = &cross{path: path, version: "?", rustup: rustup}
	if x.sysroot, x.host, err = crossToolchain(r); err != nil {
		return x, r, err
	}
	if x.version, err = c.crossVersion(ctx, *x, r); err != nil {
		return x, r, err
	}
	x.engine, err = c.findEngine(ctx)
	return x, r, err
}

// crossToolchain is the toolchain that cross mounts: the selected one, or on
// other machines than x86-64 Linux that of the same name for x86-64 Linux.
func crossToolchain(r rustc) (sysroot, host string, err error) {
	dir, name := filepath.Split(filepath.Clean(r.sysroot))
	if filepath.Base(filepath.Clean(dir)) != "toolchains" || !strings.HasSuffix(name, r.host) {
		return "", "", fmt.Errorf("it can only mount a toolchain that rustup has installed, and the one selected is in %s", r.sysroot)
	}
	if r.host == crossHost {
		return r.sysroot, crossHost, nil
	}
	name = strings.TrimSuffix(name, r.host) + crossHost
	if !isDir(filepath.Join(dir, name)) {
		return "", "", fmt.Errorf("it needs the toolchain for x86-64 Linux, which runs in the container: rustup toolchain install %s --force-non-host --profile minimal", name)
	}
	return filepath.Join(dir, name), crossHost, nil
}

// env keeps cross 0.2 from changing anything. Without CROSS_CUSTOM_TOOLCHAIN it
// adds standard libraries and rust-src to the toolchain. And it does not
// understand how rustup since 1.28 marks the active toolchain in its list,
// takes it for missing and installs, that is updates, it; when the active
// toolchain is given as a folder, no line of that list is marked.
func (x cross) env(r rustc) []string {
	return []string{
		"CARGO=" + r.cargo,
		"RUSTUP_TOOLCHAIN=" + r.sysroot,
		"RUSTC=" + filepath.Join(r.sysroot, "bin", "rustc"),
		"CROSS_CUSTOM_TOOLCHAIN=1",
	}
}

// crossVersion asks in a folder without a crate: in one with a crate, cross
// would look after the toolchain before it answers.
func (c *chooser) crossVersion(ctx context.Context, x cross, r rustc) (string, error) {
	root := filepath.VolumeName(x.path) + string(filepath.Separator)
	out, err := Output(ctx, c.run, Cmd{Name: x.path, Args: []string{"--version"}, Dir: root, Env: x.env(r)})
	if err != nil {
		return "?", fmt.Errorf("asking %s for its version: %w", x.path, firstLine(err))
	}
	m := regexp.MustCompile(`(?m)^cross (\d+\.\d+\S*)`).FindStringSubmatch(out)
	if m == nil {
		return "?", fmt.Errorf("%s is not cross: its --version says %.60q", x.path, out)
	}
	return m[1], nil
}

// crossProblem is why it cannot build for a triple.
func (c *chooser) crossProblem(ctx context.Context, w *way, triple string, images crossImages) problem {
	x := w.cross
	switch {
	case !strings.Contains(triple, "-linux-"):
		return problem{what: "its images build for Linux only, not"}
	case !(rustc{sysroot: x.sysroot}).has(triple) && w.rustup == "":
		return problem{"no standard library", "rustup target add " + triple + " --toolchain " + filepath.Base(x.sysroot)}
	case !w.rustc.has(triple) && w.rustup != "" && c.failed != nil:
		return problem{"no standard library", c.failed.Error()}
	case !w.rustc.has(triple) && w.rustup != "" && c.b.NoInstall:
		return problem{what: "it would have to download the standard library"}
	}
	return images.problem(ctx, c.run, x.engine, triple)
}

// findEngine is the container engine that cross would take, if it answers.
func (c *chooser) findEngine(ctx context.Context) (string, error) {
	names := []string{"docker", "podman"}
	if own := c.b.Getenv("CROSS_CONTAINER_ENGINE"); own != "" {
		names = []string{own}
	}
	for _, name := range names {
		engine, err := c.f.look(name)
		if err != nil {
			continue
		}
		_, err = Output(ctx, c.run, Cmd{Name: engine, Args: []string{"version"}})
		if err != nil {
			var te *ToolError
			if errors.As(err, &te) {
				te.Hint = cmp.Or(te.Hint, engineHint(te.Output))
			}
			return "", fmt.Errorf("the container engine %s does not answer: %w", engine, firstLine(err))
		}
		return engine, nil
	}
	return "", fmt.Errorf("no container engine (%s): install Docker (on Debian and Ubuntu: sudo apt-get install -y docker.io) or Podman", strings.Join(names, ", "))
}
