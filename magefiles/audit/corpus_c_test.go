package audit

import (
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"testing"
)

// cBuilt are files by GCC for one machine.
type cBuilt struct{ tool, folder string }

// newCBuilt finds GCC for a machine: the host's own, or a cross compiler, which
// few machines have.
func newCBuilt(t *testing.T, arch string) (c cBuilt, ok bool) {
	t.Helper()
	tool := map[string]string{"amd64": "x86_64-linux-gnu-gcc", "arm64": "aarch64-linux-gnu-gcc", "arm": "arm-linux-gnueabihf-gcc", "windows": "x86_64-w64-mingw32-gcc"}[arch]
	if arch == runtime.GOARCH {
		return cBuilt{needTool(t, "gcc"), t.TempDir()}, true
	}
	found, err := exec.LookPath(tool)
	return cBuilt{found, t.TempDir()}, err == nil
}

const cMain, cLibrary = "int other(void);\nint main(void) { return other(); }\n", "int other(void) { return 1; }\n"

func (c cBuilt) make(t *testing.T, out, source string, args ...string) []byte {
	t.Helper()
	out = filepath.Join(c.folder, out)
	if err := os.MkdirAll(filepath.Dir(out), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(out+".c", []byte(source), 0o644); err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), c.tool, append([]string{"-o", out, out + ".c"}, args...)...)
	cmd.Dir = c.folder
	if msg, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%s %q: %v\n%s", c.tool, args, err, msg)
	}
	return slurp(t, out)
}

// loadPlants are programs whose header is right, and that the loader refuses.
// The base has /opt/lib/libhere.so.
func (c cBuilt) loadPlants(t *testing.T) (plants []plant, here []byte) {
	t.Helper()
	here = c.make(t, "libhere.so", cLibrary, "-shared", "-fPIC", "-Wl,-soname,libhere.so")
	c.make(t, "libgone.so", cLibrary, "-shared", "-fPIC", "-Wl,-soname,libgone.so")
	script := filepath.Join(c.folder, "new.map")
	if err := os.WriteFile(script, []byte("GLIBC_2.99 { global: other; };\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	c.make(t, "new/libc.so.6", cLibrary, "-shared", "-fPIC", "-nostdlib", "-Wl,-soname,libc.so.6", "-Wl,--version-script="+script)
	twin := c.make(t, "twin", cMain, "-L.", "-lhere", "-Wl,-rpath,/opt/lib")
	inherited := c.make(t, "twin-rpath", cMain, "-L.", "-lhere", "-Wl,--disable-new-dtags,-rpath,$ORIGIN/../lib")
	plain := c.make(t, "plain", "int main(void) { return 0; }\n")
	return []plant{
		{"library gone", c.make(t, "gone", cMain, "-L.", "-lgone", "-Wl,-rpath,/opt/lib"), twin, IDLibraryMissing, Error, ""},
		{"wrong RUNPATH", c.make(t, "runpath", cMain, "-L.", "-lhere", "-Wl,-rpath,/opt/libs"), twin, IDLibraryMissing, Warning, ""},
		{"wrong RPATH", c.make(t, "rpath", cMain, "-L.", "-lhere", "-Wl,--disable-new-dtags,-rpath,$ORIGIN/lib"), inherited, IDLibraryMissing, Warning, ""},
		{"newer glibc", c.make(t, "newer", "int other(void);\nvoid _start(void) { other(); }\n", "-nostdlib", "new/libc.so.6"), plain, IDSymbolVersion, Error, ""},
		{"musl's loader", c.make(t, "musl", "int main(void) { return 0; }\n", "-Wl,--dynamic-linker=/lib/ld-musl-x86_64.so.1"), plain, IDLibcMix, Error, ""},
		{"no such loader", c.make(t, "odd", "int main(void) { return 0; }\n", "-Wl,--dynamic-linker=/opt/none/ld.so"), plain, IDInterpreter, Error, ""},
		{"cut off", plain[:len(plain)/16], plain, IDMalformed, Warning, ""},
	}, here
}

// foreignPlants are files of C for other machines.
func foreignPlants(t *testing.T, here, there cBuilt) []plant {
	t.Helper()
	library := func(c cBuilt) []byte { return c.make(t, "libp.so", cLibrary, "-shared", "-fPIC") }
	object := func(c cBuilt) []byte { return c.make(t, "p.o", cLibrary, "-c") }
	static := func(c cBuilt) []byte { return c.make(t, "static", "int main(void) { return 0; }\n", "-static") }
	return []plant{
		{"library of another", library(there), library(here), IDArch, Error, Error},
		{"object of another", object(there), object(here), IDArch, Warning, Warning},
		{"static of another", static(there), static(here), IDArch, Error, Error},
	}
}

// What real linkers make, right and wrong.
func TestCorpusC(t *testing.T) {
	t.Parallel()
	if testing.Short() || runtime.GOOS != "linux" {
		t.Skip("builds programs with GCC")
	}
	all := score{}
	amd64, okAMD := newCBuilt(t, "amd64")
	arm64, okARM := newCBuilt(t, "arm64")
	hard, okHard := newCBuilt(t, "arm")
	windows, okWindows := newCBuilt(t, "windows")
	for _, x := range []struct {
		image  string
		c      cBuilt
		ok     bool
		other  cBuilt
		cross  bool
		levels bool
	}{
		{"linux/amd64", amd64, okAMD, arm64, okARM, true}, {"linux/arm64", arm64, okARM, amd64, okAMD, false}, {"linux/arm/v7", hard, okHard, amd64, okAMD, false},
	} {
		if !x.ok {
			t.Logf("no GCC for %s", x.image)
			continue
		}
		plants, here := x.c.loadPlants(t)
		if x.cross {
			plants = slices.Concat(plants, foreignPlants(t, x.c, x.other))
		}
		if okWindows {
			dll := windows.make(t, "w.dll", cLibrary, "-shared")
			plants = append(plants, plant{"DLL", dll, here, IDFormat, Warning, Note})
		}
		if x.levels {
			newer := x.c.make(t, "v3.so", cLibrary, "-shared", "-fPIC", "-march=x86-64-v3", "-Wl,-z,x86-64-v3")
			plants = append(plants, plant{"a newer processor's", newer, here, IDCPULevel, Warning, ""})
		}
		all.sow(t, x.image, append(cleanBase(x.image), reg("opt/lib/libhere.so", here)), plants)
	}
	t.Log(all)
}
