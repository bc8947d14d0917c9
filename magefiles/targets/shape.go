package targets

import (
	"path"

	"github.com/noetl/noetl/magefiles/audit"
)

// project is all that the targets know about one repository. Folders and files
// are relative to its root, with slashes ("web/app"); what is called To is a
// folder in the image ("/opt/app"). A field may be empty where it says so;
// check.go refuses the rest before any work begins.
type project struct {
	Name      string   // of the project, in lower case: names the cache folder and the papers; "shop"
	Title     string   // for people, and the image's vendor; "The Shop"
	Image     string   // the image's name without registry and tag; "shop-server"
	Version   string   // of every part; the parts' own files say the same; "1.4.0"
	Source    string   // address of the repository, for labels and papers; "https://github.com/you/shop"
	Licence   string   // SPDX expression, for labels and papers; "MIT"
	EnvPrefix string   // of the environment variables in env.go; "SHOP_" makes them SHOP_TAG, SHOP_CACHE …
	Platforms []string // what images is asked for when nobody says; "linux/amd64"
	UI        uiPart   // empty: there is no web UI
	CLI       cliPart
	Python    pythonPart
	Tools     string // hashed requirements of the tools from PyPI; a copy of scripts/tools.txt will do
	Base      basePart
	Run       runPart
	Deploy    deployPart // empty: there is nothing to deploy
	Docker    dockerPart // empty: there is no Dockerfile, and no -engine=buildx
	Waivers   []waiver   // findings of the audit that are accepted; mostly none
	Start     string     // arguments of the CLI that start the application, to tell people; "serve"
}

// waiver is a finding of the audit that is accepted: ID and Path say which (see
// documentation/docs/development/audit.md), Reason is shown with it.
type waiver = audit.Waiver

// uiPart is a web UI that npm builds: the same bytes on every platform.
type uiPart struct {
	Dir string // the sources: package.json, package-lock.json, and a script "build" that ends in a Vite command; "web"
	Out string // the folder that a server on a laptop serves; replaced whole, so it is not committed; "web/built"
	To  string // where the image has it; "/opt/shop/pages"
}

// cliPart is a Rust binary.
type cliPart struct {
	Dir         string   // the workspace: Cargo.toml and Cargo.lock; "crates"
	Package     string   // the package's name; "shop-cli"
	Crate       string   // its folder; empty: it is called as the package, in Dir
	Binary      string   // the program's name; "shop"
	Platforms   []string // what crossRust builds when nobody says; "windows/arm64"
	Glibc       string   // the oldest glibc that the Linux binaries must run on; "2.28"
	RustRuntime bool     // no compiler runtime beside Rust's own is made and linked for Linux: seconds less when nothing is cached; false: C code of crates may need more
	MacOS       string   // the oldest macOS; "11.0"
	Libraries   []string // that it may need beside those of the operating system; mostly none
	Into        []string // folders that get the host's binary; the first is the one that people are told of; "bin"
	Archive     []string // files that go into every archive, at its top; "LICENSE"
	Completions string   // folder of scripts for shells, which go there too; empty: there are none
	To          string   // where the image has it; "/usr/local/bin"
}

// pythonPart is a Python package and its hashed, universal lock.
type pythonPart struct {
	Project string // folder of pyproject.toml; "server", or "."
	Package string // the distribution's name, as pyproject.toml has it; "shop-server"
	Lock    string // what uv pip compile --universal --generate-hashes wrote; "requirements.lock"
	DevLock string // the same with pytest and ruff, for test and lint; empty: they leave Python out
	Tests   string // folder of the tests; empty if DevLock is
	Version string // of the interpreter in the image, which the base brings; "3.13"
	Minimum string // of the interpreter on a laptop; "3.11"
	Site    string // where the image has the packages; Run.Env has to name it in PYTHONPATH; "/opt/shop/lib"
}

// basePart is the root file system under the image, from Debian packages.
type basePart struct {
	Suite            string   // Debian's name of the release; "trixie"
	Packages         []string // what the image needs; what these need comes by itself; "python3.13"
	Lock             string   // all of them with their hashes; go tool mage baseLock writes it; "base.lock"
	Mirror, Security string   // where they are, for machines without apt sources of their own
}

// runPart is what the image's configuration says.
type runPart struct {
	Entrypoint  []string // the program, and arguments that are always there; "shop"
	Command     []string // arguments that people replace; may be empty; "serve"
	User        string   // the account that it runs as, made in the base; "shop"
	UID         int      // its number, and its group's, not 0; 10001
	Home        string   // its home; "/home/shop"
	Port        string   // that the application listens on; empty: none; "8080/tcp"
	Env         []string // NAME=value
	RevisionEnv string   // gets the source revision; empty: none
}

// deployPart is what the deploy target needs to know of the manifests.
type deployPart struct {
	Manifests      string    // folder with overlays/NAME, for kustomize; "k8s"
	Overlay, Local string    // which one is taken if nobody says: on clusters, and on those of one's own machine
	Namespace      string    // where it runs; "shop"
	Name           string    // of the Deployment and of the Service; "shop"
	Label          [2]string // that is on all that belongs to it, the namespace included; its name and its value
	ServicePort    int       // of the Service; 80
	Protected      []string  // patterns of kubectl contexts that want -yes; "*prod*"
}

// dockerPart is the Dockerfile, for those who let BuildKit build. Names of its
// arguments may be empty: it then has none.
type dockerPart struct {
	File        string            // "docker/Dockerfile"; the context is the project's folder
	Target      string            // its stage; empty: the last one
	Args        []string          // NAME=value, always given: base images, versions
	BaseArg     string            // gets -base
	VersionArg  string            // gets Version
	RevisionArg string            // gets the source revision
	CA          string            // id of the build secret with CA certificates
	Bake        string            // the file for docker buildx bake, made from all this
	Emulated    string            // a Dockerfile that runs every step on the platform it builds for; only bench has a use for it
	Others      map[string]string // more Dockerfiles for bake, by the image's name; they take the same arguments, or some
}

// hasUI reports whether there is a web UI.
func (p project) hasUI() bool { return p.UI != uiPart{} }

// crate is the folder of the CLI's package.
func (c cliPart) crate() string {
	if c.Crate != "" {
		return c.Crate
	}
	return path.Join(c.Dir, c.Package)
}
