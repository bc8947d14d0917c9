package xbuild

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// fakePython is a Python whose venv makes the folder and the python in it. fail is the module that fails.
func fakePython(host Platform, fail, output string) *Recorder {
	return &Recorder{Reply: func(_ context.Context, c Cmd) error {
		if c.Args[2] == fail {
			_, _ = io.WriteString(c.Stderr, output)
			return &ToolError{Cmd: c, Output: output, Err: errors.New("exit status 1")}
		}
		if c.Args[2] != "venv" {
			return nil
		}
		python := PyTools{Dir: c.Args[3], Host: host}.Path("python")
		if err := os.MkdirAll(filepath.Dir(python), 0o755); err != nil {
			return err
		}
		return os.WriteFile(python, nil, 0o755)
	}}
}

func somePyTools(t *testing.T) PyTools {
	t.Helper()
	top := t.TempDir()
	writeFiles(t, top, map[string]string{"tools.txt": "uv==1 --hash=sha256:00"})
	return PyTools{Dir: filepath.Join(top, "py ü"), Requirements: filepath.Join(top, "tools.txt"), Python: "python3", Host: Platform{OS: "linux", Arch: "amd64"}}
}

func TestPyToolsInstallOnlyWhatIsNotThere(t *testing.T) {
	t.Parallel()
	tools := somePyTools(t)
	steps := []struct {
		name   string
		change func()
		want   bool
	}{
		{"first", func() {}, true},
		{"again", func() {}, false},
		{"other requirements", func() { writeFiles(t, filepath.Dir(tools.Dir), map[string]string{"tools.txt": "uv==2"}) }, true},
		{"cut short", func() { _ = os.Remove(tools.stamp()) }, true},
		{"the Python that made it is gone", func() { _ = os.Remove(tools.Path("python")) }, true},
		{"removed", func() { _ = os.RemoveAll(tools.Dir) }, true},
		{"again", func() {}, false},
	}
	for _, step := range steps {
		step.change()
		if ready, plan := tools.Ready(), tools.Plan(); ready == step.want || (len(plan) == 0) == step.want {
			t.Errorf("%s: Ready is %v, the plan %v", step.name, ready, plan)
		}
		fake := fakePython(tools.Host, "", "")
		got, err := tools.Install(t.Context(), fake.Run)
		if err != nil || got != step.want {
			t.Errorf("%s: Install = %v, %v; want %v", step.name, got, err, step.want)
		}
		if ran := len(fake.Cmds()); ran != 0 && !step.want {
			t.Errorf("%s: %d commands were run for nothing", step.name, ran)
		}
	}
}

func TestPyToolsAskPipForWheelsWithHashesAndLeaveItsConfigurationAlone(t *testing.T) {
	t.Parallel()
	tools := somePyTools(t)
	fake := fakePython(tools.Host, "", "")
	if _, err := tools.Install(t.Context(), fake.Run); err != nil {
		t.Fatal(err)
	}
	pip := fake.Cmds()[1].String()
	for _, want := range []string{"--require-hashes", "--only-binary :all:", "-r "} {
		if !strings.Contains(pip, want) {
			t.Errorf("pip is run without %q: %s", want, pip)
		}
	}
	for _, not := range []string{"index", "--isolated", "--proxy", "--cert", "--trusted-host"} {
		if strings.Contains(pip, not) {
			t.Errorf("pip is run with %q: %s", not, pip)
		}
	}
}

func TestPyToolsFailures(t *testing.T) {
	t.Parallel()
	tests := []struct{ module, output, hint string }{
		{"venv", "no-ensurepip", "apt-get install python3-venv"},
		{"venv", "no-venv", "apt-get install python3-venv"},
		{"pip", "disk-full", "disk is full"},
		{"pip", "dns", "not reached"},
		{"pip", "refused", "not reached"},
		{"pip", "no-wheel", "no such version for this machine"},
		{"pip", "wrong-hash", "do not install it"},
	}
	for _, test := range tests {
		t.Run(test.output, func(t *testing.T) {
			t.Parallel()
			tools := somePyTools(t)
			_, err := tools.Install(t.Context(), fakePython(tools.Host, test.module, recorded(t, "pytools/"+test.output+".txt")).Run)
			var tool *ToolError
			if !errors.As(err, &tool) || !strings.Contains(tool.Hint, test.hint) {
				t.Errorf("error %v, want a hint with %q", err, test.hint)
			}
			if tools.Ready() {
				t.Error("after the failure the tools count as ready")
			}
			if _, err := tools.Install(t.Context(), fakePython(tools.Host, "", "").Run); err != nil {
				t.Errorf("the next time: %v", err)
			}
		})
	}
}

func TestPyToolsWithoutRequirements(t *testing.T) {
	t.Parallel()
	tools := somePyTools(t)
	tools.Requirements += ".gone"
	if _, err := tools.Install(t.Context(), fakePython(tools.Host, "", "").Run); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("error %v, want one about the missing file", err)
	}
}
