package xbuild

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"time"
)

// Swap puts the folder next in the place of the folder dir, whole or not at all. Where the system can exchange two folders in
// one step (Linux, macOS), there is no moment without dir. Elsewhere what was there is moved aside, next is moved in, and only then is
// the old one removed; if next cannot be moved in, the old one is moved back. dir need not exist; the folders above it are made.
// Where the two are on different file systems, next is first copied beside dir.
func Swap(next, dir string) error {
	if err := os.MkdirAll(filepath.Dir(dir), 0o755); err != nil {
		return fmt.Errorf("making room for %q: %w", dir, err)
	}
	err := RecoverSwap(next, dir)
	if err == nil {
		err = swapRename(next, dir, next+".old")
	}
	if crossDevice(err) {
		err = swapCopy(next, dir)
	}
	if err != nil {
		return fmt.Errorf("replacing %q: %w", dir, err)
	}
	return nil
}

// RecoverSwap moves back what a Swap of the same two folders had moved aside when it was killed before next was in place. It is
// for those who want dir as it was and may not come to another Swap. Mostly there is nothing to do.
func RecoverSwap(next, dir string) error {
	if _, err := os.Lstat(dir); !errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	parent, base := filepath.Split(dir)
	asides, _ := filepath.Glob(globEscape(next) + "*.old") // of Swaps of any fresh name
	entries, _ := os.ReadDir(parent)                       // no folder, nothing to recover
	for _, entry := range entries {
		if strings.HasPrefix(entry.Name(), copyPrefix(base)) {
			asides = append(asides, filepath.Join(parent, entry.Name(), "old"))
		}
	}
	for _, aside := range asides {
		if isDir(aside) {
			return errors.Join(os.MkdirAll(parent, 0o755), rename(aside, dir))
		}
	}
	return nil
}

func swapRename(next, dir, old string) error {
	if info, err := os.Stat(next); err != nil {
		return err
	} else if !info.IsDir() {
		return fmt.Errorf("%q is no folder", next)
	}
	if err := os.RemoveAll(old); err != nil {
		return err
	}
	if exchange(next, dir) == nil {
		_ = os.RemoveAll(next) // the old one now; whoever makes a new next begins with an empty one
		return nil
	}
	err := rename(dir, old)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	hadOld := err == nil
	if err := rename(next, dir); err != nil {
		if hadOld {
			err = errors.Join(err, rename(old, dir))
		}
		return err
	}
	// The new one is in place: an old one that something still holds open (Windows) is no failure; the next Swap removes it.
	_ = os.RemoveAll(old)
	return nil
}

func copyPrefix(base string) string { return "." + base + ".new-" }

func swapCopy(next, dir string) error {
	near, err := os.MkdirTemp(filepath.Dir(dir), copyPrefix(filepath.Base(dir))+"*")
	if err != nil {
		return err
	}
	// os.CopyFS wants to make the folder itself.
	fresh := filepath.Join(near, "next")
	err = os.CopyFS(fresh, os.DirFS(next))
	if err == nil {
		err = swapRename(fresh, dir, filepath.Join(near, "old"))
	}
	if err != nil {
		// An old one that could not even be moved back is the last there is: only what is empty goes with it.
		return errors.Join(err, os.RemoveAll(fresh), removeEmpty(near))
	}
	return errors.Join(os.RemoveAll(next), os.RemoveAll(near))
}

// removeEmpty removes a folder unless something is in it.
func removeEmpty(dir string) error {
	if entries, err := os.ReadDir(dir); err != nil || len(entries) > 0 {
		return err
	}
	return os.Remove(dir)
}

// rename is os.Rename with patience on Windows, where a virus scanner or an indexer that has just seen a new file holds it open
// for a moment, and a folder with an open file in it does not move.
func rename(from, to string) error {
	err := os.Rename(from, to)
	for wait := 50 * time.Millisecond; runtime.GOOS == "windows" && inUse(err) && wait < time.Second; wait *= 2 {
		time.Sleep(wait)
		err = os.Rename(from, to)
	}
	return err
}

// inUse tells whether Windows refused because somebody has the file open. It says so in two ways.
func inUse(err error) bool {
	const errorSharingViolation = syscall.Errno(32) // EPIPE elsewhere, which no rename gives
	return errors.Is(err, fs.ErrPermission) || errors.Is(err, errorSharingViolation)
}

// crossDevice tells whether a rename failed because the two names are on different file systems.
func crossDevice(err error) bool {
	const errorNotSameDevice = syscall.Errno(17) // ERROR_NOT_SAME_DEVICE of Windows; EEXIST elsewhere
	return errors.Is(err, syscall.EXDEV) || runtime.GOOS == "windows" && errors.Is(err, errorNotSameDevice)
}
