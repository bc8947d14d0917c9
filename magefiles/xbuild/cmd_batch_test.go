package xbuild

import (
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

func TestBatchLine(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		args []string
		want string
	}{
		{nil, `"C:\a b\npm.cmd"`},
		{[]string{"ci", "a b", ""}, `"C:\a b\npm.cmd" "ci" "a b" ""`},
		{[]string{`C:\R&D\x^y|z`, "(q)"}, `"C:\a b\npm.cmd" "C:\R&D\x^y|z" "(q)"`},
		{[]string{`C:\end\`, `\\`}, `"C:\a b\npm.cmd" "C:\end\\" "\\\\"`},
		{[]string{"100%"}, `"C:\a b\npm.cmd" "100%%cd:~,%"`},
	} {
		got, err := batchLine(`C:\a b\npm.cmd`, tt.args)
		if want := `cmd.exe /d /e:on /v:off /s /c "` + tt.want + `"`; err != nil || got != want {
			t.Errorf("%q: %s, %v; want %s", tt.args, got, err, want)
		}
	}
	for _, arg := range []string{`say "x"`, "a\nb", "a\rb", "a\x00b"} {
		if line, err := batchLine("x.bat", []string{arg}); err == nil {
			t.Errorf("%q was taken: %s", arg, line)
		}
	}
}

func TestIsBatch(t *testing.T) {
	t.Parallel()
	for path, want := range map[string]bool{`C:\x\npm.CMD`: true, `y.bat`: true, `C:\x.cmd\node.exe`: false, "npm": false} {
		if isBatch(path) != want {
			t.Errorf("%q: %v", path, !want)
		}
	}
}

func TestExecOfABatchFile(t *testing.T) {
	t.Parallel()
	if runtime.GOOS != "windows" {
		t.Skip("batch files are for Windows")
	}
	dir := filepath.Join(t.TempDir(), "R&D (x86)")
	if err := os.Mkdir(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	helper := self(t, "args")
	batch := filepath.Join(dir, "tool.cmd")
	text := "@ECHO OFF\r\n\"" + helper.Name + "\" %*\r\n"
	if err := os.WriteFile(batch, []byte(text), 0o755); err != nil {
		t.Fatal(err)
	}
	args := []string{`C:\R&D\next`, "a b", "x|y", "^", "(z)", `end\`, "--flag=1,2;3"}
	c := Cmd{Name: filepath.Join(dir, "tool"), Args: append(helper.Args, args...), Env: helper.Env}
	got, err := Output(t.Context(), Exec(os.Environ()), c)
	if want := strings.Join(args, "|"); err != nil || got != want {
		t.Errorf("%q, %v; want %q", got, err, want)
	}
}
