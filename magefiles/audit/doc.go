// Package audit answers one question about files that are about to be
// shipped: is what is inside what its label says it is?
//
// A multi-arch image can have a perfect index and still hold x86-64 programs
// in its arm64 half; nothing else in the chain looks. This package reads the
// headers of every ELF, Mach-O and PE file, found by content and never by
// name, and compares them with the platform. It runs nothing and
// unpacks nothing but, one at a time, files too large for memory, of which it
// takes less than 200 MB: an image is a stream of tars, a wheel or a folder is
// an [io/fs.FS].
//
// The pieces, from the inside out:
//
//   - [File] reads one header and says what it is; hostile bytes are welcome.
//   - [ReadProgram] reads what a loader would read of one program: libraries,
//     symbol versions, the oldest system that it runs on, its signature.
//   - verdict.go holds the rules: what fits a platform, and how bad it is if not.
//   - [CheckProgram] adds what a program may ask of a machine, see [Limits].
//   - rootfs.go knows what a container sees of a stack of layers.
//   - [InspectImage] and [InspectTree] make an [Inventory]: facts, and no contents.
//   - [Inventory.Check] runs the functions of checkers(), each a pure function of
//     the inventory, and gives [Finding]s; [Checks] explains them.
//   - [Native] answers for one file.
package audit
