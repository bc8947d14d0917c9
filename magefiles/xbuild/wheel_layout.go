package xbuild

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"golang.org/x/sync/errgroup"
)

// Wheels says which wheels to lay out where.
type Wheels struct {
	UV        UV
	Lock      string     // a universal lock with hashes, as "uv pip compile --universal --generate-hashes" writes it
	Python    string     // the version of the Python that the wheels are for: "3.13". It need not be on this machine
	Platforms []Platform // the platforms that they are for
	Out       string     // a folder; each platform has one of its own in it

	// Changed, if it is not nil, is asked about a folder that somebody has changed since it was laid out. The folder would be laid
	// out anew; an error keeps it, and ends the work.
	Changed func(ctx context.Context, p Platform, dir string) error

	Ledger Ledger // of earlier builds
}

// LaidOut is the folder with the packages of one platform, unpacked as they belong into a site-packages.
type LaidOut struct {
	Platform Platform
	Dir      string
	Key      string // names what is in Dir: equal if and only if the files are
	Verdict
}

// LayOutWheels lays out the wheels of the lock for each platform, in the order of w.Platforms. Nothing is ever built from source.
// Packages without a wheel come back as one *[MissingWheelsError] that names all of them, for all platforms. A platform's folder is
// replaced whole or not at all, and left alone if neither the lock, uv, the version of Python nor its content changed.
func LayOutWheels(ctx context.Context, run Runner, w Wheels) ([]LaidOut, error) {
	if len(w.Platforms) == 0 {
		return nil, errors.New("laying out wheels: no platform is given")
	}
	lock, err := filepath.Abs(w.Lock)
	if err != nil {
		return nil, fmt.Errorf("laying out wheels: %w", err)
	}
	out, err := filepath.Abs(w.Out)
	if err != nil {
		return nil, fmt.Errorf("laying out wheels: %w", err)
	}
	given := w.Lock
	w.Lock, w.Out = lock, out
	uv, err := w.Ledger.UVVersion(ctx, run, w.UV)
	if err != nil {
		return nil, fmt.Errorf("asking for the version of uv: %w", err)
	}
	all := make([]LaidOut, len(w.Platforms))
	missing := make([][]MissingWheel, len(w.Platforms))
	failed := make([]error, len(w.Platforms))
	var g errgroup.Group
	g.SetLimit(runtime.GOMAXPROCS(0)) // uv locks what two of it share
	for i, p := range w.Platforms {
		g.Go(func() error {
			all[i], missing[i], failed[i] = w.layOut(ctx, run, p, uv)
			return nil
		})
	}
	_ = g.Wait()
	for i, p := range w.Platforms { // the first that fails is the same each time
		if failed[i] != nil {
			return nil, fmt.Errorf("laying out the wheels for %s: %w", p, failed[i])
		}
	}
	if lacks := slices.Concat(missing...); lacks != nil {
		return nil, &MissingWheelsError{Lock: given, Python: w.Python, Missing: lacks}
	}
	return all, nil
}

func (w Wheels) layOut(ctx context.Context, run Runner, p Platform, uv string) (LaidOut, []MissingWheel, error) {
	dir := filepath.Join(w.Out, p.Slug())
	done := LaidOut{Platform: p, Dir: dir}
	step := "wheels." + p.Slug()
	inputs, err := w.inputs(p, uv)
	if err != nil {
		return done, nil, err
	}
	there, err := w.Ledger.tree(OutputInput, dir)
	if err != nil {
		return done, nil, err
	}
	if done.Verdict = w.Ledger.judge(step, inputs, there); !done.Ran() {
		done.Key = there.Key()
		return done, nil, nil
	}
	if s, ok := w.Ledger.load(step); ok && w.Changed != nil && len(Changes(s.Inputs, inputs)) == 0 && len(there) > 0 {
		if err := w.Changed(ctx, p, dir); err != nil {
			return done, nil, err
		}
	}
	next := fresh(dir + ".new")
	defer func() { _ = os.RemoveAll(next) }()
	args, err := w.args(p, next)
	if err != nil {
		return done, nil, err
	}
	err = w.UV.run(ctx, run, "", append(args, "--requirements", w.Lock)...)
	if err != nil {
		lacks, err := w.missing(ctx, run, p, err)
		return done, lacks, err
	}
	// A lock without requirements is a lock too; uv then makes no folder.
	if err := os.MkdirAll(next, 0o755); err != nil {
		return done, nil, err
	}
	made, err := w.Ledger.Files.Tree(OutputInput, w.Ledger.name(dir), next)
	if err != nil {
		return done, nil, err
	}
	done.Key = made.Key()
	if err := w.Ledger.drop(step); err != nil {
		return done, nil, err
	}
	if err := Swap(next, dir); err != nil {
		return done, nil, err
	}
	return done, nil, w.Ledger.vouch(Stamp{Step: step, Inputs: inputs, Outputs: made}, func() (Inputs, error) { return w.inputs(p, uv) })
}

// inputs are all that the wheels of a platform depend on. The command is one of them: it says which Python they are for, and how
// they are chosen.
func (w Wheels) inputs(p Platform, uv string) (Inputs, error) {
	args, err := w.args(p, "DIR")
	if err != nil {
		return nil, err
	}
	var in Inputs
	lock, err := w.Ledger.file(FileInput, w.Lock)
	if err == nil && lock.Value == "" {
		_, err = os.Stat(w.Lock)
	}
	if err != nil {
		return nil, err
	}
	in = append(in, lock)
	in.flag("command", strings.Join(args, " "))
	in.tool("uv", uv, versionNumber.FindString(uv))
	return append(in, variables(w.Ledger.Environ, readByUV)...), nil
}

// readByUV tells which variables steer uv. Those with its cache and its looks do not count.
func readByUV(name string) bool {
	switch name {
	case "UV_CACHE_DIR", "UV_NO_PROGRESS", "UV_OFFLINE", "UV_CONCURRENT_DOWNLOADS":
		return false
	}
	return strings.HasPrefix(name, "UV_") || strings.HasPrefix(name, "PIP_") || name == "SOURCE_DATE_EPOCH"
}

// ask asks uv whether it could lay out a lock, given as text, for p.
func (w Wheels) ask(ctx context.Context, run Runner, p Platform, scratch, lock string) error {
	file := filepath.Join(scratch, "lock.txt")
	if err := os.WriteFile(file, []byte(lock), 0o600); err != nil {
		return err
	}
	args, err := w.args(p, filepath.Join(scratch, "target"))
	if err != nil {
		return err
	}
	return w.UV.run(ctx, run, "", append(args, "--dry-run", "--requirements", file)...)
}

// args is the command line without the requirements. Files are copied, since links into uv's cache would let a change here
// change the cache; and not compiled, since bytecode differs between interpreters and carries times.
func (w Wheels) args(p Platform, target string) ([]string, error) {
	tag, err := p.Wheel()
	args := []string{
		"pip", "install", "--target", target, "--python-platform", tag, "--python-version", w.Python,
		"--only-binary", ":all:", "--no-deps", "--require-hashes", "--link-mode", "copy", "--no-compile-bytecode",
	}
	if w.UV.Python != "" {
		args = append(args, "--python", w.UV.Python)
	}
	return args, err
}
