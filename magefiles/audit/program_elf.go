package audit

import (
	"debug/elf"
	"strings"
)

// elfReader follows a file as ld.so does: program headers, then the dynamic
// table, whose pointers are addresses in the loaded program. Package debug/elf
// lends the names of the numbers, but not its reader: that one looks at section
// headers, and is by its own words not meant for hostile files.
type elfReader struct {
	window
	wide    bool
	loads   []elfSegment
	strings uint64 // address of the dynamic string table
	named   int    // bytes of all names that were read
}

type elfSegment struct{ kind, offset, address, size uint64 }

// word reads the n-th address-sized word of b.
func (e *elfReader) word(b []byte, n int) uint64 {
	if e.wide {
		return e.order.Uint64(b[8*n:])
	}
	return uint64(e.order.Uint32(b[4*n:]))
}

// at turns an address into an offset in the file.
func (e *elfReader) at(what string, address uint64) (uint64, error) {
	for _, s := range e.loads {
		if address >= s.address && address-s.address < s.size {
			return s.offset + (address - s.address), nil
		}
	}
	return 0, malformed("its %s is at address %#x, where nothing is loaded", what, address)
}

// name reads from the dynamic string table.
func (e *elfReader) name(what string, index uint64) (string, error) {
	off, err := e.at(what, e.strings+index)
	if err != nil {
		return "", err
	}
	name, err := e.text(what, off)
	if e.named += len(name); e.named > maxTable {
		return "", malformed("its names have more than %d bytes", maxTable)
	}
	return name, err
}

func (p *Program) readELF(w window) error {
	e := &elfReader{window: w, wide: p.Bits == 64}
	segments, err := e.segments()
	if err != nil {
		return err
	}
	var dynamic *elfSegment
	for i, s := range segments {
		switch elf.ProgType(s.kind) {
		case elf.PT_LOAD:
			if e.loads = append(e.loads, s); len(e.loads) > maxNames {
				return malformed("it has more than %d segments to load", maxNames)
			}
		case elf.PT_DYNAMIC:
			dynamic = &segments[i]
		case elf.PT_INTERP:
			if p.Interpreter != "" {
				continue // the kernel takes the first
			}
			if p.Interpreter, err = e.text("interpreter", s.offset); err != nil {
				return err
			}
		case elf.PT_NOTE:
			if p.Arch == "amd64" && p.CPU == "" {
				p.CPU = e.x86Level(s)
			}
		}
	}
	if p.Arch == "arm" {
		p.CPU = e.armArch()
	}
	if dynamic != nil && dynamic.size == 0 {
		p.Kind = Object // the companion of a stripped program: debug information, and nothing to load
		return nil
	}
	pie := false
	if dynamic != nil {
		if pie, err = p.elfDynamic(e, *dynamic); err != nil {
			return err
		}
	}
	p.Static = (p.Kind == Executable || pie) && p.Interpreter == "" && len(p.Libraries) == 0
	return nil
}

// segments reads the program headers; their fields and offsets are those of
// the System V ABI (gABI), chapter 5.
func (e *elfReader) segments() ([]elfSegment, error) {
	var offset uint64
	var sizes []byte // e_phentsize, e_phnum
	step := uint16(32)
	if e.wide {
		h, err := e.read("header", 0, elfHeader64)
		if err != nil {
			return nil, err
		}
		offset, sizes, step = e.order.Uint64(h[32:]), h[54:], 56
	} else {
		h, err := e.read("header", 0, elfHeader32)
		if err != nil {
			return nil, err
		}
		offset, sizes = uint64(e.order.Uint32(h[28:])), h[42:]
	}
	count := e.order.Uint16(sizes[2:])
	if count == 0 {
		return nil, nil
	}
	if got := e.order.Uint16(sizes); got != step {
		return nil, malformed("its program headers are of %d bytes instead of %d", got, step)
	}
	table, err := e.read("program headers", offset, uint64(count)*uint64(step))
	if err != nil {
		return nil, err
	}
	var segments []elfSegment
	for ; len(table) > 0; table = table[step:] {
		s := elfSegment{kind: uint64(e.order.Uint32(table))}
		s.offset, s.address, s.size = e.word(table, 1), e.word(table, 2), e.word(table, 4)
		segments = append(segments, s)
	}
	return segments, nil
}

