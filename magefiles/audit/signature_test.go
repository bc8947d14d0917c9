package audit

import (
	"encoding/binary"
	"slices"
	"strings"
	"testing"
)

// signSpec describes a signature that signed makes; the zero value is what a
// linker writes.
type signSpec struct {
	hashes       []byte // hash types, one code directory each; nil is SHA-256
	certificate  []byte // nil makes it ad hoc
	entitlements []byte // with a hash in slot 5 of each directory
	pageBits     byte
	scatter      bool
	shortLimit   uint64 // bytes before the signature that it leaves out
	mayNotBeRun  bool   // neither ad hoc nor with a certificate
}

// signed makes a program of a few pages with that signature.
func signed(s signSpec) []byte {
	if s.hashes == nil {
		s.hashes = []byte{2}
	}
	if s.pageBits == 0 {
		s.pageBits = 12
	}
	const codeSize = 3*4096 + 100
	command := machoNumbers(lcCodeSignature, codeSize, 0)
	code := machoProgram(cpuARM64, machoString(lcLoadDylib, "/usr/lib/libSystem.B.dylib"), command)
	sizeAt := len(code) - 4
	for len(code) < codeSize {
		code = append(code, byte(len(code)), byte(len(code)>>8))
	}
	blob := s.superBlob(code) // once for its size, which is part of what is signed
	binary.LittleEndian.PutUint32(code[sizeAt:], uint32(len(blob)))
	return append(code, s.superBlob(code)...)
}

func (s signSpec) superBlob(code []byte) []byte {
	be := binary.BigEndian
	wrap := func(magic uint32, data []byte) []byte {
		return append(be.AppendUint32(be.AppendUint32(nil, magic), uint32(8+len(data))), data...)
	}
	var slots []uint32
	var parts [][]byte
	entitlements := wrap(0xfade7171, s.entitlements)
	for i, kind := range s.hashes {
		slot := uint32(csSlotDirectory)
		if i > 0 {
			slot = csSlotAlternate + uint32(i) - 1
		}
		slots, parts = append(slots, slot), append(parts, s.directory(kind, code, entitlements))
	}
	if s.entitlements != nil {
		slots, parts = append(slots, 5), append(parts, entitlements)
	}
	slots, parts = append(slots, csSlotCMS), append(parts, wrap(0xfade0b01, s.certificate))
	b := be.AppendUint32(make([]byte, 8), uint32(len(slots)))
	at := 12 + 8*len(slots)
	for i, slot := range slots {
		b = be.AppendUint32(be.AppendUint32(b, slot), uint32(at))
		at += len(parts[i])
	}
	b = append(b, slices.Concat(parts...)...)
	be.PutUint32(b, csSuperBlob)
	be.PutUint32(b[4:], uint32(len(b)))
	return b
}

func (s signSpec) directory(kind byte, code, entitlements []byte) []byte {
	be := binary.BigEndian
	hash, size := csHash(kind)
	h := hash.New()
	limit := uint64(len(code)) - s.shortLimit
	d := make([]byte, 88, 4096)
	d = append(d, "id\x00"...)
	special := uint64(0)
	if s.entitlements != nil {
		special = 5
		d = append(append(d, sum(h, entitlements, size)...), make([]byte, 4*size)...)
	}
	be.PutUint32(d[16:], uint32(len(d)))
	pages := uint32(0)
	for off := uint64(0); off < limit; off += 1 << s.pageBits {
		d = append(d, sum(h, code[off:min(limit, off+1<<s.pageBits)], size)...)
		pages++
	}
	flags := uint32(csFlagAdHoc)
	if s.certificate != nil || s.mayNotBeRun {
		flags = 0
	}
	for at, v := range map[int]uint32{0: csCodeDirectory, 4: uint32(len(d)), 8: 0x20400, 12: flags, 20: 88, 24: uint32(special), 28: pages, 32: uint32(limit)} {
		be.PutUint32(d[at:], v)
	}
	d[36], d[37], d[39] = byte(size), kind, s.pageBits
	if s.scatter {
		d[47] = 1
	}
	return d
}

