package audit

import (
	"path"
	"slices"
	"strings"
)

// maxIncludes bounds the files that one ld.so.conf brings in; ldconfig itself
// has no bound and would never end on files that include one another.
const maxIncludes = 200

// confFolders are the folders that ld.so.conf(5) names, in order.
func (l *loader) confFolders() []string {
	var folders []string
	files := 0
	var read func(name string)
	read = func(name string) {
		e, ok := l.inv.Resolve(name)
		if files++; files > maxIncludes || !ok || e.File == nil {
			return
		}
		for _, line := range strings.Split(string(e.File.Text), "\n") {
			line, _, _ = strings.Cut(line, "#")
			fields := strings.Fields(line)
			switch {
			case len(fields) == 0 || fields[0] == "hwcap":
			case fields[0] == "include":
				for _, pattern := range fields[1:] {
					if !path.IsAbs(pattern) {
						pattern = path.Join(path.Dir(name), pattern)
					}
					for _, file := range l.glob(pattern) {
						read(file)
					}
				}
			default:
				folder, _, _ := strings.Cut(strings.TrimSpace(line), "=") // what follows is of the days of libc5
				folders = append(folders, strings.TrimRight(folder, "/"))
			}
		}
	}
	read("/etc/ld.so.conf")
	return folders
}

// glob lists the names that fit a pattern, in order. As everywhere that such
// files are kept only the last part has wildcards.
func (l *loader) glob(pattern string) []string {
	at, ok := l.folder(path.Dir(pattern))
	if !ok {
		return nil
	}
	var names []string
	for _, base := range l.list(at)[at] {
		if ok, err := path.Match(path.Base(pattern), base); err == nil && ok {
			names = append(names, path.Join(at, base))
		}
	}
	slices.Sort(names)
	return names
}

// list names what is in the given folders, which are real names.
func (l *loader) list(folders ...string) map[string][]string {
	content := map[string][]string{}
	for _, f := range folders {
		content[f] = nil
	}
	for name := range l.inv.Files {
		if names, ok := content[parentOf(name)]; ok && name != "/" {
			content[parentOf(name)] = append(names, path.Base(name))
		}
	}
	return content
}

// parentOf is path.Dir for clean names, without its work.
func parentOf(name string) string { return name[:max(strings.LastIndexByte(name, '/'), 1)] }

// cached looks a name up in ld.so.cache. That file's own content is not read:
// what ldconfig would write from the image's files stands in for it. Without
// the file nothing is found, and a library whose layer is above the file's is
// marked: the cache most likely does not list it.
func (l *loader) cached(name string, hwcaps []string) (hit, bool) {
	if l.cache == nil {
		l.cache = map[string][]hit{}
		if e, ok := l.inv.Resolve("/etc/ld.so.cache"); ok && l.glibc != nil {
			l.fillCache(e.Layer)
		}
	}
	// The best subfolder for the machine counts, wherever it is.
	for _, want := range append(slices.Clone(hwcaps), "") {
		for _, h := range l.cache[name] {
			if hwcapOf(path.Dir(h.path)) == want {
				return h, true
			}
		}
	}
	return hit{}, false
}

// hwcapOf is the last part of ".../glibc-hwcaps/x86-64-v3", otherwise "".
func hwcapOf(folder string) string {
	if path.Base(path.Dir(folder)) == "glibc-hwcaps" {
		return path.Base(folder)
	}
	return ""
}

func (l *loader) fillCache(layer int) {
	var folders, reals []string
	for _, folder := range slices.Concat(l.confFolders(), l.system) {
		for _, sub := range append([]string{""}, glibcHwcaps(l.arch)...) {
			if sub != "" {
				sub = "/glibc-hwcaps/" + sub
			}
			if at, ok := l.folder(folder + sub); ok && !slices.Contains(reals, at) {
				folders, reals = append(folders, folder+sub), append(reals, at)
			}
		}
	}
	content := l.list(reals...)
	for i, folder := range folders {
		names := map[string]bool{}
		for _, base := range content[reals[i]] {
			if soname := l.cacheName(folder, base); soname != "" {
				names[soname] = true
			}
		}
		for soname := range names {
			if h, ok := l.open(folder, soname); ok && !h.bad {
				link := l.inv.Files[path.Join(reals[i], soname)]
				h.stale = max(link.Layer, h.entry.Layer) > layer
				l.cache[soname] = append(l.cache[soname], h)
			}
		}
	}
}

// cacheName is the name that ldconfig(8) lists a file under: a file's SONAME
// (it makes that link), and the name of a link to a library. The links for
// the linker ("libz.so") are no names of their own.
func (l *loader) cacheName(folder, base string) string {
	if !strings.HasPrefix(base, "lib") && !strings.HasPrefix(base, "ld-") || !strings.Contains(base, ".so") {
		return ""
	}
	h, ok := l.open(folder, base)
	if !ok || h.bad || h.entry.File.Program.Kind != Shared {
		return ""
	}
	if at, _ := l.folder(folder); h.entry.Path != path.Join(at, base) {
		return base
	}
	if soname := h.entry.File.Program.Name; soname != "" {
		return soname
	}
	return base
}
