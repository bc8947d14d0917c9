package xbuild

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestRustflagsAreJoinedForReal lets cargo itself join ours with the flags that
// a configuration file has, which may be an array or one string.
func TestRustflagsAreJoinedForReal(t *testing.T) {
	t.Parallel()
	found(t, Tool{Name: "cargo"})
	const triple = "aarch64-unknown-linux-gnu"
	run := Exec(withoutRust(os.Environ()))
	for _, theirs := range []string{`["-Cdebuginfo=1"]`, `"-Cdebuginfo=1"`, `""`} {
		dir := t.TempDir()
		crate(t, dir)
		writeText(t, filepath.Join(dir, ".cargo", "config.toml"), "[target."+triple+"]\nrustflags = "+theirs+"\n")
		b, tc := RustBuild{Dir: dir, Getenv: withoutRustVariables}, Toolchain{rustc: rustc{cargo: "cargo"}}
		config := readConfig(t.Context(), run, configCmd(b, tc))
		_, args := rustflags(b.Getenv, config, []string{triple}, []string{"-Cours=1"}, func(string) []string { return nil })
		c := configCmd(b, tc)
		c.Args = append(c.Args, args...)
		got, err := Output(t.Context(), run, c)
		if err != nil || !strings.Contains(got, "-Cours=1") || strings.Contains(theirs, "debuginfo") && !strings.Contains(got, "-Cdebuginfo=1") {
			t.Errorf("rustflags = %s: %s, %v", theirs, got, err)
		}
	}
}

// TestFlagsWithSpacesNeedAnArray: a string has no way to write them.
func TestFlagsWithSpacesNeedAnArray(t *testing.T) {
	t.Parallel()
	text := cargoConfig{}
	text.Target = map[string]targetConfig{"T": {Rustflags: flagList{flags: []string{"-a", "b"}, text: true}}}
	array := cargoConfig{}
	array.Target = map[string]targetConfig{"T": {Rustflags: flagList{flags: []string{"-a", "b"}}}}
	tests := []struct {
		config cargoConfig
		triple string
		flag   string
		want   string
	}{
		{text, "T", "--from=/with space", `write it as an array: rustflags = ["-a","b"]`},
		{text, "T", "--from=/without", ""},
		{text, "U", "--from=/with space", ""},
		{array, "T", "--from=/with space", ""},
	}
	for _, tt := range tests {
		err := tt.config.joins([]string{tt.triple}, []string{"-x", tt.flag})
		if (err == nil) != (tt.want == "") || err != nil && !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%+v: %v", tt, err)
		}
	}
}
