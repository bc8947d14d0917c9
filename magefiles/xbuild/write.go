package xbuild

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
)

// WriteFile puts a file in place whole or not at all, making its folder if need
// be. The mode is exactly perm, whatever the umask.
func WriteFile(name string, content []byte, perm os.FileMode) error {
	return writeFile(name, content, perm, rename)
}

// WriteProgram puts a program in place and tells whether there was another one,
// or none. On Windows a program that runs can be neither replaced nor removed,
// but it can be renamed: it steps aside as NAME.old and is removed by a later
// call. Whoever runs it goes on with the old one until it is started again.
func WriteProgram(name string, content []byte) (changed bool, err error) {
	if runtime.GOOS == "windows" {
		sweepAside(name)
	}
	if there, err := os.ReadFile(name); err == nil && bytes.Equal(there, content) && executable755(name) {
		return false, nil
	}
	return true, writeFile(name, content, 0o755, placeProgram)
}

// placeProgram is rename for programs, which may be running.
func placeProgram(from, to string) error {
	err := os.Rename(from, to)
	if err == nil || runtime.GOOS != "windows" || !inUse(err) {
		return err
	}
	return replaceAside(from, to)
}

func writeFile(name string, content []byte, perm os.FileMode, place func(from, to string) error) (err error) {
	dir := filepath.Dir(name)
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return fmt.Errorf("writing %q: %w", name, err)
	}
	tmp, err := os.CreateTemp(dir, ".tmp-*")
	if err != nil {
		return fmt.Errorf("writing %q: %w", name, err)
	}
	defer func() {
		if err != nil {
			_ = os.Remove(tmp.Name())
			err = fmt.Errorf("writing %q: %w", name, err)
		}
	}()
	_, err = tmp.Write(content)
	if cerr := tmp.Close(); err == nil {
		err = cerr
	}
	if err == nil {
		err = os.Chmod(tmp.Name(), perm)
	}
	if err == nil {
		err = place(tmp.Name(), name)
	}
	return err
}

// executable755 tells whether everybody may run a file; on Windows, the name alone decides that.
func executable755(name string) bool {
	info, err := os.Stat(name)
	return err == nil && (runtime.GOOS == "windows" || info.Mode().Perm() == 0o755)
}

// replaceAside moves what is at to out of the way, then from there. If that
// fails, what was there comes back.
func replaceAside(from, to string) error {
	old, err := moveAside(to)
	if err != nil {
		return fmt.Errorf("%w; end what still uses it, then run this again", err)
	}
	if err := rename(from, to); err != nil {
		_ = rename(old, to)
		return err
	}
	return nil
}

// asides is how many programs that run may be aside at once: each that somebody
// still runs after it was replaced needs a name.
const asides = 9

func asideName(name string, n int) string {
	if n == 0 {
		return name + ".old"
	}
	return name + ".old" + strconv.Itoa(n)
}

func moveAside(name string) (old string, err error) {
	for n := range asides {
		old = asideName(name, n)
		if _, exists := os.Lstat(old); exists == nil && os.Remove(old) != nil {
			err = fmt.Errorf("%q is in use, too", old)
			continue // it still runs
		}
		if err = rename(name, old); err == nil {
			return old, nil
		}
	}
	return "", err
}

// sweepAside removes what stepped aside and has ended since.
func sweepAside(name string) {
	for n := range asides {
		_ = os.Remove(asideName(name, n))
	}
}
