package audit

import (
	"fmt"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"
)

// IDs of the findings of hygiene: what runs, and had better not be shipped.
const (
	IDSetuid        = "setuid"         // runs with its owner's rights, whoever starts it
	IDWorldWritable = "world-writable" // everybody in the container may change it
	IDDevice        = "device"         // a device node
	IDGitFolder     = "git-folder"     // the history of the sources
	IDPrivateKey    = "private-key"
	IDCredentials   = "credentials"   // passwords and tokens of people and services
	IDLinkEscape    = "link-escape"   // a link that climbs out of the root
	IDLinkDangling  = "link-dangling" // a link to nothing
	IDWhiteout      = "whiteout"      // a layer removes what the image still needs
)

// hygieneInfo is what [Checks] tells of them.
func hygieneInfo() []CheckInfo {
	return []CheckInfo{
		{IDSetuid, "runs with other rights", "A program with the setuid or setgid bit runs with the rights of its owner or group, whoever starts it: a bug in it makes anybody root."},
		{IDWorldWritable, "everybody may change it", "Any process in the container, whatever its user, can change this file, or replace files in this folder, and so what others run."},
		{IDDevice, "a device node", "Device nodes need rights to be unpacked, and engines give containers the devices that they may use."},
		{IDGitFolder, "the sources' repository", "A .git folder holds all that was ever committed, secrets that were removed again among it."},
		{IDPrivateKey, "a private key", "Whoever can pull the image has the key, and layers keep what later ones remove."},
		{IDCredentials, "passwords or tokens", "Whoever can pull the image can log in with what is in this file, and layers keep what later ones remove."},
		{IDLinkEscape, "a link above the root", "The kernel stops at the root; tools that unpack images may follow such a link out of their folder."},
		{IDLinkDangling, "a link to nothing", "What the link points to is in no layer of the image."},
		{IDWhiteout, "a layer removes what is needed", "A layer removes a file of a lower one that a program or a Python distribution in the image needs."},
	}
}

// checkHygiene is check 9: rights, secrets, devices and links.
func checkHygiene(inv *Inventory) []Finding {
	h := hygiene{inv, packagedLayers(inv), secretRules()}
	var findings []Finding
	for _, name := range slices.Sorted(maps.Keys(inv.Files)) {
		e := inv.Files[name]
		findings = append(findings, h.device(e)...)
		findings = append(findings, h.git(e)...)
		findings = append(findings, h.secret(e)...)
		findings = append(findings, h.link(e)...)
	}
	findings = append(findings, h.setuid()...)
	findings = append(findings, h.writable()...)
	findings = append(findings, h.whiteouts()...)
	return findings
}

type hygiene struct {
	inv      *Inventory
	packaged map[int]bool
	rules    []secretRule
}

// packagedLayers are the layers in which a package manager worked: what lies in
// the system's folders there is the distribution's, and its maintainers have
// thought about it. (Distroless images have dpkg's status.d, rpm moved.)
func packagedLayers(inv *Inventory) map[int]bool {
	layers := map[int]bool{}
	for name, e := range inv.Files {
		for _, prefix := range []string{"/var/lib/dpkg/", "/lib/apk/db/", "/usr/lib/apk/db/", "/var/lib/rpm/", "/usr/lib/sysimage/rpm/", "/var/lib/pacman/local/"} {
			if strings.HasPrefix(name, prefix) {
				layers[e.Layer] = true
			}
		}
	}
	return layers
}

// distribution reports whether an entry came with a distribution's package.
func (h hygiene) distribution(e *Entry) bool {
	if !h.packaged[e.Layer] {
		return false
	}
	top, rest, _ := strings.Cut(strings.TrimPrefix(e.Path, "/"), "/")
	switch top {
	case "bin", "sbin", "lib", "lib32", "lib64", "libx32", "etc", "var":
		return true
	case "usr":
		return !strings.HasPrefix(rest, "local/")
	}
	return false
}

// setuid tells of programs that run with the rights of their owner or group.
// Those of a distribution (su, mount, passwd) are one note for each layer.
func (h hygiene) setuid() []Finding {
	var findings []Finding
	known := map[int][]*Entry{}
	for _, e := range h.first(func(e *Entry) bool { return e.Mode.IsRegular() && e.Mode&(fs.ModeSetuid|fs.ModeSetgid) != 0 }) {
		if h.distribution(e) {
			known[e.Layer] = append(known[e.Layer], e)
			continue
		}
		findings = append(findings, h.inv.finding(e, IDSetuid, Warning,
			fmt.Sprintf("runs with the rights of its %s, whoever starts it (mode %s)", owner(e), octal(e.Mode)),
			"chmod ug-s, unless it is meant: one bug in it and a process is root"))
	}
	for _, list := range known {
		message := fmt.Sprintf("runs with the rights of its %s, as the distribution made it", owner(list[0]))
		if n := len(list) - 1; n > 0 {
			message += fmt.Sprintf("; so do %d more (%s)", n, paths(list[1:], 3))
		}
		findings = append(findings, h.inv.finding(list[0], IDSetuid, Note, message,
			"nothing to do; a container that runs with no-new-privileges cannot use them"))
	}
	return findings
}

