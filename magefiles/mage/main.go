// Command mage is github.com/magefile/mage, and what "go tool mage" runs. Mage asks go at every start whether the targets
// are up to date, and go reads all that they are made of, to the last dependency. This one looks itself, at this module's own
// sources alone, for the others cannot change: it takes a twentieth of the time.
package main

import (
	"errors"
	"io"
	"log"
	"os"
	"reflect"

	"github.com/magefile/mage/mage"
)

func main() { os.Exit(run(os.Args[1:])) }

// run is mage's exit code. What is not simply running a target, or fails before one runs, is left to mage as it is.
func run(args []string) int {
	inv, cmd, err := mage.Parse(io.Discard, io.Discard, args)
	if err != nil || cmd != mage.None || !plain(inv) {
		return mage.Main()
	}
	inv.Stdout, inv.Stderr, inv.Stdin = os.Stdout, os.Stderr, os.Stdin
	place, err := place()
	if err != nil {
		return mage.Main()
	}
	program, err := place.current()
	switch {
	case err == nil && !inv.Force:
	case inv.List: // mage lists targets without compiling them
		return mage.Main()
	default:
		if program, err = place.compile(inv); errors.Is(err, errShown) {
			return 1
		} else if err != nil {
			return mage.Main()
		}
	}
	inv.Dir, inv.WorkDir = magefiles, "."
	return mage.RunCompiled(inv, program, log.New(os.Stderr, "", 0))
}

// plain is whether inv asks for nothing but targets, or their list, of this folder. A flag that a later mage has is none of these.
func plain(inv mage.Invocation) bool {
	if inv.GoCmd != "go" {
		return false
	}
	inv.GoCmd, inv.CacheDir, inv.Stdout, inv.Args = "", "", nil, nil
	inv.Verbose, inv.List, inv.Force, inv.Timeout = false, false, false, 0
	return reflect.ValueOf(inv).IsZero()
}
