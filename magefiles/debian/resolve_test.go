package debian

import (
	"fmt"
	"strings"
	"testing"
)

// offer builds a universe of one architecture from short index stanzas.
func offer(t *testing.T, suites ...string) *universe {
	t.Helper()
	var lists [][]candidate
	for _, text := range suites {
		var b strings.Builder
		for block := range strings.SplitSeq(strings.TrimSpace(text), "\n\n") {
			fmt.Fprintf(&b, "Package: %s\nSize: 1\nSHA256: %064d\nFilename: pool/x.deb\n\n", strings.TrimSpace(block), 0)
		}
		list, err := parseIndex(strings.NewReader(b.String()), archiveMain)
		if err != nil {
			t.Fatal(err)
		}
		lists = append(lists, list)
	}
	u, err := newUniverse("arm64", lists)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

func TestClosure(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, index string
		seeds       string
		want        string // names and versions
		err         []string
	}{
		{
			name: "transitive and cyclic", seeds: "aa",
			index: "aa\nVersion: 1\nPre-Depends: bb\n\nbb\nVersion: 1\nDepends: cc\n\ncc\nVersion: 1\nDepends: aa\n\nunused\nVersion: 1",
			want:  "aa=1 bb=1 cc=1",
		},
		{name: "version constraint", seeds: "aa", index: "aa\nVersion: 1\nDepends: bb (>= 1:2~rc1)\n\nbb\nVersion: 1:2", want: "aa=1 bb=1:2"},
		{name: "first alternative", seeds: "aa", index: "aa\nVersion: 1\nDepends: cc | bb\n\nbb\nVersion: 1\n\ncc\nVersion: 1", want: "aa=1 cc=1"},
		{name: "second alternative for its version", seeds: "aa", index: "aa\nVersion: 1\nDepends: bb (>> 1) | cc\n\nbb\nVersion: 1\n\ncc\nVersion: 1", want: "aa=1 cc=1"},
		{name: "a seed is the alternative", seeds: "aa cc", index: "aa\nVersion: 1\nDepends: bb | cc\n\nbb\nVersion: 1\n\ncc\nVersion: 1", want: "aa=1 cc=1"},
		{
			name: "alternative that cannot be completed", seeds: "aa",
			index: "aa\nVersion: 1\nDepends: bb | cc\n\nbb\nVersion: 1\nDepends: dd, nope\n\ndd\nVersion: 1\n\ncc\nVersion: 1", want: "aa=1 cc=1",
		},
		{
			name: "virtual package, the most basic provider", seeds: "aa",
			index: "aa\nVersion: 1\nDepends: awk\n\ngawk\nVersion: 1\nPriority: optional\nProvides: awk\n\nmawk\nVersion: 1\nPriority: required\nProvides: awk", want: "aa=1 mawk=1",
		},
		{
			name: "provider that is there already", seeds: "aa gawk",
			index: "aa\nVersion: 1\nDepends: awk\n\ngawk\nVersion: 1\nProvides: awk\n\nmawk\nVersion: 1\nPriority: required\nProvides: awk", want: "aa=1 gawk=1",
		},
		{
			name: "versioned provides", seeds: "aa",
			index: "aa\nVersion: 1\nDepends: api (>= 2)\n\nbb\nVersion: 9\nProvides: api\n\ncc\nVersion: 1\nProvides: api (= 1)\n\ndd\nVersion: 1\nProvides: api (= 2.1)", want: "aa=1 dd=1",
		},
		{name: "qualifiers", seeds: "aa", index: "aa\nVersion: 1\nDepends: bb:any, cc:arm64, dd:native\n\nbb\nVersion: 1\nMulti-Arch: allowed\n\ncc\nVersion: 1\n\ndd\nVersion: 1", want: "aa=1 bb=1 cc=1 dd=1"},
		{name: "breaks only older", seeds: "aa bb", index: "aa\nVersion: 1\nBreaks: bb (<< 2)\nConflicts: aa, cc\n\nbb\nVersion: 2", want: "aa=1 bb=2"},

		{name: "unknown seed", seeds: "aaa", index: "aa\nVersion: 1", err: []string{`"aaa"`, "spelling"}},
		{
			name: "missing dependency", seeds: "aa", index: "aa\nVersion: 1\nDepends: bb\n\nbb\nVersion: 1\nDepends: cc (>= 2) | ee",
			err: []string{"aa -> bb needs cc (>= 2) | ee", "no package is or provides cc"},
		},
		{name: "too old", seeds: "aa", index: "aa\nVersion: 1\nDepends: bb (>= 2)\n\nbb\nVersion: 1", err: []string{"aa needs bb (>= 2)", "the suites have bb 1"}},
		{name: "another architecture", seeds: "aa", index: "aa\nVersion: 1\nDepends: bb:amd64\n\nbb\nVersion: 1", err: []string{"bb:amd64", "another architecture than arm64"}},
		{name: "conflict", seeds: "aa", index: "aa\nVersion: 1\nDepends: bb, cc\n\nbb\nVersion: 1\nConflicts: dd\n\ncc\nVersion: 3\nProvides: dd", err: []string{`"bb" conflicts with dd`, "cc 3"}},
		{name: "unreadable dependency", seeds: "aa", index: "aa\nVersion: 1\nDepends: bb (", err: []string{`"aa" depends on`}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			list, err := offer(t, c.index).closure(strings.Fields(c.seeds))
			if c.err != nil {
				wantError(t, err, c.err...)
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			got := make([]string, len(list))
			for i, p := range list {
				got[i] = p.Name + "=" + p.Version
			}
			if s := strings.Join(got, " "); s != c.want {
				t.Errorf("got %s, want %s", s, c.want)
			}
		})
	}
}

func TestHighestVersionAcrossSuites(t *testing.T) {
	t.Parallel()
	u := offer(t, "aa\nVersion: 1.10\n\nbb\nVersion: 1.0-1+deb13u1\nPriority: required", "aa\nVersion: 1.9", "bb\nVersion: 1.0-1+deb13u2\n\naa\nVersion: 1.10")
	if u.byName["aa"].Version != "1.10" || u.byName["bb"].Version != "1.0-1+deb13u2" {
		t.Errorf("got %s and %s", u.byName["aa"].Version, u.byName["bb"].Version)
	}
}

func TestParseIndexRefuses(t *testing.T) {
	t.Parallel()
	good := fmt.Sprintf("Package: aa\nVersion: 1\nSize: 5\nFilename: pool/a.deb\nSHA256: %064d\n", 0)
	if _, err := parseIndex(strings.NewReader(good), archiveMain); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ old, new, want string }{
		{"pool/a.deb", "../../etc/a.deb", "no path to a .deb"},
		{"pool/a.deb", "/pool/a.deb", "no path to a .deb"},
		{"pool/a.deb", "pool/a.deb?x=1.deb", "no path to a .deb"},
		{"pool/a.deb", "pool/a.exe", "no path to a .deb"},
		{"Size: 5", "Size: 99999999999999", "not between"},
		{"Size: 5", "Size: -5", "not between"},
		{"Size: 5", "Size: five", "no size"},
		{"0000", "000g", "no SHA-256"},
		{"Package: aa", "Package: a/b", "no package name"},
		{"Version: 1", "Version: 1/2", "no version"},
	} {
		_, err := parseIndex(strings.NewReader(strings.Replace(good, c.old, c.new, 1)), archiveMain)
		wantError(t, err, c.want)
	}
}
