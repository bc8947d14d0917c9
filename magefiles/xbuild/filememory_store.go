package xbuild

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
)

// keepRemembered is how many days a file stays in the memory that nobody asks for.
const keepRemembered = 30

const memoryHead = "files 1 "

// load reads the memory: a line with the hash of the rest, then one for each file.
func (f *Files) load() {
	raw, err := os.ReadFile(f.file)
	if err != nil {
		return
	}
	head, body, _ := bytes.Cut(raw, []byte{'\n'})
	if string(head) != memoryHead+hexSum(body) {
		return
	}
	for line := range strings.Lines(string(body)) {
		part := strings.SplitN(strings.TrimSuffix(line, "\n"), "\t", 4)
		if len(part) != 4 {
			continue
		}
		used, err := strconv.ParseInt(part[0], 10, 64)
		name, nerr := strconv.Unquote(part[3])
		value, verr := strconv.Unquote(part[2])
		if err == nil && nerr == nil && verr == nil {
			f.known[name] = remembered{part[1], value, used}
		}
	}
}

// Save writes the memory if it has learned something. Of two builds that write at the same time one wins, and the other's files are
// read once more.
func (f *Files) Save() error {
	if f == nil {
		return nil
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if !f.dirty {
		return nil
	}
	oldest := f.now().Unix()/86400 - keepRemembered
	var lines []string
	for name, r := range f.known {
		if r.used >= oldest {
			lines = append(lines, fmt.Sprintf("%d\t%s\t%s\t%s\n", r.used, r.state, strconv.Quote(r.value), strconv.Quote(name)))
		}
	}
	slices.Sort(lines)
	body := strings.Join(lines, "")
	if err := WriteFile(f.file, []byte(memoryHead+hexSum([]byte(body))+"\n"+body), 0o644); err != nil {
		return fmt.Errorf("remembering files: %w", err)
	}
	f.dirty = false
	return nil
}

func hexSum(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}
