package targets

import (
	"flag"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "rewrite the generated parts of the documentation")

// TestTargetTable holds the README's table of targets against the doc comments
// that mage shows.
func TestTargetTable(t *testing.T) {
	t.Parallel()
	tree, err := parser.ParseFile(token.NewFileSet(), "targets.go", nil, parser.ParseComments)
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	b.WriteString("| target | flags | does |\n|---|---|---|\n")
	for _, decl := range tree.Decls {
		f, ok := decl.(*ast.FuncDecl)
		if !ok || !f.Name.IsExported() {
			continue
		}
		doc := strings.Join(strings.Fields(f.Doc.Text()), " ")
		doc = strings.TrimPrefix(doc, f.Name.Name+" ")
		fmt.Fprintf(&b, "| `%s` | %s | %s |\n", lowerFirst(f.Name.Name), flags(f), doc)
	}
	generated(t, "../../README.md", "targets", b.String())
}

// TestVariableTable does the same for the environment variables.
func TestVariableTable(t *testing.T) {
	t.Parallel()
	prefix := thisProject().EnvPrefix
	var b strings.Builder
	b.WriteString("| variable | meaning |\n|---|---|\n")
	for _, v := range variables() {
		names := strings.Split(v.Name, ", ")
		for i, n := range names {
			names[i] = "`" + strings.Replace(n, "*", prefix, 1) + "`"
		}
		fmt.Fprintf(&b, "| %s | %s |\n", strings.Join(names, ", "), v.Meaning)
	}
	generated(t, "../../documentation/docs/development/multi_arch_builds.md", "variables", b.String())
}

func flags(f *ast.FuncDecl) string {
	var out []string
	for _, p := range f.Type.Params.List {
		star, ok := p.Type.(*ast.StarExpr)
		if !ok {
			continue
		}
		suffix := "=…"
		if id, ok := star.X.(*ast.Ident); ok && id.Name == "bool" {
			suffix = ""
		}
		for _, n := range p.Names {
			out = append(out, "`-"+n.Name+suffix+"`")
		}
	}
	return strings.Join(out, " ")
}

func lowerFirst(s string) string {
	r := []rune(s)
	return strings.ToLower(string(r[:1])) + string(r[1:])
}

// generated compares what stands between two markers in a file with want, or
// writes it there under -update.
func generated(t *testing.T, file, name, want string) {
	t.Helper()
	file = filepath.FromSlash(file)
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	text := strings.ReplaceAll(string(b), "\r\n", "\n")
	open, end := "<!-- generated:"+name+" -->\n", "<!-- /generated:"+name+" -->"
	before, rest, ok := strings.Cut(text, open)
	got, after, ok2 := strings.Cut(rest, end)
	if !ok || !ok2 {
		t.Fatalf("%s has no markers %q and %q", file, open, end)
	}
	if got == want {
		return
	}
	if !*update {
		t.Fatalf("%s is out of date: run go test ./magefiles/targets -update\n--- there\n%s--- wanted\n%s", file, got, want)
	}
	if err := os.WriteFile(file, []byte(before+open+want+end+after), 0o644); err != nil {
		t.Fatal(err)
	}
}
