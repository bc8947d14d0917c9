//go:build e2e

package e2e

import (
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
)

// nobody is on every Linux; it owns nothing.
const nobody = 65534

// TestReproducible: another clone in another folder, built by another user with
// nothing in their caches, another umask and another time zone, has the same
// digest. Of the first build it only shares the compiled mage.
func TestReproducible(t *testing.T) {
	needRoot(t)
	c := images(t)
	want := c.result(t)
	other := stranger(t, c)
	r := other.must(t, "bootstrap", "images")
	got := other.result(t)
	t.Logf("build as another user, cold: %.0f s", r.took.Seconds())
	if got.Digest == want.Digest {
		return
	}
	t.Errorf("the digest is %s here and %s there", want.Digest, got.Digest)
	for i, p := range want.Platforms {
		for layer, digest := range p.layers() {
			if there := got.Platforms[i].layers()[layer]; there != digest {
				t.Errorf("%s, layer %q: %s here and %s there", p.Platform, layer, digest, there)
			}
		}
	}
}

// stranger is a clone that belongs to nobody, and how nobody runs mage in it.
func stranger(t *testing.T, c checkout) checkout {
	t.Helper()
	home := filepath.Join(world.temp, "stranger")
	other := checkout{
		dir: filepath.Join(home, "src", "elsewhere"), user: nobody, bin: mageBinary(t, c),
		env: strangersEnv(os.Environ(), home), wrap: []string{"sh", "-c", `umask 077 && exec "$@"`, "sh"},
	}
	if err := os.MkdirAll(filepath.Dir(other.dir), 0o755); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = exec.Command("rm", "-rf", home).Run() })
	out, err := exec.Command("sh", "-c", `umask 027 && git clone --quiet "$1" "$2"`, "sh", c.dir, other.dir).CombinedOutput()
	if err != nil {
		t.Fatalf("cloning: %v: %s", err, out)
	}
	if out, err := exec.Command("chown", "-R", strconv.Itoa(nobody)+":"+strconv.Itoa(nobody), home).CombinedOutput(); err != nil {
		t.Fatalf("giving the clone away: %v: %s", err, out)
	}
	for _, tool := range []string{"cargo", "node", "npm", "python3", "git"} {
		cmd := exec.Command("sh", "-c", "command -v "+tool)
		cmd.Env = other.env
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: nobody, Gid: nobody}}
		need(t, cmd.Run() == nil, "%s where other users find it too", tool)
	}
	return other
}

// mageBinary compiles the targets once; it may run in any clone of the commit.
func mageBinary(t *testing.T, c checkout) string {
	t.Helper()
	bin := filepath.Join(world.temp, "mage-bin")
	if _, err := os.Stat(bin); err != nil {
		c.must(t, "-compile", bin)
	}
	return bin
}

// strangersEnv has nothing of this user's home, which others may not read.
func strangersEnv(environ []string, home string) []string {
	own, _ := os.UserHomeDir()
	private := func(path string) bool { return own != "" && own != "/" && strings.HasPrefix(path, own) }
	var out []string
	for _, pair := range cleanEnv(environ) {
		key, value, _ := strings.Cut(pair, "=")
		switch {
		case key == "PATH":
			var dirs []string
			for _, dir := range filepath.SplitList(value) {
				if !private(dir) {
					dirs = append(dirs, dir)
				}
			}
			out = append(out, "PATH="+strings.Join(dirs, ":"))
		case private(value), key == "HOME", strings.HasPrefix(key, "XDG_"):
		default:
			out = append(out, pair)
		}
	}
	return append(out, "HOME="+home, "TZ=Pacific/Kiritimati", "LC_ALL=C", "NOETL_CACHE="+filepath.Join(home, "build cache"))
}
