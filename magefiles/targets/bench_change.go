package targets

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/noetl/noetl/magefiles/xbuild"
)

// change does to the clone what a person does between two builds. No two
// changes are alike, whoever is built: nothing is answered by another's cache.
func (c *contender) change(ctx context.Context, scenario string, run int) error {
	unique := fmt.Sprintf("%s %d", c.ID, time.Now().UnixNano())
	public := filepath.Join(c.dir, filepath.FromSlash(c.UI.Dir), "public")
	switch scenario {
	case "nochange":
		return nil
	case "python":
		if c.ID == "ko" {
			return c.line("main.go", fmt.Sprintf("var _ = %q", unique))
		}
		return c.line(c.Python.Package+"/__init__.py", "LINE = "+strconv.Quote(unique))
	case "ui":
		return c.line(c.UI.Dir+"/src/main.tsx", fmt.Sprintf("console.debug(%q);", unique))
	case "rust":
		return c.line(c.CLI.Dir+"/"+c.CLI.Package+"/src/main.rs", fmt.Sprintf("#[used]\nstatic LINE_%d: &str = %q;", time.Now().UnixNano(), unique))
	case "dependency":
		return c.dependency(ctx, run, unique)
	case "base":
		if c.ours() {
			return c.updateBase(ctx)
		}
		return c.newBase(ctx, run)
	case "files":
		return fill(public, 10_000, 400)
	case "large":
		return fill(public, 1, 2_000_000_000)
	case "small again":
		return os.RemoveAll(public)
	}
	return fmt.Errorf("measuring builds: nobody knows how to make %q", scenario)
}

func (c *contender) line(file, text string) error {
	f, err := os.OpenFile(filepath.Join(c.dir, filepath.FromSlash(file)), os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	if _, err = f.WriteString("\n" + text + "\n"); err != nil {
		_ = f.Close()
		return err
	}
	return f.Close()
}

// dependency puts a package that only developers need into the lock, or takes one away: no two runs have the same ones. What is
// unique keeps BuildKit from answering with another engine's, or with an earlier benchmark's.
func (c *contender) dependency(ctx context.Context, run int, unique string) error {
	have, err := xbuild.Output(ctx, c.run, xbuild.Cmd{Name: "git", Args: []string{"show", "HEAD:" + c.Python.Lock}, Dir: c.dir})
	if err != nil {
		return err
	}
	dev, err := os.ReadFile(filepath.Join(c.dir, filepath.FromSlash(c.Python.DevLock)))
	if err != nil {
		return err
	}
	// They require nothing, and who tests with pytest has them all. Any other would have to come with what it requires, or the
	// audit of the image refuses it.
	leaves := []string{"iniconfig", "packaging", "pluggy", "pygments"}
	lock, left := have+"\n# "+unique+"\n", run^run>>1 // Gray's code: from one run to the next, one bit is another
	for _, entry := range lockEntries(string(dev)) {
		name, _, _ := strings.Cut(entry, "==")
		if strings.Contains("\n"+have, "\n"+name+"==") || !slices.Contains(leaves, name) {
			continue
		}
		if left&1 != 0 {
			lock += entry
		}
		left >>= 1
	}
	if left != 0 {
		return fmt.Errorf("changing a Python package: %s has too few that %s lacks for another run", c.Python.DevLock, c.Python.Lock)
	}
	return xbuild.WriteFile(filepath.Join(c.dir, filepath.FromSlash(c.Python.Lock)), []byte(lock), 0o644)
}

// lockEntries are the packages of a requirements file with hashes.
func lockEntries(text string) []string {
	var out []string
	for line := range strings.SplitSeq(text, "\n") {
		switch {
		case line == "" || strings.HasPrefix(line, "#"):
		case strings.HasPrefix(line, " ") && out != nil:
			out[len(out)-1] += line + "\n"
		default:
			out = append(out, line+"\n")
		}
	}
	return out
}

// fill makes files of bytes that do not compress.
func fill(dir string, files, size int) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	random := rand.NewChaCha8([32]byte{1})
	chunk := make([]byte, min(size, 1<<20))
	for i := range files {
		f, err := os.Create(filepath.Join(dir, fmt.Sprintf("bench-%05d.bin", i)))
		if err != nil {
			return err
		}
		for left := size; left > 0 && err == nil; left -= len(chunk) {
			_, _ = random.Read(chunk)
			_, err = f.Write(chunk[:min(left, len(chunk))])
		}
		if closed := f.Close(); err == nil {
			err = closed
		}
		if err != nil {
			return err
		}
	}
	return nil
}
