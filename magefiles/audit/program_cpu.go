package audit

import (
	"bytes"
	"debug/elf"
	"fmt"
)

// maxNote bounds what is read of notes and attributes, in bytes: real ones have
// some hundred. Nothing in here is a reason to refuse a file, as no loader of
// today does either: what cannot be read says nothing.
const maxNote = 64 << 10

// Notes of the "Linux Extensions to gABI", and the property of the x86-64 psABI.
const (
	noteProperties   = 5          // NT_GNU_PROPERTY_TYPE_0
	propertyX86Needs = 0xc0008002 // GNU_PROPERTY_X86_ISA_1_NEEDED
)

// x86Level reads what processor's level a file needs out of a segment of notes.
func (e *elfReader) x86Level(s elfSegment) string {
	notes, err := e.read("notes", s.offset, min(s.size, maxNote))
	if err != nil {
		return ""
	}
	align := uint64(8) // of property notes in 64-bit files; notes of other kinds have segments of their own
	if !e.wide {
		align = 4
	}
	for len(notes) >= 12 {
		nameSize, size := uint64(e.order.Uint32(notes)), uint64(e.order.Uint32(notes[4:]))
		kind := e.order.Uint32(notes[8:])
		start := up(12+nameSize, 4)
		if start+size > uint64(len(notes)) {
			return ""
		}
		if kind == noteProperties && nameSize == 4 && string(notes[12:16]) == "GNU\x00" {
			return e.x86Property(notes[start:start+size], align)
		}
		notes = notes[min(up(start+size, align), uint64(len(notes))):]
	}
	return ""
}

func (e *elfReader) x86Property(list []byte, align uint64) string {
	for len(list) >= 8 {
		kind, size := e.order.Uint32(list), uint64(e.order.Uint32(list[4:]))
		if 8+size > uint64(len(list)) {
			return ""
		}
		if kind == propertyX86Needs && size == 4 {
			bits := e.order.Uint32(list[8:])
			for level := 3; level > 0; level-- { // bit 0 is the baseline
				if bits&(1<<level) != 0 {
					return fmt.Sprintf("v%d", level+1)
				}
			}
			return ""
		}
		list = list[min(up(8+size, align), uint64(len(list))):]
	}
	return ""
}

func up(n, align uint64) uint64 { return (n + align - 1) &^ (align - 1) }

const shtARMAttributes = 0x70000003

// armArch reads Tag_CPU_arch. It is the one thing that only section headers
// lead to; strip leaves them.
func (e *elfReader) armArch() string {
	h, err := e.read("header", 0, elfHeader32)
	if err != nil || e.wide || e.order.Uint16(h[46:]) != 40 {
		return ""
	}
	table, err := e.read("section headers", uint64(e.order.Uint32(h[32:])), 40*uint64(e.order.Uint16(h[48:])))
	if err != nil {
		return ""
	}
	for ; len(table) > 0; table = table[40:] {
		if elf.SectionType(e.order.Uint32(table[4:])) != shtARMAttributes {
			continue
		}
		size := uint64(e.order.Uint32(table[20:]))
		if data, err := e.read("attributes", uint64(e.order.Uint32(table[16:])), min(size, maxNote)); err == nil {
			return e.armAttributes(data)
		}
	}
	return ""
}

// armAttributes follows "Addenda to, and Errata in, the ABI for the Arm
// Architecture": the vendor "aeabi", of it the attributes of the whole file.
func (e *elfReader) armAttributes(data []byte) string {
	vendor := []byte("aeabi\x00")
	const numbers = 4 + 6 + 1 + 4 // size, vendor, tag of the file's part, its size
	if len(data) < 1+numbers || data[0] != 'A' || !bytes.Equal(data[5:11], vendor) || data[11] != 1 {
		return ""
	}
	list := data[1+numbers:]
	for len(list) > 0 {
		tag, n := uleb(list)
		if n == 0 {
			return ""
		}
		list = list[n:]
		// 4, 5 and 67 are strings, 32 is a number and a string, all others
		// below are numbers; above it even ones are numbers and odd ones strings.
		if tag == 4 || tag == 5 || tag > 32 && tag%2 == 1 {
			_, rest, found := bytes.Cut(list, []byte{0})
			if list = rest; !found {
				return ""
			}
			continue
		}
		value, n := uleb(list)
		if n == 0 {
			return ""
		}
		list = list[n:]
		if tag == 6 {
			return armVersion(value)
		}
		if tag == 32 {
			_, rest, found := bytes.Cut(list, []byte{0})
			if list = rest; !found {
				return ""
			}
		}
	}
	return ""
}

// armVersion maps Tag_CPU_arch. The microcontrollers' profiles say nothing
// that a platform of containers could be compared with.
func armVersion(arch uint64) string {
	switch {
	case arch == 1, arch == 2:
		return "v4"
	case arch >= 3 && arch <= 5:
		return "v5"
	case arch >= 6 && arch <= 9:
		return "v6"
	case arch == 10:
		return "v7"
	case arch == 14:
		return "v8"
	case arch == 22:
		return "v9"
	}
	return ""
}

// uleb reads an unsigned LEB128 number, and how many bytes it has: 0 if broken.
func uleb(b []byte) (value uint64, n int) {
	for i, x := range b[:min(len(b), 9)] {
		value |= uint64(x&0x7f) << (7 * i)
		if x&0x80 == 0 {
			return value, i + 1
		}
	}
	return 0, 0
}
