package xbuild

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
)

// A stamp is a small file that says which key a result was made from. It is written last and at once, so that a result whose
// making was cut short has none, and is made again.

// readStamp returns the content of a stamp, "" if there is none.
func readStamp(name string) string {
	content, err := os.ReadFile(name)
	if err != nil {
		// Whatever the cause, a result that nothing vouches for is made again.
		return ""
	}
	return strings.TrimSpace(string(content))
}

// writeStamp puts a stamp in place whole, making its folder if need be.
func writeStamp(name, key string) error {
	return WriteFile(name, []byte(key+"\n"), 0o644)
}

// dropStamp takes the stamp away before its result is touched.
func dropStamp(name string) error {
	if err := os.Remove(name); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("removing stamp %q: %w", name, err)
	}
	return nil
}
