package debian

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
)

func TestMirrorsFromAPT(t *testing.T) {
	t.Parallel()
	hosts := map[string]map[string]string{
		"bookworm, deb822": {"etc/apt/sources.list.d/debian.sources": `Types: deb deb-src
# http://snapshot.example.org/archive/debian/20250520T000000Z
URIs: http://mirror.example.org/debian
Suites: bookworm bookworm-updates
Components: main
Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg

Types: deb
URIs: http://mirror.example.org/debian-security/
Suites: bookworm-security
Components: main
`},
		"bullseye, one line, security under another host": {"etc/apt/sources.list": `# deb http://old.example.org/debian buster main
deb [signed-by=/usr/share/keyrings/x.gpg arch=amd64] https://ftp.example.org/pub/debian/ bullseye main contrib # comment
deb-src https://source.example.org/debian bullseye main
deb	http://security.example.org/debian-security	bullseye-security	main
deb https://ftp.example.org/pub/debian bullseye-updates main
`},
		"no security source: the sibling": {"etc/apt/sources.list": "deb http://ftp.example.org/debian sid main\n"},
		"two mirrors in order": {
			"etc/apt/sources.list":             "deb http://one.example.org/debian stable main\n",
			"etc/apt/sources.list.d/b.list":    "deb http://two.example.org/debian stable main\n",
			"etc/apt/sources.list.d/a.sources": "Types: deb\nURIs: http://three.example.org/debian http://four.example.org/debian\nSuites: stable stable-updates\nComponents: main\n",
		},
		"a mirror list on disk": {
			"etc/apt/sources.list.d/debian.sources":   "Types: deb\nURIs: mirror+file:///etc/apt/mirrors/debian.list\nSuites: trixie\nComponents: main\n\nTypes: deb\nURIs: mirror+file:///etc/apt/mirrors/debian-security.list\nSuites: trixie-security\nComponents: main\n",
			"etc/apt/mirrors/debian.list":             "# ours\nhttps://cloud.example.org/debian priority:1\nhttps://other.example.org/debian\n",
			"etc/apt/mirrors/debian-security.list":    "https://cloud.example.org/debian-security\n",
			"etc/apt/sources.list.d/disabled.sources": "Enabled: no\nTypes: deb\nURIs: http://off.example.org/debian\nSuites: trixie\nComponents: main\n",
		},
		"only others": {
			"etc/apt/sources.list.d/docker.list":   "deb https://download.example.org/linux/debian bookworm stable\n",
			"etc/apt/sources.list.d/pg.list":       "deb https://apt.example.org/pub/debian-pg bookworm-pgdg main\n",
			"etc/apt/sources.list.d/multi.list":    "deb https://www.deb-multimedia.example.org bookworm main\n",
			"etc/apt/sources.list.d/node.list":     "deb https://deb.example.org/node_20.x nodistro main\n",
			"etc/apt/sources.list.d/cd.list":       "deb cdrom:[Debian]/ bookworm main\ndeb file:/srv/debian bookworm main\n",
			"etc/apt/sources.list.d/x.list.save":   "deb http://backup.example.org/debian bookworm main\n",
			"etc/apt/sources.list.d/notes.sources": "# nothing\n",
		},
		"Ubuntu":       {"etc/apt/sources.list": "deb http://archive.example.org/ubuntu noble main universe\n"},
		"no apt":       {"etc/hostname": "mac\n"},
		"broken line":  {"etc/apt/sources.list": "deb [arch=amd64 http://ftp.example.org/debian sid main\n"},
		"broken again": {"etc/apt/sources.list.d/x.sources": "URIs http://ftp.example.org/debian\n"},
		"no suite":     {"etc/apt/sources.list": "\ndeb http://ftp.example.org/debian\n"},
	}
	names := make([]string, 0, len(hosts))
	for name := range hosts {
		names = append(names, name)
	}
	slices.Sort(names)
	var b strings.Builder
	for _, name := range names {
		root := fstest.MapFS{}
		for file, text := range hosts[name] {
			root[file] = &fstest.MapFile{Data: []byte(text)}
		}
		m, err := MirrorsFromAPT(root)
		fmt.Fprintf(&b, "== %s\n", name)
		if err != nil {
			fmt.Fprintf(&b, "error: %v\n", err)
			continue
		}
		fmt.Fprintf(&b, "main:     %s\nsecurity: %s\n", strings.Join(m.Main, " "), strings.Join(m.Security, " "))
	}
	golden(t, "apt", b.String())
}

func TestParseMirrors(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ in, main, security, err string }{
		{"http://m.example.org/debian/", "http://m.example.org/debian", "http://m.example.org/debian-security", ""},
		{"https://a.example.org/d, https://b.example.org/d https://s.example.org/x-security", "https://a.example.org/d https://b.example.org/d", "https://s.example.org/x-security", ""},
		{"https://user:word@a.example.org:8443/deb-remote", "https://user:word@a.example.org:8443/deb-remote", "https://user:word@a.example.org:8443/deb-remote-security", ""},
		{"", "", "", ""},
		{"m.example.org/debian", "", "", "not an http or https URL"},
		{"ftp://m.example.org/debian", "", "", "not an http or https URL"},
		{"http://", "", "", "not an http or https URL"},
		{"http://m.example.org/debian?x", "", "", "no ? or #"},
	} {
		m, err := ParseMirrors(c.in)
		if c.err != "" {
			wantError(t, err, c.err)
			continue
		}
		if err != nil || strings.Join(m.Main, " ") != c.main || strings.Join(m.Security, " ") != c.security {
			t.Errorf("%q: got %v (%v)", c.in, m, err)
		}
		if m.Empty() != (c.main == "") {
			t.Errorf("%q: Empty is wrong", c.in)
		}
	}
}

// TestPasswordsOfMirrorsAreNotShown: neither when a mirror is misspelt, nor when
// it fails.
func TestPasswordsOfMirrorsAreNotShown(t *testing.T) {
	t.Parallel()
	_, misspelt := ParseMirrors("ftp://user:se/cr@t@m.example.org/debian")
	var log strings.Builder
	f := newMirror(t).fetcher(t, &log)
	for i, base := range f.Mirrors.Main {
		f.Mirrors.Main[i] = strings.Replace(base, "http://", "http://user:se%2Fcr@", 1)
	}
	f.Mirrors.Main = append(f.Mirrors.Main, f.Mirrors.Main[0]+"/other")
	_, failed := Resolve(t.Context(), f, Spec{Suites: []Suite{{Name: "none"}}, Seeds: []string{"app"}}, "amd64")
	for _, err := range []error{misspelt, failed} {
		wantError(t, err, "://***@")
		if text := err.Error() + log.String(); strings.Contains(text, "se/cr") || strings.Contains(text, "se%2Fcr") {
			t.Errorf("the password is shown: %s", text)
		}
	}
}
