package targets

import (
	"runtime"
	"runtime/debug"
)

// lateHeap is how much memory a build may take before the first collection, in bytes.
const lateHeap = 64 << 20

// collectLate leaves garbage alone until there is much of it: most builds end before, and collecting from 4 MB on is a tenth of
// their work. With the first collection Go's own pace comes back, so large builds take no more memory than without this.
func collectLate(env func(string) string) {
	if env("GOGC") != "" || env("GOMEMLIMIT") != "" {
		return // somebody knows better
	}
	percent, limit := debug.SetGCPercent(-1), debug.SetMemoryLimit(lateHeap)
	sentinel := new([16]byte)
	runtime.AddCleanup(sentinel, func(struct{}) {
		debug.SetGCPercent(percent)
		debug.SetMemoryLimit(limit)
	}, struct{}{})
}
