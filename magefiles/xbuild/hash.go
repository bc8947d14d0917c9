package xbuild

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"io/fs"
	"os"
	"path"
	"strings"
)

// HashTree returns the hexadecimal SHA-256 of what is in fsys: the name and the content of every file, and the target of
// every symbolic link. Modes, owners, times and empty folders do not count, since they differ between hosts for equal work.
//
// An exclude pattern without a slash leaves out every file or folder of that name, at any depth ("node_modules", "*.pyc");
// one with a slash is for the whole path ("core/ui", "/dist"). Patterns are those of [path.Match].
func HashTree(fsys fs.FS, exclude ...string) (string, error) {
	sum := sha256.New()
	err := fs.WalkDir(fsys, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		skip, err := excluded(name, exclude)
		if err != nil {
			return err
		}
		switch {
		case skip && entry.IsDir():
			return fs.SkipDir
		case skip || entry.IsDir():
			return nil
		case entry.Type()&fs.ModeSymlink != 0:
			target, err := fs.ReadLink(fsys, name)
			if err != nil {
				return err
			}
			hashPart(sum, "link", name, target)
			return nil
		case !entry.Type().IsRegular():
			return fmt.Errorf("%q is neither a file, a folder nor a link (%v)", name, entry.Type())
		}
		content, err := hashFile(fsys, name)
		if err != nil {
			return err
		}
		hashPart(sum, "file", name, content)
		return nil
	})
	if err != nil {
		return "", fmt.Errorf("hashing a folder: %w", err)
	}
	return hex.EncodeToString(sum.Sum(nil)), nil
}

// Key returns the hexadecimal SHA-256 of parts, such that ("ab", "c") and ("a", "bc") differ.
func Key(parts ...string) string {
	sum := sha256.New()
	hashPart(sum, parts...)
	return hex.EncodeToString(sum.Sum(nil))
}

func hashPart(sum hash.Hash, parts ...string) {
	for _, part := range parts {
		// Hashes never fail to write. The length keeps neighbours apart.
		_, _ = fmt.Fprintf(sum, "%d:%s", len(part), part)
	}
}

func excluded(name string, patterns []string) (bool, error) {
	for _, pattern := range patterns {
		subject := name
		if !strings.Contains(pattern, "/") {
			subject = path.Base(name)
		}
		match, err := path.Match(strings.TrimPrefix(pattern, "/"), subject)
		if err != nil {
			return false, fmt.Errorf("pattern %q: %w", pattern, err)
		}
		if match && name != "." {
			return true, nil
		}
	}
	return false, nil
}

func hashFile(fsys fs.FS, name string) (string, error) {
	file, err := fsys.Open(name)
	if err != nil {
		return "", err
	}
	defer func() { _ = file.Close() }()
	sum := sha256.New()
	if _, err := io.Copy(sum, file); err != nil {
		return "", fmt.Errorf("reading %q: %w", name, err)
	}
	return hex.EncodeToString(sum.Sum(nil)), nil
}

// fileKey is the hash of one file of the host. A file that is not there has the key "", so that its arrival is a change.
func fileKey(name string) (string, error) {
	content, err := os.ReadFile(name)
	if errors.Is(err, fs.ErrNotExist) {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	return Key(string(content)), nil
}
