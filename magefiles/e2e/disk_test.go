//go:build e2e

package e2e

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// small lays a file system with very little room over a folder.
func small(t *testing.T, dir, size string) {
	t.Helper()
	needRoot(t)
	out, err := exec.Command("mount", "-t", "tmpfs", "-o", "size="+size, "tmpfs", dir).CombinedOutput()
	need(t, err == nil, "small file systems: %s", out)
	t.Cleanup(func() {
		if out, err := exec.Command("umount", dir).CombinedOutput(); err != nil {
			t.Errorf("umount: %v: %s", err, out)
		}
	})
}

// TestFullDisk: it is said that the disk is full, and nothing half-written lies
// where a whole image is expected.
func TestFullDisk(t *testing.T) {
	c := images(t)
	t.Run("image", func(t *testing.T) {
		c.unchanged(t)
		dir := t.TempDir()
		small(t, dir, "20m")
		c.refused(t, []string{"no space left", "layout"}, "images", "-output="+filepath.Join(dir, "image"))
		if left, err := os.ReadDir(dir); err != nil || len(left) > 0 {
			t.Errorf("%v, %v was left behind", err, left)
		}
	})
	t.Run("downloads", func(t *testing.T) {
		c.unchanged(t)
		small(t, c.cache("debian"), "4m")
		c.refused(t, []string{"no space left", "base"}, "images")
	})
}

// TestNoPermission: somebody else's checkout cannot be written, and that is what
// is said.
func TestNoPermission(t *testing.T) {
	needRoot(t)
	c := images(t)
	c.unchanged(t)
	other := checkout{dir: c.dir, user: nobody, bin: mageBinary(t, c), env: strangersEnv(os.Environ(), "/nonexistent")}
	for _, target := range []string{"images", "setupLocalDev", "clean"} {
		other.refused(t, []string{"permission denied"}, target)
	}
}
