package audit

import (
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strconv"
	"strings"
)

// IDUser is the ID of findings about the configured user.
const IDUser = "user"

// identity is who runs a container's first process.
type identity struct {
	uid    int
	groups []int  // the first is the primary one
	name   string // as configured; "" is root
}

// checkUser looks for the configured user, as runtimes do: by name or number
// in the image's own /etc/passwd and /etc/group. A number need not be there.
func checkUser(inv *Inventory) []Finding {
	if inv.Config == nil || inv.linux() != nil {
		return nil
	}
	_, problem := inv.identity()
	if problem == "" {
		return nil
	}
	return []Finding{inv.configFinding("/etc/passwd", IDUser, Error, problem,
		"create it in the image (/etc/passwd, /etc/group), or name it by number: USER 10001:10001")}
}

// identity resolves Config.User. problem says why a runtime would not start the
// container; a nil identity without a problem means that nobody can tell.
func (inv *Inventory) identity() (who *identity, problem string) {
	user, group, withGroup := strings.Cut(inv.Config.User, ":")
	who = &identity{name: inv.Config.User}
	passwd, known := inv.table("/etc/passwd", 4)
	uid, err := strconv.Atoi(user)
	row := slices.IndexFunc(passwd, func(row []string) bool { return row[0] == user || err == nil && row[2] == user })
	switch {
	case user == "" || row < 0 && err == nil:
		who.uid, who.groups = uid, []int{0}
	case row >= 0:
		who.uid = number(passwd[row][2])
		who.groups = []int{number(passwd[row][3])}
		user = passwd[row][0]
	case !known:
		return nil, ""
	default:
		return nil, fmt.Sprintf("the image is to run as user %q, which is not in its /etc/passwd", user)
	}
	if uid < 0 {
		return nil, fmt.Sprintf("the image is to run as user %d, and users are not negative", uid)
	}
	groups, known := inv.table("/etc/group", 3)
	if !withGroup || group == "" {
		for _, g := range groups {
			if len(g) > 3 && slices.Contains(strings.Split(g[3], ","), user) {
				who.groups = append(who.groups, number(g[2]))
			}
		}
		return who, ""
	}
	gid, err := strconv.Atoi(group)
	row = slices.IndexFunc(groups, func(row []string) bool { return row[0] == group || err == nil && row[2] == group })
	switch {
	case row >= 0:
		who.groups = []int{number(groups[row][2])}
	case err == nil:
		who.groups = []int{gid}
	case !known:
		return nil, ""
	default:
		return nil, fmt.Sprintf("the image is to run as group %q, which is not in its /etc/group", group)
	}
	return who, ""
}

// table reads a file of lines with colons, as passwd(5) and group(5) have it.
// known is false if what it says is not known.
func (inv *Inventory) table(name string, columns int) (rows [][]string, known bool) {
	e, ok := inv.Resolve(name)
	if !ok || e.File == nil {
		return nil, !inv.Partial
	}
	if e.File.Text == nil && e.File.Size > 0 {
		return nil, false
	}
	for line := range strings.Lines(string(e.File.Text)) {
		if row := strings.Split(strings.TrimSpace(line), ":"); len(row) >= columns {
			rows = append(rows, row)
		}
	}
	return rows, true
}

// number is -1 for what is none.
func number(s string) int {
	n, err := strconv.Atoi(s)
	if err != nil {
		return -1
	}
	return n
}

// Bits of permission, as in the last three of a mode.
const (
	mayRead fs.FileMode = 4
	mayRun  fs.FileMode = 1 // of a folder: may pass through
)

// may reports whether the user has that permission for one entry, by its owner
// and mode alone. Unknown owners and groups are trusted.
func (id *identity) may(e *Entry, bit fs.FileMode) bool {
	mode := e.Mode.Perm()
	switch {
	case id == nil || e.UID < 0 || e.GID < 0 || id.uid < 0 || slices.Contains(id.groups, -1):
		return mode&(bit|bit<<3|bit<<6) != 0
	case id.uid == 0:
		return bit == mayRead || e.Mode.IsDir() || mode&0o111 != 0
	case id.uid == e.UID:
		return mode&(bit<<6) != 0
	case slices.Contains(id.groups, e.GID):
		return mode&(bit<<3) != 0
	}
	return mode&bit != 0
}

// barred is the first folder on the way to an entry that the user may not pass
// through; nil if there is none.
func (inv *Inventory) barred(id *identity, name string) *Entry {
	if name == "/" {
		return nil
	}
	if e := inv.barred(id, path.Dir(name)); e != nil {
		return e
	}
	if e := inv.Files[path.Dir(name)]; e != nil && e.Mode.IsDir() && !id.may(e, mayRun) {
		return e
	}
	return nil
}
