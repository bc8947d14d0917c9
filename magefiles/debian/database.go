package debian

import (
	"archive/tar"
	"crypto/md5"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
)

// database writes what dpkg would have left in /var/lib/dpkg, so that scanners
// see each package, and "dpkg --root=… --verify" each file.
func (u *unpacker) database(debs []*deb) error {
	debs = slices.SortedFunc(slices.Values(debs), func(a, b *deb) int { return strings.Compare(a.Name, b.Name) })
	var status strings.Builder
	for _, d := range debs {
		status.WriteString(u.installed(d).String() + "\n")
		for name, text := range map[string]string{
			"list":      u.list(d),
			"md5sums":   u.md5sums(d),
			"conffiles": string(d.scripts["conffiles"]),
		} {
			if text == "" {
				continue
			}
			if err := u.write("var/lib/dpkg/info/"+d.infoName()+"."+name, 0o644, []byte(text)); err != nil {
				return err
			}
		}
	}
	// The format's number says that names of files carry architectures.
	if err := u.write("var/lib/dpkg/info/format", 0o644, []byte("1\n")); err != nil {
		return err
	}
	if err := u.write("var/lib/dpkg/available", 0o644, nil); err != nil {
		return err
	}
	return u.write("var/lib/dpkg/status", 0o644, []byte(status.String()))
}

// infoName is the package's name in /var/lib/dpkg/info.
func (d *deb) infoName() string {
	if d.control.get("Multi-Arch") == "same" {
		return d.Name + ":" + d.control.get("Architecture")
	}
	return d.Name
}

// installed is the package's stanza in the status file.
func (u *unpacker) installed(d *deb) stanza {
	s := slices.Clone(d.control)
	s = slices.DeleteFunc(s, func(f field) bool {
		return strings.EqualFold(f.name, "Status") || strings.EqualFold(f.name, "Conffiles")
	})
	at := 1 + slices.IndexFunc(s, func(f field) bool { return strings.EqualFold(f.name, "Package") })
	s = slices.Insert(s, at, field{"Status", "install ok installed"})
	var conffiles strings.Builder
	for line := range strings.Lines(string(d.scripts["conffiles"])) {
		name := strings.TrimSpace(line)
		if n := u.owned(d, name); n != nil && n.file != nil {
			fmt.Fprintf(&conffiles, "\n%s %s", name, md5Hex(n.file.data))
		}
	}
	if conffiles.Len() > 0 {
		s = append(s, field{"Conffiles", conffiles.String()})
	}
	return s
}

// owned finds a path of the package that is in the tree and still the package's.
// Directories belong to everybody.
func (u *unpacker) owned(d *deb, name string) *node {
	n, err := u.walk(name, false, false)
	if err != nil || !n.isDir() && n.owner != d.Name {
		return nil
	}
	return n
}

// has reports whether an entry of the package made it into the tree. A directory may
// be a link by now, as /lib is.
func (u *unpacker) has(d *deb, h *tar.Header) (string, bool) {
	name, err := clean(h.Name)
	if err != nil {
		return "", false
	}
	if h.Typeflag == tar.TypeDir {
		n, err := u.walk(name, true, false)
		return name, err == nil && n.isDir()
	}
	return name, u.owned(d, name) != nil
}

// list has the package's paths as it spells them. What is left out of the image
// is left out here too: the database says what is there.
func (u *unpacker) list(d *deb) string {
	var b strings.Builder
	for _, m := range d.entries {
		if name, ok := u.has(d, m.hdr); ok {
			b.WriteString("/" + name + "\n")
		}
	}
	return b.String()
}

func (u *unpacker) md5sums(d *deb) string {
	var b strings.Builder
	for line := range strings.Lines(string(d.scripts["md5sums"])) {
		_, name, ok := strings.Cut(strings.TrimSuffix(line, "\n"), "  ")
		if ok && u.owned(d, name) != nil {
			b.WriteString(strings.TrimSuffix(line, "\n") + "\n")
		}
	}
	return b.String()
}

// md5Hex is what dpkg compares by; nothing here is trusted for it.
func md5Hex(data []byte) string {
	sum := md5.Sum(data)
	return hex.EncodeToString(sum[:])
}
