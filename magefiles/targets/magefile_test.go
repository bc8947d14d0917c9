package targets

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/format"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestMagefile holds magefile.go against targets.go, which it is made from: a function of its own for each target, since mage asks
// go list twice for every package that it has to import targets from, at each start.
func TestMagefile(t *testing.T) {
	t.Parallel()
	file := filepath.Join("..", "magefile.go")
	old, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	old = bytes.ReplaceAll(old, []byte("\r\n"), []byte("\n"))
	head, _, found := strings.Cut(string(old), generatedTargets)
	if !found {
		t.Fatalf("%s has no line %q", file, generatedTargets)
	}
	text, err := os.ReadFile("targets.go")
	if err != nil {
		t.Fatal(err)
	}
	made, err := forwarding(bytes.ReplaceAll(text, []byte("\r\n"), []byte("\n")))
	if err != nil {
		t.Fatal(err)
	}
	want, err := format.Source([]byte(head + generatedTargets + made))
	if err != nil {
		t.Fatal(err)
	}
	if *update {
		if err := os.WriteFile(file, want, 0o644); err != nil {
			t.Fatal(err)
		}
	} else if !bytes.Equal(old, want) {
		t.Errorf("%s is out of date: run go test ./magefiles/targets -update", file)
	}
}

const generatedTargets = "// What follows is generated from targets/targets.go.\n"

// forwarding makes of each exported function one that calls it.
func forwarding(source []byte) (string, error) {
	set := token.NewFileSet()
	f, err := parser.ParseFile(set, "targets.go", source, parser.ParseComments)
	if err != nil {
		return "", err
	}
	var out strings.Builder
	for _, d := range f.Decls {
		fn, ok := d.(*ast.FuncDecl)
		if !ok || !fn.Name.IsExported() || fn.Recv != nil {
			continue
		}
		var args []string
		for _, field := range fn.Type.Params.List {
			for _, name := range field.Names {
				args = append(args, name.Name)
			}
		}
		head := source[set.Position(fn.Doc.Pos()).Offset:set.Position(fn.Body.Pos()).Offset]
		fmt.Fprintf(&out, "\n%s{\n\treturn targets.%s(%s)\n}\n", head, fn.Name, strings.Join(args, ", "))
	}
	return out.String(), nil
}
