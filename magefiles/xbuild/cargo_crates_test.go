package xbuild

import (
	"encoding/json"
	"reflect"
	"testing"
)

// TestLinked: of one build for two triples, each program has what was compiled
// for its own; macros and build scripts are for neither.
func TestLinked(t *testing.T) {
	t.Parallel()
	const amd, arm = "x86_64-unknown-linux-gnu", "aarch64-unknown-linux-gnu"
	stream := `{"reason":"compiler-artifact","package_id":"reg#dep@1.0.0","target":{"name":"dep","kind":["lib"]},"filenames":["/t/x86_64-unknown-linux-gnu/release/deps/libdep.rlib"],"executable":null,"fresh":true}
{"reason":"compiler-artifact","package_id":"reg#dep@1.0.0","target":{"name":"dep","kind":["lib"]},"filenames":["/t/aarch64-unknown-linux-gnu/release/deps/libdep.rlib"],"executable":null}
{"reason":"compiler-artifact","package_id":"reg#arm@2.0.0","target":{"name":"arm","kind":["lib"]},"filenames":["/t/aarch64-unknown-linux-gnu/release/deps/libarm.rlib"],"executable":null}
{"reason":"compiler-artifact","package_id":"reg#macro@1.0.0","target":{"name":"macro","kind":["proc-macro"]},"filenames":["/t/release/deps/libmacro.so"],"executable":null}
{"reason":"compiler-artifact","package_id":"reg#dep@1.0.0","target":{"name":"build-script-build","kind":["custom-build"]},"filenames":["/t/release/build/dep/build-script-build"],"executable":null}
{"reason":"compiler-artifact","package_id":"path+file:///std#0.0.0","target":{"name":"std","kind":["lib"]},"filenames":["/t/x86_64-unknown-linux-gnu/release/deps/libstd.rlib"],"executable":null}
{"reason":"compiler-artifact","package_id":"path#app","target":{"name":"app","kind":["bin"]},"filenames":["/t/x86_64-unknown-linux-gnu/release/app"],"executable":"/t/x86_64-unknown-linux-gnu/release/app"}
`
	messages := &cargoMessages{}
	if _, err := messages.Write([]byte(stream)); err != nil {
		t.Fatal(err)
	}
	var m metadata
	if err := json.Unmarshal([]byte(`{"packages":[
		{"id":"path#app","name":"app","version":"0.1.0","license":"MIT","source":null},
		{"id":"reg#macro@1.0.0","name":"macro","version":"1.0.0","source":"reg"},
		{"id":"reg#dep@1.0.0","name":"dep","version":"1.0.0","license":"ISC","source":"reg"},
		{"id":"reg#arm@2.0.0","name":"arm","version":"2.0.0","license":null,"source":"reg"}],
		"resolve":{"nodes":[{"id":"path#app","deps":[{"pkg":"reg#macro@1.0.0"},{"pkg":"reg#dep@1.0.0"}]},
		{"id":"reg#dep@1.0.0","deps":[{"pkg":"reg#arm@2.0.0"}]}]}}`), &m); err != nil {
		t.Fatal(err)
	}
	for triple, want := range map[string][]Crate{
		amd: {{"app", "0.1.0", "MIT", "", []string{"dep 1.0.0"}}, {"dep", "1.0.0", "ISC", "reg", nil}},
		arm: {{"arm", "2.0.0", "", "reg", nil}, {"dep", "1.0.0", "ISC", "reg", []string{"arm 2.0.0"}}},
	} {
		if got := linked(messages.libs, triple, m); !reflect.DeepEqual(got, want) {
			t.Errorf("%s:\n got %+v\nwant %+v", triple, got, want)
		}
	}
	tc := Toolchain{rustc: rustc{version: "1.95.0"}, zig: &zig{version: "0.17.1", zigbuildVersion: "0.24.0"}}
	if got := tc.Versions(); len(got) != 3 || got["rustc"] != "1.95.0" || got["zig"] != "0.17.1" || got["cargo-zigbuild"] != "0.24.0" {
		t.Errorf("versions %v", got)
	}
}
