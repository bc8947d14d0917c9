package debian

import (
	"archive/tar"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// compare holds a tree against what apt and dpkg themselves unpack: mmdebstrap
// --variant=extract of the same packages from the same mirror. Every path, mode,
// owner, link and byte has to be the same, but for what we leave out or make on purpose.
func compare(t *testing.T, f Fetcher, spec Spec, arch, dir string, tree *Tree) {
	t.Helper()
	tool, err := exec.LookPath("mmdebstrap")
	if err != nil || os.Geteuid() != 0 {
		t.Log("not compared: that takes mmdebstrap, and root")
		return
	}
	var sources strings.Builder
	for _, s := range spec.Suites {
		fmt.Fprintf(&sources, "deb %s %s main\n", f.bases(archiveOf(s))[0], s.Name)
	}
	out := filepath.Join(dir, arch+".tar")
	cmd := exec.CommandContext(t.Context(), tool, "--variant=extract", "--arch="+arch, "--include="+strings.Join(spec.Seeds, ","), spec.Suites[0].Name, out, "-")
	cmd.Stdin = strings.NewReader(sources.String())
	if text, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, text)
	}
	in, err := os.Open(out)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = in.Close() }()
	archive, same := tar.NewReader(in), 0
	for {
		h, err := archive.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		name, err := clean(h.Name)
		if err != nil {
			t.Fatal(err)
		}
		if ours(name) {
			continue
		}
		i, err := tree.Lstat(name)
		if errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%s: %q is missing", arch, name)
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		if got, want := line(i.Sys().(*tar.Header), must(treeSum(tree, name, i))), line(h, must(tarSum(archive, h))); got != want {
			t.Errorf("%s: %q is %s, with apt %s", arch, name, got, want)
		}
		same++
	}
	t.Logf("%s: %d paths are what apt unpacks", arch, same)
	if same < 1000 {
		t.Errorf("%s: too few for a comparison", arch)
	}
}

// ours names what apt and mmdebstrap leave behind, and what configure changes.
func ours(name string) bool {
	for _, p := range []string{
		"dev", "etc/apt", "etc/dpkg/dpkg.cfg.d", "etc/fstab", "etc/hostname", "etc/resolv.conf",
		"var/cache/apt", "var/lib/apt", "var/lib/dpkg", "var/log/apt", "var/lock", "var/run",
	} {
		if name == p || strings.HasPrefix(name, p+"/") {
			return true
		}
	}
	return false
}

func line(h *tar.Header, sum string) string {
	to := ""
	if h.Typeflag == tar.TypeSymlink {
		to = h.Linkname
	}
	return fmt.Sprintf("%o %d:%d %s %s", h.Mode&0o7777, h.Uid, h.Gid, to, sum)
}

func treeSum(tree *Tree, name string, i fs.FileInfo) (string, error) {
	if !i.Mode().IsRegular() {
		return "", nil
	}
	data, err := tree.ReadFile(name)
	return fmt.Sprintf("%x", sha256.Sum256(data)), err
}

func tarSum(r io.Reader, h *tar.Header) (string, error) {
	if h.Typeflag != tar.TypeReg {
		return "", nil
	}
	sum := sha256.New()
	_, err := io.Copy(sum, r)
	return fmt.Sprintf("%x", sum.Sum(nil)), err
}
