package audit

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
)

// Load commands of <mach-o/loader.h>. The high bit marks those that a loader
// must know; it is part of the number.
const (
	lcLoadDylib     = 0xc
	lcIDDylib       = 0xd
	lcLoadDylinker  = 0xe
	lcCodeSignature = 0x1d
	lcLazyDylib     = 0x20
	lcVersionMinMac = 0x24
	lcBuildVersion  = 0x32
	lcWeakDylib     = 0x18 | lcMust
	lcRPath         = 0x1c | lcMust
	lcReexportDylib = 0x1f | lcMust
	lcUpwardDylib   = 0x23 | lcMust
	lcMust          = 0x80000000
)

// readUniversal reads each slice as the file that it is. Slices may not
// overlap, neither here nor for lipo.
func (p *Program) readUniversal(w window) error {
	head, err := w.read("header", 0, 8)
	if err != nil {
		return err
	}
	step, table := uint64(20), uint64(8)
	wide := binary.BigEndian.Uint32(head) == machoFat64
	if wide {
		step = 32
	}
	entries, err := w.read("table of slices", table, step*uint64(len(p.Slices)))
	if err != nil {
		return err
	}
	spans := []span{{0, table + uint64(len(entries))}}
	for i, want := range p.Slices {
		e := entries[uint64(i)*step:]
		off, n := uint64(binary.BigEndian.Uint32(e[8:])), uint64(binary.BigEndian.Uint32(e[12:]))
		if wide {
			off, n = binary.BigEndian.Uint64(e[8:]), binary.BigEndian.Uint64(e[16:])
		}
		what := want.Machine + " slice"
		slice, err := w.part(what, off, n)
		if err != nil {
			return err
		}
		for _, s := range spans {
			if off < s.end && s.start < off+n {
				return malformed("its %s overlaps with what is before it", what)
			}
		}
		spans = append(spans, span{off, off + n})
		part, err := ReadProgram(slice.r, int64(n))
		switch {
		case errors.Is(err, ErrNotNative), err == nil && (part.Format == ELF || part.Format == PE || len(part.Slices) > 0):
			return malformed("its %s is none", what)
		case err != nil:
			return fmt.Errorf("its %s: %w", what, err)
		case part.Format == MachO && part.Arch != want.Arch:
			return malformed("its %s is %s", what, part)
		}
		p.Parts = append(p.Parts, part)
	}
	return nil
}

type span struct{ start, end uint64 }

func (p *Program) readMachO(w window) error {
	size := uint64(28)
	if p.Bits == 64 {
		size = 32
	}
	head, err := w.read("header", 0, size)
	if err != nil {
		return err
	}
	count := w.order.Uint32(head[16:])
	commands, err := w.read("load commands", size, uint64(w.order.Uint32(head[20:])))
	if err != nil {
		return err
	}
	p.Signature = Unsigned
	for range count {
		if len(commands) < 8 {
			return malformed("it has fewer load commands than the %d that it promises", count)
		}
		n := w.order.Uint32(commands[4:])
		if n < 8 || uint64(n) > uint64(len(commands)) {
			return malformed("one of its load commands has %d bytes", n)
		}
		if err := p.machoCommand(w, commands[:n]); err != nil {
			return err
		}
		commands = commands[n:]
	}
	p.link(p.Libraries, p.Optional, false)
	return nil
}

func (p *Program) machoCommand(w window, c []byte) error {
	id := w.order.Uint32(c)
	switch id {
	case lcLoadDylib, lcWeakDylib, lcReexportDylib, lcUpwardDylib, lcLazyDylib, lcIDDylib, lcLoadDylinker, lcRPath:
		name, err := machoName(w.order, c)
		if err != nil {
			return err
		}
		switch id {
		case lcIDDylib:
			p.Name = name
		case lcLoadDylinker:
			p.Interpreter = name
		case lcRPath:
			p.RPath = append(p.RPath, name)
		case lcWeakDylib, lcLazyDylib:
			p.Optional = append(p.Optional, name)
		default:
			p.Libraries = append(p.Libraries, name)
		}
	case lcVersionMinMac, lcBuildVersion, lcCodeSignature:
		if len(c) < 16 {
			return malformed("its load command %#x has %d bytes", id, len(c))
		}
		switch id {
		case lcVersionMinMac:
			p.MinOS, p.SDK = machoVersion(w.order.Uint32(c[8:])), machoVersion(w.order.Uint32(c[12:]))
		case lcBuildVersion:
			return p.machoBuild(w.order, c)
		case lcCodeSignature:
			return p.readSignature(w, uint64(w.order.Uint32(c[8:])), uint64(w.order.Uint32(c[12:])))
		}
	}
	return nil
}

// machoName reads the string that a load command points at, within itself.
func machoName(order binary.ByteOrder, c []byte) (string, error) {
	if len(c) < 12 {
		return "", malformed("its load command %#x has %d bytes", order.Uint32(c), len(c))
	}
	at := order.Uint32(c[8:])
	if at < 12 || uint64(at) >= uint64(len(c)) {
		return "", malformed("its load command %#x has its name at %d", order.Uint32(c), at)
	}
	name, _, _ := bytes.Cut(c[at:], []byte{0})
	if len(name) > maxName {
		return "", malformed("its load command %#x has a name of %d bytes", order.Uint32(c), len(name))
	}
	return string(name), nil
}

// machoBuild reads LC_BUILD_VERSION. A library can be for macOS and Catalyst
// at once; macOS is what counts then. Others, as iOS', do not run on a Mac's
// command line at all, though processor and format are the same.
func (p *Program) machoBuild(order binary.ByteOrder, c []byte) error {
	if len(c) < 20 {
		return malformed("its load command %#x has %d bytes", lcBuildVersion, len(c))
	}
	platform := order.Uint32(c[8:])
	if platform != 1 && p.MinOS != "" {
		return nil
	}
	p.MinOS, p.SDK = machoVersion(order.Uint32(c[12:])), machoVersion(order.Uint32(c[16:]))
	switch platform {
	case 1, 6: // macOS, Mac Catalyst
		p.OS = "darwin"
	case 2:
		p.OS = "ios"
	case 3:
		p.OS = "tvos"
	case 4:
		p.OS = "watchos"
	case 7:
		p.OS = "ios-simulator"
	case 11:
		p.OS = "visionos"
	default:
		p.OS = fmt.Sprintf("apple-%d", platform)
	}
	return nil
}

// machoVersion formats the nibbles xxxx.yy.zz; zz is left out if it is zero.
func machoVersion(v uint32) string {
	if v == 0 {
		return ""
	}
	s := fmt.Sprintf("%d.%d", v>>16, v>>8&0xff)
	if v&0xff != 0 {
		s += fmt.Sprintf(".%d", v&0xff)
	}
	return s
}
