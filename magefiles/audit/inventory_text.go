package audit

import (
	"path"
	"strings"
)

// keepText reports whether checks want to read the whole of a small file.
func keepText(name string) bool {
	switch name {
	case "/etc/passwd", "/etc/group", "/etc/ld.so.conf", "/usr/lib/os-release", "/etc/os-release":
		return true
	}
	dir, base := path.Split(name)
	switch path.Ext(strings.TrimSuffix(dir, "/")) {
	case ".dist-info":
		switch base {
		case "METADATA", "WHEEL", "RECORD", "entry_points.txt", "INSTALLER":
			return true
		}
	case ".egg-info":
		return base == "PKG-INFO"
	}
	switch {
	case base == "pyvenv.cfg", path.Ext(base) == ".pth":
		return true
	case dir == "/etc/ld.so.conf.d/":
		return path.Ext(base) == ".conf"
	case dir == "/etc/":
		return strings.HasPrefix(base, "ld-musl-") && path.Ext(base) == ".path"
	}
	return false
}
