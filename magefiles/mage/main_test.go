package main

import (
	"encoding/json"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// TestCompiles: each thing that the targets are made of is changed, one at a time, and the target says so; and what they
// are not made of compiles nothing.
func TestCompiles(t *testing.T) {
	t.Parallel()
	for name, is := range map[string]struct {
		change func(*testing.T, checkout)
		env    []string
		args   []string
		out    string
		same   bool
	}{
		"nothing":           {same: true},
		"target":            {change: func(t *testing.T, c checkout) { c.edit(t, "app/magefiles/magefile.go", "len(os.Args)", "cap(os.Args)") }},
		"package":           {change: func(t *testing.T, c checkout) { c.edit(t, "app/magefiles/words/words.go", `"one"`, `"uno"`) }, out: "uno a1 two 2"},
		"new file":          {change: func(t *testing.T, c checkout) { c.write(t, "app/magefiles/words/more.go", "package words\n") }},
		"embedded":          {change: func(t *testing.T, c checkout) { c.edit(t, "app/magefiles/words/texts/a.txt", "a", "b") }, out: "one b1 two 2"},
		"embedded, new":     {change: func(t *testing.T, c checkout) { c.write(t, "app/magefiles/words/texts/b.txt", "") }, out: "one a2 two 2"},
		"embedded, removed": {change: func(t *testing.T, c checkout) { c.write(t, "app/magefiles/words/texts/b/c.txt", "") }, out: "one a2 two 2"},
		"other module":      {change: func(t *testing.T, c checkout) { c.edit(t, "lib/lib.go", `"two"`, `"dos"`) }, out: "one a1 dos 2"},
		"go.mod":            {change: func(t *testing.T, c checkout) { c.edit(t, "app/go.mod", "go 1.24\n", "go 1.25\n") }},
		"go.sum":            {change: func(t *testing.T, c checkout) { c.write(t, "app/go.sum", "\n") }},
		"flag of go":        {env: []string{"GOFLAGS=-trimpath"}},
		"settings of go":    {env: []string{"GOENV=" + filepath.Join("magefiles", "words", "texts", "a.txt")}},
		"-f":                {args: []string{"-f"}},
		"program gone":      {change: func(t *testing.T, c checkout) { c.remove(t, "*", "mage*") }},
		"record broken":     {change: func(t *testing.T, c checkout) { c.truncate(t) }},
		"test":              {change: func(t *testing.T, c checkout) { c.write(t, "app/magefiles/words/words_test.go", "package words\n") }, same: true},
		"tests' folder":     {change: func(t *testing.T, c checkout) { c.write(t, "app/magefiles/words/.x/a.go", "package x\n") }, same: true},
		"UI":                {change: func(t *testing.T, c checkout) { c.write(t, "app/ui/a.ts", "") }, same: true},
		"other variable":    {env: []string{"COLUMNS=70"}, same: true},
		"verbose":           {args: []string{"-v", "-t", "1m"}, same: true},
		"touched":           {change: func(t *testing.T, c checkout) { c.write(t, "lib/lib.go", files["lib/lib.go"]) }, same: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newCheckout(t)
			const first = "one a1 two 2"
			out, code, before := c.run(t, nil, "say")
			if out != first || code != 0 || before == "" {
				t.Fatalf("%q, exit %d, program %q", out, code, before)
			}
			if is.change != nil {
				is.change(t, c)
			}
			want := first
			if is.out != "" {
				want = is.out
			}
			out, code, after := c.run(t, is.env, append(is.args, "say")...)
			if !strings.HasSuffix(out, want) || code != 0 {
				t.Errorf("printed %q, exit %d; want %q", out, code, want)
			}
			if same := before == after; same != is.same {
				t.Errorf("the program is the same: %v; want %v", same, is.same)
			}
			if _, _, again := c.run(t, is.env, "say"); again != after {
				t.Error("the next start compiled again")
			}
		})
	}
}

// TestLikeMage: lists, help, exit codes and errors are those of mage itself, compiled or not.
func TestLikeMage(t *testing.T) {
	t.Parallel()
	c := newCheckout(t)
	mage := checkout{dir: c.dir, mage: "go", root: c.root}
	plainMage := func(args ...string) (string, int) {
		t.Helper()
		own := filepath.Join(c.root, "mage.bin")
		if _, err := os.Stat(own); err != nil {
			if out, err := exec.Command("go", "build", "-o", own, "github.com/magefile/mage").CombinedOutput(); err != nil {
				t.Fatalf("%v\n%s", err, out)
			}
		}
		mage.mage = own
		out, code, _ := mage.run(t, nil, args...)
		return out, code
	}
	for _, compiled := range []bool{false, true} {
		for _, args := range [][]string{{"-l"}, {}, {"-h", "say"}, {"fail"}, {"nosuch"}, {"say", "fail"}, {"-nosuch"}, {"-t", "x", "say"}, {"-h"}} {
			wantOut, wantCode := plainMage(args...)
			out, code, program := c.run(t, nil, args...)
			if out != wantOut || code != wantCode {
				t.Errorf("%q, compiled %v: printed %q, exit %d; mage %q, exit %d", args, compiled, out, code, wantOut, wantCode)
			}
			if !compiled && len(args) > 0 && args[0] == "-l" && program != "" {
				t.Error("a list compiled the targets")
			}
		}
		c.run(t, nil, "say")
	}
}

