package xbuild

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// PyTools are the tools that come from PyPI, pinned with their hashes, in a Python environment of their own.
type PyTools struct {
	Dir          string    // of the environment; made and replaced as a whole
	Requirements string    // a file of pinned requirements with hashes, for pip
	Python       string    // the Python that makes it, as Find found it
	Host         Platform  // where this runs
	Log          io.Writer // what the tools write; nil discards
}

// Path is the file of one of the tools, or of the environment's own "python".
func (p PyTools) Path(tool string) string {
	return filepath.Join(PythonBin(p.Dir, p.Host), p.Host.Exe(tool))
}

// Ready tells whether the tools are there as Requirements names them. It runs nothing.
func (p PyTools) Ready() bool {
	key, err := p.key()
	return err == nil && readStamp(p.stamp()) == key
}

// Plan is what Install would run; nothing if the tools are ready.
func (p PyTools) Plan() []Cmd {
	if p.Ready() {
		return nil
	}
	log := p.Log
	if log == nil {
		log = io.Discard
	}
	// -I keeps PYTHONPATH and the user's packages out of it.
	create := []string{"-I", "-m", "venv", p.Dir}
	fill := []string{
		"-I", "-m", "pip", "install", "--require-hashes", "--only-binary", ":all:",
		"--no-user", "--no-input", "--disable-pip-version-check", "--no-warn-script-location", "-r", p.Requirements,
	}
	return []Cmd{
		{Name: p.Python, Args: create, Stdout: log, Stderr: log},
		{Name: p.Path("python"), Args: fill, Stdout: log, Stderr: log},
	}
}

// Install makes the tools ready and tells whether anything had to be done. An environment that was left half made is made
// again: it cannot be made elsewhere and moved, since its own path is written into it.
//
// pip is left to its own configuration (index, proxy, certificates); what is installed is decided by the hashes.
func (p PyTools) Install(ctx context.Context, run Runner) (bool, error) {
	if _, err := os.Stat(p.Requirements); err != nil {
		return false, fmt.Errorf("installing the pinned tools: %w", err)
	}
	if p.Ready() {
		return false, nil
	}
	if err := os.RemoveAll(p.Dir); err != nil {
		return false, fmt.Errorf("removing the pinned tools that are not whole: %w", err)
	}
	for _, cmd := range p.Plan() {
		if err := run(ctx, cmd); err != nil {
			return false, fmt.Errorf("installing the tools of %q into %q: %w", p.Requirements, p.Dir, pipExplain(err))
		}
	}
	key, err := p.key()
	if err != nil {
		return false, fmt.Errorf("looking at the new Python environment: %w", err)
	}
	return true, writeStamp(p.stamp(), key)
}

func (p PyTools) stamp() string { return filepath.Join(p.Dir, ".installed-key") }

// key is of all that the environment hangs on: the requirements, where it is, and the Python that it points to.
func (p PyTools) key() (string, error) {
	requirements, err := fileKey(p.Requirements)
	if err != nil {
		return "", err
	}
	dir, err := filepath.Abs(p.Dir)
	if err != nil {
		return "", err
	}
	python, err := filepath.EvalSymlinks(p.Path("python"))
	if err != nil {
		return "", err
	}
	return Key("pytools 1", requirements, dir, python), nil
}

// pipExplain adds what is known about a failure of venv or pip to its error.
func pipExplain(err error) error {
	var tool *ToolError
	if errors.As(err, &tool) {
		if hint := pipHint(tool.Output); hint != "" {
			tool.Hint = hint
		}
	}
	return err
}

// Python is the Tool "a Python of at least that version", as Find wants it. Newer versions by name come after the plain names,
// for machines whose python3 is old while a newer one is there.
func Python(host Platform, atLeast string) Tool {
	names := []string{"python3", "python", "python3.14", "python3.13", "python3.12", "python3.11"}
	if host.OS == "windows" {
		names = []string{"python", "python3", "py"}
	}
	return Tool{Name: "Python", Candidates: names, Min: atLeast, VersionPattern: `Python (\d+\.\d+\.\d+)`}
}
