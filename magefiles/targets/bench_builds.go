package targets

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/noetl/noetl/magefiles/bench"
	"github.com/noetl/noetl/magefiles/report"
	"github.com/noetl/noetl/magefiles/xbuild"
)

// benchFlags are those of Bench.
type benchFlags struct {
	image, engines, scenarios, builder, buildArg string
	runs                                         int
	audit, fresh                                 bool
}

// benchDir has the results, and work/ with a clone and the caches of each engine.
const benchDir = "dist/bench"

// benchmark is one call of bench.
type benchmark struct {
	*job
	dir      string // the absolute work folder
	commit   string
	registry *bench.Registry
	address  string // of the registry
	builder  string
	args     []string // --build-arg of BuildKit
	result   bench.Result
}

// benchBuilds runs every chosen engine in every chosen scenario, and writes the
// result after each run, so that a benchmark that is stopped goes on later.
func (j *job) benchBuilds(ctx context.Context, f benchFlags) error {
	engines, scenarios, err := chosen(f)
	if err != nil {
		return err
	}
	b := &benchmark{job: j, dir: j.path(benchDir + "/work"), builder: j.builderName(f.builder)}
	if b.args, err = buildArgs(j.setting(f.buildArg, "BUILD_ARG", "")); err != nil {
		return err
	}
	if b.commit, err = xbuild.Output(ctx, j.run, j.git("rev-parse", "HEAD")); err != nil {
		return fmt.Errorf("measuring builds: each engine builds a clone of this repository's last commit: %w", err)
	}
	if err := b.resume(ctx, f.fresh); err != nil {
		return err
	}
	end, err := b.serve()
	if err != nil {
		return err
	}
	defer end()
	var failed []string
	for _, t := range bench.Schedule(engines, scenarios, max(1, f.runs)) {
		if b.result.Done(t) {
			continue
		}
		if _, err := b.thirdPlatform(); t.Scenario == "three" && err != nil {
			b.result.Miss(bench.Missing{Engine: t.Engine, Scenario: t.Scenario, Why: firstLine(err)}) // no failure: nothing was tried
			if err := b.write(); err != nil {
				return err
			}
			continue
		}
		if err := b.turn(ctx, t); ctx.Err() != nil {
			return ctx.Err()
		} else if err != nil {
			failed = append(failed, t.Engine+"/"+t.Scenario)
			b.result.Miss(bench.Missing{Engine: t.Engine, Scenario: t.Scenario, Why: firstLine(err)})
		}
		if err := b.write(); err != nil {
			return err
		}
	}
	b.verdicts()
	if len(failed) > 0 {
		j.show.Warn("not measured: " + strings.Join(failed, ", ") + "; " + benchDir + "/result.json says why")
	}
	return nil
}

func chosen(f benchFlags) (engines, scenarios []string, err error) {
	var all, every []string
	for _, e := range bench.Engines() {
		all = append(all, e.ID)
	}
	for _, s := range bench.Scenarios() {
		every = append(every, s.ID)
	}
	engines, err = bench.Choose("engines", f.engines, append(all, "mage", "task"))
	if err != nil {
		return nil, nil, err
	}
	scenarios, err = bench.Choose("scenarios", f.scenarios, every)
	return engines, scenarios, err
}

// resume reads what was measured before, if it may be added to.
func (b *benchmark) resume(ctx context.Context, fresh bool) error {
	machine := b.machine(ctx)
	b.result = bench.Result{Title: "Building and publishing the image of " + b.Title, Machine: machine, Commit: b.commit, Date: time.Now().UTC().Truncate(time.Second)}
	text, err := os.ReadFile(b.path(benchDir + "/result.json"))
	if fresh || errors.Is(err, os.ErrNotExist) {
		return os.RemoveAll(b.dir)
	}
	if err != nil {
		return err
	}
	old, err := bench.Read(text)
	if err != nil {
		return err
	}
	if err := old.Same(machine, b.commit); err != nil {
		return err
	}
	b.result = old
	b.result.Machine = machine
	return nil
}

// serve starts the registry, on a port of its own and for this machine alone.
func (b *benchmark) serve() (end func(), err error) {
	b.registry = &bench.Registry{Dir: filepath.Join(b.dir, "registry")}
	// The same port when a benchmark goes on: names of base images have it, and a
	// new name is a change.
	kept := filepath.Join(b.dir, "address")
	address, _ := os.ReadFile(kept)
	var listen net.ListenConfig
	var l net.Listener
	err = errors.New("there is none yet")
	if strings.HasPrefix(string(address), "127.0.0.1:") {
		l, err = listen.Listen(context.Background(), "tcp", string(address))
	}
	if err != nil {
		l, err = listen.Listen(context.Background(), "tcp", "127.0.0.1:0")
	}
	if err != nil {
		return nil, fmt.Errorf("starting a registry to publish to: %w", err)
	}
	b.address = l.Addr().String()
	if err := errors.Join(os.MkdirAll(b.dir, 0o755), os.WriteFile(kept, []byte(b.address), 0o644)); err != nil {
		return nil, errors.Join(err, l.Close())
	}
	server := &http.Server{Handler: b.registry, ReadHeaderTimeout: time.Minute}
	go func() { _ = server.Serve(l) }()
	return func() { _ = server.Close() }, nil
}

// write leaves the result as JSON, Markdown and SVG; half of it never.
func (b *benchmark) write() error {
	text, err := b.result.JSON()
	if err != nil {
		return err
	}
	if err := os.MkdirAll(b.path(benchDir), 0o755); err != nil {
		return err
	}
	for name, content := range map[string][]byte{"result.json": text, "result.md": []byte(b.result.Markdown()), "result.svg": []byte(b.result.SVG())} {
		if err := xbuild.WriteFile(b.path(benchDir+"/"+name), content, 0o644); err != nil {
			return err
		}
	}
	return nil
}

// verdicts shows what the promises have come to.
func (b *benchmark) verdicts() {
	var rows [][]report.Cell
	for _, v := range b.result.Judge(bench.Thresholds()) {
		if !v.Known {
			continue
		}
		verdict := report.Bad("no")
		if v.Good {
			verdict = report.Good("yes")
		}
		rows = append(rows, []report.Cell{report.Text(v.What), report.Number(v.Limits()), report.Number(fmt.Sprintf("%.2f", v.Value)), verdict})
	}
	if rows != nil {
		b.show.Table([]string{"what", "wanted", "measured", "kept"}, rows)
	}
	fmt.Fprintf(b.out, "\n%d runs are in %s/result.json, result.md and result.svg\n", len(b.result.Samples), benchDir)
}

func firstLine(err error) string {
	line, _, _ := strings.Cut(report.Message(err), "\n")
	return line
}
