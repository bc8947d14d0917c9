package targets

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"golang.org/x/sync/errgroup"

	"github.com/noetl/noetl/magefiles/oci"
	"github.com/noetl/noetl/magefiles/report"
	"github.com/noetl/noetl/magefiles/xbuild"
)

// inputs makes everything that the image is made of, side by side.
func (j *job) inputs(ctx context.Context, o order) (inputs, error) {
	var in inputs
	whole := ctx // a base reads its layers with the context that it was opened with, long after the steps
	g, ctx := errgroup.WithContext(ctx)
	step := func(name string, f func(context.Context, *report.Step) error) {
		g.Go(func() error { return j.show.Step(ctx, name, f) })
	}
	g.Go(func() (err error) {
		if in.source, err = j.source(ctx); err == nil {
			j.page.from(in.source)
		}
		return err
	})
	var ui xbuild.UIResult
	if j.hasUI() {
		step("ui", func(ctx context.Context, s *report.Step) error {
			var err error
			ui, err = j.builtUI(ctx, s)
			dir := j.path(j.UI.Out)
			in.ui = layerPart{oci.Dir(dir), xbuild.Key("ui", ui.Key), func() bool { return j.ledger().TreeKey(dir) == ui.Key }}
			return err
		})
	}
	var uv string
	g.Go(func() error {
		path, err := j.tool("uv")
		if err == nil {
			uv, err = j.ledger().UVVersion(ctx, j.run, xbuild.UV{Path: path})
		}
		return err
	})
	var cli xbuild.RustResult
	step("cli", func(ctx context.Context, s *report.Step) error {
		var err error
		if cli, err = j.makeCLI(ctx, s, o.platforms, ""); err == nil {
			in.crates = cli.Crates
			in.cli, err = j.cliParts(cli)
		}
		return err
	})
	step("python packages", func(ctx context.Context, s *report.Step) error {
		split, err := j.splitWheels(ctx, s, o.platforms)
		if err != nil {
			return err
		}
		in.python, in.native = wheelParts(split, o.platforms)
		return nil
	})
	step("package", func(ctx context.Context, s *report.Step) error {
		var err error
		in.pkg, err = j.packagePart(ctx, s)
		return err
	})
	step("base", func(ctx context.Context, s *report.Step) error {
		var err error
		if o.base != "" {
			in.image, err = oci.Open(whole, o.base, j.remote())
			if err == nil {
				s.Detail(in.image.Digest)
			}
			return err
		}
		if in.base, err = j.bases(ctx, s, o); err != nil {
			return err
		}
		s.Detail("packing it into layers")
		if err := j.warm(ctx, s, o, in.base); err != nil {
			return err
		}
		what := "Debian " + j.Base.Suite + " for " + xbuild.Join(o.platforms)
		return j.baseJudged(s, o.platforms, what)
	})
	err := g.Wait() // first: which of in and a call in one return is read first is nobody's promise
	in.tools = toolVersions(ui, cli, uv)
	return in, err
}

// warm makes the layers of the bases while other steps still run; the builder
// finds them in its cache afterwards.
func (j *job) warm(ctx context.Context, s *report.Step, o order, bases map[xbuild.Platform]baseTree) error {
	var plan oci.Plan
	for p, b := range bases {
		plan.Images = append(plan.Images, oci.Image{
			Platform: p.String(), Layers: j.baseLayers(b), Created: fileTime(), FileTime: fileTime(),
		})
	}
	_, err := j.builder(s, o).Build(ctx, plan)
	return err
}

// baseJudged says why the base was packed. Whether it was is the cache's to
// decide, by the lock's lines for the platform: the file may change without them.
func (j *job) baseJudged(s *report.Step, platforms []xbuild.Platform, what string) error {
	l := j.ledger()
	in := l.Inputs([]string{j.path(j.Base.Lock)}, map[string]string{
		"platforms": xbuild.Join(platforms), "suite": j.Base.Suite, "packages": strings.Join(j.Base.Packages, ","),
		"user": fmt.Sprintf("%s %d %s", j.Run.User, j.Run.UID, j.Run.Home), "library": strconv.Itoa(baseVersion),
	})
	v := l.Compare("base", in)
	made := j.page.made()
	switch {
	case made == 0:
		v.Why = nil
	case !v.Ran():
		v.Why = []string{"its layers were not in the cache"}
	}
	j.judged(s, "base", v)
	done(s, made > 0, what)
	return l.Record("base", in)
}

// baseVersion changes with what a base is.
const baseVersion = 2
