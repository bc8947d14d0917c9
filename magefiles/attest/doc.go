// Package attest writes what an image is made of and how it was made, in the
// forms that other tools read: a bill of materials as SPDX 2.3 JSON, and a
// statement of provenance as in-toto Statement v1 with a SLSA v1 predicate.
//
// It is data and pure functions: facts come in as text and values, documents go
// out. Equal facts give equal bytes; nothing of the machine that builds gets in.
package attest