func owner(e *Entry) string {
	who, id := "owner", e.UID
	if e.Mode&fs.ModeSetuid == 0 {
		who, id = "group", e.GID
	}
	switch {
	case id == 0:
		return who + ", root"
	case id > 0:
		return fmt.Sprintf("%s, %d", who, id)
	}
	return who
}

// writable tells of files and folders that everybody may change. In a folder
// that is told of, what is in it is no news. Folders and wheels on a disk have
// the modes of that disk, and whoever ships them sets others.
func (h hygiene) writable() []Finding {
	bad := h.first(func(e *Entry) bool {
		kind := e.Mode.Type()
		return e.Layer >= 0 && e.Mode.Perm()&0o002 != 0 && (kind == 0 || kind == fs.ModeDir && e.Mode&fs.ModeSticky == 0)
	})
	inside := map[string]int{}
	var tops []*Entry
	for _, e := range bad { // sorted: a folder comes before what is in it
		top := ""
		for dir := path.Dir(e.Path); dir != "/" && top == ""; dir = path.Dir(dir) {
			if _, ok := inside[dir]; ok {
				top = dir
			}
		}
		if top != "" {
			inside[top]++
			continue
		}
		if e.Mode.IsDir() {
			inside[e.Path] = 0
		}
		tops = append(tops, e)
	}
	var findings []Finding
	for _, e := range tops {
		message, cure := "everybody in the container may change this file (mode "+octal(e.Mode)+")", "chmod o-w"
		if e.Mode.IsDir() {
			message = "everybody in the container may replace files in this folder (mode " + octal(e.Mode) + ")"
			if n := inside[e.Path]; n > 0 {
				message += ", and change " + count(n, "file or folder", "files and folders") + " in it"
			}
			cure = "chmod o-w, or chmod +t if all are to write there"
		}
		findings = append(findings, h.inv.finding(e, IDWorldWritable, Warning, message, cure))
	}
	return findings
}

// first lists the entries that which picks, sorted by path; of a file with
// several names the first.
func (h hygiene) first(which func(*Entry) bool) []*Entry {
	var out []*Entry
	seen := map[*Content]bool{}
	for _, name := range slices.Sorted(maps.Keys(h.inv.Files)) {
		e := h.inv.Files[name]
		if !which(e) || e.File != nil && seen[e.File] {
			continue
		}
		if e.File != nil {
			seen[e.File] = true
		}
		out = append(out, e)
	}
	return out
}

// device tells of device nodes; those that every /dev has are laid over by the
// runtime's own, and a note.
func (h hygiene) device(e *Entry) []Finding {
	if e.Mode&fs.ModeDevice == 0 {
		return nil
	}
	if path.Dir(e.Path) == "/dev" {
		if e.Path != "/dev/null" {
			return nil // one for all that an installer of root file systems makes there
		}
		return []Finding{h.inv.finding(e, IDDevice, Note, "the image brings a /dev of its own, which runtimes cover with theirs", "leave /dev empty")}
	}
	return []Finding{h.inv.finding(e, IDDevice, Warning, "is a device node: builders without root cannot unpack it, and it is no use without rights",
		"leave it out, and give the container the device when it is started")}
}

// git tells of repositories: with them go all versions of all files.
func (h hygiene) git(e *Entry) []Finding {
	dir := path.Dir(e.Path)
	folder := h.inv.Files[dir]
	if path.Base(e.Path) != "HEAD" || path.Base(dir) != ".git" || !e.Mode.IsRegular() || folder == nil {
		return nil
	}
	return []Finding{h.inv.finding(folder, IDGitFolder, Warning, "is the repository of the sources, with all that was ever committed",
		"leave it out: a line .git in .dockerignore, or copy what git archive gives")}
}

// octal is a mode as chmod takes it: 4755.
func octal(m fs.FileMode) string {
	n := uint32(m.Perm())
	for bit, value := range map[fs.FileMode]uint32{fs.ModeSetuid: 0o4000, fs.ModeSetgid: 0o2000, fs.ModeSticky: 0o1000} {
		if m&bit != 0 {
			n |= value
		}
	}
	return fmt.Sprintf("%04o", n)
}

func paths(list []*Entry, limit int) string {
	var names []string
	for _, e := range list[:min(len(list), limit)] {
		names = append(names, e.Path)
	}
	if len(list) > limit {
		names = append(names, "…")
	}
	return strings.Join(names, ", ")
}
