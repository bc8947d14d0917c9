package targets

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// clean removes what was built, and the cache of layers, which all checkouts of
// this user share: they make theirs again. Downloads are no products, and stay.
func (j *job) clean() error {
	gone := []string{"dist", j.CLI.Dir + "/target"}
	if j.hasUI() {
		gone = []string{"dist", j.UI.Out, j.UI.Dir + "/dist", j.CLI.Dir + "/target"}
	}
	for _, dir := range gone {
		if err := os.RemoveAll(j.path(dir)); err != nil {
			return fmt.Errorf("removing %q: %w; end what still uses it, or see who owns it", dir, err)
		}
	}
	for _, made := range []string{"layers", "attest"} {
		if err := os.RemoveAll(filepath.Join(j.cache(), made)); err != nil {
			return fmt.Errorf("emptying the cache in %q: %w; end what still uses it, or see who owns it", j.cache(), err)
		}
	}
	for _, dir := range j.CLI.Into {
		file := filepath.Join(j.path(dir), j.host.Exe(j.CLI.Binary))
		if err := os.Remove(file); err != nil && !os.IsNotExist(err) {
			return fmt.Errorf("removing %q: %w; end it if it still runs, or see who owns it", j.short(file), err)
		}
		old, _ := filepath.Glob(file + ".old*") // what stepped aside while it ran, on Windows
		for _, file := range old {
			_ = os.Remove(file) // it may run still
		}
	}
	fmt.Fprintf(j.out, "removed %s and the built programs; and the layers in %s; .tools, .venv and what was downloaded there are kept\n", strings.Join(gone, ", "), j.cache())
	return nil
}
