package targets

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"path"
	"strings"

	"github.com/noetl/noetl/magefiles/audit"
	"github.com/noetl/noetl/magefiles/xbuild"
)

// readProgram reads what a loader would read of a program.
func readProgram(file string) (audit.Program, error) {
	f, err := os.Open(file)
	if err != nil {
		return audit.Program{}, err
	}
	defer func() { _ = f.Close() }()
	info, err := f.Stat()
	if err != nil {
		return audit.Program{}, err
	}
	return audit.ReadProgram(f, info.Size())
}

// checkProgram refuses a program that would not run on every machine that
// project.go promises: what the linker was told is one thing, what it did
// another.
func (j *job) checkProgram(p xbuild.Platform, file string) error {
	program, err := readProgram(file)
	var findings []audit.Finding
	if err == nil {
		limits := audit.Limits{Glibc: j.CLI.Glibc, MacOS: j.CLI.MacOS, Libraries: j.CLI.Libraries}
		findings = audit.CheckProgram(program, p.String(), limits, j.short(file))
	} else if found, says := audit.ProgramError(err, p.String(), j.short(file)); says {
		findings = []audit.Finding{found}
	} else {
		return fmt.Errorf("reading the program for %s: %w", p, err)
	}
	var wrong []error
	for _, f := range findings {
		if f.Severity == audit.Error {
			wrong = append(wrong, errors.New(f.String()))
		}
	}
	if wrong != nil {
		return fmt.Errorf("checking the program for %s: %w", p, errors.Join(wrong...))
	}
	return nil
}

// runsOn says in a few words what a program asks of the machine it runs on.
func runsOn(program audit.Program, p xbuild.Platform) string {
	program = program.For(p.Arch)
	switch {
	case program.Static:
		return "any Linux, static"
	case p.OS == "linux" && program.Versions["GLIBC"] != "":
		return "glibc " + program.Versions["GLIBC"]
	case p.OS == "darwin":
		return strings.Join([]string{"macOS", cmp.Or(program.MinOS, "?") + ", signature:", program.Signature}, " ")
	case p.OS == "windows":
		return "Windows " + cmp.Or(program.MinOS, "?")
	}
	return ""
}

// libraries are the libraries that a program is linked with, for a table.
// Windows' API sets are one library in many names: they are counted.
func libraries(program audit.Program, p xbuild.Platform) string {
	var names []string
	sets := 0
	for _, name := range program.For(p.Arch).Libraries {
		if lower := strings.ToLower(name); strings.HasPrefix(lower, "api-ms-win-") {
			sets++
			continue
		}
		names = append(names, path.Base(name))
	}
	if sets > 0 {
		names = append(names, fmt.Sprintf("%d API sets", sets))
	}
	return strings.Join(names, " ")
}
