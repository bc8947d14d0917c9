package oci

import (
	"os"
	"path/filepath"
)

// tempPrefix begins the names of everything unfinished.
const tempPrefix = ".tmp-"

// writeFile writes a file whole or not at all, making its directory if needed.
func writeFile(name string, content []byte) error {
	dir := filepath.Dir(name)
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	tmp, err := os.CreateTemp(dir, tempPrefix+"*")
	if err != nil {
		return err
	}
	defer os.Remove(tmp.Name()) //nolint:errcheck // gone after the rename
	_, err = tmp.Write(content)
	if err == nil {
		err = tmp.Chmod(0o644)
	}
	if cerr := tmp.Close(); err == nil {
		err = cerr
	}
	if err != nil {
		return diskCure(err)
	}
	return os.Rename(tmp.Name(), name)
}

// replaceFile renames a finished blob. Windows refuses while somebody reads the
// old one; but a blob of that name and size has that content, so it may stay.
func replaceFile(tmp, name string) error {
	err := os.Rename(tmp, name)
	if err == nil {
		return nil
	}
	made, merr := os.Stat(tmp)
	there, terr := os.Stat(name)
	if merr == nil && terr == nil && made.Size() == there.Size() {
		return nil
	}
	return err
}
