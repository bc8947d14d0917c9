package audit

import (
	"fmt"
	"path"
	"strings"
)

// cure says in one line what to do about a finding.
func cure(v verdict, b Binary, w want, name string) string {
	switch v.id {
	case IDFormat:
		if v.severity == Note {
			return "nothing to do"
		}
		return "nothing on " + w.os + " can load it: leave it out, or ship what " + w.platform + " needs in its place"
	case IDMalformed:
		return "copy it again: it is cut off or damaged; leave it out if it is a test's fixture"
	case IDFloatABI:
		return fmt.Sprintf("build it for the %s-float ABI (Rust: armv7-unknown-linux-gnueabihf, GCC: arm-linux-gnueabihf)", w.float)
	}
	switch {
	case pythonModule(name):
		return fmt.Sprintf("install the wheel for %s: the one here is for %s; with uv, --python-platform and --only-binary :all:", w.platform, origin(b, w))
	case strings.HasSuffix(name, ".node"):
		return fmt.Sprintf("install or build this addon for %s: the one here is for %s", w.platform, origin(b, w))
	case b.Kind == Object, b.Kind == Core:
		return "leave it out if nothing links with it, or build it for " + w.platform
	}
	return fmt.Sprintf("build this file for %s: it was built for, or copied from, %s", w.platform, origin(b, w))
}

// origin is the platform that the file would fit.
func origin(b Binary, w want) string {
	os := b.OS
	if os == "" {
		os = w.os
	}
	if len(b.Slices) > 0 || strings.HasPrefix(b.Machine, "unknown") {
		return "other machines"
	}
	return os + "/" + b.Arch
}

// pythonModule reports whether a file came with a wheel: the loader of
// extensions insists on the name's end, and installers on the folder.
func pythonModule(name string) bool {
	base := path.Base(name)
	return strings.Contains(name, "/site-packages/") || strings.Contains(name, "/dist-packages/") ||
		strings.Contains(base, ".cpython-") || strings.HasSuffix(base, ".abi3.so") || strings.HasSuffix(base, ".pyd")
}
