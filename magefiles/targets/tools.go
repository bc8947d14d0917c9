package targets

import (
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

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
	list := []xbuild.Tool{
		{
			Name: "go", VersionArgs: []string{"version"}, VersionPattern: `go(\d+\.\d+(?:\.\d+)?)`, Min: "1.26",
			Why: "runs the targets", NeededBy: []string{"test", "e2e", "lint"},
			Install: map[string]string{"brew": "go", "winget": "GoLang.Go", "scoop": "go", "": "https://go.dev/dl"},
		},
		{
			Name: "cargo", Candidates: []string{"cargo", "/usr/bin/cargo"}, Min: "1.85",
			Why: "builds the CLI", NeededBy: rust,
			Install: map[string]string{"apt": "cargo-web", "brew": "rustup", "winget": "Rustlang.Rustup", "scoop": "rustup", "": "https://rustup.rs"},
		},
		{
			Name: "node", Min: "20.19", Why: "builds the web UI", NeededBy: node,
			Install: map[string]string{"brew": "node", "dnf": "nodejs", "apk": "nodejs", "winget": "OpenJS.NodeJS.LTS", "scoop": "nodejs-lts", "": "https://nodejs.org"},
		},
		{
			Name: "npm", Min: "10", Why: "installs the web UI's packages", NeededBy: node,
			Install: map[string]string{"brew": "node", "dnf": "npm", "apk": "npm", "winget": "OpenJS.NodeJS.LTS", "scoop": "nodejs-lts", "": "https://nodejs.org: it comes with Node.js"},
		},
		j.python(uv),
		{Name: "uv", Candidates: []string{j.pinned("uv"), "uv"}, Min: "0.8", Why: "lays out Python packages for any platform", NeededBy: uv, Install: pinned},
		{
			Name: "cargo-zigbuild", Candidates: []string{j.pinned("cargo-zigbuild"), "cargo-zigbuild"},
			Why: "links the CLI for other platforms", NeededBy: rust[:2], Install: pinned,
		},
		{
			Name: "git", Why: "says which revision is built", NeededBy: []string{"e2e"},
			Install: map[string]string{"apt": "git", "dnf": "git", "apk": "git", "brew": "git", "winget": "Git.Git", "scoop": "git"},
		},
	}
	return append(list, e2eTools()...)
}

func (j *job) python(neededBy []string) xbuild.Tool {
	t := xbuild.Python(j.host, j.Python.Minimum)
	t.Why, t.NeededBy = "runs the server here, and uv's environments", neededBy
	t.Install = map[string]string{
		"apt": "python3 python3-venv", "dnf": "python3", "apk": "python3", "brew": "python@3.13",
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
		{Name: "mmdebstrap", Why: "makes a Debian root to compare ours with", NeededBy: e2e, Install: map[string]string{"apt": "mmdebstrap"}},
		{Name: "skopeo", Why: "reads what we write", NeededBy: e2e, Install: map[string]string{"apt": "skopeo"}},
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
	manager, _ := xbuild.DetectPackageManager(j.host, j.look())
	line := t.InstallLine(manager)
	switch {
	case line == "":
		return "install it with your system's package manager"
	case line == t.Install[""] && line != pinnedAdvice:
		return "get it from " + line
	}
	return "get it with: " + line
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

func wanted(t xbuild.Tool) string {
	if t.Min == "" {
		return "any"
	}
	return strings.TrimSpace(t.Min + " or newer")
}
