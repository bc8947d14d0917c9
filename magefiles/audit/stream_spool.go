package audit

import (
	"errors"
	"fmt"
	"io"
	"os"
)

// spooled hashes a file too large for memory on its way into a temporary file,
// and lends that to look. A tar is a stream, and programs are read by offsets.
// The file loses its name at once, so that nothing is left behind however this
// process ends; Windows refuses that, and has it removed after closing. There
// is never more than one.
func (c *contents) spooled(file *Content, r io.Reader, look func(io.ReaderAt) error) (err error) {
	spool, err := os.CreateTemp("", "audit-*")
	if err != nil {
		return fmt.Errorf("making a temporary file: %w", err)
	}
	removed := os.Remove(spool.Name()) == nil
	defer func() {
		err = errors.Join(err, spool.Close())
		if !removed {
			err = errors.Join(err, os.Remove(spool.Name()))
		}
	}()
	c.hash.Reset()
	if err := c.drain(io.MultiWriter(c.hash, spool), r, file.Size); err != nil {
		return err
	}
	c.hash.Sum(file.Sum[:0])
	return look(spool)
}
