package xbuild

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
)

// fakeNpm is an npm whose build writes page; it says what was asked of it.
type fakeNpm struct {
	page, ci  string   // what the build writes, what ci says
	fail      string   // the command that fails: "ci", "run", "--version"
	onlyAsset bool     // the build leaves no index.html
	version   string   // of npm
	variables []string // of the environment
	mu        sync.Mutex
	calls     []string // but for the questions that come first
}

func (f *fakeNpm) reply(_ context.Context, c Cmd) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	ask := c.Args[0]
	if ask == "--version" && c.Name == "node" {
		ask = "node"
	}
	if c.Args[0] != "--version" {
		f.calls = append(f.calls, c.Args[0])
	}
	if ask == f.fail {
		_, _ = io.WriteString(c.Stderr, "it broke\n")
		return &ToolError{Cmd: c, Output: "it broke\n", Err: errors.New("exit status 1")}
	}
	switch ask {
	case "--version":
		_, _ = io.WriteString(c.Stdout, "11.1."+f.version+"\n")
	case "node":
		_, _ = io.WriteString(c.Stdout, "v20.1.2\n")
	case "ci":
		_, _ = io.WriteString(c.Stdout, f.ci)
		return os.MkdirAll(filepath.Join(c.Dir, "node_modules"), 0o755)
	case "run":
		out := c.Args[slices.Index(c.Args, "--outDir")+1]
		if err := os.MkdirAll(filepath.Join(out, "assets"), 0o755); err != nil {
			return err
		}
		if f.onlyAsset {
			return os.WriteFile(filepath.Join(out, "assets", "a.js"), []byte("a"), 0o644)
		}
		return os.WriteFile(filepath.Join(out, "index.html"), []byte(f.page), 0o644)
	}
	return nil
}

func uiProject(t *testing.T) (UI, *fakeNpm) {
	t.Helper()
	top := filepath.Join(t.TempDir(), "ein Ordner mit ü")
	writeFiles(t, filepath.Join(top, "ui-src"), map[string]string{"package.json": "{}", "package-lock.json": "{}", "src/main.ts": "1"})
	return UI{Dir: filepath.Join(top, "ui-src"), Out: filepath.Join(top, "core", "ui"), State: filepath.Join(top, "dist", "ui"), Ledger: Ledger{Root: top, Dir: filepath.Join(top, "dist", "keys")}}, &fakeNpm{page: "<html>"}
}

func (f *fakeNpm) build(t *testing.T, ui UI) (UIResult, error) {
	t.Helper()
	f.calls = nil
	ui.Ledger.Environ = f.variables
	return BuildUI(t.Context(), (&Recorder{Reply: f.reply}).Run, ui)
}

func TestBuildUIDoesOnlyWhatIsNeeded(t *testing.T) {
	t.Parallel()
	ui, npm := uiProject(t)
	write := func(name, content string) func() {
		return func() { writeFiles(t, filepath.Dir(ui.Dir), map[string]string{name: content}) }
	}
	steps := []struct {
		name   string
		change func()
		calls  []string
		built  bool
	}{
		{"first", func() {}, []string{"ci", "run"}, true},
		{"nothing changed", func() {}, nil, false},
		{"new times", func() { touch(t, filepath.Dir(ui.Dir)) }, nil, false},
		{"another npm", func() { npm.version = "9" }, []string{"ci", "run"}, true},
		{"a variable that goes into the page", func() { npm.variables = []string{"VITE_TITLE=x"} }, []string{"run"}, true},
		{"a file of the source", write("ui-src/src/main.ts", "2"), []string{"run"}, true},
		{"the lock", write("ui-src/package-lock.json", "{ }"), []string{"ci", "run"}, true},
		{"what is no source", write("ui-src/node_modules/x/index.js", "x"), nil, false},
		{"the output was touched", write("core/ui/index.html", "hacked"), []string{"run"}, true},
		{"the output has one file more", write("core/ui/old.js", "x"), []string{"run"}, true},
		{"the output was removed", func() { _ = os.RemoveAll(ui.Out) }, []string{"run"}, true},
		{"node_modules was removed, nothing to build", func() { _ = os.RemoveAll(filepath.Join(ui.Dir, "node_modules")) }, nil, false},
		{"back to the first source", write("ui-src/src/main.ts", "1"), []string{"ci", "run"}, true},
	}
	for _, step := range steps {
		step.change()
		result, err := npm.build(t, ui)
		if err != nil {
			t.Fatalf("%s: %v", step.name, err)
		}
		if !slices.Equal(npm.calls, step.calls) || result.Ran() != step.built {
			t.Errorf("%s: ran %q, built %v; want %q, %v", step.name, npm.calls, result.Ran(), step.calls, step.built)
		}
		if result.Files != 1 || result.Bytes != int64(len(npm.page)) || result.Inputs == 0 {
			t.Errorf("%s: result %+v", step.name, result)
		}
	}
	if got, want := readFiles(t, filepath.Dir(ui.Out)), []string{"ui/index.html=<html>"}; !slices.Equal(got, want) {
		t.Errorf("in the end there is %q, want %q", got, want)
	}
}

