package report

import (
	"flag"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

var update = flag.Bool("update", false, "rewrite the golden files")

func golden(t *testing.T, name, got string) {
	t.Helper()
	file := filepath.Join("testdata", name+".golden")
	if *update {
		if err := os.MkdirAll("testdata", 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatalf("reading golden file: %v; create it with go test -update", err)
	}
	// Git may check the file out with CRLF on Windows.
	if want := strings.ReplaceAll(string(want), "\r\n", "\n"); got != want {
		t.Errorf("%s differs; accept with -update\n--- got\n%s\n--- want\n%s", file, got, want)
	}
}

// clock is a clock that moves when told to.
type clock struct {
	mu sync.Mutex
	at time.Time
}

func newClock() *clock { return &clock{at: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)} }

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

func (c *clock) pass(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(d)
}

// screen is a terminal of the kind that the live lines need: it knows how to
// move up, return, erase below and colour (which it drops), and it wraps. Any
// other control sequence is an error.
type screen struct {
	t       *testing.T
	mu      sync.Mutex
	columns int
	rows    [][]rune
	y, x    int
	writes  int
}

func newScreen(t *testing.T, columns int) *screen {
	return &screen{t: t, columns: columns, rows: [][]rune{nil}}
}

func (s *screen) size() (int, int) { return s.columns, 10 }

func (s *screen) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.writes++
	text := []rune(string(p))
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case c == '\x1b':
			i += s.escape(string(text[i:])) - 1
		case c == '\r':
			s.x = 0
		case c == '\n':
			s.newline()
		case c < ' ':
			s.t.Errorf("control character %q", c)
		default:
			if s.x >= s.columns {
				s.newline()
			}
			s.rows[s.y] = append(s.rows[s.y][:s.x], c)
			s.x++
		}
	}
	return len(p), nil
}

func (s *screen) newline() {
	s.y, s.x = s.y+1, 0
	if s.y == len(s.rows) {
		s.rows = append(s.rows, nil)
	}
}

func (s *screen) escape(text string) int {
	end := strings.IndexAny(text, "AJm")
	if end < 0 || !strings.HasPrefix(text, "\x1b[") {
		s.t.Errorf("unknown sequence in %q", text)
		return len(text)
	}
	arg := text[2:end]
	switch text[end] {
	case 'A':
		n, err := strconv.Atoi(arg)
		if err != nil || n > s.y {
			s.t.Errorf("moving up %q from row %d", arg, s.y)
		}
		s.y -= min(n, s.y)
	case 'J':
		s.rows = append(s.rows[:s.y], s.rows[s.y][:s.x])
	}
	return end + 1
}

func (s *screen) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var b strings.Builder
	for i, r := range s.rows {
		if i == len(s.rows)-1 && len(r) == 0 {
			break
		}
		b.WriteString(string(r) + "\n")
	}
	return b.String()
}
