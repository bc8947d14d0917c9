package xbuild

import (
	"io/fs"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// touch gives all files of a folder other times, as a new checkout does.
func touch(t *testing.T, dir string) {
	t.Helper()
	when := time.Now().Add(-time.Hour)
	err := filepath.WalkDir(dir, func(name string, _ fs.DirEntry, err error) error {
		if err == nil {
			err = os.Chtimes(name, when, when)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestBuiltUI(t *testing.T) {
	t.Parallel()
	ui, npm := uiProject(t)
	if _, err := npm.build(t, ui); err != nil {
		t.Fatal(err)
	}
	next := filepath.Join(ui.State, "next")
	steps := []struct {
		name           string
		change         func()
		there, current bool
	}{
		{"built", func() {}, true, true},
		{"new times", func() { touch(t, filepath.Dir(ui.Dir)) }, true, true},
		{"built by an npm that has gone", func() { npm.version = "8" }, true, true},
		{"a killed swap", func() { _ = os.Rename(ui.Out, next+".old") }, true, true},
		{"other sources", func() { writeFiles(t, ui.Dir, map[string]string{"src/main.ts": "3"}) }, true, false},
		{"the first sources", func() { writeFiles(t, ui.Dir, map[string]string{"src/main.ts": "1"}) }, true, true},
		{"another page", func() { writeFiles(t, ui.Out, map[string]string{"index.html": "x"}) }, true, false},
		{"an empty page", func() { writeFiles(t, ui.Out, map[string]string{"index.html": ""}) }, false, false},
		{"no page", func() { _ = os.RemoveAll(ui.Out) }, false, false},
	}
	for _, step := range steps {
		step.change()
		there, current, err := BuiltUI(ui)
		if there != step.there || current != step.current || err != nil {
			t.Errorf("%s: there %v, current %v, %v; want %v, %v", step.name, there, current, err, step.there, step.current)
		}
	}
}
