package xbuild

// RustHint is replaced below.
func RustHint(stderr string) string { return "" }
