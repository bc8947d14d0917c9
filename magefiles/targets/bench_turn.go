package targets

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/noetl/noetl/magefiles/bench"
	"github.com/noetl/noetl/magefiles/report"
	"github.com/noetl/noetl/magefiles/xbuild"
)

// turn is one run of one cell: what has to be there before, the change, the
// build against the clock, and what the registry was sent.
func (b *benchmark) turn(ctx context.Context, t bench.Turn) error {
	return b.show.Step(ctx, fmt.Sprintf("%s %s %d", t.Scenario, t.Engine, t.Run), func(ctx context.Context, s *report.Step) error {
		sample, err := b.sample(ctx, s, t)
		if err != nil {
			return err
		}
		b.result.Add(sample)
		s.Detail(fmt.Sprintf("%.2f s", sample.Seconds))
		return nil
	})
}

func (b *benchmark) sample(ctx context.Context, s *report.Step, t bench.Turn) (bench.Sample, error) {
	sample := bench.Sample{Cell: t.Cell, Run: t.Run, Load: load()}
	if t.Scenario == "list" {
		var err error
		sample.Seconds, err = b.list(ctx, t.Engine)
		return sample, err
	}
	c, err := b.contender(t.Engine)
	if err != nil {
		return sample, err
	}
	if err := c.clone(ctx); err != nil {
		return sample, err
	}
	cold := t.Scenario == "cold" || t.Scenario == "three"
	if !c.built() && (!cold || !c.emulates()) { // downloads are kept when it is cold, so they have to be there
		s.Detail("a build before")
		if _, err := c.build(ctx, s, false); err != nil {
			return sample, fmt.Errorf("building once before: %w", err)
		}
	}
	_ = os.Remove(c.marker())
	c.platforms = c.usual()
	if t.Scenario == "three" {
		third, err := b.thirdPlatform()
		if err != nil {
			return sample, err
		}
		c.platforms += "," + third.String()
	}
	if cold {
		err = c.forget(ctx)
	} else {
		err = c.change(ctx, t.Scenario, t.Run)
	}
	if err != nil {
		return sample, err
	}
	sample.Platform = c.platforms
	s.Detail("building")
	b.registry.Count()
	watch := t.Scenario == "files" || t.Scenario == "large"
	began := time.Now()
	sample.Peak, err = c.timed(ctx, s, cold, watch)
	sample.Seconds = time.Since(began).Seconds()
	if watch {
		err = errors.Join(err, c.change(ctx, "small again", 0))
	}
	if err != nil {
		return sample, err
	}
	sent, blobs := b.registry.Count()
	sample.Sent, sample.Blobs = &sent, &blobs
	if c.ours() && cold {
		sample.Tools = toolsTime(filepath.Join(c.dir, "dist", "report.html"), sample.Seconds)
	}
	if cold {
		err = b.storage(ctx, c, &sample)
	}
	return sample, errors.Join(err, os.WriteFile(c.marker(), nil, 0o644))
}

// thirdPlatform is the first one beyond the project's that all three tools can build an image for: Rust, uv and Debian. The error
// says why there is none.
func (b *benchmark) thirdPlatform() (xbuild.Platform, error) {
	why := errors.New("the project has them all")
	for _, p := range xbuild.Platforms() {
		if p.OS != "linux" || slices.Contains(b.Platforms, p.String()) {
			continue
		}
		_, rust := p.Triple()
		_, wheel := p.Wheel()
		_, base := p.Debian()
		if why = errors.Join(rust, wheel, base); why == nil {
			return p, nil
		}
	}
	return xbuild.Platform{}, fmt.Errorf("looking for a third platform: %w", why)
}

// list is the time until the targets are listed, by us or by Task.
func (b *benchmark) list(ctx context.Context, who string) (float64, error) {
	cmd := xbuild.Cmd{Name: "go", Args: []string{"tool", "mage", "-l"}, Dir: b.root}
	if who == "task" {
		cmd = xbuild.Cmd{Name: "task", Args: []string{"--list"}, Dir: b.root}
	}
	if err := b.run(ctx, cmd); err != nil {
		return 0, err
	}
	began := time.Now()
	err := b.run(ctx, cmd)
	return time.Since(began).Seconds(), err
}

var (
	pageBar   = regexp.MustCompile(`(?s)<span class="name">([^<]*)</span>.*?<span class="bar" style="left:([0-9.]+)%;width:([0-9.]+)%"`)
	ownLabour = regexp.MustCompile(`^(layers|audit|attest|layout|publish|push|sign|shard)`)
)

// toolsTime is when the last tool was done, in seconds from the start: the page
// of the build draws every step, in percent of the whole. What comes after is
// our own.
func toolsTime(page string, whole float64) float64 {
	text, err := os.ReadFile(page)
	if err != nil {
		return 0
	}
	last := 0.0
	for _, m := range pageBar.FindAllStringSubmatch(string(text), -1) {
		left, _ := strconv.ParseFloat(m[2], 64)
		width, _ := strconv.ParseFloat(m[3], 64)
		if !ownLabour.MatchString(strings.TrimSpace(m[1])) {
			last = max(last, left+width)
		}
	}
	return whole * last / 100
}
