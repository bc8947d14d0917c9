package audit

import (
	"encoding/binary"
	"testing"
)

func TestJudge(t *testing.T) {
	t.Parallel()
	le, be := binary.LittleEndian, binary.BigEndian
	var (
		elf386    = elfFile(3, 32, le, 2, 0, 0)
		armHard   = elfFile(40, 32, le, 3, 0x5000400, 0)
		armSoft   = elfFile(40, 32, le, 3, 0x5000200, 0)
		armSoftX  = elfFile(40, 32, le, 2, 0x5000200, 0)
		exe64     = peFile(0x8664, 0, 3, false)
		exe32     = peFile(0x14c, 0, 3, false)
		dll64     = peFile(0x8664, coffDLL, 3, false)
		universal = machoFile(0, 0x1000007, 0x100000c)
	)
	for _, c := range []struct {
		platform, path string
		head           []byte
		want           string
	}{
		{"linux/amd64", "x", elfAMD64(), ""},
		{"linux/amd64/v3", "x", elfAMD64(), ""},
		{"linux/x86_64", "x", elfAMD64(), ""},
		{"linux/aarch64", "x", elfARM64(), ""},
		{"linux/arm64/v8", "x", elfARM64(), ""},
		{"Linux/ARM64", "x", elfAMD64(), "error arch"},
		{"linux/amd64", "x", elfARM64(), "error arch"},
		{"linux/amd64", "x", elf386, "error arch"},
		{"linux/amd64", "x", elfFile(62, 32, le, 3, 0, 0), "error arch"},
		{"linux/386", "x", elf386, ""},
		{"linux/arm64", "x", elfFile(183, 64, be, 3, 0, 0), "error arch"},
		{"linux/ppc64le", "x", elfFile(21, 64, le, 3, 0, 0), ""},
		{"linux/ppc64le", "x", elfFile(21, 64, be, 3, 0, 0), "error arch"},
		{"linux/s390x", "x", elfFile(22, 64, be, 3, 0, 0), ""},
		{"linux/riscv64", "x", elfFile(243, 64, le, 3, 0, 0), ""},
		{"linux/arm/v7", "x", armHard, ""},
		{"linux/arm/v6", "x", armHard, ""},
		{"linux/arm", "x", armSoft, "error float-abi"},
		{"linux/arm/v7", "x", armSoft, "error float-abi"},
		{"linux/arm/v7", "x", armSoftX, "warning float-abi"},
		{"linux/arm/v5", "x", armSoft, ""},
		{"linux/arm/v5", "x", armHard, "error float-abi"},
		{"linux/arm/v7", "x", elfFile(40, 32, le, 2, 0x5000002, 0), ""},
		{"linux/arm64", "x", armHard, "error arch"},
		{"linux/amd64", "x", elfFile(62, 64, le, 2, 0, 9), "error os"},
		{"linux/amd64", "x.o", elfFile(62, 64, le, 1, 0, 9), "warning os"},
		{"linux/amd64", "x", elfFile(62, 64, le, 2, 0, 3), ""},
		{"linux/amd64", "x", elfFile(183, 64, le, 1, 0, 0), "warning arch"},
		{"linux/amd64", "x", elfFile(183, 64, le, 4, 0, 0), "warning arch"},
		{"linux/amd64", "x", elfFile(247, 64, le, 1, 0, 0), ""},
		{"linux/amd64", "x", elfFile(0, 64, le, 1, 0, 0), ""},
		{"linux/amd64", "x", elfFile(190, 64, le, 2, 0, 0), ""},
		{"linux/amd64", "x", elfFile(9999, 64, le, 2, 0, 0), "error arch"},
		{"linux/amd64", "x", []byte("\x7fELF"), "warning malformed"},
		{"linux/amd64", "lib/firmware/q/modem.mbn", armHard, ""},
		{"linux/amd64", "usr/lib/firmware/q/modem.mbn", armHard, ""},
		{"linux/amd64", "opt/lib/firmware/x", armHard, "error arch"},
		{"linux/amd64", "a.a", []byte(arMagic), ""},

		{"linux/amd64", "x.exe", exe64, "warning format"},
		{"linux/arm64", "x.dylib", universal, "warning format"},
		{"linux/amd64", "boot/vmlinuz", peFile(0x8664, 0, 10, false), ""},
		{"linux/arm64", "app/My.dll", peFile(0x14c, coffDLL, 3, true), ""},
		{"linux/arm64", "site-packages/setuptools/cli-64.exe", exe64, "note format"},
		{"linux/arm64", "pip/_vendor/distlib/t64-arm.exe", exe64, "note format"},
		{"linux/arm64", "elsewhere/t64.exe", exe64, "warning format"},
		{"linux/arm64", "distlib/t64.exe", elfAMD64(), "error arch"},
		{"windows/amd64", "distlib/t32.exe", exe32, "note format"},
		{"windows/amd64", "distlib/t64.exe", exe64, ""},

		{"windows/amd64", "x.exe", exe64, ""},
		{"windows/amd64", "x.exe", exe32, "warning arch"},
		{"windows/386", "x.exe", exe64, "error arch"},
		{"windows/arm64", "x.exe", exe64, "warning arch"},
		{"windows/arm64", "x.pyd", dll64, "error arch"},
		{"windows/arm64", "x.pyd", peFile(0xa641, coffDLL, 3, false), ""},
		{"windows/amd64", "x.so", elfAMD64(), "warning format"},

		{"darwin/arm64", "x", universal, ""},
		{"darwin/amd64", "x", universal, ""},
		{"darwin/arm64", "x", machoFile(2, 0x1000007), "error arch"},
		{"darwin/arm64", "x", machoFile(0, 0x1000007, 7), "error arch"},
		{"darwin/arm64", "x", elfARM64(), "warning format"},
	} {
		w, err := parsePlatform(c.platform)
		if err != nil {
			t.Error(err)
			continue
		}
		b, ok := File(c.head)
		if !ok {
			t.Errorf("%s %s is not native", c.platform, c.path)
		}
		v := judge(b, w, c.path)
		got := ""
		if v.id != "" {
			got = v.severity + " " + v.id
			if cure(v, b, w, c.path) == "" {
				t.Errorf("%s %s: no cure", c.platform, c.path)
			}
		}
		if got != c.want {
			t.Errorf("%s, %s at %q: got %q, want %q", c.platform, b, c.path, got, c.want)
		}
	}
}
