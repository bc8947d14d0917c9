//go:build e2e

package e2e

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

var windowsClone struct {
	sync.Once
	checkout
}

// onWindowsToo is a clone of the main clone on the Windows machine, with the
// targets as a program for Windows, and the tools that they run. Python, uv,
// Node.js and npm are real.
func onWindowsToo(t *testing.T) (checkout, windows) {
	t.Helper()
	c, w := images(t), onWindows(t)
	windowsClone.Do(func() {
		const folder = "Users/Jürgen Müller/my work/noetl"
		if err := os.MkdirAll(filepath.Join(w.disk, filepath.Dir(folder)), 0o755); err != nil {
			t.Fatal(err)
		}
		// As Git for Windows is set up by its installer.
		if _, err := onHost("git", "clone", "--quiet", "-c", "core.autocrlf=true", c.dir, filepath.Join(w.disk, folder)); err != nil {
			t.Fatal(err)
		}
		c.must(t, "-goos=windows", "-goarch=amd64", "-compile", filepath.Join(w.disk, "mage.exe"))
		windowsCLI(t, c, w)
		w.put(t, c.cache("debian"), "cache/debian") // the layers have to be made there
		bundle := w.certificates(t)
		path := []string{w.node(t), w.uv(t, c), strings.TrimSuffix(w.python(t), `\python.exe`), w.standIns(t, c, folder)}
		env := []string{
			"WINEPATH=" + strings.Join(path, ";"), "NOETL_CACHE=" + w.path("cache"), "UV_CACHE_DIR=" + w.path("cache/uv"),
			"npm_config_cache=" + w.path("cache/npm"), "NODE_EXTRA_CA_CERTS=" + bundle, "SSL_CERT_FILE=" + bundle,
		}
		registry, err := exec.Command("npm", "config", "get", "registry").Output()
		if err != nil {
			t.Fatal(err)
		}
		env = append(env, "npm_config_registry="+strings.TrimSpace(string(registry)))
		for _, pair := range os.Environ() {
			name, _, _ := strings.Cut(pair, "=")
			if strings.HasPrefix(name, "UV_") || strings.HasSuffix(strings.ToUpper(name), "_PROXY") {
				env = append(env, pair)
			}
		}
		windowsClone.checkout = w.in(folder, w.path("mage.exe"), env...)
	})
	if windowsClone.dir == "" {
		t.Fatal("the clone on Windows could not be made")
	}
	return windowsClone.checkout, w
}

// TestWindowsTargets: what people see first, and what is refused.
func TestWindowsTargets(t *testing.T) {
	m, _ := onWindowsToo(t)
	m.says(t, "setupLocalDev", "-l")
	doctor := m.mage(t, "doctor")
	for _, word := range []string{"windows/amd64", windowsNode, strings.Split(windowsPython, "-")[0], "nothing is missing"} {
		if !strings.Contains(doctor.out, word) {
			t.Errorf("doctor does not say %q", word)
		}
	}
	if doctor.code != 0 || t.Failed() {
		t.Errorf("doctor: exit code %d\n%s", doctor.code, doctor.out)
	}
	m.refused(t, []string{"linux/sparc", "linux/arm64"}, "images", "-platforms=linux/sparc")
	m.refused(t, []string{"nowhere"}, "manifest", `-image=.\nowhere`)
}

// TestWindowsImages: a Windows host makes the image that this one makes, byte
// for byte, out of a checkout whose path has spaces and more.
func TestWindowsImages(t *testing.T) {
	m, w := onWindowsToo(t)
	want := world.main.result(t)
	r := m.must(t, "images")
	t.Logf("images on Windows, cold: %.0f s", r.took.Seconds())
	got := m.result(t)
	for i, p := range want.Platforms {
		for layer, digest := range p.layers() {
			if there := got.Platforms[i].layers()[layer]; there != digest {
				t.Errorf("%s, layer %q: %s here and %s on Windows", p.Platform, layer, digest, there)
			}
		}
	}
	if got.Digest != want.Digest {
		t.Errorf("the digest is %s here and %s on Windows", want.Digest, got.Digest)
	}
	if t.Failed() {
		t.Log(r.out)
	}
	t.Run("no change", func(t *testing.T) {
		again := m.must(t, "images")
		if strings.Count(again.out, ", as before") < 2 || m.result(t).Digest != want.Digest {
			t.Errorf("something is made again, or is another:\n%s", again.out)
		}
		t.Logf("images on Windows again: %.1f s", again.took.Seconds())
	})
	t.Run("read-only files", func(t *testing.T) {
		// As a copy from a CD, a network drive or an old backup has them.
		onHostMust(t, "chmod", "-R", "a-w", m.path("dist/wheels/linux-amd64"))
		if err := os.Remove(m.path("dist/keys/wheels.linux-amd64.json")); err != nil {
			t.Fatal(err)
		}
		m.must(t, "images")
		if again := m.result(t); again.Digest != want.Digest {
			t.Errorf("the digest is %s now", again.Digest)
		}
	})
	t.Run("manifest and audit", func(t *testing.T) {
		w.put(t, world.main.path("dist/images/"+product), "From Linux/"+product)
		for _, image := range []string{`dist\images\` + product, `DIST/Images/` + strings.ToUpper(product), w.path("From Linux/" + product)} {
			if shown := decode[built](t, m.jsonOf(t, "manifest", "-json", "-image="+image)); shown.Digest != want.Digest {
				t.Errorf("manifest -image=%s shows %s, want %s", image, shown.Digest, want.Digest)
			}
		}
		m.says(t, "no findings", "audit", "-image="+w.path("From Linux/"+product))
	})
	calls, err := os.ReadFile(filepath.Join(w.disk, "Rust tools", "bin", "calls.log"))
	if err != nil || !strings.Contains(string(calls), `my work\\noetl\\crates\\noetlctl"`) {
		t.Errorf("the stand-ins were not run in the crate's folder: %v\n%s", err, calls)
	}
}

// TestWindowsLaptop: setupLocalDev leaves a server that runs, from its own
// environment.
func TestWindowsLaptop(t *testing.T) {
	m, w := onWindowsToo(t)
	m.says(t, `.\bin\noetl.exe server start`, "setupLocalDev")
	again := m.must(t, "setupLocalDev")
	t.Logf("setupLocalDev on Windows again: %.1f s", again.took.Seconds())
	if strings.Contains(again.out, "done ") {
		t.Errorf("something was made again:\n%s", again.out)
	}
	for _, dir := range []string{"bin", "noetl/bin"} {
		there, err := os.ReadFile(m.path(dir + "/noetl.exe"))
		made, _ := os.ReadFile(m.path("dist/cli/windows-amd64/noetl.exe"))
		if err != nil || !bytes.Equal(there, made) {
			t.Errorf("%s/noetl.exe is not what was built: %v", dir, err)
		}
	}
	folder, err := filepath.Rel(w.disk, m.dir)
	if err != nil {
		t.Fatal(err)
	}
	w.prompt(t, folder, w.path(folder+"/bin/noetl.exe")).serves(t, `.venv\Scripts\python.exe`)
}

func onHostMust(t *testing.T, name string, args ...string) {
	t.Helper()
	if _, err := onHost(name, args...); err != nil {
		t.Fatal(err)
	}
}
