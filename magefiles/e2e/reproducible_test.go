//go:build e2e

package e2e

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// nobody is on every Linux; it owns nothing.
const nobody = 65534

// TestReproducible: another clone in another folder, built by another user with
// nothing in their caches, another umask and another time zone, has the same
// digest, and archives with the same checksums. Of the first build it only shares
// the compiled mage.
func TestReproducible(t *testing.T) {
	needRoot(t)
	c := archives(t)
	sums := c.read(t, "dist/cli/SHA256SUMS")
	want := c.result(t)
	other := stranger(t, c)
	r := other.must(t, "bootstrap", "images")
	got := other.result(t)
	t.Logf("build as another user, cold: %.0f s", r.took.Seconds())
	if got.Digest != want.Digest {
		differ(t, want, got)
	}
	r = other.must(t, "crossRust", "-archive", "-platforms="+strings.Join(oneOfEach(), ","))
	t.Logf("and the archives: %.0f s", r.took.Seconds())
	lines := slices.Collect(strings.Lines(other.read(t, "dist/cli/SHA256SUMS")))
	if len(lines) != len(oneOfEach()) {
		t.Errorf("there are %q, want those for %s", lines, oneOfEach())
	}
	for _, line := range lines {
		if !strings.Contains(sums, line) {
			t.Errorf("there it is %s, and here\n%s", line, sums)
		}
	}
}

// differ says in which layers two images differ.
func differ(t *testing.T, want, got built) {
	t.Helper()
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
		dir: filepath.Join(home, "src", "elsewhere"), bin: mageBinary(t, c), env: strangersEnv(os.Environ(), home),
	}
	for _, dir := range []string{filepath.Dir(other.dir), filepath.Join(home, "rust")} {
		if err := os.MkdirAll(dir, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	t.Cleanup(func() { _ = exec.Command("rm", "-rf", home).Run() })
	out, err := exec.Command("sh", "-c", `umask 027 && git clone --quiet "$1" "$2"`, "sh", c.dir, other.dir).CombinedOutput()
	if err != nil {
		t.Fatalf("cloning: %v: %s", err, out)
	}
	if out, err := exec.Command("chown", "-R", strconv.Itoa(nobody)+":"+strconv.Itoa(nobody), home).CombinedOutput(); err != nil {
		t.Fatalf("giving the clone away: %v: %s", err, out)
	}
	rust := filepath.Join(home, "rust")
	other.env = append(other.env, "PATH="+filepath.Join(rust, "bin")+":"+pathOf(other.env))
	// What is mounted is gone with the command, and nobody can write or delete it.
	script := `rust=$1 from=$2; shift 2
		if [ -n "$from" ]; then mount --bind "$from" "$rust" && mount -o remount,bind,ro "$rust" || exit 99; fi
		umask 077 && exec setpriv --reuid=65534 --regid=65534 --clear-groups "$@"`
	other.wrap = []string{"unshare", "--mount", "sh", "-c", script, "sh", rust, privateRust(t, c)}
	for _, tool := range []string{"cargo", "node", "npm", "python3", "git"} {
		cmd := exec.Command(other.wrap[0], append(other.wrap[1:], "sh", "-c", "command -v "+tool)...)
		cmd.Env = other.env
		out, err := cmd.CombinedOutput()
		need(t, err == nil, "%s where other users find it too: %v %s", tool, err, out)
	}
	return other
}

// privateRust is the folder of the Rust of the first build, if it lies in a home
// that others may not enter; else "". Another version would make another program.
func privateRust(t *testing.T, c checkout) string {
	t.Helper()
	used := regexp.MustCompile(`\((/[^)\n]*/cargo)\)`).FindStringSubmatch(c.read(t, "dist/logs/cli.log"))
	if used == nil {
		t.Fatalf("dist/logs/cli.log does not say which cargo was taken")
	}
	if !private(used[1]) {
		return ""
	}
	cmd := exec.Command(filepath.Join(filepath.Dir(used[1]), "rustc"), "--print", "sysroot")
	cmd.Dir = c.path("crates/noetlctl")
	root, err := cmd.Output()
	if err != nil {
		t.Fatalf("asking for Rust's folder: %v", err)
	}
	return strings.TrimSpace(string(root))
}

// private tells whether a path lies in this user's home.
func private(path string) bool {
	own, _ := os.UserHomeDir()
	return own != "" && own != "/" && strings.HasPrefix(path, own)
}

func pathOf(env []string) string {
	for _, pair := range env {
		if path, ok := strings.CutPrefix(pair, "PATH="); ok {
			return path
		}
	}
	return ""
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
