package xbuild

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Platform is an operating system and an architecture, spelled as the OCI
// image specification and Go spell them: linux/amd64, linux/arm/v7. It is
// comparable, so it can be a map key.
type Platform struct{ OS, Arch, Variant string }

// platformNames is one row of the table: what everybody else calls a platform.
// An empty name means that there is none, not that nobody looked it up.
type platformNames struct {
	platform  Platform
	triple    string // rustc --print target-list
	debian    string // dpkg --print-architecture
	wheel     string // uv pip install --python-platform
	multiarch string // Debian's and GNU's directory name, gcc's prefix
	machine   string // uname -m
}

// table returns every platform that can be built for. It is a function and not
// a variable so that nobody can change it. Order does not matter here.
//
// Rust: the windows triples are the GNU ones because only those can be linked
// on any host; aarch64 has no mingw gcc, hence gnullvm.
// Python: manylinux_2_40 is the newest that the base's glibc (2.41) satisfies
// and uv knows; there is no 32-bit arm platform in uv at all.
func table() []platformNames {
	return []platformNames{
		{Platform{"linux", "amd64", ""}, "x86_64-unknown-linux-gnu", "amd64", "x86_64-manylinux_2_40", "x86_64-linux-gnu", "x86_64"},
		{Platform{"linux", "arm64", ""}, "aarch64-unknown-linux-gnu", "arm64", "aarch64-manylinux_2_40", "aarch64-linux-gnu", "aarch64"},
		{Platform{"linux", "arm", "v7"}, "armv7-unknown-linux-gnueabihf", "armhf", "", "arm-linux-gnueabihf", "armv7l"},
		{Platform{"darwin", "amd64", ""}, "x86_64-apple-darwin", "", "x86_64-apple-darwin", "", "x86_64"},
		{Platform{"darwin", "arm64", ""}, "aarch64-apple-darwin", "", "aarch64-apple-darwin", "", "arm64"},
		{Platform{"windows", "amd64", ""}, "x86_64-pc-windows-gnu", "", "x86_64-pc-windows-msvc", "x86_64-w64-mingw32", "AMD64"},
		{Platform{"windows", "arm64", ""}, "aarch64-pc-windows-gnullvm", "", "aarch64-pc-windows-msvc", "aarch64-w64-mingw32", "ARM64"},
	}
}

// Platforms returns every platform in the table, sorted by String.
func Platforms() []Platform {
	var all []Platform
	for _, row := range table() {
		all = append(all, row.platform)
	}
	SortPlatforms(all)
	return all
}

// SortPlatforms sorts in place by String, the order used everywhere that
// platforms are listed or stored.
func SortPlatforms(list []Platform) {
	slices.SortFunc(list, func(a, b Platform) int { return cmp.Compare(a.String(), b.String()) })
}

// String is the OCI spelling, os/arch[/variant]; ParsePlatform is its inverse.
func (p Platform) String() string {
	s := p.OS + "/" + p.Arch
	if p.Variant != "" {
		s += "/" + p.Variant
	}
	return s
}

// Slug is String with dashes, for file and folder names: linux-arm-v7.
func (p Platform) Slug() string { return strings.ReplaceAll(p.String(), "/", "-") }

// Exe is the file name of the program called name: with .exe on Windows.
func (p Platform) Exe(name string) string {
	if p.OS == "windows" {
		return name + ".exe"
	}
	return name
}

// Triple is Rust's name: aarch64-unknown-linux-gnu.
func (p Platform) Triple() (string, error) {
	return p.name("Rust", func(r platformNames) string { return r.triple })
}

// Debian is the architecture's name in Debian: amd64, arm64, armhf.
func (p Platform) Debian() (string, error) {
	return p.name("Debian", func(r platformNames) string { return r.debian })
}

// Wheel is the value of uv's --python-platform.
func (p Platform) Wheel() (string, error) {
	return p.name("Python wheels (uv)", func(r platformNames) string { return r.wheel })
}

// Multiarch is GNU's name, which is also the prefix of the cross gcc:
// aarch64-linux-gnu.
func (p Platform) Multiarch() (string, error) {
	return p.name("GNU", func(r platformNames) string { return r.multiarch })
}

// Machine is what `uname -m` and Python's platform.machine() say there.
func (p Platform) Machine() (string, error) {
	return p.name("uname", func(r platformNames) string { return r.machine })
}

// GoEnv is the environment that makes the go command build for p.
func (p Platform) GoEnv() []string {
	env := []string{"GOOS=" + p.OS, "GOARCH=" + p.Arch}
	if p.Arch == "arm" && p.Variant != "" {
		env = append(env, "GOARM="+strings.TrimPrefix(p.Variant, "v"))
	}
	return env
}

// name looks one name up; its errors list the platforms that do have one.
func (p Platform) name(who string, pick func(platformNames) string) (string, error) {
	var have []Platform
	known := false
	for _, row := range table() {
		n := pick(row)
		if row.platform == p {
			if n != "" {
				return n, nil
			}
			known = true
		}
		if n != "" {
			have = append(have, row.platform)
		}
	}
	SortPlatforms(have)
	if !known {
		return "", fmt.Errorf("naming platform %q for %s: unknown platform; possible: %s", p, who, Join(Platforms()))
	}
	return "", fmt.Errorf("naming platform %q for %s: it has no name there; possible: %s", p, who, Join(have))
}

// Join lists platforms for people and for flags: "linux/amd64,linux/arm64".
func Join(list []Platform) string {
	var names []string
	for _, p := range list {
		names = append(names, p.String())
	}
	return strings.Join(names, ",")
}
