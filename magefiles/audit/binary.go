package audit

import (
	"fmt"
	"io"
	"slices"
	"strings"
)

// HeadSize is how many bytes of a file are looked at. Every header that
// decides about a platform lies within the first page of the files that
// linkers write.
const HeadSize = 4096

// Formats that [File] knows, as they appear in [Binary].
const (
	ELF     = "ELF"
	MachO   = "Mach-O"
	PE      = "PE"
	Archive = "ar" // a static library; Debian packages are ar files too and do not count
)

// Kinds of files, as they appear in [Binary]. Empty where the header is broken.
const (
	Executable = "executable"
	Shared     = "shared"  // a library, a plug-in, or a position-independent executable
	Object     = "object"  // input of a linker (or a kernel module): nothing a loader takes
	Core       = "core"    // a dump of a dead process
	Managed    = "managed" // .NET code: PE by form, but for any machine
)

// Binary is what a file's header says about itself.
type Binary struct {
	Format string
	Kind   string

	// OS in OCI's spelling, or "" where the header does not say: most ELF
	// files of Linux leave it open. UEFI programs say "uefi".
	OS string

	// Arch in OCI's spelling where OCI has one ("amd64", "arm64", "386");
	// otherwise a plain name ("x32", "bpf"). It includes the byte order and
	// the width: "mips64le" is not "mips". "" means that the header is broken
	// (Machine is then empty too) or a universal file (see Slices).
	Arch string

	// Machine is the processor as people write it: "x86-64", "32-bit arm".
	Machine string

	// Variant is a hint beyond Arch: the float ABI of 32-bit arm, "hard" or
	// "soft", or "arm64e" of Apple's arm64. Usually empty.
	Variant string

	Bits   int    // 32 or 64; 0 where unknown
	Endian string // "little" or "big"; "" where unknown

	// Slices are the parts of a universal Mach-O file, in file order.
	Slices []Binary
}

// Runs reports whether the file holds code for arch.
func (b Binary) Runs(arch string) bool {
	if len(b.Slices) > 0 {
		return slices.ContainsFunc(b.Slices, func(s Binary) bool { return s.Arch == arch })
	}
	return b.Arch == arch
}

// String describes the file for people: "x86-64 ELF", "x86-64 and arm64 Mach-O".
func (b Binary) String() string {
	if len(b.Slices) > 0 {
		var names []string
		for _, s := range b.Slices {
			names = append(names, s.Machine)
		}
		return strings.Join(names, " and ") + " " + b.Format
	}
	words := []string{b.Machine, b.Format}
	if b.Machine == "" {
		words[0] = "broken"
	}
	switch {
	case b.Format == Archive:
		words[1] = "static library"
	case b.Kind == Object:
		words = append(words, "object file")
	case b.Kind == Core:
		words = append(words, "core dump")
	}
	return strings.Join(words, " ")
}

// File identifies a native file by its first bytes; [HeadSize] of them are
// enough, fewer are allowed. False means that it is something else: a script,
// text, data. A file that starts as a native one does and goes on as garbage
// is true, with an empty Arch. It never panics, whatever the bytes.
func File(head []byte) (Binary, bool) {
	head = head[:min(len(head), HeadSize)]
	for _, parse := range []func([]byte) (Binary, bool){elfHead, machoHead, peHead, arHead} {
		if b, ok := parse(head); ok {
			return b, true
		}
	}
	return Binary{}, false
}

// Read is [File] for the beginning of a stream, of which it takes at most
// [HeadSize] bytes.
func Read(r io.Reader) (Binary, bool, error) {
	head := make([]byte, HeadSize)
	n, err := io.ReadFull(r, head)
	if err != nil && err != io.EOF && err != io.ErrUnexpectedEOF {
		return Binary{}, false, fmt.Errorf("reading header: %w", err)
	}
	b, ok := File(head[:n])
	return b, ok, nil
}
