package xbuild

import (
	"context"
	"encoding/json"
	"fmt"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
)

// cargo-zigbuild runs cargo in an environment in which zig compiles and links. To make it, it asks zig for its headers, once for C
// and once for C++ of each triple: of a build of one changed line a tenth, and half of what a second platform costs there. The
// answers stay the same as long as what was asked and the tools do, so they are kept, and cargo is run as cargo-zigbuild would.

// zigRun is how cargo-zigbuild runs cargo.
type zigRun struct {
	Args  []string `json:"args"`
	Env   []string `json:"env"`   // KEY=value that it adds
	Files []string `json:"files"` // those of the values that are files: zig as a compiler, as one file
}

// throughZig is what cargo-zigbuild, run as c says, would run; c itself where that is not to be known.
func (b RustBuild) throughZig(ctx context.Context, run Runner, c Cmd, tc Toolchain) (Cmd, error) {
	if tc.zig == nil || tc.cross != nil || !b.keepsZig(tc) {
		return c, nil
	}
	in, step := b.zigInputs(c, tc), b.stampName()+".zig"
	var z zigRun
	stamp, ok := b.Ledger.load(step)
	if ok && json.Unmarshal(stamp.Result, &z) == nil && len(stamp.changes(in, b.Ledger.files(OutputInput, z.Files))) == 0 {
		return z.instead(c, tc), nil
	}
	z, err := b.askZigbuild(ctx, run, c)
	if err != nil {
		return c, ctx.Err() // it will say itself what is wrong
	}
	raw, err := json.Marshal(z)
	if err != nil {
		return c, fmt.Errorf("remembering what cargo-zigbuild does: %w", err)
	}
	return z.instead(c, tc), b.Ledger.save(Stamp{Step: step, Inputs: in, Outputs: b.Ledger.files(OutputInput, z.Files), Result: raw})
}

// keepsZig tells whether cargo-zigbuild does nothing but set variables. For macOS it writes into cargo's target folder as well, and
// Windows has no shell to ask it with.
func (b RustBuild) keepsZig(tc Toolchain) bool {
	other := func(triple string) bool { return !strings.Contains(triple, "-linux-") }
	return runtime.GOOS != "windows" && b.Ledger.Dir != "" && b.CacheDir != "" && !slices.ContainsFunc(tc.triples, other)
}

// zigInputs are all that the environment depends on.
func (b RustBuild) zigInputs(c Cmd, tc Toolchain) (in Inputs) {
	in.flag("args", strings.Join(c.Args, "\n"))
	in.flag("env", strings.Join(c.Env, "\n"))
	for _, program := range []string{tc.zig.zigbuild, tc.zig.zig, tc.rustc.cargo, tc.rustc.rustc} {
		in.tool(program, identity(program), "")
	}
	in = append(in, b.Ledger.Inputs(b.configs(), nil)...)
	return append(in, variables(b.Ledger.Environ, readByRust(nil))...).unique()
}

// echo stands in for cargo, and prints what it was started with.
const echo = `#!/bin/sh
printf '%s\0' "$#" "$@"
exec env -0
`

// askZigbuild lets cargo-zigbuild run echo for cargo.
func (b RustBuild) askZigbuild(ctx context.Context, run Runner, c Cmd) (z zigRun, err error) {
	script := filepath.Join(b.CacheDir, "echo.sh")
	if _, err := WriteProgram(script, []byte(echo)); err != nil {
		return z, err
	}
	before := slices.Concat(b.Ledger.Environ, c.Env)
	c.Stdout, c.Stderr, c.Env = nil, nil, append(slices.Clone(c.Env), "CARGO="+script)
	out, err := Output(ctx, run, c)
	if err != nil {
		return z, err
	}
	words := strings.Split(out, "\x00")
	n, err := strconv.Atoi(words[0])
	if err != nil || n < 0 || n >= len(words)-1 {
		return z, fmt.Errorf("reading what %q does: %q is no number of arguments", c.Name, words[0])
	}
	z.Args = words[1 : n+1]
	counts := readByRust(nil)
	for _, kv := range words[n+1:] {
		key, value, _ := strings.Cut(kv, "=")
		if key == "CARGO" || !counts(key) || slices.Contains(before, kv) && getenv(before, key) == value {
			continue
		}
		z.Env = append(z.Env, kv)
		if under(value, b.CacheDir) && isFile(value) {
			z.Files = append(z.Files, value)
		}
	}
	if len(z.Files) == 0 {
		return z, fmt.Errorf("reading what %q does: it names no compiler", c.Name)
	}
	slices.Sort(z.Env)
	z.Files = dedup(z.Files)
	return z, nil
}

// instead is c with cargo in cargo-zigbuild's place.
func (z zigRun) instead(c Cmd, tc Toolchain) Cmd {
	c.Name, c.Args, c.Env = tc.rustc.cargo, slices.Clone(z.Args), slices.Concat(c.Env, z.Env)
	return c
}
