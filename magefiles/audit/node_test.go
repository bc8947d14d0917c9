package audit

import (
	"maps"
	"slices"
	"testing"
)

func TestCheckNode(t *testing.T) {
	t.Parallel()
	const m = "/app/node_modules/"
	for name, c := range map[string]struct {
		files map[string]string
		want  []string
	}{
		"prebuilds for all": {map[string]string{
			m + "utp/prebuilds/linux-arm64/utp.node": "arm64", m + "utp/prebuilds/linux-x64/utp.node": "amd64",
			m + "utp/prebuilds/darwin-arm64/utp.node": "darwin", m + "utp/prebuilds/win32-x64/utp.node": "windows",
		}, []string{"note node-addon " + m + "utp/prebuilds/darwin-arm64/utp.node"}},
		"optional packages": {map[string]string{
			m + "@img/sharp-linux-arm64/lib/sharp-linux-arm64.node": "arm64", m + "@img/sharp-linuxmusl-arm64/lib/sharp-linuxmusl-arm64.node": "arm64 musl",
		}, []string{"note node-addon " + m + "@img/sharp-linuxmusl-arm64/lib/sharp-linuxmusl-arm64.node"}},
		"ours alone":    {map[string]string{m + "@img/sharp-linux-arm64/lib/sharp-linux-arm64.node": "arm64", m + "bcrypt/build/Release/bcrypt_lib.node": "arm64"}, nil},
		"wrong machine": {map[string]string{m + "@rollup/rollup-linux-x64-gnu/rollup.linux-x64-gnu.node": "amd64"}, []string{"error node-addon " + m + "@rollup/rollup-linux-x64-gnu/rollup.linux-x64-gnu.node"}},
		"wrong libc":    {map[string]string{m + "@img/sharp-linuxmusl-arm64/lib/sharp.node": "arm64 musl"}, []string{"error node-addon " + m + "@img/sharp-linuxmusl-arm64/lib/sharp.node"}},
		"copied from a Mac": {
			map[string]string{m + "better-sqlite3/build/Release/better_sqlite3.node": "darwin", m + "fsevents/fsevents.node": "darwin"},
			[]string{"error node-addon " + m + "better-sqlite3/build/Release/better_sqlite3.node", "note node-addon " + m + "fsevents/fsevents.node"},
		},
		"built for another beside prebuilds": {
			map[string]string{m + "utp/prebuilds/linux-arm64/utp.node": "arm64", m + "utp/build/Release/utp.node": "amd64"},
			[]string{"error node-addon " + m + "utp/build/Release/utp.node"},
		},
		"prebuilds of other systems": {
			map[string]string{m + "node-pty/prebuilds/darwin-arm64/pty.node": "darwin", m + "node-pty/prebuilds/win32-x64/pty.node": "windows"},
			[]string{"warning node-addon " + m + "node-pty/prebuilds/darwin-arm64/pty.node"},
		},
		"packages do not excuse each other": {
			map[string]string{m + "a/build/Release/a.node": "arm64", m + "b/build/Release/b.node": "amd64", m + "a/node_modules/b/build/Release/b.node": "arm64"},
			[]string{"error node-addon " + m + "b/build/Release/b.node"},
		},
		"outside of node_modules": {map[string]string{"/srv/bin/app.node": "amd64"}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newStage("linux/arm64").glibc()
			for _, p := range slices.Sorted(maps.Keys(c.files)) {
				s.program(p, c.files[p])
			}
			expect(t, checkNode(s.Inventory), c.want...)
		})
	}
}

func TestExcused(t *testing.T) {
	t.Parallel()
	s := newStage("linux/arm64").glibc()
	for p, what := range map[string]string{
		"/n/@esbuild/linux-arm64/bin/esbuild": "arm64", "/n/@esbuild/linux-x64/bin/esbuild": "amd64", "/n/@esbuild/darwin-arm64/bin/esbuild": "darwin",
		"/s/a.cpython-313-aarch64-linux-gnu.so": "arm64", "/s/a.cpython-313-x86_64-linux-gnu.so": "amd64", "/s/a.cpython-313-darwin.so": "darwin",
		"/s/b.cpython-313-x86_64-linux-gnu.so":   "amd64",
		"/usr/lib/aarch64-linux-gnu/libz.so.1.3": "arm64", "/usr/lib/x86_64-linux-gnu/libz.so.1.3": "amd64", "/usr/lib/x86_64-linux-gnu/libq.so.1": "amd64",
		// The names say this platform and the code does not: that is the bug.
		"/p/linux-arm64/x.node": "amd64", "/p/linux-arm64-gnu/x.node": "arm64",
		"/opt/app-linux-arm64/prebuilds/linux-x64/y.node": "amd64", "/opt/app-linux-arm64/prebuilds/linux-arm64/y.node": "arm64",
		"/t/attach_linux_aarch64.so": "arm64", "/t/attach_linux_amd64.so": "amd64", "/t/attach_x86_64.dylib": "darwin",
		"/t/libq.musl.so": "arm64 musl", "/t/libq.gnu.so": "arm64", "/t/armour.so": "amd64",
	} {
		s.program(p, what)
	}
	f := newFamilies(s.Inventory)
	for p, want := range map[string]bool{
		"/n/@esbuild/linux-x64/bin/esbuild": true, "/n/@esbuild/darwin-arm64/bin/esbuild": true,
		"/s/a.cpython-313-x86_64-linux-gnu.so": true, "/s/a.cpython-313-darwin.so": true, "/s/b.cpython-313-x86_64-linux-gnu.so": false,
		"/usr/lib/x86_64-linux-gnu/libz.so.1.3": true, "/usr/lib/x86_64-linux-gnu/libq.so.1": false,
		"/p/linux-arm64/x.node": false, "/opt/app-linux-arm64/prebuilds/linux-x64/y.node": true,
		"/t/attach_linux_amd64.so": true, "/t/armour.so": false,
	} {
		if why, ok := f.excused(s.Files[p]); ok != want {
			t.Errorf("%s: excused %v %q", p, ok, why)
		}
	}
}
