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

// VenvResult says what Venv.Install did.
type VenvResult struct {
	Built    bool   // false if the environment was already what the lock and pyproject.toml ask for
	Python   string // the version of its Python: "3.13.1"
	Replaced string // why the environment that was there had to go, in words; "" if it had not
}

// Python is the interpreter of the environment.
func (v Venv) Python() string { return filepath.Join(PythonBin(v.Dir, v.Host), v.Host.Exe("python")) }

// Ready tells whether the environment is what the lock and pyproject.toml ask for. It runs nothing.
func (v Venv) Ready() bool {
	key, err := v.key()
	return err == nil && readStamp(v.stamp()) == key && v.elsewhere() == ""
}

// Install makes the environment ready and tells what had to be done. An environment that works is kept and brought up to date;
// packages that are not in the lock are taken out of it. What another environment, conda or PYTHONPATH of the person has to say
// does not count.
func (v Venv) Install(ctx context.Context, run Runner) (VenvResult, error) {
	for _, dir := range []*string{&v.Dir, &v.Project, &v.Lock} {
		abs, err := filepath.Abs(*dir)
		if err != nil {
			return VenvResult{}, fmt.Errorf("planning the Python environment: %w", err)
		}
		*dir = abs
	}
	for _, need := range []string{v.Lock, filepath.Join(v.Project, "pyproject.toml")} {
		if _, err := os.Stat(need); err != nil {
			return VenvResult{}, fmt.Errorf("planning the Python environment: %w", err)
		}
	}
	if v.Ready() {
		return VenvResult{Python: readVenvConfig(v.Dir).version}, nil
	}
	if err := dropStamp(v.stamp()); err != nil {
		return VenvResult{}, err
	}
	run = apart(run)
	replaced, err := v.make(ctx, run)
	if err != nil {
		return VenvResult{}, fmt.Errorf("making the Python environment %q: %w", v.Dir, v.heldOpen(err))
	}
	if err := v.UV.run(ctx, run, v.Project, "pip", "sync", "--python", v.Python(), "--require-hashes", v.Lock); err != nil {
		return VenvResult{}, fmt.Errorf("installing the packages of %q: %w", v.Lock, v.heldOpen(err))
	}
	if err := v.UV.run(ctx, run, v.Project, "pip", "install", "--python", v.Python(), "--no-deps", "--editable", v.Project); err != nil {
		return VenvResult{}, fmt.Errorf("installing %q: %w", v.Project, v.heldOpen(err))
	}
	key, err := v.key()
	if err != nil {
		return VenvResult{}, fmt.Errorf("looking at the new Python environment: %w", err)
	}
	return VenvResult{Built: true, Python: readVenvConfig(v.Dir).version, Replaced: replaced}, writeStamp(v.stamp(), key)
}

// apart keeps the environments that a person has activated out of ours. An empty value counts as none, for Python and for uv.
// Hashes are asked for where they are meant: the project itself can have none.
func apart(run Runner) Runner {
	none := []string{"VIRTUAL_ENV=", "CONDA_PREFIX=", "PYTHONPATH=", "PYTHONHOME=", "UV_PYTHON=", "UV_SYSTEM_PYTHON=0", "UV_REQUIRE_HASHES=0"}
	return func(ctx context.Context, c Cmd) error {
		c.Env = append(none[:len(none):len(none)], c.Env...)
		return run(ctx, c)
	}
}

// make makes the environment, unless there is one that will do. It tells why one that was there would not.
func (v Venv) make(ctx context.Context, run Runner) (replaced string, err error) {
	switch _, err := os.Stat(filepath.Join(v.Dir, "pyvenv.cfg")); {
	case err == nil:
		if replaced = v.unfit(ctx, run); replaced == "" {
			return "", nil
		}
	case !errors.Is(err, fs.ErrNotExist):
		return "", err
	default:
		if replaced, err = v.clearHalf(); err != nil {
			return "", err
		}
	}
	if err := ctx.Err(); err != nil {
		return "", err
	}
	if v.UV.Python == "" {
		return "", fmt.Errorf("no Python to make it with: install Python %s or newer", v.MinPython)
	}
	if err := v.UV.run(ctx, run, "", "venv", "--no-project", "--clear", "--python", v.UV.Python, v.Dir); err != nil {
		return "", err
	}
	return replaced, writeStamp(v.place(), v.Host.String()+" "+v.Dir)
}

func (v Venv) stamp() string { return filepath.Join(v.Dir, ".installed-key") }

// key is of all that the environment hangs on, but for where it is: see elsewhere.
func (v Venv) key() (string, error) {
	parts := []string{"venv 2"}
	for _, file := range []string{v.Lock, filepath.Join(v.Project, "pyproject.toml"), filepath.Join(v.Dir, "pyvenv.cfg")} {
		key, err := fileKey(file)
		if err != nil {
			return "", err
		}
		parts = append(parts, key)
	}
	project, err := filepath.Abs(v.Project)
	if err != nil {
		return "", err
	}
	python, err := filepath.EvalSymlinks(v.Python())
	if err != nil {
		return "", err
	}
	if home, gone := v.homeless(); gone {
		return "", fmt.Errorf("finding the Python of %q: %q: %w", v.Dir, home, fs.ErrNotExist)
	}
	return Key(append(parts, project, python)...), nil
}
