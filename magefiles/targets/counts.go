package targets

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// counts is how many tests ran, of any language.
type counts struct{ passed, failed, skipped int }

func (c counts) add(d counts) counts {
	return counts{c.passed + d.passed, c.failed + d.failed, c.skipped + d.skipped}
}

// String is the closing line of a test run, in the form that CI systems read.
func (c counts) String() string {
	return fmt.Sprintf("%d passed, %d failed, %d skipped", c.passed, c.failed, c.skipped)
}

// watched is told how a run of go's tests goes.
type watched struct {
	begun func(c counts, test string)
	ended func(test string, took time.Duration) // of tests, not of their parts
}

// goCounts reads `go test -json`. It writes what failed, and only that, to
// shown: the output of passing tests is noise.
func goCounts(r io.Reader, shown io.Writer, w watched) (counts, error) {
	type event struct {
		Action, Package, Test, Output string
		Elapsed                       float64 // seconds
	}
	var c counts
	output := map[string]*bytes.Buffer{}
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, 16<<20)
	for lines.Scan() {
		var e event
		if json.Unmarshal(lines.Bytes(), &e) != nil {
			// What go prints outside the stream: compile errors, vet.
			fmt.Fprintf(shown, "%s\n", lines.Bytes())
			continue
		}
		if (e.Action == "pass" || e.Action == "fail") && e.Test != "" && !strings.Contains(e.Test, "/") {
			w.ended(e.Test, time.Duration(e.Elapsed*float64(time.Second)))
		}
		key := e.Package + " " + e.Test
		switch {
		case e.Action == "output" || e.Action == "build-output":
			if output[key] == nil {
				output[key] = new(bytes.Buffer)
			}
			output[key].WriteString(e.Output)
		case e.Action == "fail" || e.Action == "build-fail":
			if b := output[key]; b != nil {
				_, _ = shown.Write(b.Bytes())
			}
			if e.Test != "" {
				c.failed++
			}
		case e.Test == "": // a package's own verdict
		case e.Action == "run":
			w.begun(c, e.Test)
		case e.Action == "pass":
			c.passed++
		case e.Action == "skip":
			c.skipped++
			fmt.Fprintf(shown, "skipped %s", strings.TrimLeft(reason(output[key]), " "))
		}
	}
	return c, lines.Err()
}

// reason is the last line but one that a skipped test printed: why.
func reason(b *bytes.Buffer) string {
	if b == nil {
		return "\n"
	}
	var last string
	for line := range strings.Lines(b.String()) {
		if t := strings.TrimSpace(line); t != "" && !strings.HasPrefix(t, "===") && !strings.HasPrefix(t, "---") {
			last = line
		}
	}
	return last
}

// wordCounts sums what cargo test, pytest and vitest say in words: "12 passed",
// "1 failed", "3 skipped" ("ignored", in Rust), on lines that match only.
func wordCounts(text string, only *regexp.Regexp) counts {
	var c counts
	words := regexp.MustCompile(`(\d+) (passed|failed|skipped|ignored|errors?)\b`)
	for line := range strings.Lines(text) {
		if !only.MatchString(line) {
			continue
		}
		for _, m := range words.FindAllStringSubmatch(line, -1) {
			n, err := strconv.Atoi(m[1])
			if err != nil {
				continue
			}
			switch m[2] {
			case "passed":
				c.passed += n
			case "failed", "error", "errors":
				c.failed += n
			default:
				c.skipped += n
			}
		}
	}
	return c
}
