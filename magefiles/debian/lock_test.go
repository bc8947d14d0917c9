package debian

import (
	"reflect"
	"slices"
	"strings"
	"testing"
)

func exampleLock() Lock {
	one := Package{Arch: "arm64", Name: "zlib1g", Version: "1:1.3.dfsg+really1.3.1-1+b1", Size: 83820, SHA256: strings.Repeat("0a", 32), Archive: archiveMain, Path: "pool/main/z/zlib/zlib1g_1.3_arm64.deb"}
	two, three := one, one
	two.Arch, two.Path = "amd64", "pool/main/z/zlib/zlib1g_1.3_amd64.deb"
	three.Name, three.Version, three.Archive, three.Path = "openssl", "3.5.1-1+deb13u1", archiveSecurity, "pool/updates/main/o/openssl/openssl_3.5.1_arm64.deb"
	return Lock{Suites: []string{"trixie", "trixie-security"}, Seeds: []string{"openssl", "zlib1g"}, Packages: []Package{one, two, three}, Alike: exampleAlike()}
}

func exampleAlike() Alike {
	return Alike{Of: "0123456789abcdef", Sum: strings.Repeat("0b", 32), Own: []string{"lib64", "usr/share/with space"}, Too: []string{"usr/share/x86_64-linux-gnu"}}
}

func TestLockGolden(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	if err := WriteLock(&b, exampleLock()); err != nil {
		t.Fatal(err)
	}
	golden(t, "lock", b.String())
	back, err := ReadLock(strings.NewReader(strings.ReplaceAll(b.String(), "\n", "\r\n"))) // as Git may check it out on Windows
	if err != nil {
		t.Fatal(err)
	}
	want := exampleLock()
	sortPackages(want.Packages)
	if !reflect.DeepEqual(back, want) {
		t.Errorf("read back: %+v", back)
	}
}

func TestReadLockRefuses(t *testing.T) {
	t.Parallel()
	sum := strings.Repeat("0", 64)
	for _, c := range []struct{ line, want string }{
		{"amd64 aa 1 5 " + sum, "line 2: 5 columns"},
		{"amd64 aa 1 5 " + sum + " elsewhere/pool/a.deb", `archive "elsewhere"`},
		{"amd64 aa 1 5 " + sum + " https://m.example.org/a.deb", "neither"},
		{"amd64 aa 1 5 " + sum + " debian/../a.deb", "no path"},
		{"amd64 aa 1 5 " + sum[1:] + " debian/pool/a.deb", "no SHA-256"},
		{"amd64 aa 1 x " + sum + " debian/pool/a.deb", "no size"},
		{"AMD64 aa 1 5 " + sum + " debian/pool/a.deb", "no architecture"},
		{"<<<<<<< HEAD", "columns"},
	} {
		_, err := ReadLock(strings.NewReader("# a lock\n" + c.line + "\n"))
		wantError(t, err, c.want, "resolve the base again")
	}
	line := "amd64 aa 1 5 " + sum + " debian/pool/a.deb\n"
	_, err := ReadLock(strings.NewReader(line + line))
	wantError(t, err, "twice")
}

func TestLockCheck(t *testing.T) {
	t.Parallel()
	spec := Spec{Suites: []Suite{{Name: "trixie"}, {Name: "trixie-security", Security: true}}, Seeds: []string{"zlib1g", "openssl"}}
	if err := exampleLock().Check(spec, "amd64", "arm64"); err != nil {
		t.Error(err)
	}
	wantError(t, exampleLock().Check(spec, "riscv64"), `"riscv64"`, "resolve the base again")
	wantError(t, Lock{}.Check(spec), "empty or missing")
	more := spec
	more.Seeds = append(slices.Clone(spec.Seeds), "tzdata")
	wantError(t, exampleLock().Check(more, "amd64"), "tzdata")
	other := spec
	other.Suites = Suites("forky")
	wantError(t, exampleLock().Check(other, "amd64"), "forky-updates")
}

func TestKey(t *testing.T) {
	t.Parallel()
	spec := Spec{Suites: Suites("trixie"), Seeds: []string{"zlib1g"}, Exclude: []string{"b", "a"}}
	key := exampleLock().Key("arm64", spec)
	same := spec
	same.Exclude = []string{"a", "b"}
	shuffled := exampleLock()
	sortPackages(shuffled.Packages)
	if shuffled.Key("arm64", same) != key || len(key) != 64 {
		t.Error("the key depends on the order of things")
	}
	users := spec
	users.Users = []User{{Name: "someone", UID: 1, GID: 1}}
	cas := spec
	cas.CAs = true
	docs := spec
	docs.Exclude = nil
	updated := exampleLock()
	updated.Packages[0].SHA256 = strings.Repeat("1", 64)
	for name, other := range map[string]string{
		"architecture": exampleLock().Key("amd64", spec), "users": exampleLock().Key("arm64", users),
		"CAs": exampleLock().Key("arm64", cas), "excluded": exampleLock().Key("arm64", docs), "package": updated.Key("arm64", spec),
	} {
		if other == key {
			t.Errorf("the key does not depend on: %s", name)
		}
	}
	if other := exampleLock(); other.Key("arm64", spec) != key {
		t.Error("the key is not the same twice")
	}
}

func TestSpecRefuses(t *testing.T) {
	t.Parallel()
	good := Spec{Suites: Suites("trixie"), Seeds: []string{"base-files"}, Exclude: Documentation(), Users: []User{{Name: "someone", UID: 10001, GID: 10001, Home: "/home/someone"}}}
	if err := good.validate(); err != nil {
		t.Fatal(err)
	}
	for want, change := range map[string]func(*Spec){
		"no suite":           func(s *Spec) { s.Suites = nil },
		"no suite name":      func(s *Spec) { s.Suites = []Suite{{Name: "../x"}} },
		"no Debian package":  func(s *Spec) { s.Seeds = []string{"Python 3"} },
		"no path to leave":   func(s *Spec) { s.Exclude = []string{"/usr/share/doc"} },
		`"[" is no path`:     func(s *Spec) { s.Exclude = []string{"["} },
		"useradd":            func(s *Spec) { s.Users = []User{{Name: "a:b", UID: 1, GID: 1}} },
		"have to be above 0": func(s *Spec) { s.Users = []User{{Name: "root2", GID: 1}} },
		"an absolute path":   func(s *Spec) { s.Users = []User{{Name: "aa", UID: 1, GID: 1, Home: "/home/../x"}} },
	} {
		spec := good
		change(&spec)
		wantError(t, spec.validate(), want)
	}
}
