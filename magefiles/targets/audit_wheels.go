package targets

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"github.com/noetl/noetl/magefiles/audit"
	"github.com/noetl/noetl/magefiles/xbuild"
)

// auditWheels looks at packages that were laid out and then changed by hand. To
// lay them out again would put it right without a word; but who put a file
// there means it to be in the image, and is to hear that it cannot be.
func (j *job) auditWheels(ctx context.Context, p xbuild.Platform, dir string) error {
	inv, err := audit.InspectTree(ctx, os.DirFS(dir), p.String())
	if err != nil {
		return err
	}
	findings := inv.Check()
	for i := range findings {
		findings[i].Path = filepath.ToSlash(filepath.Join(j.short(dir), filepath.FromSlash(findings[i].Path)))
	}
	if err := audit.Check(findings); err != nil {
		return fmt.Errorf("somebody has changed the packages for %s, of which the layer %q is made: %w\n"+
			"  to have them laid out anew, remove the folder %q", p, nativeLayer, err, j.short(dir))
	}
	return nil
}
