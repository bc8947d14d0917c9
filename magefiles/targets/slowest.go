package targets

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"
)

// slowest are tests and how long they took: where a long run can get shorter.
type slowest []timedTest

type timedTest struct {
	name string
	took time.Duration
}

func (s *slowest) add(name string, took time.Duration) { *s = append(*s, timedTest{name, took}) }

// String names the first n, slowest first, and how long all took together.
func (s slowest) String(n int) string {
	sorted := slices.SortedStableFunc(slices.Values(s), func(a, b timedTest) int { return cmp.Compare(b.took, a.took) })
	var all time.Duration
	var names []string
	for i, t := range sorted {
		all += t.took
		if i < n {
			names = append(names, fmt.Sprintf("%s %.0f s", t.name, t.took.Seconds()))
		}
	}
	return fmt.Sprintf("%d tests took %s; the slowest: %s", len(s), all.Round(time.Second), strings.Join(names, ", "))
}
