package xbuild

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
)

// Tree has an input for every file and link under dir, named as prefix has it. Folders count by what is in them. Patterns of
// exclude are those of HashTree.
func (f *Files) Tree(kind, prefix, dir string, exclude ...string) (Inputs, error) {
	var out Inputs
	err := filepath.WalkDir(dir, func(file string, entry fs.DirEntry, err error) error {
		rel, rerr := filepath.Rel(dir, file)
		if rerr != nil {
			return rerr
		}
		name := filepath.ToSlash(rel)
		if err != nil && file != dir {
			out = append(out, Input{Kind: kind, Name: path.Join(prefix, name), Value: unreadable()})
			return fs.SkipDir
		} else if err != nil {
			return err
		}
		skip, err := excluded(name, exclude)
		switch {
		case err != nil:
			return err
		case skip && entry.IsDir():
			return fs.SkipDir
		case skip || entry.IsDir():
			return nil
		}
		value, err := f.value(file, entry, linkDepth)
		if err != nil {
			value = unreadable()
		}
		out = append(out, Input{Kind: kind, Name: path.Join(prefix, name), Value: value})
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("reading %q: %w", dir, err)
	}
	return out, nil
}

// unreadable is the value of what cannot be read, or is stranger than a file: it is never the same, so that a step with such an
// input runs each time.
func unreadable() string { return unreadablePrefix + rand.Text() }

const unreadablePrefix = "unreadable "

// value is what counts of a file: its content, whether it can be executed (other bits of the mode are the umask's), and of a link
// where it points, and what is there.
func (f *Files) value(file string, entry fs.DirEntry, depth int) (string, error) {
	if entry.Type()&fs.ModeSymlink != 0 {
		target, err := os.Readlink(file)
		if err != nil {
			return "", err
		}
		info, err := os.Stat(file)
		switch {
		case errors.Is(err, fs.ErrNotExist):
			return "link " + target, nil
		case err != nil:
			return "", err
		case info.IsDir():
			sum, err := f.folder(file, depth-1)
			return "link " + target + " " + sum, err
		}
		sum, err := f.Sum(file)
		return "link " + target + " " + sum, err
	}
	if !entry.Type().IsRegular() {
		return "", fmt.Errorf("%q is neither a file, a folder nor a link (%v)", file, entry.Type())
	}
	info, err := entry.Info()
	if err != nil {
		return "", err
	}
	sum, err := f.remember(file, info, func() (string, error) { return sumFile(file, info) })
	if err == nil && runtime.GOOS != "windows" && info.Mode()&0o111 != 0 {
		sum += " executable"
	}
	return sum, err
}

// linkDepth is how many links to folders are followed one behind another: they may lead around in circles.
const linkDepth = 4

// folder is the key of a folder that a link points to.
func (f *Files) folder(link string, depth int) (string, error) {
	dir, err := filepath.EvalSymlinks(link)
	if err != nil {
		return "", err
	}
	if depth == 0 || under(link, dir) {
		return "", fmt.Errorf("%q is a link to a folder that leads back to it, or far away", link)
	}
	var in Inputs
	err = filepath.WalkDir(dir, func(file string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		value, err := f.value(file, entry, depth)
		in = append(in, Input{Kind: FileInput, Name: file, Value: value})
		return err
	})
	return in.Key(), err
}

// File is the input of one file, which need not be there: then its value is "", so that its arrival is a change.
func (f *Files) File(kind, name, file string) (Input, error) {
	in := Input{Kind: kind, Name: name}
	info, err := os.Lstat(file)
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ENOTDIR) {
		return in, nil
	}
	if err == nil {
		in.Value, err = f.value(file, fs.FileInfoToDirEntry(info), linkDepth)
	}
	if err != nil {
		return in, fmt.Errorf("reading %q: %w", file, err)
	}
	return in, nil
}

// variables are the variables of an environment (KEY=value list) that match. Their values may be secret: only hashes are kept.
func variables(environ []string, match func(name string) bool) Inputs {
	last := map[string]string{}
	for _, kv := range environ {
		name, value, _ := strings.Cut(kv, "=")
		if runtime.GOOS == "windows" {
			name = strings.ToUpper(name)
		}
		if name != "" && match(name) {
			last[name] = value
		}
	}
	var out Inputs
	for name, value := range last {
		out = append(out, Input{Kind: EnvInput, Name: name, Value: Key(value)})
	}
	return out.sorted()
}
