package xbuild

import (
	"debug/elf"

	"golang.org/x/sys/unix"
)

// probeHost reads the shell's ELF header: every userland has /bin/sh, and it is
// linked against the libc that programs here get.
func probeHost(f hostFacts) hostFacts {
	f.userland = elfArch("/bin/sh")
	var u unix.Utsname
	if unix.Uname(&u) == nil {
		f.machine = unix.ByteSliceToString(u.Machine[:])
	}
	return f
}

// elfArch is Go's name for the machine of an ELF file, "" if it has none here.
func elfArch(name string) string {
	file, err := elf.Open(name)
	if err != nil {
		return ""
	}
	defer func() { _ = file.Close() }()
	switch file.Machine {
	case elf.EM_X86_64:
		if file.Class == elf.ELFCLASS64 { // x32 is EM_X86_64 too
			return "amd64"
		}
	case elf.EM_AARCH64:
		return "arm64"
	case elf.EM_ARM:
		return "arm"
	case elf.EM_386:
		return "386"
	}
	return ""
}
