package debian

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"path"
	"regexp"
	"slices"
	"strings"
)

// treeFormat goes into every key: raise it when equal inputs give another tree.
const treeFormat = "debian tree 1"

// Suite is one distribution of an archive.
type Suite struct {
	Name     string // the code name, "trixie-updates"
	Security bool   // it lives in the security archive, not in the main one
}

// Suites returns a stable release with its updates and its security fixes.
func Suites(codename string) []Suite {
	return []Suite{
		{Name: codename},
		{Name: codename + "-updates"},
		{Name: codename + "-security", Security: true},
	}
}

// User is an account the root file system has beyond those of base-passwd. A
// group of the same name and Gid is made, unless the Gid exists already.
type User struct {
	Name     string
	UID, GID int
	Home     string // absolute; created, mode 0755, owned by the user. Empty for none
	Shell    string // empty means /usr/sbin/nologin
}

// Spec says what a root file system is made of. It is the same for every
// architecture.
type Spec struct {
	Suites  []Suite
	Seeds   []string // package names; their dependencies follow, Recommends do not
	Users   []User
	Exclude []string // paths and path.Match patterns left out with all below them; copyright files always stay
	CAs     bool     // generate /etc/ssl/certs/ca-certificates.crt from what ca-certificates ships
}

// Documentation returns the paths that an image can do without: manuals,
// translations and the like. For Spec.Exclude.
func Documentation() []string {
	return []string{
		"usr/share/bug", "usr/share/doc", "usr/share/doc-base", "usr/share/groff", "usr/share/info",
		"usr/share/lintian", "usr/share/locale", "usr/share/man", "usr/share/pixmaps", "usr/share/applications",
	}
}

var (
	packageName  = regexp.MustCompile(`^[a-z0-9][a-z0-9+.-]+$`)
	suiteName    = regexp.MustCompile(`^[a-z0-9][a-z0-9.+/-]*$`)
	architecture = regexp.MustCompile(`^[a-z0-9][a-z0-9-]*$`)
	accountName  = regexp.MustCompile(`^[a-z_][a-z0-9_-]{0,31}$`)
)

func (s Spec) validate() error {
	if len(s.Suites) == 0 || len(s.Seeds) == 0 {
		return fmt.Errorf("checking the base's specification: it names no suite or no package; name at least one of each")
	}
	for _, suite := range s.Suites {
		if !suiteName.MatchString(suite.Name) || strings.Contains(suite.Name, "..") {
			return fmt.Errorf("checking the base's specification: %q is no suite name; one looks like \"trixie\"", suite.Name)
		}
	}
	for _, name := range s.Seeds {
		if !packageName.MatchString(name) {
			return fmt.Errorf("checking the base's specification: %q is no Debian package name; it has lower case letters, digits, + - and . only", name)
		}
	}
	for _, pattern := range s.Exclude {
		if _, err := path.Match(pattern, "x"); err != nil || strings.HasPrefix(pattern, "/") || pattern == "" || pattern == "." {
			return fmt.Errorf("checking the base's specification: %q is no path to leave out; write it as \"usr/share/doc\"", pattern)
		}
	}
	for _, u := range s.Users {
		if err := u.validate(); err != nil {
			return err
		}
	}
	return nil
}

func (u User) validate() error {
	if !accountName.MatchString(u.Name) {
		return fmt.Errorf("checking user %q: not a name useradd(8) would take; use lower case letters, digits, _ and -", u.Name)
	}
	if u.UID < 1 || u.GID < 1 || u.UID > 1<<31-2 || u.GID > 1<<31-2 {
		return fmt.Errorf("checking user %q: uid %d and gid %d have to be above 0 and below 2147483647", u.Name, u.UID, u.GID)
	}
	for _, p := range []string{u.Home, u.Shell} {
		if p != "" && (!path.IsAbs(p) || path.Clean(p) != p || strings.ContainsAny(p, ":\n")) {
			return fmt.Errorf("checking user %q: %q has to be an absolute path without . .. : or a trailing slash", u.Name, p)
		}
	}
	return nil
}

// Key is a digest, in hex, of all that Root's result for arch depends on: equal
// keys, equal trees. For caching what is made of it.
func (l Lock) Key(arch string, spec Spec) string {
	h := sha256.New()
	fmt.Fprintf(h, "%s\n%v\n%+v\n%q\n", treeFormat, spec.CAs, spec.Users, sorted(spec.Exclude))
	for _, p := range l.For(arch) {
		h.Write([]byte(p.line() + "\n"))
	}
	return hex.EncodeToString(h.Sum(nil))
}

func sorted(list []string) []string {
	return slices.Compact(slices.Sorted(slices.Values(list)))
}

func suiteNames(suites []Suite) []string {
	names := make([]string, len(suites))
	for i, s := range suites {
		names[i] = s.Name
	}
	return names
}
