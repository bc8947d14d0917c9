package xbuild

import (
	"context"
	"crypto/rand"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"
)

// Ledger is what steps know of earlier builds of the same checkout. The zero value knows nothing, and every step runs.
type Ledger struct {
	Dir     string   // a folder for the steps' stamps: STEP.json
	Root    string   // the checkout: paths in it are named relative to it
	Files   *Files   // may be nil
	Environ []string // KEY=value, as the tools get it
}

// Verdict says why a step ran.
type Verdict struct {
	Why    []string // what changed since the last result; empty: nothing, and the step was left out
	Inputs int      // how many it has
}

// Ran reports whether the step ran.
func (v Verdict) Ran() bool { return len(v.Why) > 0 }

func (l Ledger) stamp(step string) string { return filepath.Join(l.Dir, step+".json") }

// load reads the stamp of a step.
func (l Ledger) load(step string) (Stamp, bool) {
	if l.Dir == "" {
		return Stamp{}, false
	}
	return loadStamp(l.stamp(step))
}

// drop takes a stamp away before its result is touched.
func (l Ledger) drop(step string) error {
	if l.Dir == "" {
		return nil
	}
	return dropStamp(l.stamp(step))
}

// save writes the stamp of a step.
func (l Ledger) save(s Stamp) error {
	if l.Dir == "" {
		return nil
	}
	return s.save(l.stamp(s.Step))
}

// fresh is a name beside next that no other build has: of two that work in one folder, each would vouch for what the other made. What
// killed builds have left under such names goes.
func fresh(next string) string {
	left, _ := filepath.Glob(globEscape(next) + "-*")
	for _, dir := range left {
		if info, err := os.Stat(dir); err == nil && time.Since(info.ModTime()) > abandoned && !strings.HasSuffix(dir, ".old") { // see RecoverSwap
			_ = os.RemoveAll(dir) // another build may do so too
		}
	}
	return next + "-" + rand.Text()
}

// abandoned is how long nothing is added to a folder that no build works in any more.
const abandoned = 24 * time.Hour

// vouch saves the stamp of what was made, unless an input changed meanwhile: nobody knows then which one the tools have read.
func (l Ledger) vouch(s Stamp, again func() (Inputs, error)) error {
	if now, err := again(); err != nil || len(Changes(s.Inputs.sorted(), now)) > 0 {
		return nil
	}
	return l.save(s)
}

// judge compares a step's last result with what would be made now.
func (l Ledger) judge(step string, inputs, outputs Inputs) Verdict {
	v := Verdict{Inputs: len(inputs)}
	if s, ok := l.load(step); ok {
		v.Why = s.changes(inputs, outputs)
	} else {
		v.Why = never()
	}
	return v
}

// name is a path as inputs have it.
func (l Ledger) name(file string) string {
	if rel, err := filepath.Rel(l.Root, file); err == nil && l.Root != "" && filepath.IsLocal(rel) {
		return filepath.ToSlash(rel)
	}
	return filepath.ToSlash(file)
}

// host is the path that an input's name stands for.
func (l Ledger) host(name string) string {
	if file := filepath.FromSlash(name); filepath.IsAbs(file) {
		return file
	}
	return filepath.Join(l.Root, filepath.FromSlash(name))
}

func exists(file string) bool {
	_, err := os.Lstat(file)
	return err == nil
}

// file is the input of a file that need not be there.
func (l Ledger) file(kind, file string) (Input, error) { return l.Files.File(kind, l.name(file), file) }

// files are the inputs of files that need not be there. One that cannot be read is never the same.
func (l Ledger) files(kind string, files []string) (in Inputs) {
	for _, file := range files {
		one, err := l.file(kind, filepath.Clean(file))
		if err != nil {
			one.Value = unreadable()
		}
		in = append(in, one)
	}
	return in
}

// tree has the inputs of the files of a folder. A folder that is not there has none.
func (l Ledger) tree(kind, dir string, exclude ...string) (Inputs, error) {
	if info, err := os.Stat(dir); err != nil || !info.IsDir() {
		return nil, nil // whoever needs it will say so
	}
	return l.Files.Tree(kind, l.name(dir), dir, exclude...)
}

// version asks a program for its version, or remembers it: while its file stays untouched, it says the same. names are what the
// file may be called. One that is called otherwise stands in for the real one (as those of version managers do, and of snap), which
// may change while the stand-in stays.
func (l Ledger) version(ctx context.Context, program string, ask func(context.Context) (string, error), names ...string) (string, error) {
	file, err := filepath.EvalSymlinks(program)
	plain := err == nil && runtime.GOOS != "windows" && slices.Contains(names, filepath.Base(file)) && !strings.Contains(file, "shims")
	return l.Files.Version(ctx, file, plain, ask)
}

// identity tells whether a program is still the same, without running it: where it is, and what the system says of its file. "" if it is not there.
func identity(program string) string {
	file, err := filepath.EvalSymlinks(program)
	if err != nil {
		return ""
	}
	info, err := os.Stat(file)
	if err != nil {
		return ""
	}
	state, _, ok := fileState(info)
	if !ok {
		state = info.ModTime().String() + " " + info.Mode().String()
	}
	return file + " " + state
}
