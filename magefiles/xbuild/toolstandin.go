package xbuild

import (
	"context"
	"errors"
	"fmt"
	"strings"
)

// ErrStandIn says that a program of the right name only advertises the real
// one: Windows and macOS come with such.
var ErrStandIn = errors.New("a stand-in")

// standIn recognises such programs by what they print, and cuts any other error
// to a line.
func standIn(err error) error {
	var te *ToolError
	switch {
	case errors.Is(err, context.DeadlineExceeded):
		return errors.New("no answer in time")
	case !errors.As(err, &te):
	case strings.Contains(te.Output, "Microsoft Store"):
		return fmt.Errorf("%w that opens the Microsoft Store; "+
			"switch it off in Settings, Apps, Advanced app settings, App execution aliases", ErrStandIn)
	case strings.Contains(te.Output, "xcode-select: note:"), strings.Contains(te.Output, "xcrun: error: invalid active developer path"):
		return fmt.Errorf("%w for Apple's command line tools; get them with: xcode-select --install", ErrStandIn)
	}
	return firstLine(err)
}
