// Package debian makes a root file system out of Debian packages, for any
// architecture and on any host: no dpkg, apt, root, Docker or emulation.
//
// The way of a build:
//
//	Spec --Resolve--> Lock --Root--> Tree
//
// [Resolve] reads the signed release files and package indices of the suites
// and computes the dependency closure of the seeds. Its result, a [Lock], is a
// text file made to be committed. [Root] downloads exactly the locked packages,
// checks each against its locked SHA-256 and unpacks them into a [Tree], an
// fs.FS in memory. With a lock no index is read, and with a warm cache no
// network is used.
//
// # Trust
//
// InRelease is checked against the archive keys embedded from Debian's own
// debian-archive-keyring package (or Fetcher.Keys), its dates and code name against what was asked
// for, indices against InRelease, packages against the index or the lock. Every
// size is known or bounded before a byte is read.
//
// # No maintainer script runs
//
// What those of a small system would have done that a container notices is done in
// Go: user and group files, the CA bundle, the time zone, a few directories and
// links of base-files, name service configuration. dpkg's database is written,
// so that scanners and "dpkg --root" see the packages. ld.so.cache is not: the
// dynamic loader searches Debian's multiarch folders without it.
//
// Formats: deb(5), deb822(5), deb-version(7), sources.list(5), and the Debian
// policy's chapter 7 for relations between packages.
package debian
