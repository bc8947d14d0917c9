package audit

import (
	"bytes"
	"encoding/binary"
	"errors"
	"reflect"
	"runtime"
	"slices"
	"testing"
)

// FuzzReadProgram wants more than no panic: an error says whose fault it is, a
// program reads the same twice, names are bounded, and each finding has a cure.
func FuzzReadProgram(f *testing.F) {
	le := binary.LittleEndian
	versions := elfProgram("amd64", "libc.so.6", "libstdc++.so.6")
	versions.needs = []VersionNeed{{"libc.so.6", "GLIBC_2.34", false}, {"libc.so.6", "GLIBC_2.36", true}, {"libstdc++.so.6", "GLIBCXX_3.4.30", false}}
	versions.defines = []string{"X_1.0", "X_2.0"}
	versions.soname, versions.rpath, versions.runpath = "libx.so", "/opt", "$ORIGIN"
	narrow := versions
	narrow.machine, narrow.bits, narrow.order = 20, 32, binary.BigEndian
	arm := signed(signSpec{hashes: []byte{1, 2}, entitlements: []byte("x"), certificate: []byte("CMS")})
	for _, seed := range [][]byte{
		nil, []byte("#!/bin/sh\n"), elfAMD64(), versions.bytes(), narrow.bytes(), arm, signed(signSpec{}),
		machoProgram(cpuARM64, machoString(lcWeakDylib, "@rpath/x.dylib"), machoString(lcRPath, "/opt"), machoNumbers(lcBuildVersion, 1, 15<<16, 0, 0)),
		machoUniversalFile(false, machoProgram(cpuAMD64, machoNumbers(lcVersionMinMac, 10<<16, 0)), machoProgram(cpuARM64)),
		machoUniversalFile(true, machoProgram(cpuAMD64), machoProgram(cpuARM64)),
		peProgram(0x8664, []string{"KERNEL32.dll", "VCRUNTIME140.dll"}, []string{"x.dll"}),
		peProgram(0x14c, []string{"KERNEL32.dll"}, []string{"!x.dll"}),
		elfFile(62, 64, le, 2, 0, 0),
	} {
		f.Add(seed)
	}
	limits := Limits{Glibc: "2.28", MacOS: "11.0"}
	f.Fuzz(func(t *testing.T, data []byte) {
		p, err := ReadProgram(bytes.NewReader(data), int64(len(data)))
		if err != nil && !errors.Is(err, ErrMalformed) && !errors.Is(err, ErrNotNative) {
			t.Fatalf("an error of neither kind: %v", err)
		}
		again, errAgain := ReadProgram(bytes.NewReader(data), int64(len(data)))
		if !reflect.DeepEqual(p, again) || (err == nil) != (errAgain == nil) || err != nil && err.Error() != errAgain.Error() {
			t.Fatalf("two results:\n%+v %v\n%+v %v", p, err, again, errAgain)
		}
		for _, part := range append(p.Parts, p) {
			if len(part.Libraries) > 2*maxNames || len(part.Needs) > maxSteps || len(part.Parts) > machoMaxSlice {
				t.Fatalf("too much: %d libraries, %d versions, %d parts", len(part.Libraries), len(part.Needs), len(part.Parts))
			}
			if (part.SignatureFault != "") != (part.Signature == BrokenSignature) && err == nil {
				t.Fatalf("signature %q with fault %q", part.Signature, part.SignatureFault)
			}
			for _, name := range part.Optional {
				if !slices.Contains(part.Libraries, name) && err == nil {
					t.Fatalf("%q is optional, and not in %q", name, part.Libraries)
				}
			}
		}
		for _, platform := range []string{"linux/amd64", "linux/arm64", "darwin/arm64", "darwin/amd64", "windows/amd64"} {
			for _, x := range CheckProgram(p, platform, limits, "bin/x") {
				if x.ID == "" || x.Severity == "" || x.Message == "" || x.Cure == "" || x.Path != "bin/x" {
					t.Fatalf("finding %+v", x)
				}
			}
		}
	})
}

// Memory must not follow what a header claims. The reader here claims to be a
// terabyte long, and is made of one page that repeats.
func TestHostileMemory(t *testing.T) {
	spec := elfProgram("amd64", "libc.so.6")
	phdr := spec.bytes()
	binary.LittleEndian.PutUint64(phdr[64+2*56+32:], 1<<39) // size of the dynamic table
	commands := machoProgram(cpuARM64)
	binary.LittleEndian.PutUint32(commands[20:], 1<<32-1)
	blob := machoProgram(cpuARM64, machoNumbers(lcCodeSignature, 4096, 1<<32-1))
	for name, page := range map[string][]byte{"dynamic table": phdr, "load commands": commands, "signature": blob} {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		_, err := ReadProgram(repeat(append(page, make([]byte, 4096-len(page)%4096)...)), 1<<40)
		runtime.ReadMemStats(&after)
		if !errors.Is(err, ErrMalformed) {
			t.Errorf("%s: error %v", name, err)
		}
		if used := after.TotalAlloc - before.TotalAlloc; used > 4*maxTable {
			t.Errorf("%s: %d bytes allocated", name, used)
		}
	}
}

type repeat []byte

func (r repeat) ReadAt(p []byte, off int64) (int, error) {
	for i := range p {
		p[i] = r[(off+int64(i))%int64(len(r))]
	}
	return len(p), nil
}
