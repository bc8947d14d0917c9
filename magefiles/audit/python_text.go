package audit

import (
	"path"
	"strings"
)

// maxPythonText is the largest file that the checks of Python packages and of
// users ask the text of, in bytes. RECORD of the largest packages there are
// stays under it.
const maxPythonText = 8 << 20

// needsText reports whether the checks of Python packages, of users and of
// entry points read the whole text of the file with that absolute path, so
// that whoever fills an [Inventory] keeps it in [Content].Text, up to
// maxPythonText.
func needsText(name string) bool {
	switch name {
	case "/etc/passwd", "/etc/group":
		return true
	}
	dir, base := path.Split(name)
	switch base {
	case "pyvenv.cfg":
		return true
	case "METADATA", "WHEEL", "RECORD", "INSTALLER":
		return strings.HasSuffix(dir, ".dist-info/")
	}
	return false
}
