package xbuild

import (
	"os"
	"path/filepath"
	"testing"
	"time"
)

// TestProgram: the program that runs is hashed, whatever lies under its name by now, and also while its file is touched.
func TestProgram(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	name, running := filepath.Join(dir, "mage"), filepath.Join(dir, "exe")
	for file, text := range map[string]string{name: "new", running: "old"} {
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	files := OpenFiles("")
	old, err := files.program(name, running)
	if err != nil {
		t.Fatal(err)
	}
	if want, err := files.Sum(running); err != nil || old != want {
		t.Errorf("%s, want %s: %v", old, want, err)
	}
	if got, err := files.program(name, filepath.Join(dir, "nowhere")); err != nil || got == old {
		t.Errorf("where no name is for what runs: %s, %v", got, err)
	}
	stop, stopped := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(stopped)
		for {
			select {
			case <-stop:
				return
			default:
				now := time.Now()
				_ = os.Chtimes(running, now, now)
			}
		}
	}()
	for range 100 {
		if got, err := files.program(name, running); err != nil || got != old {
			t.Fatalf("%s, want %s: %v", got, old, err)
		}
	}
	close(stop)
	<-stopped
	if sum, err := files.Program(); err != nil || len(sum) != 64 {
		t.Errorf("%q, %v", sum, err)
	}
}
