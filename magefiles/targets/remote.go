package targets

import (
	"fmt"
	"sync/atomic"

	"github.com/noetl/noetl/magefiles/oci"
	"github.com/noetl/noetl/magefiles/report"
)

// remote is how registries are talked to, by every target.
func (j *job) remote() oci.Remote {
	return oci.Remote{Keychain: oci.Keychain(j.env)}
}

// remoteFor shows, in a step, how far it is, and what it waits for. What counts
// of a blob is the caller's: what was sent, or what was read.
func (j *job) remoteFor(s *report.Step, verb string, count func(oci.BlobDone) int64) oci.Remote {
	r := j.remote()
	var total atomic.Int64
	r.Progress = func(b oci.BlobDone) {
		s.Detail(report.Bytes(total.Add(count(b))) + " " + verb)
	}
	r.Waiting = func(w oci.Waiting) {
		fmt.Fprintf(s.Log(), "again in %s: %s\n", report.Duration(w.Wait), w.Cause)
		s.Detail(fmt.Sprintf("%s %s, again in %s", report.Bytes(total.Load()), verb, report.Duration(w.Wait)))
	}
	return r
}

func sentBytes(b oci.BlobDone) int64 { return b.Sent }
func readBytes(b oci.BlobDone) int64 { return b.Size }
