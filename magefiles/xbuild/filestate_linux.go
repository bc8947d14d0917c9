package xbuild

import "syscall"

// changeTime is where this system keeps the time of a file's last change.
func changeTime(s *syscall.Stat_t) syscall.Timespec { return s.Ctim }
