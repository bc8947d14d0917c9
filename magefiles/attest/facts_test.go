package attest

import (
	"reflect"
	"slices"
	"strings"
	"testing"
)

const someStatus = `Package: libc6
Status: install ok installed
Version: 2.41-12+deb13u4
Architecture: arm64
Source: glibc (2.41-12)
Maintainer: GNU Libc Maintainers <debian-glibc@lists.debian.org>
Homepage: https://www.gnu.org/software/libc/libc.html
Depends: libgcc-s1
Description: GNU C Library
 more

Package: libgcc-s1
Status: install ok installed
Version: 14.2.0-19
Architecture: arm64
Provides: libgcc1 (= 1:14)
Depends: gcc-base | other, libc6 (>= 2.35)

Package: mawk
Status: deinstall ok config-files
Version: 1

Package: python3.13
Status: install ok installed
Version: 1:3.13.5-2
Architecture: arm64
Pre-Depends: libc6:any (>= 2), libgcc1
Depends: awk | libgcc-s1
`

const someCopyright = `Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/

Files: *
Copyright: 1991 FSF
License: LGPL-2.1+

Files: a b
Copyright: 2000 X
License: GPL-2 or Carnegie, and Expat

License: Carnegie
 Permission to use, copy, modify and distribute this software.
 .
 Always.
`

const someMetadata = "Metadata-Version: 2.4\r\nName: Typing_Extensions\r\nVersion: 4.16.0\r\nAuthor-email: \"Guido, Jukka\" <a@b.org>, C <c@d.org>\r\n" +
	"License-Expression: PSF-2.0\r\nRequires-Dist: idna>=2.8; python_version >= \"3.9\"\r\nRequires-Dist: extra ; extra == 'dev'\r\nHome-page: UNKNOWN\r\n\r\nName: not this\r\n"

func TestDpkg(t *testing.T) {
	t.Parallel()
	got := DpkgPackages(someStatus, Distribution{}, func(string) string { return "" })
	var names []string
	for _, c := range got {
		names = append(names, c.ID()+" -> "+strings.Join(c.DependsOn, " "))
	}
	want := []string{
		"deb-libc6-2.41-12.plusdeb13u4 -> deb-libgcc-s1-14.2.0-19",
		"deb-libgcc-s1-14.2.0-19 -> deb-libc6-2.41-12.plusdeb13u4",
		"deb-python3.13-1-3.13.5-2 -> deb-libc6-2.41-12.plusdeb13u4 deb-libgcc-s1-14.2.0-19",
	}
	if !slices.Equal(names, want) {
		t.Errorf("got %q\nwant %q", names, want)
	}
	if got[2].PURL != "pkg:deb/debian/python3.13@1:3.13.5-2?arch=arm64" {
		t.Error(got[2].PURL)
	}
	twice := "Package: a\nStatus: install ok installed\nVersion: 1\nArchitecture: "
	if got := DpkgPackages(twice+"amd64\n\n"+twice+"i386\n", Distribution{}, func(string) string { return "" }); len(got) != 2 || got[1].ID() != "deb-a-1-i386" {
		t.Errorf("for two architectures: %+v", got)
	}
	if d := ReadOSRelease("NAME=\"Debian GNU/Linux\"\nID=debian\nVERSION_CODENAME=trixie\n"); d != (Distribution{"debian", "Debian GNU/Linux", "trixie"}) {
		t.Errorf("%+v", d)
	}
}

func TestLicenses(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ in, want, comment string }{
		{"MIT", "MIT", ""},
		{"mit", "MIT", ""},
		{"MIT/Apache-2.0", "MIT OR Apache-2.0", ""},
		{"(MIT OR Apache-2.0) AND Unicode-3.0", "(MIT OR Apache-2.0) AND Unicode-3.0", ""},
		{"Apache-2.0 WITH LLVM-exception OR MIT", "Apache-2.0 WITH LLVM-exception OR MIT", ""},
		{"GPL-2.0+", "GPL-2.0-or-later", ""},
		{"Weird-1.0", "LicenseRef-Weird-1.0", ""},
		{"SEE LICENSE IN x.txt", "", "SEE LICENSE IN x.txt"},
		{"MIT OR", "", "MIT OR"},
		{"(MIT", "", "(MIT"},
		{"", "", ""},
		{"Apache License 2.0", "Apache-2.0", ""},
	} {
		got := ParseLicense(tt.in)
		if got.Expression != tt.want || got.Comment != tt.comment {
			t.Errorf("%q: %+v", tt.in, got)
		}
		if strings.Contains(tt.want, "LicenseRef") != (len(got.Extracted) == 1) {
			t.Errorf("%q: texts %+v", tt.in, got.Extracted)
		}
	}
	debian := DebianLicense(someCopyright)
	if !strings.HasPrefix(debian.Expression, "LGPL-2.1-or-later AND ") && !strings.HasSuffix(debian.Expression, " AND LGPL-2.1-or-later") ||
		!strings.Contains(debian.Expression, "(GPL-2.0-only OR LicenseRef-Carnegie-") || len(debian.Extracted) != 1 || !strings.Contains(debian.Extracted[0].Text, "Always") {
		t.Errorf("%+v", debian)
	}
	if free := DebianLicense("This package was debianized by somebody.\n\nIt is free.\n"); free.Expression != "" {
		t.Errorf("%+v", free)
	}
	for _, tt := range []struct {
		field, classifier, want, comment string
	}{
		{"BSD-3-Clause", "", "BSD-3-Clause", ""},
		{"", "License :: OSI Approved :: MIT License", "MIT", ""},
		{"BSD", "License :: OSI Approved :: BSD License", "", "BSD; BSD License"},
		{"MIT OR Apache-2.0", "", "MIT OR Apache-2.0", ""},
		{"Copyright (c) 2020 Somebody\n", "", "", "Copyright (c) 2020 Somebody"},
	} {
		if got := pythonLicense(tt.field, []string{tt.classifier}); got.Expression != tt.want || got.Comment != tt.comment {
			t.Errorf("%q %q: %+v", tt.field, tt.classifier, got)
		}
	}
}

