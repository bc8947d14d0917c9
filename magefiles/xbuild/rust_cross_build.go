package xbuild

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"path"
	"path/filepath"
	"slices"
	"strings"
)

// invokeCross runs cross once for each triple, which is all that it can do, and
// tells where its programs are outside of the container.
func (b RustBuild) invokeCross(ctx context.Context, run Runner, tc Toolchain, m metadata, config cargoConfig) ([]made, []library, error) {
	var out []made
	var all []library
	for i, triple := range tc.triples {
		c, target := crossCmd(b, tc, triple, m, config)
		name := "cross-" + triple + "-" + strings.ToLower(rand.Text()[:10])
		c.Env = append(c.Env, "CROSS_CONTAINER_OPTS="+strings.TrimSpace(b.crossOptions()+" --name "+name))

		// Ending the client does not end the container.
		ended := make(chan struct{})
		stop := context.AfterFunc(ctx, func() {
			defer close(ended)
			_ = run(context.WithoutCancel(ctx), Cmd{Name: tc.cross.engine, Args: []string{"rm", "--force", name}})
		})
		programs, libs, err := b.runCargo(ctx, run, c)
		if !stop() {
			<-ended
		}
		if err != nil {
			return nil, nil, crossExplain(err)
		}
		all = append(all, libs...)
		for _, e := range programs {
			rest, inside := strings.CutPrefix(e.path, crossTarget+"/")
			if !inside {
				return nil, nil, fmt.Errorf("placing %q: it was not built in the container; cross runs cargo outside of one when it cannot read the crate's metadata", e.path)
			}
			e.path = filepath.Join(target, filepath.FromSlash(rest))
			out = append(out, made{e, tc.Platforms[i], tc.String()})
		}
	}
	return out, all, nil
}

// Where cross mounts things. The target folder is the one that its --target-dir
// names, whatever the environment and the configuration say.
const (
	crossSource = "/project"
	crossCargo  = "/cargo"
	crossRust   = "/rust"
	crossTarget = "/target"
)

// crossCmd is one invocation, with paths as they are in the container, and the
// target folder as it is outside.
//
// That folder is cross's own, and another for each glibc: cargo does not see
// that build scripts were linked for the system outside, nor that the version
// to link for has changed, and would take what is there.
func crossCmd(b RustBuild, tc Toolchain, triple string, m metadata, config cargoConfig) (c Cmd, target string) {
	source := crossSource
	for _, pkg := range m.Packages {
		if pkg.Source == nil && !under(filepath.Dir(pkg.ManifestPath), m.WorkspaceRoot) {
			source = m.WorkspaceRoot // with such packages all source is mounted where it is
		}
	}
	mounts := [][2]string{
		{m.TargetDirectory, crossTarget}, {m.WorkspaceRoot, source}, {tc.cross.sysroot, crossRust}, {cargoHome(b.Getenv), crossCargo},
	}
	inside := metadata{WorkspaceRoot: source, TargetDirectory: crossTarget}
	for _, pkg := range m.Packages {
		pkg.ManifestPath = mounted(pkg.ManifestPath, mounts)
		inside.Packages = append(inside.Packages, pkg)
	}
	container, one := b, tc
	container.Getenv = func(key string) string {
		if key == "CARGO_HOME" {
			return crossCargo
		}
		return b.Getenv(key)
	}
	one.triples, one.rustc.sysroot = []string{triple}, crossRust
	c = buildCmd(container, one, inside, config)
	target = filepath.Join(m.TargetDirectory, "cross-glibc-"+b.Glibc)
	c.Args = append(c.Args, "--target-dir", target)
	c.Env = slices.Concat(c.Env, tc.cross.env(tc.rustc), []string{"CROSS_GLIBC=" + b.Glibc})
	return c, target
}

// mounted is where a path of this machine is in the container.
func mounted(p string, mounts [][2]string) string {
	for _, m := range mounts {
		if m[0] != "" && under(p, m[0]) {
			return path.Join(m[1], filepath.ToSlash(strings.TrimPrefix(p, m[0])))
		}
	}
	return p
}

// crossOptions are the caller's own options for the container.
func (b RustBuild) crossOptions() string {
	return cmp.Or(b.Getenv("CROSS_CONTAINER_OPTS"), b.Getenv("DOCKER_OPTS"))
}

// crossExplain adds the cure to a failure of cross itself that we recognise;
// cargo's own are for later.
func crossExplain(err error) error {
	var te *ToolError
	if !errors.As(err, &te) {
		return err
	}
	// These explain more than what cargo's own words, or the engine's, would be taken for.
	if hint := firstCure(crossFailures(), te.Output); hint != "" {
		te.Hint = hint
	}
	return err
}

func crossFailures() []failure {
	return []failure{
		known(`when building dockerfile`,
			"the image could not be built; what the engine said is above. Its Dockerfile is named by Cross.toml; CROSS_BUILD_OPTS gives the build more arguments, such as --build-arg for another base or --network"),
		known(`Unable to find image|pull access denied`,
			"the image that Cross.toml names is not here and cannot be fetched: build it, or name a dockerfile there"),
		known(`version .GLIBC_[\d.]+. not found`,
			"the image is older than what it has to run: take a newer base for it"),
		known(`sh: \d+: cargo: not found|exec format error`,
			"the engine could not run the x86-64 Linux toolchain that cross mounts: the image and the engine have to be for linux/amd64, and folders of the user's home shared with the engine"),
	}
}
