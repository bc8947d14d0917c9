package debian

import (
	"bufio"
	"cmp"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"slices"
	"strconv"
	"strings"

	debversion "github.com/knqyf263/go-deb-version"
)

// The archives that Debian serves under separate base URLs.
const (
	archiveMain     = "debian"
	archiveSecurity = "debian-security"
)

const maxPackage = 8 << 30 // bytes of one .deb; the largest of trixie has 1.4 GB

const lockHeader = `# The Debian packages of the base file system, for every architecture it is built for.
# Written by the build: resolve again instead of editing.
# Columns: architecture, package, version, size in bytes, SHA-256, archive and path on any mirror of it.
# Files are alike on all architectures, unless they are machine code or lie under an architecture's name. "own:" and
# "alike:" are the exceptions, "shared:" the sum of all that is alike, and of which packages and settings that was found.
`

// Package is one locked .deb.
type Package struct {
	Arch    string // the architecture it is locked for; the file itself may be for "all"
	Name    string
	Version string
	Size    int64  // bytes of the .deb
	SHA256  string // of the .deb, in hex
	Archive string // "debian" or "debian-security"
	Path    string // below the archive's base URL, "pool/main/…"
}

// Lock is what [Resolve] found: exactly these files make the root file system.
type Lock struct {
	Suites   []string
	Seeds    []string
	Packages []Package // sorted by architecture, then by name
	Alike    Alike
}

// For returns the packages of one architecture, sorted by name.
func (l Lock) For(arch string) []Package {
	var list []Package
	for _, p := range l.Packages {
		if p.Arch == arch {
			list = append(list, p)
		}
	}
	sortPackages(list)
	return list
}

// Check tells whether the lock was resolved from what spec asks now, for each of
// archs. The error says what differs and how to go on.
func (l Lock) Check(spec Spec, archs ...string) error {
	if len(l.Packages) == 0 {
		return errors.New("checking the base lock: it is empty or missing; resolve the base and commit the lock")
	}
	for _, d := range []struct {
		what         string
		locked, want []string
	}{
		{"suites", l.Suites, suiteNames(spec.Suites)},
		{"packages asked for", sorted(l.Seeds), sorted(spec.Seeds)},
	} {
		if !slices.Equal(d.locked, d.want) {
			return fmt.Errorf("checking the base lock: its %s are %q, the project wants %q; resolve the base again and commit the lock", d.what, d.locked, d.want)
		}
	}
	for _, arch := range archs {
		if len(l.For(arch)) == 0 {
			return fmt.Errorf("checking the base lock: it has no package for architecture %q; resolve the base again and commit the lock", arch)
		}
	}
	return nil
}

// WriteLock writes the lock file: one line per package and architecture, sorted, so
// that a diff reads as a list of updates. Equal locks give equal bytes.
func WriteLock(w io.Writer, l Lock) error {
	var b strings.Builder
	b.WriteString(lockHeader)
	fmt.Fprintf(&b, "suites: %s\nseeds: %s\n", strings.Join(l.Suites, " "), strings.Join(sorted(l.Seeds), " "))
	b.WriteString(l.Alike.lines())
	list := slices.Clone(l.Packages)
	sortPackages(list)
	last := ""
	for _, p := range list {
		if p.Arch != last {
			b.WriteByte('\n')
			last = p.Arch
		}
		b.WriteString(p.line() + "\n")
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// ReadLock is the inverse of [WriteLock]. Errors name the line.
func ReadLock(r io.Reader) (Lock, error) {
	var l Lock
	lines := bufio.NewScanner(r)
	for n := 1; lines.Scan(); n++ {
		line := strings.TrimSpace(lines.Text())
		if line == "" || line[0] == '#' {
			continue
		}
		if rest, ok := strings.CutPrefix(line, "suites:"); ok {
			l.Suites = strings.Fields(rest)
			continue
		}
		if rest, ok := strings.CutPrefix(line, "seeds:"); ok {
			l.Seeds = strings.Fields(rest)
			continue
		}
		if l.Alike.read(line) {
			continue
		}
		p, err := parseLine(line)
		if err != nil {
			return Lock{}, fmt.Errorf("reading the base lock, line %d: %w; resolve the base again", n, err)
		}
		l.Packages = append(l.Packages, p)
	}
	if err := lines.Err(); err != nil {
		return Lock{}, fmt.Errorf("reading the base lock: %w", err)
	}
	sortPackages(l.Packages)
	for i := 1; i < len(l.Packages); i++ {
		a, b := l.Packages[i-1], l.Packages[i]
		if a.Arch == b.Arch && a.Name == b.Name {
			return Lock{}, fmt.Errorf("reading the base lock: package %q is there twice for %q; resolve the base again", a.Name, a.Arch)
		}
	}
	return l, nil
}

func sortPackages(list []Package) {
	slices.SortFunc(list, func(a, b Package) int {
		return cmp.Or(strings.Compare(a.Arch, b.Arch), strings.Compare(a.Name, b.Name))
	})
}

func (p Package) line() string {
	return fmt.Sprintf("%s %s %s %d %s %s/%s", p.Arch, p.Name, p.Version, p.Size, p.SHA256, p.Archive, p.Path)
}

func parseLine(line string) (Package, error) {
	f := strings.Fields(line)
	if len(f) != 6 {
		return Package{}, fmt.Errorf("%d columns where 6 are expected", len(f))
	}
	size, err := strconv.ParseInt(f[3], 10, 64)
	if err != nil {
		return Package{}, fmt.Errorf("%q is no size", f[3])
	}
	archive, file, _ := strings.Cut(f[5], "/")
	p := Package{Arch: f[0], Name: f[1], Version: f[2], Size: size, SHA256: f[4], Archive: archive, Path: file}
	if !architecture.MatchString(p.Arch) {
		return Package{}, fmt.Errorf("%q is no architecture", p.Arch)
	}
	return p, p.check()
}

// check refuses what could lead a download or a file name astray.
func (p Package) check() error {
	switch {
	case !packageName.MatchString(p.Name):
		return fmt.Errorf("%q is no package name", p.Name)
	case !debversion.Valid(p.Version) || strings.ContainsAny(p.Version, " \t\n/"):
		return fmt.Errorf("package %q: %q is no version", p.Name, p.Version)
	case !isSHA256(p.SHA256):
		return fmt.Errorf("package %q: %q is no SHA-256 sum", p.Name, p.SHA256)
	case p.Size <= 0 || p.Size > maxPackage:
		return fmt.Errorf("package %q: a size of %d bytes is not between 1 and %d", p.Name, p.Size, maxPackage)
	case p.Archive != archiveMain && p.Archive != archiveSecurity:
		return fmt.Errorf("package %q: archive %q is neither %q nor %q", p.Name, p.Archive, archiveMain, archiveSecurity)
	case !fs.ValidPath(p.Path) || path.Ext(p.Path) != ".deb" || strings.ContainsAny(p.Path, " ?#\\"):
		return fmt.Errorf("package %q: %q is no path to a .deb", p.Name, p.Path)
	}
	return nil
}

func archiveOf(s Suite) string {
	if s.Security {
		return archiveSecurity
	}
	return archiveMain
}
