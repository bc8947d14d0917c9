package e2e

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

func TestScanDoc(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, text, want string }{
		{"indented", "a\n\n    make it\n    and that # why\n\nb", "3 make it\n4 and that # why\n"},
		{"no block without a line before it", "a\n    goes on", ""},
		{"two lines", "\n    one \\\n      --flag\n    two", "2 one --flag\n4 two\n"},
		{"fenced", "```sh\n# why\n$ one\n\ntwo\n```\n", "3 one\n5 two\n"},
		{"fenced in a list", "1. First:\n\n   ```\n   one\n   ```\n", "4 one\n"},
		{"no shell", "```text\none\n```\n\n```go\nx := 1\n```\n", ""},
		{"yaml", "```yaml\n- uses: x\n- run: one --two\n```\n", "3 one --two\n"},
		{"list", "- a\n\n    goes on\n\n      one\n\nb\n\n    two", "5 one\n9 two\n"},
		{"run by", "<!-- run: TestA, TestB -->\n\n    one\n    two\n\nx\n\n    three", "3 one by [TestA TestB]\n4 two by [TestA TestB]\n8 three\n"},
		{"not run", "<!-- not run: no cluster -->\n```sh\none\n```", "3 one not: no cluster\n"},
		{"mark without a command", "<!-- run: TestA -->\nwords\n\n    one", "4 one\n!x.md:1: the mark \"run: TestA\" stands before no command\n"},
		{"mark before what is no command", "<!-- not run: x -->\n```text\none\n```\n", "!x.md:1: the mark \"not run: x\" stands before no command\n"},
		{"mark at the end", "x\n<!-- run: TestA -->\n", "!x.md:2: the mark \"run: TestA\" stands before no command\n"},
		{"two marks", "<!-- run: TestA -->\n<!-- run: TestB -->\n\n    one", "4 one by [TestB]\n!x.md:1: the mark \"run: TestA\" stands before no command\n"},
		{"no reason", "<!-- not run: -->\n\n    one", "3 one\n!x.md:1: the mark gives no reason and no test\n"},
		{"of Windows", "x\r\n\r\n    one\r\n", "3 one\n"},
	} {
		var b strings.Builder
		commands, problems := scanDoc("x.md", c.text)
		for _, d := range commands {
			fmt.Fprintf(&b, "%d %s", d.line, d.text)
			if d.by != nil {
				fmt.Fprintf(&b, " by %v", d.by)
			}
			if d.not != "" {
				b.WriteString(" not: " + d.not)
			}
			b.WriteString("\n")
		}
		for _, p := range problems {
			b.WriteString("!" + p + "\n")
		}
		if b.String() != c.want {
			t.Errorf("%s: got\n%swant\n%s", c.name, b.String(), c.want)
		}
	}
	words := docCommand{text: "A=1 sudo ./bin/x go -push -registry=r/x --set 'a=b' value $(x y) && cd y   # words"}.telling()
	if want := []string{"x", "go", "-push", "-registry", "--set", "y"}; !slices.Equal(words, want) {
		t.Errorf("telling: %q, want %q", words, want)
	}
}

// documents are the README and what is in documentation/docs, in the order in
// which people read them, with their commands.
func documents(t *testing.T) (commands []docCommand) {
	t.Helper()
	const root = "../.."
	files := []string{"README.md"}
	err := filepath.WalkDir(filepath.Join(root, "documentation", "docs"), func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() && strings.HasSuffix(path, ".md") {
			path, err = filepath.Rel(root, path)
			files = append(files, filepath.ToSlash(path))
		}
		return err
	})
	if err != nil || len(files) < 5 {
		t.Fatalf("found %v, %v", files, err)
	}
	for _, file := range files {
		text, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(file)))
		if err != nil {
			t.Fatal(err)
		}
		found, problems := scanDoc(file, string(text))
		for _, problem := range problems {
			t.Error(problem)
		}
		commands = append(commands, found...)
	}
	return commands
}

// TestDocMarks: each test that a mark names is there, and has the words of the
// commands that it is said to run, or reads them out of the document.
func TestDocMarks(t *testing.T) {
	t.Parallel()
	calls, words := testFunctions(t)
	for _, c := range documents(t) {
		has := map[string]bool{"go": true, "tool": true, "mage": true} // how every test runs it
		for _, test := range regexp.MustCompile(`\bTest[A-Z]\w*`).FindAllString(c.not, -1) {
			if _, there := calls[test]; !there {
				t.Errorf("%s:%d: the reason names %s, which is not in magefiles/e2e", c.file, c.line, test)
			}
		}
		for _, test := range c.by {
			if _, there := calls[test]; !there {
				t.Errorf("%s:%d: there is no test %s in magefiles/e2e", c.file, c.line, test)
			}
			reached(test, 3, calls, func(name string) {
				for _, word := range words[name] {
					has[word] = true
				}
			})
		}
		for _, word := range c.telling() {
			if c.by != nil && !has[word] && !has[path.Base(c.file)] {
				t.Errorf("%s:%d: %v is said to run %q, and has no word %q", c.file, c.line, c.by, c.text, word)
			}
		}
	}
}

// reached visits a function and, so many calls deep, those that it names.
func reached(name string, deep int, calls map[string][]string, visit func(string)) {
	visit(name)
	if deep == 0 {
		return
	}
	for _, next := range calls[name] {
		reached(next, deep-1, calls, visit)
	}
}

// testFunctions are the functions of this package with the names that they use
// and the words of their strings, methods by their bare names.
func testFunctions(t *testing.T) (names, words map[string][]string) {
	t.Helper()
	files, err := filepath.Glob("*_test.go")
	if err != nil || len(files) < 5 {
		t.Fatalf("%v, %v", files, err)
	}
	names, words = map[string][]string{}, map[string][]string{}
	for _, file := range files {
		if strings.HasPrefix(file, "docscan") {
			continue
		}
		tree, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		for _, decl := range tree.Decls {
			f, ok := decl.(*ast.FuncDecl)
			if !ok {
				continue
			}
			name := f.Name.Name
			names[name] = append(names[name], "") // it is there, whatever it calls
			ast.Inspect(f, func(n ast.Node) bool {
				switch n := n.(type) {
				case *ast.Ident:
					if n.Name != name {
						names[name] = append(names[name], n.Name)
					}
				case *ast.BasicLit:
					if s, err := strconv.Unquote(n.Value); err == nil && n.Kind == token.STRING {
						words[name] = append(words[name], wordChars.Split(s, -1)...)
					}
				}
				return true
			})
		}
	}
	return names, words
}
