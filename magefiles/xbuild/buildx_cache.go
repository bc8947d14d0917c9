package xbuild

import (
	"encoding/csv"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
)

// BuildxCache is a place where BuildKit keeps what it has built, beyond the
// builder's own memory: what follows --cache-from and --cache-to.
type BuildxCache struct {
	Type  string      // registry, local, gha, inline, s3 or azblob
	Attrs [][2]string // names and values, without the type, as they came
}

// ParseBuildxCache reads one place. Written out it is what buildx takes,
// "type=registry,ref=ghcr.io/me/app:cache,mode=max"; short forms are "gha"
// (GitHub's), "inline", a folder ("./cache", "/var/cache/app") and an image
// reference ("ghcr.io/me/app:cache").
func ParseBuildxCache(s string) (BuildxCache, error) {
	s = strings.TrimSpace(s)
	c, err := parseBuildxCache(s)
	if err == nil {
		err = c.check()
	}
	if err != nil {
		return c, fmt.Errorf("reading the build cache %q: %w", s, err)
	}
	return c, nil
}

func parseBuildxCache(s string) (BuildxCache, error) {
	switch {
	case s == "":
		return BuildxCache{}, errors.New("it is empty")
	case s == "gha" || s == "inline":
		return BuildxCache{Type: s}, nil
	case !strings.Contains(s, "type="):
		if strings.HasPrefix(s, ".") || strings.HasPrefix(s, "/") || strings.Contains(s, `\`) || filepath.IsAbs(s) {
			return BuildxCache{Type: "local", Attrs: [][2]string{{"dir", s}}}, nil
		}
		return BuildxCache{Type: "registry", Attrs: [][2]string{{"ref", s}}}, nil
	}
	fields, err := csv.NewReader(strings.NewReader(s)).Read()
	if err != nil {
		return BuildxCache{}, err
	}
	var c BuildxCache
	for _, f := range fields {
		name, value, ok := strings.Cut(f, "=")
		name = strings.ToLower(strings.TrimSpace(name))
		switch {
		case !ok:
			return c, fmt.Errorf("%q is no name=value", f)
		case name == "type":
			c.Type = value
		case c.Type == "local" && (name == "src" || name == "dest"):
			c.Attrs = append(c.Attrs, [2]string{"dir", value})
		default:
			c.Attrs = append(c.Attrs, [2]string{name, value})
		}
	}
	return c, nil
}

// needs is what a type cannot do without.
func (c BuildxCache) check() error {
	switch c.Type {
	case "registry":
		if c.get("ref") == "" {
			return errors.New("it says not where: add ref=HOST/NAME:TAG")
		}
	case "local":
		if c.get("dir") == "" {
			return errors.New("it says not where: add src=FOLDER (to read) or dest=FOLDER (to write)")
		}
	case "gha", "inline", "s3", "azblob":
	default:
		return fmt.Errorf("there is no type %q; possible: registry, local, gha, inline, s3, azblob", c.Type)
	}
	return nil
}

func (c BuildxCache) get(name string) string {
	for _, a := range c.Attrs {
		if a[0] == name {
			return a[1]
		}
	}
	return ""
}

// Ref is the image reference of a cache in a registry, else "".
func (c BuildxCache) Ref() string { return c.get("ref") }

// Dir is the folder of a local cache, else "".
func (c BuildxCache) Dir() string { return c.get("dir") }

// Token reports whether a cache of GitHub's comes with the credentials that
// else are in the environment.
func (c BuildxCache) Token() bool { return c.get("token") != "" }

// From is the value of --cache-from.
func (c BuildxCache) From() string { return c.value("src", c.Attrs) }

// To is the value of --cache-to. Unless said otherwise all stages are kept
// (mode=max): BuildKit's own default keeps the last one, whose files are those
// that are cheap to make again.
func (c BuildxCache) To() string {
	attrs := c.Attrs
	if c.Type != "inline" && c.get("mode") == "" {
		attrs = append(slices.Clone(attrs), [2]string{"mode", "max"})
	}
	return c.value("dest", attrs)
}

func (c BuildxCache) value(dir string, attrs [][2]string) string {
	fields := []string{"type=" + c.Type}
	for _, a := range attrs {
		name := a[0]
		if name == "dir" {
			name = dir
		}
		fields = append(fields, name+"="+a[1])
	}
	return csvLine(fields)
}

// Of is the part of a cache that belongs to one platform. Builds on different
// machines would else overwrite each other's.
func (c BuildxCache) Of(p Platform) BuildxCache {
	out := BuildxCache{Type: c.Type}
	suffix := strings.ReplaceAll(p.String(), "/", "-")
	scoped := false
	for _, a := range c.Attrs {
		switch {
		case a[0] == "ref" && c.Type == "registry":
			a[1] = refOf(a[1], suffix)
		case a[0] == "dir" && c.Type == "local":
			a[1] = filepath.Join(a[1], suffix)
		case a[0] == "scope" && c.Type == "gha", a[0] == "name" && (c.Type == "s3" || c.Type == "azblob"):
			a[1], scoped = a[1]+"-"+suffix, true
		}
		out.Attrs = append(out.Attrs, a)
	}
	switch {
	case scoped:
	case c.Type == "gha":
		out.Attrs = append(out.Attrs, [2]string{"scope", "buildkit-" + suffix})
	case c.Type == "s3" || c.Type == "azblob":
		out.Attrs = append(out.Attrs, [2]string{"name", "buildkit-" + suffix})
	}
	return out
}

// refOf puts a suffix behind the tag of a reference, or makes it the tag.
func refOf(ref, suffix string) string {
	if strings.Contains(ref[strings.LastIndex(ref, "/")+1:], ":") {
		return ref + "-" + suffix
	}
	return ref + ":" + suffix
}

// csvLine joins fields as buildx splits them.
func csvLine(fields []string) string {
	var b strings.Builder
	w := csv.NewWriter(&b)
	_ = w.Write(fields) // a strings.Builder takes everything
	w.Flush()
	return strings.TrimSuffix(b.String(), "\n")
}
