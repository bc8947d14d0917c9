package targets

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/noetl/noetl/magefiles/oci"
	"github.com/noetl/noetl/magefiles/report"
	"github.com/noetl/noetl/magefiles/xbuild"
)

// The engines that assemble images.
const (
	engineOCI    = "oci"    // ours
	engineBuildx = "buildx" // BuildKit, from the Dockerfile
)

// engineFlags are those flags of Images that are about the engine.
type engineFlags struct {
	engine, builder, cacheFrom, cacheTo, buildArg, secret string
}

// buildxOrder is what is ordered of BuildKit, checked as far as that goes
// without building.
type buildxOrder struct {
	docker   string // the program
	version  string // of buildx
	builder  xbuild.Builder
	args     []string
	from, to []xbuild.BuildxCache
	secrets  []string
}

// engine says which one is to be used.
func (j *job) engine(f engineFlags) string { return j.setting(f.engine, "ENGINE", engineOCI) }

// orderEngine asks for what the engine needs: the tools of ours, or buildx and a
// builder that answers. The order is nil for our own engine.
func (j *job) orderEngine(ctx context.Context, f imageFlags, platforms []xbuild.Platform) (*buildxOrder, error) {
	switch engine := j.engine(f.engineFlags); engine {
	case engineBuildx:
		if f.locked {
			return nil, errors.New("building with buildx: -locked is about our own base of Debian packages; name the Dockerfile's bases by digest instead (-base=NAME@sha256:…, -buildArg)")
		}
		return j.orderBuildx(ctx, f.engineFlags, platforms)
	case engineOCI:
		for _, flag := range [][2]string{{"builder", f.builder}, {"cacheFrom", f.cacheFrom}, {"cacheTo", f.cacheTo}, {"buildArg", f.buildArg}, {"secret", f.secret}} {
			if flag[1] != "" {
				return nil, fmt.Errorf("building without Docker: -%s is for buildx; add -engine=buildx, or leave it out", flag[0])
			}
		}
		return nil, j.needs("images")
	default:
		return nil, fmt.Errorf("choosing the engine: there is no %q; possible: %s (the default, without Docker) and %s", engine, engineOCI, engineBuildx)
	}
}

func (j *job) orderBuildx(ctx context.Context, f engineFlags, platforms []xbuild.Platform) (*buildxOrder, error) {
	if j.Docker.File == "" {
		return nil, errors.New("building with buildx: project.go names no Dockerfile")
	}
	o := new(buildxOrder)
	var err error
	if o.from, err = caches("-cacheFrom", j.setting(f.cacheFrom, "CACHE_FROM", "")); err != nil {
		return nil, err
	}
	if o.to, err = caches("-cacheTo", j.setting(f.cacheTo, "CACHE_TO", "")); err != nil {
		return nil, err
	}
	if err := j.checkCaches(append(slices.Clone(o.from), o.to...)); err != nil {
		return nil, err
	}
	if o.args, err = buildArgs(j.setting(f.buildArg, "BUILD_ARG", "")); err != nil {
		return nil, err
	}
	if o.secrets, err = j.buildSecrets(f.secret); err != nil {
		return nil, err
	}
	if o.docker, err = j.locate(j.docker()); err != nil {
		return nil, fmt.Errorf("building with buildx: %w", err)
	}
	if o.version, err = j.buildxVersion(ctx, o.docker); err != nil {
		return nil, err
	}
	o.builder, err = j.findBuilder(ctx, o.docker, j.builderName(f.builder), platforms)
	return o, err
}

// several splits a list whose items may have commas: by semicolons, and by
// lines, as workflow files have it.
func several(s string) []string {
	var out []string
	for _, item := range strings.FieldsFunc(s, func(c rune) bool { return c == ';' || c == '\n' }) {
		if item = strings.TrimSpace(item); item != "" {
			out = append(out, item)
		}
	}
	return out
}

