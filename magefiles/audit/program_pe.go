package audit

import "fmt"

const (
	optImports       = 1  // index of the directory of imported DLLs
	optDelayImports  = 13 // and of those that are loaded at first use
	optSubsystemAt   = 48 // major and minor version, as two 16-bit numbers
	peSection        = 40 // bytes of a section header
	peImport         = 20 // bytes of an import descriptor
	peDelayImport    = 32
	peDelayIsAddress = 1 // attribute: pointers are relative to the image, as all of today's are
)

// peReader finds in the file what the directories point at by addresses
// relative to the loaded image.
type peReader struct {
	window
	base     uint64 // where the image would like to be loaded
	headers  uint64 // bytes from the file's start that are mapped as they are
	sections []peSpan
}

type peSpan struct{ address, offset, size, memory uint64 }

// emptied reports whether address is in a section whose contents were taken
// out, as they are in the companion of a stripped program.
func (r *peReader) emptied(address uint64) bool {
	for _, s := range r.sections {
		if s.size == 0 && address >= s.address && address-s.address < s.memory {
			return true
		}
	}
	return false
}

func (r *peReader) at(what string, address uint64) (uint64, error) {
	if address < r.headers {
		return address, nil
	}
	for _, s := range r.sections {
		if address >= s.address && address-s.address < s.size {
			return s.offset + address - s.address, nil
		}
	}
	return 0, malformed("its %s is at %#x, where no section is", what, address)
}

// readPE reads the headers and both import directories, by the "PE Format"
// specification. Package debug/pe would stumble over symbol tables and section
// names that no loader looks at.
func (p *Program) readPE(w window) error {
	head, err := w.read("header", 0, peOffsetAt+4)
	if err != nil {
		return err
	}
	at := uint64(w.order.Uint32(head[peOffsetAt:])) + 4
	coff, err := w.read("header", at, coffSize)
	if err != nil {
		return err
	}
	size := uint64(w.order.Uint16(coff[coffOptional:]))
	opt, err := w.read("optional header", at+coffSize, size)
	if err != nil {
		return err
	}
	dirs := 96
	if size >= 2 && w.order.Uint16(opt) == 0x20b {
		dirs = 112
	}
	if len(opt) < dirs {
		return malformed("its optional header has %d bytes", size)
	}
	p.MinOS = fmt.Sprintf("%d.%d", w.order.Uint16(opt[optSubsystemAt:]), w.order.Uint16(opt[optSubsystemAt+2:]))
	r := &peReader{window: w, headers: uint64(w.order.Uint32(opt[60:]))}
	if dirs == 96 {
		r.base = uint64(w.order.Uint32(opt[28:]))
	} else {
		r.base = w.order.Uint64(opt[24:])
	}
	table, err := w.read("section headers", at+coffSize+size, peSection*uint64(w.order.Uint16(coff[2:])))
	if err != nil {
		return err
	}
	for ; len(table) > 0; table = table[peSection:] {
		word := func(i int) uint64 { return uint64(w.order.Uint32(table[i:])) }
		r.sections = append(r.sections, peSpan{memory: word(8), address: word(12), size: word(16), offset: word(20)})
	}
	count := w.order.Uint32(opt[dirs-4:])
	directory := func(i int) uint64 {
		if uint32(i) >= count || len(opt) < dirs+8*i+8 {
			return 0
		}
		return uint64(w.order.Uint32(opt[dirs+8*i:]))
	}
	if r.emptied(directory(optImports)) {
		p.Kind = Object
		return nil
	}
	imports, err := r.imports(directory(optImports))
	if err != nil {
		return err
	}
	delayed, err := r.delayImports(directory(optDelayImports))
	if err != nil {
		return err
	}
	p.link(imports, delayed, true)
	return nil
}

// imports reads the descriptors of DLLs; the loader stops at the first
// without a name or without slots for addresses.
func (r *peReader) imports(address uint64) ([]string, error) {
	return r.names("import directory", address, peImport, func(d []byte) uint64 {
		if r.order.Uint32(d[16:]) == 0 {
			return 0
		}
		return uint64(r.order.Uint32(d[12:]))
	})
}

// delayImports reads the descriptors of DLLs that are loaded at first use.
func (r *peReader) delayImports(address uint64) ([]string, error) {
	return r.names("delay-load directory", address, peDelayImport, func(d []byte) uint64 {
		name := uint64(r.order.Uint32(d[4:]))
		if name != 0 && r.order.Uint32(d)&peDelayIsAddress == 0 {
			name -= r.base // of linkers of the last century
		}
		return name
	})
}

func (r *peReader) names(what string, address, size uint64, nameOf func([]byte) uint64) ([]string, error) {
	var names []string
	for ; address != 0; address += size {
		off, err := r.at(what, address)
		if err != nil {
			return nil, err
		}
		d, err := r.read(what, off, size)
		if err != nil {
			return nil, err
		}
		at := nameOf(d)
		if at == 0 {
			break
		}
		if off, err = r.at("DLL's name", at); err != nil {
			return nil, err
		}
		name, err := r.text("DLL's name", off)
		if err != nil {
			return nil, err
		}
		if names = append(names, name); len(names) > maxNames {
			return nil, malformed("it needs more than %d libraries", maxNames)
		}
	}
	return names, nil
}
