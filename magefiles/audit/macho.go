package audit

import (
	"encoding/binary"
	"fmt"
)

// Magic numbers of <mach-o/loader.h> and <mach-o/fat.h>, read big-endian.
const (
	macho32       = 0xfeedface
	macho64       = 0xfeedfacf
	macho32Swap   = 0xcefaedfe
	macho64Swap   = 0xcffaedfe
	machoFat      = 0xcafebabe
	machoFat64    = 0xcafebabf
	machoMaxSlice = 30 // Java class files share machoFat; what is the count here is at least 45 there
)

func machoHead(h []byte) (Binary, bool) {
	if len(h) < 8 {
		return Binary{}, false
	}
	switch magic := binary.BigEndian.Uint32(h); magic {
	case macho32, macho64:
		return machoThin(h, binary.BigEndian, magic == macho64), true
	case macho32Swap, macho64Swap:
		return machoThin(h, binary.LittleEndian, magic == macho64Swap), true
	case machoFat, machoFat64:
		return machoUniversal(h, magic == machoFat64)
	}
	return Binary{}, false
}

func machoThin(h []byte, order binary.ByteOrder, wide bool) Binary {
	if len(h) < 28 {
		return Binary{Format: MachO}
	}
	b := machoCPU(order.Uint32(h[4:]), order.Uint32(h[8:]))
	b.Kind = machoKind(order.Uint32(h[12:]))
	b.Bits, b.Endian = 32, "little"
	if wide {
		b.Bits = 64
	}
	if order == binary.BigEndian {
		b.Endian = "big"
	}
	return b
}

// machoUniversal reads the table of a universal ("fat") file, which is
// big-endian on every machine. The slices' own headers lie far behind the
// head; the table repeats what matters of them.
func machoUniversal(h []byte, wide bool) (Binary, bool) {
	count, step := binary.BigEndian.Uint32(h[4:]), 20
	if wide {
		step = 32
	}
	if count == 0 || count > machoMaxSlice {
		return Binary{}, false
	}
	b := Binary{Format: MachO, OS: "darwin", Kind: Shared}
	for i := range int(count) {
		at := 8 + i*step
		if at+step > len(h) {
			return Binary{Format: MachO}, true
		}
		b.Slices = append(b.Slices, machoCPU(binary.BigEndian.Uint32(h[at:]), binary.BigEndian.Uint32(h[at+4:])))
	}
	return b, true
}

func machoCPU(cpu, sub uint32) Binary {
	b := Binary{Format: MachO, OS: "darwin", Kind: Shared}
	switch cpu {
	case 7:
		b.Arch, b.Machine = "386", "32-bit x86"
	case 7 | 1<<24:
		b.Arch, b.Machine = "amd64", "x86-64"
	case 12:
		b.Arch, b.Machine = "arm", "32-bit arm"
	case 12 | 1<<24:
		b.Arch, b.Machine = "arm64", "arm64"
		if sub&0xff == 2 {
			b.Variant = "arm64e"
		}
	case 12 | 2<<24:
		b.Arch, b.Machine = "arm64_32", "arm64 with 32-bit pointers"
	case 18:
		b.Arch, b.Machine = "ppc", "32-bit PowerPC"
	case 18 | 1<<24:
		b.Arch, b.Machine = "ppc64", "64-bit PowerPC"
	default:
		b.Arch, b.Machine = fmt.Sprintf("macho-%#x", cpu), fmt.Sprintf("unknown machine %#x", cpu)
	}
	return b
}

func machoKind(t uint32) string {
	switch t {
	case 1, 10, 11: // object, dSYM companion, kext
		return Object
	case 2:
		return Executable
	case 4:
		return Core
	}
	return Shared
}
