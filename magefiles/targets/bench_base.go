package targets

import (
	"bytes"
	"context"
	"fmt"
	"path/filepath"
	"time"

	"github.com/noetl/noetl/magefiles/debian"
	"github.com/noetl/noetl/magefiles/xbuild"
)

// updateBase writes another lock of the base, as "mage baseLock" does after a source package was updated. No two runs have the same
// version, and the packages lie in the cache as if they had been downloaded.
func (c *contender) updateBase(ctx context.Context) error {
	lock, err := c.readBaseLock()
	if err != nil {
		return err
	}
	f, err := c.fetcher(c.show.Warn)
	if err != nil {
		return err
	}
	f.Cache, f.Sum, f.Repacked = filepath.Join(c.cacheDir, "debian"), nil, "" // nothing is made ready for what is measured
	if lock, err = debian.Update(ctx, f, lock, c.baseSpec(), fmt.Sprintf("bench%d", time.Now().UnixNano())); err != nil {
		return err
	}
	var b bytes.Buffer
	if err := debian.WriteLock(&b, lock); err != nil {
		return err
	}
	return xbuild.WriteFile(filepath.Join(c.dir, filepath.FromSlash(c.Base.Lock)), b.Bytes(), 0o644)
}
