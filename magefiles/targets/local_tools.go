package targets

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/sync/errgroup"

	"github.com/noetl/noetl/magefiles/xbuild"
)

// localTools are the tools of setupLocalDev, as they were found.
type localTools []xbuild.Found

// askLocalTools starts each tool that setupLocalDev needs, all at once: one that
// is there and does not run, such as a rustup without a toolchain or the Windows
// store's Python, is as good as missing.
func (j *job) askLocalTools(ctx context.Context) (localTools, error) {
	var tools []xbuild.Tool
	for _, t := range j.tools() {
		if neededFor(t, []string{"setupLocalDev"}) {
			tools = append(tools, t)
		}
	}
	found := make(localTools, len(tools))
	g, ctx := errgroup.WithContext(ctx)
	for i, t := range tools {
		g.Go(func() error {
			found[i] = xbuild.Find(ctx, j.run, t, j.lookOutside())
			return ctx.Err()
		})
	}
	return found, g.Wait()
}

// missing names all tools at once that nothing works without, with their cures.
func (l localTools) missing(j *job) error {
	var all []error
	for _, f := range l {
		if f.Err != nil && !forUI(f.Tool) {
			all = append(all, fmt.Errorf("finding %s, which %s: %s; %s", f.Tool.Name, f.Tool.Why, lacking(f), j.installLine(f.Tool)))
		}
	}
	return errors.Join(all...)
}

// noUI says in one sentence why the web UI cannot be built here and how that is
// changed; "" if it can. The API does not need it.
func (l localTools) noUI(j *job) string {
	var why, cures []string
	for _, f := range l {
		if f.Err == nil || !forUI(f.Tool) {
			continue
		}
		why = append(why, f.Tool.Name+": "+lacking(f))
		if cure := j.installLine(f.Tool); !slices.ContainsFunc(cures, func(c string) bool { return strings.HasPrefix(cure, c) }) {
			cures = append(cures, cure)
		}
	}
	if why == nil {
		return ""
	}
	return fmt.Sprintf("the web UI was not built (%s), and the API works without it; for the UI, %s, and run this again", strings.Join(why, "; "), strings.Join(cures, " and "))
}

func forUI(t xbuild.Tool) bool { return neededFor(t, []string{"buildUI"}) }

// lacking is what is wrong with a tool, without its name.
func lacking(f xbuild.Found) string {
	if errors.Is(f.Err, xbuild.ErrNotFound) {
		return "it is not installed"
	}
	text := strings.TrimPrefix(f.Err.Error(), "finding "+f.Tool.Name+": ")
	return strings.TrimPrefix(text, "none will do: ")
}

// lookOutside finds programs as look does, but those of an environment that the
// person has activated last: ours must not hang on it.
func (j *job) lookOutside() func(string) (string, error) {
	return xbuild.Look(lastly(j.env("PATH"), j.env("VIRTUAL_ENV"), j.env("CONDA_PREFIX")))
}

// lastly moves the folders of a PATH that lie in one of the given folders to its end.
func lastly(path string, folders ...string) string {
	var first, last []string
	for _, dir := range filepath.SplitList(path) {
		if slices.ContainsFunc(folders, func(folder string) bool { return folder != "" && liesIn(dir, folder) }) {
			last = append(last, dir)
		} else {
			first = append(first, dir)
		}
	}
	return strings.Join(append(first, last...), string(filepath.ListSeparator))
}

func liesIn(path, folder string) bool {
	rel, err := filepath.Rel(folder, path)
	return err == nil && rel != ".." && !strings.HasPrefix(rel, ".."+string(filepath.Separator))
}
