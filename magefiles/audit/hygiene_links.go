package audit

import (
	"fmt"
	"io/fs"
	"path"
	"strings"
)

// link tells of links that climb out of the root or point to nothing. Absolute
// links are the rule in images: their root is the image's.
func (h hygiene) link(e *Entry) []Finding {
	if e.Mode.Type() != fs.ModeSymlink {
		return nil
	}
	if climbs(e.Path, e.Link) {
		return []Finding{h.inv.finding(e, IDLinkEscape, Note, fmt.Sprintf("points to %q, which climbs above the root; the kernel stops there, other tools may not", e.Link),
			"make the link absolute")}
	}
	if _, ok := h.inv.Resolve(e.Path); ok || h.packaged[e.Layer] {
		return nil
	}
	if _, ok := h.inv.Removed[h.target(e)]; ok {
		return []Finding{h.whiteout(e, fmt.Sprintf("points to %q", e.Link), h.target(e))}
	}
	if h.inv.Partial || e.Layer < 0 && path.IsAbs(e.Link) || runtimePath(h.target(e)) {
		return nil
	}
	return []Finding{h.inv.finding(e, IDLinkDangling, Note, fmt.Sprintf("points to %q, which is not in the image (or goes in circles)", e.Link),
		"leave the link out, or ship what it points to")}
}

// target is where a link points, without a look at other links.
func (h hygiene) target(e *Entry) string {
	if path.IsAbs(e.Link) {
		return path.Clean(e.Link)
	}
	return path.Join(path.Dir(e.Path), e.Link)
}

// climbs reports whether a link has more ".." than folders above it.
func climbs(name, link string) bool {
	depth := strings.Count(path.Dir(name), "/")
	if path.IsAbs(link) || path.Dir(name) == "/" {
		depth = 0
	}
	for part := range strings.SplitSeq(link, "/") {
		switch part {
		case "", ".":
		case "..":
			if depth--; depth < 0 {
				return true
			}
		default:
			depth++
		}
	}
	return false
}

// runtimePath reports what is there only when a container runs.
func runtimePath(name string) bool {
	for _, dir := range []string{"/proc", "/sys", "/dev", "/run", "/var/run", "/tmp", "/var/tmp", "/mnt", "/media"} {
		if name == dir || strings.HasPrefix(name, dir+"/") {
			return true
		}
	}
	return false
}
