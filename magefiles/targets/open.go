package targets

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"

	"github.com/noetl/noetl/magefiles/report"
	"github.com/noetl/noetl/magefiles/xbuild"
)

// job is one run of a target: what the project is, where it lies, and how
// things are run and shown.
type job struct {
	project
	root string
	env  func(string) string
	run  xbuild.Runner
	show *report.Reporter
	out  io.Writer
	host xbuild.Platform
	page pageNotes // what the report of an image will show

	environ []string      // what tools get
	files   *xbuild.Files // what files held; nil reads them
	why     verdicts      // of the steps
	read    layersRead    // for the bills of materials
}

// do runs one target. It makes Ctrl-C and SIGTERM end whatever runs, and turns
// errors into what people read: the message, then the cure, then the log.
func do(ctx context.Context, f func(context.Context, *job) error) error {
	// mage itself listens for Ctrl-C; CI systems and service managers send SIGTERM,
	// and a terminal that is closed SIGHUP, unless somebody said nohup.
	ends := []os.Signal{syscall.SIGTERM}
	if !signal.Ignored(syscall.SIGHUP) {
		ends = append(ends, syscall.SIGHUP)
	}
	ctx, stop := signal.NotifyContext(ctx, ends...)
	defer stop()
	collectLate(environment)
	j, err := open(environment, environ())
	if err == nil {
		err = f(ctx, j)
		if serr := j.files.Save(); serr != nil {
			j.show.Warn(serr.Error()) // it costs time, no more
		}
		if rest := j.show.Rest(); rest != "" && ctx.Err() != nil {
			j.show.Print(rest)
		}
	}
	return told(ctx, err)
}

func open(env func(string) string, environ []string) (*job, error) {
	root, err := os.Getwd()
	if err != nil {
		return nil, fmt.Errorf("finding the project's folder: %w", err)
	}
	size, tty := report.Terminal(os.Stdout)
	plain := env("CI") != "" || env("TERM") == "dumb"
	verbose, _ := strconv.ParseBool(env("MAGEFILE_VERBOSE"))
	j := &job{
		project: thisProject(), root: root, env: env, run: xbuild.Exec(environ), out: os.Stdout, host: xbuild.Host(),
		environ: environ,
	}
	if err := j.valid(); err != nil {
		return nil, err
	}
	j.files = xbuild.OpenFiles(j.path("dist/keys/files"))
	j.show = report.New(os.Stdout, report.Options{
		Color: tty && env("NO_COLOR") == "" && env("TERM") != "dumb", TTY: tty && !plain,
		Verbose: verbose, LogDir: j.path("dist/logs"), Size: size, ASCII: plainSigns(env), Actions: j.actions(),
	})
	return j, nil
}

// ledger is what earlier builds of this checkout left to know.
func (j *job) ledger() xbuild.Ledger {
	return xbuild.Ledger{Dir: j.path("dist/keys"), Root: j.root, Files: j.files, Environ: j.environ}
}

// path is a path of the project, given with slashes.
func (j *job) path(rel string) string { return filepath.Join(j.root, filepath.FromSlash(rel)) }

// cache is the folder for downloads and layers that all checkouts of this user
// share.
func (j *job) cache() string {
	if dir := j.env(j.EnvPrefix + "CACHE"); filepath.IsAbs(dir) {
		return dir
	} else if dir != "" {
		return j.path(dir) // tools run in other folders than this one
	}
	if dir, err := os.UserCacheDir(); err == nil {
		return filepath.Join(dir, j.Name+"-build")
	}
	return j.path(".tools/cache") // no home folder, as in some containers
}

// platforms reads -platforms or its fallbacks.
func (j *job) platforms(flag string) ([]xbuild.Platform, error) {
	return xbuild.ParsePlatforms(j.setting(flag, "PLATFORMS", strings.Join(j.Platforms, ",")))
}

// everyPlatform are all of the project, whichever are asked for, and more.
func (j *job) everyPlatform(more []xbuild.Platform) ([]xbuild.Platform, error) {
	all, err := xbuild.ParsePlatforms(strings.Join(j.Platforms, ","))
	for _, p := range more {
		if !slices.Contains(all, p) {
			all = append(all, p)
		}
	}
	return all, err
}

// hostToo is this host, if it is one that can be built for: the image can be
// built on others.
func (j *job) hostToo() []xbuild.Platform {
	if slices.Contains(xbuild.Platforms(), j.host) {
		return []xbuild.Platform{j.host}
	}
	return nil
}

// failure is the error that mage prints. It asks the outermost error for the
// exit status.
type failure struct {
	err    error
	status int
}

func (f *failure) Error() string   { return report.Message(f.err) }
func (f *failure) Unwrap() error   { return f.err }
func (f *failure) ExitStatus() int { return f.status }

// told gives an error its exit status: 130 for an interrupt, as shells do,
// else 1.
func told(ctx context.Context, err error) error {
	var own *failure
	switch {
	case err == nil:
		return nil
	case errors.As(err, &own): // it has its words and its status
		return own
	case ctx.Err() != nil || errors.Is(err, context.Canceled):
		return &failure{fmt.Errorf("interrupted: what was there before is as it was; run the same again to go on: %w", context.Canceled), 130}
	}
	return &failure{err, 1}
}
