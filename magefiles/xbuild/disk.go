package xbuild

import (
	"fmt"
	"os"
	"path/filepath"
)

// DiskFree is how many bytes this user may still write to the disk with dir.
// The folder need not exist: the nearest one above it counts.
func DiskFree(dir string) (int64, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return 0, fmt.Errorf("asking for free space in %q: %w", dir, err)
	}
	for {
		if _, err := os.Stat(dir); err == nil || dir == filepath.Dir(dir) {
			break
		}
		dir = filepath.Dir(dir)
	}
	free, err := diskFree(dir)
	if err != nil {
		return 0, fmt.Errorf("asking for free space in %q: %w", dir, err)
	}
	return free, nil
}
