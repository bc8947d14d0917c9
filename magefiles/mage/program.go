package main

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"slices"

	"github.com/magefile/mage/mage"
)

// magefiles is the folder whose Go files are the targets, by mage's own convention.
const magefiles = mage.MagefilesDirName

// errShown is a failure that has been printed.
var errShown = errors.New("the targets do not compile")

// folder is where compiled targets lie, below magefiles: one program for each system that shares the checkout.
type folder string

// record says which program was compiled last, and of what.
type record struct {
	Program string // the folder that it is in, of those in ours
	Sum     string
	Sources sources
}

func place() (folder, error) {
	if files, err := mage.Magefiles(".", "", "", false); err != nil || len(files) > 0 {
		return "", errors.Join(err, errors.New("mage takes the files of this folder"))
	}
	if _, err := os.Stat(magefiles); err != nil {
		return "", err
	}
	return folder(filepath.Join(magefiles, ".mage", runtime.GOOS+"-"+runtime.GOARCH)), nil
}

func (f folder) program(name string) string {
	exe := "mage"
	if runtime.GOOS == "windows" {
		exe += ".exe"
	}
	return filepath.Join(string(f), name, exe)
}

func (f folder) read() (r record, err error) {
	b, err := os.ReadFile(filepath.Join(string(f), "program.json"))
	if err == nil {
		err = json.Unmarshal(b, &r)
	}
	return r, err
}

// current is the program that was compiled of what is there now, or an error.
func (f folder) current() (string, error) {
	r, err := f.read()
	if err != nil {
		return "", err
	}
	if sum, err := r.Sources.sum(); err != nil || sum != r.Sum {
		return "", errors.Join(err, errors.New("the sources have changed"))
	}
	_, err = os.Stat(f.program(r.Program))
	return f.program(r.Program), err
}

// compile has mage compile the targets beside the program that is there, and takes its place when that is done: another
// mage may be about to run the old one, so it goes with the next. The sources are read before: what changes meanwhile is
// seen by the next start.
func (f folder) compile(inv mage.Invocation) (string, error) {
	s, err := findSources()
	if err != nil {
		return "", err
	}
	sum, err := s.sum()
	if err != nil {
		return "", err
	}
	if err := os.MkdirAll(string(f), 0o755); err != nil {
		return "", err
	}
	ignore := filepath.Join(filepath.Dir(string(f)), ".gitignore")
	if err := os.WriteFile(ignore, []byte("*\n"), 0o644); err != nil {
		return "", err
	}
	dir, err := os.MkdirTemp(string(f), "")
	if err != nil {
		return "", err
	}
	r := record{Program: filepath.Base(dir), Sum: sum, Sources: s}
	inv.CompileOut, inv.List = f.program(r.Program), false
	// Mage runs go in its own folder, and takes the name from here.
	if inv.CompileOut, err = filepath.Abs(inv.CompileOut); err == nil && mage.Invoke(inv) != 0 {
		err = errShown
	}
	if err == nil {
		err = f.replace(r)
	}
	if err != nil {
		return "", errors.Join(err, os.RemoveAll(dir))
	}
	return f.program(r.Program), nil
}

// replace makes r the record, and leaves the program before it and this one.
func (f folder) replace(r record) error {
	before, _ := f.read()
	b, err := json.Marshal(r)
	if err != nil {
		return err
	}
	temp := filepath.Join(string(f), r.Program, "program.json")
	if err := os.WriteFile(temp, b, 0o644); err != nil {
		return err
	}
	if err := os.Rename(temp, filepath.Join(string(f), "program.json")); err != nil {
		return err
	}
	all, err := os.ReadDir(string(f))
	if err != nil {
		return err
	}
	for _, old := range all {
		if old.IsDir() && !slices.Contains([]string{r.Program, before.Program}, old.Name()) {
			_ = os.RemoveAll(filepath.Join(string(f), old.Name())) // Windows keeps what runs
		}
	}
	return nil
}
