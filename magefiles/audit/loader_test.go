package audit

import (
	"fmt"
	"io/fs"
	"strings"
	"testing"
)

// Where ld.so(8) looks, rule by rule.
func TestLoaderGlibcRules(t *testing.T) {
	t.Parallel()
	const app, multi = "/opt/app", "/usr/lib/x86_64-linux-gnu"
	at := func(name string) string { return name + "/libx.so.1" }
	for name, c := range map[string]struct {
		make   func(w world)
		hwcaps []string
		want   string
	}{
		"default folders, in Debian's order": {make: func(w world) {
			w.put("/opt/app/run", program("libx.so.1")).put(at("/usr/lib"), lib()).put(at(multi), lib())
		}, want: at(multi)},
		"missing": {make: func(w world) {
			w.put("/opt/app/run", program("libx.so.1"))
		}, want: "!libx.so.1"},
		"RPATH before LD_LIBRARY_PATH": {make: func(w world) {
			w.Config.Env = []string{"LD_LIBRARY_PATH=/env"}
			w.put("/opt/app/run", program("libx.so.1").withRPath("/rpath")).put(at("/rpath"), lib()).put(at("/env"), lib())
		}, want: at("/rpath")},
		"LD_LIBRARY_PATH before RUNPATH": {make: func(w world) {
			w.Config.Env = []string{"LD_LIBRARY_PATH=/none;/env"}
			w.put("/opt/app/run", program("libx.so.1").withRunPath("/runpath")).put(at("/runpath"), lib()).put(at("/env"), lib())
		}, want: at("/env")},
		"setuid programs ignore LD_LIBRARY_PATH": {make: func(w world) {
			w.Config.Env = []string{"LD_LIBRARY_PATH=/env"}
			w.put("/opt/app/run", program("libx.so.1")).put(at("/env"), lib())
			w.Files["/opt/app/run"].Mode |= fs.ModeSetuid
		}, want: "!libx.so.1"},
		"RPATH does not count beside RUNPATH": {make: func(w world) {
			w.put("/opt/app/run", program("libx.so.1").withRPath("/rpath").withRunPath("/runpath")).put(at("/rpath"), lib()).put(at("/runpath"), lib())
		}, want: at("/runpath")},
		"RPATH is inherited": {make: func(w world) {
			w.put("/opt/app/run", program("liba.so").withRPath("/r")).put("/r/liba.so", lib("libx.so.1")).put(at("/r"), lib())
		}, want: "/r/liba.so /r/libx.so.1"},
		"RUNPATH is not": {make: func(w world) {
			w.put("/opt/app/run", program("liba.so").withRunPath("/r")).put("/r/liba.so", lib("libx.so.1")).put(at("/r"), lib())
		}, want: "!libx.so.1 /r/liba.so"},
		"RUNPATH of an object ends inheriting": {make: func(w world) {
			w.put("/opt/app/run", program("liba.so").withRPath("/r")).put("/r/liba.so", lib("libx.so.1").withRunPath("/none")).put(at("/r"), lib())
		}, want: "!libx.so.1 /r/liba.so"},
		"what another object brings, in the file's order": {make: func(w world) {
			w.put("/opt/app/run", program("libb.so", "liba.so").withRunPath("/r")).put("/r/liba.so", lib("libx.so.1"))
			w.put("/r/libb.so", lib("libx.so.1").withRunPath("$ORIGIN")).put(at("/r"), lib())
		}, want: "/r/liba.so /r/libb.so /r/libx.so.1"},
		"and too late": {make: func(w world) {
			w.put("/opt/app/run", program("liba.so", "libb.so").withRunPath("/r")).put("/r/liba.so", lib("libx.so.1"))
			w.put("/r/libb.so", lib("libx.so.1").withRunPath("$ORIGIN")).put(at("/r"), lib())
		}, want: "!libx.so.1 /r/liba.so /r/libb.so /r/libx.so.1"},
		"no default folders": {make: func(w world) {
			p := program("libx.so.1")
			p.NoDefault = true
			w.text("/etc/ld.so.cache", "").put("/opt/app/run", p).put(at("/usr/lib"), lib())
		}, want: "!libx.so.1"},
		"$ORIGIN, climbing": {make: func(w world) {
			w.put("/opt/app/run", program("libx.so.1").withRunPath("$ORIGIN/../libs")).put(at("/opt/libs"), lib())
		}, want: at("/opt/libs")},
		"$ORIGIN of a library is where it was found, not where its link leads": {make: func(w world) {
			w.put("/opt/app/run", program("liba.so").withRunPath("/l")).put("/real/liba.so", lib("libx.so.1").withRunPath("${ORIGIN}"))
			w.link("/l/liba.so", "/real/liba.so").put(at("/l"), lib()).put(at("/real"), lib())
		}, want: "/l/libx.so.1 /real/liba.so"},
		".. behind a link to a folder is where that leads": {make: func(w world) {
			w.put("/opt/app/run", program("libx.so.1").withRunPath("$ORIGIN/l/../lib")).link("/opt/app/l", "/data/deep/er")
			w.parents("/data/deep/er/x")
			w.put(at("/data/deep/lib"), lib()).put(at("/opt/app/lib"), lib())
		}, want: at("/data/deep/lib")},
		"$LIB and $PLATFORM": {make: func(w world) {
			w.put("/opt/app/run", program("libx.so.1").withRunPath("/p/$LIBRARY:/p/$LIB/$PLATFORM")).put(at("/p/lib/x86_64-linux-gnu/x86_64"), lib())
			w.Files["/opt/app/run"].File.Program.RunPath = []string{"/p/$LIBRARY", "/p/$LIB/$PLATFORM"}
		}, want: at("/p/lib/x86_64-linux-gnu/x86_64")},
		"a file for another machine is passed over": {make: func(w world) {
			w.put("/opt/app/run", program("libx.so.1").withRunPath("/a:/b")).put(at("/a"), lib().of("arm64")).put(at("/b"), lib())
			w.Files["/opt/app/run"].File.Program.RunPath = []string{"/a", "/b"}
		}, want: at("/b")},
		"a file that is none for a loader ends the search": {make: func(w world) {
			w.put("/opt/app/run", program("libx.so.1").withRunPath("/a", "/b")).text(at("/a"), "INPUT(x)").put(at("/b"), lib())
		}, want: "!libx.so.1"},
		"names with a slash": {make: func(w world) {
			w.put("/opt/app/run", program("$ORIGIN/sub/libx.so.1", "/abs/liby.so")).put(at("/opt/app/sub"), lib()).put("/abs/liby.so", lib())
		}, want: "/abs/liby.so /opt/app/sub/libx.so.1"},
		"a SONAME that is loaded is not sought": {make: func(w world) {
			w.put("/opt/app/run", program("/abs/liby.so", "libx.so.1")).put("/abs/liby.so", lib().withName("libx.so.1"))
		}, want: "/abs/liby.so"},
		"cycles, and two names for one file": {make: func(w world) {
			w.put("/opt/app/run", program("liba.so", "libb.so").withRunPath("/l")).put("/l/liba.so", lib("libb.so", "liba.so").withRunPath("/l"))
			w.file("/l/libb.so", w.Files["/l/liba.so"].File)
		}, want: "/l/liba.so"},
		"subfolders for the machine": {make: func(w world) {
			w.put("/opt/app/run", program("libx.so.1")).put(at(multi), lib()).put(at(multi+"/glibc-hwcaps/x86-64-v3"), lib()).put(at(multi+"/glibc-hwcaps/x86-64-v4"), lib())
		}, hwcaps: []string{"x86-64-v3", "x86-64-v2"}, want: at(multi + "/glibc-hwcaps/x86-64-v3")},
		"subfolders for better machines only": {make: func(w world) {
			w.put("/opt/app/run", program("libx.so.1")).put(at(multi+"/glibc-hwcaps/x86-64-v3"), lib())
		}, want: "!libx.so.1 " + at(multi+"/glibc-hwcaps/x86-64-v3")},
		"ld.so.conf without a cache": {make: func(w world) {
			w.text("/etc/ld.so.conf", "/usr/local/lib\n").put("/opt/app/run", program("libx.so.1")).put(at("/usr/local/lib"), lib())
		}, want: "!libx.so.1"},
		"ld.so.conf with one, includes and comments": {make: func(w world) {
			w.text("/etc/ld.so.conf", "# all\ninclude ld.so.conf.d/*.conf # more\n").text("/etc/ld.so.conf.d/b.conf", "/b/\n").text("/etc/ld.so.conf.d/a.conf", "include /etc/ld.so.conf\n/a\n")
			w.text("/etc/ld.so.cache", "").put("/opt/app/run", program("libx.so.1")).put(at("/a"), lib()).put(at("/b"), lib())
		}, want: at("/a")},
		"the cache goes by SONAME, and only by names of libraries": {make: func(w world) {
			w.text("/etc/ld.so.conf", "/a\n/b\n").text("/etc/ld.so.cache", "").put("/opt/app/run", program("libx.so.1", "plugin.so"))
			w.put("/a/plugin.so", lib()).put("/b/libx.so.1.2", lib().withName("libx.so.1")).link("/b/libx.so.1", "libx.so.1.2")
		}, want: "!plugin.so /b/libx.so.1.2"},
		"default folders behind a cache": {make: func(w world) {
			w.text("/etc/ld.so.cache", "").put("/opt/app/run", program("plugin.so")).put("/usr/lib/plugin.so", lib())
		}, want: "/usr/lib/plugin.so"},
		"an empty part is the folder where the image starts": {make: func(w world) {
			w.Config.WorkingDir = "/work"
			w.put("/opt/app/run", program("libx.so.1").withRunPath("", "rel")).put(at("/work"), lib())
		}, want: at("/work")},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := debian()
			c.make(w)
			if got := w.resolves(t, app+"/run", c.hwcaps...); got != c.want {
				t.Errorf("got %s\nwant %s", got, c.want)
			}
		})
	}
}

