package targets

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/noetl/noetl/magefiles/xbuild"
)

// source is what the image says of where it comes from.
type source struct {
	revision string    // of git, with "-dirty" when files differ from it; "" outside git
	created  time.Time // SOURCE_DATE_EPOCH, else the commit's time, else 1970
	note     string    // what to tell people when something is missing
}

// source asks git and the environment. No git, no repository and no commit yet
// are all fine: the build then lacks a revision and says so.
func (j *job) source(ctx context.Context) (source, error) {
	var s source
	out, err := xbuild.Output(ctx, j.run, j.git("log", "-1", "--no-show-signature", "--format=%H %ct"))
	switch hash, seconds, ok := strings.Cut(out, " "); {
	case ctx.Err() != nil:
		return s, ctx.Err()
	case err != nil || !ok:
		s.created = time.Unix(0, 0).UTC()
		s.note = "there is no commit here (or no git): the image gets no revision, and 1970 as its time"
	default:
		if s.created, err = epoch(seconds); err != nil {
			return s, fmt.Errorf("reading the commit's time: %w", err)
		}
		s.revision = hash
		if dirty, err := xbuild.Output(ctx, j.run, j.git("status", "--porcelain", "--untracked-files=normal")); err != nil || dirty != "" {
			s.revision += "-dirty"
		}
	}
	if v := j.env("SOURCE_DATE_EPOCH"); v != "" {
		if s.created, err = epoch(v); err != nil {
			return s, fmt.Errorf("reading SOURCE_DATE_EPOCH: %w", err)
		}
	}
	return s, nil
}

// git is a git command on this checkout. The owner of a checkout in CI is often
// somebody else; git would refuse to read it. Its commands name what a person's
// git configuration could change.
func (j *job) git(args ...string) xbuild.Cmd {
	return xbuild.Cmd{Name: "git", Args: append([]string{"-c", "safe.directory=*"}, args...), Dir: j.root}
}

// epoch reads seconds since 1970, as reproducible-builds.org defines
// SOURCE_DATE_EPOCH.
func epoch(s string) (time.Time, error) {
	n, err := strconv.ParseInt(strings.TrimSpace(s), 10, 64)
	if err != nil || n < 0 {
		return time.Time{}, fmt.Errorf("%q is no number of seconds since 1970", s)
	}
	return time.Unix(n, 0).UTC(), nil
}
