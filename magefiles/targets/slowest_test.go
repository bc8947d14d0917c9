package targets

import (
	"testing"
	"time"
)

func TestSlowest(t *testing.T) {
	t.Parallel()
	var s slowest
	s.add("A", 2*time.Second)
	s.add("B", 90*time.Second)
	s.add("C", 5*time.Second)
	const want = "3 tests took 1m37s; the slowest: B 90 s, C 5 s"
	if got := s.String(2); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