// A program's $ORIGIN is where each of its names is: hard links are programs
// of their own, symbolic ones are not.
func TestLoaderHardLinks(t *testing.T) {
	t.Parallel()
	w := debian()
	w.put("/opt/a/run", program("libx.so").withRunPath("$ORIGIN")).put("/opt/a/libx.so", lib())
	w.file("/opt/b/run", w.Files["/opt/a/run"].File).link("/opt/c/run", "../a/run")
	got, _ := w.found()
	if want := "warning library-missing /opt/b/run"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// Distributions without Debian's folders.
func TestLoaderFolders(t *testing.T) {
	t.Parallel()
	for home, want := range map[string]string{
		"/usr/lib64": "[/lib64 /usr/lib64]", "/lib": "[/lib /usr/lib]", "/nix/store/x-glibc/lib": "[/nix/store/x-glibc/lib]",
		"/usr/lib/x86_64-linux-gnu": "[/lib/x86_64-linux-gnu /usr/lib/x86_64-linux-gnu /lib /usr/lib]",
	} {
		w := newWorld("linux/amd64").put(home+"/ld-linux-x86-64.so.2", Program{}).link("/lib64/ld-linux-x86-64.so.2", home+"/ld-linux-x86-64.so.2")
		if got := fmt.Sprint(newLoader(w.Inventory, "amd64", nil).system); got != want {
			t.Errorf("%s: got %s, want %s", home, got, want)
		}
	}
}

// What musl's loader does otherwise.
func TestLoaderMuslRules(t *testing.T) {
	t.Parallel()
	const own = "/lib/ld-musl-x86_64.so.1"
	for name, c := range map[string]struct {
		make func(w world)
		want string
	}{
		"its own names need no files": {func(w world) {
			w.put("/r", muslProgram("libc.musl-x86_64.so.1", "libpthread.so.0", "libm.so.6"))
		}, own},
		"built-in folders": {func(w world) {
			w.put("/r", muslProgram("libx.so")).put("/usr/lib/libx.so", lib()).put("/usr/local/lib/libx.so", lib())
		}, "/usr/local/lib/libx.so"},
		"a file of settings instead": {func(w world) {
			w.text("/etc/ld-musl-x86_64.path", "/a:/b\n/c\n").put("/r", muslProgram("libx.so", "liby.so")).put("/c/libx.so", lib()).put("/usr/lib/liby.so", lib())
		}, "!liby.so /c/libx.so"},
		"RUNPATH is inherited": {func(w world) {
			w.put("/r", muslProgram("liba.so").withRunPath("$ORIGIN/l")).put("/l/liba.so", lib("libx.so")).put("/l/libx.so", lib())
		}, "/l/liba.so /l/libx.so"},
		"a file for another machine is the end": {func(w world) {
			w.put("/r", muslProgram("libx.so")).put("/lib/libx.so", lib().of("arm64")).put("/usr/lib/libx.so", lib())
		}, "!libx.so"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := alpine()
			c.make(w)
			if got := w.resolves(t, "/r"); got != c.want {
				t.Errorf("got %s, want %s", got, c.want)
			}
		})
	}
}

func TestLoaderPlatformLevel(t *testing.T) {
	t.Parallel()
	for platform, want := range map[string]string{"linux/amd64": "", "linux/amd64/v3": "x86-64-v3 x86-64-v2", "linux/amd64/v1": "", "linux/arm/v7": ""} {
		if got := strings.Join(promised(platform), " "); got != want {
			t.Errorf("%s: got %q, want %q", platform, got, want)
		}
	}
}
