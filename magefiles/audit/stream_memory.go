package audit

import (
	"math"
	"runtime/debug"
)

// frugalLimit is from where on the collector of garbage works harder, in bytes.
const frugalLimit = 400 << 20

// frugal keeps an image of a million files from taking twice the memory that it
// needs: Go's runtime lets garbage grow to the size of what lives. It does
// nothing where somebody has set a limit (GOMEMLIMIT), and next to nothing for
// images of usual size. The function that it returns undoes it.
func frugal() func() {
	if debug.SetMemoryLimit(-1) != math.MaxInt64 {
		return func() {}
	}
	debug.SetMemoryLimit(frugalLimit)
	return func() { debug.SetMemoryLimit(math.MaxInt64) }
}
