//go:build !linux && !darwin && !windows

package xbuild

import "errors"

func diskFree(string) (int64, error) { return 0, errors.New("not known on this system") }
