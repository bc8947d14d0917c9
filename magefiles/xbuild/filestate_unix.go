//go:build linux || darwin

package xbuild

import (
	"fmt"
	"io/fs"
	"syscall"
	"time"
)

// fileState is what the system says of a file: equal only if it is the same file and nobody has written to it. changed is the
// time of the last change of any kind, which no program can set.
func fileState(info fs.FileInfo) (state string, changed time.Time, ok bool) {
	s, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return "", time.Time{}, false
	}
	at := changeTime(s)
	changed = time.Unix(at.Unix())
	return fmt.Sprintf("%d.%d.%d.%d.%o.%d", s.Size, s.Ino, info.ModTime().UnixNano(), changed.UnixNano(), s.Mode, s.Dev), changed, true
}
