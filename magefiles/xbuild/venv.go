package xbuild

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// Venv is the Python environment of a project on this machine, for work on it: the packages of its lock, and the project itself as
// an editable installation, so that a change of its sources is seen at once.
type Venv struct {
	Dir       string   // of the environment
	Project   string   // the folder with pyproject.toml
	Lock      string   // the packages, with hashes
	MinPython string   // "3.11": an environment with an older Python is made anew
	UV        UV       // UV.Python is the Python that makes the environment, as Find found it
	Host      Platform // where this runs
}

// Python is the interpreter of the environment.
func (v Venv) Python() string { return filepath.Join(PythonBin(v.Dir, v.Host), v.Host.Exe("python")) }

// Ready tells whether the environment is what the lock and pyproject.toml ask for. It runs nothing.
func (v Venv) Ready() bool {
	key, err := v.key()
	return err == nil && readStamp(v.stamp()) == key
}

// Install makes the environment ready and tells whether anything had to be done. An environment that works is kept and brought
// up to date; packages that are not in the lock are taken out of it.
func (v Venv) Install(ctx context.Context, run Runner) (bool, error) {
	for _, dir := range []*string{&v.Dir, &v.Project, &v.Lock} {
		abs, err := filepath.Abs(*dir)
		if err != nil {
			return false, fmt.Errorf("planning the Python environment: %w", err)
		}
		*dir = abs
	}
	for _, need := range []string{v.Lock, filepath.Join(v.Project, "pyproject.toml")} {
		if _, err := os.Stat(need); err != nil {
			return false, fmt.Errorf("planning the Python environment: %w", err)
		}
	}
	if v.Ready() {
		return false, nil
	}
	if err := dropStamp(v.stamp()); err != nil {
		return false, err
	}
	if err := v.make(ctx, run); err != nil {
		return false, fmt.Errorf("making the Python environment %q: %w", v.Dir, err)
	}
	if err := v.UV.run(ctx, run, v.Project, "pip", "sync", "--python", v.Python(), "--require-hashes", v.Lock); err != nil {
		return false, fmt.Errorf("installing the packages of %q: %w", v.Lock, err)
	}
	if err := v.UV.run(ctx, run, v.Project, "pip", "install", "--python", v.Python(), "--no-deps", "--editable", v.Project); err != nil {
		return false, fmt.Errorf("installing %q: %w", v.Project, err)
	}
	key, err := v.key()
	if err != nil {
		return false, fmt.Errorf("looking at the new Python environment: %w", err)
	}
	return true, writeStamp(v.stamp(), key)
}

// make makes the environment, unless there is one with a Python that runs and is new enough.
func (v Venv) make(ctx context.Context, run Runner) error {
	switch _, err := os.Stat(filepath.Join(v.Dir, "pyvenv.cfg")); {
	case err == nil:
		tool := Python(v.Host, v.MinPython)
		tool.Candidates = []string{v.Python()}
		here := Find(ctx, run, tool, func(path string) (string, error) {
			_, err := os.Stat(path)
			return path, err
		})
		if here.Err == nil {
			return nil
		}
	case !errors.Is(err, fs.ErrNotExist):
		return err
	default:
		if entries, err := os.ReadDir(v.Dir); err == nil && len(entries) > 0 {
			return errors.New("there is a folder of that name that is no Python environment: move it out of the way")
		}
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	if v.UV.Python == "" {
		return fmt.Errorf("no Python to make it with: install Python %s or newer", v.MinPython)
	}
	return v.UV.run(ctx, run, "", "venv", "--no-project", "--clear", "--python", v.UV.Python, v.Dir)
}

func (v Venv) stamp() string { return filepath.Join(v.Dir, ".installed-key") }

func (v Venv) key() (string, error) {
	parts := []string{"venv 1"}
	for _, file := range []string{v.Lock, filepath.Join(v.Project, "pyproject.toml")} {
		key, err := fileKey(file)
		if err != nil {
			return "", err
		}
		parts = append(parts, key)
	}
	for _, dir := range []string{v.Project, v.Dir} {
		abs, err := filepath.Abs(dir)
		if err != nil {
			return "", err
		}
		parts = append(parts, abs)
	}
	python, err := filepath.EvalSymlinks(v.Python())
	return Key(append(parts, python)...), err
}
