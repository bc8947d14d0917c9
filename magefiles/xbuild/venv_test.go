package xbuild

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
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
			writeFiles(t, dir, map[string]string{"pyvenv.cfg": "", "bin/python": ""})
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
	update, whole := []string{"sync", "install"}, []string{"venv", "sync", "install"}
	write := func(name, content string) func() {
		return func() { writeFiles(t, v.Project, map[string]string{name: content}) }
	}
	steps := []struct {
		name   string
		change func()
		want   []string
	}{
		{"first", func() {}, whole},
		{"again", func() {}, nil},
		{"a source", write("pkg/x.py", "1"), nil},
		{"the lock", write("requirements.lock", "idna==4"), update},
		{"the project", write("pyproject.toml", "[project]"), update},
		{"cut short", func() { _ = os.Remove(v.stamp()) }, update},
		{"its Python is gone", func() { _ = os.Remove(v.Python()) }, whole},
		{"its Python is too old", func() { python = "3.9.2"; _ = os.Remove(v.stamp()) }, whole},
		{"removed", func() { _ = os.RemoveAll(v.Dir) }, whole},
	}
	for _, step := range steps {
		step.change()
		uv := fakeVenvUV(t, python)
		changed, err := v.Install(t.Context(), uv.Run)
		if err != nil {
			t.Fatalf("%s: %v", step.name, err)
		}
		if got := did(uv); !slices.Equal(got, step.want) || changed != (step.want != nil) {
			t.Errorf("%s: %q, changed %v; want %q", step.name, got, changed, step.want)
		}
		if step.want == nil && len(uv.Cmds()) != 0 {
			t.Errorf("%s: ran %d commands for nothing", step.name, len(uv.Cmds()))
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
	run := Exec(os.Environ())
	if _, err := v.Install(t.Context(), run); err != nil {
		t.Fatal(err)
	}
	out, err := Output(t.Context(), run, Cmd{Name: v.Python(), Args: []string{"-c", "import idna, some_thing; print(some_thing.answer, idna.__version__)"}, Dir: os.TempDir()})
	if err != nil || out != "42 3.10" {
		t.Errorf("Python says %q, %v", out, err)
	}
	if again, err := v.Install(t.Context(), run); again || err != nil {
		t.Errorf("the second time: %v, %v", again, err)
	}
}