func caches(name, s string) ([]xbuild.BuildxCache, error) {
	var out []xbuild.BuildxCache
	for _, item := range several(s) {
		c, err := xbuild.ParseBuildxCache(item)
		if err != nil {
			return nil, fmt.Errorf("reading %s: %w", name, err)
		}
		out = append(out, c)
	}
	return out, nil
}

// checkCaches refuses what BuildKit would pass over without a word, or after
// the whole build.
func (j *job) checkCaches(list []xbuild.BuildxCache) error {
	for _, c := range list {
		if c.Ref() != "" {
			if _, err := oci.ParseReference(c.Ref()); err != nil {
				return fmt.Errorf("reading the build cache: %w", err)
			}
		}
		if c.Type == "gha" && !c.Token() && j.env("ACTIONS_RUNTIME_TOKEN") == "" {
			return errors.New("reading the build cache: GitHub's cache needs ACTIONS_RUNTIME_TOKEN and ACTIONS_RESULTS_URL, which GitHub gives to actions but not to run: steps; put the step crazy-max/ghaction-github-runtime before it, or take another cache")
		}
	}
	return nil
}

func buildArgs(s string) ([]string, error) {
	list := several(s)
	for _, item := range list {
		if name, _, ok := strings.Cut(item, "="); !ok || name == "" || strings.ContainsAny(name, " -") {
			return nil, fmt.Errorf("reading the build argument %q: write it as NAME=value; several are separated by semicolons", item)
		}
	}
	return list, nil
}

// buildSecrets are those that were asked for, and the CA certificates that this
// machine trusts: a container does not have them, and its steps download.
func (j *job) buildSecrets(asked string) ([]string, error) {
	list := several(asked)
	for _, item := range list {
		if !strings.HasPrefix(item, "id=") && !strings.Contains(item, ",id=") {
			return nil, fmt.Errorf("reading the build secret %q: write it as id=NAME,src=FILE or id=NAME,env=VARIABLE; several are separated by semicolons", item)
		}
	}
	given := func(item string) bool { return strings.HasPrefix(item+",", "id="+j.Docker.CA+",") }
	if j.Docker.CA == "" || slices.ContainsFunc(list, given) {
		return list, nil
	}
	for _, name := range []string{"NODE_EXTRA_CA_CERTS", "SSL_CERT_FILE"} {
		file := j.env(name)
		if file == "" {
			continue
		}
		if info, err := os.Stat(file); err != nil || info.IsDir() {
			return nil, fmt.Errorf("reading the CA certificates %q, which %s names: there is no such file", file, name)
		}
		abs, err := filepath.Abs(file)
		return append(list, xbuild.SecretFile(j.Docker.CA, abs)), err
	}
	return list, nil
}

// buildxArgs are the arguments that the Dockerfile gets from project.go and -base.
func (j *job) buildxArgs(o order, s source) []string {
	args := slices.Clone(j.Docker.Args)
	for _, a := range [][2]string{{j.Docker.VersionArg, j.Version}, {j.Docker.RevisionArg, s.revision}, {j.Docker.BaseArg, o.base}} {
		if a[0] == "" || a[1] == "" {
			continue
		}
		args = slices.DeleteFunc(args, func(known string) bool { return strings.HasPrefix(known, a[0]+"=") })
		args = append(args, a[0]+"="+a[1])
	}
	return args
}

// buildxParameters are what provenance says that the build was told. Values of
// arguments can hold passwords: those that were given by hand are named only.
func (j *job) buildxParameters(o order, s source) map[string]any {
	given := make([]string, len(o.buildx.args))
	for i, a := range o.buildx.args {
		given[i], _, _ = strings.Cut(a, "=")
	}
	return map[string]any{
		"image": j.Image, "platforms": names(o.platforms), "engine": engineBuildx, "dockerfile": j.Docker.File,
		"buildArgs": j.buildxArgs(o, s), "otherBuildArgs": given,
	}
}

