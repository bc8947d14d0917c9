//go:build !linux && !darwin

package xbuild

import "errors"

// exchange is what this system cannot do; Swap does it in steps.
func exchange(_, _ string) error { return errors.ErrUnsupported }
