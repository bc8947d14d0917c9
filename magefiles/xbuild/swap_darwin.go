package xbuild

import "golang.org/x/sys/unix"

// exchange swaps two folders in one step; APFS can, other file systems say no.
func exchange(a, b string) error { return unix.RenamexNp(a, b, unix.RENAME_SWAP) }
