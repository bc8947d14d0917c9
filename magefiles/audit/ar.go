package audit

import (
	"bytes"
	"strconv"
	"strings"
)

const (
	arMagic  = "!<arch>\n"
	arMember = 60 // bytes of a member's header: name 16, times and owners, size at 48, "`\n" at 58
)

// arHead recognises static libraries (and Rust's rlibs) and takes the machine
// from the first object that begins within the head. Often none does, as the
// symbol table comes first and can be long: the machine is then unknown.
func arHead(h []byte) (Binary, bool) {
	if !bytes.HasPrefix(h, []byte(arMagic)) {
		return Binary{}, false
	}
	unknown := Binary{Format: Archive, Kind: Object, Arch: "none", Machine: "unknown"}
	for at := len(arMagic); at+arMember <= len(h); {
		member := h[at : at+arMember]
		name := strings.TrimRight(string(member[:16]), " ")
		if name == "debian-binary" || name == "debian-binary/" {
			return Binary{}, false
		}
		size, err := strconv.Atoi(strings.TrimSpace(string(member[48:58])))
		if err != nil || size < 0 || string(member[58:]) != "`\n" {
			break
		}
		body := h[at+arMember:]
		body = body[:min(len(body), size)]
		if long, ok := strings.CutPrefix(name, "#1/"); ok { // BSD puts long names before the data
			if n, err := strconv.Atoi(long); err == nil && n >= 0 && n <= len(body) {
				body = body[n:]
			}
		}
		if b, ok := arObject(body); ok {
			return b, true
		}
		if size > len(h) { // the next member is out of sight; also keeps at from overflowing
			break
		}
		at += arMember + size + size%2
	}
	return unknown, true
}

func arObject(body []byte) (Binary, bool) {
	for _, parse := range []func([]byte) (Binary, bool){elfHead, machoHead} {
		if b, ok := parse(body); ok && b.Arch != "" {
			b.Format, b.Kind = Archive, Object
			return b, true
		}
	}
	return Binary{}, false
}
