package audit

import (
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
)

// notebook is a Memory.
type notebook struct {
	mu      sync.Mutex
	records map[string][]byte
}

func newNotebook() *notebook { return &notebook{records: map[string][]byte{}} }

func (n *notebook) Load(digest string) []byte {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.records[digest]
}

func (n *notebook) Save(digest string, record []byte) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.records[digest] = record
}

// remembering are the layers with a memory and with digests; opened counts those that are read.
func remembering(stack []Layer, memory Memory, opened *int) []Layer {
	out := slices.Clone(stack)
	for i, l := range out {
		out[i].Memory = memory
		if l.Digest == "" {
			out[i].Digest = fmt.Sprint("layer ", i)
		}
		out[i].Open = func() (io.ReadCloser, error) {
			*opened++
			return l.Open()
		}
	}
	return out
}

// sameFromMemory tells whether an image that is known from memory is the image that was read.
func sameFromMemory(ctx context.Context, want *Inventory, stack []Layer) error {
	memory, opened := newNotebook(), 0
	for _, time := range []string{"while its layers are learned", "from memory"} {
		got, err := InspectImage(ctx, want.Platform, remembering(stack, memory, &opened), want.Config)
		if err == nil {
			err = differ(got, want)
		}
		if err != nil {
			return fmt.Errorf("the image %s: %w", time, err)
		}
	}
	return nil
}

// differ names the first difference between two inventories, whose layers may have other digests.
func differ(got, want *Inventory) error {
	if got.Stats != want.Stats || got.Partial != want.Partial || !maps.Equal(got.Removed, want.Removed) {
		return fmt.Errorf("%+v %v, not %+v %v", got.Stats, got.Removed, want.Stats, want.Removed)
	}
	for _, name := range slices.Sorted(maps.Keys(want.Files)) {
		a, b := got.Files[name], want.Files[name]
		if a == nil {
			return fmt.Errorf("%s is missing", name)
		}
		one, other := *a, *b
		one.File, other.File = nil, nil
		if one != other || (a.File == nil) != (b.File == nil) {
			return fmt.Errorf("%s: %+v, not %+v", name, *a, *b)
		}
		if a.File == nil {
			continue
		}
		if (a.File.Text == nil) != (b.File.Text == nil) {
			return fmt.Errorf("%s: its text is %q, not %q", name, a.File.Text, b.File.Text)
		}
		x, y := *a.File, *b.File
		for _, c := range []*Content{&x, &y} { // that nothing is nil, or not, is no difference
			c.Text, c.Head = append([]byte{}, c.Text...), append([]byte{}, c.Head...)
		}
		if !reflect.DeepEqual(x, y) {
			return fmt.Errorf("%s: %+v, not %+v", name, x, y)
		}
	}
	if len(got.Files) != len(want.Files) {
		return fmt.Errorf("%d names, not %d", len(got.Files), len(want.Files))
	}
	return nil
}

// TestMemory: a layer is read once, whatever lies under it, unless that decides what is read of it.
func TestMemory(t *testing.T) {
	t.Parallel()
	passwd := []byte("root:x:0:0::/:/bin/sh\n")
	base := tarOf(t, dir("usr/lib"), soft("lib", "usr/lib"), reg("lib/a.so", elfARM64()), reg("etc/passwd", passwd), reg("etc/empty.pth", nil))
	moved := tarOf(t, dir("usr/lib"), soft("conf", "etc"))
	app := tarOf(t, reg("lib/b.so", elfARM64()), hard("lib/c.so", "lib/b.so"), reg("etc/.wh.passwd", nil), reg("usr/bin/run", []byte("#!/bin/sh\n")))
	accounts := tarOf(t, reg("conf/passwd", passwd))
	broken := tarOf(t, reg("x.so", elfARM64()[:30]))
	for _, test := range []struct {
		name   string
		before [][]byte // is read first
		stack  [][]byte
		opened int // layers that the stack is read of then
	}{
		{"the same", [][]byte{base, app}, [][]byte{base, app}, 0},
		{"a layer more", [][]byte{base}, [][]byte{base, app}, 1},
		{"another layer under it", [][]byte{base, app}, [][]byte{moved, app}, 1},
		{"a link that is not there any more leads to a text", [][]byte{moved, accounts}, [][]byte{base, accounts}, 1 + 2},
		{"a fault", [][]byte{base, broken}, [][]byte{base, broken}, 1},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			stack := func(tars [][]byte) []Layer {
				out := layers(tars...)
				for i := range out {
					out[i].Digest = fmt.Sprintf("%x", sha256.Sum256(tars[i]))
				}
				return out
			}
			memory, opened := newNotebook(), 0
			if _, err := InspectImage(t.Context(), "linux/arm64", remembering(stack(test.before), memory, &opened), nil); err != nil {
				t.Fatal(err)
			}
			want, err := InspectImage(t.Context(), "linux/arm64", stack(test.stack), nil)
			if err != nil {
				t.Fatal(err)
			}
			opened = 0
			got, err := InspectImage(t.Context(), "linux/arm64", remembering(stack(test.stack), memory, &opened), nil)
			if err != nil {
				t.Fatal(err)
			}
			if err := differ(got, want); err != nil {
				t.Error(err)
			}
			if opened != test.opened {
				t.Errorf("%d layers were read, want %d", opened, test.opened)
			}
			opened = 0
			again, err := InspectImage(t.Context(), "linux/arm64", remembering(stack(test.stack), memory, &opened), nil)
			if err == nil {
				err = differ(again, want)
			}
			if faulty := test.name == "a fault"; err != nil || (opened > 0) != faulty {
				t.Errorf("the next time: %d layers were read; %v", opened, err)
			}
		})
	}
}

