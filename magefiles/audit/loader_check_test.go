package audit

import (
	"io/fs"
	"strings"
	"testing"
)

const sitePackages = "/usr/local/lib/python3.13/site-packages"

// What becomes a finding, how bad it is, and what is left alone.
func TestLoadingFindings(t *testing.T) {
	t.Parallel()
	needs := func(p Program, library, version string) Program {
		p.Libraries = append(p.Libraries, library)
		p.Needs = append(p.Needs, VersionNeed{Library: library, Version: version})
		return p
	}
	for name, c := range map[string]struct {
		make  func() world
		want  string // "severity id path" of each finding
		words string // in a message or cure
	}{
		"clean": {func() world { return debian().put("/bin/a", program("libc.so.6")).put("/opt/p.so", lib("libc.so.6")) }, "", ""},
		"interpreter missing": {func() world {
			return debian().put("/opt/a", Program{Interpreter: "/lib/ld-linux.so.2"})
		}, "error interpreter /opt/a", "patchelf"},
		"no loader at all": {func() world {
			return newWorld("linux/amd64").put("/a", program())
		}, "error interpreter /a", "no loader at all"},
		"interpreter of another machine": {func() world {
			return newWorld("linux/amd64").put("/lib64/ld-linux-x86-64.so.2", Program{}.of("arm64")).put("/a", program())
		}, "error interpreter /a", "is arm64 ELF"},
		"interpreter is a script": {func() world {
			return newWorld("linux/amd64").text("/lib64/ld-linux-x86-64.so.2", "#!").put("/a", program())
		}, "error interpreter /a", "is no program"},
		"musl in glibc": {func() world {
			return debian().put("/usr/bin/a", muslProgram("libc.musl-x86_64.so.1"))
		}, "error libc-mix /usr/bin/a", "built for musl"},
		"glibc in musl": {func() world {
			return alpine().put("/usr/bin/a", program("libc.so.6"))
		}, "error libc-mix /usr/bin/a", "x86_64-unknown-linux-musl"},
		"glibc in musl with gcompat": {func() world {
			return alpine().put("/lib/libgcompat.so.0", lib("libc.musl-x86_64.so.1")).link("/lib64/ld-linux-x86-64.so.2", "../lib/libgcompat.so.0").
				put("/usr/bin/a", program("libc.so.6", "libm.so.6"))
		}, "", ""},
		"npm's program for musl": {func() world {
			return debian().put("/app/node_modules/x/a", muslProgram("libc.musl-x86_64.so.1"))
		}, "warning libc-mix /app/node_modules/x/a", ""},
		"npm's addon for musl": {func() world {
			return debian().put("/app/node_modules/x/a.musl.node", lib("libc.musl-x86_64.so.1"))
		}, "note libc-mix /app/node_modules/x/a.musl.node", ""},
		"Python module for musl": {func() world {
			return debian().put(sitePackages+"/x/_a.abi3.so", lib("libc.musl-x86_64.so.1"))
		}, "error libc-mix " + sitePackages + "/x/_a.abi3.so", ""},
		"Python module for glibc on musl may work": {func() world {
			return alpine().put(sitePackages+"/x/_a.abi3.so", lib("libc.so.6"))
		}, "warning libc-mix " + sitePackages + "/x/_a.abi3.so", ""},
		"both installed": {func() world {
			w := debian().put("/usr/lib/ld-musl-x86_64.so.1", Program{}).put("/usr/bin/a", program("libc.so.6"))
			return w.put("/usr/bin/b", muslProgram("libc.musl-x86_64.so.1"))
		}, "", ""},
		"missing for a command": {func() world {
			return debian().put("/usr/bin/a", program("libnone.so.1", "libc.so.6"))
		}, "error library-missing /usr/bin/a", "needs libnone.so.1, which the image does not have"},
		"missing for what a command loads": {func() world {
			return debian().put("/usr/bin/a", program("libb.so")).put("/usr/bin/c", program("libb.so")).put("/usr/lib/libb.so", lib("libnone.so.1"))
		}, "error library-missing /usr/lib/libb.so", "; /usr/bin/a and 1 more load it"},
		"not where a command's loader looks": {func() world {
			return debian().put("/usr/bin/a", program("libb.so")).put("/data/libb.so", lib())
		}, "error library-missing /usr/bin/a", "LD_LIBRARY_PATH=/data"},
		"ldconfig never ran": {func() world {
			return debian().text("/etc/ld.so.conf", "/usr/local/lib").put("/usr/bin/a", program("libb.so")).put("/usr/local/lib/libb.so", lib())
		}, "error library-missing /usr/bin/a", "run ldconfig"},
		"ldconfig ran too early": {func() world {
			return debian().text("/etc/ld.so.conf", "/usr/local/lib").text("/etc/ld.so.cache", "").put("/usr/bin/a", program("libb.so")).put("/usr/local/lib/libb.so", lib()).
				layer(1, "/usr/local/lib/libb.so")
		}, "warning library-missing /usr/bin/a", "/usr/local/lib/libb.so (layer 1, \"app\") is newer than"},
		"update-alternatives never ran": {func() world {
			return debian().put("/usr/bin/a", program("libblas.so.3")).put("/usr/lib/x86_64-linux-gnu/blas/libblas.so.3", lib())
		}, "error library-missing /usr/bin/a", "ln -s blas/libblas.so.3 /usr/lib/x86_64-linux-gnu"},
		"a wrapper may set the path": {func() world {
			return debian().put("/opt/app/a", program("libb.so")).put("/data/libb.so", lib())
		}, "warning library-missing /opt/app/a", ""},
		"not where the entrypoint's loader looks": {func() world {
			w := debian().put("/opt/app/a", program("libb.so")).put("/data/libb.so", lib())
			w.Config.Entrypoint = []string{"/opt/app/a"}
			return w
		}, "error library-missing /opt/app/a", ""},
		"not executable": {func() world {
			w := debian().put("/opt/app/a", program("libb.so"))
			w.Files["/opt/app/a"].Mode = 0o644
			return w
		}, "", ""},
		"plug-in": {func() world {
			return debian().put("/usr/lib/x/p.so", lib("libnone.so.1"))
		}, "warning library-missing /usr/lib/x/p.so", ""},
		"plug-in of a package that has it": {func() world {
			return debian().put("/usr/lib/jvm/java/lib/libawt.so", lib("libjvm.so")).put("/usr/lib/jvm/java/lib/server/libjvm.so", lib())
		}, "", ""},
		"Python module": {func() world {
			return debian().put(sitePackages+"/cv2/cv2.abi3.so", lib("libGL.so.1"))
		}, "error library-missing " + sitePackages + "/cv2/cv2.abi3.so", "opencv-python-headless"},
		"Python module of another package's library": {func() world {
			return debian().put(sitePackages+"/vision/_C.so", lib("libtorch.so")).put(sitePackages+"/torch/lib/libtorch.so", lib())
		}, "note library-missing " + sitePackages + "/vision/_C.so", ""},
		"Python module with its own libraries": {func() world {
			return debian().put(sitePackages+"/x/_a.so", lib("libz-12.so").withRunPath("$ORIGIN/../x.libs")).put(sitePackages+"/x.libs/libz-12.so", lib())
		}, "", ""},
		"Python module that does without": {func() world {
			return debian().put(sitePackages+"/numba/np/ufunc/tbbpool.cpython-313-x86_64-linux-gnu.so", lib("libtbb.so.12"))
		}, "note library-missing " + sitePackages + "/numba/np/ufunc/tbbpool.cpython-313-x86_64-linux-gnu.so", ""},
		"Python has loaded it": {func() world {
			return debian().put("/usr/local/bin/python3.13", program("libp.so").withRunPath("/p")).put("/p/libp.so", lib()).put(sitePackages+"/a.so", lib("libp.so"))
		}, "", ""},
		"Python's RPATH is for its modules, too": {func() world {
			return debian().put("/usr/local/bin/python3.13", program().withRPath("$ORIGIN/../other")).put("/usr/local/other/libp.so", lib()).put(sitePackages+"/a.so", lib("libp.so"))
		}, "", ""},
		"the driver's": {func() world {
			return debian().put(sitePackages+"/a.so", lib("libcuda.so.1"))
		}, "note library-missing " + sitePackages + "/a.so", "--gpus"},
		"symbol version": {func() world {
			return debian().put("/usr/bin/a", needs(needs(program(), "libc.so.6", "GLIBC_2.38"), "libc.so.6", "GLIBC_2.40"))
		}, "error symbol-version /usr/bin/a", "needs GLIBC_2.40 (and 1 more) of libc.so.6; the image's /usr/lib/x86_64-linux-gnu/libc.so.6 (layer 0, \"base\") defines up to GLIBC_2.36\nbuild it for glibc 2.36"},
		"equal names, not lower numbers": {func() world {
			return debian().put("/usr/bin/a", needs(program(), "libc.so.6", "GLIBC_2.27"))
		}, "error symbol-version /usr/bin/a", ""},
		"weak need": {func() world {
			w := debian().put("/usr/bin/a", needs(program(), "libc.so.6", "GLIBC_2.38"))
			w.Files["/usr/bin/a"].File.Program.Needs[0].Weak = true
			return w
		}, "", ""},
		"library without versions": {func() world {
			return debian().put("/usr/bin/a", needs(program(), "libx.so", "X_1")).put("/usr/lib/libx.so", lib())
		}, "", ""},
		"version without a number": {func() world {
			return debian().put("/usr/bin/a", needs(program(), "libx.so", "CXXABI_FLOAT128")).put("/usr/lib/libx.so", Program{Defines: []string{"CXXABI_1.3"}})
		}, "error symbol-version /usr/bin/a", "does not define it"},
		"version for a plug-in": {func() world {
			return debian().put("/opt/a.so", needs(lib(), "libc.so.6", "GLIBC_2.38"))
		}, "warning symbol-version /opt/a.so", ""},
		"layers that were not read": {func() world {
			w := debian().put("/usr/bin/a", program("libnone.so"))
			w.Partial = true
			return w
		}, "", ""},
		"a folder of programs is no root": {func() world {
			w := newWorld("linux/amd64").put("/a", program("libnone.so"))
			w.Config = nil
			return w
		}, "", ""},
		"another machine's are another check's": {func() world {
			return debian().put("/usr/bin/a", program("libnone.so").of("arm64"))
		}, "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := c.make()
			got, messages := w.found()
			if got != c.want || !strings.Contains(messages, c.words) {
				t.Errorf("got %s\nwant %s\n%s", got, c.want, messages)
			}
		})
	}
}

// Links that go in circles end as they do in the kernel.
func TestLoadingCircles(t *testing.T) {
	t.Parallel()
	w := debian().put("/usr/bin/a", program("libx.so").withRunPath("/round/and/round")).link("/round", "circle").link("/circle", "round")
	w.link("/usr/lib/libx.so", "libx.so")
	w.Files["/dangling"] = &Entry{Path: "/dangling", Mode: fs.ModeSymlink, Link: "nowhere"}
	if got, _ := w.found(); got != "error library-missing /usr/bin/a" {
		t.Errorf("got %s", got)
	}
}
