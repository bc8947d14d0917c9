package xbuild

import "golang.org/x/sys/unix"

// probeHost asks whether Rosetta translates this process; the name does not
// exist on Intel Macs, which is the same as no.
func probeHost(f hostFacts) hostFacts {
	f.native = f.arch
	if on, err := unix.SysctlUint32("sysctl.proc_translated"); err == nil && on == 1 {
		f.native = "arm64"
	}
	return f
}
