package targets

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"

	"golang.org/x/sync/errgroup"

	"github.com/noetl/noetl/magefiles/xbuild"
)

// pinnedAdvice is how the tools in .tools are installed.
const pinnedAdvice = "go tool mage bootstrap"

// tools is what the targets need. Install names packages, not commands; "" is
// advice for where no package fits.
func (j *job) tools() []xbuild.Tool {
	rust := []string{"crossRust", "images", "setupLocalDev", "test", "e2e", "lint"}
	node := []string{"buildUI", "images", "setupLocalDev", "test", "e2e", "lint"}
	uv := []string{"wheels", "images", "setupLocalDev", "test", "e2e", "lint"}
	pinned := map[string]string{"": pinnedAdvice}
	nodeRange, npmRange := j.engines()
	nodeMin, npmMin := "20.19", "10"
	if nodeRange != "" {
		nodeMin = ""
	}
	if npmRange != "" {
		npmMin = ""
	}
	list := []xbuild.Tool{
		{
			Name: "go", VersionArgs: []string{"version"}, VersionPattern: `go(\d+\.\d+(?:\.\d+)?)`, Min: "1.26",
			Why: "runs the targets", NeededBy: []string{"test", "e2e", "lint"},
			Install: map[string]string{"dnf": "golang", "apk": "go", "brew": "go", "winget": "GoLang.Go", "scoop": "go", "": "https://go.dev/dl"},
		},
		{
			Name: "cargo", Candidates: []string{"cargo", "/usr/bin/cargo"}, Min: cmp.Or(j.rustVersion(), "1.85"),
			Why: "builds the CLI", NeededBy: rust,
			Install: map[string]string{
				"apt": pinnedAdvice, // which of Debian's is new enough depends on the release
				"dnf": "cargo", "apk": "cargo", "brew": "rustup", "winget": "Rustlang.Rustup", "scoop": "rustup", "": "https://rustup.rs",
			},
		},
		{
			Name: "node", Min: nodeMin, Range: nodeRange, Why: "builds the web UI", NeededBy: node,
			Install: map[string]string{"dnf": "nodejs", "apk": "nodejs", "brew": "node", "winget": "OpenJS.NodeJS.LTS", "scoop": "nodejs-lts", "": "https://nodejs.org"},
		},
		{
			Name: "npm", Min: npmMin, Range: npmRange, Why: "installs the web UI's packages", NeededBy: node,
			Install: map[string]string{"dnf": "nodejs-npm", "apk": "npm", "brew": "node", "winget": "OpenJS.NodeJS.LTS", "scoop": "nodejs-lts", "": "https://nodejs.org: it comes with Node.js"},
		},
		j.python(uv),
		{Name: "uv", Candidates: []string{j.pinned("uv"), "uv"}, Min: "0.8", Why: "lays out Python packages for any platform", NeededBy: uv, Install: pinned},
		{
			Name: "cargo-zigbuild", Candidates: []string{j.pinned("cargo-zigbuild"), "cargo-zigbuild"},
			Why: "links the CLI for other platforms", NeededBy: rust[:2], Install: pinned,
		},
		{
			Name: "git", Why: "says which revision is built", NeededBy: []string{"e2e"},
			Install: map[string]string{"apt": "git", "dnf": "git", "apk": "git", "brew": "git", "winget": "Git.Git", "scoop": "git", "": "https://git-scm.com"},
		},
	}
	if !j.hasUI() {
		list = slices.DeleteFunc(list, forUI)
	}
	return append(list, e2eTools()...)
}

// engines are the versions of Node.js and npm that the UI's package.json asks
// for, as npm writes ranges. Empty where it does not say.
func (j *job) engines() (node, npm string) {
	var manifest struct{ Engines struct{ Node, Npm string } }
	if b, err := os.ReadFile(j.path(j.UI.Dir + "/package.json")); err != nil || json.Unmarshal(b, &manifest) != nil {
		return "", ""
	}
	return manifest.Engines.Node, manifest.Engines.Npm
}

// rustVersion is the rust-version that the CLI's workspace or package names.
func (j *job) rustVersion() string {
	line := regexp.MustCompile(`(?m)^rust-version\s*=\s*"([^"]+)"`)
	for _, dir := range []string{j.CLI.Dir, j.CLI.crate()} {
		if b, err := os.ReadFile(j.path(dir + "/Cargo.toml")); err == nil {
			if m := line.FindSubmatch(b); m != nil {
				return string(m[1])
			}
		}
	}
	return ""
}

func (j *job) python(neededBy []string) xbuild.Tool {
	t := xbuild.Python(j.host, j.Python.Minimum)
	t.Why, t.NeededBy = "runs the server here, and uv's environments", neededBy
	t.Install = map[string]string{
		"apt": "python3 python3-venv", "dnf": "python3", "apk": "python3 py3-pip", "brew": "python@3.13",
		"winget": "Python.Python.3.13", "scoop": "python", "": "https://www.python.org",
	}
	return t
}

