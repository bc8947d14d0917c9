package oci

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// besides makes an empty directory next to dir, on the same file system, and
// clears away what builds that were killed have left there.
func besides(dir string) (string, error) {
	parent, base := filepath.Split(filepath.Clean(dir))
	if parent == "" {
		parent = "."
	}
	if err := os.MkdirAll(parent, 0o755); err != nil {
		return "", err
	}
	prefix := "." + base + ".tmp-"
	sweep(parent, prefix)
	tmp, err := os.MkdirTemp(parent, prefix+"*")
	if err != nil {
		return "", err
	}
	return tmp, os.Chmod(tmp, 0o755)
}

// sweep removes leftovers that are too old to be anybody's work in progress.
func sweep(parent, prefix string) {
	entries, err := os.ReadDir(parent)
	if err != nil {
		return
	}
	for _, e := range entries {
		info, err := e.Info()
		if err == nil && strings.HasPrefix(e.Name(), prefix) && time.Since(info.ModTime()) > 24*time.Hour {
			_ = os.RemoveAll(filepath.Join(parent, e.Name()))
		}
	}
}

// swap puts tmp in the place of dir. Where the system can exchange two
// directories at once there is no moment without dir.
func swap(tmp, dir string) error {
	if _, err := os.Lstat(dir); errors.Is(err, fs.ErrNotExist) {
		return os.Rename(tmp, dir)
	}
	if exchange(tmp, dir) == nil {
		return nil // tmp is the old one now, and the caller removes it
	}
	return swapInSteps(tmp, dir)
}

// swapInSteps is for the others, such as Windows, which cannot even rename over
// a directory: the old one steps aside, and comes back if the new one cannot
// take its place.
func swapInSteps(tmp, dir string) error {
	aside := tmp + "-old"
	if err := os.Rename(dir, aside); err != nil {
		return err
	}
	if err := os.Rename(tmp, dir); err != nil {
		return errors.Join(err, os.Rename(aside, dir))
	}
	return os.RemoveAll(aside)
}