// TestBrokenTargets: what does not compile says why once, and the program before stays for when it is mended.
func TestBrokenTargets(t *testing.T) {
	t.Parallel()
	c := newCheckout(t)
	_, _, before := c.run(t, nil, "say")
	c.edit(t, "lib/lib.go", "const", "cnost")
	out, code, after := c.run(t, nil, "say")
	if code != 1 || strings.Count(out, "syntax error") != 1 || after != before {
		t.Errorf("exit %d, program %q then %q, printed:\n%s", code, before, after, out)
	}
	c.edit(t, "lib/lib.go", "cnost", "const")
	if out, code, after := c.run(t, nil, "say"); code != 0 || out != "one a1 two 2" || after != before {
		t.Errorf("mended: exit %d, program %q then %q, printed %q", code, before, after, out)
	}
}

// TestWorkspace: what a go.work brings in is left to go.
func TestWorkspace(t *testing.T) {
	t.Parallel()
	c := newCheckout(t)
	c.write(t, "go.work", "go 1.24\n\nuse (\n\t./app\n\t./lib\n)\n")
	for _, two := range []string{"two", "dos"} {
		if out, code, program := c.run(t, nil, "say"); out != "one a1 "+two+" 2" || code != 0 || program != "" {
			t.Errorf("printed %q, exit %d, program %q", out, code, program)
		}
		c.write(t, "lib/lib.go", "package lib\n\nconst Two = \"dos\"\n")
	}
	if err := os.Remove(filepath.Join(c.root, "go.work")); err != nil {
		t.Fatal(err)
	}
	_, _, before := c.run(t, nil, "say")
	c.write(t, "go.work", "go 1.24\n\nuse (\n\t./app\n\t./other\n)\n")
	c.write(t, "other/go.mod", "module example.com/lib\n\ngo 1.24\n")
	c.write(t, "other/lib.go", "package lib\n\nconst Two = \"tre\"\n")
	if out, _, _ := c.run(t, nil, "say"); before == "" || out != "one a1 tre 2" {
		t.Errorf("a new go.work: printed %q", out)
	}
}

// TestOldPrograms: the program that ran last and the one before stay, and git sees none.
func TestOldPrograms(t *testing.T) {
	t.Parallel()
	c := newCheckout(t)
	seen := map[string]bool{}
	for _, name := range []string{"uno", "dos", "tre", "ein"} {
		c.write(t, "lib/lib.go", "package lib\n\nconst Two = \""+name+"\"\n")
		out, _, program := c.run(t, nil, "say")
		if seen[program] = true; !strings.Contains(out, name) {
			t.Errorf("printed %q", out)
		}
	}
	left, err := filepath.Glob(filepath.Join(c.dir, magefiles, ".mage", "*", "*", "mage*"))
	if err != nil || len(left) != 2 || len(seen) != 4 {
		t.Errorf("%d programs ran, %d are left: %v", len(seen), len(left), err)
	}
	if out, err := exec.Command("git", "-C", c.dir, "init", "-q").CombinedOutput(); err != nil {
		t.Skipf("no git: %v %s", err, out)
	}
	out, err := exec.Command("git", "-C", c.dir, "status", "--short", "--untracked-files=all").Output()
	if err != nil || strings.Contains(string(out), ".mage") {
		t.Errorf("git sees %s, %v", out, err)
	}
}

// TestTogether: several at once, with nothing compiled, all run.
func TestTogether(t *testing.T) {
	t.Parallel()
	c := newCheckout(t)
	c.run(t, nil, "say")
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			if out, code, _ := c.run(t, nil, "say"); code != 0 || out != "one a1 two 2" {
				t.Errorf("printed %q, exit %d", out, code)
			}
		})
	}
	wg.Wait()
}

// TestSettings: go's own list of what it reads is the measure, of this system's go.
func TestSettings(t *testing.T) {
	t.Parallel()
	out, err := exec.Command("go", "env", "-json").Output()
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]string{}
	if err := json.Unmarshal(out, &all); err != nil || len(all) < 20 {
		t.Fatalf("%d variables: %v", len(all), err)
	}
	for name := range maps.Keys(all) {
		if name != "PKG_CONFIG" && name != "GCCGO" && !setting(name) {
			t.Errorf("%s is a setting of go", name)
		}
	}
}
