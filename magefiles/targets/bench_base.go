package targets

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/noetl/noetl/magefiles/debian"
	"github.com/noetl/noetl/magefiles/xbuild"
)

// dropPackages writes another lock of the base, as "mage baseLock" does: without some packages that have no programs, each run
// without others, and with what the architectures have alike.
func (c *contender) dropPackages(ctx context.Context, run int) error {
	file := filepath.Join(c.dir, filepath.FromSlash(c.Base.Lock))
	text, err := os.ReadFile(c.path(c.Base.Lock))
	if err != nil {
		return err
	}
	lock, err := debian.ReadLock(bytes.NewReader(text))
	if err != nil {
		return err
	}
	names := c.droppable(lock)
	if run >= 1<<len(names) {
		return fmt.Errorf("changing the base: there are only %d ways", 1<<len(names)-1)
	}
	lock.Packages = slices.DeleteFunc(lock.Packages, func(p debian.Package) bool {
		i := slices.Index(names, p.Name)
		return i >= 0 && run&(1<<i) != 0
	})
	f, err := c.fetcher(c.show.Warn)
	if err != nil {
		return err
	}
	f.Cache, f.Sum, f.Repacked = filepath.Join(c.cacheDir, "debian"), nil, "" // nothing is made ready for what is measured
	if lock, err = debian.Survey(ctx, f, lock, c.baseSpec()); err != nil {
		return err
	}
	var b bytes.Buffer
	if err := debian.WriteLock(&b, lock); err != nil {
		return err
	}
	return xbuild.WriteFile(file, b.Bytes(), 0o644)
}

// droppable names the packages of data that nobody has asked for.
func (c *contender) droppable(lock debian.Lock) []string {
	var names []string
	for _, p := range lock.Packages {
		data := strings.HasSuffix(p.Path, "_all.deb") || strings.HasSuffix(p.Name, "-base")
		if data && !slices.Contains(c.Base.Packages, p.Name) && !slices.Contains(names, p.Name) {
			names = append(names, p.Name)
		}
	}
	return names
}
