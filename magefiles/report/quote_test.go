package report

import (
	"bytes"
	"strings"
	"testing"
)

// TestQuote: what others have written cannot play with the terminal, and is
// coloured only where that is wanted.
func TestQuote(t *testing.T) {
	t.Parallel()
	for _, color := range []bool{false, true} {
		var out bytes.Buffer
		r := New(&out, Options{Color: color})
		r.Note("pod \x1b[2Jx")
		r.Facts([][2]string{{"image", "a"}, {"cluster", "b\x07"}})
		r.Quote("log", []string{"line\x1b]0;title\x07"})
		r.Diff("--- a\n+++ b\n@@ -1 +1 @@\n-old\x1b[1m\n+new\n same\n")
		got := out.String()
		for _, bad := range []string{"\x1b[2J", "\x1b]0", "\x07", "\x1b[1m\n"} {
			if strings.Contains(got, bad) {
				t.Errorf("color %v: %q got through", color, bad)
			}
		}
		if strings.Contains(got, "\x1b[") != color {
			t.Errorf("color %v: %q", color, got)
		}
		if !color && !strings.Contains(got, "image    a\ncluster  b") {
			t.Errorf("the facts are not in columns: %q", got)
		}
	}
}
