package audit

import (
	"path"
	"strings"
)

// keepText reports whether checks want to read the whole of a small file.
func keepText(name string) bool {
	if needsText(name) {
		return true
	}
	switch name {
	case "/etc/ld.so.conf", "/usr/lib/os-release", "/etc/os-release":
		return true
	}
	dir, base := path.Split(name)
	switch {
	case base == "entry_points.txt":
		return strings.HasSuffix(dir, ".dist-info/")
	case base == "PKG-INFO":
		return strings.HasSuffix(dir, ".egg-info/")
	case dir == "/etc/ld.so.conf.d/":
		return path.Ext(base) == ".conf"
	case dir == "/etc/":
		return strings.HasPrefix(base, "ld-musl-") && path.Ext(base) == ".path"
	}
	return path.Ext(base) == ".pth" || mayHoldSecrets(name)
}