func TestBuildUIKeepsTheOldOneWhenItFails(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		npm  *fakeNpm
		want string
	}{
		{"npm ci fails", &fakeNpm{fail: "ci"}, "installing the packages"},
		{"npm ci could not write but exits 0", &fakeNpm{ci: recordedNow("npm/disk-full.txt")}, "disk is full"},
		{"the build fails", &fakeNpm{fail: "run"}, "stays as it was"},
		{"no page", &fakeNpm{onlyAsset: true}, "no index.html"},
		{"an empty page", &fakeNpm{page: ""}, "no index.html"},
		{"no npm", &fakeNpm{fail: "--version"}, "version of npm"},
		{"no node", &fakeNpm{fail: "node"}, "version of Node.js"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			ui, npm := uiProject(t)
			if _, err := npm.build(t, ui); err != nil {
				t.Fatal(err)
			}
			writeFiles(t, ui.Dir, map[string]string{"src/main.ts": "new", "package-lock.json": "new"})
			_, err := test.npm.build(t, ui)
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("error %v, want one with %q", err, test.want)
			}
			if got, want := readFiles(t, ui.Out), []string{"index.html=<html>"}; !slices.Equal(got, want) {
				t.Errorf("afterwards there is %q, want %q", got, want)
			}
			if got := readFiles(t, ui.State); len(got) != 0 {
				t.Errorf("left behind: %q", got)
			}
			if result, err := npm.build(t, ui); err != nil || !result.Ran() {
				t.Errorf("the next build: %+v, %v", result, err)
			}
		})
	}
}

func recordedNow(name string) string {
	content, _ := os.ReadFile(filepath.Join("testdata", filepath.FromSlash(name)))
	return string(content)
}

func TestBuildUIRefusesWhatCannotWork(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		change func(*UI)
		want   string
	}{
		{"no output", func(ui *UI) { ui.Out = "" }, "invalid"},
		{"no sources", func(ui *UI) { ui.Dir += "x" }, "package.json"},
		{"state that would be served", func(ui *UI) { ui.State = filepath.Join(ui.Out, "state") }, "served folder"},
		{"state cannot be written", func(ui *UI) { ui.State = filepath.Join(ui.Dir, "package.json", "x") }, "planning the UI"},
		{"output cannot be written", func(ui *UI) { ui.Out = filepath.Join(ui.Dir, "package.json", "x") }, "installing the UI"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			ui, npm := uiProject(t)
			test.change(&ui)
			if _, err := npm.build(t, ui); err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("error %v, want one with %q", err, test.want)
			}
		})
	}
}

func TestBuildUIWithoutNpm(t *testing.T) {
	t.Parallel()
	ui, _ := uiProject(t)
	ui.Node = filepath.Join(ui.Dir, "no-node")
	_, err := BuildUI(t.Context(), Exec(nil), ui)
	var tool *ToolError
	if !errors.As(err, &tool) || !strings.Contains(tool.Hint, "install Node.js") {
		t.Errorf("error %v, want the hint to install Node.js", err)
	}
}

func TestBuildUIInterrupted(t *testing.T) {
	t.Parallel()
	ui, npm := uiProject(t)
	ctx, cancel := context.WithCancel(t.Context())
	run := func(ctx context.Context, c Cmd) error {
		if c.Args[0] == "run" {
			_ = npm.reply(ctx, c) // half of it is written when Ctrl-C comes
			cancel()
			return &ToolError{Cmd: c, Err: ctx.Err()}
		}
		return (&Recorder{Reply: npm.reply}).Run(ctx, c)
	}
	if _, err := BuildUI(ctx, run, ui); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v, want that of the context", err)
	}
	if _, err := os.Stat(ui.Out); err == nil {
		t.Error("something was installed")
	}
	if got := readFiles(t, ui.State); len(got) != 0 {
		t.Errorf("left behind: %q (%s)", got, runtime.GOOS)
	}
}
