//go:build !windows

package report

import "os"

// enableANSI has nothing to do: terminals of Unix understand ANSI sequences.
func enableANSI(*os.File) bool { return true }
