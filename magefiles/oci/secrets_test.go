package oci

import (
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-containerregistry/pkg/authn"
	"github.com/google/go-containerregistry/pkg/name"
)

func TestRedact(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"nothing to hide: 404 Not Found":                                  "nothing to hide: 404 Not Found",
		`Put "https://bob:hunter2@ghcr.io/v2/": EOF`:                      `Put "https://***@ghcr.io/v2/": EOF`,
		`Get "https://s3.test/blob?X-Amz-Signature=abc&x=y": reset`:       `Get "https://s3.test/blob?***": reset`,
		"Authorization: Basic Ym9iOmh1bnRlcjI=":                           "Authorization: Basic ***",
		"authorization: bearer eyJhbGciOiJ.eyJz_d.sig-nature failed":      "authorization: bearer *** failed",
		"http://a/?token=x and https://u:p@b/c?d=e, twice":                "http://a/?*** and https://***@b/c?***  twice",
		"asking ghcr.io/acme/app@sha256:0123 for basic authentication":    "asking ghcr.io/acme/app@sha256:0123 for basic authentication",
		"opening \"app@sha256:aa\": see https://example.com/docs, please": "opening \"app@sha256:aa\": see https://example.com/docs, please",
	} {
		got := redact(in)
		if strings.ReplaceAll(got, ",", "") != strings.ReplaceAll(strings.ReplaceAll(want, ",", ""), "  ", " ") {
			t.Errorf("%s\ngot  %s\nwant %s", in, got, want)
		}
	}
}

func TestDiscreetErrorsKeepTheirKind(t *testing.T) {
	t.Parallel()
	cause := errors.New("at https://u:p@host/")
	err := discreet(fmt.Errorf("trying: %w", cause))
	if !errors.Is(err, cause) || err.Error() != "trying: at https://***@host/" {
		t.Error(err)
	}
	if plain := errors.New("plain"); !errors.Is(discreet(plain), plain) || discreet(plain).Error() != "plain" || discreet(nil) != nil {
		t.Error("an error without secrets is another one afterwards")
	}
}

// TestReferencesWithPasswords: what was pasted by mistake is not repeated.
func TestReferencesWithPasswords(t *testing.T) {
	t.Parallel()
	for _, s := range []string{"https://bob:hunter2@ghcr.io/acme", "bob:hunter2@ghcr.io/acme/app:1", "hunter2@ghcr.io/acme"} {
		_, err := ParseReference(s)
		_, rerr := ParseRegistry(s)
		for _, err := range []error{err, rerr} {
			wantError(t, err, "docker login")
			if strings.Contains(err.Error(), "hunter2") {
				t.Error(err)
			}
		}
	}
}

// elsewhere is a second host, in front of the same registry, that notes what
// credentials it gets.
type elsewhere struct {
	host string
	mu   sync.Mutex
	got  []string // "METHOD Authorization"
}

func newElsewhere(t *testing.T, inner http.Handler) *elsewhere {
	t.Helper()
	e := &elsewhere{}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		e.mu.Lock()
		e.got = append(e.got, r.Method+" "+r.Header.Get("Authorization"))
		e.mu.Unlock()
		inner.ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	e.host = strings.TrimPrefix(server.URL, "http://")
	return e
}

// guarded lets in who has the password or, if bearer, the token for it, and sends
// uploads and downloads of blobs to another host.
func guarded(r *testRegistry, other string, bearer bool) {
	const token = "token-of-the-registry"
	basic := "Basic " + base64.StdEncoding.EncodeToString([]byte(proxyUser+":"+proxyPassword))
	want, challenge := basic, `Basic realm="test"`
	if bearer {
		want, challenge = "Bearer "+token, fmt.Sprintf(`Bearer realm="http://%s/token",service="test"`, r.host)
	}
	r.set(nil, func(w http.ResponseWriter, req *http.Request) bool {
		switch auth := req.Header.Get("Authorization"); {
		case req.URL.Path == "/token" && auth == basic:
			fmt.Fprintf(w, `{"token":%q}`, token)
		case auth != want:
			w.Header().Set("WWW-Authenticate", challenge)
			w.WriteHeader(http.StatusUnauthorized)
		case req.Method == http.MethodPost:
			rec := httptest.NewRecorder()
			r.inner.ServeHTTP(rec, req)
			w.Header().Set("Location", "http://"+other+rec.Header().Get("Location"))
			w.WriteHeader(rec.Code)
		case req.Method == http.MethodGet && strings.Contains(req.URL.Path, "/blobs/"):
			http.Redirect(w, req, "http://"+other+req.URL.Path, http.StatusTemporaryRedirect)
		default:
			return false
		}
		return true
	})
}

// TestCredentialsStayAtTheirHost: a registry may send blobs to be stored, and
// fetched, elsewhere. Its password and its token are not for there.
func TestCredentialsStayAtTheirHost(t *testing.T) {
	t.Parallel()
	for _, bearer := range []bool{false, true} {
		t.Run(fmt.Sprint("bearer ", bearer), func(t *testing.T) {
			t.Parallel()
			r := newRegistry(t)
			other := newElsewhere(t, r.inner)
			guarded(r, other.host, bearer)
			remote := quick()
			remote.Keychain = password{}
			ref := r.host + "/app:1"
			if err := CheckPushPermission(t.Context(), []string{ref}, remote); err != nil {
				t.Fatal(err)
			}
			if _, err := Publish(t.Context(), Publication{Index: build(t, twoPlatforms()), Tags: []string{ref}}, remote); err != nil {
				t.Fatal(err)
			}
			v, err := Verify(t.Context(), ref, remote, true)
			if err != nil || v.Err() != nil {
				t.Fatal(err, v.Err())
			}
			puts, gets := 0, 0
			for _, line := range other.got {
				switch line {
				case "PUT ":
					puts++
				case "GET ":
					gets++
				case "DELETE ":
				default:
					t.Errorf("the other host got %q", line)
				}
			}
			if puts != 5 || gets != 5 {
				t.Errorf("%d uploads and %d downloads went elsewhere, and 5 of each should", puts, gets)
			}
		})
	}
}

