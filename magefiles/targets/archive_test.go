package targets

import (
	"archive/tar"
	"archive/zip"
	"compress/gzip"
	"errors"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/noetl/noetl/magefiles/xbuild"
)

// archiveJob is a job in a folder with this repository's own papers, and one
// binary for each platform of the project.
func archiveJob(t *testing.T, env map[string]string) (*job, []xbuild.Binary, func() string) {
	t.Helper()
	j, _, out := testJob(t, env)
	for _, rel := range append(slices.Clone(j.CLI.Archive), j.CLI.Completions) {
		from, to := filepath.Join("..", "..", filepath.FromSlash(rel)), j.path(rel)
		info, err := os.Stat(from)
		if err != nil {
			t.Fatal(err)
		}
		if info.IsDir() {
			err = os.CopyFS(to, os.DirFS(from))
		} else {
			_, err = put(from, to)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	platforms, err := j.rustPlatforms("")
	if err != nil {
		t.Fatal(err)
	}
	var binaries []xbuild.Binary
	for _, p := range platforms {
		b := xbuild.Binary{Platform: p, Name: j.CLI.Binary, Path: filepath.Join(j.path("dist/cli"), p.Slug(), p.Exe(j.CLI.Binary))}
		if err := xbuild.WriteFile(b.Path, []byte("a program for "+p.String()), 0o755); err != nil {
			t.Fatal(err)
		}
		binaries = append(binaries, b)
	}
	return j, binaries, out.String
}

// TestArchiveCLI: what is in the archives, and that another checkout with
// another time zone makes the same.
func TestArchiveCLI(t *testing.T) {
	t.Parallel()
	j, binaries, out := archiveJob(t, map[string]string{"SOURCE_DATE_EPOCH": "1700000000"})
	if err := j.archiveReady([]xbuild.Platform{binaries[0].Platform}); err != nil {
		t.Fatal(err)
	}
	made, err := j.archives(t.Context(), binaries)
	if err != nil {
		t.Fatal(err)
	}
	other, others, _ := archiveJob(t, map[string]string{"SOURCE_DATE_EPOCH": "1700000000", "TZ": "Pacific/Kiritimati"})
	again, err := other.archives(t.Context(), others)
	if err != nil {
		t.Fatal(err)
	}
	for i, m := range made {
		p := binaries[i].Platform
		want := []string{"LICENSE", "README.md", p.Exe("noetl"), "completions/_noetl", "completions/noetl.fish", "completions/_noetl.ps1"}
		name := "noetl_" + j.Version + "_" + p.OS + "_" + p.Arch
		files := inArchive(t, m.Path)
		for _, file := range want {
			if !slices.Contains(files, name+"/"+file) {
				t.Errorf("%s lacks %s: %q", m.Name, file, files)
			}
		}
		if m.Name != name+string(p.ArchiveFormat()) || !strings.Contains(out(), m.Name) || !strings.Contains(out(), m.SHA256[:12]) {
			t.Errorf("%s is not shown as %q:\n%s", p, m.Name, out())
		}
		if m.SHA256 != again[i].SHA256 {
			t.Errorf("%s has other bytes in another checkout", m.Name)
		}
	}
	if len(made) != len(j.CLI.Platforms) {
		t.Errorf("%d archives for %d platforms", len(made), len(j.CLI.Platforms))
	}
}

func inArchive(t *testing.T, file string) []string {
	t.Helper()
	var out []string
	if strings.HasSuffix(file, ".zip") {
		r, err := zip.OpenReader(file)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = r.Close() }()
		for _, f := range r.File {
			out = append(out, f.Name)
		}
		return out
	}
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	gz, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	r := tar.NewReader(gz)
	h, err := r.Next()
	for ; err == nil; h, err = r.Next() {
		out = append(out, h.Name)
	}
	if !errors.Is(err, io.EOF) {
		t.Fatal(err)
	}
	return out
}

// TestArchiveRefusals: before anything is compiled.
func TestArchiveRefusals(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name  string
		spoil func(*job) error
		says  string
	}{
		{"no licence", func(j *job) error { return os.Remove(j.path("LICENSE")) }, `"LICENSE"`},
		{"no completions", func(j *job) error { return os.RemoveAll(j.path(j.CLI.Completions)) }, "git restore"},
		{"an odd file", func(j *job) error { return os.Mkdir(j.path(j.CLI.Completions+"/x"), 0o755) }, "no plain file"},
		{"an odd version", func(j *job) error { j.Version = "1:2"; return nil }, "':'"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			j, binaries, _ := archiveJob(t, nil)
			if err := c.spoil(j); err != nil {
				t.Fatal(err)
			}
			if err := j.archiveReady([]xbuild.Platform{binaries[0].Platform}); err == nil || !strings.Contains(err.Error(), c.says) {
				t.Errorf("got %v, want something with %q", err, c.says)
			}
			if _, err := j.archives(t.Context(), binaries); err == nil {
				t.Error("it was archived all the same")
			}
			if _, err := os.Stat(j.path("dist/cli/" + xbuild.SumsFile)); !errors.Is(err, fs.ErrNotExist) {
				t.Errorf("%s: %v", xbuild.SumsFile, err)
			}
		})
	}
}

// TestCompletionScripts: bash and zsh and fish, where they are, can read what is
// in the archives.
func TestCompletionScripts(t *testing.T) {
	t.Parallel()
	j, _, _ := archiveJob(t, nil)
	for shell, file := range map[string]string{"bash": "noetl.bash", "zsh": "_noetl", "fish": "noetl.fish"} {
		path, err := exec.LookPath(shell)
		if err != nil {
			continue // people have one of them; the program's own tests hold all scripts against their generator
		}
		if out, err := exec.CommandContext(t.Context(), path, "-n", j.path(j.CLI.Completions+"/"+file)).CombinedOutput(); err != nil {
			t.Errorf("%s: %v: %s", shell, err, out)
		}
	}
}
