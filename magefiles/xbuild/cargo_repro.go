package xbuild

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// linkFlags keep out of programs what the same sources do not decide: of
// Windows' the time of linking; of macOS' the paths of objects and of zig's
// cache, which only a debugger on this machine could follow, and which reach
// the program's UUID even where they are stripped afterwards.
//
// For Linux they spare zig work: without a level of optimization it compiles a
// runtime for debugging, with that of a sanitizer which cargo-zigbuild turns
// off, for each triple whenever its cache is empty.
func (tc Toolchain) linkFlags(triple string) []string {
	kind := tc.linkers[triple].kind
	switch {
	case kind == "zig" && strings.HasSuffix(triple, "-linux-gnu"):
		return []string{"-Clink-arg=-Os"}
	case kind == "zig" && strings.HasSuffix(triple, "-apple-darwin"):
		return []string{"-Clink-arg=-Wl,-S"}
	case kind == "zig" && strings.Contains(triple, "-windows-gnu"):
		return []string{"-Clink-arg=-Wl,-Brepro"}
	case kind == "gcc" && strings.Contains(triple, "-windows-gnu"):
		return []string{"-Clink-arg=-Wl,--no-insert-timestamp"}
	}
	return nil
}

// runtimeFlags spare zig the compilation of a runtime that Rust has brought: most of what linking takes when its cache is empty,
// for each triple.
func (b RustBuild) runtimeFlags(tc Toolchain, triple string) []string {
	if b.RustRuntime && tc.linkers[triple].kind == "zig" && strings.HasSuffix(triple, "-linux-gnu") {
		return []string{"-Clink-arg=-rtlib=none"}
	}
	return nil
}

// importTools makes a folder for the front of PATH with cargo-zigbuild under the
// names of the program that makes import libraries, and returns that PATH; ""
// if none of the triples needs one. cargo-zigbuild would itself step back
// behind GNU's dlltool, which cannot work in folders with a space in their path.
func (b RustBuild) importTools(tc Toolchain) (path string, err error) {
	windows := func(t string) bool { return tc.linkers[t].kind == "zig" && strings.Contains(t, "-windows-gnu") }
	if tc.zig == nil || b.CacheDir == "" || !slices.ContainsFunc(tc.triples, windows) {
		return "", nil
	}
	dir := filepath.Join(b.CacheDir, "dlltool")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return "", fmt.Errorf("preparing dlltool: %w", err)
	}
	exe := filepath.Ext(tc.zig.zigbuild)
	if !strings.EqualFold(exe, ".exe") {
		exe = ""
	}
	for _, t := range tc.triples {
		if !windows(t) {
			continue
		}
		machine, _, _ := strings.Cut(t, "-")
		if err := alias(tc.zig.zigbuild, filepath.Join(dir, machine+"-w64-mingw32-dlltool"+exe)); err != nil {
			return "", fmt.Errorf("preparing dlltool: %w", err)
		}
	}
	return dir + string(filepath.ListSeparator) + b.Getenv("PATH"), nil
}

// alias makes name another name of program: a link, where that is possible.
func alias(program, name string) error {
	if to, err := os.Readlink(name); err == nil && to == program {
		return nil
	}
	next := fmt.Sprintf("%s.%d", name, os.Getpid())
	err := os.Symlink(program, next)
	if err == nil {
		err = os.Rename(next, name)
	}
	if err == nil {
		return nil
	}
	_ = os.Remove(next)
	content, rerr := os.ReadFile(program)
	if rerr != nil {
		return errors.Join(err, rerr)
	}
	_, err = WriteProgram(name, content)
	return err
}
