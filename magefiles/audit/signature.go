package audit

import (
	"bytes"
	"crypto"
	_ "crypto/sha1" // macOS before 10.12 knows no other
	_ "crypto/sha256"
	_ "crypto/sha512"
	"encoding/binary"
	"hash"
)

// What [Program.Signature] says of a Mach-O file.
const (
	Unsigned        = "none"
	AdHoc           = "ad hoc" // hashes without a certificate: what linkers write, enough to run
	Signed          = "signed" // hashes and a certificate; the certificate is not looked at
	BrokenSignature = "broken" // the file is not what was signed: macOS kills it
)

// Numbers of XNU's osfmk/kern/cs_blobs.h. All of a signature is big-endian.
const (
	csSuperBlob     = 0xfade0cc0
	csCodeDirectory = 0xfade0c02

	csSlotDirectory = 0       // the index's slot of the first code directory,
	csSlotAlternate = 0x1000  // and of up to five more, with other hashes;
	csAlternates    = 5       // between them are the parts that have special hashes
	csSlotCMS       = 0x10000 // the certificate's signature of the code directories

	csFlagAdHoc = 2

	csDirectorySize = 44 // bytes of version 0x20001, the oldest
	csMaxSlots      = 64
)

// csPiece is how much of a file is hashed at once, a multiple of every page size.
const csPiece = 1 << 20

// readSignature verifies what LC_CODE_SIGNATURE points at. A broken signature
// is a result, no error.
func (p *Program) readSignature(w window, off, n uint64) error {
	if p.Signature != Unsigned {
		return malformed("it has two signatures")
	}
	p.Signature = BrokenSignature
	if off > w.size || n > w.size-off {
		p.SignatureFault = "it lies outside of the file"
		return nil
	}
	blob, err := w.read("signature", off, n)
	if err != nil {
		return err
	}
	s := signature{file: w, start: off}
	if err := s.parse(blob); err != nil {
		return err
	}
	if s.fault == "" && !s.adHoc && !s.certified {
		s.fault = "it names a certificate and has none"
	}
	switch {
	case s.fault != "":
		p.SignatureFault = s.fault
	case s.certified:
		p.Signature = Signed
	default:
		p.Signature = AdHoc
	}
	return nil
}

type signature struct {
	file  window
	start uint64 // of the signature; all before it must be signed
	parts map[uint32][]byte

	fault            string
	adHoc, certified bool
}

// parse verifies every code directory. Its error is one of reading.
func (s *signature) parse(blob []byte) error {
	be := binary.BigEndian
	if len(blob) < 12 || be.Uint32(blob) != csSuperBlob || uint64(be.Uint32(blob[4:])) > uint64(len(blob)) {
		s.fault = "it does not begin as a signature does"
		return nil
	}
	blob = blob[:max(be.Uint32(blob[4:]), 12)]
	count := be.Uint32(blob[8:])
	if count > csMaxSlots || 12+8*int(count) > len(blob) {
		s.fault = "its index is cut off"
		return nil
	}
	s.parts = map[uint32][]byte{}
	for i := range int(count) {
		slot, at := be.Uint32(blob[12+8*i:]), uint64(be.Uint32(blob[16+8*i:]))
		if at+8 > uint64(len(blob)) || uint64(be.Uint32(blob[at+4:])) > uint64(len(blob))-at || be.Uint32(blob[at+4:]) < 8 {
			s.fault = "one of its parts is cut off"
			return nil
		}
		if s.parts[slot] != nil {
			s.fault = "it has two parts of one kind"
			return nil
		}
		s.parts[slot] = blob[at:][:be.Uint32(blob[at+4:])]
	}
	s.certified = len(s.parts[csSlotCMS]) > 8
	if s.parts[csSlotDirectory] == nil {
		s.fault = "it has no code directory"
	}
	for _, slot := range []uint32{csSlotDirectory, csSlotAlternate, csSlotAlternate + 1, csSlotAlternate + 2, csSlotAlternate + 3, csSlotAlternate + csAlternates - 1} {
		if s.fault == "" && s.parts[slot] != nil {
			if err := s.directory(s.parts[slot]); err != nil {
				return err
			}
		}
	}
	return nil
}

// directory verifies one code directory: the hash of every page before the
// signature, and of every part of the signature that has one.
func (s *signature) directory(d []byte) error {
	be := binary.BigEndian
	if len(d) < csDirectorySize || be.Uint32(d) != csCodeDirectory {
		s.fault = "its code directory is cut off"
		return nil
	}
	version, flags := be.Uint32(d[8:]), be.Uint32(d[12:])
	hashes, special, pages := uint64(be.Uint32(d[16:])), uint64(be.Uint32(d[24:])), uint64(be.Uint32(d[28:]))
	limit := uint64(be.Uint32(d[32:]))
	size, pageBits := uint64(d[36]), d[39]
	if version >= 0x20300 && len(d) >= 64 && be.Uint64(d[56:]) != 0 {
		limit = be.Uint64(d[56:])
	}
	kind, want := csHash(d[37])
	switch {
	case version >= 0x20100 && len(d) >= 48 && be.Uint32(d[44:]) != 0:
		s.fault = "it is scattered, which no tool of today writes"
	case kind == 0 || size != want:
		s.fault = "its kind of hash is unknown"
	case pageBits < 12 || pageBits > 14:
		s.fault = "its pages are neither of 4 nor of 16 KiB"
	case hashes < special*size || hashes+pages*size > uint64(len(d)) || bytes.IndexByte(d[min(uint64(be.Uint32(d[20:])), uint64(len(d))):], 0) < 0:
		s.fault = "its code directory is cut off"
	case limit != s.start:
		s.fault = "it does not cover all that is before it"
	case pages != (limit+1<<pageBits-1)>>pageBits:
		s.fault = "it has not one hash for each page"
	}
	if s.fault != "" {
		return nil
	}
	h := kind.New()
	s.adHoc = s.adHoc || flags&csFlagAdHoc != 0
	for slot, part := range s.parts {
		if slot == csSlotDirectory || slot >= csSlotAlternate {
			continue
		}
		if uint64(slot) > special || !bytes.Equal(sum(h, part, size), d[hashes-uint64(slot)*size:][:size]) {
			s.fault = "its requirements or entitlements are not those that were signed"
			return nil
		}
	}
	return s.pages(h, d[hashes:][:pages*size], size, limit, 1<<pageBits)
}

func (s *signature) pages(h hash.Hash, hashes []byte, size, limit, page uint64) error {
	for off := uint64(0); off < limit; off += csPiece {
		piece, err := s.file.read("pages", off, min(csPiece, limit-off))
		if err != nil {
			return err
		}
		for len(piece) > 0 {
			n := min(page, uint64(len(piece)))
			if !bytes.Equal(sum(h, piece[:n], size), hashes[:size]) {
				s.fault = "the code is not what was signed"
				return nil
			}
			piece, hashes = piece[n:], hashes[size:]
		}
	}
	return nil
}

// sum returns the first size bytes of b's hash.
func sum(h hash.Hash, b []byte, size uint64) []byte {
	h.Reset()
	h.Write(b)
	return h.Sum(nil)[:size]
}

// csHash maps hashType to the hash and to how many bytes of it are kept.
func csHash(kind byte) (crypto.Hash, uint64) {
	switch kind {
	case 1:
		return crypto.SHA1, 20
	case 2:
		return crypto.SHA256, 32
	case 3:
		return crypto.SHA256, 20
	case 4:
		return crypto.SHA384, 48
	}
	return 0, 0
}
