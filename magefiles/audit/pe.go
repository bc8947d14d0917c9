package audit

import (
	"bytes"
	"encoding/binary"
	"fmt"
)

// Offsets of Microsoft's "PE Format" specification. COFF ones count from
// behind the signature, optional-header ones from behind the COFF header.
const (
	peOffsetAt   = 0x3c
	coffSize     = 20
	coffOptional = 16
	coffFlags    = 18
	coffDLL      = 0x2000

	optSubsystem = 68
	optCLR       = 14 // index of the directory that only .NET files fill
)

// peHead recognises PE files by their MZ stub and the signature it points at.
// An MZ file without one is a program for DOS, and of no interest.
func peHead(h []byte) (Binary, bool) {
	if len(h) < peOffsetAt+4 || !bytes.HasPrefix(h, []byte("MZ")) {
		return Binary{}, false
	}
	at := binary.LittleEndian.Uint32(h[peOffsetAt:])
	if at > HeadSize || int(at)+4+coffSize > len(h) || !bytes.HasPrefix(h[at:], []byte("PE\x00\x00")) {
		return Binary{}, false
	}
	coff := h[at+4:]
	b := peMachine(binary.LittleEndian.Uint16(coff))
	b.Kind = Executable
	if binary.LittleEndian.Uint16(coff[coffFlags:])&coffDLL != 0 {
		b.Kind = Shared
	}
	opt := coff[coffSize:]
	peOptional(&b, opt[:min(len(opt), int(binary.LittleEndian.Uint16(coff[coffOptional:])))])
	return b, true
}

// peOptional looks for the two cases that are PE by form alone: .NET code and
// UEFI programs, among which are Linux kernels.
func peOptional(b *Binary, opt []byte) {
	if len(opt) < optSubsystem+2 {
		return
	}
	if s := binary.LittleEndian.Uint16(opt[optSubsystem:]); s >= 10 && s <= 13 {
		b.OS = "uefi"
	}
	dirs := 96
	if binary.LittleEndian.Uint16(opt) == 0x20b { // PE32+
		dirs = 112
	}
	if len(opt) < dirs || binary.LittleEndian.Uint32(opt[dirs-4:]) <= optCLR {
		return
	}
	if at := dirs + optCLR*8; at+8 <= len(opt) && binary.LittleEndian.Uint32(opt[at:]) != 0 {
		b.Kind, b.OS = Managed, ""
	}
}

func peMachine(machine uint16) Binary {
	b := Binary{Format: PE, OS: "windows", Bits: 64, Endian: "little"}
	switch machine {
	case 0x14c:
		b.Arch, b.Machine, b.Bits = "386", "32-bit x86", 32
	case 0x8664:
		b.Arch, b.Machine = "amd64", "x86-64"
	case 0xaa64, 0xa641, 0xa64e: // the latter two are ARM64EC and ARM64X: they load into arm64 processes
		b.Arch, b.Machine = "arm64", "arm64"
	case 0x1c0, 0x1c2, 0x1c4:
		b.Arch, b.Machine, b.Bits = "arm", "32-bit arm", 32
	case 0x5064:
		b.Arch, b.Machine = "riscv64", "riscv64"
	case 0x6264:
		b.Arch, b.Machine = "loong64", "loong64"
	default:
		b.Arch, b.Machine, b.Bits = fmt.Sprintf("pe-%#x", machine), fmt.Sprintf("unknown machine %#x", machine), 0
	}
	return b
}
