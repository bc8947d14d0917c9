package audit

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"strings"
	"testing"
)

func TestFile(t *testing.T) {
	t.Parallel()
	le, be := binary.LittleEndian, binary.BigEndian
	arMember := func(name string, body []byte) string {
		return fmt.Sprintf("%-16s%-12d%-6d%-6d%-8s%-10d`\n%s", name, 0, 0, 0, "644", len(body), body)
	}
	for name, c := range map[string]struct {
		head []byte
		want string // "" = not native
	}{
		"elf amd64":      {elfAMD64(), "x86-64 ELF|shared|amd64||64|little"},
		"elf arm64":      {elfARM64(), "arm64 ELF|shared|arm64||64|little"},
		"elf arm64 be":   {elfFile(183, 64, be, 2, 0, 0), "big-endian arm64 ELF|executable|arm64be||64|big"},
		"elf 386":        {elfFile(3, 32, le, 2, 0, 3), "32-bit x86 ELF|executable|386|linux|32|little"},
		"elf x32":        {elfFile(62, 32, le, 3, 0, 0), "x32 (x86-64 with 32-bit pointers) ELF|shared|x32||32|little"},
		"elf armhf":      {elfFile(40, 32, le, 3, 0x5000400, 0), "32-bit arm ELF|shared|arm hard||32|little"},
		"elf armel":      {elfFile(40, 32, le, 3, 0x5000200, 0), "32-bit arm ELF|shared|arm soft||32|little"},
		"elf arm go":     {elfFile(40, 32, le, 2, 0x5000002, 0), "32-bit arm ELF|executable|arm||32|little"},
		"elf arm oabi":   {elfFile(40, 32, le, 2, 0x0000200, 0), "32-bit arm ELF|executable|arm||32|little"},
		"elf ppc64le":    {elfFile(21, 64, le, 3, 0, 0), "ppc64le ELF|shared|ppc64le||64|little"},
		"elf ppc64":      {elfFile(21, 64, be, 3, 0, 0), "big-endian ppc64 ELF|shared|ppc64||64|big"},
		"elf s390x":      {elfFile(22, 64, be, 3, 0, 0), "s390x ELF|shared|s390x||64|big"},
		"elf riscv64":    {elfFile(243, 64, le, 3, 0, 0), "riscv64 ELF|shared|riscv64||64|little"},
		"elf mips64le":   {elfFile(8, 64, le, 3, 0, 0), "mips64le ELF|shared|mips64le||64|little"},
		"elf freebsd":    {elfFile(62, 64, le, 2, 0, 9), "x86-64 ELF|executable|amd64|freebsd|64|little"},
		"elf object":     {elfFile(62, 64, le, 1, 0, 0), "x86-64 ELF object file|object|amd64||64|little"},
		"elf core":       {elfFile(62, 64, le, 4, 0, 0), "x86-64 ELF core dump|core|amd64||64|little"},
		"elf bpf":        {elfFile(247, 64, le, 1, 0, 0), "bpf ELF object file|object|bpf||64|little"},
		"elf unknown":    {elfFile(9999, 64, le, 2, 0, 0), "unknown machine 9999 (64-bit) ELF|executable|elf-9999||64|little"},
		"elf impossible": {elfFile(62, 64, be, 2, 0, 0), "unknown machine 62 (64-bit) ELF|executable|elf-62||64|big"},
		"elf magic only": {[]byte("\x7fELF"), "broken ELF|||||"},
		"elf cut in 64":  {elfAMD64()[:60], "broken ELF|||||"},
		"elf bad class":  {append([]byte("\x7fELF\x07\x01\x01"), make([]byte, 80)...), "broken ELF|||||"},
		"elf bad data":   {append([]byte("\x7fELF\x02\x09\x01"), make([]byte, 80)...), "broken ELF|||||"},

		"macho arm64":     {machoFile(2, 0x100000c), "arm64 Mach-O|executable|arm64|darwin|64|little"},
		"macho bundle":    {machoFile(8, 0x1000007), "x86-64 Mach-O|shared|amd64|darwin|64|little"},
		"macho object":    {machoFile(1, 0x1000007), "x86-64 Mach-O object file|object|amd64|darwin|64|little"},
		"macho universal": {machoFile(0, 0x1000007, 0x100000c), "x86-64 and arm64 Mach-O|shared||darwin||"},
		"macho unknown":   {machoFile(2, 99), "unknown machine 0x63 Mach-O|executable|macho-0x63|darwin|64|little"},
		"macho cut":       {machoFile(2, 0x100000c)[:20], "broken Mach-O|||||"},
		"macho fat cut":   {machoFile(0, 0x1000007, 0x100000c)[:30], "broken Mach-O|||||"},
		"java class 8":    {[]byte("\xca\xfe\xba\xbe\x00\x00\x00\x34 and so on"), ""},
		"java preview":    {[]byte("\xca\xfe\xba\xbe\xff\xff\x00\x3d and so on"), ""},

		"pe amd64 exe":   {peFile(0x8664, 0, 3, false), "x86-64 PE|executable|amd64|windows|64|little"},
		"pe arm64 dll":   {peFile(0xaa64, coffDLL, 2, false), "arm64 PE|shared|arm64|windows|64|little"},
		"pe arm64ec":     {peFile(0xa641, coffDLL, 2, false), "arm64 PE|shared|arm64|windows|64|little"},
		"pe 386":         {peFile(0x14c, 0, 3, false), "32-bit x86 PE|executable|386|windows|32|little"},
		"pe unknown":     {peFile(0x1234, 0, 3, false), "unknown machine 0x1234 PE|executable|pe-0x1234|windows||little"},
		"pe uefi":        {peFile(0x8664, 0, 10, false), "x86-64 PE|executable|amd64|uefi|64|little"},
		"pe managed":     {peFile(0x14c, coffDLL, 3, true), "32-bit x86 PE|managed|386||32|little"},
		"dos program":    {append([]byte("MZ"), make([]byte, 200)...), ""},
		"pe far offset":  {append([]byte("MZ"), bytes.Repeat([]byte{0xff}, 200)...), ""},
		"pe cut":         {peFile(0x8664, 0, 3, false)[:140], ""},
		"text":           {[]byte("MZ is how this text begins"), ""},
		"empty":          {nil, ""},
		"script":         {[]byte("#!/bin/sh\n"), ""},
		"ar of objects":  {[]byte(arMagic + arMember("/", make([]byte, 7)) + "\n" + arMember("x.o/", elfARM64())), "arm64 static library|object|arm64||64|little"},
		"ar bsd names":   {[]byte(arMagic + arMember("#1/4", append([]byte("x.o\x00"), machoFile(1, 0x100000c)...))), "arm64 static library|object|arm64|darwin|64|little"},
		"ar big symbols": {[]byte(arMagic + arMember("/", make([]byte, 5000))), "unknown static library|object|none|||"},
		"ar hostile":     {[]byte(arMagic + "x               0           0     0     0       9223372036`\n"), "unknown static library|object|none|||"},
		"ar negative":    {[]byte(arMagic + "x               0           0     0     0       -5        `\n" + strings.Repeat("y", 99)), "unknown static library|object|none|||"},
		"deb":            {[]byte(arMagic + arMember("debian-binary", []byte("2.0\n"))), ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b, ok := File(c.head)
			got := ""
			if ok {
				got = describe(b)
			}
			if got != c.want {
				t.Errorf("got  %q\nwant %q", got, c.want)
			}
		})
	}
}

