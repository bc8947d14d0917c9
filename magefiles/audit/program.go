package audit

import (
	"encoding/binary"
	"fmt"
	"io"
	"slices"
	"strings"
)

// Program is what a loader needs to know of one executable or library, as the
// loader would read it: from program headers, load commands and directories,
// never from the section headers that strip may take away.
type Program struct {
	Binary // Kind is Object, too, for files of debug information split off a program

	// Interpreter is the program that loads this one: PT_INTERP of ELF,
	// LC_LOAD_DYLINKER of Mach-O. Libraries and static programs have none.
	Interpreter string

	// Libraries are the libraries that it is linked with, as written, sorted
	// and each once: DT_NEEDED, LC_LOAD_DYLIB and its kin (weak, re-exported,
	// upward, lazy), imported DLLs (delay-loaded ones, too; upper and lower
	// case are one name there).
	Libraries []string

	// Needed are DT_NEEDED of ELF in the file's order, in which a loader goes
	// through them; each once.
	Needed []string

	// NoDefault reports DF_1_NODEFLIB: its libraries are not sought in the
	// folders that are built into the loader.
	NoDefault bool

	// Optional are those of Libraries without which it starts nevertheless:
	// weak and lazy ones of Mach-O, delay-loaded ones of PE.
	Optional []string

	// Name is what others link it by: DT_SONAME, LC_ID_DYLIB. Usually empty
	// for executables, and for PE always.
	Name string

	// RPath and RunPath are the folders where its libraries are sought, as
	// written ("$ORIGIN/../lib", "@loader_path"), in order: DT_RPATH and
	// LC_RPATH, which libraries inherit from who loads them, and DT_RUNPATH.
	RPath, RunPath []string

	// Versions are the highest version needed of each family of symbol
	// versions of ELF: "GLIBC" -> "2.28", "GLIBCXX" -> "3.4.29". Names without
	// a version are families of their own: "GLIBC_PRIVATE" -> "". Weak needs
	// do not count.
	Versions map[string]string

	// Needs are all symbol versions that it needs, and Defines those that it
	// has to offer itself, in the file's order. A loader compares the names
	// for equality; which is higher is of interest to people only.
	Needs   []VersionNeed
	Defines []string

	// MinOS is the lowest release that it says it runs on: of macOS ("11.0"),
	// or of Windows' subsystem ("6.0"). SDK is the one of macOS that it was
	// built with. Empty where the file does not say.
	MinOS, SDK string

	// Signature is one of the words for Mach-O's code signature, see
	// [Unsigned]; empty for other formats. SignatureFault says in a few words
	// what makes it [BrokenSignature].
	Signature, SignatureFault string

	// CPU is the generation of the processor that an ELF file asks for: "v2" to
	// "v4" of x86-64 (GNU property "x86 ISA needed"), "v4" to "v9" of 32-bit arm
	// (build attribute Tag_CPU_arch). Empty where the file does not say.
	CPU string

	// Static reports an ELF program that neither a loader nor a library is
	// needed for. (Every program of macOS needs dyld, every one of Windows ntdll.)
	Static bool

	// Parts are the programs in a universal Mach-O file, in the order of
	// Slices. Nothing else but Binary is then filled in; see [Program.For].
	Parts []Program
}

// VersionNeed is one symbol version that a library must define.
type VersionNeed struct {
	Library string // as in Libraries
	Version string // "GLIBC_2.28"
	Weak    bool   // the loader goes on without it
}

// For returns the program that a machine of that architecture runs: the part
// for it of a universal file, and every other file itself. arm64e is taken
// only where there is no plain arm64: it is for Apple's own programs.
func (p Program) For(arch string) Program {
	best := p
	for _, part := range p.Parts {
		if part.Arch == arch && (len(best.Parts) > 0 || part.Variant == "") {
			best = part
		}
	}
	return best
}

// ReadProgram reads what a loader would read of a file of size bytes, and the
// whole file where a Mach-O signature is to be verified. Object files, core
// dumps and static libraries have a Binary and nothing more. Any bytes are
// welcome: it neither panics nor allocates more than a small multiple of
// maxTable.
//
// Errors wrap [ErrNotNative], [ErrMalformed], or what r returned. With the
// latter two the Program holds what was read before.
func ReadProgram(r io.ReaderAt, size int64) (Program, error) {
	w := window{r, uint64(max(size, 0)), binary.LittleEndian}
	head, err := w.read("header", 0, min(w.size, HeadSize))
	if err != nil {
		return Program{}, fmt.Errorf("reading program: %w", err)
	}
	b, ok := File(head)
	if !ok {
		return Program{}, fmt.Errorf("reading program: %w", ErrNotNative)
	}
	p := Program{Binary: b}
	if err := p.read(w); err != nil {
		return p, fmt.Errorf("reading %s: %w", b, err)
	}
	return p, nil
}

func (p *Program) read(w window) error {
	if p.Arch == "" && len(p.Slices) == 0 {
		return malformed("its header")
	}
	if p.Endian == "big" {
		w.order = binary.BigEndian
	}
	switch {
	case p.Format == Archive, p.Kind == Object, p.Kind == Core:
		return nil
	case p.Format == ELF:
		return p.readELF(w)
	case p.Format == PE:
		return p.readPE(w)
	case len(p.Slices) > 0:
		return p.readUniversal(w)
	}
	return p.readMachO(w)
}

// link sets the libraries from those that it cannot start without and those
// that it can; who is both is needed.
func (p *Program) link(needed, optional []string, fold bool) {
	needed = tidy(needed, fold)
	p.Libraries = tidy(slices.Concat(needed, optional), fold)
	p.Optional = slices.DeleteFunc(tidy(optional, fold), func(name string) bool {
		return slices.ContainsFunc(needed, func(n string) bool { return n == name || fold && strings.EqualFold(n, name) })
	})
}

// tidy sorts the names and drops doubles; fold makes upper and lower case one.
func tidy(names []string, fold bool) []string {
	key := func(s string) string {
		if fold {
			return strings.ToLower(s)
		}
		return s
	}
	slices.SortStableFunc(names, func(a, b string) int { return strings.Compare(key(a), key(b)) })
	return slices.CompactFunc(names, func(a, b string) bool { return key(a) == key(b) })
}
