package report

import (
	"bytes"
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"
	"time"
)

func sample() ([]string, [][]Cell) {
	return []string{"PLATFORM", "SIZE", "LAYERS", "AUDIT"}, [][]Cell{
		{Text("linux/amd64"), Number(Bytes(98_765_432)), Number("6"), Good("fits")},
		{Text("linux/arm/v7"), Number(Bytes(1200)), Number("12"), Bad("2 errors")},
		{Text("日本語|e\u0301*"), Number(""), Number("1"), Caution("1 warning")},
		{Dim("shared\x1b[2J\n")},
		{},
	}
}

func TestTable(t *testing.T) {
	t.Parallel()
	header, rows := sample()
	var out, coloured bytes.Buffer
	New(&out, Options{}).Table(header, rows)
	r := New(&coloured, Options{Color: true})
	r.Table(header, rows)
	golden(t, "table", out.String())
	golden(t, "table-colour", strings.ReplaceAll(coloured.String(), "\x1b", "ESC"))
	if printableLines(coloured.String()) != out.String() {
		t.Error("colour changes the table's shape")
	}
	for line := range strings.Lines(out.String()) {
		if strings.HasSuffix(line, " \n") {
			t.Errorf("trailing space in %q", line)
		}
	}
}

func TestMarkdown(t *testing.T) {
	t.Parallel()
	golden(t, "markdown", Markdown(sample()))
}

func TestBytes(t *testing.T) {
	t.Parallel()
	for n, want := range map[int64]string{
		0: "0 B", 999: "999 B", 1000: "1.00 kB", 1234: "1.23 kB", 9994: "9.99 kB", 9996: "10.0 kB", 99_949: "99.9 kB", 99_960: "100 kB",
		999_499: "999 kB", 999_500: "1.00 MB", 45_600_000: "45.6 MB", 1e9: "1.00 GB", 5e12: "5.00 TB",
		math.MaxInt64: "9.22 EB", -1500: "-1.50 kB", math.MinInt64: "-4.61 EB",
	} {
		if n == math.MinInt64 {
			continue // only must not recurse for ever; see below
		}
		if got := Bytes(n); got != want {
			t.Errorf("%d: got %q, want %q", n, got, want)
		}
	}
	if got := Bytes(math.MinInt64); got == "" || got[0] != '-' {
		t.Errorf("most negative: %q", got)
	}
}

func TestDuration(t *testing.T) {
	t.Parallel()
	for d, want := range map[time.Duration]string{
		-time.Second: "0.0s", 0: "0.0s", 340 * time.Millisecond: "0.3s", 2100 * time.Millisecond: "2.1s", 59_940 * time.Millisecond: "59.9s",
		59_960 * time.Millisecond: "1m00s", 62 * time.Second: "1m02s", time.Hour - time.Second: "59m59s",
		time.Hour - 100*time.Millisecond: "1h00m", 3*time.Hour + 7*time.Minute: "3h07m",
	} {
		if got := Duration(d); got != want {
			t.Errorf("%v: got %q, want %q", d, got, want)
		}
	}
}

func TestText(t *testing.T) {
	t.Parallel()
	for s, want := range map[string]int{"": 0, "abc": 3, "é": 1, "e\u0301": 1, "日本": 4, "✓": 1, "🚀": 2, "a\u200bb": 2} {
		if got := textWidth(s); got != want {
			t.Errorf("width of %q: got %d, want %d", s, got, want)
		}
	}
	for _, c := range []struct {
		in   string
		n    int
		want string
	}{{"abcdef", 6, "abcdef"}, {"abcdef", 5, "abcd…"}, {"日本語", 5, "日本…"}, {"日本語", 4, "日…"}, {"abc", 1, "…"}, {"abc", 0, ""}, {"abc", -3, ""}} {
		if got := truncate(c.in, c.n); got != c.want || textWidth(got) > max(0, c.n) {
			t.Errorf("%q to %d: got %q, want %q", c.in, c.n, got, c.want)
		}
	}
	for in, want := range map[string]string{
		"plain": "plain", "a\tb": "a    b", "\x1b[1;31mred\x1b[0m": "red", "\x1b]0;title\x07x": "x", "\x1b]8;;http://x\x1b\\link": "link",
		"\x1bc\x1b(Bx\x1b": "x", "a\x00\x07\x08b": "ab", "bad\xff": "bad\uFFFD", "\u009b2Jx": "2Jx", "abc\u202edef": "abcdef", "größe": "größe", "a\r\nb": "a  b",
	} {
		if got := printable(in); got != want {
			t.Errorf("%q: got %q, want %q", in, got, want)
		}
	}
}

type cure string

func (c cure) Error() string { return "e:" + string(c) }
func (c cure) Cure() string  { return string(c) }

type exit int

func (e exit) Error() string   { return "exit" }
func (e exit) ExitStatus() int { return int(e) }

func TestError(t *testing.T) {
	t.Parallel()
	if got := Message(nil); got != "" {
		t.Errorf("nil is %q", got)
	}
	inner := errors.Join(cure("install it"), fmt.Errorf("and: %w", cure("log in")), cure("install it"), cure(""))
	err := fmt.Errorf("building: %w\n  | the tool's\n  cure: install it", inner)
	want := "building: e:install it\nand: e:log in\ne:install it\ne:\n  | the tool's\ncure: install it\ncure: log in"
	if got := Message(err); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	shown := &StepError{Step: "ui", Log: "logs/ui.log", Err: err}
	if got := Message(shown); got != "ui: "+strings.Replace(want, "\n  | the tool's", "", 1) {
		t.Errorf("the output is told twice:\n%s", got)
	}
	if got := Message(errors.New("again\x1b[2J")); got != "again" {
		t.Errorf("the screen is erased: %q", got)
	}
	if got := (&StepError{Err: fmt.Errorf("x: %w", exit(7))}).ExitStatus(); got != 7 {
		t.Errorf("status %d", got)
	}
	if got := (&StepError{Err: errors.New("x")}).ExitStatus(); got != 1 {
		t.Errorf("status %d", got)
	}
}
