package targets

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestBakeFile holds the bake file against project.go, which it is made from.
func TestBakeFile(t *testing.T) {
	t.Parallel()
	p := thisProject()
	want, err := p.bake()
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join("..", "..", filepath.FromSlash(p.Docker.Bake))
	if *update {
		if err := os.WriteFile(file, want, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(file)
	if got = bytes.ReplaceAll(got, []byte("\r\n"), []byte("\n")); err != nil || !bytes.Equal(got, want) {
		t.Errorf("%s is out of date (%v): run go test ./magefiles/targets -update\nwanted\n%s", p.Docker.Bake, err, want)
	}
}

// TestDockerfileArgs: a Dockerfile that is built without us builds the same: its
// arguments have the values of project.go.
func TestDockerfileArgs(t *testing.T) {
	t.Parallel()
	p := thisProject()
	want := map[string]string{p.Docker.VersionArg: p.Version}
	for _, a := range append([]string{"GLIBC=" + p.CLI.Glibc, "SITE=" + p.Python.Site}, p.Docker.Args...) {
		name, value, _ := strings.Cut(a, "=")
		if before, ok := want[name]; ok && before != value {
			t.Errorf("project.go says %s=%s and %s", name, before, value)
		}
		want[name] = value
	}
	arg := regexp.MustCompile(`(?m)^ARG (\w+)=(.*)$`)
	seen := map[string]bool{}
	files := []string{p.Docker.File}
	for _, file := range p.Docker.Others {
		files = append(files, file)
	}
	for _, file := range files {
		text, err := os.ReadFile(filepath.Join("..", "..", filepath.FromSlash(file)))
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range arg.FindAllStringSubmatch(strings.ReplaceAll(string(text), "\r\n", "\n"), -1) {
			if value, known := want[m[1]]; known && value != m[2] {
				t.Errorf("%s: %s is %q, project.go has %q", file, m[1], m[2], value)
			}
			seen[m[1]] = true
		}
	}
	for name := range want {
		if !seen[name] {
			t.Errorf("no Dockerfile has an argument %s", name)
		}
	}
}