func TestSignature(t *testing.T) {
	t.Parallel()
	change := func(b []byte, at int) []byte {
		b = slices.Clone(b)
		if at < 0 {
			at += len(b)
		}
		b[at] ^= 1
		return b
	}
	plain := signed(signSpec{})
	entitled := signed(signSpec{entitlements: []byte("<plist/>")})
	twice := slices.Clone(entitled)
	twice[3*4096+100+12+8+3] = csSlotDirectory
	for name, c := range map[string]struct {
		body []byte
		want string // word, and a part of the fault
	}{
		"SHA-256":                 {plain, AdHoc},
		"SHA-1":                   {signed(signSpec{hashes: []byte{1}}), AdHoc},
		"SHA-256 cut short":       {signed(signSpec{hashes: []byte{3}}), AdHoc},
		"SHA-384":                 {signed(signSpec{hashes: []byte{4}}), AdHoc},
		"SHA-1 and SHA-256":       {signed(signSpec{hashes: []byte{1, 2}, certificate: []byte("CMS")}), Signed},
		"pages of 16 KiB":         {signed(signSpec{pageBits: 14}), AdHoc},
		"certificate":             {signed(signSpec{certificate: []byte("CMS")}), Signed},
		"entitlements":            {entitled, AdHoc},
		"bytes behind it":         {append(slices.Clone(plain), "appended"...), AdHoc},
		"first page changed":      {change(plain, 40), "broken: the code is not"},
		"last page changed":       {change(plain, 3*4096+99), "broken: the code is not"},
		"hash changed":            {change(plain, -10-8), "broken: the code is not"},
		"alternate is wrong":      {change(signed(signSpec{hashes: []byte{2, 1}, certificate: []byte("CMS")}), -12), "broken: the code is not"},
		"entitlements changed":    {change(entitled, -12), "broken: its requirements or"},
		"scattered":               {signed(signSpec{scatter: true}), "broken: it is scattered"},
		"small pages":             {signed(signSpec{pageBits: 11}), "broken: its pages"},
		"less than all":           {signed(signSpec{shortLimit: 200}), "broken: it does not cover"},
		"no certificate":          {signed(signSpec{mayNotBeRun: true}), "broken: it names a certificate"},
		"magic":                   {change(plain, 3*4096+100), "broken: it does not begin"},
		"length":                  {change(plain, 3*4096+104), "broken: it does not begin"},
		"directory's magic":       {change(plain, 3*4096+100+28), "broken: its code directory is cut off"},
		"directory's length":      {change(plain, 3*4096+100+28+4), "broken: one of its parts"},
		"hash type":               {change(plain, 3*4096+100+28+37), "broken: its kind of hash"},
		"hash offset":             {change(plain, 3*4096+100+28+16), "broken: its code directory is cut off"},
		"more hashes than are":    {change(plain, 3*4096+100+28+31), "broken: its code directory is cut off"},
		"fewer pages than hashes": {change(plain, 3*4096+100+28+39), "broken: it has not one hash"},
		"cut off":                 {plain[:len(plain)-1], "broken: it lies outside"},
		"none":                    {machoProgram(cpuARM64), Unsigned},
		"points outside":          {machoProgram(cpuARM64, machoNumbers(lcCodeSignature, 1<<31, 1<<31)), "broken: it lies outside"},
		"empty":                   {machoProgram(cpuARM64, machoNumbers(lcCodeSignature, 32, 0)), "broken: it does not begin"},
		"endless index":           {change(plain, 3*4096+100+8), "broken: its index"},
		"two of a kind":           {twice, "broken: it has two parts"},
		"no directory":            {change(plain, 3*4096+100+15), "broken: it has no code directory"},
		"unsigned entitlements":   {change(entitled, 3*4096+100+12+8+3-1), "broken: its requirements or"},
		"directory in nirvana":    {change(plain, 3*4096+100+16), "broken: one of its parts"},
		"identifier in nirvana":   {change(plain, 3*4096+100+28+20), "broken: its code directory is cut off"},
		"special hashes outside":  {change(plain, 3*4096+100+28+24), "broken: its code directory is cut off"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := mustRead(t, c.body)
			got := p.Signature
			if p.SignatureFault != "" {
				got += ": " + p.SignatureFault
			}
			if got != c.want && (!strings.Contains(c.want, ":") || !strings.HasPrefix(got, c.want)) {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}