// elfDynamic reads the dynamic table, and reports whether it marks a
// position-independent executable, which is a shared object by its header.
func (p *Program) elfDynamic(e *elfReader, s elfSegment) (pie bool, err error) {
	off, err := e.at("dynamic table", s.address)
	if err != nil {
		return false, err
	}
	table, err := e.read("dynamic table", off, s.size)
	if err != nil {
		return false, err
	}
	step := 8
	if e.wide {
		step = 16
	}
	values := map[elf.DynTag]uint64{}
	var needed []uint64
	for ; len(table) >= step; table = table[step:] {
		tag, value := e.word(table, 0), e.word(table, 1)
		if tag == uint64(elf.DT_NULL) {
			break
		}
		switch t := elf.DynTag(tag); t {
		case elf.DT_NEEDED:
			if needed = append(needed, value); len(needed) > maxNames {
				return false, malformed("it needs more than %d libraries", maxNames)
			}
		case elf.DT_SONAME, elf.DT_RPATH, elf.DT_RUNPATH, elf.DT_STRTAB, elf.DT_VERNEED, elf.DT_VERDEF, elf.DT_FLAGS_1:
			values[t] = value
		}
	}
	e.strings = values[elf.DT_STRTAB]
	seen := map[string]bool{}
	for _, index := range needed {
		name, err := e.name("library's name", index)
		if err != nil {
			return false, err
		}
		p.Libraries = append(p.Libraries, name)
		if !seen[name] {
			p.Needed, seen[name] = append(p.Needed, name), true
		}
	}
	p.NoDefault = elf.DynFlag1(values[elf.DT_FLAGS_1])&elf.DF_1_NODEFLIB != 0
	p.link(p.Libraries, nil, false)
	if err := p.elfNames(e, values); err != nil {
		return false, err
	}
	return elf.DynFlag1(values[elf.DT_FLAGS_1])&elf.DF_1_PIE != 0, p.elfVersions(e, values)
}

func (p *Program) elfNames(e *elfReader, values map[elf.DynTag]uint64) error {
	var rpath, runpath string
	for _, n := range []struct {
		tag elf.DynTag
		to  *string
	}{{elf.DT_SONAME, &p.Name}, {elf.DT_RPATH, &rpath}, {elf.DT_RUNPATH, &runpath}} {
		index, ok := values[n.tag]
		if !ok {
			continue
		}
		var err error
		if *n.to, err = e.name(n.tag.String(), index); err != nil {
			return err
		}
	}
	p.RPath, p.RunPath = splitPath(rpath), splitPath(runpath)
	return nil
}

func splitPath(s string) []string {
	if s == "" {
		return nil
	}
	return strings.Split(s, ":")
}

// linuxInterpreter is where every glibc distribution has the loader of arch;
// the names are fixed by the processors' ABIs (glibc's wiki, "ABIList").
func linuxInterpreter(arch string) string {
	switch arch {
	case "amd64":
		return "/lib64/ld-linux-x86-64.so.2"
	case "arm64":
		return "/lib/ld-linux-aarch64.so.1"
	case "386":
		return "/lib/ld-linux.so.2"
	case "arm":
		return "/lib/ld-linux-armhf.so.3"
	case "ppc64le":
		return "/lib64/ld64.so.2"
	case "s390x":
		return "/lib/ld64.so.1"
	case "riscv64":
		return "/lib/ld-linux-riscv64-lp64d.so.1"
	case "loong64":
		return "/lib64/ld-linux-loongarch-lp64d.so.1"
	}
	return "/lib64/ld.so.1"
}
