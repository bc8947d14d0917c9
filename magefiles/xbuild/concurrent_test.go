package xbuild

import (
	"context"
	"io"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// workshop is a checkout with a wheel and with packages to lay out, whose tool copies the source into what it makes.
type workshop struct {
	top string
	t   *testing.T
}

func (w workshop) source(text string) {
	w.t.Helper()
	writeFiles(w.t, w.top, map[string]string{"src/a": text, "lock": text})
}

// runner copies the source as it is when begin has returned, and then calls end.
func (w workshop) runner(begin, end func()) Runner {
	return func(_ context.Context, c Cmd) error {
		if c.Args[0] == "--version" {
			_, err := io.WriteString(c.Stdout, "uv 1")
			return err
		}
		flag, name := "--out-dir", "a.whl"
		if c.Args[0] == "pip" {
			flag, name = "--target", "module.py"
		}
		begin()
		text, err := os.ReadFile(filepath.Join(w.top, "lock"))
		if err == nil {
			err = os.MkdirAll(after(c, flag), 0o755)
		}
		if err == nil {
			err = os.WriteFile(filepath.Join(after(c, flag), name), text, 0o644)
		}
		end()
		return err
	}
}

// steps are the builds of the workshop, and the file that each makes.
func (w workshop) steps() map[string]func(Runner) error {
	ledger := Ledger{Root: w.top, Dir: filepath.Join(w.top, "keys")}
	return map[string]func(Runner) error{
		"out/a.whl": func(run Runner) error {
			_, err := BuildWheel(w.t.Context(), run, ProjectWheel{UV: UV{Path: "uv"}, Dir: filepath.Join(w.top, "src"), Out: filepath.Join(w.top, "out"), Ledger: ledger})
			return err
		},
		"wheels/linux-amd64/module.py": func(run Runner) error {
			_, err := LayOutWheels(w.t.Context(), run, Wheels{
				UV: UV{Path: "uv"}, Lock: filepath.Join(w.top, "lock"), Python: "3.13", Out: filepath.Join(w.top, "wheels"),
				Platforms: []Platform{{OS: "linux", Arch: "amd64"}}, Ledger: ledger,
			})
			return err
		},
	}
}

func nothing() {}

// TestConcurrentBuilds: of two builds of one checkout at the same time, neither vouches for what the other made.
func TestConcurrentBuilds(t *testing.T) {
	t.Parallel()
	for file := range (workshop{}).steps() {
		t.Run(file, func(t *testing.T) {
			t.Parallel()
			w := workshop{t.TempDir(), t}
			build := w.steps()[file]
			made, goOn, first := make(chan bool), make(chan bool), make(chan error)
			w.source("1")
			go func() {
				first <- build(w.runner(nothing, func() { close(made); <-goOn }))
			}()
			<-made
			w.source("2")
			var err error
			second := build(w.runner(nothing, func() {
				w.source("1") // so that the first finds what it knows
				close(goOn)
				err = <-first
			}))
			if err != nil || second != nil {
				t.Fatal(err, second)
			}
			if err := build(w.runner(nothing, nothing)); err != nil {
				t.Fatal(err)
			}
			if got, err := os.ReadFile(filepath.Join(w.top, filepath.FromSlash(file))); err != nil || string(got) != "1" {
				t.Errorf("of source 1 there is %q (%v)", got, err)
			}
		})
	}
}

// TestChangeDuringBuild: what was made while a source changed is vouched for neither by the old source nor by the new one.
func TestChangeDuringBuild(t *testing.T) {
	t.Parallel()
	for file := range (workshop{}).steps() {
		t.Run(file, func(t *testing.T) {
			t.Parallel()
			w := workshop{t.TempDir(), t}
			build := w.steps()[file]
			w.source("1")
			if err := build(w.runner(func() { w.source("2") }, nothing)); err != nil {
				t.Fatal(err)
			}
			for _, text := range []string{"1", "2", "1"} {
				w.source(text)
				if err := build(w.runner(nothing, nothing)); err != nil {
					t.Fatal(err)
				}
				if got, err := os.ReadFile(filepath.Join(w.top, filepath.FromSlash(file))); err != nil || string(got) != text {
					t.Errorf("of source %s there is %q (%v)", text, got, err)
				}
			}
		})
	}
}

// TestKilledBuild: what a killed build has left is no result, and the next build clears it away.
func TestKilledBuild(t *testing.T) {
	t.Parallel()
	for file := range (workshop{}).steps() {
		t.Run(file, func(t *testing.T) {
			t.Parallel()
			w := workshop{t.TempDir(), t}
			build := w.steps()[file]
			w.source("1")
			if err := build(w.runner(nothing, nothing)); err != nil {
				t.Fatal(err)
			}
			dir := filepath.Dir(filepath.Join(w.top, filepath.FromSlash(file)))
			left := fresh(dir + ".new")
			writeFiles(t, left, map[string]string{"half": "h"})
			age(t, left)
			w.source("2")
			if err := build(w.runner(nothing, nothing)); err != nil {
				t.Fatal(err)
			}
			if _, err := os.Stat(left); !os.IsNotExist(err) {
				t.Errorf("%s is still there (%v)", left, err)
			}
		})
	}
}

// age makes a folder as old as one that no running build has.
func age(t *testing.T, dir string) {
	t.Helper()
	long := time.Now().Add(-2 * abandoned)
	if err := os.Chtimes(dir, long, long); err != nil {
		t.Fatal(err)
	}
}
