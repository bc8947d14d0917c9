package xbuild

import (
	"cmp"
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
)

// fakeVenvUV makes environments; python is the version that their Python says it is.
func fakeVenvUV(t *testing.T, python string) *Recorder {
	return &Recorder{Reply: func(_ context.Context, c Cmd) error {
		switch c.Args[0] {
		case "--version":
			_, err := io.WriteString(c.Stdout, "Python "+python+"\n")
			return err
		case "venv":
			dir := c.Args[len(c.Args)-1]
			_ = os.RemoveAll(dir) // --clear
			home := filepath.Join(filepath.Dir(dir), "python")
			writeFiles(t, home, map[string]string{"bin/x": ""})
			writeFiles(t, dir, map[string]string{"pyvenv.cfg": "home = " + home + "\nversion_info = " + python + "\n", "bin/python": ""})
		}
		return nil
	}}
}

func someVenv(t *testing.T) Venv {
	t.Helper()
	top := filepath.Join(t.TempDir(), "ä b")
	writeFiles(t, top, map[string]string{"pyproject.toml": "", "requirements.lock": "idna==3"})
	return Venv{
		Dir: filepath.Join(top, ".venv"), Project: top, Lock: filepath.Join(top, "requirements.lock"), MinPython: "3.11",
		UV: UV{Path: "uv", Python: "/usr/bin/python3"}, Host: Platform{OS: "linux", Arch: "amd64"},
	}
}

// did is what was asked of uv, a word for each command.
func did(r *Recorder) []string {
	var all []string
	for _, c := range r.Cmds() {
		if c.Name == "uv" {
			all = append(all, strings.Fields(strings.TrimPrefix(strings.Join(c.Args, " "), "pip "))[0])
		}
	}
	return all
}

func TestVenvDoesOnlyWhatIsNeeded(t *testing.T) {
	t.Parallel()
	v, python := someVenv(t), "3.13.1"
	top := filepath.Dir(v.Project)
	update, whole := []string{"sync", "install"}, []string{"venv", "sync", "install"}
	write := func(name, content string) func() {
		return func() { writeFiles(t, v.Project, map[string]string{name: content}) }
	}
	remove := func(name string) func() { return func() { _ = os.RemoveAll(filepath.Join(v.Dir, name)) } }
	steps := []struct {
		name     string
		change   func()
		want     []string
		replaced string // a word of the reason
	}{
		{"first", func() {}, whole, ""},
		{"again", func() {}, nil, ""},
		{"new times", func() { touch(t, v.Project) }, nil, ""},
		{"a source", write("pkg/x.py", "1"), nil, ""},
		{"the lock", write("requirements.lock", "idna==4"), update, ""},
		{"the project", write("pyproject.toml", "[project]"), update, ""},
		{"cut short", remove(".installed-key"), update, ""},
		{"its Python is gone", remove("bin/python"), whole, "gone"},
		{"its Python is too old", func() { python = "3.9.2"; remove(".installed-key")() }, whole, "3.11 or newer"},
		{"an upgrade of the system", func() { python = "3.14.0"; remove(".installed-key")() }, whole, "for Python 3.9.2, which has become 3.14.0"},
		{"a small upgrade", func() { python = "3.14.2"; remove(".installed-key")() }, update, ""},
		{"its Python's folder is gone", func() { _ = os.RemoveAll(filepath.Join(v.Project, "python")) }, whole, "that it was made with is gone"},
		{"made by somebody who did not say where", func() { remove(".made-for")(); remove(".installed-key")() }, update, ""},
		{"removed", func() { _ = os.RemoveAll(v.Dir) }, whole, ""},
		{"made or removed in part", func() { remove("pyvenv.cfg")(); writeFiles(t, v.Dir, map[string]string{"CACHEDIR.TAG": ""}) }, whole, "half made"},
		{"the checkout moved", func() {
			moved := filepath.Join(top, "moved")
			if err := os.Rename(v.Project, moved); err != nil {
				t.Fatal(err)
			}
			v.Project, v.Dir, v.Lock = moved, filepath.Join(moved, ".venv"), filepath.Join(moved, "requirements.lock")
		}, whole, "made in " + v.Dir},
		{"the checkout by another name", func() {
			link := filepath.Join(top, "link")
			if err := os.Symlink(v.Project, link); err != nil || runtime.GOOS == "windows" {
				link = v.Project // links are a privilege there: then it is another kind of change that nothing is made anew for
				writeFiles(t, v.Project, map[string]string{"requirements.lock": "idna==5"})
			}
			v.Project, v.Dir, v.Lock = link, filepath.Join(link, ".venv"), filepath.Join(link, "requirements.lock")
		}, update, ""},
		{"another kind of machine", func() { v.Host.Arch = "arm64" }, whole, "made on linux/amd64"},
	}
	for _, step := range steps {
		step.change()
		uv := fakeVenvUV(t, python)
		result, err := v.Install(t.Context(), uv.Run)
		if err != nil {
			t.Fatalf("%s: %v", step.name, err)
		}
		if got := did(uv); !slices.Equal(got, step.want) || result.Built != (step.want != nil) {
			t.Errorf("%s: %q, %+v; want %q", step.name, got, result, step.want)
		}
		if !strings.Contains(result.Replaced, step.replaced) || (step.replaced == "") != (result.Replaced == "") {
			t.Errorf("%s: replaced because %q, want %q", step.name, result.Replaced, step.replaced)
		}
		if step.want == nil && len(uv.Cmds()) != 0 {
			t.Errorf("%s: ran %d commands for nothing", step.name, len(uv.Cmds()))
		}
		if slices.Contains(step.want, "venv") && result.Python != python {
			t.Errorf("%s: Python %q, want %q", step.name, result.Python, python)
		}
	}
}