// TestTokenEndsDuringUpload: registries give tokens for minutes. The bytes that
// were sent with an old one are sent again with a new one.
func TestTokenEndsDuringUpload(t *testing.T) {
	t.Parallel()
	r := newRegistry(t)
	given := 0
	var mu sync.Mutex
	r.set(nil, func(w http.ResponseWriter, req *http.Request) bool {
		mu.Lock()
		defer mu.Unlock()
		switch {
		case req.URL.Path == "/token":
			given++
			fmt.Fprintf(w, `{"token":"number-%d"}`, given)
		case req.Header.Get("Authorization") != fmt.Sprintf("Bearer number-%d", max(given, 1)), given == 1 && req.Method == http.MethodPut:
			w.Header().Set("WWW-Authenticate", fmt.Sprintf(`Bearer realm="http://%s/token",service="test"`, r.host))
			w.WriteHeader(http.StatusUnauthorized)
		default:
			return false
		}
		return true
	})
	remote := quick()
	remote.Keychain, remote.Jobs = password{}, 1
	if _, err := Publish(t.Context(), Publication{Index: build(t, twoPlatforms()), Tags: []string{r.host + "/app:1"}}, remote); err != nil {
		t.Fatal(err)
	}
	if given < 2 {
		t.Errorf("%d tokens were given", given)
	}
}

// TestIntoThePrivateNetwork: a registry cannot make us send layers to what only
// we can reach, nor in clear text.
func TestIntoThePrivateNetwork(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		from, to string
		says     string // "" if it is allowed
	}{
		{"https://ghcr.io/v2/", "https://storage.test/x?sig=1", ""},
		{"https://ghcr.io/v2/", "https://10.0.0.1/x", "private network"},
		{"https://ghcr.io/v2/", "https://[::1]:9/x", "private network"},
		{"https://ghcr.io/v2/", "http://storage.test/x", "not encrypted"},
		{"https://ghcr.io/v2/", "http://ghcr.io/v2/x", ""}, // TLS ends before the registry, which does not know
		{"http://192.168.1.5:5000/v2/", "http://192.168.1.6:9000/x", ""},
		{"http://192.168.1.5:5000/v2/", "http://169.254.169.254/latest/", "private network"},
		{"http://localhost:5000/v2/", "http://127.0.0.1:9000/x", ""},
	} {
		from, err := url.Parse(test.from)
		if err != nil {
			t.Fatal(err)
		}
		to, err := url.Parse(test.to)
		if err != nil {
			t.Fatal(err)
		}
		err = checkElsewhere(from, to)
		if (err == nil) != (test.says == "") || err != nil && !strings.Contains(err.Error(), test.says) {
			t.Errorf("%s to %s: %v", test.from, test.to, err)
		}
	}
	r := newRegistry(t)
	r.set(nil, func(w http.ResponseWriter, req *http.Request) bool {
		if req.Method == http.MethodPost {
			w.Header().Set("Location", "http://169.254.169.254/latest/?sig=hush-hush")
			w.WriteHeader(http.StatusAccepted)
		}
		return req.Method == http.MethodPost
	})
	_, err := Publish(t.Context(), Publication{Index: build(t, onePlatform()), Tags: []string{r.host + "/app:1"}}, quick())
	wantError(t, err, "private network")
	if strings.Contains(err.Error(), "hush") {
		t.Error(err)
	}
}

// TestKeychain: Docker's configuration comes first, and GitHub's token is for
// GitHub's registry.
func TestKeychain(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("DOCKER_CONFIG", dir)
	t.Setenv("REGISTRY_AUTH_FILE", "")
	t.Setenv("XDG_RUNTIME_DIR", dir)
	env := map[string]string{"GITHUB_TOKEN": "ghs_secret", "GITHUB_ACTOR": "bob"}
	keychain := Keychain(func(key string) string { return env[key] })
	resolve := func(repo string) authn.AuthConfig {
		t.Helper()
		r, err := name.NewRepository(repo)
		if err != nil {
			t.Fatal(err)
		}
		auth, err := authn.Resolve(t.Context(), keychain, r)
		if err != nil {
			t.Fatal(err)
		}
		config, err := authn.Authorization(t.Context(), auth)
		if err != nil {
			t.Fatal(err)
		}
		return *config
	}
	if got := resolve("ghcr.io/acme/app"); got.Username != "bob" || got.Password != "ghs_secret" {
		t.Errorf("ghcr.io: %+v", got)
	}
	for _, repo := range []string{"docker.io/acme/app", "ghcr.io.evil.test/acme/app", "evil.test/ghcr.io/app", "localhost:5000/app"} {
		if got := resolve(repo); got != (authn.AuthConfig{}) {
			t.Errorf("%s: %+v", repo, got)
		}
	}
	own := base64.StdEncoding.EncodeToString([]byte("carol:own"))
	if err := os.WriteFile(filepath.Join(dir, "config.json"), []byte(`{"auths":{"ghcr.io":{"auth":"`+own+`"}}}`), 0o600); err != nil {
		t.Fatal(err)
	}
	if got := resolve("ghcr.io/acme/app"); got.Username != "carol" {
		t.Errorf("docker login comes first: %+v", got)
	}
	env["GITHUB_TOKEN"] = ""
	if got := resolve("ghcr.io/acme/app"); got.Username != "carol" {
		t.Errorf("%+v", got)
	}
}
