// Package oci makes container images without Docker, and reads them back.
//
// The way of a file into an image is short:
//
//	tree (io/fs.FS) -> Layer -> Image -> Plan -> Index -> WriteLayout, Publish or DockerArchive
//
// A [Plan] is data: nothing is opened, downloaded or compressed before
// [Builder.Build]. What Build returns is finished: its digest cannot change any
// more, and every blob it made lies in the [Cache], on disk and not in memory.
//
// Two properties hold, whatever the host is:
//
//   - Equal plans and trees give equal digests. Names are sorted, times, owners
//     and modes come from the plan, and the compressor is a pinned library
//     rather than the one of the Go installation.
//   - Nothing is left half-made. A blob, a layout or a result appears under its
//     name when it is complete and not before; a tag moves when everything it
//     will point at has been read back from the registry.
//
// Everything follows the OCI image specification 1.1; media types of images are
// the OCI ones, also where a base image still has Docker's.
package oci
