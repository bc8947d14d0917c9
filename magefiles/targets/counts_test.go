package targets

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/noetl/noetl/magefiles/report"
	"github.com/noetl/noetl/magefiles/xbuild"
)

func TestWordCounts(t *testing.T) {
	t.Parallel()
	cases := []struct {
		name, text, only string
		want             counts
	}{
		{
			"cargo", "running 3 tests\ntest result: ok. 3 passed; 0 failed; 1 ignored; 0 measured\n" +
				"test result: FAILED. 2 passed; 1 failed; 0 ignored\n", `^test result:`, counts{5, 1, 1},
		},
		{"pytest", "3 passed in words above\n===== 12 passed, 2 skipped in 1.2s =====\n", `=====| in [\d.]+s`, counts{12, 0, 2}},
		{"pytest quiet", "12 passed, 1 failed, 1 error in 1.2s\n", ` in [\d.]+s`, counts{12, 2, 0}},
		{"vitest", " Test Files  5 passed (5)\n      Tests  30 passed | 1 skipped (31)\n", `^\s*Tests\s`, counts{30, 0, 1}},
		{"nothing", "no tests here\n", `.`, counts{}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if got := wordCounts(c.text, regexp.MustCompile(c.only)); got != c.want {
				t.Errorf("got %v, want %v", got, c.want)
			}
		})
	}
}

func TestGoCounts(t *testing.T) {
	t.Parallel()
	in := `{"Action":"run","Package":"p","Test":"A"}
{"Action":"output","Package":"p","Test":"A","Output":"quiet\n"}
{"Action":"pass","Package":"p","Test":"A/part","Elapsed":2}
{"Action":"pass","Package":"p","Test":"A","Elapsed":2.5}
{"Action":"output","Package":"p","Test":"B","Output":"    b_test.go:1: loud\n"}
{"Action":"fail","Package":"p","Test":"B"}
{"Action":"output","Package":"p","Test":"C","Output":"    c_test.go:1: no tool\n"}
{"Action":"output","Package":"p","Test":"C","Output":"--- SKIP: C\n"}
{"Action":"skip","Package":"p","Test":"C"}
{"Action":"fail","Package":"p"}
# p
p.go:1: does not compile
`
	var shown bytes.Buffer
	var begun, ended []string
	got, err := goCounts(strings.NewReader(in), &shown, watched{
		begun: func(_ counts, test string) { begun = append(begun, test) },
		ended: func(test string, took time.Duration) { ended = append(ended, test+" "+took.String()) },
	})
	if err != nil {
		t.Fatal(err)
	}
	if want := []string{"A 2.5s", "B 0s"}; !slices.Equal(ended, want) {
		t.Errorf("these ended: %q, want %q", ended, want)
	}
	if want := (counts{2, 1, 1}); got != want {
		t.Errorf("got %v, want %v", got, want)
	}
	if len(begun) != 1 || begun[0] != "A" {
		t.Errorf("these began: %q", begun)
	}
	for _, want := range []string{"loud", "no tool", "does not compile"} {
		if !strings.Contains(shown.String(), want) {
			t.Errorf("%q is not shown:\n%s", want, shown.String())
		}
	}
	if strings.Contains(shown.String(), "quiet") {
		t.Errorf("a passing test's output is shown:\n%s", shown.String())
	}
}

// TestGoTestUnreadable: output that cannot be read ends the run; nobody waits
// for go test, whose own writes would wait for a reader.
func TestGoTestUnreadable(t *testing.T) {
	t.Parallel()
	j, rec, _ := testJob(t, nil)
	rec.Reply = func(_ context.Context, c xbuild.Cmd) error {
		for range 20 {
			if _, err := c.Stdout.Write(bytes.Repeat([]byte("x"), 1<<20)); err != nil {
				return err
			}
		}
		return nil
	}
	err := j.show.Step(t.Context(), "x", func(ctx context.Context, s *report.Step) error {
		_, err := j.goTest(ctx, s, suite{cmd: xbuild.Cmd{Name: "go", Args: []string{"test", "-json"}}})
		return err
	})
	if !errors.Is(err, bufio.ErrTooLong) {
		t.Errorf("got %v, want %v", err, bufio.ErrTooLong)
	}
}
