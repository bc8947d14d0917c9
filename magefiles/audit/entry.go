package audit

import (
	"bytes"
	"cmp"
	"fmt"
	"path"
	"strings"
)

// IDEntrypoint is the ID of findings about what a container starts.
const IDEntrypoint = "entrypoint"

// defaultPath is what runtimes put into the environment of a container whose
// image has no PATH.
const defaultPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

// checkEntrypoint finds what a runtime would start, as the kernel does: through
// links, folders and "#!" lines, with the rights of the configured user.
func checkEntrypoint(inv *Inventory) []Finding {
	if inv.Config == nil || inv.linux() != nil {
		return nil
	}
	r := runner{inv: inv}
	findings := r.workingDir()
	var problem string
	if r.who, problem = inv.identity(); problem != "" {
		return findings // said by checkUser
	}
	program := append(append([]string{}, inv.Config.Entrypoint...), inv.Config.Command...)
	if len(program) == 0 {
		return append(findings, inv.configFinding("/", IDEntrypoint, Note, "the image has neither an entrypoint nor a command: it starts only if whoever runs it names a program",
			"nothing to do for a base image; else set an entrypoint"))
	}
	if program[0] == "" {
		return append(findings, inv.configFinding("/", IDEntrypoint, Error, "the entrypoint is an empty word", "name the program to start"))
	}
	r.what = fmt.Sprintf("entrypoint %q", program[0])
	e, ok := r.find(program[0], r.dir())
	if ok {
		r.start(e, 0)
	}
	return append(findings, r.findings...)
}

// runner follows one program from its name to the code that runs.
type runner struct {
	inv      *Inventory
	who      *identity // nil if unknown: then only what nobody may do is found
	what     string    // is being looked at, for messages
	findings []Finding
}

func (r *runner) dir() string { return path.Join("/", r.inv.Config.WorkingDir) }

func (r *runner) add(name, message, cure string) {
	f := r.inv.configFinding(name, IDEntrypoint, Error, r.what+" "+message, cure)
	if e := r.inv.Files[name]; e != nil {
		f = r.inv.finding(e, IDEntrypoint, Error, r.what+" "+message, cure)
	}
	r.findings = append(r.findings, f)
}

// find looks a program up, in PATH if its name has no slash. It is false if
// there is nothing to look at, with a finding unless nobody can tell.
func (r *runner) find(name, dir string) (*Entry, bool) {
	if strings.Contains(name, "/") {
		if !path.IsAbs(name) {
			name = dir + "/" + name // the kernel's "..", not the cleaned one
		}
		if e, ok := r.inv.Resolve(name); ok {
			return e, true
		}
		r.missing(path.Clean(name), "is not in the image")
		return nil, false
	}
	search := defaultPath
	for _, v := range r.inv.Config.Env {
		if list, ok := strings.CutPrefix(v, "PATH="); ok {
			search = list
		}
	}
	var second *Entry // there, but not to be started
	for folder := range strings.SplitSeq(search, ":") {
		if !path.IsAbs(folder) {
			folder = dir + "/" + folder
		}
		e, ok := r.inv.Resolve(folder + "/" + name)
		if !ok || e.Mode.IsDir() {
			continue
		}
		if e.Mode.Perm()&0o111 != 0 && r.who.may(e, mayRun) {
			return e, true
		}
		if second == nil {
			second = e
		}
	}
	if second != nil && !r.inv.Partial {
		return second, true
	}
	r.missing("/"+name, "is in no folder of PATH ("+search+")")
	return nil, false
}

// missing is a finding unless the file may be in layers that were not read, or
// comes from the kernel.
func (r *runner) missing(name, message string) {
	for _, kernel := range []string{"/dev/", "/proc/", "/sys/", "/run/"} {
		if strings.HasPrefix(name, kernel) {
			return
		}
	}
	if !r.inv.Partial {
		r.add(name, message, "copy it there, or correct the name: it is sought as written, in the image alone")
	}
}

// start looks at one file as execve(2) does. depth counts nested scripts.
func (r *runner) start(e *Entry, depth int) {
	switch barred := r.inv.barred(r.who, e.Path); {
	case e.Mode.IsDir():
		r.add(e.Path, "is a folder", "name a program in it")
		return
	case e.File == nil:
		r.add(e.Path, "is no regular file", "name a program")
		return
	case e.Mode.Perm()&0o111 == 0:
		r.add(e.Path, fmt.Sprintf("is not executable (mode %04o)", e.Mode.Perm()), "chmod 755 it before it is copied, or COPY --chmod=755")
		return
	case !r.who.may(e, mayRun):
		r.add(e.Path, fmt.Sprintf("may not be executed by %s: mode %04o, owner %d:%d", r.user(), e.Mode.Perm(), e.UID, e.GID), "chmod 755 it, or give it to that user")
		return
	case barred != nil:
		r.add(e.Path, fmt.Sprintf("cannot be reached by %s: folder %s has mode %04o, owner %d:%d", r.user(), barred.Path, barred.Mode.Perm(), barred.UID, barred.GID), "chmod 755 "+barred.Path)
		return
	}
	head := e.File.Head
	switch {
	case e.File.Program != nil, e.File.Fault != nil:
	case bytes.HasPrefix(head, []byte("#!")):
		r.script(e, depth)
	case e.File.Size == 0:
		r.add(e.Path, "is empty", "copy it again")
	case len(head) > 0 && !bytes.HasPrefix(head, []byte("\x00asm")):
		r.add(e.Path, "is neither native code nor a script with a \"#!\" line: the kernel refuses it (exec format error)", "begin it with #!/bin/sh, or start it by its interpreter")
	}
}

func (r *runner) user() string {
	if r.who == nil {
		return "anybody"
	}
	return "user " + cmp.Or(r.who.name, "root")
}

// workingDir is created by runtimes if it is missing, so that is no error.
func (r *runner) workingDir() []Finding {
	dir := r.inv.Config.WorkingDir
	if dir == "" || dir == "/" {
		return nil
	}
	e, ok := r.inv.Resolve(dir)
	switch {
	case !path.IsAbs(dir):
		return []Finding{r.inv.configFinding("/", IDEntrypoint, Warning, fmt.Sprintf("the working directory %q is not absolute", dir), "write it with a leading slash")}
	case ok && !e.Mode.IsDir():
		return []Finding{r.inv.finding(e, IDEntrypoint, Error, "the working directory is no folder", "name a folder")}
	case !ok && !r.inv.Partial:
		return []Finding{r.inv.configFinding(path.Clean(dir), IDEntrypoint, Note, "the working directory is not in the image; runtimes create it, and it belongs to root", "create it, if the program writes there")}
	}
	return nil
}

// configFinding is a finding about what an image's configuration names.
func (inv *Inventory) configFinding(name, id, severity, message, cure string) Finding {
	return Finding{ID: id, Severity: severity, Platform: inv.Platform, Path: name, LayerIndex: -1, Message: message, Cure: cure}
}

// linux is an error for platforms other than Linux, whose rules these are not.
func (inv *Inventory) linux() error {
	w, err := parsePlatform(inv.Platform)
	if err == nil && w.os != "linux" {
		err = fmt.Errorf("%s is not Linux", inv.Platform)
	}
	return err
}
