package xbuild

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
)

// RustResult is what a RustBuild made.
type RustResult struct {
	Toolchains Toolchains
	Binaries   []Binary             // sorted by platform, then name
	Crates     map[Platform][]Crate // what cargo linked into them
	Verdict
}

// Build chooses toolchains, runs cargo once for each and puts the binaries into
// b.Out, each whole or not at all, unless nothing changed since they were built.
// No binary is put into b.Out before all are built.
func (b RustBuild) Build(ctx context.Context, run Runner) (RustResult, error) {
	b, err := b.check()
	if err != nil {
		return RustResult{}, err
	}
	before, result, err := b.before()
	if err != nil || !result.Ran() {
		return result, err
	}
	chosen, err := b.Choose(ctx, run)
	if err != nil {
		return RustResult{}, err
	}
	if b.Chosen != nil {
		b.Chosen(chosen)
	}
	made, facts, err := b.buildWith(ctx, run, chosen)
	if err != nil {
		return RustResult{}, err
	}
	made.Verdict = result.Verdict
	return made, b.remember(before, facts, made)
}

// buildWith is Build with toolchains that were chosen before.
func (b RustBuild) buildWith(ctx context.Context, run Runner, chosen Toolchains) (RustResult, rustFacts, error) {
	b, err := b.check()
	if err != nil {
		return RustResult{}, rustFacts{}, err
	}
	fail := func(tc Toolchain, err error) (RustResult, rustFacts, error) {
		return RustResult{}, rustFacts{}, fmt.Errorf("building crate %q for %s with %s: %w", b.Dir, Join(tc.Platforms), tc, b.explain(err))
	}
	invocations := make([]invocation, len(chosen))
	for i, tc := range chosen { // all of them before the first compiles
		if invocations[i], err = b.prepare(ctx, run, tc); err != nil {
			return fail(tc, err)
		}
	}
	var all []made
	crates := map[Platform][]Crate{}
	for i, tc := range chosen {
		out, libs, err := b.invoke(ctx, run, invocations[i])
		if err != nil {
			return fail(tc, err)
		}
		all = append(all, out...)
		for j, p := range tc.Platforms {
			crates[p] = linked(libs, tc.triples[j], invocations[i].metadata)
		}
	}
	// Taken away before the first program is replaced: a build that ends here leaves none that vouches for another's programs.
	if err := b.Ledger.drop(b.stampName()); err != nil {
		return RustResult{}, rustFacts{}, err
	}
	binaries, err := b.collect(all)
	if err != nil {
		return RustResult{}, rustFacts{}, fmt.Errorf("building crate %q for %s: %w", b.Dir, Join(b.Platforms), err)
	}
	return RustResult{Toolchains: chosen, Binaries: binaries, Crates: crates}, b.facts(invocations), nil
}

// made is a program that cargo says it made.
type made struct {
	executable
	platform  Platform
	toolchain string
}

// invocation is a toolchain with what has been asked before it compiles.
type invocation struct {
	Toolchain
	metadata metadata
	config   cargoConfig
}

// prepare asks what there is to know; it may download, but compiles nothing.
func (b RustBuild) prepare(ctx context.Context, run Runner, tc Toolchain) (i invocation, err error) {
	if i.metadata, err = readMetadata(ctx, run, metadataCmd(b, tc)); err != nil {
		return i, err
	}
	if tc.Name == "build-std" {
		if tc.std, err = b.prepareStd(ctx, run, tc, i.metadata); err != nil {
			return i, err
		}
	}
	i.Toolchain, i.config = tc, readConfig(ctx, run, configCmd(b, tc))
	// With these variables flags are not added to the configuration; in cross's container folders have no spaces.
	if b.Getenv("CARGO_ENCODED_RUSTFLAGS") == "" && b.Getenv("RUSTFLAGS") == "" && tc.cross == nil {
		err = i.config.joins(tc.triples, remapFlags(b, tc, i.metadata))
	}
	return i, err
}

