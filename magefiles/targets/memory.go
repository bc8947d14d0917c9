package targets

import (
	"runtime"
	"runtime/debug"
)

// lateHeap is how much memory a build may take before the first collection, in bytes.
const lateHeap = 64 << 20

// thrift is how much garbage may lie beside what lives, after the first collection, in percent of it. Go's own 100 lets a build
// with 10,000 small files, or one that packs the base of two platforms, grow beyond 200 MB.
const thrift = 30

// collectLate leaves garbage alone until there is much of it: most builds end before, and collecting from 4 MB on is a tenth of
// their work. From the first collection on little of it is left lying about, so that large builds stay small in memory.
func collectLate(env func(string) string) {
	if env("GOGC") != "" || env("GOMEMLIMIT") != "" {
		return // somebody knows better
	}
	debug.SetGCPercent(-1)
	limit := debug.SetMemoryLimit(lateHeap)
	sentinel := new([16]byte)
	runtime.AddCleanup(sentinel, func(struct{}) {
		debug.SetGCPercent(thrift)
		debug.SetMemoryLimit(limit)
	}, struct{}{})
}
