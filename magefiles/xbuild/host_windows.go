package xbuild

import "golang.org/x/sys/windows"

// probeHost asks for the native machine, which translation does not hide.
func probeHost(f hostFacts) hostFacts {
	var process, native uint16
	if err := windows.IsWow64Process2(windows.CurrentProcess(), &process, &native); err != nil {
		return f
	}
	switch native {
	case 0x8664: // IMAGE_FILE_MACHINE_AMD64
		f.native = "amd64"
	case 0xAA64: // IMAGE_FILE_MACHINE_ARM64
		f.native = "arm64"
	}
	return f
}
