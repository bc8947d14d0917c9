package xbuild

import (
	"context"
	"io"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"
)

// TestConcurrentBuilds: builds of one checkout at the same time, while its sources change, leave no stamp that vouches for what was
// made from others: the build afterwards has the sources' content, whether it ran or not.
func TestConcurrentBuilds(t *testing.T) {
	t.Parallel()
	top := t.TempDir()
	source := func(text string) { writeFiles(t, top, map[string]string{"src/a": text, "lock": text}) }
	run := func(_ context.Context, c Cmd) error {
		if c.Args[0] == "--version" {
			_, err := io.WriteString(c.Stdout, "uv 1")
			return err
		}
		flag, name, from := "--out-dir", "a.whl", "src/a"
		if c.Args[0] == "pip" {
			flag, name, from = "--target", "module.py", "lock"
		}
		text, err := os.ReadFile(filepath.Join(top, filepath.FromSlash(from)))
		if err != nil {
			return err
		}
		time.Sleep(time.Millisecond) // others come between
		dir := after(c, flag)
		if err := os.MkdirAll(dir, 0o755); err != nil {
			return err
		}
		return os.WriteFile(filepath.Join(dir, name), text, 0o644)
	}
	ledger := Ledger{Root: top, Dir: filepath.Join(top, "keys")}
	platform := Platform{OS: "linux", Arch: "amd64"}
	build := func() error {
		_, err := BuildWheel(t.Context(), run, ProjectWheel{UV: UV{Path: "uv"}, Dir: filepath.Join(top, "src"), Out: filepath.Join(top, "out"), Ledger: ledger})
		if err == nil {
			_, err = LayOutWheels(t.Context(), run, Wheels{
				UV: UV{Path: "uv"}, Lock: filepath.Join(top, "lock"), Python: "3.13", Platforms: []Platform{platform}, Out: filepath.Join(top, "wheels"), Ledger: ledger,
			})
		}
		return err
	}
	for i := range 40 {
		source("1")
		var all sync.WaitGroup
		for range 4 {
			all.Go(func() { _ = build() }) // one may find a folder that another one swaps just now, and say so
		}
		time.Sleep(time.Duration(i%5) * time.Millisecond)
		source("2")
		all.Wait()
		for _, text := range []string{"1", "2", "1"} { // whichever of them a stamp vouches for
			source(text)
			if err := build(); err != nil {
				t.Fatal(err)
			}
			for _, name := range []string{"out/a.whl", "wheels/linux-amd64/module.py"} {
				if got, err := os.ReadFile(filepath.Join(top, filepath.FromSlash(name))); err != nil || string(got) != text {
					t.Fatalf("round %d: of source %q there is %s with %q (%v)", i, text, name, got, err)
				}
			}
		}
	}
}
