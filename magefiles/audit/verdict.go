package audit

import (
	"fmt"
	"path"
	"regexp"
	"strings"
)

// IDs of the findings of this package.
const (
	IDArch      = "arch"      // code for another machine
	IDOS        = "os"        // right machine, other operating system
	IDFormat    = "format"    // a format that this operating system cannot load
	IDFloatABI  = "float-abi" // 32-bit arm: floats are passed another way
	IDMalformed = "malformed" // starts like a native file, and is none
)

// verdict is a finding before it has a place. The zero value means "fits".
type verdict struct{ id, severity, reason string }

// judge holds one file against a platform. name is its path; it counts only
// where a rule about names is older than the file, never to tell what it is.
func judge(b Binary, w want, name string) verdict {
	foreign := w.format != b.Format && b.Format != Archive
	switch {
	case device(b.Arch), b.Kind == Managed, b.OS == "uefi", firmware(name), crossLibrary(b, name):
		return verdict{}
	case b.Format == PE && launcher(name):
		if !foreign && b.Runs(w.arch) {
			return verdict{}
		}
		return verdict{IDFormat, Note, fmt.Sprintf("%s (a launcher for Windows, part of Python's own tools)", b)}
	case foreign:
		return verdict{IDFormat, Warning, fmt.Sprintf("%s (a format of %s)", b, formatOS(b))}
	case b.Arch == "" && len(b.Slices) == 0:
		return verdict{IDMalformed, Warning, fmt.Sprintf("file that begins as %s and has a broken header", b.Format)}
	case !b.Runs(w.arch):
		return verdict{IDArch, archSeverity(b, w), b.String()}
	case b.OS != "" && b.OS != w.os && b.Format != Archive:
		return verdict{IDOS, archSeverity(b, w), fmt.Sprintf("%s for %s", b, b.OS)}
	case w.float != "" && b.Variant != "" && b.Variant != w.float:
		return verdict{IDFloatABI, floatSeverity(b), fmt.Sprintf("%s with %s-float calls", b, b.Variant)}
	}
	return verdict{}
}

// archSeverity is Error but for files that no loader takes, and for programs
// that Windows runs nevertheless: 32-bit x86 on amd64, and all x86 on arm64.
// Libraries get no such grace, as a process loads only its own kind.
func archSeverity(b Binary, w want) string {
	switch {
	case b.Kind == Object, b.Kind == Core:
		return Warning
	case w.os == "windows" && b.Kind == Executable && b.Arch == "386",
		w.os == "windows" && b.Kind == Executable && b.Arch == "amd64" && w.arch == "arm64":
		return Warning
	}
	return Error
}

// floatSeverity lets a program with a fixed address go with a warning: it is
// most likely static, and the kernel does not care how it passes floats.
func floatSeverity(b Binary) string {
	if b.Kind == Shared {
		return Error
	}
	return Warning
}

func formatOS(b Binary) string {
	switch b.Format {
	case PE:
		return "Windows"
	case MachO:
		return "macOS"
	}
	return "Linux"
}

// firmware reports whether the file is for a device or a machine that is only
// simulated: the kernel, an emulator or a boot loader's installer reads it as
// data, and no loader ever does. Most such files are in folders of these names.
func firmware(name string) bool {
	name = strings.TrimPrefix(path.Clean("/"+name), "/usr")
	for _, folder := range []string{
		"/lib/firmware/", "/lib/u-boot/", "/lib/grub/", "/lib/syslinux/", "/lib/ipxe/",
		"/share/qemu/", "/share/qemu-efi-", "/share/seabios/", "/share/openbios/", "/share/slof/", "/share/skiboot/", "/share/opensbi/",
		"/share/OVMF/", "/share/AAVMF/", "/share/edk2/",
	} {
		if strings.HasPrefix(name, folder) {
			return true
		}
	}
	return false
}

var launcherName = regexp.MustCompile(`^(t|w|cli|gui)(-?(32|64|arm64|64-arm))?\.exe$`)

// launcher reports whether name is one of the stubs that setuptools and
// distlib (within pip, too) turn into console scripts on Windows: t64.exe,
// w64-arm.exe, cli-32.exe, gui-arm64.exe and so on.
func launcher(name string) bool {
	dir, file := path.Split(name)
	switch path.Base(dir) {
	case "setuptools", "distlib":
		return launcherName.MatchString(file)
	}
	return false
}