func TestVenvRefuses(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		change func(*Venv)
		want   string
	}{
		{"no lock", func(v *Venv) { v.Lock += "x" }, "requirements.lockx"},
		{"no project", func(v *Venv) { v.Project += "x" }, "pyproject.toml"},
		{"no Python", func(v *Venv) { v.UV.Python = "" }, "install Python 3.11 or newer"},
		{"somebody's folder", func(v *Venv) { v.Dir = v.Project }, "no Python environment"},
		{"somebody's folder with a bin", func(v *Venv) { writeFiles(t, v.Dir, map[string]string{"bin/python": "", "thesis.txt": ""}) }, "no Python environment"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			v := someVenv(t)
			test.change(&v)
			uv := fakeVenvUV(t, "3.13.1")
			if _, err := v.Install(t.Context(), uv.Run); err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("error %v, want one with %q", err, test.want)
			}
			if got := did(uv); got != nil {
				t.Errorf("ran %q", got)
			}
		})
	}
}

func TestVenvThatFailsIsNotReady(t *testing.T) {
	t.Parallel()
	for _, what := range []string{"venv", "sync", "install"} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			v, uv := someVenv(t), fakeVenvUV(t, "3.13.1")
			run := func(ctx context.Context, c Cmd) error {
				if slices.Contains(c.Args[:2], what) {
					return failing(recorded(t, "uv/dns.txt"))(ctx, c)
				}
				return uv.Run(ctx, c)
			}
			_, err := v.Install(t.Context(), run)
			var tool *ToolError
			if !errors.As(err, &tool) || !strings.Contains(tool.Hint, "not reached") {
				t.Errorf("error %v, want the hint about the network", err)
			}
			if v.Ready() {
				t.Error("it counts as ready")
			}
			if _, err := v.Install(t.Context(), uv.Run); err != nil || !v.Ready() {
				t.Errorf("the next time: %v", err)
			}
		})
	}
}

// TestVenvInUse: a server that still runs is what people forget on Windows.
func TestVenvInUse(t *testing.T) {
	t.Parallel()
	for output, hint := range map[string]string{
		"error: Input/output error (os error 5)\x00linux":                                                  "",
		"error: failed to remove file `C:\\x\\.venv\\Scripts\\python.exe`: Access is denied. (os error 5)": "stop that",
		"The process cannot access the file because it is being used by another process. (os error 32)":    "stop that",
		"error: something else (os error 53)":                                                              "",
	} {
		v, uv := someVenv(t), fakeVenvUV(t, "3.13.1")
		output, goos, _ := strings.Cut(output, "\x00")
		v.Host.OS = cmp.Or(goos, "windows")
		run := func(ctx context.Context, c Cmd) error {
			if slices.Contains(c.Args, "sync") {
				return &ToolError{Cmd: c, Output: output, Err: errors.New("exit status 2")}
			}
			return uv.Run(ctx, c)
		}
		_, err := v.Install(t.Context(), run)
		var tool *ToolError
		if !errors.As(err, &tool) || !strings.Contains(tool.Hint, hint) || (hint == "") != (tool.Hint == "") {
			t.Errorf("%s: %v, want a hint with %q", output, err, hint)
		}
	}
}

func TestVenvForReal(t *testing.T) {
	t.Parallel()
	online(t)
	v := someVenv(t)
	v.UV, v.Host = realUV(t), Host()
	v.Lock = compileLock(t, v.UV, "idna==3.10")
	writeFiles(t, v.Project, map[string]string{
		"pyproject.toml":         "[build-system]\nrequires = [\"uv_build>=0.9,<1\"]\nbuild-backend = \"uv_build\"\n[project]\nname = \"some-thing\"\nversion = \"0.1.0\"\n[tool.uv.build-backend]\nmodule-root = \"\"\n",
		"some_thing/__init__.py": "answer = 42\n",
	})
	// What another environment of the person says must not count.
	run := Exec(append(os.Environ(), "VIRTUAL_ENV=/nowhere", "CONDA_PREFIX=/nowhere", "PYTHONPATH=/nowhere", "PYTHONHOME=/nowhere",
		"UV_PYTHON=2.7", "UV_SYSTEM_PYTHON=1", "UV_REQUIRE_HASHES=1"))
	if _, err := v.Install(t.Context(), run); err != nil {
		t.Fatal(err)
	}
	run = Exec(os.Environ())
	out, err := Output(t.Context(), run, Cmd{Name: v.Python(), Args: []string{"-c", "import idna, some_thing; print(some_thing.answer, idna.__version__)"}, Dir: os.TempDir()})
	if err != nil || out != "42 3.10" {
		t.Errorf("Python says %q, %v", out, err)
	}
	if again, err := v.Install(t.Context(), run); again.Built || err != nil || again.Python == "" {
		t.Errorf("the second time: %+v, %v", again, err)
	}
}
