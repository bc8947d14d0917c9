//go:build linux || darwin

package xbuild

import (
	"math"

	"golang.org/x/sys/unix"
)

func diskFree(dir string) (int64, error) {
	var s unix.Statfs_t
	if err := unix.Statfs(dir, &s); err != nil {
		return 0, err
	}
	free := s.Bavail * uint64(s.Bsize) //nolint:gosec // no file system has blocks of a negative size
	return int64(min(free, math.MaxInt64)), nil
}
