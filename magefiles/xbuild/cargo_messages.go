package xbuild

import (
	"bytes"
	"encoding/json"
	"io"
	"path/filepath"
	"slices"
	"strings"
)

// cargoMessages reads what cargo prints with --message-format=json as it comes:
// one JSON object a line. It remembers the programs that were made, and whatever
// else the compiler left of each package.
type cargoMessages struct {
	log  io.Writer // for lines that are not messages; may be nil
	rest []byte    // an unfinished line
	made []executable
	libs []library
}

// executable is a compiler-artifact message with an executable in it.
type executable struct {
	name string // of the binary target
	path string
}

// Write is called by one goroutine at a time.
func (m *cargoMessages) Write(p []byte) (int, error) {
	m.rest = append(m.rest, p...)
	for {
		line, rest, ok := bytes.Cut(m.rest, []byte{'\n'})
		if !ok {
			return len(p), nil
		}
		m.line(line)
		m.rest = rest
	}
}

func (m *cargoMessages) line(line []byte) {
	var msg struct {
		Reason string `json:"reason"`
		Target struct {
			Name string   `json:"name"`
			Kind []string `json:"kind"`
		} `json:"target"`
		Executable string   `json:"executable"`
		Package    string   `json:"package_id"`
		Files      []string `json:"filenames"`
	}
	if err := json.Unmarshal(line, &msg); err != nil || msg.Reason == "" {
		if m.log != nil && len(bytes.TrimSpace(line)) > 0 {
			_, _ = m.log.Write(append(bytes.Clone(line), '\n'))
		}
		return
	}
	if msg.Reason != "compiler-artifact" {
		return
	}
	if msg.Executable != "" && slices.Contains(msg.Target.Kind, "bin") {
		m.made = append(m.made, executable{msg.Target.Name, msg.Executable})
	}
	if len(msg.Files) > 0 && msg.Package != "" {
		m.libs = append(m.libs, library{msg.Package, msg.Files[0]})
	}
}

// tripleOf tells which triple an executable is for. The message does not say,
// but cargo puts the triple's folder into every path that it reports when
// --target is given; the last one counts, the folders above are the user's.
func tripleOf(path string, triples []string) string {
	parts := strings.Split(filepath.ToSlash(path), "/")
	for _, part := range slices.Backward(parts) {
		if slices.Contains(triples, part) {
			return part
		}
	}
	return ""
}
