package xbuild

import (
	"context"
	"errors"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
)

// MissingWheel is a package of the lock that a platform has no wheel of.
type MissingWheel struct {
	Name, Version string
	Platform      Platform
	Reason        string // why, and for which platforms there are wheels if any
}

// MissingWheelsError names every package of a lock that some platform has no wheel of.
type MissingWheelsError struct {
	Lock    string // the file
	Python  string // the version of Python that the wheels were for
	Missing []MissingWheel
}

// Error is a line for each package, then the ways out.
func (e *MissingWheelsError) Error() string {
	type row struct{ name, version, reason string }
	var rows []row
	platforms := map[row][]Platform{}
	for _, m := range e.Missing {
		r := row{m.Name, m.Version, m.Reason}
		if platforms[r] == nil {
			rows = append(rows, r)
		}
		platforms[r] = append(platforms[r], m.Platform)
	}
	slices.SortFunc(rows, func(a, b row) int { return strings.Compare(a.name+"\x00"+a.reason, b.name+"\x00"+b.reason) })
	var text strings.Builder
	fmt.Fprintf(&text, "laying out the wheels of %q: packages without a wheel for Python %s:", e.Lock, e.Python)
	for _, r := range rows {
		fmt.Fprintf(&text, "\n  %s %s for %s: %s", r.name, r.version, strings.ReplaceAll(Join(platforms[r]), ",", ", "), r.reason)
	}
	text.WriteString("\nNothing is built from source for another platform, since that would build for this machine. Ways out:" +
		"\n  lock another version of the package, one that has the wheel;" +
		"\n  build the wheel on a machine of that platform, put it into a folder, name the folder in UV_FIND_LINKS, and add the wheel's hash to the lock;" +
		"\n  do without the package there: give it a marker (; platform_machine != …) and compile the lock anew;" +
		"\n  or leave the platform out.")
	return text.String()
}

// noWheel finds in uv's output the package that it has no wheel of. uv names one, though there may be more.
func noWheel(output string) (name, version, reason string, ok bool) {
	// uv breaks long lines only at a terminal, but a cure should not hang on that.
	flat := strings.Join(strings.Fields(output), " ")
	match := regexp.MustCompile(`Because ([A-Za-z0-9._-]+)==(\S+) has no (usable wheels|wheels with a matching (.+?)) and you require`).FindStringSubmatch(flat)
	if match == nil {
		return "", "", "", false
	}
	name, version = match[1], match[2]
	if match[4] != "" {
		reason = "it has wheels, but none with a matching " + strings.ReplaceAll(match[4], "`", "")
	} else {
		reason = "it has no wheel that this Python and platform could use, perhaps only its source"
	}
	if have := regexp.MustCompile("Wheels are available for `" + regexp.QuoteMeta(name) + "` [^:]*: (.+?)(?: hint:|$)").FindStringSubmatch(flat); have != nil {
		reason += "; there are wheels for " + strings.ReplaceAll(have[1], "`", "")
	}
	return name, version, reason, true
}

// missing finds every package of the lock without a wheel for p, given the failure that named the first: what is named is taken out
// and uv is asked again, without installing anything. A failure for another reason is returned as it is.
func (w Wheels) missing(ctx context.Context, run Runner, p Platform, failure error) ([]MissingWheel, error) {
	text, err := os.ReadFile(w.Lock)
	if err != nil {
		return nil, err
	}
	head, entries, err := parseLock(string(text))
	if err != nil {
		return nil, err
	}
	scratch, err := os.MkdirTemp("", "wheels-")
	if err != nil {
		return nil, err
	}
	defer func() { _ = os.RemoveAll(scratch) }()
	var found []MissingWheel
	for failure != nil {
		var tool *ToolError
		if !errors.As(failure, &tool) {
			return nil, failure
		}
		name, version, reason, ok := noWheel(tool.Output)
		rest := slices.DeleteFunc(slices.Clone(entries), func(e lockEntry) bool { return normalName(e.Name) == normalName(name) })
		if !ok || len(rest) == len(entries) {
			return nil, failure
		}
		found, entries = append(found, MissingWheel{name, version, p, reason}), rest
		lock := head
		for _, e := range entries {
			lock += e.Text
		}
		failure = w.ask(ctx, run, p, scratch, lock)
	}
	return found, nil
}