func describe(b Binary) string {
	arch := b.Arch
	if b.Variant != "" {
		arch += " " + b.Variant
	}
	bits := ""
	if b.Bits > 0 {
		bits = fmt.Sprint(b.Bits)
	}
	return strings.Join([]string{b.String(), b.Kind, arch, b.OS, bits, b.Endian}, "|")
}

// FuzzFile wants more than no panic: what is identified must make sense, and
// the tail behind the head must not matter.
func FuzzFile(f *testing.F) {
	for _, seed := range [][]byte{
		nil, elfAMD64(), elfFile(40, 32, binary.LittleEndian, 3, 0x5000400, 0), elfFile(22, 64, binary.BigEndian, 2, 0, 3),
		machoFile(2, 0x100000c), machoFile(0, 0x1000007, 0x100000c), peFile(0x8664, coffDLL, 2, true),
		[]byte(arMagic + "x.o/            0           0     0     644     64        `\n" + string(elfARM64())),
		[]byte(arMagic + "#1/99999999     0           0     0     644     9999999999`\n"),
		[]byte("\xca\xfe\xba\xbf\x00\x00\x00\x1e"), []byte("\x7fELF\x02\x01\x01"),
	} {
		f.Add(seed)
	}
	w, err := parsePlatform("linux/arm64")
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		b, ok := File(data)
		if !ok {
			return
		}
		switch b.Format {
		case ELF, MachO, PE, Archive:
		default:
			t.Fatalf("format %q of %q", b.Format, data)
		}
		if (b.Arch == "") != (b.Machine == "") {
			t.Fatalf("arch %q but machine %q", b.Arch, b.Machine)
		}
		if b.Endian != "" && b.Endian != "little" && b.Endian != "big" {
			t.Fatalf("endian %q", b.Endian)
		}
		if v := judge(b, w, "usr/bin/x"); v.id != "" && (v.severity == "" || v.reason == "") {
			t.Fatalf("verdict %+v", v)
		}
		if len(data) == HeadSize {
			if c, ok := File(append(data, "tail"...)); !ok || c.String() != b.String() {
				t.Fatalf("the tail changed %v to %v", b, c)
			}
		}
	})
}