// invoke runs cargo once for all triples of a toolchain.
func (b RustBuild) invoke(ctx context.Context, run Runner, i invocation) ([]made, []library, error) {
	if i.cross != nil {
		return b.invokeCross(ctx, run, i.Toolchain, i.metadata, i.config)
	}
	c := buildCmd(b, i.Toolchain, i.metadata, i.config)
	path, err := b.importTools(i.Toolchain)
	if err != nil {
		return nil, nil, err
	}
	if path != "" {
		c.Env = append(c.Env, "PATH="+path)
	}
	if c, err = b.throughZig(ctx, run, c, i.Toolchain); err != nil {
		return nil, nil, err
	}
	programs, libs, err := b.runCargo(ctx, run, c)
	if err != nil {
		return nil, nil, err
	}
	var out []made
	for _, e := range programs {
		triple := tripleOf(e.path, i.triples)
		if triple == "" {
			return nil, nil, fmt.Errorf("placing %q: cargo says that it made it, but its path names none of %s", e.path, strings.Join(i.triples, ", "))
		}
		out = append(out, made{e, i.platformOf(triple), i.String()})
	}
	return out, libs, nil
}

// runCargo runs a build and returns the programs and libraries that cargo says
// it made, or found made.
func (b RustBuild) runCargo(ctx context.Context, run Runner, c Cmd) ([]executable, []library, error) {
	messages := &cargoMessages{log: b.Log}
	stderr := new(tail)
	c.Stdout, c.Stderr = messages, stderr.tee(b.Log)
	if err := run(ctx, c); err != nil {
		// Our own copy of the output, because Exec's has the JSON in it too.
		var te *ToolError
		if errors.As(err, &te) && stderr.String() != "" {
			te.Output = stderr.String()
		}
		return nil, nil, err
	}
	return messages.made, messages.libs, nil
}

// readConfig returns an empty configuration if cargo cannot tell: it is only
// needed to keep flags that are set there, which is rare.
func readConfig(ctx context.Context, run Runner, c Cmd) cargoConfig {
	var config cargoConfig
	if out, err := Output(ctx, run, c); err == nil {
		_ = json.Unmarshal([]byte(out), &config)
	}
	return config
}

// collect copies what was made, after checking that it is what was asked for:
// the same binaries for each platform.
func (b RustBuild) collect(all []made) ([]Binary, error) {
	names := map[string]int{}
	for _, m := range all {
		names[m.name]++
	}
	if len(names) == 0 {
		return nil, errors.New("cargo made no binary; does the package have one (src/main.rs or [[bin]])?")
	}
	for name, n := range names {
		if n != len(b.Platforms) {
			return nil, fmt.Errorf("cargo made %q for %d of %d platforms", name, n, len(b.Platforms))
		}
	}
	if b.Check != nil {
		var refused []error
		for _, m := range all {
			refused = append(refused, b.Check(m.platform, m.path))
		}
		if err := errors.Join(refused...); err != nil {
			return nil, err
		}
	}
	var out []Binary
	for _, m := range all {
		to := filepath.Join(b.Out, m.platform.Slug(), m.platform.Exe(m.name))
		size, sum, err := installFile(m.path, to, 0o755)
		if err != nil {
			return nil, err
		}
		out = append(out, Binary{Platform: m.platform, Name: m.name, Path: to, Size: size, Toolchain: m.toolchain, sum: sum})
	}
	slices.SortFunc(out, func(a, b Binary) int {
		return cmp.Or(cmp.Compare(a.Platform.String(), b.Platform.String()), cmp.Compare(a.Name, b.Name))
	})
	return out, nil
}

// explain adds the cure to a failure of cargo that we recognise.
func (b RustBuild) explain(err error) error {
	var te *ToolError
	if errors.As(err, &te) && te.Hint == "" {
		te.Hint = RustHint(te.Output)
	}
	return err
}
