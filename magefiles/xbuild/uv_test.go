package xbuild

import (
	"errors"
	"slices"
	"strings"
	"testing"
)

func TestUVFailuresAreExplained(t *testing.T) {
	t.Parallel()
	tests := []struct{ output, hint string }{
		{"disk-full", "disk is full"},
		{"wrong-hash", "do not install it"},
		{"no-hash", "--generate-hashes"},
		{"no-version", "no such version"},
		{"offline-cold", "once with the network"},
		{"dns", "not reached"},
		{"refused", "not reached"},
		{"python-absent", "found no Python"},
		{"no-lock", ""}, // says it well enough itself
	}
	for _, test := range tests {
		t.Run(test.output, func(t *testing.T) {
			t.Parallel()
			run := (&Recorder{Reply: failing(recorded(t, "uv/"+test.output+".txt"))}).Run
			err := UV{Path: "uv"}.run(t.Context(), run, "", "pip", "install")
			var tool *ToolError
			if !errors.As(err, &tool) {
				t.Fatalf("error %v", err)
			}
			if !strings.Contains(tool.Hint, test.hint) || (test.hint == "") != (tool.Hint == "") {
				t.Errorf("hint %q, want one with %q", tool.Hint, test.hint)
			}
		})
	}
}

func TestUVNeverFetchesAPythonAndKeepsItsIndexConfiguration(t *testing.T) {
	t.Parallel()
	recorder := &Recorder{}
	if err := (UV{Path: "uv", Offline: true, Cache: "c"}).run(t.Context(), recorder.Run, "dir", "pip", "sync"); err != nil {
		t.Fatal(err)
	}
	cmd := recorder.Cmds()[0]
	if !slices.Contains(cmd.Env, "UV_PYTHON_DOWNLOADS=never") {
		t.Errorf("environment %q", cmd.Env)
	}
	if got, want := strings.Join(cmd.Args, " "), "pip sync --offline --cache-dir c"; got != want {
		t.Errorf("arguments %q, want %q", got, want)
	}
}

func TestParseLock(t *testing.T) {
	t.Parallel()
	const lock = "# made by uv\n--index-url https://index.example\nFoo_Bar[x]==1.0 ; sys_platform == 'linux' \\\r\n    --hash=sha256:00\r\n    # via z\nz===2\\\n    --hash=sha256:01\n"
	head, entries, err := parseLock(lock)
	if err != nil {
		t.Fatal(err)
	}
	if head != "# made by uv\n--index-url https://index.example\n" {
		t.Errorf("head %q", head)
	}
	if len(entries) != 2 || entries[0].Name != "Foo_Bar" || entries[0].Version != "1.0" || entries[1].Name != "z" || entries[1].Version != "2" {
		t.Fatalf("entries %+v", entries)
	}
	if whole := head + entries[0].Text + entries[1].Text; whole != strings.ReplaceAll(lock, "\r\n", "\n") {
		t.Errorf("the parts are not the whole: %q", whole)
	}
	for _, bad := range []string{"foo>=1\n", "foo\n", "https://files.example/x.whl\n"} {
		if _, _, err := parseLock(bad); err == nil {
			t.Errorf("%q was taken for a lock", bad)
		}
	}
}

func FuzzParseLock(f *testing.F) {
	f.Add("a==1 \\\n    --hash=sha256:00\n# c\n\nb==2\n")
	f.Fuzz(func(t *testing.T, text string) {
		head, entries, err := parseLock(text)
		if err != nil {
			return
		}
		for _, e := range entries {
			head += e.Text
		}
		if want := strings.ReplaceAll(text, "\r\n", "\n"); head != want {
			t.Errorf("the parts are %q, the whole is %q", head, want)
		}
	})
}

func TestNormalName(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{"Foo.Bar_baz": "foo-bar-baz", "a--b": "a-b", "PyYAML": "pyyaml"} {
		if got := normalName(name); got != want {
			t.Errorf("normalName(%q) = %q, want %q", name, got, want)
		}
	}
}
