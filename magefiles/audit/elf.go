package audit

import (
	"bytes"
	"encoding/binary"
	"fmt"
)

// Offsets and sizes of the ELF header, from the System V ABI (gABI), chapter 4.
const (
	elfHeader32 = 52
	elfHeader64 = 64
	elfFlags32  = 36
	elfFlags64  = 48

	armFloatSoft = 0x200 // EF_ARM_ABI_FLOAT_SOFT
	armFloatHard = 0x400 // EF_ARM_ABI_FLOAT_HARD
)

func elfHead(h []byte) (Binary, bool) {
	if !bytes.HasPrefix(h, []byte("\x7fELF")) {
		return Binary{}, false
	}
	broken := Binary{Format: ELF}
	if len(h) < elfHeader32 || h[6] != 1 { // EI_VERSION
		return broken, true
	}
	b := Binary{Format: ELF, OS: elfOS(h[7])}
	var order binary.ByteOrder
	flags := elfFlags32
	switch h[4] { // EI_CLASS
	case 1:
		b.Bits = 32
	case 2:
		b.Bits, flags = 64, elfFlags64
	default:
		return broken, true
	}
	if b.Bits == 64 && len(h) < elfHeader64 {
		return broken, true
	}
	switch h[5] { // EI_DATA
	case 1:
		order, b.Endian = binary.LittleEndian, "little"
	case 2:
		order, b.Endian = binary.BigEndian, "big"
	default:
		return broken, true
	}
	b.Kind = elfKind(order.Uint16(h[16:]))
	b.Arch, b.Machine = elfArch(order.Uint16(h[18:]), b.Bits, b.Endian == "big")
	if b.Arch == "arm" {
		b.Variant = armFloat(order.Uint32(h[flags:]))
	}
	return b, true
}

func elfKind(t uint16) string {
	switch t {
	case 1:
		return Object
	case 2:
		return Executable
	case 3:
		return Shared
	case 4:
		return Core
	}
	return ""
}

// elfOS maps EI_OSABI. Zero is what nearly every file of Linux, and many of
// the BSDs, says; "standalone" is firmware's.
func elfOS(abi byte) string {
	switch abi {
	case 3:
		return "linux"
	case 2:
		return "netbsd"
	case 6:
		return "solaris"
	case 9:
		return "freebsd"
	case 12:
		return "openbsd"
	}
	return ""
}

func armFloat(flags uint32) string {
	switch {
	case flags>>24 != 5: // the flags mean this only in version 5 of the EABI
		return ""
	case flags&armFloatHard != 0:
		return "hard"
	case flags&armFloatSoft != 0:
		return "soft"
	}
	return ""
}

// elfArch maps e_machine (the gABI's registry) to OCI's name and one for
// people. Width and byte order are part of the name.
func elfArch(machine uint16, bits int, big bool) (arch, name string) {
	type key struct {
		machine uint16
		bits    int
		big     bool
	}
	switch (key{machine, bits, big}) {
	case key{3, 32, false}:
		return "386", "32-bit x86"
	case key{62, 64, false}:
		return "amd64", "x86-64"
	case key{62, 32, false}:
		return "x32", "x32 (x86-64 with 32-bit pointers)"
	case key{183, 64, false}:
		return "arm64", "arm64"
	case key{183, 64, true}:
		return "arm64be", "big-endian arm64"
	case key{183, 32, false}:
		return "arm64ilp32", "arm64 with 32-bit pointers"
	case key{40, 32, false}:
		return "arm", "32-bit arm"
	case key{40, 32, true}:
		return "armbe", "big-endian 32-bit arm"
	case key{20, 32, true}:
		return "ppc", "32-bit PowerPC"
	case key{21, 64, true}:
		return "ppc64", "big-endian ppc64"
	case key{21, 64, false}:
		return "ppc64le", "ppc64le"
	case key{22, 64, true}:
		return "s390x", "s390x"
	case key{22, 32, true}:
		return "s390", "31-bit s390"
	case key{243, 64, false}:
		return "riscv64", "riscv64"
	case key{243, 32, false}:
		return "riscv", "32-bit riscv"
	case key{258, 64, false}:
		return "loong64", "loong64"
	case key{8, 32, true}:
		return "mips", "mips"
	case key{8, 32, false}:
		return "mipsle", "mipsle"
	case key{8, 64, true}:
		return "mips64", "mips64"
	case key{8, 64, false}:
		return "mips64le", "mips64le"
	case key{43, 64, true}:
		return "sparc64", "sparc64"
	}
	if name := elfDevice(machine); name != "" {
		return name, name
	}
	return fmt.Sprintf("elf-%d", machine), fmt.Sprintf("unknown machine %d (%d-bit)", machine, bits)
}

// elfDevice names the machines that are no CPU of any host: code for them is
// data to the platform, and the same bytes are right on all of them.
func elfDevice(machine uint16) string {
	switch machine {
	case 0:
		return "none"
	case 83:
		return "avr"
	case 94:
		return "xtensa"
	case 105:
		return "msp430"
	case 164:
		return "hexagon"
	case 190:
		return "cuda"
	case 224:
		return "amdgpu"
	case 247:
		return "bpf"
	}
	return ""
}

// device reports whether arch is one of elfDevice's.
func device(arch string) bool {
	switch arch {
	case "none", "avr", "xtensa", "msp430", "hexagon", "cuda", "amdgpu", "bpf":
		return true
	}
	return false
}
