package targets

import (
	"runtime"
	"runtime/debug"
	"testing"
	"time"
)

// TestCollectLate: Go's own pace is back after the first collection, and was never gone if somebody has set one.
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
		if p == percent && l == limit {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("afterwards the pace is %d %% and %d bytes, it was %d %% and %d", p, l, percent, limit)
		}
	}
}
