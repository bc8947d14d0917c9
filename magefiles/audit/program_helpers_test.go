package audit

import (
	"bytes"
	"debug/elf"
	"encoding/binary"
	"errors"
	"testing"
)

func mustRead(t testing.TB, body []byte) Program {
	t.Helper()
	p, err := ReadProgram(bytes.NewReader(body), int64(len(body)))
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// wantMalformed reads a file that nobody could load.
func wantMalformed(t *testing.T, body []byte) {
	t.Helper()
	p, err := ReadProgram(bytes.NewReader(body), int64(len(body)))
	if !errors.Is(err, ErrMalformed) {
		t.Errorf("got %+v and error %v, want a malformed file", p, err)
	}
}

// elfSpec describes a program that elfSpec.bytes builds: one segment at elfBase
// that holds the whole file.
type elfSpec struct {
	machine        uint16
	bits           int
	order          byteOrder
	kind           uint16
	interpreter    string
	libraries      []string
	soname         string
	rpath, runpath string
	needs          []VersionNeed
	defines        []string
	flags1         elf.DynFlag1
	noDynamic      bool
	hollow         bool // with an empty dynamic table, as of debug information
}

const elfBase = 0x10000

type byteOrder interface {
	binary.ByteOrder
	binary.AppendByteOrder
}

func elfProgram(arch string, libraries ...string) elfSpec {
	machine := map[string]uint16{"amd64": 62, "arm64": 183}[arch]
	return elfSpec{machine: machine, bits: 64, order: binary.LittleEndian, kind: 3, interpreter: linuxInterpreter(arch), libraries: libraries}
}

// elfStrings is a string table in the making.
type elfStrings struct{ buf []byte }

func (s *elfStrings) add(name string) uint64 {
	if s.buf == nil {
		s.buf = []byte{0}
	}
	at := len(s.buf)
	s.buf = append(append(s.buf, name...), 0)
	return uint64(at)
}

func (s elfSpec) bytes() []byte {
	wide := s.bits == 64
	word := func(b []byte, v uint64) []byte {
		if wide {
			return s.order.AppendUint64(b, v)
		}
		return s.order.AppendUint32(b, uint32(v))
	}
	head, step := 52, 32
	if wide {
		head, step = 64, 56
	}
	phdrs := head
	body := make([]byte, head+3*step)
	copy(body, elfFile(s.machine, s.bits, s.order, s.kind, 0, 0)[:head])
	put := func(data []byte) (at uint64) {
		at = uint64(len(body))
		body = append(body, data...)
		return at
	}
	interp := put(append([]byte(s.interpreter), 0))

	var names elfStrings
	var dynamic []byte
	tag := func(t elf.DynTag, v uint64) { dynamic = word(word(dynamic, uint64(t)), v) }
	for _, l := range s.libraries {
		tag(elf.DT_NEEDED, names.add(l))
	}
	for _, n := range []struct {
		tag  elf.DynTag
		name string
	}{{elf.DT_SONAME, s.soname}, {elf.DT_RPATH, s.rpath}, {elf.DT_RUNPATH, s.runpath}} {
		if n.name != "" {
			tag(n.tag, names.add(n.name))
		}
	}
	if s.flags1 != 0 {
		tag(elf.DT_FLAGS_1, uint64(s.flags1))
	}
	if len(s.needs) > 0 {
		tag(elf.DT_VERNEED, elfBase+put(s.verneed(&names)))
	}
	if len(s.defines) > 0 {
		tag(elf.DT_VERDEF, elfBase+put(s.verdef(&names)))
	}
	tag(elf.DT_STRTAB, elfBase+put(names.buf))
	tag(elf.DT_NULL, 0)
	table := put(dynamic)
	if s.hollow {
		dynamic = nil
	}

	segment := func(i int, kind elf.ProgType, at, size uint64) {
		h := s.order.AppendUint32(nil, uint32(kind))
		if wide {
			h = append(h, 0, 0, 0, 0)
		}
		for _, v := range []uint64{at, elfBase + at, elfBase + at, size, size} {
			h = word(h, v)
		}
		copy(body[phdrs+i*step:], h)
	}
	count := uint16(1)
	segment(0, elf.PT_LOAD, 0, uint64(len(body)))
	if s.interpreter != "" {
		segment(int(count), elf.PT_INTERP, interp, uint64(len(s.interpreter)+1))
		count++
	}
	if !s.noDynamic {
		segment(int(count), elf.PT_DYNAMIC, table, uint64(len(dynamic)))
		count++
	}
	if wide {
		s.order.PutUint64(body[32:], uint64(phdrs))
		s.order.PutUint16(body[54:], uint16(step))
		s.order.PutUint16(body[56:], count)
	} else {
		s.order.PutUint32(body[28:], uint32(phdrs))
		s.order.PutUint16(body[42:], uint16(step))
		s.order.PutUint16(body[44:], count)
	}
	return body
}

// verneed writes one record per run of needs of one library.
func (s elfSpec) verneed(names *elfStrings) []byte {
	var runs [][]VersionNeed
	for i, n := range s.needs {
		if i == 0 || n.Library != s.needs[i-1].Library {
			runs = append(runs, nil)
		}
		runs[len(runs)-1] = append(runs[len(runs)-1], n)
	}
	var b []byte
	u16 := func(v int) { b = s.order.AppendUint16(b, uint16(v)) }
	u32 := func(v uint64) { b = s.order.AppendUint32(b, uint32(v)) }
	link := func(last bool, size int) {
		if last {
			size = 0
		}
		u32(uint64(size))
	}
	for i, run := range runs {
		u16(1)
		u16(len(run))
		u32(names.add(run[0].Library))
		u32(16)
		link(i == len(runs)-1, 16+16*len(run))
		for j, n := range run {
			u32(0) // hash
			if n.Weak {
				u16(int(elf.VER_FLG_WEAK))
			} else {
				u16(0)
			}
			u16(2 + j)
			u32(names.add(n.Version))
			link(j == len(run)-1, 16)
		}
	}
	return b
}

// verdef writes the base record, and then one for each version.
func (s elfSpec) verdef(names *elfStrings) []byte {
	var b []byte
	for i, name := range append([]string{s.soname}, s.defines...) {
		flags, next := uint16(0), uint32(28)
		if i == 0 {
			flags = uint16(elf.VER_FLG_BASE)
		}
		if i == len(s.defines) {
			next = 0
		}
		for _, v := range []uint16{1, flags, uint16(i + 1), 1} {
			b = s.order.AppendUint16(b, v)
		}
		for _, v := range []uint32{0, 20, next, uint32(names.add(name)), 0} {
			b = s.order.AppendUint32(b, v)
		}
	}
	return b
}
