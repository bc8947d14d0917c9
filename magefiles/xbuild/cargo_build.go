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
	Toolchain Toolchain
	Binaries  []Binary // sorted by platform, then name
}

// Build chooses a toolchain, runs cargo once for all platforms and puts the
// binaries into b.Out, each whole or not at all.
func (b RustBuild) Build(ctx context.Context, run Runner) (RustResult, error) {
	tc, err := b.Choose(ctx, run)
	if err != nil {
		return RustResult{}, err
	}
	return b.BuildWith(ctx, run, tc)
}

// BuildWith is Build with a toolchain that was chosen before.
func (b RustBuild) BuildWith(ctx context.Context, run Runner, tc Toolchain) (RustResult, error) {
	b, err := b.check()
	if err != nil {
		return RustResult{}, err
	}
	fail := func(err error) (RustResult, error) {
		return RustResult{}, fmt.Errorf("building crate %q for %s: %w", b.Dir, Join(b.Platforms), b.explain(err))
	}
	m, err := readMetadata(ctx, run, metadataCmd(b, tc))
	if err != nil {
		return fail(err)
	}
	c := buildCmd(b, tc, m, readConfig(ctx, run, configCmd(b, tc)))
	messages := &cargoMessages{log: b.Log}
	stderr := new(tail)
	c.Stdout, c.Stderr = messages, stderr.tee(b.Log)
	if err := run(ctx, c); err != nil {
		// Our own copy of the output, because Exec's has the JSON in it too.
		var te *ToolError
		if errors.As(err, &te) && stderr.String() != "" {
			te.Output = stderr.String()
		}
		return fail(err)
	}
	binaries, err := b.collect(messages.made)
	if err != nil {
		return fail(err)
	}
	return RustResult{tc, binaries}, nil
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

// collect copies what cargo says it made, after checking that it is what was
// asked for: the same binaries for each platform.
func (b RustBuild) collect(made []executable) ([]Binary, error) {
	triples, err := b.triples()
	if err != nil {
		return nil, err
	}
	names := map[string]int{}
	for _, e := range made {
		if tripleOf(e.path, triples) == "" {
			return nil, fmt.Errorf("placing %q: cargo says that it made it, but its path names none of %s", e.path, strings.Join(triples, ", "))
		}
		names[e.name]++
	}
	if len(names) == 0 {
		return nil, errors.New("cargo made no binary; does the package have one (src/main.rs or [[bin]])?")
	}
	for name, n := range names {
		if n != len(triples) {
			return nil, fmt.Errorf("cargo made %q for %d of %d platforms", name, n, len(triples))
		}
	}
	var out []Binary
	for _, e := range made {
		p, _ := platformOf(tripleOf(e.path, triples))
		to := filepath.Join(b.Out, p.Slug(), p.Exe(e.name))
		size, err := installFile(e.path, to, 0o755)
		if err != nil {
			return nil, err
		}
		out = append(out, Binary{p, e.name, to, size})
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
