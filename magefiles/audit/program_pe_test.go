package audit

import (
	"encoding/binary"
	"slices"
	"strings"
	"testing"
)

// peProgram writes a program with one section, at the address 0x1000 and the
// offset 0x400, that holds both import directories and the names. A delayed
// name that begins with "!" is written the way of old linkers, by address.
func peProgram(machine uint16, imports, delayed []string) []byte {
	const address, offset, base = 0x1000, 0x400, 0x400000
	wide := machine != 0x14c
	le := binary.LittleEndian
	delayAt := peImport * (len(imports) + 1)
	section := make([]byte, delayAt+peDelayImport*(len(delayed)+1))
	name := func(s string) uint32 {
		section = append(append(section, s...), 0)
		return uint32(address + len(section) - len(s) - 1)
	}
	for i, s := range imports {
		at := name(s)
		le.PutUint32(section[peImport*i+12:], at)
		le.PutUint32(section[peImport*i+16:], address) // any slot will do
	}
	for i, s := range delayed {
		attributes := uint32(peDelayIsAddress)
		old, isOld := strings.CutPrefix(s, "!")
		at := name(old)
		if isOld {
			attributes, at = 0, at+base
		}
		le.PutUint32(section[delayAt+peDelayImport*i:], attributes)
		le.PutUint32(section[delayAt+peDelayImport*i+4:], at)
	}
	h := make([]byte, offset)
	copy(h, peFile(machine, 0, 3, false)[:132])
	coff := h[132:]
	le.PutUint16(coff, machine)
	le.PutUint16(coff[2:], 1)
	opt, dirs, size := coff[coffSize:], 96, 224
	le.PutUint16(opt, 0x10b)
	le.PutUint32(opt[28:], base)
	if wide {
		dirs, size = 112, 240
		le.PutUint16(opt, 0x20b)
		le.PutUint64(opt[24:], base)
	}
	le.PutUint16(coff[coffOptional:], uint16(size))
	le.PutUint16(opt[optSubsystemAt:], 6)
	le.PutUint16(opt[optSubsystemAt+2:], 2)
	le.PutUint32(opt[60:], offset)
	le.PutUint16(opt[optSubsystem:], 3)
	le.PutUint32(opt[dirs-4:], 16)
	if imports != nil {
		le.PutUint32(opt[dirs+8*optImports:], address)
	}
	if delayed != nil {
		le.PutUint32(opt[dirs+8*optDelayImports:], uint32(address+delayAt))
	}
	header := opt[size:]
	for i, v := range []int{len(section), address, len(section), offset} {
		le.PutUint32(header[8+4*i:], uint32(v))
	}
	return append(h, section...)
}

func TestReadPE(t *testing.T) {
	t.Parallel()
	for _, machine := range []uint16{0x8664, 0x14c, 0xaa64} {
		p := mustRead(t, peProgram(machine, []string{"WS2_32.dll", "KERNEL32.dll", "kernel32.dll", "a.dll"}, []string{"b.dll", "!c.dll", "A.DLL"}))
		want := []string{"a.dll", "b.dll", "c.dll", "KERNEL32.dll", "WS2_32.dll"}
		if machine != 0x14c {
			want = slices.Delete(want, 2, 3)
			p = mustRead(t, peProgram(machine, []string{"WS2_32.dll", "KERNEL32.dll", "kernel32.dll", "a.dll"}, []string{"b.dll", "A.DLL"}))
		}
		if !slices.Equal(p.Libraries, want) || !slices.Equal(p.Optional, slices.DeleteFunc(slices.Clone(want), func(s string) bool { return s != "b.dll" && s != "c.dll" })) {
			t.Errorf("%s: libraries %q, optional %q", p, p.Libraries, p.Optional)
		}
		if p.MinOS != "6.2" || p.Static || p.Signature != "" {
			t.Errorf("%s: %+v", p, p)
		}
	}
	if p := mustRead(t, peProgram(0x8664, nil, nil)); p.Libraries != nil {
		t.Errorf("a program without imports has %q", p.Libraries)
	}
}

func TestMalformedPE(t *testing.T) {
	t.Parallel()
	good := peProgram(0x8664, []string{"a.dll"}, []string{"b.dll"})
	const opt, section = 132 + coffSize, 132 + coffSize + 240
	change := func(at int, v uint32) []byte {
		b := slices.Clone(good)
		binary.LittleEndian.PutUint32(b[at:], v)
		return b
	}
	var many []string
	for range maxNames + 1 {
		many = append(many, "a.dll")
	}
	for name, body := range map[string][]byte{
		"cut in the optional header": good[:opt+100],
		"cut in the sections":        good[:section+8],
		"cut in the names":           good[:len(good)-3],
		"imports nowhere":            change(opt+112+8*optImports, 0x900000),
		"delay imports nowhere":      change(opt+112+8*optDelayImports, 0xffffffff),
		"name nowhere":               change(0x400+12, 0x900000),
		"section outside":            change(section+20, 0xffffff00),
		"no optional header":         change(132+coffOptional, 0),
		"too many libraries":         peProgram(0x8664, many, nil),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			wantMalformed(t, body)
		})
	}
}
