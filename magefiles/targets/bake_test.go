package targets

import (
	"bytes"
	"os"
	"path/filepath"
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
