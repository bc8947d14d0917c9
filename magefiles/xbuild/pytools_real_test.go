package xbuild

import (
	"os"
	"path/filepath"
	"testing"
	"time"
)

// online skips a test that needs package registries unless E2E is set.
func online(t *testing.T) {
	t.Helper()
	if os.Getenv("E2E") == "" {
		t.Skip("needs package registries: set E2E=1")
	}
}

// found is the path of a tool. Without it a test skips on a laptop and fails in CI.
func found(t *testing.T, tool Tool, dirs ...string) string {
	t.Helper()
	f := Find(t.Context(), Exec(os.Environ()), tool, Look(os.Getenv("PATH"), dirs...))
	if f.Err == nil {
		return f.Path
	}
	if os.Getenv("CI") != "" {
		t.Fatal(f.Err)
	}
	t.Skip(f.Err)
	return ""
}

// installedTools is where the build of this repository puts the pinned tools.
func installedTools(t *testing.T) string {
	t.Helper()
	dir, err := filepath.Abs(filepath.Join("..", "..", ".tools", "py"))
	if err != nil {
		t.Fatal(err)
	}
	return PythonBin(dir, Host())
}

func TestPyToolsForReal(t *testing.T) {
	t.Parallel()
	online(t)
	host := Host()
	tools := PyTools{
		Dir: filepath.Join(t.TempDir(), "ein Ordner", "py"), Requirements: filepath.Join("..", "..", "scripts", "tools.txt"),
		Python: found(t, Python(host, "3.11")), Host: host, Log: t.Output(),
	}
	run := Exec(os.Environ())
	if _, err := tools.Install(t.Context(), run); err != nil {
		t.Fatal(err)
	}
	for _, tool := range []string{"uv", "cargo-zigbuild"} {
		if out, err := Output(t.Context(), run, Cmd{Name: tools.Path(tool), Args: []string{"--version"}}); err != nil {
			t.Error(err)
		} else {
			t.Log(out)
		}
	}
	start := time.Now()
	if did, err := tools.Install(t.Context(), run); err != nil || did || time.Since(start) > 100*time.Millisecond {
		t.Errorf("the second time: %v, %v, after %v", did, err, time.Since(start))
	}
}
