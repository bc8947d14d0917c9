package xbuild

import (
	"path/filepath"
	"testing"
)

// TestStampOfStrangeText: what is no Unicode is the same again when it comes back from the disk, and another one is another.
func TestStampOfStrangeText(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "x.json")
	in := Inputs{{FileInput, "f\xfcr", "1", ""}, {ToolInput, "npm", "J\xfcrgen>11", "J\xfcrgen>11"}}
	if err := (Stamp{Step: "x", Inputs: in}).save(file); err != nil {
		t.Fatal(err)
	}
	s, ok := loadStamp(file)
	if !ok || s.changes(in, nil) != nil {
		t.Errorf("it is not the same again: %v, %q", ok, s.changes(in, nil))
	}
	in[0].Name = "f\xfdr"
	if got := s.changes(in, nil); len(got) != 2 {
		t.Errorf("another name: %q", got)
	}
}
