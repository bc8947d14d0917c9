package main

import (
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// checkout is a small module whose one target prints a constant, a file that is embedded, and what another module says.
type checkout struct{ dir, mage, root string }

var files = map[string]string{
	"app/go.mod": "module example.com/app\n\ngo 1.24\n\nrequire example.com/lib v0.0.0\n\nreplace example.com/lib => ../lib\n",
	"app/magefiles/magefile.go": `//go:build mage

package main

import (
	"errors"
	"fmt"
	"os"

	"example.com/app/magefiles/words"
	"example.com/lib"
)

// Say prints.
func Say() { fmt.Println(words.One, words.Text(), lib.Two, len(os.Args)) }

// Fail fails.
func Fail() error { return errors.New("failing") }
`,
	"app/magefiles/words/words.go":    "package words\n\nimport \"embed\"\n\nconst One = \"one\"\n\n//go:embed texts/*\nvar texts embed.FS\n\nfunc Text() string {\n\tall, _ := texts.ReadDir(\"texts\")\n\tb, _ := texts.ReadFile(\"texts/a.txt\")\n\treturn string(b) + string(rune('0'+len(all)))\n}\n",
	"app/magefiles/words/texts/a.txt": "a",
	"lib/go.mod":                      "module example.com/lib\n\ngo 1.24\n",
	"lib/lib.go":                      "package lib\n\nconst Two = \"two\"\n",
}

func TestMain(m *testing.M) {
	root, err := os.MkdirTemp("", "mage-")
	if err != nil {
		panic(err)
	}
	code := 1
	program := filepath.Join(root, "mage")
	if runtime.GOOS == "windows" {
		program += ".exe"
	}
	if out, err := exec.Command("go", "build", "-o", program, ".").CombinedOutput(); err != nil {
		os.Stderr.Write(out)
	} else if err = os.Setenv("MAGE_UNDER_TEST", program); err == nil {
		code = m.Run()
	}
	_ = os.RemoveAll(root)
	os.Exit(code)
}

func newCheckout(t *testing.T) checkout {
	t.Helper()
	root, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	c := checkout{dir: filepath.Join(root, "app"), mage: os.Getenv("MAGE_UNDER_TEST"), root: root}
	for name, text := range files {
		c.write(t, name, text)
	}
	return c
}

func (c checkout) write(t *testing.T, name, text string) {
	t.Helper()
	file := filepath.Join(c.root, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

// edit replaces text by one of the same length, and keeps the file's time.
func (c checkout) edit(t *testing.T, name, old, text string) {
	t.Helper()
	file := filepath.Join(c.root, filepath.FromSlash(name))
	info, err := os.Stat(file)
	if err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(file)
	if err != nil || !strings.Contains(string(b), old) {
		t.Fatalf("%q is not in %s: %v", old, name, err)
	}
	c.write(t, name, strings.Replace(string(b), old, text, 1))
	if err := os.Chtimes(file, info.ModTime(), info.ModTime()); err != nil {
		t.Fatal(err)
	}
}

// run returns what mage printed, its exit code, and the name of the program it ran, if it is one of ours.
func (c checkout) run(t *testing.T, env []string, args ...string) (out string, code int, program string) {
	t.Helper()
	cmd := exec.Command(c.mage, args...)
	cmd.Dir = c.dir
	cmd.Env = append(os.Environ(), "MAGEFILE_CACHE="+filepath.Join(c.root, "cache"), "GOWORK=", "GOFLAGS=")
	cmd.Env = append(cmd.Env, env...)
	b, err := cmd.CombinedOutput()
	if exit := (*exec.ExitError)(nil); errors.As(err, &exit) {
		code = exit.ExitCode()
	} else if err != nil {
		t.Fatal(err)
	}
	var r record
	if b, err := os.ReadFile(filepath.Join(c.dir, magefiles, ".mage", runtime.GOOS+"-"+runtime.GOARCH, "program.json")); err == nil {
		if err := json.Unmarshal(b, &r); err != nil {
			t.Fatal(err)
		}
	}
	return strings.TrimSpace(string(b)), code, r.Program
}

func (c checkout) remove(t *testing.T, pattern ...string) {
	t.Helper()
	found, err := filepath.Glob(filepath.Join(append([]string{c.dir, magefiles, ".mage", "*"}, pattern...)...))
	if err != nil || len(found) != 1 {
		t.Fatalf("%q, %v", found, err)
	}
	if err := os.Remove(found[0]); err != nil {
		t.Fatal(err)
	}
}

func (c checkout) truncate(t *testing.T) {
	t.Helper()
	found, err := filepath.Glob(filepath.Join(c.dir, magefiles, ".mage", "*", "program.json"))
	if err != nil || len(found) != 1 {
		t.Fatalf("%q, %v", found, err)
	}
	if err := os.Truncate(found[0], 3); err != nil {
		t.Fatal(err)
	}
}
