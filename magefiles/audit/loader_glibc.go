package audit

import (
	"path"
	"regexp"
	"slices"
	"strings"
)

// setGlibc takes the loader for granted, and learns from where it lies what is
// built into it: Debian's knows folders named after the machine, others have
// /lib64 or the folder that they are in.
func (l *loader) setGlibc(o *object) {
	l.glibc = o
	home := path.Dir(o.entry.Path)
	if base := path.Base(home); strings.HasSuffix(base, "-linux-gnu") || strings.Contains(base, "-linux-gnueabi") {
		l.triplet = base
		l.system = []string{"/lib/" + base, "/usr/lib/" + base, "/lib", "/usr/lib"}
		return
	}
	switch name := path.Base(home); home {
	case "/lib", "/usr/lib", "/lib64", "/usr/lib64":
		l.system = []string{"/" + name, "/usr/" + name}
	default:
		l.system = []string{home}
	}
}

// glibcHwcaps are the subfolders that glibc 2.33 and newer know, best first.
func glibcHwcaps(arch string) []string {
	switch arch {
	case "amd64":
		return []string{"x86-64-v4", "x86-64-v3", "x86-64-v2"}
	case "ppc64le":
		return []string{"power10", "power9"}
	case "s390x":
		return []string{"z17", "z16", "z15", "z14", "z13"}
	}
	return nil
}

// find is how ld.so(8) looks for a library that by needs.
func (p *process) find(name string, by *object) (hit, bool) {
	if p.isMusl {
		return p.findMusl(name, by)
	}
	l := p.loader
	if strings.Contains(name, "/") {
		folder, base := path.Split(l.expand(name, by))
		return l.open(folder, base)
	}
	if p.plain(by) {
		if h, ok := l.plain[name]; ok {
			return h, h.entry != nil
		}
		h, ok := p.search(name, by)
		if !ok {
			h = hit{}
		}
		l.plain[name] = h
		return h, ok
	}
	return p.search(name, by)
}

// plain reports whether the search does not depend on who searches.
func (p *process) plain(by *object) bool {
	if len(by.program().RunPath) > 0 || by.program().NoDefault || p.secure {
		return false
	}
	for o := by; o != nil; o = o.by {
		if len(rpath(o)) > 0 {
			return false
		}
	}
	return len(rpath(p.main)) == 0
}

// rpath is an object's DT_RPATH, which does not count beside DT_RUNPATH.
func rpath(o *object) []string {
	if len(o.program().RunPath) > 0 {
		return nil
	}
	return o.program().RPath
}

func (p *process) search(name string, by *object) (hit, bool) {
	h, ok := p.searchFor(name, by, p.loader.hwcaps)
	if ok && !h.stale {
		return h, true
	}
	if others := glibcHwcaps(p.loader.arch); !ok && len(others) > len(p.loader.hwcaps) {
		if h, ok = p.searchFor(name, by, others); ok {
			h.newer = true
		}
	}
	return h, ok
}

func (p *process) searchFor(name string, by *object, hwcaps []string) (hit, bool) {
	l := p.loader
	if len(by.program().RunPath) == 0 {
		sawMain := false
		for o := by; o != nil; o = o.by {
			sawMain = sawMain || o == p.main
			if h, ok := l.searchPath(rpath(o), name, o, hwcaps); ok {
				return h, true
			}
		}
		if !sawMain {
			if h, ok := l.searchPath(rpath(p.main), name, p.main, hwcaps); ok {
				return h, true
			}
		}
	}
	if !p.secure {
		if h, ok := l.searchPath(l.env, name, p.main, hwcaps); ok {
			return h, true
		}
	}
	if h, ok := l.searchPath(by.program().RunPath, name, by, hwcaps); ok {
		return h, true
	}
	cached, inCache := l.cached(name, hwcaps)
	if inCache && by.program().NoDefault && slices.Contains(l.system, path.Dir(cached.path)) {
		cached, inCache = hit{}, false
	}
	if inCache && !cached.stale {
		return cached, true
	}
	if by.program().NoDefault {
		return cached, inCache
	}
	if h, ok := l.searchPath(l.system, name, nil, hwcaps); ok {
		return h, true
	}
	return cached, inCache
}

// searchPath looks into folders, and into the subfolders of each for the
// machine first. Tokens in them are by's.
func (l *loader) searchPath(folders []string, name string, by *object, hwcaps []string) (hit, bool) {
	for _, folder := range folders {
		if by != nil {
			folder = l.expand(folder, by)
		}
		if folder == "" {
			folder = "." // as ld.so reads an empty part of a list
		}
		for _, h := range hwcaps {
			if h, ok := l.open(folder+"/glibc-hwcaps/"+h, name); ok {
				return h, true
			}
		}
		if h, ok := l.open(folder, name); ok {
			return h, true
		}
	}
	return hit{}, false
}

var loaderToken = regexp.MustCompile(`\$(?:\{(?:ORIGIN|LIB|PLATFORM)\}|(?:ORIGIN|LIB|PLATFORM)\b)`)

// expand replaces the tokens that ld.so(8) describes under "Dynamic string
// tokens". $ORIGIN is the folder by which the object was opened, links and all;
// programs have been given their real name by the kernel.
func (l *loader) expand(s string, by *object) string {
	if !strings.Contains(s, "$") {
		return s
	}
	return loaderToken.ReplaceAllStringFunc(s, func(token string) string {
		switch strings.Trim(token, "${}") {
		case "ORIGIN":
			return path.Dir(by.path)
		case "LIB":
			if l.triplet != "" {
				return "lib/" + l.triplet
			}
			if slices.Contains(l.system, "/lib64") {
				return "lib64"
			}
			return "lib"
		}
		return loaderPlatform(l.arch)
	})
}

// loaderPlatform is $PLATFORM: the kernel's AT_PLATFORM.
func loaderPlatform(arch string) string {
	switch arch {
	case "amd64":
		return "x86_64"
	case "arm64":
		return "aarch64"
	case "386":
		return "i686"
	}
	return arch
}
