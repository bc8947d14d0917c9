package targets

import (
	"bytes"
	"context"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/noetl/noetl/magefiles/debian"
	"github.com/noetl/noetl/magefiles/report"
	"github.com/noetl/noetl/magefiles/xbuild"
)

func (j *job) baseSpec() debian.Spec {
	return debian.Spec{
		Suites: debian.Suites(j.Base.Suite), Seeds: j.Base.Packages, Exclude: debian.Documentation(), CAs: true,
		Users: []debian.User{{Name: j.Run.User, UID: j.Run.UID, GID: j.Run.UID, Home: j.Run.Home}},
	}
}

// fetcher gets packages from the mirror that somebody named, else from those
// of this machine's apt, else from the project's.
func (j *job) fetcher(warn func(string)) (debian.Fetcher, error) {
	f := debian.Fetcher{
		Cache: filepath.Join(j.cache(), "debian"), Sum: j.files.BlobSum, Log: warn,
		Repacked: filepath.Join(j.layers().Dir, "debs"), // made here, so pruned and cleaned with the layers
	}
	var err error
	if named := j.env(j.EnvPrefix + "DEBIAN_MIRROR"); named != "" {
		f.Mirrors, err = debian.ParseMirrors(named)
		return f, err
	}
	f.Mirrors, err = debian.MirrorsFromAPT(os.DirFS("/"))
	if err != nil {
		warn(fmt.Sprintf("this machine's apt sources are passed over, for %s: %v", j.Base.Mirror, err))
	} else if !f.Mirrors.Empty() {
		return f, nil
	}
	f.Mirrors, err = debian.ParseMirrors(j.Base.Mirror + "," + j.Base.Security)
	return f, err
}

// bases fetches the packages of every platform; they are unpacked only if a
// layer is made of them.
func (j *job) bases(ctx context.Context, s *report.Step, o order) (map[xbuild.Platform]baseTree, error) {
	spec := j.baseSpec()
	lock, err := j.readBaseLock()
	if err != nil {
		return nil, err
	}
	archs, err := debianArchs(o.platforms)
	if err != nil {
		return nil, err
	}
	f, err := j.fetcher(j.show.Warn)
	if err != nil {
		return nil, err
	}
	f.Locked = o.locked
	f.Client = j.page.downloads(func(n int64) { s.Detail("fetching packages, " + report.Bytes(n)) })
	s.Detail("fetching packages")
	if lock, err = debian.Fetch(ctx, f, lock, spec, archs...); err != nil {
		return nil, err
	}
	if lock, err = debian.Surveyed(ctx, f, lock, spec); err != nil {
		return nil, err
	}
	out := map[xbuild.Platform]baseTree{}
	for i, platform := range o.platforms {
		arch := archs[i]
		root := &partedRoot{unpack: func(ctx context.Context) ([]*debian.Tree, error) {
			whole, err := debian.Root(ctx, f, lock, arch, spec)
			if err != nil {
				return nil, err
			}
			return whole.Parts(lock)
		}}
		base := baseTree{packages: lock.For(arch)}
		for n, part := range lock.Parts(arch, spec) {
			base.parts = append(base.parts, rootPiece{part, func(ctx context.Context) (fs.FS, error) { return root.open(ctx, n) }})
		}
		root.unread = len(base.parts) - 1 // the shared one may come from the other platform
		out[platform] = base
	}
	return out, nil
}

func debianArchs(platforms []xbuild.Platform) ([]string, error) {
	archs := make([]string, len(platforms))
	for i, p := range platforms {
		var err error
		if archs[i], err = p.Debian(); err != nil {
			return nil, fmt.Errorf("choosing a base for %s: %w", p, err)
		}
	}
	return archs, nil
}

func (j *job) readBaseLock() (debian.Lock, error) {
	b, err := os.ReadFile(j.path(j.Base.Lock))
	if err != nil {
		return debian.Lock{}, fmt.Errorf("reading the base's lock: %w; make it with: go tool mage baseLock", err)
	}
	lock, err := debian.ReadLock(bytes.NewReader(b))
	if err != nil {
		return lock, fmt.Errorf("reading %q: %w (go tool mage baseLock does that)", j.Base.Lock, err)
	}
	return lock, nil
}

// baseLock resolves the packages again and says what has changed. What the
// project is built for stays in the lock, whoever asks for which platforms.
func (j *job) baseLock(ctx context.Context) error {
	platforms, err := j.platforms("")
	if err != nil {
		return err
	}
	if platforms, err = j.everyPlatform(platforms); err != nil {
		return err
	}
	archs, err := debianArchs(platforms)
	if err != nil {
		return err
	}
	return j.show.Step(ctx, "base lock", func(ctx context.Context, s *report.Step) error {
		f, err := j.fetcher(j.show.Warn)
		if err != nil {
			return err
		}
		lock, err := debian.Resolve(ctx, f, j.baseSpec(), archs...)
		if err != nil {
			return err
		}
		s.Detail("comparing the architectures")
		if lock, err = debian.Survey(ctx, f, lock, j.baseSpec()); err != nil {
			return err
		}
		var b bytes.Buffer
		if err := debian.WriteLock(&b, lock); err != nil {
			return err
		}
		before, _ := os.ReadFile(j.path(j.Base.Lock))
		s.Detail(fmt.Sprintf("%d packages for %s, %d lines changed", len(lock.Packages), strings.Join(archs, " and "), changedLines(string(before), b.String())))
		return xbuild.WriteFile(j.path(j.Base.Lock), b.Bytes(), 0o644)
	})
}

// changedLines counts the lines of b that a lacks.
func changedLines(a, b string) int {
	had := map[string]bool{}
	for line := range strings.Lines(a) {
		had[line] = true
	}
	n := 0
	for line := range strings.Lines(b) {
		if !had[line] {
			n++
		}
	}
	return n
}
