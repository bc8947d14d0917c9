package targets

import (
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/noetl/noetl/magefiles/xbuild"
)

// scriptPlace is a copy of the wrapper in a folder whose name needs quoting, and
// a stand-in for Go that writes down how it was called; MAGE_STATUS is what it
// exits with.
func scriptPlace(t *testing.T) (root string, run func(sh string, env ...string) (out string, code int)) {
	t.Helper()
	if runtime.GOOS == "windows" {
		t.Skip("a script for sh")
	}
	top := t.TempDir()
	root = filepath.Join(top, "mein 'Ordner' ü")
	script, err := os.ReadFile("../../scripts/setup_local_dev.sh")
	if err != nil {
		t.Fatal(err)
	}
	const fakeGo = "#!/bin/sh\nprintf '%s|' \"$PWD\" \"$@\"\necho\ncase $3 in bootstrap) exit 1;; esac\nexit ${MAGE_STATUS:-0}\n"
	for name, content := range map[string]string{
		filepath.Join(root, "scripts", "setup_local_dev.sh"): string(script), filepath.Join(top, "bin", "go"): fakeGo,
	} {
		if err := xbuild.WriteFile(name, []byte(content), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	return root, func(sh string, env ...string) (string, int) {
		var out, words strings.Builder // two pipes, whose order nobody knows
		cmd := xbuild.Cmd{
			Name: sh, Args: []string{filepath.Join(root, "scripts", "setup_local_dev.sh"), "-ui=false", "two words", "*"}, Dir: top,
			Env: env, Stdout: &out, Stderr: &words,
		}
		err := xbuild.Exec([]string{"PATH=" + filepath.Join(top, "bin") + ":/usr/bin:/bin", "CDPATH=/", "PWD=" + top})(t.Context(), cmd)
		code := 0
		if err != nil {
			status, ok := err.(interface{ ExitStatus() int })
			if !ok {
				t.Fatal(err)
			}
			code = status.ExitStatus()
		}
		return out.String() + words.String(), code
	}
}

// TestSetupScript: the wrapper works from any folder in the shells that people
// have, passes on all that it is given, and what comes of it.
func TestSetupScript(t *testing.T) {
	t.Parallel()
	for _, sh := range []string{"sh", "dash", "bash"} {
		path, err := xbuild.Look(os.Getenv("PATH"))(sh)
		if err != nil {
			continue // sh is everywhere
		}
		t.Run(sh, func(t *testing.T) {
			t.Parallel()
			root, run := scriptPlace(t)
			bootstrap := root + "|tool|mage|bootstrap|\n"
			setup := root + "|tool|mage|setupLocalDev|-ui=false|two words|*|\n"
			out, code := run(path)
			if first, then := strings.Index(out, bootstrap), strings.Index(out, setup); code != 0 || first < 0 || then < first || !strings.Contains(out, "going on") {
				t.Errorf("in a new clone, with a bootstrap that could not do all: exit code %d\n%s", code, out)
			}
			if err := xbuild.WriteFile(filepath.Join(root, ".tools", "py", ".installed-key"), nil, 0o644); err != nil {
				t.Fatal(err)
			}
			if out, code := run(path, "MAGE_STATUS=7"); code != 7 || out != setup {
				t.Errorf("with the tools there and a failure: exit code %d\n%s", code, out)
			}
			noGo := filepath.Join(t.TempDir(), "bin")
			dirname, err := xbuild.Look(os.Getenv("PATH"))("dirname")
			if err != nil {
				t.Fatal(err)
			}
			if err := os.Mkdir(noGo, 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.Symlink(dirname, filepath.Join(noGo, "dirname")); err != nil {
				t.Fatal(err)
			}
			if out, code := run(path, "PATH="+noGo); code != 1 || strings.Count(out, "\n") != 1 || !strings.Contains(out, "https://go.dev/dl") {
				t.Errorf("without Go: exit code %d\n%s", code, out)
			}
		})
	}
}

// TestSetupScriptForPowerShell: what can be told without a PowerShell. Version
// 5.1 reads a file without a mark as the system's old encoding.
func TestSetupScriptForPowerShell(t *testing.T) {
	t.Parallel()
	b, err := os.ReadFile("../../scripts/setup_local_dev.ps1")
	if err != nil {
		t.Fatal(err)
	}
	script := string(b)
	for i, c := range b {
		if c > 126 {
			t.Errorf("byte %d is no ASCII", i)
		}
	}
	for _, need := range []string{"go tool mage bootstrap\n", "go tool mage setupLocalDev @args\n", "$code = $LASTEXITCODE", "exit $code", "-ExecutionPolicy Bypass", "$PSScriptRoot"} {
		if !strings.Contains(script, need) {
			t.Errorf("it lacks %q", need)
		}
	}
	// These are of version 7 alone.
	for _, newer := range []string{"&&", "||", "??", "?."} {
		if strings.Contains(script, newer) {
			t.Errorf("it has %q, which PowerShell 5.1 does not know", newer)
		}
	}
}
