package audit

import (
	"archive/tar"
	"bytes"
	"crypto/sha256"
	"encoding/gob"
	"encoding/hex"
	"errors"
	"io/fs"
)

// Memory keeps what was read of layers, so that the next image with one of them need not read it again. Several goroutines may use
// it at once. Who gives one vouches that a layer's Digest names its content.
type Memory interface {
	Load(digest string) []byte // what Save was given last for the digest, or nil
	Save(digest string, record []byte)
}

// tape is what was read of one layer, in the order of its tar.
type tape struct {
	Bytes   int64 // of the tar
	Entries []tarEntry

	spoilt bool // something in it depends on more than the layer's bytes, or is too much to keep
}

// tarEntry is an entry of a tar, as far as it counts.
type tarEntry struct {
	Name, Link string
	Kind       byte
	Mode       fs.FileMode
	UID, GID   int
	Size       int64
	Sparse     bool
	Placed     string   // where a regular file landed: that decides whether its text is kept
	File       *Content // of a regular file
}

func tarEntryOf(h *tar.Header) tarEntry {
	return tarEntry{
		Name: h.Name, Link: h.Linkname, Kind: h.Typeflag, Mode: h.FileInfo().Mode(), UID: h.Uid, GID: h.Gid, Size: h.Size, Sparse: sparse(h),
	}
}

// maxTape is how many entries are worth keeping: whoever has more waits for other things, too.
const maxTape = 100_000

// add puts down an entry that was read. What went wrong is told anew each time, and what was left out for want of room may fit in
// another image.
func (t *tape) add(m tarEntry) {
	if t == nil || t.spoilt {
		return
	}
	if len(t.Entries) == maxTape || m.File != nil && (m.Sparse || m.File.faulty() || m.lacksText()) {
		t.spoilt, t.Entries = true, nil
		return
	}
	t.Entries = append(t.Entries, m)
}

func (f *Content) faulty() bool {
	for _, i := range f.Inner {
		if i.Fault != nil {
			return true
		}
	}
	return f.Fault != nil
}

// lacksText reports whether a text was not kept that would be, were there room.
func (m tarEntry) lacksText() bool {
	return m.File.Text == nil && m.Size > 0 && m.File.Program == nil && m.File.Inner == nil && keepText(m.Placed)
}

// errOther means that a tape does not fit the image: the layers under it are other ones than when it was made.
var errOther = errors.New("what is known of the layer does not fit")

// content is what the tape has of a file that lands at p.
func (m tarEntry) content(c *contents, p string) (*Content, error) {
	if keepText(p) != keepText(m.Placed) || m.File == nil || int64(len(m.File.Text)) > c.texts {
		return nil, errOther
	}
	c.texts -= int64(len(m.File.Text))
	if m.Size == 0 && keepText(p) {
		m.File.Text = []byte{} // of nothing there is nothing in the record
	}
	return m.File, nil
}

const tapeHead = "layer 1 "

// record is the tape in bytes, or nil if it is not to be kept.
func (t *tape) record() []byte {
	if t == nil || t.spoilt {
		return nil
	}
	var body bytes.Buffer
	if gob.NewEncoder(&body).Encode(t) != nil {
		return nil // it is read again, then
	}
	return append([]byte(tapeSum(body.Bytes())), body.Bytes()...)
}

// readTape is the tape of a record, or nil if it is none, or not as it was written.
func readTape(record []byte) *tape {
	head := len(tapeSum(nil))
	if len(record) < head || string(record[:head]) != tapeSum(record[head:]) {
		return nil
	}
	var t tape
	if gob.NewDecoder(bytes.NewReader(record[head:])).Decode(&t) != nil {
		return nil
	}
	return &t
}

func tapeSum(body []byte) string {
	sum := sha256.Sum256(body)
	return tapeHead + hex.EncodeToString(sum[:]) + "\n"
}
