package debian

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"
)

// source is one enabled binary source of apt: the part of sources.list(5) that matters here.
type source struct {
	uri, suite string
	components []string
}

// MirrorsFromAPT finds the Debian mirrors that the apt of this host uses, in the
// order of its files. fsys is the host's root folder. Sources that are not of
// Debian itself, or not reached over http or https, are passed over: a host of
// another distribution, and one without apt, has no mirror and no error.
func MirrorsFromAPT(fsys fs.FS) (Mirrors, error) {
	files := []string{"etc/apt/sources.list"}
	parts, err := fs.ReadDir(fsys, "etc/apt/sources.list.d")
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return Mirrors{}, fmt.Errorf("reading this host's apt sources: %w", err)
	}
	for _, p := range parts {
		files = append(files, "etc/apt/sources.list.d/"+p.Name())
	}
	var m Mirrors
	for _, name := range files {
		var parse func(string) ([]source, error)
		switch path.Ext(name) {
		case ".list":
			parse = parseOneLine
		case ".sources":
			parse = parseDeb822Sources
		default:
			continue // as apt does: editors' and package managers' backups
		}
		text, err := fs.ReadFile(fsys, name)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return Mirrors{}, fmt.Errorf("reading this host's apt sources: %w", err)
		}
		list, err := parse(string(text))
		if err != nil {
			return Mirrors{}, fmt.Errorf("reading this host's apt sources in %q: %w", "/"+name, err)
		}
		for _, s := range list {
			for _, uri := range s.uris(fsys) {
				if security, ok := s.debian(uri); ok {
					m.add(uri, security)
				}
			}
		}
	}
	return m.withSiblings(), nil
}

// debian reports whether a source is Debian's, and which archive of it. A
// mirror of it carries every suite, so the host's own release does not matter. A
// wrong guess costs one failed signature, not safety.
func (s source) debian(uri string) (security, ok bool) {
	lower := strings.ToLower(uri)
	if !strings.HasPrefix(lower, "http://") && !strings.HasPrefix(lower, "https://") {
		return false, false
	}
	release, pocket, _ := strings.Cut(s.suite, "-")
	release, slash, _ := strings.Cut(release, "/") // "buster/updates", the old name of its security suite
	known := []string{"bullseye", "bookworm", "trixie", "forky", "duke", "sid", "oldoldstable", "oldstable", "stable", "testing", "unstable"}
	pockets := []string{"", "updates", "security", "proposed"}
	if !slices.Contains(known, release) || !slices.Contains(pockets, strings.TrimSuffix(pocket, "-updates")) {
		return false, false
	}
	// Others that build for Debian use its suites' names, but not its components.
	if !slices.Contains(s.components, "main") || !strings.Contains(lower, "debian") || strings.Contains(lower, "deb-multimedia") {
		return false, false
	}
	return pocket == "security" || slash == "updates", true
}

// uris resolves a mirror list on disk, as Debian's cloud images have it.
func (s source) uris(fsys fs.FS) []string {
	for _, scheme := range []string{"mirror+file:", "mirror:file:"} {
		file, ok := strings.CutPrefix(s.uri, scheme)
		if !ok {
			continue
		}
		text, err := fs.ReadFile(fsys, strings.Trim(path.Clean("/"+file), "/"))
		if err != nil {
			return nil
		}
		var list []string
		for line := range strings.Lines(string(text)) {
			if f := strings.Fields(line); len(f) > 0 && f[0][0] != '#' {
				list = append(list, f[0])
			}
		}
		return list
	}
	return []string{s.uri}
}

// parseOneLine reads the traditional format: deb [options] URI suite component…
func parseOneLine(text string) ([]source, error) {
	var list []source
	n := 0
	for line := range strings.Lines(text) {
		n++
		line, _, _ = strings.Cut(line, "#")
		kind, rest, _ := strings.Cut(strings.TrimSpace(strings.ReplaceAll(line, "\t", " ")), " ")
		if kind != "deb" {
			continue
		}
		rest = strings.TrimSpace(rest)
		if strings.HasPrefix(rest, "[") {
			_, after, ok := strings.Cut(rest, "]")
			if !ok {
				return nil, fmt.Errorf("line %d: the bracket of the options is not closed", n)
			}
			rest = after
		}
		f := strings.Fields(rest)
		if len(f) < 2 {
			return nil, fmt.Errorf("line %d: a source needs a URI and a suite", n)
		}
		list = append(list, source{uri: f[0], suite: f[1], components: f[2:]})
	}
	return list, nil
}

// parseDeb822Sources reads the format of *.sources.
func parseDeb822Sources(text string) ([]source, error) {
	var list []source
	for s, err := range stanzas(strings.NewReader(text)) {
		if err != nil {
			return nil, err
		}
		if !slices.Contains(strings.Fields(s.get("Types")), "deb") || slices.Contains([]string{"no", "false", "0", "off", "disable", "without"}, strings.ToLower(s.get("Enabled"))) {
			continue
		}
		for _, uri := range strings.Fields(s.get("URIs")) {
			for _, suite := range strings.Fields(s.get("Suites")) {
				list = append(list, source{uri: uri, suite: suite, components: strings.Fields(s.get("Components"))})
			}
		}
	}
	return list, nil
}
