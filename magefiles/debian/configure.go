package debian

import (
	"archive/tar"
	"fmt"
	"path"
)

// configure does what maintainer scripts would have done, as far as a container
// notices. Nothing that a package ships is overwritten.
func (t *Tree) configure(spec Spec) error {
	for _, step := range []func() error{t.folders, t.names, t.python, func() error { return t.accounts(spec.Users) }} {
		if err := step(); err != nil {
			return err
		}
	}
	if spec.CAs {
		return t.certificates()
	}
	return nil
}

// folders are those of base-files' script, and the time zone of tzdata's.
func (t *Tree) folders() error {
	for p, mode := range map[string]int64{
		"tmp": 0o1777, "var/tmp": 0o1777, "run": 0o755, "run/lock": 0o1777, "root": 0o700,
		"proc": 0o755, "sys": 0o755, "dev": 0o755, "home": 0o755, "mnt": 0o755, "srv": 0o755, "opt": 0o755, "media": 0o755,
		"etc/opt": 0o755, "var/opt": 0o755, "var/log": 0o755, "var/cache": 0o755, "var/lib": 0o755,
		"usr/local/bin": 0o755, "usr/local/etc": 0o755, "usr/local/lib": 0o755, "usr/local/sbin": 0o755,
		"usr/local/share": 0o755, "usr/local/share/ca-certificates": 0o755,
	} {
		if err := t.mkdir(p, mode, 0, 0); err != nil {
			return err
		}
	}
	for p, target := range map[string]string{
		"var/run": "/run", "var/lock": "/run/lock",
		"etc/dpkg/origins/default": "debian",
		"etc/localtime":            "/usr/share/zoneinfo/Etc/UTC",
	} {
		from := path.Join("/", path.Dir(p), target)
		if path.IsAbs(target) {
			from = target
		}
		if _, err := t.walk(from, true, false); err != nil {
			continue // tzdata, or the like, is not part of this base
		}
		if err := t.symlink(p, target); err != nil {
			return err
		}
	}
	return nil
}

// names are host names: netbase's script writes hosts. Nobody's writes
// nsswitch.conf into a system as small as this; without it glibc asks DNS only
// and never /etc/hosts, where Kubernetes puts its aliases.
func (t *Tree) names() error {
	if err := t.write("etc/hosts", 0o644, []byte("127.0.0.1\tlocalhost\n::1\t\tlocalhost ip6-localhost ip6-loopback\n")); err != nil {
		return err
	}
	return t.write("etc/nsswitch.conf", 0o644, []byte("passwd:    files\ngroup:     files\nshadow:    files\nhosts:     files dns\nnetworks:  files\nprotocols: files\nservices:  files\nethers:    files\nrpc:       files\n"))
}

// python fills in the file that Debian's sitecustomize.py is a link to.
func (t *Tree) python() error {
	lib, err := t.walk("usr/lib", true, false)
	if err != nil {
		return nil // nothing was installed there
	}
	for _, dir := range lib.sorted() {
		if ok, _ := path.Match("python3.*", dir.name); !ok || dir.children["sitecustomize.py"] == nil {
			continue
		}
		link := dir.children["sitecustomize.py"]
		if !link.isLink() || !path.IsAbs(link.hdr.Linkname) {
			continue
		}
		target, err := clean(link.hdr.Linkname)
		if err != nil {
			return err
		}
		if err := t.write(target, 0o644, []byte("# Empty sitecustomize.py to avoid a dangling symlink\n")); err != nil {
			return err
		}
	}
	return nil
}

// write adds a file, owned by root, unless there is one.
func (t *Tree) write(p string, mode int64, data []byte) error {
	if _, err := t.walk(p, true, false); err == nil {
		return nil
	}
	return t.place(p, &node{hdr: &tar.Header{Typeflag: tar.TypeReg, Mode: mode}, file: &content{data}})
}

// symlink adds a link, in the place of an empty directory if there is one.
func (t *Tree) symlink(p, target string) error {
	if n, err := t.walk(p, false, false); err == nil && (!n.isDir() || len(n.children) > 0) {
		return nil
	}
	return t.place(p, &node{hdr: &tar.Header{Typeflag: tar.TypeSymlink, Mode: 0o777, Linkname: target}})
}

func (t *Tree) place(p string, n *node) error {
	parent, err := t.dir(path.Dir(p))
	if err != nil {
		return fmt.Errorf("writing %q: %w", p, err)
	}
	n.name = path.Base(p)
	parent.put(n)
	return nil
}

// mkdir adds a directory. One that a package ships keeps its mode and owner.
func (t *Tree) mkdir(p string, mode int64, uid, gid int) error {
	n, err := t.dir(p)
	if err != nil {
		return err
	}
	if n.implied {
		n.hdr.Mode, n.hdr.Uid, n.hdr.Gid, n.implied = mode, uid, gid, false
	}
	return nil
}
