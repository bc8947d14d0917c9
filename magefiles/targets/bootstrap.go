package targets

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"

	"github.com/noetl/noetl/magefiles/xbuild"
)

// bootstrap installs what is missing, system packages first: the pinned tools
// need Python, and only with zig can it be told which Rust is missing. What
// somebody has to install by hand does not hold up the rest.
func (j *job) bootstrap(ctx context.Context, dry bool) error {
	b := &installer{job: j, dry: dry, advice: map[string]string{}}
	if err := b.programs(ctx); err != nil {
		return err
	}
	for _, step := range []struct {
		needs string
		do    func(context.Context) error
	}{{"Python", b.pythonTools}, {"cargo", b.rust}} {
		if b.advice[step.needs] != "" {
			continue
		}
		if err := step.do(ctx); err != nil {
			return err
		}
	}
	if len(b.advice) > 0 {
		lines := slices.Sorted(maps.Values(b.advice))
		return errors.New("preparing this machine: these have to be installed by you:\n  " + strings.Join(lines, "\n  "))
	}
	if b.done == 0 {
		fmt.Fprintln(j.out, "bootstrap: nothing is missing")
	}
	return nil
}

// installer runs commands that change the machine, and prints each before.
type installer struct {
	*job
	dry     bool
	updated bool              // apt's lists are fresh
	done    int               // commands run, or printed
	advice  map[string]string // what to install by hand, by the tool's name
}

// programs installs missing tools for which the system has a package. The rest
// is told: nobody's Go or Rust is replaced behind their back.
func (b *installer) programs(ctx context.Context) error {
	found, err := b.findTools(ctx, core())
	if err != nil {
		return err
	}
	var packages []string
	for _, f := range found {
		if f.Err == nil || !neededFor(f.Tool, core()) || f.Tool.Install[""] == pinnedAdvice {
			continue
		}
		if p := f.Tool.Install["apt"]; p == pinnedAdvice && b.apt() {
			continue // Rust's step knows which package
		} else if p != "" && b.apt() {
			packages = append(packages, strings.Fields(p)...)
			continue
		}
		b.advice[f.Tool.Name] = fmt.Sprintf("%s (%s): %v; %s", f.Tool.Name, f.Tool.Why, f.Err, b.installLine(f.Tool))
	}
	return b.install(ctx, packages...)
}

// pythonTools makes .tools/py, with venv's own package if Debian left it out.
func (b *installer) pythonTools(ctx context.Context) error {
	tools := b.pyTools()
	if tools.Ready() {
		return nil
	}
	python := xbuild.Find(ctx, b.run, b.python(nil), b.look())
	switch {
	case python.Err == nil:
		probe := xbuild.Cmd{Name: python.Path, Args: []string{"-c", "import venv, ensurepip"}}
		if b.run(ctx, probe) != nil && b.apt() {
			if err := b.install(ctx, "python3-venv"); err != nil {
				return err
			}
		}
	case b.dry && b.done > 0:
		python.Path = "python3" // the one that the commands so far would have installed
	default:
		return fmt.Errorf("%w; %s", python.Err, b.installLine(python.Tool))
	}
	tools.Python, tools.Log = python.Path, b.out
	for _, cmd := range tools.Plan() {
		if err := b.tell(ctx, cmd); err != nil {
			return err
		}
	}
	if b.dry {
		return nil
	}
	_, err := tools.Install(ctx, b.run)
	return err
}

// rust makes sure that one toolchain can build for all the project's platforms.
func (b *installer) rust(ctx context.Context) error {
	platforms, err := b.everyPlatform(b.hostToo())
	if err != nil {
		return err
	}
	build := b.job.rust(platforms, "")
	build.NoInstall, build.Native, build.Log = b.dry, true, b.out
	if b.dry && !b.pyTools().Ready() {
		fmt.Fprintln(b.out, "# then what Rust lacks for "+xbuild.Join(platforms)+", if anything: the tools above have to be there to tell")
		return nil
	}
	if _, err = build.Choose(ctx, b.telling); err == nil || !b.apt() {
		return err
	}
	packages, err := b.rustPackages(ctx, platforms)
	if err != nil {
		return err
	}
	if err := b.install(ctx, packages...); err != nil || b.dry {
		return err
	}
	_, err = build.Choose(ctx, b.telling)
	return err
}

// telling is the Runner for choosing a toolchain: most of its commands only
// ask, but one may download.
func (b *installer) telling(ctx context.Context, cmd xbuild.Cmd) error {
	if len(cmd.Args) > 1 && cmd.Args[0] == "target" && cmd.Args[1] == "add" {
		if err := b.tell(ctx, cmd); err != nil {
			return err
		}
	}
	return b.run(ctx, cmd)
}

