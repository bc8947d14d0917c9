package audit

import (
	"encoding/binary"
	"slices"
	"strings"
	"testing"
)

const (
	cpuAMD64 = 7 | 1<<24
	cpuARM64 = 12 | 1<<24
)

// machoProgram writes a thin 64-bit program out of its load commands.
func machoProgram(cpu uint32, commands ...[]byte) []byte {
	b := machoFile(2, cpu)
	all := slices.Concat(commands...)
	binary.LittleEndian.PutUint32(b[16:], uint32(len(commands)))
	binary.LittleEndian.PutUint32(b[20:], uint32(len(all)))
	return append(b, all...)
}

func machoNumbers(id uint32, values ...uint32) []byte {
	b := binary.LittleEndian.AppendUint32(nil, id)
	b = binary.LittleEndian.AppendUint32(b, uint32(8+4*len(values)))
	for _, v := range values {
		b = binary.LittleEndian.AppendUint32(b, v)
	}
	return b
}

// machoString writes a command of a name: dylibs have three numbers between.
func machoString(id uint32, name string) []byte {
	at := 12
	switch id {
	case lcLoadDylinker, lcRPath:
	default:
		at = 24
	}
	b := machoNumbers(id, uint32(at))
	b = append(append(append(b, make([]byte, at-12)...), name...), 0)
	for len(b)%8 != 0 {
		b = append(b, 0)
	}
	binary.LittleEndian.PutUint32(b[4:], uint32(len(b)))
	return b
}

// machoUniversalFile puts programs behind a table, each at a page of its own.
func machoUniversalFile(wide bool, programs ...[]byte) []byte {
	magic := uint32(machoFat)
	if wide {
		magic = machoFat64
	}
	be := binary.BigEndian
	table := be.AppendUint32(be.AppendUint32(nil, magic), uint32(len(programs)))
	var body []byte
	for _, p := range programs {
		at := 4096 + len(body)
		table = be.AppendUint32(table, binary.LittleEndian.Uint32(p[4:]))
		table = be.AppendUint32(table, 0)
		if wide {
			table = be.AppendUint64(be.AppendUint64(table, uint64(at)), uint64(len(p)))
			table = be.AppendUint64(table, 12)
		} else {
			table = be.AppendUint32(be.AppendUint32(table, uint32(at)), uint32(len(p)))
			table = be.AppendUint32(table, 12)
		}
		body = append(append(body, p...), make([]byte, (4096-len(p)%4096)%4096)...)
	}
	return append(append(table, make([]byte, 4096-len(table))...), body...)
}

