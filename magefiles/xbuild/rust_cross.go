package xbuild

import (
	"context"
	"errors"
)

// tryCross is the slot for cross, which needs a container engine.
func (c *chooser) tryCross(context.Context) (Toolchain, error) {
	return Toolchain{}, errors.New("cross: not supported yet")
}
