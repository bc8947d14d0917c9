package xbuild

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"
)

func testSet(t *testing.T, dir string) ArchiveSet {
	t.Helper()
	unix, windows := testArchive(t, TarGz, 0o600, time.Now()), testArchive(t, Zip, 0o600, time.Now())
	unix.Name, windows.Name = "tool_2_unix", "tool_2_windows"
	return ArchiveSet{Dir: dir, Prefix: "tool_", Archives: []Archive{windows, unix}}
}

// folder is what lies in a folder, by name.
func folder(t *testing.T, dir string) map[string]string {
	t.Helper()
	out := map[string]string{}
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		out[e.Name()] = "folder"
		if e.IsDir() {
			continue
		}
		b, err := os.ReadFile(filepath.Join(dir, e.Name()))
		if err != nil {
			t.Fatal(err)
		}
		out[e.Name()] = string(b)
	}
	return out
}

func oldFile(t *testing.T, name, content string) {
	t.Helper()
	if err := WriteFile(name, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
}

// TestArchiveSet: the list has exactly the archives of the run; those of other
// runs go, and what is no archive of ours stays.
func TestArchiveSet(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "new", "cli")
	stays := []string{"other_1_unix.tar.gz", "tool_notes.txt", "linux/tool"}
	for _, name := range append(stays, "tool_1_unix.tar.gz", "tool_2_mars.zip", SumsFile, ".archives/left") {
		oldFile(t, filepath.Join(dir, filepath.FromSlash(name)), "old")
	}
	set := testSet(t, dir)
	made, err := set.Write(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	got := folder(t, dir)
	for _, name := range []string{"other_1_unix.tar.gz", "tool_notes.txt"} {
		if got[name] != "old" {
			t.Errorf("%s did not stay", name)
		}
		delete(got, name)
	}
	if want := []string{SumsFile, "linux", "tool_2_unix.tar.gz", "tool_2_windows.zip"}; !slices.Equal(sortedKeys(got), want) {
		t.Errorf("there are %q, want %q", sortedKeys(got), want)
	}
	if want := made[1].SHA256 + "  tool_2_unix.tar.gz\n" + made[0].SHA256 + "  tool_2_windows.zip\n"; got[SumsFile] != want {
		t.Errorf("%s is\n%swant\n%s", SumsFile, got[SumsFile], want)
	}
	for i, m := range made {
		if m.Name != set.Archives[i].FileName() || m.Size != int64(len(got[m.Name])) || m.Path != filepath.Join(dir, m.Name) {
			t.Errorf("archive %d is %+v", i, m)
		}
		info, err := os.Stat(m.Path)
		if err != nil || runtime.GOOS != "windows" && info.Mode() != 0o644 {
			t.Errorf("%s: %v, %v", m.Name, info, err)
		}
	}
}

func sortedKeys(m map[string]string) []string {
	var out []string
	for k := range m {
		out = append(out, k)
	}
	slices.Sort(out)
	return out
}

// TestArchiveSetWholeOrNotAtAll: what fails leaves the old set as it was.
func TestArchiveSetWholeOrNotAtAll(t *testing.T) {
	t.Parallel()
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	for _, c := range []struct {
		name  string
		ctx   context.Context
		spoil func(*ArchiveSet)
		says  string
	}{
		{"cancelled", cancelled, func(*ArchiveSet) {}, "canceled"},
		{"a file is missing", t.Context(), func(s *ArchiveSet) { s.Archives[1].Files[0].From += "x" }, "no plain file"},
		{"a name is odd", t.Context(), func(s *ArchiveSet) { s.Archives[1].Files[0].To = "nul" }, "device"},
		{"an archive twice", t.Context(), func(s *ArchiveSet) { s.Archives[1] = s.Archives[0] }, "twice"},
		{"another prefix", t.Context(), func(s *ArchiveSet) { s.Archives[0].Name = "gadget" }, "begin with"},
		{"none", t.Context(), func(s *ArchiveSet) { s.Archives = nil }, "none given"},
		{"no prefix", t.Context(), func(s *ArchiveSet) { s.Prefix = "" }, "no prefix"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			old := map[string]string{SumsFile: "sums", "tool_1_unix.tar.gz": "one", "tool_2_unix.tar.gz": "two"}
			for name, content := range old {
				oldFile(t, filepath.Join(dir, name), content)
			}
			set := testSet(t, dir)
			c.spoil(&set)
			if _, err := set.Write(c.ctx); err == nil || !strings.Contains(err.Error(), c.says) {
				t.Errorf("got %v, want something with %q", err, c.says)
			}
			got := folder(t, dir)
			for name, content := range old {
				if got[name] != content {
					t.Errorf("%s is %q", name, got[name])
				}
			}
			if len(got) != len(old) {
				t.Errorf("there are %q", sortedKeys(got))
			}
		})
	}
}

// TestArchiveSetListLast: archives that cannot all be moved in have no list.
func TestArchiveSetListLast(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	oldFile(t, filepath.Join(dir, SumsFile), "old")
	oldFile(t, filepath.Join(dir, "tool_2_unix.tar.gz", "in the way"), "")
	if _, err := testSet(t, dir).Write(t.Context()); err == nil {
		t.Fatal("a folder was replaced by an archive")
	}
	if got := folder(t, dir); got[SumsFile] != "" {
		t.Errorf("there is a list all the same: %s", got[SumsFile])
	}
}

// TestArchivesUnpack: with the programs that people have.
func TestArchivesUnpack(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "with a space")
	if _, err := testSet(t, dir).Write(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		top  string
		line []string
	}{
		{"", []string{"sha256sum", "-c", "--strict", SumsFile}},
		{"tool_2_unix", []string{"tar", "-xzf", "tool_2_unix.tar.gz"}},
		{"tool_2_windows", []string{"unzip", "-q", "tool_2_windows.zip"}},
	} {
		t.Run(c.line[0], func(t *testing.T) {
			path, err := exec.LookPath(c.line[0])
			if err != nil && runtime.GOOS == "linux" && os.Getenv("CI") != "" {
				t.Fatal(err)
			} else if err != nil {
				t.Skip(err)
			}
			cmd := exec.CommandContext(t.Context(), path, c.line[1:]...)
			cmd.Dir = dir
			if out, err := cmd.CombinedOutput(); err != nil || strings.Contains(string(out), "warning") {
				t.Fatalf("%v: %s", err, out)
			}
			if c.top == "" {
				return
			}
			for name, mode := range map[string]os.FileMode{"tool": 0o755, "README.md": 0o644, "completions/_tool": 0o644} {
				info, err := os.Stat(filepath.Join(dir, c.top, filepath.FromSlash(name)))
				if err != nil || runtime.GOOS != "windows" && info.Mode().Perm()&0o700 != mode&0o700 || !info.ModTime().Equal(time.Unix(1700000001, 0)) {
					t.Errorf("%s: %v, %v", name, info, err)
				}
			}
		})
	}
}
