package debian

import (
	"strings"
	"testing"
)

func TestStanzas(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, in, want, err string
	}{
		{"two", "A: 1\nB:2\n\n\nA: 3\n", "A: 1\nB: 2\n\nA: 3\n", ""},
		{"folded", "D: first\n second\n .\n\tthird  \nE:\n x\n", "D: first\n second\n .\n third\nE:\n x\n", ""},
		{"comments and CRLF", "# no\r\nA: 1\r\n# no\r\n b\r\n", "A: 1\n b\n", ""},
		{"a line of blanks separates", "A: 1\n  \nB: 2", "A: 1\n\nB: 2\n", ""},
		{"colon in value", "U: http://h/p\n", "U: http://h/p\n", ""},
		{"nothing", "\n\n# x\n", "", ""},
		{"no field", "A: 1\nnonsense\n", "", "line 2"},
		{"blank in name", "A b: 1\n", "", "line 1"},
		{"no name", ": 1\n", "", "line 1"},
		{"continuation first", " x\n", "", "continuation line without a field"},
		{"twice", "A: 1\na: 2\n", "", `"a" is there twice`},
		{"long line", "A: " + strings.Repeat("x", maxLine+1), "", "longer than"},
		{"long stanza", "A: 1\n" + strings.Repeat(" "+strings.Repeat("x", 1<<20)+"\n", 17), "", "stanza is longer"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			got, err := parseAll(c.in)
			if c.err != "" {
				wantError(t, err, c.err)
				return
			}
			if err != nil || got != c.want {
				t.Errorf("got %q (%v), want %q", got, err, c.want)
			}
		})
	}
}

func parseAll(text string) (string, error) {
	var parts []string
	for s, err := range stanzas(strings.NewReader(text)) {
		if err != nil {
			return "", err
		}
		parts = append(parts, s.String())
	}
	return strings.Join(parts, "\n"), nil
}

func TestGetIgnoresCase(t *testing.T) {
	t.Parallel()
	s, err := oneStanza(strings.NewReader("Multi-Arch: same\n"))
	if err != nil || s.get("multi-ARCH") != "same" || s.get("Multi") != "" {
		t.Errorf("got %v, %v", s, err)
	}
	for _, text := range []string{"", "A: 1\n\nB: 2\n"} {
		if _, err := oneStanza(strings.NewReader(text)); err == nil {
			t.Errorf("%q is not one stanza", text)
		}
	}
}

// What is written has to be read back as the same.
func FuzzStanzas(f *testing.F) {
	for _, seed := range []string{"A: 1\nB:2\n\nC:\n x\n .\n", "# c\nA:\n\tb\n", " x", "A: 1\r\n \r\nB: 2", "A\x00: \xff\n", "Package: a\nDepends: b (>= 1) | c\n"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		once, err := parseAll(text)
		if err != nil {
			return
		}
		twice, err := parseAll(once)
		if err != nil || twice != once {
			t.Errorf("%q is read as %q and written as %q (%v)", text, once, twice, err)
		}
	})
}

func TestParseRelations(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ in, want, err string }{
		{"", "", ""},
		{"aa", "aa", ""},
		{"libc6 (>= 2.38), bb:any|cc (<<1:2~) ,", "libc6 (>= 2.38); bb:any | cc (<< 1:2~)", ""},
		{"aa (= 1-2+deb13u1),\n bb:amd64 (>>3)", "aa (= 1-2+deb13u1); bb:amd64 (>> 3)", ""},
		{"aa (< 1), bb (> 2)", "aa (<= 1); bb (>= 2)", ""},
		{"aa (>= 1", "", "not closed"},
		{"aa (~ 1)", "", "no comparison"},
		{"aa (>= )", "", "no version"},
		{"A", "", "no package name"},
		{"aa | ", "", "no package name"},
		{"aa [amd64]", "", "no package name"},
		{"../etc", "", "no package name"},
	} {
		groups, err := parseRelations(c.in)
		if c.err != "" {
			wantError(t, err, c.err)
			continue
		}
		parts := make([]string, len(groups))
		for i, g := range groups {
			parts[i] = g.String()
		}
		if got := strings.Join(parts, "; "); err != nil || got != c.want {
			t.Errorf("%q: got %q (%v), want %q", c.in, got, err, c.want)
		}
	}
}

func FuzzParseRelations(f *testing.F) {
	for _, seed := range []string{"a (>= 1) | b:any, c", "a (", "a ()", ",|,", "a:(=1)"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, s string) {
		groups, err := parseRelations(s)
		for _, g := range groups {
			if err == nil && len(g) == 0 {
				t.Errorf("%q has an empty group", s)
			}
		}
	})
}

// The order of deb-version(7), and the comparisons of policy 7.1.
func TestVersions(t *testing.T) {
	t.Parallel()
	ascending := []string{"", "not a version", "0~", "0", "1.0~rc1", "1.0~rc1+b1", "1.0", "1.0-1~deb13u1", "1.0-1", "1.0-1+b1", "1.0-1+deb13u1", "1.0-1+deb13u2", "1.0-1+deb13u10", "1.0a", "1.0+dfsg", "1.0.1", "1.2", "1.10", "20250419", "1:0.1", "2:0"}
	for i := 1; i < len(ascending); i++ {
		a, b := ascending[i-1], ascending[i]
		if compareVersions(a, b) >= 0 || compareVersions(b, a) <= 0 || compareVersions(b, b) != 0 {
			t.Errorf("%q has to be before %q", a, b)
		}
	}
	for op, want := range map[string]string{"<<": "100", "<=": "110", "=": "010", ">=": "011", ">>": "001", "": "111"} {
		r, got := relation{name: "aa", op: op, version: "1.0-1"}, ""
		for _, v := range []string{"1.0-1~", "1.0-1", "1.0-1+b1"} {
			got += map[bool]string{true: "1", false: "0"}[r.accepts(v)]
		}
		if got != want {
			t.Errorf("%q: got %s, want %s", op, got, want)
		}
		if r.accepts("") != (op == "") {
			t.Errorf("%q: an unversioned Provides", op)
		}
	}
}
