package debian

import (
	"fmt"
	"strconv"
	"strings"
)

// What base-passwd ships, cut down to what every system has, for a base without it.
const (
	leastPasswd = "root:*:0:0:root:/root:/usr/sbin/nologin\nnobody:*:65534:65534:nobody:/nonexistent:/usr/sbin/nologin\n"
	leastGroup  = "root:*:0:\nnogroup:*:65534:\n"
)

// accounts writes passwd(5) and group(5) from base-passwd's master files, plus
// users and their homes. Passwords are "*": nobody logs in with one.
func (t *Tree) accounts(users []User) error {
	passwd, group := t.text("usr/share/base-passwd/passwd.master", leastPasswd), t.text("usr/share/base-passwd/group.master", leastGroup)
	for _, u := range users {
		if old := account(passwd, u.Name, 0); old != nil {
			return fmt.Errorf("adding user %q: Debian has one of that name; choose another", u.Name)
		}
		if old := account(passwd, strconv.Itoa(u.UID), 2); old != nil {
			return fmt.Errorf("adding user %q: uid %d is that of %q; choose one from 1000 to 59999", u.Name, u.UID, old[0])
		}
		switch old := account(group, u.Name, 0); {
		case old != nil && old[2] != strconv.Itoa(u.GID):
			return fmt.Errorf("adding user %q: there is a group of that name with gid %s, not %d; choose another", u.Name, old[2], u.GID)
		case old == nil && account(group, strconv.Itoa(u.GID), 2) == nil:
			group += fmt.Sprintf("%s:*:%d:\n", u.Name, u.GID)
		}
		home, shell := u.Home, u.Shell
		if shell == "" {
			shell = "/usr/sbin/nologin"
		}
		if home == "" {
			home = "/nonexistent"
		} else if err := t.mkdir(strings.TrimPrefix(home, "/"), 0o755, u.UID, u.GID); err != nil {
			return err
		}
		passwd += fmt.Sprintf("%s:*:%d:%d::%s:%s\n", u.Name, u.UID, u.GID, home, shell)
	}
	if err := t.write("etc/passwd", 0o644, []byte(passwd)); err != nil {
		return err
	}
	return t.write("etc/group", 0o644, []byte(group))
}

// account finds the line whose column says value.
func account(file, value string, column int) []string {
	for line := range strings.Lines(file) {
		f := strings.Split(strings.TrimSuffix(line, "\n"), ":")
		if len(f) > column && f[column] == value {
			return f
		}
	}
	return nil
}

// text reads a file of the tree, or takes a default.
func (t *Tree) text(p, otherwise string) string {
	n, err := t.walk(p, true, false)
	if err != nil || n.file == nil {
		return otherwise
	}
	return string(n.file.data)
}
