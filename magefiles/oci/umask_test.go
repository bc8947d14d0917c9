//go:build unix

package oci

import (
	"os"
	"path/filepath"
	"testing"

	"golang.org/x/sys/unix"
)

// TestUmask is not parallel: a umask belongs to the whole process.
func TestUmask(t *testing.T) {
	var digests []string
	for _, umask := range []int{0o000, 0o077} {
		old := unix.Umask(umask)
		dir := t.TempDir()
		src, out := filepath.Join(dir, "src"), filepath.Join(dir, "out")
		if err := writeFile(filepath.Join(src, "a", "b"), []byte("x")); err != nil {
			t.Fatal(err)
		}
		index := buildIn(t, filepath.Join(dir, "cache"), onePlatform(&Layer{Name: "l", To: "/x", Tree: Dir(src)}))
		err := WriteLayout(t.Context(), out, index, "v1")
		unix.Umask(old)
		if err != nil {
			t.Fatal(err)
		}
		digests = append(digests, digest(t, index))
		info, err := os.Stat(filepath.Join(out, "blobs", "sha256", digests[0][len("sha256:"):]))
		if err != nil || info.Size() == 0 {
			t.Errorf("index in the layout: %v", err)
		}
	}
	if digests[0] != digests[1] {
		t.Errorf("two digests: %v", digests)
	}
}
