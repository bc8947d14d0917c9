package audit

import (
	"bytes"
	"fmt"
	"path"
	"strings"
)

const (
	maxShebang     = 256 // bytes of a script that the kernel reads (BINPRM_BUF_SIZE)
	maxShebangNest = 4   // scripts that are interpreters of scripts
)

// script looks at a "#!" line as the kernel does: the interpreter, and then one
// argument, which is the rest of the line.
func (r *runner) script(e *Entry, depth int) {
	if !r.who.may(e, mayRead) {
		r.add(e.Path, fmt.Sprintf("is a script that %s may not read: mode %04o, owner %d:%d", r.user(), e.Mode.Perm(), e.UID, e.GID), "chmod 755 it")
		return
	}
	line, _, ended := bytes.Cut(e.File.Head[2:], []byte("\n"))
	if bytes.HasSuffix(line, []byte("\r")) {
		r.add(e.Path, fmt.Sprintf("has Windows line ends: its interpreter would be %q", strings.TrimSpace(string(line[:len(line)-1]))+"\r"), "convert it: sed -i 's/\\r$//' FILE, and *.sh text eol=lf in .gitattributes")
		return
	}
	if !ended && int64(len(e.File.Head)) < min(e.File.Size, maxShebang) {
		return // less was kept of the file than the kernel reads
	}
	text := strings.Trim(string(line), " \t")
	interpreter, argument, spaced := strings.Cut(strings.ReplaceAll(text, "\t", " "), " ")
	switch {
	case interpreter == "":
		r.add(e.Path, "has an empty \"#!\" line", "write the interpreter's path after it: #!/bin/sh")
		return
	case !spaced && len(line)+2 >= maxShebang:
		r.add(e.Path, fmt.Sprintf("has a \"#!\" line longer than the %d bytes that Linux reads", maxShebang), "install it under a shorter path, or start it through /usr/bin/env")
		return
	case depth >= maxShebangNest:
		r.add(e.Path, "is a script whose interpreters are scripts without end", "name a program in its \"#!\" line")
		return
	}
	what := r.what
	defer func() { r.what = what }()
	r.what = fmt.Sprintf("%s: the interpreter %q of %s", what, interpreter, e.Path)
	next, ok := r.find(absolute(interpreter), r.dir())
	if !ok {
		return
	}
	r.start(next, depth+1)
	if path.Base(interpreter) == "env" && len(r.findings) == 0 {
		r.env(e, strings.TrimSpace(argument), depth)
	}
}

// absolute keeps a name without a slash from being sought in PATH: the kernel
// takes it relative to the working directory.
func absolute(interpreter string) string {
	if strings.Contains(interpreter, "/") {
		return interpreter
	}
	return "./" + interpreter
}

// env looks at "#!/usr/bin/env X": without -S all of the line is one name.
func (r *runner) env(e *Entry, argument string, depth int) {
	words := strings.Fields(argument)
	if rest, ok := strings.CutPrefix(argument, "-S"); ok {
		words = strings.Fields(rest)
	} else if len(words) > 1 && !strings.HasPrefix(words[0], "-") {
		r.what = "script " + e.Path
		r.add(e.Path, fmt.Sprintf("asks env for a program named %q: all after env is one name", argument), "write #!/usr/bin/env -S "+argument)
		return
	}
	for len(words) > 0 && strings.Contains(words[0], "=") {
		words = words[1:]
	}
	if len(words) == 0 || strings.HasPrefix(words[0], "-") {
		return
	}
	r.what = fmt.Sprintf("%q, which env starts for %s,", words[0], e.Path)
	if next, ok := r.find(words[0], r.dir()); ok {
		r.start(next, depth+1)
	}
}
