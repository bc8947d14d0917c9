package oci

import (
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"
)

// TestPruneBounds: the least recently used goes first, and nothing that a build may be using.
func TestPruneBounds(t *testing.T) {
	t.Parallel()
	tests := []struct {
		most int64
		left []string
	}{
		{0, []string{"day", "hours", "now", "two-days"}},
		{400, []string{"day", "hours", "now", "two-days"}},
		{399, []string{"day", "hours", "now"}},
		{200, []string{"hours", "now"}},
		{1, []string{"now"}},
	}
	for _, test := range tests {
		dir := t.TempDir()
		for name, age := range map[string]time.Duration{"two-days": 48 * time.Hour, "day": 24 * time.Hour, "hours": 3 * time.Hour, "now": time.Minute} {
			file := filepath.Join(dir, name)
			if err := os.WriteFile(file, make([]byte, 100), 0o644); err != nil {
				t.Fatal(err)
			}
			used := time.Now().Add(-age)
			if err := os.Chtimes(file, used, used); err != nil {
				t.Fatal(err)
			}
		}
		if err := (Cache{Dir: dir}).Prune(30*24*time.Hour, test.most); err != nil {
			t.Fatal(err)
		}
		entries, _ := os.ReadDir(dir)
		var left []string
		for _, e := range entries {
			left = append(left, e.Name())
		}
		if !slices.Equal(left, test.left) {
			t.Errorf("bound to %d bytes there is %q, want %q", test.most, left, test.left)
		}
	}
}
