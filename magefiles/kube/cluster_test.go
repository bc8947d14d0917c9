package kube

import (
	"errors"
	"slices"
	"strings"
	"testing"
)

func TestProblem(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		text, says string
		kind       error
	}{
		{"E1123 00:00:00.1 memcache.go:265] couldn't get x: dial tcp 1.2.3.4:6443: connect: connection refused\n" + refused, "was refused", ErrUnreachable},
		{"Unable to connect to the server: dial tcp: lookup nowhere.invalid: no such host", "no such host", ErrUnreachable},
		{"Unable to connect to the server: net/http: TLS handshake timeout", "TLS", ErrUnreachable},
		{"Error from server (Forbidden): nodes is forbidden: User \"x\" cannot list resource", "cannot list", ErrForbidden},
		{"error: You must be logged in to the server (Unauthorized)", "logged in", ErrUnauthorized},
		{"Error from server (NotFound): namespaces \"x\" not found", "not found", ErrNotFound},
		{"Warning: old\nerror: something new\nerror: something new\n", "doing: something new", nil},
	} {
		err := problem(t.Context(), "doing", said{tt.text, 1})
		var p *Problem
		if !errors.As(err, &p) || !errors.Is(p.Kind, tt.kind) || tt.kind != nil && !errors.Is(err, tt.kind) {
			t.Errorf("%q is %v", tt.text, err)
		}
		if !strings.Contains(err.Error(), tt.says) || strings.Contains(err.Error(), "memcache") || strings.Contains(err.Error(), "Warning") {
			t.Errorf("%q becomes %q", tt.text, err)
		}
		if (p.Cure() != "") != (tt.kind != nil && !errors.Is(tt.kind, ErrNotFound)) {
			t.Errorf("%q is cured by %q", tt.text, p.Cure())
		}
	}
}

func TestRedact(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"postgres://me:hunter2@db/x":                       "postgres://me:***@db/x",
		`{"api_key": "abc", "a": 1}`:                       `{"api_key": "***", "a": 1}`,
		"PASSWORD=a,b":                                     "PASSWORD=***,b",
		"Authorization: Bearer abc.def-ghi":                "Authorization: Bearer ***",
		"got eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJ4In0x.abc_-1": "got ***",
		"nothing to hide: pod a, 3 tokens":                 "nothing to hide: pod a, 3 tokens",
	} {
		if got := Redact(in); got != want {
			t.Errorf("%q becomes %q, want %q", in, got, want)
		}
	}
}

func TestChooseContext(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		named string
		there []string
		want  string
		says  string
	}{
		{"", []string{"a"}, "a", ""},
		{"b", []string{"a", "b"}, "b", ""},
		{"", []string{"a", "b"}, "", "a\n  b"},
		{"c", []string{"a", "b"}, "", `no context "c"`},
		{"", nil, "", "KUBECONFIG"},
		{"c", nil, "", "KUBECONFIG"},
	} {
		got, err := ChooseContext(tt.named, tt.there)
		if got != tt.want || (err == nil) != (tt.says == "") || err != nil && !strings.Contains(err.Error(), tt.says) {
			t.Errorf("%q of %v: %q %v", tt.named, tt.there, got, err)
		}
	}
	for name, want := range map[string]bool{"eu-Production": true, "arn:aws:eks:eu/prod-1": true, "staging": false, "kind-dev": false} {
		if _, got := Protected(name, []string{"*prod*"}); got != want {
			t.Errorf("%s is protected: %v", name, got)
		}
	}
	f := &fake{answer: func(string) (string, error) { return "b\na\n", nil }}
	if names, err := Contexts(t.Context(), f.run); err != nil || !slices.Equal(names, []string{"a", "b"}) {
		t.Errorf("%v %v", names, err)
	}
}

func TestAskVersions(t *testing.T) {
	t.Parallel()
	client := func(minor string) string {
		return `{"clientVersion":{"major":"1","minor":"` + minor + `","gitVersion":"v1.` + minor + `.0"}`
	}
	for _, tt := range []struct {
		out  string
		err  error
		says string
		kind error
	}{
		{client("36") + `,"serverVersion":{"gitVersion":"v1.35.1"}}`, nil, "", nil},
		{client("28+") + `,"serverVersion":{"gitVersion":"v1.35.1"}}`, nil, "", nil},
		{client("27") + `,"serverVersion":{"gitVersion":"v1.35.1"}}`, nil, "1.28 or newer", nil},
		{client("20") + "}", said{refused, 1}, "1.28 or newer", nil},
		{client("36") + "}", said{refused, 1}, "does not answer", ErrUnreachable},
		{"", said{"kubectl: bad CPU type in executable", 126}, "bad CPU type", nil},
		{"hello", nil, "no version", nil},
	} {
		f := &fake{answer: func(string) (string, error) { return tt.out, tt.err }}
		v, err := AskVersions(t.Context(), f.run)
		if (err == nil) != (tt.says == "") || err != nil && !strings.Contains(err.Error(), tt.says) || tt.kind != nil && !errors.Is(err, tt.kind) {
			t.Errorf("%s: %v", tt.out, err)
		}
		if err == nil && v.Server != "v1.35.1" {
			t.Errorf("%+v", v)
		}
	}
}

func TestLookAt(t *testing.T) {
	t.Parallel()
	ours := `{"metadata":{"labels":{"app":"web"}}}`
	for _, tt := range []struct {
		name, out string
		err       error
		mayPatch  bool
		want      Place
	}{
		{"missing", "", said{"Error from server (NotFound): namespaces \"shop\" not found", 1}, true, Place{}},
		{"ours", ours, nil, true, Place{Exists: true}},
		{"ours, not to change", ours, nil, false, Place{Exists: true, Keep: true}},
		{"not to see", "", said{"Error from server (Forbidden): no", 1}, false, Place{Exists: true, Keep: true}},
	} {
		f := &fake{answer: func(line string) (string, error) {
			if strings.HasPrefix(line, "auth can-i") && !tt.mayPatch {
				return "", said{"", 1}
			} else if strings.HasPrefix(line, "auth") {
				return "", nil
			}
			return tt.out, tt.err
		}}
		if got, err := f.cluster().LookAt(t.Context(), "app", "web"); err != nil || got != tt.want {
			t.Errorf("%s: %+v %v", tt.name, got, err)
		}
	}
	f := &fake{answer: func(string) (string, error) { return `{"metadata":{}}`, nil }}
	if got, err := f.cluster().LookAt(t.Context(), "app", "web"); err != nil || !got.Keep || !strings.Contains(got.Note, "left as it is") {
		t.Errorf("somebody's: %+v %v", got, err)
	}
	f.answer = func(string) (string, error) { return `{"metadata":{"deletionTimestamp":"x"}}`, nil }
	if _, err := f.cluster().LookAt(t.Context(), "app", "web"); err == nil || !strings.Contains(err.Error(), "being deleted") {
		t.Errorf("dying: %v", err)
	}
}
