package targets

import (
	"runtime"
	"runtime/debug"
	"testing"
	"time"
)

// TestCollectLate: after the first collection a steady pace follows, and nothing is touched if somebody has set one.
func TestCollectLate(t *testing.T) {
	pace := func() (int, int64) {
		percent := debug.SetGCPercent(100)
		debug.SetGCPercent(percent)
		return percent, debug.SetMemoryLimit(-1)
	}
	percent, limit := pace()
	for _, set := range []string{"GOGC", "GOMEMLIMIT"} {
		collectLate(func(name string) string {
			if name == set {
				return "50"
			}
			return ""
		})
		if p, l := pace(); p != percent || l != limit {
			t.Errorf("with %s set the pace is %d %% and %d bytes", set, p, l)
		}
	}
	collectLate(func(string) string { return "" })
	if p, l := pace(); p != -1 || l != lateHeap {
		t.Errorf("at first the pace is %d %% and %d bytes", p, l)
	}
	for deadline := time.Now().Add(10 * time.Second); ; runtime.Gosched() {
		runtime.GC()
		p, l := pace()
		if p == thrift && l == limit {
			debug.SetGCPercent(percent)
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("afterwards the pace is %d %% and %d bytes, not %d %% and %d", p, l, thrift, limit)
		}
	}
}
