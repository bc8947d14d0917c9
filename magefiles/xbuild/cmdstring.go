package xbuild

import (
	"regexp"
	"strings"
)

var (
	plainWord  = regexp.MustCompile(`^[A-Za-z0-9_@%+=:,./-]+$`)
	secretName = regexp.MustCompile(`(?i)TOKEN|SECRET|PASSW|CREDENTIAL|AUTH|_KEY|APIKEY|NETRC`)
	userinfo   = regexp.MustCompile(`(://[^/@:\s]*):[^/@\s]+@`)
)

// String is the command as a person would type it in a POSIX shell, folder and
// added environment included. Values of variables whose name speaks of a
// secret, and passwords in URLs, are shown as ***.
func (c Cmd) String() string {
	var words []string
	if c.Dir != "" {
		words = append(words, "cd", quote(c.Dir), "&&")
	}
	for _, kv := range c.Env {
		k, v, _ := strings.Cut(kv, "=")
		if secretName.MatchString(k) {
			v = "***"
		}
		words = append(words, k+"="+quote(v))
	}
	words = append(words, quote(c.Name))
	for _, a := range c.Args {
		words = append(words, quote(a))
	}
	return userinfo.ReplaceAllString(strings.Join(words, " "), "$1:***@")
}

// quote is for reading, not for running: it is right for a POSIX shell.
func quote(s string) string {
	if plainWord.MatchString(s) || s == "***" {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}
