package xbuild

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
)

func isFile(name string) bool {
	info, err := os.Stat(name)
	return err == nil && info.Mode().IsRegular()
}

// globEscape makes a path that filepath.Glob takes literally.
func globEscape(path string) string {
	if filepath.Separator == '\\' {
		return path // Glob has no escape there
	}
	return strings.NewReplacer(`\`, `\\`, "*", `\*`, "?", `\?`, "[", `\[`).Replace(path)
}

func cleanJoin(dir, rest string) string { return filepath.Join(dir, filepath.FromSlash(rest)) }

// installFile copies from to to by way of a temporary file beside it, so that
// to is there whole or not at all. mode is what it gets, whatever the umask.
// sum is the hexadecimal SHA-256 of what was copied.
func installFile(from, to string, mode os.FileMode) (size int64, sum string, err error) {
	defer func() {
		if err != nil {
			err = fmt.Errorf("copying %q to %q: %w", from, to, err)
		}
	}()
	if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
		return 0, "", err
	}
	in, err := os.Open(from)
	if err != nil {
		return 0, "", err
	}
	defer func() { _ = in.Close() }()
	out, err := os.CreateTemp(filepath.Dir(to), ".tmp-*")
	if err != nil {
		return 0, "", err
	}
	defer func() { _ = os.Remove(out.Name()) }() // fails once it is renamed, which is fine
	hash := sha256.New()
	if size, err = io.Copy(io.MultiWriter(out, hash), in); err == nil {
		err = out.Sync()
	}
	if err == nil {
		err = out.Chmod(mode)
	}
	if cerr := out.Close(); err == nil {
		err = cerr
	}
	if err != nil {
		return 0, "", err
	}
	return size, hex.EncodeToString(hash.Sum(nil)), placeProgram(out.Name(), to)
}
