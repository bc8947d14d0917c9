package xbuild

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"sync"
	"time"
)

// Files remembers what files held by what the system says of them, so that thousands that did not change cost a look each. It is
// a cache: nothing is lost with it, and a file of which there is any doubt is read. Its methods may be called concurrently. A nil
// *Files remembers nothing and reads everything.
type Files struct {
	file  string
	now   func() time.Time
	once  sync.Once
	mu    sync.Mutex
	known map[string]remembered // by path, or "version of PATH"
	dirty bool
	self  struct {
		once sync.Once
		sum  string
		err  error
	}
}

// remembered is what a file held when the system said state of it.
type remembered struct {
	state string
	value string // hash, or a tool's version
	used  int64  // day of the last use, since 1970
}

// settled is how long a file must have been left alone before it is remembered: one that is written again within the resolution
// of a file system's clock looks the same afterwards. FAT's is the coarsest, 2 s. Git calls such entries racily clean.
const settled = 2 * time.Second

// OpenFiles has the memory in file; if there is none, or not a sound one, it begins empty. It is read when it is first needed.
func OpenFiles(file string) *Files {
	return &Files{file: file, now: time.Now, known: map[string]remembered{}}
}

// Sum is the hexadecimal SHA-256 of a file's content.
func (f *Files) Sum(path string) (string, error) {
	info, err := os.Stat(path)
	if err != nil {
		return "", err
	}
	if !info.Mode().IsRegular() {
		return "", fmt.Errorf("reading %q: it is no file (%v)", path, info.Mode().Type())
	}
	return f.remember(path, info, func() (string, error) { return sumFile(path, info) })
}

// BlobSum is Sum of a file that is written once, whole, under a name of its own: that links to it come and go says nothing of it.
func (f *Files) BlobSum(path string) (string, error) {
	info, err := os.Stat(path)
	if err != nil {
		return "", err
	}
	return f.recall("blob "+path, blobState(info), info.ModTime(), func() (string, error) { return sumSteady(path, info, blobState) })
}

func blobState(info os.FileInfo) string {
	return fmt.Sprintf("%d.%d", info.Size(), info.ModTime().UnixNano())
}

// Version is what ask says of a program's version. It is asked again when the program's file is another, or was touched. What
// stands in for a program, and asks who knows whom, is asked each time: see plain.
func (f *Files) Version(ctx context.Context, program string, plain bool, ask func(context.Context) (string, error)) (string, error) {
	info, err := os.Stat(program)
	if err != nil || !plain {
		return ask(ctx)
	}
	return f.remember("version of "+program, info, func() (string, error) { return ask(ctx) })
}

// remember returns what is known of a thing as long as info stays the same.
func (f *Files) remember(name string, info os.FileInfo, find func() (string, error)) (string, error) {
	state, changed, ok := fileState(info)
	if !ok {
		return find()
	}
	return f.recall(name, state, changed, find)
}

// recall returns what is known of a thing in this state, in which it is since changed.
func (f *Files) recall(name, state string, changed time.Time, find func() (string, error)) (string, error) {
	if f == nil {
		return find()
	}
	f.once.Do(f.load)
	f.mu.Lock()
	entry, known := f.known[name]
	f.mu.Unlock()
	today := f.now().Unix() / 86400
	if known && entry.state == state {
		if entry.used != today {
			f.put(name, remembered{state, entry.value, today})
		}
		return entry.value, nil
	}
	begun := f.now()
	value, err := find()
	if err == nil && changed.Add(settled).Before(begun) {
		f.put(name, remembered{state, value, today})
	}
	return value, err
}

func (f *Files) put(name string, r remembered) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.known[name], f.dirty = r, true
}

var errUnsteady = errors.New("it changes while it is read")

// sumFile hashes a file, and refuses one that is not the same before and after.
func sumFile(path string, info os.FileInfo) (string, error) {
	return sumSteady(path, info, func(info os.FileInfo) string {
		state, _, _ := fileState(info)
		return state
	})
}

func sumSteady(path string, info os.FileInfo, state func(os.FileInfo) string) (string, error) {
	file, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer func() { _ = file.Close() }()
	sum := sha256.New()
	if _, err := io.Copy(sum, file); err != nil {
		return "", fmt.Errorf("reading %q: %w", path, err)
	}
	after, err := file.Stat()
	if err != nil {
		return "", fmt.Errorf("reading %q: %w", path, err)
	}
	if state(after) != state(info) {
		return "", fmt.Errorf("reading %q: %w", path, errUnsteady)
	}
	return hex.EncodeToString(sum.Sum(nil)), nil
}
