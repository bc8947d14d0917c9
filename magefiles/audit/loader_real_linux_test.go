package audit

import (
	"bytes"
	"context"
	"io/fs"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// What the loader of a real system resolves, the audit resolves, file by file.
// E2E=1 switches it on. AUDIT_ROOTS names more roots than this machine's own,
// divided by colons and with the platform of each before it where it is not
// this one ("arm64=/srv/arm64"; those of other machines need binfmt_misc, or a
// static qemu-user as /qemu in them), and AUDIT_FILES how many files of each.
func TestRealLoader(t *testing.T) {
	if os.Getenv("E2E") == "" {
		t.Skip("runs the loader on the files of this machine: E2E=1")
	}
	if os.Getuid() != 0 {
		t.Skip("needs root for chroot")
	}
	limit := 400
	if n, err := strconv.Atoi(os.Getenv("AUDIT_FILES")); err == nil {
		limit = n
	}
	for _, root := range append([]string{"/"}, filepath.SplitList(os.Getenv("AUDIT_ROOTS"))...) {
		arch, folder, ok := strings.Cut(root, "=")
		if !ok {
			arch, folder = runtime.GOARCH, root
		}
		t.Run(root, func(t *testing.T) { compareRoot(t, folder, arch, limit) })
	}
}

func compareRoot(t *testing.T, root, arch string, limit int) {
	inv := inventoryOf(t, root, "linux/"+arch)
	real := realLoader{root, linuxInterpreter(arch)}
	if _, ok := inv.Resolve(real.program); !ok {
		t.Skipf("%s has no glibc", root)
	}
	began := time.Now()
	found := checkLoading(inv)
	t.Logf("%s: the whole check took %v; %v", root, time.Since(began).Round(time.Millisecond), Count(found))
	for _, f := range found {
		t.Log(f)
	}
	l := newLoader(inv, arch, real.hwcaps(t))
	starts := l.starts()
	step := max(len(starts)/max(limit, 1), 1)
	var files, libraries, missing, versions, differences int
	for i := 0; i < len(starts); i += step {
		e := starts[i].entry
		want, ok := real.trace(t.Context(), t, inv, e.Path)
		if !ok {
			continue
		}
		files++
		got := l.traced(e)
		for key := range want {
			switch {
			case strings.HasPrefix(key, "version "):
				versions++
			case strings.HasPrefix(key, "missing "):
				missing++
			default:
				libraries++
			}
		}
		if d := difference(want, got); d != "" {
			differences++
			t.Errorf("%s:%s", e.Path, d)
		}
	}
	if files == 0 && len(starts) > 0 {
		t.Error("nothing could be compared")
	}
	t.Logf("%s: %d of %d files compared; %d libraries resolved, %d not found, %d versions not found; %d files differ", root, files, len(starts), libraries, missing, versions, differences)
}

// traced is what the audit resolves for one file on its own, as a set.
func (l *loader) traced(e *Entry) map[string]bool {
	p := l.start(&object{hit: hit{path: e.Path, entry: e}}, false)
	set := map[string]bool{}
	for _, o := range p.objects[1:] {
		set[o.entry.Path] = true
	}
	for _, t := range p.trouble {
		if t.hit.entry == nil {
			set["missing "+t.name] = true
		}
	}
	for _, d := range p.lacks() {
		for _, v := range d.versions {
			set["version "+v+" of "+d.library.entry.Path+" for "+d.by.entry.Path] = true
		}
	}
	delete(set, l.glibc.entry.Path)
	return set
}

func difference(want, got map[string]bool) string {
	var lines []string
	for key := range want {
		if !got[key] {
			lines = append(lines, "\n\tthe loader: "+key)
		}
	}
	for key := range got {
		if !want[key] {
			lines = append(lines, "\n\tthe audit:  "+key)
		}
	}
	slices.Sort(lines)
	return strings.Join(lines, "")
}

// realLoader runs the dynamic loader of a root, never the programs.
type realLoader struct{ root, program string }

func (r realLoader) run(ctx context.Context, args ...string) (string, error) {
	argv := append([]string{r.program}, args...)
	if _, err := os.Stat(filepath.Join(r.root, "qemu")); err == nil {
		argv = append([]string{"/qemu"}, argv...)
	}
	cmd := exec.CommandContext(ctx, argv[0], argv[1:]...)
	cmd.Dir = "/"
	cmd.SysProcAttr = &syscall.SysProcAttr{Chroot: r.root}
	cmd.Env = []string{"LC_ALL=C", "LD_TRACE_LOADED_OBJECTS=1"} // as ldd does: what is missing does not end it
	out, err := cmd.CombinedOutput()
	return string(out), err
}

func (r realLoader) hwcaps(t *testing.T) []string {
	out, err := r.run(t.Context(), "--help")
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	var list []string
	for _, m := range regexp.MustCompile(`(?m)^  (\S+) \(supported, searched\)`).FindAllStringSubmatch(out, -1) {
		if slices.Contains(glibcHwcaps("amd64"), m[1]) {
			list = append(list, m[1])
		}
	}
	return list
}

var (
	tracedLine  = regexp.MustCompile(`^\t(?:(\S+) => )?(\S.*) \(0x[0-9a-f]+\)$`)
	missingLine = regexp.MustCompile(`^\t(\S+) => not found$`)
	versionLine = regexp.MustCompile("^.*: (/.+): version `([^']+)' not found \\(required by (.+)\\)$")
)

// trace is the answer of ldd, as a set; false if the loader refuses the file.
func (r realLoader) trace(ctx context.Context, t *testing.T, inv *Inventory, name string) (map[string]bool, bool) {
	out, err := r.run(ctx, name)
	place := func(p string) string {
		for at, rest := "/", strings.Split(p, "/"); ; rest = rest[1:] {
			if len(rest) == 0 {
				return at
			}
			if e, ok := inv.Resolve(path.Join(at, rest[0])); ok {
				at = e.Path
			} else {
				return p
			}
		}
	}
	set := map[string]bool{}
	for _, line := range strings.Split(strings.TrimRight(out, "\n"), "\n") {
		switch {
		case strings.Contains(line, "linux-vdso.so") || strings.Contains(line, "\tstatically linked"):
		case versionLine.MatchString(line):
			m := versionLine.FindStringSubmatch(line)
			set["version "+m[2]+" of "+place(m[1])+" for "+place(m[3])] = true
		case missingLine.MatchString(line):
			set["missing "+missingLine.FindStringSubmatch(line)[1]] = true
		case tracedLine.MatchString(line):
			set[place(tracedLine.FindStringSubmatch(line)[2])] = true
		default:
			if err == nil {
				t.Errorf("%s: the loader says %q", name, line)
			}
			t.Logf("%s: left out: %v: %s", name, err, line)
			return nil, false
		}
	}
	if loader, ok := inv.Resolve(r.program); ok {
		delete(set, loader.Path)
	}
	return set, true
}

// inventoryOf reads the parts of a root that packages fill. Other file systems
// that are mounted in it are not its own.
func inventoryOf(t testing.TB, root, platform string) *Inventory {
	t.Helper()
	inv := &Inventory{Platform: platform, Config: &Config{}, Files: map[string]*Entry{"/": {Path: "/", Mode: fs.ModeDir | 0o755, Layer: -1}}}
	seen := map[[2]uint64]*Content{}
	for _, top := range []string{"bin", "etc", "lib", "lib32", "lib64", "opt", "sbin", "srv", "usr", "var"} {
		err := filepath.WalkDir(filepath.Join(root, top), func(file string, d fs.DirEntry, err error) error {
			if err != nil || d.Name() == "proc" || file == "/var/tmp" {
				return fs.SkipDir
			}
			info, err := d.Info()
			if err != nil {
				return nil
			}
			rel, _ := filepath.Rel(root, file)
			e := &Entry{Path: "/" + filepath.ToSlash(rel), Mode: info.Mode(), Layer: -1}
			inv.Files[e.Path] = e
			switch {
			case e.Mode.Type() == fs.ModeSymlink:
				e.Link, _ = os.Readlink(file)
			case e.Mode.IsRegular():
				id := inode(info)
				if seen[id] == nil {
					seen[id] = contentOf(file, e.Path, info)
				}
				e.File = seen[id]
				e.File.Names = append(e.File.Names, e.Path)
			}
			return nil
		})
		if err != nil && !os.IsNotExist(err) {
			t.Fatal(err)
		}
	}
	return inv
}

func contentOf(file, name string, info fs.FileInfo) *Content {
	c := &Content{Size: info.Size()}
	f, err := os.Open(file)
	if err != nil {
		return c
	}
	defer f.Close()
	head := make([]byte, 4)
	if n, _ := f.ReadAt(head, 0); n == 4 && bytes.Equal(head, []byte("\x7fELF")) {
		p, err := ReadProgram(f, c.Size)
		c.Program, c.Fault = &p, err
	}
	if strings.HasPrefix(name, "/etc/ld") {
		c.Text, _ = os.ReadFile(file)
	}
	return c
}

// inode tells files apart; hard links are one.
func inode(info fs.FileInfo) [2]uint64 {
	sys := info.Sys().(*syscall.Stat_t)
	return [2]uint64{sys.Dev, sys.Ino}
}