// TestRecord: a layer that was read by itself is known in every image.
func TestRecord(t *testing.T) {
	t.Parallel()
	base := tarOf(t, dir("usr/lib"), soft("lib", "usr/lib"), reg("etc/passwd", []byte("root:x:0:0::/:/bin/sh\n")))
	app := tarOf(t, reg("lib/b.so", elfARM64()), hard("lib/c.so", "lib/b.so"), hard("lib/d", "etc/passwd"), reg("etc/.wh.passwd", nil))
	want, err := InspectImage(t.Context(), "linux/arm64", layers(base, app), nil)
	if err != nil {
		t.Fatal(err)
	}
	memory, opened := newNotebook(), 0
	for i, tar := range [][]byte{base, app} {
		record, err := Record(t.Context(), bytes.NewReader(tar))
		if err != nil || record == nil {
			t.Fatal(record, err)
		}
		memory.Save(fmt.Sprint("layer ", i), record)
	}
	got, err := InspectImage(t.Context(), "linux/arm64", remembering(layers(base, app), memory, &opened), nil)
	if err == nil {
		err = differ(got, want)
	}
	if err != nil || opened > 0 {
		t.Errorf("%d layers were read; %v", opened, err)
	}
	if record, err := Record(t.Context(), bytes.NewReader(base[:700])); err == nil || record != nil {
		t.Errorf("cut off: %q, %v", record, err)
	}
}

// TestMemorySpoilt: what is not as it was written is read anew.
func TestMemorySpoilt(t *testing.T) {
	t.Parallel()
	stack := layers(tarOf(t, reg("a", elfARM64()), reg("b", []byte("text"))))
	memory, opened := newNotebook(), 0
	inspect := func() int {
		t.Helper()
		before := opened
		inv, err := InspectImage(t.Context(), "linux/arm64", remembering(stack, memory, &opened), nil)
		if err != nil || inv.Files["/a"] == nil || inv.Files["/a"].File.Program == nil {
			t.Fatalf("%+v, %v", inv, err)
		}
		return opened - before
	}
	if inspect() != 1 || inspect() != 0 {
		t.Error("it was not remembered")
	}
	for name, spoil := range map[string]func([]byte) []byte{
		"cut off":       func(r []byte) []byte { return r[:len(r)-1] },
		"a bit":         func(r []byte) []byte { r = slices.Clone(r); r[len(r)-1] ^= 1; return r },
		"nothing":       func([]byte) []byte { return []byte{} },
		"something":     func([]byte) []byte { return []byte(strings.Repeat("x", 200)) },
		"another form":  func(r []byte) []byte { return append([]byte("layer 0 "), r[len(tapeHead):]...) },
		"empty, signed": func([]byte) []byte { return []byte(tapeSum(nil)) },
	} {
		memory.records["layer 0"] = spoil(memory.records["layer 0"])
		if inspect() != 1 {
			t.Errorf("%s: the record was believed", name)
		}
	}
}

// TestMemoryOfThisSystem: a real folder of programs, as a layer, comes back as it was.
func TestMemoryOfThisSystem(t *testing.T) {
	t.Parallel()
	var entries []entry
	for _, from := range []string{"/usr/bin", "/etc"} {
		files, err := os.ReadDir(from)
		if err != nil {
			t.Skip("this is no system with " + from)
		}
		for _, f := range files[:min(len(files), 150)] {
			if info, err := f.Info(); err != nil || info.Mode().Type() != 0 || info.Size() > 1<<20 {
				continue
			}
			body, err := fs.ReadFile(os.DirFS(from), f.Name())
			if err != nil {
				continue
			}
			entries = append(entries, reg(strings.TrimPrefix(from, "/")+"/"+f.Name(), body))
		}
	}
	stack := layers(tarOf(t, entries...))
	inv, err := InspectImage(t.Context(), "linux/amd64", stack, nil)
	if err == nil {
		err = sameFromMemory(t.Context(), inv, stack)
	}
	if err != nil {
		t.Error(err)
	}
}
