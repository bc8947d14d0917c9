package targets

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

const module = "github.com/noetl/noetl/magefiles/"

// TestImports holds the sources against the table of who may import whom in
// documentation/docs/development/design.md.
func TestImports(t *testing.T) {
	t.Parallel()
	only := map[string]func(file string) bool{
		"os/exec":                       under("xbuild/cmd"),
		"github.com/fatih/color":        under("report/"),
		"github.com/mholt/archiver/v4":  under("debian/decompress.go", "xbuild/archive.go"),
		"github.com/google/go-containe": under("oci/"),
		"k8s.io/":                       under(), // kubectl is what people have, and compiles in no time
	}
	files := 0
	eachFile(t, func(file string, tree *ast.File) {
		files++
		for _, imp := range tree.Imports {
			name, err := strconv.Unquote(imp.Path.Value)
			if err != nil {
				t.Fatal(err)
			}
			for prefix, allowed := range only {
				if strings.HasPrefix(name, prefix) && !allowed(file) {
					t.Errorf("%s imports %q, which is not its business", file, name)
				}
			}
			if strings.HasPrefix(name, module) && path.Dir(file) != "targets" && file != "magefile.go" {
				t.Errorf("%s imports %q: the packages meet in targets only", file, name)
			}
		}
	})
	if files < 20 {
		t.Fatalf("only %d files were read: the test does not see the sources", files)
	}
}

// TestForbidden looks for calls and declarations that make code depend on
// hidden state.
func TestForbidden(t *testing.T) {
	t.Parallel()
	forbidden := map[string]func(file string) bool{
		"os.Getenv": under("targets/project.go", "mage/"), "os.LookupEnv": under(), "os.Environ": under("targets/project.go", "mage/"),
		"os.Chdir": under(), "os.Exit": under("mage/main.go"), "log.Fatal": under(), "log.Fatalf": under(), "log.Fatalln": under(),
	}
	eachFile(t, func(file string, tree *ast.File) {
		ast.Inspect(tree, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.FuncDecl:
				if n.Recv == nil && n.Name.Name == "init" {
					t.Errorf("%s has an init function", file)
				}
			case *ast.SelectorExpr:
				if pkg, ok := n.X.(*ast.Ident); ok {
					allowed, known := forbidden[pkg.Name+"."+n.Sel.Name]
					if known && !allowed(file) {
						t.Errorf("%s uses %s.%s", file, pkg.Name, n.Sel.Name)
					}
				}
			}
			return true
		})
	})
}

// TestPackagesDoNotKnowTheProject keeps names of this repository's parts in
// project.go, so that another repository can use the packages.
func TestPackagesDoNotKnowTheProject(t *testing.T) {
	t.Parallel()
	eachFile(t, func(file string, tree *ast.File) {
		if file == "targets/project.go" {
			return
		}
		ast.Inspect(tree, func(n ast.Node) bool {
			if lit, ok := n.(*ast.BasicLit); ok && lit.Kind == token.STRING &&
				strings.Contains(strings.ToLower(lit.Value), "noetl") && !strings.Contains(lit.Value, module[:len(module)-1]) {
				t.Errorf("%s names the project: %s", file, lit.Value)
			}
			return true
		})
		for _, group := range tree.Comments {
			if strings.Contains(strings.ToLower(group.Text()), "noetl") {
				t.Errorf("%s names the project in a comment, which may be a help text: %s", file, group.Text())
			}
		}
	})
}

func under(prefixes ...string) func(string) bool {
	return func(file string) bool {
		for _, p := range prefixes {
			if strings.HasPrefix(file, p) {
				return true
			}
		}
		return false
	}
}

// eachFile parses every Go source below magefiles but tests.
func eachFile(t *testing.T, visit func(file string, tree *ast.File)) {
	t.Helper()
	root := os.DirFS("..")
	err := fs.WalkDir(root, ".", func(p string, d fs.DirEntry, err error) error {
		if err == nil && d.IsDir() && d.Name() == "testdata" {
			return fs.SkipDir // another project, and no source of this one
		}
		if err != nil || d.IsDir() || !strings.HasSuffix(p, ".go") || strings.HasSuffix(p, "_test.go") {
			return err
		}
		tree, err := parser.ParseFile(token.NewFileSet(), filepath.Join("..", filepath.FromSlash(p)), nil, parser.ParseComments)
		if err != nil {
			return err
		}
		visit(p, tree)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
