package targets

import (
	"context"
	"errors"
	"io"
	"testing"

	"github.com/noetl/noetl/magefiles/debian"
)

// TestPartedRoot: packages are unpacked once for both layers while one of them
// is open, and do not stay in memory afterwards.
func TestPartedRoot(t *testing.T) {
	t.Parallel()
	unpacked := 0
	common, rest := new(debian.Tree), new(debian.Tree)
	r := &partedRoot{unpack: func(context.Context) (shared, own *debian.Tree, err error) {
		unpacked++
		return common, rest, nil
	}}
	for range 2 {
		shared, err := r.shared(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		own, err := r.own(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if shared.(rootPart).Tree != common || own.(rootPart).Tree != rest {
			t.Error("the layers are mistaken for each other")
		}
		if err := errors.Join(shared.(io.Closer).Close(), own.(io.Closer).Close()); err != nil {
			t.Fatal(err)
		}
	}
	if unpacked != 2 {
		t.Errorf("unpacked %d times, want once for each pair", unpacked)
	}
	if r.common != nil || r.rest != nil {
		t.Error("the files stay in memory")
	}
	r.unpack = func(context.Context) (shared, own *debian.Tree, err error) { return nil, nil, io.ErrUnexpectedEOF }
	for range 2 {
		if _, err := r.shared(t.Context()); !errors.Is(err, io.ErrUnexpectedEOF) {
			t.Errorf("got %v", err)
		}
	}
}
