package targets

import "github.com/noetl/noetl/magefiles/audit"

// project is all that the targets know about one repository. Folders are
// relative to its root, with slashes; paths named To are inside the image.
type project struct {
	Name, Title, Image string
	Version            string // of every part; a test holds their own files against it
	Source, Licence    string
	EnvPrefix          string   // of the environment variables in env.go
	Platforms          []string // what images is asked for when nobody says
	UI                 uiPart
	CLI                cliPart
	Python             pythonPart
	Tools              string // hashed requirements of the tools that come from PyPI
	Base               basePart
	Run                runPart
	Deploy             deployPart
	Docker             dockerPart
	Waivers            []waiver
	Start              string // what starts the application, behind the CLI's name
}

// waiver is a finding of the audit that is accepted: ID and Path say which (see
// documentation/docs/development/audit.md), Reason is shown with it.
type waiver = audit.Waiver

// uiPart is a web UI that npm builds: the same bytes on every platform.
type uiPart struct{ Dir, Out, To string }

// cliPart is a Rust binary.
type cliPart struct {
	Dir, Package, Binary string
	Platforms            []string // what crossRust builds when nobody says
	Glibc                string   // the oldest glibc that the Linux binaries must run on
	MacOS                string   // the oldest macOS
	Libraries            []string // that it may need beside those of the operating system
	Into                 []string // folders that get the host's binary
	Archive              []string // files that go into every archive, at its top
	Completions          string   // folder of scripts for shells, which go there too
	To                   string
}

// pythonPart is a Python package and its hashed, universal lock.
type pythonPart struct {
	Project, Package string
	Lock, DevLock    string
	Version          string // of the interpreter in the image
	Minimum          string // of the interpreter on a laptop
	Tests            string
	Site             string // where packages lie in the image
}

// basePart is the root file system under the image, from Debian packages.
type basePart struct {
	Suite            string
	Packages         []string
	Lock             string
	Mirror, Security string
}

// dockerPart is the Dockerfile, for those who let BuildKit build. Names of its
// arguments may be empty: it then has none.
type dockerPart struct {
	File, Target string
	Args         []string // NAME=value, always given: base images, versions
	BaseArg      string   // gets -base
	VersionArg   string
	RevisionArg  string
	CA           string            // id of the build secret with CA certificates
	Bake         string            // the file for docker buildx bake, made from all this
	Emulated     string            // a Dockerfile that runs every step on the platform it builds for; only bench has a use for it
	Others       map[string]string // more Dockerfiles for bake, by the image's name; they take the same arguments, or some
}

// runPart is what the image's configuration says.
type runPart struct {
	Entrypoint, Command []string
	User                string
	UID                 int
	Home                string
	Port                string
	Env                 []string
	RevisionEnv         string // gets the source revision; empty: none
}

// deployPart is what the deploy target needs to know of the manifests.
type deployPart struct {
	Manifests      string // folder with overlays/NAME, for kustomize
	Overlay, Local string // which one is taken if nobody says: on clusters, and on those of one's own machine
	Namespace      string
	Name           string    // of the Deployment and of the Service
	Label          [2]string // that is on all that belongs to it, the namespace included
	ServicePort    int
	Protected      []string // patterns of kubectl contexts that want -yes
}
