package oci

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"sync"
)

const (
	hidden   = "***"
	maxError = 64 << 10 // bytes of an error's body that are read at all
	maxPlain = 400      // bytes of one that is no JSON: a proxy's page
)

// What in the text of an error is secret wherever it comes from: the user part
// of an address, the query of one (signed addresses carry their right in it),
// and what follows the names of authorization schemes.
var (
	userPart   = regexp.MustCompile(`(://)[^/?#\s"'@]+@`)
	queryPart  = regexp.MustCompile(`(https?://[^\s"'<>?]+)\?[^\s"'<>]*`)
	schemePart = regexp.MustCompile(`(?i)\b(basic|bearer) +[a-z0-9._~+/=-]{6,}`)
)

// redact takes secrets out of a text that a person may see.
func redact(s string) string {
	s = userPart.ReplaceAllString(s, "${1}"+hidden+"@")
	s = queryPart.ReplaceAllString(s, "${1}?"+hidden)
	return schemePart.ReplaceAllStringFunc(s, func(match string) string {
		scheme, value, _ := strings.Cut(match, " ")
		if strings.Trim(value, "abcdefghijklmnopqrstuvwxyz") == "" {
			return match // "basic authentication"
		}
		return scheme + " " + hidden
	})
}

// withoutQuery is an address as far as it may be shown.
func withoutQuery(u *url.URL) string {
	return u.Scheme + "://" + u.Host + u.EscapedPath()
}

// discreet makes an error whose text may be shown. The error inside is for
// asking what kind it is.
func discreet(err error) error {
	if err == nil {
		return nil
	}
	if text := redact(err.Error()); text != err.Error() {
		return &redactedError{text, err}
	}
	return err
}

type redactedError struct {
	text string
	err  error
}

func (e *redactedError) Error() string { return e.text }
func (e *redactedError) Unwrap() error { return e.err }

// discreetTransport keeps in mind what credentials go out, and takes them out of
// the bodies of errors: registries have been seen to repeat what they got.
type discreetTransport struct {
	base http.RoundTripper

	mu      sync.Mutex
	secrets map[string]bool
}

func (t *discreetTransport) RoundTrip(req *http.Request) (*http.Response, error) {
	t.learn(req)
	resp, err := t.base.RoundTrip(req)
	if err != nil || resp.StatusCode < 400 || resp.Body == nil {
		return resp, err
	}
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxError))
	resp.Body.Close() //nolint:errcheck // what was read is enough
	if err != nil && !connectionLost(err) {
		return nil, err
	}
	if !json.Valid(body) && len(body) > maxPlain {
		body = append(body[:maxPlain:maxPlain], "…"...)
	}
	resp.Body = io.NopCloser(bytes.NewReader(t.hide(body)))
	return resp, nil
}

// learn notes the secrets of a request in every form that they may be repeated in.
func (t *discreetTransport) learn(req *http.Request) {
	scheme, value, _ := strings.Cut(req.Header.Get("Authorization"), " ")
	found := []string{value}
	if raw, err := base64.StdEncoding.DecodeString(value); err == nil && strings.EqualFold(scheme, "basic") {
		_, password, _ := strings.Cut(string(raw), ":")
		found = append(found, password)
	}
	if req.GetBody != nil && req.Header.Get("Content-Type") == "application/x-www-form-urlencoded" {
		found = append(found, formSecrets(req)...)
	}
	t.remember(found...)
}

func (t *discreetTransport) remember(found ...string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, s := range found {
		if len(s) >= 4 { // shorter ones would take half of the text with them
			t.secrets[s], t.secrets[url.QueryEscape(s)] = true, true
		}
	}
}

// formSecrets reads the form that is exchanged for a token.
func formSecrets(req *http.Request) []string {
	body, err := req.GetBody()
	if err != nil {
		return nil
	}
	defer body.Close() //nolint:errcheck // it lies in memory
	raw, err := io.ReadAll(io.LimitReader(body, maxError))
	if err != nil {
		return nil
	}
	form, err := url.ParseQuery(string(raw))
	if err != nil {
		return nil
	}
	return []string{form.Get("refresh_token"), form.Get("password")}
}

func (t *discreetTransport) hide(body []byte) []byte {
	t.mu.Lock()
	defer t.mu.Unlock()
	for s := range t.secrets {
		body = bytes.ReplaceAll(body, []byte(s), []byte(hidden))
	}
	return body
}
