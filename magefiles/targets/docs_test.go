package targets

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

const docsRoot = "../.."

// docs are the README and the pages of the documentation, by their paths.
func docs(t *testing.T) map[string]string {
	t.Helper()
	files := map[string]string{"README.md": ""}
	err := filepath.WalkDir(filepath.Join(docsRoot, "documentation"), func(path string, d fs.DirEntry, err error) error {
		if err == nil && strings.HasSuffix(path, ".md") {
			path, err = filepath.Rel(docsRoot, path)
			files[filepath.ToSlash(path)] = ""
		}
		return err
	})
	for name := range files {
		text, rerr := os.ReadFile(filepath.Join(docsRoot, filepath.FromSlash(name)))
		if err == nil {
			err = rerr
		}
		files[name] = strings.ReplaceAll(string(text), "\r\n", "\n")
	}
	if err != nil || len(files) < 5 {
		t.Fatalf("%d files: %v", len(files), err)
	}
	return files
}

// targetFlags are the names of the targets with their flags, and with "…" if
// they take a word, too.
func targetFlags(t *testing.T) map[string]string {
	t.Helper()
	tree, err := parser.ParseFile(token.NewFileSet(), "targets.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]string{}
	for _, decl := range tree.Decls {
		if f, ok := decl.(*ast.FuncDecl); ok && f.Name.IsExported() {
			out[lowerFirst(f.Name.Name)] = flags(f)
			for _, p := range f.Type.Params.List {
				if id, ok := p.Type.(*ast.Ident); ok && id.Name == "string" {
					out[lowerFirst(f.Name.Name)] += "…word"
				}
			}
		}
	}
	return out
}

// wrongMage is what no target or flag is in calls of mage in a text.
func wrongMage(targets map[string]string, text string) (problems []string, calls int) {
	text = regexp.MustCompile(`\$\{\{.*?\}\}`).ReplaceAllString(text, "…") // filled in by GitHub
	for _, call := range regexp.MustCompile("go tool mage((?:[ \t]+[^\\s`|&;#)]+)+)").FindAllStringSubmatch(text, -1) {
		calls++
		target, free := "", false
		for _, word := range strings.Fields(call[1]) {
			word = strings.TrimRight(word, ".,:")
			name, _, _ := strings.Cut(word, "=")
			known, isTarget := targets[word]
			switch {
			case target == "" && slices.Contains([]string{"-v", "-l", "-h", "-f", "-compile"}, word):
				free = free || word == "-h" || word == "-compile"
			case strings.HasPrefix(word, "-"):
				if !strings.Contains(targets[target], "`"+name+"`") && !strings.Contains(targets[target], "`"+name+"=…`") {
					problems = append(problems, fmt.Sprintf("%q has no flag %s", target, name))
				}
			case isTarget:
				target, free = word, strings.Contains(known, "…word")
			case free || strings.ContainsAny(word, "…$") || word == "FLAGS" || word == "TARGET":
			default:
				problems = append(problems, fmt.Sprintf("%q is no target", word))
			}
		}
	}
	return problems, calls
}

// TestDocumentedTargets: each call of mage in the documentation names a target
// that there is, and its flags.
func TestDocumentedTargets(t *testing.T) {
	t.Parallel()
	targets := targetFlags(t)
	total := 0
	for name, text := range docs(t) {
		problems, calls := wrongMage(targets, text)
		total += calls
		for _, p := range problems {
			t.Errorf("%s: %s", name, p)
		}
	}
	if total < 40 {
		t.Errorf("only %d calls were found", total)
	}
	problems, _ := wrongMage(targets, "`go tool mage imagse`, `go tool mage images -psuh`, go tool mage bench audit -image=x | tee y -z")
	if want := []string{`"imagse" is no target`, `"images" has no flag -psuh`}; !slices.Equal(problems, want) {
		t.Errorf("found %q, want %q", problems, want)
	}
}

// anchor is what GitHub makes of a heading.
func anchor(heading string) string {
	heading = regexp.MustCompile(`\[([^\]]*)\]\([^)]*\)`).ReplaceAllString(heading, "$1")
	heading = regexp.MustCompile(`[^\p{L}\p{N} _-]`).ReplaceAllString(strings.ToLower(strings.TrimSpace(heading)), "")
	return strings.ReplaceAll(heading, " ", "-")
}

func anchors(text string) (out []string) {
	for _, m := range regexp.MustCompile(`(?m)^#{1,6} (.*)$`).FindAllStringSubmatch(text, -1) {
		out = append(out, anchor(m[1]))
	}
	return out
}

// TestDocumentedLinks: what a relative link leads to is in this repository, and
// has the heading.
func TestDocumentedLinks(t *testing.T) {
	t.Parallel()
	if got := anchor("`-engine=buildx` on ONE machine, or [two](x.md)"); got != "-enginebuildx-on-one-machine-or-two" {
		t.Errorf("an anchor is %q", got)
	}
	files, total := docs(t), 0
	for name, text := range files {
		text = regexp.MustCompile("(?s)```.*?```|`[^`\n]*`").ReplaceAllString(text, "")
		for _, m := range regexp.MustCompile(`\]\(([^)\s]+)\)`).FindAllStringSubmatch(text, -1) {
			if strings.Contains(m[1], "://") {
				continue
			}
			total++
			to, heading, inside := strings.Cut(m[1], "#")
			file := name
			if to != "" {
				file = filepath.ToSlash(filepath.Join(filepath.Dir(name), filepath.FromSlash(to)))
			}
			if _, err := os.Stat(filepath.Join(docsRoot, filepath.FromSlash(file))); err != nil {
				t.Errorf("%s: the link %s leads to nothing", name, m[1])
			} else if inside && !slices.Contains(anchors(files[file]), heading) {
				t.Errorf("%s: %s has no heading for the link %s", name, file, m[1])
			}
		}
	}
	if total < 20 {
		t.Errorf("only %d links were found", total)
	}
}

// TestDocumentedVariables: a variable of this project that the documentation
// names is one that something in the repository reads.
func TestDocumentedVariables(t *testing.T) {
	t.Parallel()
	prefix := thisProject().EnvPrefix
	var read strings.Builder
	for _, v := range variables() {
		read.WriteString(strings.ReplaceAll(v.Name, "*", prefix) + " ")
	}
	for _, dir := range []string{"noetl", "crates/noetlctl/src", "magefiles/e2e", "docker", "scripts"} {
		err := filepath.WalkDir(filepath.Join(docsRoot, filepath.FromSlash(dir)), func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || !slices.Contains([]string{".py", ".rs", ".go", ".sh", ""}, filepath.Ext(path)) {
				return err
			}
			text, err := os.ReadFile(path)
			read.Write(text)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	name := regexp.MustCompile(`\b` + prefix + `[A-Z][A-Z0-9_]*\b`)
	known := name.FindAllString(read.String(), -1)
	total := 0
	for file, text := range docs(t) {
		for _, v := range name.FindAllString(text, -1) {
			if total++; !slices.Contains(known, v) {
				t.Errorf("%s: nothing reads %s", file, v)
			}
		}
	}
	if total < 10 {
		t.Errorf("only %d variables were found", total)
	}
}
