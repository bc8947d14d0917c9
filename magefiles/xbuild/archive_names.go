package xbuild

import (
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"
)

// maxArchivePath is how long a path may be that every tar reads: the name field
// of the oldest format.
const maxArchivePath = 100

// Check refuses names that would not unpack the same way everywhere: on Windows
// (reserved names and characters, dots and spaces at the end), on disks that do
// not tell capitals from small letters, and with programs that know neither
// UTF-8 nor the extensions of tar for long names. It reads no file.
func (a Archive) Check() error {
	if a.Format != TarGz && a.Format != Zip {
		return fmt.Errorf("packing archive %q: unknown format %q; possible: %s, %s", a.Name, a.Format, TarGz, Zip)
	}
	if strings.Contains(a.Name, "/") {
		return fmt.Errorf("packing archive %q: its name has a slash; it is the name of one folder", a.Name)
	}
	if err := portable(a.Name); err != nil {
		return fmt.Errorf("packing archive %q: %w", a.Name, err)
	}
	if len(a.Files) == 0 {
		return fmt.Errorf("packing archive %q: no files were given", a.FileName())
	}
	seen := map[string]archivePath{}
	for _, p := range a.paths() {
		if err := portable(p.path); err != nil {
			return fmt.Errorf("packing %q into archive %q: %w", p.path, a.FileName(), err)
		}
		key := strings.ToLower(p.path)
		if other, ok := seen[key]; ok {
			return fmt.Errorf("packing archive %q: %q and %q are the same file where capitals do not count", a.FileName(), other.path, p.path)
		}
		seen[key] = p
	}
	return nil
}

// portable says what is wrong with a path.
func portable(p string) error {
	if !fs.ValidPath(p) || p == "." {
		return fmt.Errorf("it is no clean, relative path with slashes")
	}
	if len(p) > maxArchivePath {
		return fmt.Errorf("it is longer than %d characters, which not every tar reads", maxArchivePath)
	}
	for _, name := range strings.Split(p, "/") {
		for _, r := range name {
			if r < ' ' || r > '~' || strings.ContainsRune(`<>:"\|?*`, r) {
				return fmt.Errorf("the character %q is not one that a file's name can have everywhere; rename it", r)
			}
		}
		if strings.HasSuffix(name, ".") || strings.HasSuffix(name, " ") {
			return fmt.Errorf("%q ends in a dot or a space, which Windows takes away; rename it", name)
		}
		if reserved(name) {
			return fmt.Errorf("%q is the name of a device on Windows, with any extension; rename it", name)
		}
	}
	return nil
}

// reserved tells whether Windows takes a file's name for a device.
func reserved(name string) bool {
	stem, _, _ := strings.Cut(strings.ToUpper(name), ".")
	stem = strings.TrimRight(stem, " ")
	if port, ok := strings.CutPrefix(stem, "COM"); ok && len(port) == 1 {
		return port >= "0" && port <= "9"
	}
	if port, ok := strings.CutPrefix(stem, "LPT"); ok && len(port) == 1 {
		return port >= "0" && port <= "9"
	}
	return slices.Contains([]string{"CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$"}, stem)
}

// archivePath is a path from the top of an archive; a folder has no file.
type archivePath struct {
	path string
	file *ArchiveFile
}

// paths are all files and the folders above them, each folder once and before
// what is in it. A file that is given twice is there twice.
func (a Archive) paths() []archivePath {
	var out []archivePath
	dirs := map[string]bool{}
	for i := range a.Files {
		full := a.Name + "/" + a.Files[i].To
		out = append(out, archivePath{full, &a.Files[i]})
		for dir := path.Dir(full); dir != "." && dir != "/" && !dirs[dir]; dir = path.Dir(dir) {
			dirs[dir] = true
			out = append(out, archivePath{path: dir})
		}
	}
	slices.SortStableFunc(out, func(x, y archivePath) int { return strings.Compare(x.path, y.path) })
	return out
}