func TestReadMachO(t *testing.T) {
	t.Parallel()
	p := mustRead(t, machoProgram(cpuARM64,
		machoString(lcLoadDylib, "/usr/lib/libSystem.B.dylib"),
		machoString(lcWeakDylib, "/usr/lib/libweak.dylib"),
		machoString(lcReexportDylib, "@rpath/libre.dylib"),
		machoString(lcUpwardDylib, "/usr/lib/libup.dylib"),
		machoString(lcLazyDylib, "/usr/lib/liblazy.dylib"),
		machoString(lcLoadDylib, "/usr/lib/libSystem.B.dylib"),
		machoString(lcWeakDylib, "/usr/lib/libSystem.B.dylib"),
		machoString(lcIDDylib, "@rpath/me.dylib"),
		machoString(lcRPath, "@loader_path/../lib"),
		machoString(lcLoadDylinker, "/usr/lib/dyld"),
		machoNumbers(0x7fffffff, 1, 2),
		machoNumbers(lcBuildVersion, 6, 14<<16, 0, 0),
		machoNumbers(lcBuildVersion, 1, 10<<16|15<<8|7, 14<<16|4<<8, 0),
		machoNumbers(lcBuildVersion, 6, 15<<16, 0, 0),
	))
	got := []string{
		strings.Join(p.Libraries, " "), strings.Join(p.Optional, " "), p.Name, strings.Join(p.RPath, " "),
		p.Interpreter, p.MinOS, p.SDK, p.OS, p.Signature,
	}
	want := []string{
		"/usr/lib/libSystem.B.dylib /usr/lib/liblazy.dylib /usr/lib/libup.dylib /usr/lib/libweak.dylib @rpath/libre.dylib",
		"/usr/lib/liblazy.dylib /usr/lib/libweak.dylib", "@rpath/me.dylib", "@loader_path/../lib",
		"/usr/lib/dyld", "10.15.7", "14.4", "darwin", Unsigned,
	}
	if !slices.Equal(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
	old := mustRead(t, machoProgram(cpuAMD64, machoNumbers(lcVersionMinMac, 10<<16|9<<8, 10<<16|11<<8)))
	if old.MinOS != "10.9" || old.SDK != "10.11" {
		t.Errorf("old version command: %q %q", old.MinOS, old.SDK)
	}
	if phone := mustRead(t, machoProgram(cpuARM64, machoNumbers(lcBuildVersion, 2, 17<<16, 0, 0))); phone.OS != "ios" {
		t.Errorf("program for phones: OS %q", phone.OS)
	}
}

func TestReadUniversal(t *testing.T) {
	t.Parallel()
	intel := machoProgram(cpuAMD64, machoNumbers(lcVersionMinMac, 10<<16|9<<8, 0))
	arm := machoProgram(cpuARM64, machoNumbers(lcBuildVersion, 1, 11<<16, 0, 0))
	apple := machoProgram(cpuARM64, machoNumbers(lcBuildVersion, 1, 26<<16, 0, 0))
	binary.LittleEndian.PutUint32(apple[8:], 2) // arm64e
	for _, wide := range []bool{false, true} {
		p := mustRead(t, machoUniversalFile(wide, intel, apple, arm))
		if len(p.Parts) != 3 || p.MinOS != "" {
			t.Fatalf("%+v", p)
		}
		if got := p.For("amd64").MinOS + " " + p.For("arm64").MinOS; got != "10.9 11.0" {
			t.Errorf("got %q", got)
		}
		if got := p.For("386"); len(got.Parts) != 3 {
			t.Errorf("a part for 386: %+v", got)
		}
	}
	if p := mustRead(t, machoUniversalFile(false, intel)).For("amd64"); p.For("arm64").Arch != "amd64" {
		t.Errorf("a thin file is not itself: %+v", p)
	}
}

func TestMalformedMachO(t *testing.T) {
	t.Parallel()
	le := binary.LittleEndian
	change := func(b []byte, at int, v uint32) []byte {
		b = slices.Clone(b)
		le.PutUint32(b[at:], v)
		return b
	}
	good := machoProgram(cpuARM64, machoString(lcLoadDylib, "/usr/lib/libSystem.B.dylib"))
	fat := machoUniversalFile(false, good, machoProgram(cpuAMD64))
	for name, body := range map[string][]byte{
		"commands outside":         change(good, 20, 1<<30),
		"more commands than bytes": change(good, 16, 1<<31),
		"command of no bytes":      change(good, 32+4, 0),
		"command too long":         change(good, 32+4, 1<<31),
		"name before the command":  change(good, 32+8, 4),
		"name behind the command":  change(good, 32+8, 200),
		"short version command":    machoProgram(cpuARM64, machoNumbers(lcBuildVersion, 1)),
		"short build command":      machoProgram(cpuARM64, machoNumbers(lcBuildVersion, 1, 2)),
		"short dylib command":      machoProgram(cpuARM64, machoNumbers(lcLoadDylib)),
		"long name":                machoProgram(cpuARM64, machoString(lcLoadDylib, strings.Repeat("x", maxName+1))),
		"two signatures":           machoProgram(cpuARM64, machoNumbers(lcCodeSignature, 9999, 1), machoNumbers(lcCodeSignature, 9999, 1), machoNumbers(lcCodeSignature, 9999, 1)),
		"slice outside":            fat[:len(fat)-4096-100],
		"slice is nothing":         append(slices.Clone(fat[:4096]), make([]byte, 8192)...),
		"slices overlap":           change(fat, 8+20+8, le.Uint32(fat[8+8:])),
		"slice over the table":     change(fat, 8+8, 0),
		"slice for another":        change(fat, 8, le.Uint32([]byte{1, 0, 0, 7})),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			wantMalformed(t, body)
		})
	}
}
