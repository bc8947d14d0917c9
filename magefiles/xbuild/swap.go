package xbuild

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"syscall"
	"time"
)

// Swap puts the folder next in the place of the folder dir, whole or not at all: what was there is moved aside, next is moved
// in, and only then is the old one removed. If next cannot be moved in, the old one is moved back. dir need not exist; the
// folders above it are made. Where the two are on different file systems, next is first copied beside dir.
func Swap(next, dir string) error {
	if err := os.MkdirAll(filepath.Dir(dir), 0o755); err != nil {
		return fmt.Errorf("making room for %q: %w", dir, err)
	}
	err := swapRename(next, dir, next+".old")
	if crossDevice(err) {
		err = swapCopy(next, dir)
	}
	if err != nil {
		return fmt.Errorf("replacing %q: %w", dir, err)
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

func swapCopy(next, dir string) error {
	near, err := os.MkdirTemp(filepath.Dir(dir), "."+filepath.Base(dir)+".new-*")
	if err != nil {
		return err
	}
	// os.CopyFS wants to make the folder itself.
	fresh := filepath.Join(near, "next")
	err = os.CopyFS(fresh, os.DirFS(next))
	if err == nil {
		err = swapRename(fresh, dir, filepath.Join(near, "old"))
	}
	if err == nil {
		err = os.RemoveAll(next)
	}
	return errors.Join(err, os.RemoveAll(near))
}

// rename is os.Rename with patience on Windows, where a virus scanner or an indexer that has just seen a new file holds it open
// for a moment, and a folder with an open file in it does not move.
func rename(from, to string) error {
	err := os.Rename(from, to)
	for wait := 50 * time.Millisecond; runtime.GOOS == "windows" && errors.Is(err, fs.ErrPermission) && wait < time.Second; wait *= 2 {
		time.Sleep(wait)
		err = os.Rename(from, to)
	}
	return err
}

// crossDevice tells whether a rename failed because the two names are on different file systems.
func crossDevice(err error) bool {
	const errorNotSameDevice = syscall.Errno(17) // ERROR_NOT_SAME_DEVICE of Windows; EEXIST elsewhere
	return errors.Is(err, syscall.EXDEV) || runtime.GOOS == "windows" && errors.Is(err, errorNotSameDevice)
}