// e2eTools are for those who run the end-to-end tests, on Debian or Ubuntu.
func e2eTools() []xbuild.Tool {
	e2e := []string{"e2e"}
	return []xbuild.Tool{
		{Name: "dockerd", Why: "runs the images", NeededBy: e2e, Install: map[string]string{"apt": "docker.io"}},
		{Name: "docker-registry", Why: "is pushed to", NeededBy: e2e, Install: map[string]string{"apt": "docker-registry"}},
		{Name: "qemu-aarch64-static", Why: "runs the arm64 image", NeededBy: e2e, Install: map[string]string{"apt": "qemu-user-static binfmt-support"}},
		{Name: "mmdebstrap", Why: "makes a Debian root to compare ours with, and one for Wine", NeededBy: e2e, Install: map[string]string{"apt": "mmdebstrap"}},
		{Name: "x86_64-w64-mingw32-gcc", Why: "links for Windows without zig", NeededBy: e2e, Install: map[string]string{"apt": "gcc-mingw-w64-x86-64-win32"}},
		{Name: "mvn", Why: "fetches a Python for Windows", NeededBy: e2e, Install: map[string]string{"apt": "maven"}},
		{Name: "unzip", VersionArgs: []string{"-v"}, Why: "unpacks it", NeededBy: e2e, Install: map[string]string{"apt": "unzip"}},
		{Name: "skopeo", Why: "reads what we write", NeededBy: e2e, Install: map[string]string{"apt": "skopeo"}},
		{Name: "jq", Why: "is in the documentation's commands", NeededBy: e2e, Install: map[string]string{"apt": "jq"}},
		{Name: "shellcheck", Why: "reads the wrappers", NeededBy: e2e, Install: map[string]string{"apt": "shellcheck"}},
		{Name: "chromium", Why: "opens the UI", NeededBy: e2e, Install: map[string]string{"apt": "chromium"}},
	}
}

// core are the targets that everybody runs; doctor's verdict is about these
// unless it is asked about another.
func core() []string {
	return []string{"buildUI", "crossRust", "wheels", "images", "setupLocalDev", "test"}
}

func neededFor(t xbuild.Tool, targets []string) bool {
	return slices.ContainsFunc(targets, func(s string) bool { return slices.Contains(t.NeededBy, s) })
}

// look finds programs by path, or by name on PATH. The folder of the pinned
// tools is not searched: its own Python must not be taken for the machine's.
func (j *job) look() func(string) (string, error) { return xbuild.Look(j.env("PATH")) }

// pinned is where a pinned tool is, whether it is there or not.
func (j *job) pinned(name string) string { return j.pyTools().Path(name) }

// tool is the path of a program, by the table's candidates.
func (j *job) tool(name string) (string, error) {
	for _, t := range j.tools() {
		if t.Name == name {
			return j.locate(t)
		}
	}
	return j.look()(name)
}

func (j *job) locate(t xbuild.Tool) (string, error) {
	candidates := t.Candidates
	if candidates == nil {
		candidates = []string{t.Name}
	}
	for _, c := range candidates {
		if path, err := j.look()(c); err == nil {
			return path, nil
		}
	}
	return "", fmt.Errorf("finding %s, which %s: it is not installed; %s", t.Name, t.Why, j.installLine(t))
}

func (j *job) installLine(t xbuild.Tool) string {
	switch line := j.cure(t); {
	case line == "":
		return "install it with your system's package manager"
	case line == t.Install[""] && line != pinnedAdvice:
		return "get it from " + line
	default:
		return "get it with: " + line
	}
}

// cure is the line that gets a tool on this system: a command to type, else an
// address, else nothing.
func (j *job) cure(t xbuild.Tool) string {
	manager, _ := j.packages()
	if t.Install[manager.Name] == pinnedAdvice {
		return pinnedAdvice
	}
	return t.InstallLine(manager)
}

// packages is this system's package manager. Who is root needs no sudo, which
// most containers do not have.
func (j *job) packages() (xbuild.PackageManager, bool) {
	manager, ok := xbuild.DetectPackageManager(j.host, j.look())
	if os.Geteuid() == 0 {
		manager.Root = false
	}
	return manager, ok
}

// findTools asks the tools of some targets for their versions, all at once. The
// others are only looked for.
func (j *job) findTools(ctx context.Context, targets []string) ([]xbuild.Found, error) {
	tools := j.tools()
	found := make([]xbuild.Found, len(tools))
	g, ctx := errgroup.WithContext(ctx)
	for i, t := range tools {
		g.Go(func() error {
			if neededFor(t, targets) {
				found[i] = xbuild.Find(ctx, j.run, t, j.look())
				return ctx.Err()
			}
			found[i].Tool = t
			found[i].Path, found[i].Err = j.locate(t)
			return nil
		})
	}
	return found, g.Wait()
}

// needs refuses to begin without the tools of a target: all that are missing
// are named at once. It looks, and asks none for its version: that is doctor's.
// What the target leaves out (such as buildUI) needs no tools either.
func (j *job) needs(target string, without ...string) error {
	var missing []error
	for _, t := range j.tools() {
		if !neededFor(t, []string{target}) || neededFor(t, without) {
			continue
		}
		if _, err := j.locate(t); err != nil {
			missing = append(missing, err)
		}
	}
	return errors.Join(missing...)
}

// pyTools are the pinned tools from PyPI.
func (j *job) pyTools() xbuild.PyTools {
	return xbuild.PyTools{Dir: filepath.Join(j.root, ".tools", "py"), Requirements: j.path(j.Tools), Host: j.host}
}

// wanted is which versions will do, as npm writes ranges.
func wanted(t xbuild.Tool) string {
	switch {
	case t.Range != "":
		return t.Range
	case t.Min != "":
		return ">=" + t.Min
	}
	return ""
}
