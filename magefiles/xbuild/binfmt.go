package xbuild

import (
	"encoding/hex"
	"errors"
	"io/fs"
	"slices"
	"strings"
)

// BinfmtDir is where Linux shows which foreign programs it can run.
const BinfmtDir = "/proc/sys/fs/binfmt_misc"

// ErrNoBinfmt says that the kernel's list cannot be seen: it is no Linux, or
// nobody has mounted it here, as in most containers.
var ErrNoBinfmt = errors.New("binfmt_misc is not mounted")

// Emulated lists the architectures, as OCI writes them, whose Linux programs
// the kernel hands to an interpreter. fsys is the folder [BinfmtDir]. Only an
// entry with the flag F works inside containers, too; the others are left out.
func Emulated(fsys fs.FS) ([]string, error) {
	status, err := fs.ReadFile(fsys, "status")
	if err != nil {
		return nil, ErrNoBinfmt
	}
	if strings.TrimSpace(string(status)) != "enabled" {
		return nil, nil
	}
	entries, err := fs.ReadDir(fsys, ".")
	if err != nil {
		return nil, ErrNoBinfmt
	}
	var out []string
	for _, e := range entries {
		text, err := fs.ReadFile(fsys, e.Name())
		if err != nil { // register can only be written
			continue
		}
		if arch := emulatedArch(string(text)); arch != "" && !slices.Contains(out, arch) {
			out = append(out, arch)
		}
	}
	return out, nil
}

// emulatedArch reads the machine of the ELF header that an entry waits for:
// names of entries are whatever somebody chose.
func emulatedArch(entry string) string {
	lines := strings.Split(strings.TrimSpace(entry), "\n")
	if lines[0] != "enabled" {
		return ""
	}
	var magic []byte
	fixed := false
	for _, line := range lines {
		if v, ok := strings.CutPrefix(line, "magic "); ok {
			magic, _ = hex.DecodeString(strings.TrimSpace(v))
		}
		if v, ok := strings.CutPrefix(line, "flags:"); ok {
			fixed = strings.Contains(v, "F")
		}
	}
	if !fixed || len(magic) < 20 || string(magic[:4]) != "\x7fELF" {
		return ""
	}
	machine := int(magic[18]) | int(magic[19])<<8
	if magic[5] == 2 { // big endian
		machine = int(magic[19]) | int(magic[18])<<8
	}
	return map[[3]int]string{
		{62, 2, 1}: "amd64", {183, 2, 1}: "arm64", {40, 1, 1}: "arm", {3, 1, 1}: "386", {243, 2, 1}: "riscv64",
		{21, 2, 1}: "ppc64le", {22, 2, 2}: "s390x", {258, 2, 1}: "loong64", {8, 2, 1}: "mips64le",
	}[[3]int{machine, int(magic[4]), int(magic[5])}]
}
