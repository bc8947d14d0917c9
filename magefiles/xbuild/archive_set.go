package xbuild

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// SumsFile lists the archives of a set, as sha256sum -c and shasum -a 256 -c
// read it.
const SumsFile = "SHA256SUMS"

// ArchiveSet is the archives of one release and the folder for them, as data.
type ArchiveSet struct {
	Dir string
	// Prefix begins the names of all archives here, of this and of other releases: those that are not in the
	// set are removed, so that an archive beside SumsFile is always one that it lists.
	Prefix   string
	Archives []Archive
}

// Archived is one archive that was made.
type Archived struct {
	Name   string // of the file
	Path   string
	Size   int64  // bytes
	SHA256 string // in hexadecimal
}

// Write makes all archives and SumsFile, or changes nothing: they are made in a
// folder of their own and moved in when the last one is whole. While they are
// moved there is no SumsFile, so that it never lists what is not there.
func (s ArchiveSet) Write(ctx context.Context) ([]Archived, error) {
	if err := s.check(); err != nil {
		return nil, err
	}
	stage := filepath.Join(s.Dir, ".archives") // one name, so that what a killed run left goes with the next one
	made, err := s.stage(ctx, stage)
	if err == nil {
		err = ctx.Err()
	}
	if err == nil {
		err = s.publish(stage, made)
	}
	if rerr := os.RemoveAll(stage); err == nil {
		err = rerr
	}
	if err != nil {
		return nil, fmt.Errorf("packing archives in %q: %w", s.Dir, err)
	}
	return made, nil
}

func (s ArchiveSet) check() error {
	if s.Prefix == "" || len(s.Archives) == 0 {
		return fmt.Errorf("packing archives in %q: no prefix of their names, or none given", s.Dir)
	}
	seen := map[string]bool{}
	for _, a := range s.Archives {
		if err := a.Check(); err != nil {
			return err
		}
		name := strings.ToLower(a.FileName())
		if !strings.HasPrefix(a.Name, s.Prefix) || seen[name] {
			return fmt.Errorf("packing archives in %q: %q is there twice, or does not begin with %q", s.Dir, a.FileName(), s.Prefix)
		}
		seen[name] = true
	}
	return nil
}

// stage makes the archives and their list in an empty folder.
func (s ArchiveSet) stage(ctx context.Context, dir string) ([]Archived, error) {
	if err := os.RemoveAll(dir); err != nil {
		return nil, err
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, err
	}
	var made []Archived
	for _, a := range s.Archives {
		m, err := a.save(ctx, filepath.Join(dir, a.FileName()))
		if err != nil {
			return nil, err
		}
		m.Path = filepath.Join(s.Dir, a.FileName())
		made = append(made, m)
	}
	var lines []string
	for _, m := range made {
		lines = append(lines, m.SHA256+"  "+m.Name+"\n") // two spaces: text or binary, which is the same but on Windows
	}
	slices.SortFunc(lines, func(a, b string) int { return strings.Compare(a[sha256.Size*2:], b[sha256.Size*2:]) })
	return made, WriteFile(filepath.Join(dir, SumsFile), []byte(strings.Join(lines, "")), 0o644)
}

// save writes the archive to a file, and hashes it on its way.
func (a Archive) save(ctx context.Context, name string) (m Archived, err error) {
	f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return m, err
	}
	hash := sha256.New()
	err = a.Write(ctx, io.MultiWriter(f, hash))
	if err == nil {
		err = f.Sync() // a name that is moved in must not be there without its content after a power cut
	}
	if cerr := f.Close(); err == nil {
		err = cerr
	}
	if err == nil {
		err = os.Chmod(name, 0o644) // whatever the umask
	}
	if err != nil {
		return m, err
	}
	info, err := os.Stat(name)
	if err != nil {
		return m, err
	}
	return Archived{Name: a.FileName(), Size: info.Size(), SHA256: hex.EncodeToString(hash.Sum(nil))}, nil
}

// publish moves the staged files in; the list of them goes first and comes last.
func (s ArchiveSet) publish(stage string, made []Archived) error {
	sums := filepath.Join(s.Dir, SumsFile)
	if err := os.Remove(sums); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	for _, m := range made {
		if err := rename(filepath.Join(stage, m.Name), m.Path); err != nil {
			return err
		}
	}
	if err := s.removeStale(); err != nil {
		return err
	}
	return rename(filepath.Join(stage, SumsFile), sums)
}

func (s ArchiveSet) removeStale() error {
	entries, err := os.ReadDir(s.Dir)
	if err != nil {
		return err
	}
	for _, e := range entries {
		archive := strings.HasSuffix(e.Name(), string(TarGz)) || strings.HasSuffix(e.Name(), string(Zip))
		mine := slices.ContainsFunc(s.Archives, func(a Archive) bool { return a.FileName() == e.Name() })
		if !archive || mine || !strings.HasPrefix(e.Name(), s.Prefix) || !e.Type().IsRegular() {
			continue
		}
		if err := os.Remove(filepath.Join(s.Dir, e.Name())); err != nil {
			return fmt.Errorf("removing an archive of another run: %w", err)
		}
	}
	return nil
}
