package xbuild

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// unfit says why an environment cannot be kept, in a clause; "" if it can. Looking is cheap and repairing is not: an environment
// has the path of its Python, its own path and the kind of machine written into many of its files.
func (v Venv) unfit(ctx context.Context, run Runner) string {
	if why := v.elsewhere(); why != "" {
		return why
	}
	if home, gone := v.homeless(); gone {
		return "the Python in " + home + " that it was made with is gone"
	}
	tool := Python(v.Host, v.MinPython)
	tool.Candidates = []string{v.Python()}
	here := Find(ctx, run, tool, func(path string) (string, error) {
		_, err := os.Stat(path)
		return path, err
	})
	made := readVenvConfig(v.Dir).version
	switch {
	case here.Path == "":
		return "its Python is gone, or was for another system"
	case here.Version == "":
		return "its Python does not run any more"
	case here.Err != nil:
		return "its Python is " + here.Version + ", and " + v.MinPython + " or newer is needed"
	case made != "" && minor(made) != minor(here.Version):
		return "it was made for Python " + made + ", which has become " + here.Version
	}
	return ""
}

// elsewhere says whether the environment was made at another place or on another kind of machine; "" if it was made here, or by
// somebody who did not say. The same folder by another name (a link, other capitals, a short name of Windows) is the same place.
func (v Venv) elsewhere() string {
	host, dir, ok := strings.Cut(readStamp(v.place()), " ")
	switch {
	case !ok:
		return ""
	case host != v.Host.String():
		return "it was made on " + host
	}
	then, err := os.Stat(dir)
	now, nowErr := os.Stat(v.Dir)
	if err == nil && nowErr == nil && os.SameFile(then, now) {
		return ""
	}
	return "it was made in " + dir
}

// homeless tells whether the folder of the Python that the environment was made with is gone. On Windows, the environment's own
// python.exe is a small program that stays when the one that it starts is removed.
func (v Venv) homeless() (home string, gone bool) {
	home = readVenvConfig(v.Dir).home
	if home == "" {
		return "", false
	}
	_, err := os.Stat(home)
	return home, errors.Is(err, fs.ErrNotExist)
}

// clearHalf empties a folder that was to become an environment, or to be removed, when that was cut short: uv clears none that has
// no pyvenv.cfg. A folder with anything else in it is somebody's.
func (v Venv) clearHalf() (why string, err error) {
	entries, err := os.ReadDir(v.Dir)
	if err != nil || len(entries) == 0 {
		return "", nil // mostly there is none; else uv says what is wrong with it
	}
	for _, entry := range entries {
		if !slices.Contains(venvNames(), strings.ToLower(entry.Name())) {
			return "", errors.New("there is a folder of that name that is no Python environment: move it out of the way")
		}
	}
	for _, entry := range entries {
		if err := os.RemoveAll(filepath.Join(v.Dir, entry.Name())); err != nil {
			return "", err
		}
	}
	return "it was only half made", nil
}

// venvNames are what is in an environment, in small letters.
func venvNames() []string {
	return []string{"bin", "scripts", "lib", "lib64", "include", "share", "cachedir.tag", ".gitignore", ".lock", ".made-for", ".installed-key"}
}

const heldOpenCure = "something holds the environment open, most likely a server that runs from it: stop that, close editors and shells that use it, then run this again"

// heldOpen adds the cure for what Windows says when a file is in use: a Python that runs holds its own program and every native
// module that it has loaded. Errors of these numbers are others elsewhere.
func (v Venv) heldOpen(err error) error {
	var tool *ToolError
	switch {
	case v.Host.OS != "windows":
	case errors.As(err, &tool):
		if regexp.MustCompile(`\(os error (5|32)\)`).MatchString(tool.Output) {
			tool.Hint = heldOpenCure
		}
	case inUse(err):
		return fmt.Errorf("%w; %s", err, heldOpenCure)
	}
	return err
}

// place is the file that says where the environment was made.
func (v Venv) place() string { return filepath.Join(v.Dir, ".made-for") }

// venvConfig is what we want to know of a pyvenv.cfg.
type venvConfig struct {
	home    string // the folder of the Python that it was made with
	version string // of that Python, then
}

// readVenvConfig reads pyvenv.cfg; what it does not say stays empty. uv calls the version version_info, Python's own venv version.
func readVenvConfig(dir string) venvConfig {
	var config venvConfig
	content, err := os.ReadFile(filepath.Join(dir, "pyvenv.cfg"))
	if err != nil {
		return config
	}
	for line := range strings.Lines(string(content)) {
		name, value, _ := strings.Cut(line, "=")
		switch value = strings.TrimSpace(value); strings.ToLower(strings.TrimSpace(name)) {
		case "home":
			config.home = value
		case "version", "version_info":
			config.version = value
		}
	}
	return config
}

// minor is 3.13 of 3.13.1.
func minor(version string) string {
	numbers, _ := splitVersion(version)
	if len(numbers) < 2 {
		return version
	}
	return strings.Join(strings.SplitN(version, ".", 3)[:2], ".")
}
