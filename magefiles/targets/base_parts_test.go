package targets

import (
	"context"
	"errors"
	"io"
	"testing"

	"github.com/noetl/noetl/magefiles/debian"
)

func TestPartedRoot(t *testing.T) {
	t.Parallel()
	unpacked := 0
	parts := []*debian.Tree{new(debian.Tree), new(debian.Tree), new(debian.Tree)}
	r := &partedRoot{unread: 2, unpack: func(context.Context) ([]*debian.Tree, error) {
		unpacked++
		return parts, nil
	}}
	for _, n := range []int{0, 1, 2} { // as where there is one processor
		part, err := r.open(t.Context(), n)
		if err != nil {
			t.Fatal(err)
		}
		if part.(heldPart).Tree != parts[n] {
			t.Error("the layers are mistaken for each other")
		}
		if err := part.(io.Closer).Close(); err != nil {
			t.Fatal(err)
		}
		if last := n == 2; (r.parts == nil) != last {
			t.Errorf("after part %d the files are in memory: %v", n, r.parts != nil)
		}
	}
	one, err := r.open(t.Context(), 1)
	if err != nil {
		t.Fatal(err)
	}
	other, err := r.open(t.Context(), 2)
	if err != nil {
		t.Fatal(err)
	}
	if err := one.(io.Closer).Close(); err != nil || r.parts == nil {
		t.Errorf("they are gone while somebody reads them: %v", err)
	}
	if err := other.(io.Closer).Close(); err != nil || r.parts != nil {
		t.Errorf("they stay in memory: %v", err)
	}
	if unpacked != 2 {
		t.Errorf("unpacked %d times, want 2", unpacked)
	}
	r.unpack = func(context.Context) ([]*debian.Tree, error) { return nil, io.ErrUnexpectedEOF }
	for range 2 {
		if _, err := r.open(t.Context(), 0); !errors.Is(err, io.ErrUnexpectedEOF) {
			t.Errorf("got %v", err)
		}
	}
}