// buildx builds the Dockerfile and reads what came of it. The layers stay in
// in.scratch until they are read.
func (j *job) buildx(ctx context.Context, o order) (in inputs, index oci.Index, err error) {
	if in.source, err = j.source(ctx); err != nil {
		return in, nil, err
	}
	if err := os.MkdirAll(j.path("dist"), 0o755); err != nil {
		return in, nil, fmt.Errorf("making room for BuildKit's output: %w", err)
	}
	j.sweepScratch()
	if in.scratch, err = os.MkdirTemp(j.path("dist"), scratchPrefix); err != nil {
		return in, nil, fmt.Errorf("making room for BuildKit's output: %w", err)
	}
	in.tools = map[string]string{"buildx": o.buildx.version}
	rounds := o.buildx.builder.Rounds(o.platforms)
	made := make([]oci.Index, len(rounds))
	g, stepCtx := errgroup.WithContext(ctx)
	for i, platforms := range rounds {
		name := "dockerfile"
		if len(rounds) > 1 {
			name += " " + xbuild.Join(platforms)
		}
		out := filepath.Join(in.scratch, fmt.Sprint(i))
		g.Go(func() error {
			return j.show.Step(stepCtx, name, func(stepCtx context.Context, s *report.Step) error {
				if err := j.buildxRound(stepCtx, s, o, in.source, platforms, out, len(rounds) > 1); err != nil {
					if len(rounds) > 1 {
						err = fmt.Errorf("on %s: %w", j.machineFor(o, platforms), err)
					}
					return err
				}
				built, err := oci.Open(ctx, out, oci.Remote{})
				if err == nil {
					made[i] = built.Index
					s.Detail(fmt.Sprintf("%s with %s", xbuild.Join(platforms), j.machineFor(o, platforms)))
				}
				return err
			})
		})
	}
	if err = g.Wait(); err != nil {
		return in, nil, err
	}
	index, err = oci.Collect(made, j.annotations(in.source))
	return in, index, err
}

// scratchPrefix begins the folders that BuildKit's output comes into.
const scratchPrefix = ".buildx-"

// sweepScratch removes what builds that were killed have left. One that is a day
// old is nobody's.
func (j *job) sweepScratch() {
	left, _ := filepath.Glob(filepath.Join(j.path("dist"), scratchPrefix+"*"))
	for _, dir := range left {
		if info, err := os.Stat(dir); err == nil && time.Since(info.ModTime()) > 24*time.Hour {
			_ = os.RemoveAll(dir)
		}
	}
}

func (j *job) machineFor(o order, platforms []xbuild.Platform) string {
	b := o.buildx.builder
	if len(b.Nodes) < 2 {
		return "builder " + b.Name
	}
	n, _ := b.NodeFor(platforms[0])
	return fmt.Sprintf("machine %s of builder %s", n, b.Name)
}

// buildxRound is one call of buildx. Where several machines build, each has a
// cache of its own.
func (j *job) buildxRound(ctx context.Context, s *report.Step, o order, src source, platforms []xbuild.Platform, out string, alone bool) error {
	about := j.annotations(src)
	b := xbuild.BuildxBuild{
		Docker: o.buildx.docker, Builder: o.buildx.builder.Name, Dir: j.root, File: j.Docker.File, Target: j.Docker.Target,
		Platforms: platforms, Args: append(j.buildxArgs(o, src), o.buildx.args...), Labels: about, Annotate: about, Secrets: o.buildx.secrets,
		CacheFrom: slices.Clone(o.buildx.from), CacheTo: slices.Clone(o.buildx.to), Time: src.created, Out: out, Log: s.Log(),
		Doing: s.Detail,
	}
	if alone {
		for _, c := range o.buildx.from { // also what one machine has left for all platforms
			b.CacheFrom = append(b.CacheFrom, c.Of(platforms[0]))
		}
		for i, c := range b.CacheTo {
			b.CacheTo[i] = c.Of(platforms[0])
		}
	}
	return b.Run(ctx, j.run)
}
