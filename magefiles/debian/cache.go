package debian

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"syscall"
	"time"
)

// The cache has one file per SHA-256. A file is written under a temporary name
// and renamed when it is whole and checked, so several processes may share it.

func (f Fetcher) cachePath(want digest) string {
	return filepath.Join(f.Cache, "sha256", want.sha256[:2], want.sha256)
}

// cached returns the name of the cached file, "" if there is none. A file whose
// bytes have changed since is removed.
func (f Fetcher) cached(want digest) (string, error) {
	if f.Cache == "" {
		return "", errors.New("using the package cache: no folder is given for it")
	}
	name := f.cachePath(want)
	file, err := openShared(name)
	if errors.Is(err, fs.ErrNotExist) {
		return "", nil
	}
	if err != nil {
		return "", cacheError(err)
	}
	if info, err := file.Stat(); err == nil && info.Size() == want.size && f.Sum != nil {
		if sum, err := f.Sum(name); err == nil && sum == want.sha256 {
			_ = file.Close()
			return name, nil
		}
	}
	err = copyChecked(io.Discard, file, want)
	_ = file.Close()
	if err == nil {
		return name, nil
	}
	f.logf("the cached file %q is damaged and is fetched again: %v", name, err)
	if err := os.Remove(name); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return "", cacheError(err)
	}
	return "", nil
}

// store checks body against want while writing it into the cache.
func (f Fetcher) store(body io.Reader, want digest) (string, error) {
	name := f.cachePath(want)
	err := writeWhole(name, func(file *os.File) error { return copyChecked(file, body, want) })
	var local *fs.PathError
	var rename *os.LinkError
	switch {
	case errors.As(err, &rename):
		// On Windows a file that another process reads cannot be replaced; if that
		// process has put the same bytes there, all is well.
		if other, _ := f.cached(want); other != "" {
			return other, nil
		}
		return "", cacheError(err)
	case errors.As(err, &local):
		return "", cacheError(err)
	case err != nil:
		return "", err
	}
	return name, nil
}

// writeWhole gives a file its name when fill has written all of it, and not
// before: who is killed meanwhile leaves a file that nobody asks for.
func writeWhole(name string, fill func(*os.File) error) error {
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		return err
	}
	tmp, err := os.CreateTemp(filepath.Dir(name), ".part-*")
	if err != nil {
		return err
	}
	defer func() { _ = os.Remove(tmp.Name()) }() // fails, harmlessly, after the rename
	err = fill(tmp)
	if closeErr := tmp.Close(); err == nil {
		err = closeErr
	}
	if err != nil {
		return err
	}
	return os.Rename(tmp.Name(), name)
}

// openShared is os.Open with patience on Windows, which gives nobody a file at
// the moment in which another process puts it in place.
func openShared(name string) (*os.File, error) {
	const errorSharingViolation = syscall.Errno(32) // EPIPE elsewhere, which no open gives
	file, err := os.Open(name)
	for wait := 5 * time.Millisecond; runtime.GOOS == "windows" && wait < time.Second; wait *= 2 {
		if !errors.Is(err, errorSharingViolation) && !errors.Is(err, fs.ErrPermission) {
			break
		}
		time.Sleep(wait)
		file, err = os.Open(name)
	}
	return file, err
}

func cacheError(err error) error {
	return fmt.Errorf("using the package cache: %w; free some disk space, or make the folder writable", err)
}
