package xbuild

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"regexp"
	"strings"
)

// Tool is a program that a build needs, as data: where it may be, which version
// will do, and how a person gets it.
type Tool struct {
	Name           string            // what people call it: "uv"
	Candidates     []string          // paths or names for PATH, best first; empty means Name
	VersionArgs    []string          // empty means --version
	VersionPattern string            // regexp whose first group is the version; empty takes the first version number
	Min            string            // the lowest version that will do; empty takes any
	Range          string            // npm's way to say which versions will do, see InRange; empty takes any
	Why            string            // one clause: "lays out Python wheels for a foreign platform"
	NeededBy       []string          // targets
	Install        map[string]string // by package manager's name: packages; "" is advice for everywhere
}

// Found is what became of looking for a Tool. Err is nil if it will do; Path
// and Version may be set even if it will not.
type Found struct {
	Tool    Tool
	Path    string
	Version string
	Err     error
}

// ErrNotFound says that a tool is nowhere to be found, as opposed to being too
// old or broken.
var ErrNotFound = errors.New("not found")

// Find tries the candidates in order and takes the first that runs and is new
// enough. look resolves a path or a name to a program that can be executed, as
// Look does. If none will do, the error tells what was wrong with each.
func Find(ctx context.Context, run Runner, t Tool, look func(string) (string, error)) Found {
	candidates := t.Candidates
	if len(candidates) == 0 {
		candidates = []string{t.Name}
	}
	f := Found{Tool: t}
	var wrong []string
	for _, c := range candidates {
		path, err := look(c)
		if err != nil {
			continue
		}
		version, err := toolVersion(ctx, run, t, path)
		if ctx.Err() != nil {
			return Found{Tool: t, Err: ctx.Err()}
		}
		if err == nil {
			err = t.fits(version)
		}
		if err == nil {
			return Found{Tool: t, Path: path, Version: version}
		}
		wrong = append(wrong, fmt.Sprintf("%s: %v", path, err))
		if f.Path == "" {
			f.Path, f.Version = path, version
		}
	}
	if len(wrong) == 0 {
		f.Err = fmt.Errorf("finding %s: %w (looked for %s)", t.Name, ErrNotFound, strings.Join(candidates, ", "))
	} else {
		f.Err = fmt.Errorf("finding %s: none will do: %s", t.Name, strings.Join(wrong, "; "))
	}
	return f
}

// fits says why a version will not do.
func (t Tool) fits(version string) error {
	if t.Min != "" && CompareVersions(version, t.Min) < 0 {
		return fmt.Errorf("it is %s, %s or newer is needed", version, t.Min)
	}
	if t.Range == "" {
		return nil
	}
	in, err := InRange(version, t.Range)
	if err == nil && !in {
		err = fmt.Errorf("it is %s, needed is %s", version, t.Range)
	}
	return err
}

func toolVersion(ctx context.Context, run Runner, t Tool, path string) (string, error) {
	args := t.VersionArgs
	if len(args) == 0 {
		args = []string{"--version"}
	}
	var both strings.Builder // some tools write their version to standard error
	out, err := Output(ctx, run, Cmd{Name: path, Args: args, Stderr: &both})
	if err != nil {
		return "", fmt.Errorf("asking for its version: %w", standIn(err))
	}
	text := out + "\n" + both.String()
	if t.VersionPattern == "" {
		if v := versionNumber.FindString(text); v != "" {
			return v, nil
		}
	} else if re, err := regexp.Compile(t.VersionPattern); err != nil {
		return "", fmt.Errorf("compiling the version pattern of %s: %w", t.Name, err)
	} else if m := re.FindStringSubmatch(text); len(m) > 1 {
		return m[1], nil
	}
	return "", fmt.Errorf("no version in what it prints: %.60q", strings.TrimSpace(text))
}

// firstLine shortens an error to one line for lists; it stays in the chain.
func firstLine(err error) error { return shortError{err} }

type shortError struct{ err error }

func (e shortError) Error() string {
	var te *ToolError
	if errors.As(e.err, &te) {
		if line := tellingLine(te.Output); line != "" {
			if te.Hint != "" {
				line += "; " + te.Hint
			}
			return fmt.Sprintf("%v: %s", te.Err, line)
		}
		return te.Err.Error()
	}
	line, _, _ := strings.Cut(e.err.Error(), "\n")
	return line
}

// tellingLine is the line of a tool's output that says what went wrong: the
// first that begins with "error", else the last, which may be a stack trace's.
func tellingLine(output string) string {
	last := ""
	for line := range strings.Lines(output) {
		line = strings.TrimSpace(line)
		if strings.HasPrefix(strings.ToLower(line), "error") {
			return line
		}
		if line != "" {
			last = line
		}
	}
	return last
}

func (e shortError) Unwrap() error { return e.err }

// Look returns a function that resolves programs: paths are checked, names are
// looked up in dirs first and then on path (a PATH value).
func Look(path string, dirs ...string) func(string) (string, error) {
	list := strings.Join(append(append([]string{}, dirs...), path), string(filepath.ListSeparator))
	return func(name string) (string, error) { return lookProgram(name, []string{"PATH=" + list}) }
}

// PythonBin is the folder with the programs of the Python environment in dir,
// on host: dir/bin, or dir\Scripts on Windows.
func PythonBin(dir string, host Platform) string {
	if host.OS == "windows" {
		return filepath.Join(dir, "Scripts")
	}
	return filepath.Join(dir, "bin")
}