func TestPython(t *testing.T) {
	t.Parallel()
	c, requires := PythonDistribution(someMetadata, "3.13")
	if c.PURL != "pkg:pypi/typing-extensions@4.16.0" || c.Originator != "Person: Guido, Jukka (a@b.org)" || c.Homepage != "" || c.License.Expression != "PSF-2.0" {
		t.Errorf("%+v", c)
	}
	if !slices.Equal(requires, []string{"idna"}) {
		t.Errorf("requires %q", requires)
	}
	for marker, want := range map[string]bool{
		`python_version < "3.11"`: false, ` (python_version >= '3.13')`: true, `python_full_version < "3.14.1"`: true,
		`sys_platform == "win32"`: false, `python_version < "3.15" and extra == "x"`: false, `python_version == "3.13"`: true,
		`python_version != "3.13"`: false, `python_version > "3.9"`: true, `python_version <= "3.12"`: false,
	} {
		if pythonMarker(marker, "3.13") != want {
			t.Errorf("%s: not %v", marker, want)
		}
	}
}

func TestCargoLock(t *testing.T) {
	t.Parallel()
	got := ReadCargoLock("version = 4\n\n[[package]]\nname = \"a\"\nversion = \"1.0.0\"\nsource = \"git+https://x.org/a?branch=b#c0ffee\"\ndependencies = [\n \"b\",\n]\n\n[[package]]\nname = \"b\"\nversion = \"2.0.0\"\nsource = \"registry+r\"\nchecksum = \"ff\"\n\n[metadata]\nname = \"not this\"\n")
	want := []LockedCrate{{"a", "1.0.0", "git+https://x.org/a?branch=b#c0ffee", ""}, {"b", "2.0.0", "registry+r", "ff"}}
	if !slices.Equal(got, want) {
		t.Errorf("%+v", got)
	}
	if c := Crate(got[0], "MIT"); c.Download != "git+https://x.org/a@c0ffee" || c.PURL != "pkg:cargo/a@1.0.0?vcs_url=git%2Bhttps://x.org/a%40c0ffee" {
		t.Errorf("%+v", c)
	}
}

func TestNpm(t *testing.T) {
	t.Parallel()
	bundled := BundledPackages("# Licenses\n\n## @a/b - 1.2.3 (MIT)\n\nMIT\n## Not a package\n\n## react - 19.0.0\n")
	if !slices.Equal(bundled, []BundledPackage{{"@a/b", "1.2.3", "MIT"}, {"react", "19.0.0", ""}}) {
		t.Fatalf("%+v", bundled)
	}
	lock := []byte(`{"packages":{"":{},"node_modules/react":{"version":"18.0.0"},"node_modules/x/node_modules/react":{"version":"19.0.0","integrity":"sha512-AQI="},
		"node_modules/@a/b":{"version":"1.2.3","peerDependencies":{"react":"^19"},"dependencies":{"gone":"1"}}}}`)
	got, err := NpmPackages(bundled, lock)
	if err != nil {
		t.Fatal(err)
	}
	if got[0].PURL != "pkg:npm/%40a/b@1.2.3" || !slices.Equal(got[0].DependsOn, []string{got[1].ID()}) ||
		!reflect.DeepEqual(got[1].Checksums, []Checksum{{"SHA512", "0102"}}) {
		t.Errorf("%+v", got)
	}
	if _, err := NpmPackages([]BundledPackage{{"stray", "1.0.0", ""}}, lock); err == nil || !strings.Contains(err.Error(), "stray 1.0.0") {
		t.Errorf("%v", err)
	}
}

func TestStatement(t *testing.T) {
	t.Parallel()
	s := Build{
		Source:     "https://example.org/app",
		Images:     []Resource{{Name: "app", Digest: map[string]string{"sha256": strings.Repeat("a", 64)}}},
		Parameters: map[string]any{"platforms": []string{"linux/amd64", "linux/arm64"}, "base": "debian"},
		Dependencies: []Resource{
			{Name: "requirements.lock", Digest: map[string]string{"sha256": strings.Repeat("b", 64)}},
			{URI: "git+https://example.org/app", Digest: map[string]string{"gitCommit": strings.Repeat("c", 40)}},
		},
		Builder: Builder{ID: "https://example.org/builder"},
	}
	raw, err := s.State().JSON()
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "provenance.json", raw)
}
