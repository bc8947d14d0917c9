package debian

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"time"
)

// Fetcher is where files come from and where they are kept.
type Fetcher struct {
	Client  *http.Client // nil means http.DefaultClient, which heeds HTTP_PROXY and its like
	Mirrors Mirrors
	Cache   string // folder on the host; made if need be. Processes may share it

	// Repacked is a folder for packages that were opened once, in a form that is quick to open again; "" keeps none. It
	// may be emptied at any time. It is believed like the layers that are made of it: keep it where those are.
	Repacked string

	// Locked refuses to go on where the lock is stale: a package that no mirror
	// has any more, other seeds, a missing architecture. Otherwise it is
	// resolved anew, and Log says so.
	Locked bool

	Keys []string     // ASCII-armoured OpenPGP keys that release files may be signed with; none means Debian's
	Log  func(string) // hears of warnings: a mirror that fails, a stale lock. May be called concurrently; nil is silence
	// Sum is the hexadecimal SHA-256 of a file in the cache; nil reads it. Who remembers files by their time of change knows it
	// without reading.
	Sum func(path string) (string, error)
	Now func() time.Time // the clock that dates are checked by; nil means time.Now

	wait time.Duration // before the second try; 0 means firstWait
}

func (f Fetcher) logf(format string, args ...any) {
	if f.Log != nil {
		f.Log(fmt.Sprintf(format, args...))
	}
}

func (f Fetcher) now() time.Time {
	if f.Now != nil {
		return f.Now()
	}
	return time.Now()
}

func (f Fetcher) bases(archive string) []string {
	if archive == archiveSecurity {
		return f.Mirrors.Security
	}
	return f.Mirrors.Main
}

// at returns a Fetcher that asks one mirror only.
func (f Fetcher) at(archive, base string) Fetcher {
	f.Mirrors = Mirrors{Main: []string{base}}
	if archive == archiveSecurity {
		f.Mirrors = Mirrors{Security: []string{base}}
	}
	return f
}

// get reads a small file of an archive into memory, from the first mirror that gives it.
func (f Fetcher) get(ctx context.Context, archive, file string, limit int64) ([]byte, error) {
	var data []byte
	err := f.each(ctx, archive, []string{file}, limit, func(body io.Reader, _ int64) error {
		var err error
		data, err = io.ReadAll(io.LimitReader(body, limit+1))
		if err == nil && int64(len(data)) > limit {
			err = fmt.Errorf("more than %d bytes; what answers is no Debian mirror", limit)
		}
		return err
	})
	return data, err
}

// blob returns the name of a local file with the bytes that want names: from
// the cache, or from the first mirror and path that has them.
func (f Fetcher) blob(ctx context.Context, archive string, paths []string, want digest) (string, error) {
	name, err := f.cached(want)
	if err != nil || name != "" {
		return name, err
	}
	err = f.each(ctx, archive, paths, want.size, func(body io.Reader, length int64) error {
		if length >= 0 && length != want.size {
			return &mismatch{fmt.Sprintf("the mirror offers %d bytes, %d are expected", length, want.size)}
		}
		name, err = f.store(body, want)
		return err
	})
	return name, err
}

// mismatch says that a mirror has other bytes than the signed index or the lock.
// Asking the same mirror again would not help; another one may.
type mismatch struct{ what string }

func (m *mismatch) Error() string {
	return m.what + "; the file was changed, or the mirror is just being updated: try again, or use another mirror"
}

// copyChecked copies exactly what want names, and never more than that.
func copyChecked(w io.Writer, r io.Reader, want digest) error {
	h := sha256.New()
	n, err := io.Copy(io.MultiWriter(w, h), io.LimitReader(r, want.size+1))
	switch {
	case err != nil:
		return err
	case n < want.size:
		return fmt.Errorf("the download ended after %d of %d bytes: %w", n, want.size, io.ErrUnexpectedEOF)
	case n > want.size:
		return &mismatch{fmt.Sprintf("the download has more than the %d bytes expected", want.size)}
	}
	if got := hex.EncodeToString(h.Sum(nil)); got != want.sha256 {
		return &mismatch{fmt.Sprintf("its SHA-256 is %s, %s is expected", got, want.sha256)}
	}
	return nil
}

// each tries all paths on all mirrors, in order, until use succeeds.
func (f Fetcher) each(ctx context.Context, archive string, paths []string, size int64, use func(io.Reader, int64) error) error {
	bases := f.bases(archive)
	if len(bases) == 0 {
		return fmt.Errorf("fetching %q: there is no mirror of archive %q; give one", paths[len(paths)-1], archive)
	}
	var failures []error
	gone := true
	for _, base := range bases {
		for _, p := range paths {
			url := strings.TrimSuffix(base, "/") + "/" + p
			err := f.fetch(ctx, url, size, use)
			if err == nil {
				return nil
			}
			var local *os.PathError
			if ctx.Err() != nil || errors.As(err, &local) {
				return err // no other mirror would help
			}
			gone = gone && isGone(err)
			failures = append(failures, err)
		}
	}
	if gone {
		return &notFound{errors.Join(failures...)}
	}
	return errors.Join(failures...)
}

// notFound means that every mirror answered, and none has the file.
type notFound struct{ error }

func (n *notFound) Unwrap() error { return n.error }
