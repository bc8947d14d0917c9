//go:build !linux && !darwin && !windows

package xbuild

// probeHost knows nothing more on other systems.
func probeHost(f hostFacts) hostFacts { return f }