// rustPackages are Debian's Rust with the standard libraries of all platforms.
func (b *installer) rustPackages(ctx context.Context, platforms []xbuild.Platform) ([]string, error) {
	native, err := b.host.Debian()
	if err != nil {
		return nil, err
	}
	archs, err := debianArchs(platforms)
	if err != nil {
		return nil, err
	}
	for _, arch := range archs {
		if arch != native {
			if err := b.root(ctx, "dpkg", "--add-architecture", arch); err != nil {
				return nil, err
			}
		}
	}
	b.updated = false
	if err := b.update(ctx); err != nil {
		return nil, err
	}
	suffix, err := b.rustSuffix(ctx)
	if err != nil {
		return nil, err
	}
	packages := []string{"cargo" + suffix, "rustc" + suffix}
	for _, arch := range archs {
		packages = append(packages, "libstd-rust"+suffix+"-dev:"+arch)
	}
	return packages, nil
}

// rustSuffix says which of the system's Rusts is new enough for the crate: the
// plain one, else the newest of the others. Debian's -web variant is kept up for
// browsers, Ubuntu has a package for each version.
func (b *installer) rustSuffix(ctx context.Context) (string, error) {
	names, err := xbuild.Output(ctx, b.run, xbuild.Cmd{Name: "apt-cache", Args: []string{"search", "--names-only", "^rustc-(web|[0-9.]+)$"}})
	if err != nil {
		return "", fmt.Errorf("asking apt which Rust it has: %w", err)
	}
	candidates := []string{"rustc"}
	for line := range strings.Lines(names) {
		if name, _, ok := strings.Cut(line, " "); ok {
			candidates = append(candidates, name)
		}
	}
	policy, err := xbuild.Output(ctx, b.run, xbuild.Cmd{Name: "apt-cache", Args: append([]string{"policy"}, candidates...), Env: []string{"LC_ALL=C"}})
	if err != nil {
		return "", fmt.Errorf("asking apt how new its Rust is: %w", err)
	}
	if suffix, ok := newEnough(policy, b.rustVersion()); ok || b.dry {
		return suffix, nil
	}
	return "", fmt.Errorf("installing Rust: this system has none of version %s or newer; get it from https://rustup.rs", b.rustVersion())
}

// newEnough reads what apt-cache policy prints. The first package is the one to
// prefer.
func newEnough(policy, atLeast string) (suffix string, ok bool) {
	name, best := "", ""
	for line := range strings.Lines(policy) {
		if !strings.HasPrefix(line, " ") {
			name = strings.TrimSuffix(strings.TrimSpace(line), ":")
		}
		version, found := strings.CutPrefix(strings.TrimSpace(line), "Candidate:")
		version, _, _ = strings.Cut(strings.TrimSpace(version), "+") // 1.85.0+dfsg3-1
		if !found || version == "(none)" || xbuild.CompareVersions(version, atLeast) < 0 {
			continue
		}
		if name == "rustc" {
			return "", true
		}
		if best == "" || xbuild.CompareVersions(version, best) > 0 {
			suffix, best = strings.TrimPrefix(name, "rustc"), version
		}
	}
	return suffix, best != ""
}

// apt reports whether this machine's packages are Debian's or Ubuntu's.
func (b *installer) apt() bool {
	manager, ok := xbuild.DetectPackageManager(b.host, b.look())
	return ok && manager.Name == "apt"
}

func (b *installer) update(ctx context.Context) error {
	if b.updated {
		return nil
	}
	b.updated = true
	return b.root(ctx, "apt-get", "update", "-qq")
}

func (b *installer) install(ctx context.Context, packages ...string) error {
	if len(packages) == 0 {
		return nil
	}
	if err := b.update(ctx); err != nil {
		return err
	}
	// Another apt may be at work on a machine that has just started.
	args := append([]string{"install", "-y", "-qq", "--no-install-recommends", "-o", "DPkg::Lock::Timeout=300"}, packages...)
	if err := b.root(ctx, "apt-get", args...); err != nil {
		return fmt.Errorf("installing system packages: %w", err)
	}
	return nil
}

// root runs a command as root, through sudo if need be.
func (b *installer) root(ctx context.Context, name string, args ...string) error {
	cmd := xbuild.Cmd{Name: name, Args: args, Env: []string{"DEBIAN_FRONTEND=noninteractive"}, Stdout: b.out, Stderr: b.out}
	if os.Geteuid() != 0 {
		cmd.Name, cmd.Args = "sudo", append([]string{"DEBIAN_FRONTEND=noninteractive", name}, args...)
		cmd.Stdin = os.Stdin // sudo may ask for a password
	}
	if err := b.tell(ctx, cmd); err != nil || b.dry {
		return err
	}
	return b.run(ctx, cmd)
}

// tell prints a command before it runs.
func (b *installer) tell(ctx context.Context, cmd xbuild.Cmd) error {
	b.done++
	fmt.Fprint(b.out, "$ ")
	return xbuild.DryRun(b.out)(ctx, cmd)
}
