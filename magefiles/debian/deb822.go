package debian

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"iter"
	"strings"
)

const (
	maxLine   = 4 << 20  // the longest real line, a Provides of some rust package, has 30 kB
	maxStanza = 16 << 20 // InRelease is one stanza of 140 kB
)

// stanza is one paragraph of deb822(5): fields in the order they were written.
type stanza []field

type field struct {
	name, value string // continuation lines are joined by newlines, their first blank kept off
}

// get returns a field's value; names are case-insensitive.
func (s stanza) get(name string) string {
	for _, f := range s {
		if strings.EqualFold(f.name, name) {
			return f.value
		}
	}
	return ""
}

// stanzas reads the paragraphs of a deb822 document, one at a time, because a
// package index has sixty megabytes of them. After an error it ends.
func stanzas(r io.Reader) iter.Seq2[stanza, error] {
	return func(yield func(stanza, error) bool) {
		lines := bufio.NewScanner(r)
		lines.Buffer(make([]byte, 64<<10), maxLine)
		var (
			current stanza
			value   strings.Builder // of the last field of current
			size    int
		)
		end := func() {
			if len(current) > 0 {
				current[len(current)-1].value = value.String()
			}
			value.Reset()
		}
		n := 0
		for lines.Scan() {
			n++
			line := strings.TrimSuffix(lines.Text(), "\r")
			if size += len(line); size > maxStanza {
				yield(nil, fmt.Errorf("line %d: the stanza is longer than %d bytes", n, maxStanza))
				return
			}
			if strings.TrimSpace(line) == "" {
				end()
				if len(current) > 0 && !yield(current, nil) {
					return
				}
				current, size = nil, 0
				continue
			}
			if line[0] == '#' {
				continue
			}
			if line[0] == ' ' || line[0] == '\t' {
				if len(current) == 0 {
					yield(nil, fmt.Errorf("line %d: a continuation line without a field before it", n))
					return
				}
				value.WriteByte('\n')
				value.WriteString(strings.TrimRight(line[1:], " \t"))
				continue
			}
			end()
			name, rest, ok := strings.Cut(line, ":")
			if !ok || name == "" || strings.ContainsAny(name, " \t") {
				yield(nil, fmt.Errorf("line %d: %.60q is neither \"Field: value\" nor a continuation", n, line))
				return
			}
			if current.has(name) {
				yield(nil, fmt.Errorf("line %d: field %q is there twice in one stanza", n, name))
				return
			}
			current = append(current, field{name: name})
			value.WriteString(strings.TrimSpace(rest))
		}
		if err := lines.Err(); err != nil {
			if errors.Is(err, bufio.ErrTooLong) {
				err = fmt.Errorf("line %d is longer than %d bytes", n+1, maxLine)
			}
			yield(nil, err)
			return
		}
		end()
		if len(current) > 0 {
			yield(current, nil)
		}
	}
}

func (s stanza) has(name string) bool {
	for _, f := range s {
		if strings.EqualFold(f.name, name) {
			return true
		}
	}
	return false
}

// oneStanza reads a document that consists of a single paragraph.
func oneStanza(r io.Reader) (stanza, error) {
	var only stanza
	for s, err := range stanzas(r) {
		if err != nil {
			return nil, err
		}
		if only != nil {
			return nil, errors.New("more than one stanza where one is expected")
		}
		only = s
	}
	if only == nil {
		return nil, errors.New("empty")
	}
	return only, nil
}

// String writes the stanza back as deb822.
func (s stanza) String() string {
	var b strings.Builder
	for _, f := range s {
		first, more, multi := strings.Cut(f.value, "\n")
		b.WriteString(f.name + ":")
		if first != "" {
			b.WriteString(" " + first)
		}
		b.WriteByte('\n')
		for multi {
			first, more, multi = strings.Cut(more, "\n")
			b.WriteString(" " + first + "\n")
		}
	}
	return b.String()
}
