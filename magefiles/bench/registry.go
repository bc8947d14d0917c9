package bench

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
)

// Registry is a registry of images in a folder, as the OCI distribution
// specification describes it, that counts what it is sent. It has what a push
// needs and no more, and knows nobody: serve it on the loopback alone.
type Registry struct {
	Dir string

	mu    sync.Mutex
	sent  int64
	blobs int64
	next  int
}

// Count returns the bytes and the number of blobs that were sent since it was
// asked before.
func (r *Registry) Count() (bytes, blobs int64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	bytes, blobs = r.sent, r.blobs
	r.sent, r.blobs = 0, 0
	return bytes, blobs
}

var (
	route        = regexp.MustCompile(`^/v2/([a-z0-9._/-]+)/(blobs|blobs/uploads|manifests|tags|referrers)/([A-Za-z0-9._:-]*)$`)
	sha256Digest = regexp.MustCompile(`^sha256:[0-9a-f]{64}$`)
)

// ServeHTTP answers one request.
func (r *Registry) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	if req.URL.Path == "/v2/" {
		return
	}
	m := route.FindStringSubmatch(req.URL.Path)
	if m == nil || strings.Contains(m[1], "..") {
		refuse(w, http.StatusNotFound, "NAME_UNKNOWN")
		return
	}
	var err error
	switch repo, kind, name := m[1], m[2], m[3]; kind {
	case "blobs":
		r.give(w, req, repo, "blobs", name)
	case "blobs/uploads":
		err = r.upload(w, req, repo, name)
	case "manifests":
		if req.Method == http.MethodPut {
			err = r.putManifest(w, req, repo, name)
		} else {
			r.give(w, req, repo, "manifests", name)
		}
	default:
		refuse(w, http.StatusNotFound, "UNSUPPORTED")
	}
	if err != nil {
		refuse(w, http.StatusInternalServerError, err.Error())
	}
}

func refuse(w http.ResponseWriter, status int, code string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(map[string]any{"errors": []any{map[string]string{"code": code}}})
}

// File is where a blob or a manifest lies; kind is "blobs" or "manifests".
func (r *Registry) File(repo, kind, name string) string {
	return filepath.Join(r.Dir, filepath.FromSlash(repo), "_"+kind, strings.ReplaceAll(name, ":", "_"))
}

func (r *Registry) give(w http.ResponseWriter, req *http.Request, repo, kind, name string) {
	file := r.File(repo, kind, name)
	info, err := os.Stat(file)
	if err != nil || name == "" {
		refuse(w, http.StatusNotFound, strings.ToUpper(strings.TrimSuffix(kind, "s"))+"_UNKNOWN")
		return
	}
	w.Header().Set("Content-Type", "application/octet-stream")
	if kind == "manifests" {
		b, err := os.ReadFile(file)
		if err != nil {
			refuse(w, http.StatusInternalServerError, err.Error())
			return
		}
		var m struct {
			MediaType string `json:"mediaType"`
		}
		_ = json.Unmarshal(b, &m)
		w.Header().Set("Content-Type", m.MediaType)
		name = digest(b)
	}
	w.Header().Set("Docker-Content-Digest", name)
	w.Header().Set("Content-Length", fmt.Sprint(info.Size()))
	if req.Method != http.MethodHead {
		http.ServeFile(w, req, file)
	}
}

// upload takes a blob: begun with POST, in pieces with PATCH, ended with PUT.
func (r *Registry) upload(w http.ResponseWriter, req *http.Request, repo, id string) error {
	dir := filepath.Join(r.Dir, "uploads")
	if req.Method == http.MethodPost {
		if err := os.MkdirAll(dir, 0o755); err != nil {
			return err
		}
		r.mu.Lock()
		r.next++
		id = fmt.Sprint("u", r.next)
		r.mu.Unlock()
	}
	if id == "" || strings.ContainsAny(id, ".:/") {
		refuse(w, http.StatusNotFound, "BLOB_UPLOAD_UNKNOWN")
		return nil
	}
	part := filepath.Join(dir, id)
	f, err := os.OpenFile(part, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		return err
	}
	n, err := io.Copy(f, req.Body)
	if err = errors.Join(err, f.Close()); err != nil {
		return err
	}
	r.mu.Lock()
	r.sent += n
	r.mu.Unlock()
	if want := req.URL.Query().Get("digest"); want != "" {
		return r.finish(w, repo, part, want)
	}
	info, err := os.Stat(part)
	if err != nil {
		return err
	}
	w.Header().Set("Location", "/v2/"+repo+"/blobs/uploads/"+id)
	w.Header().Set("Range", fmt.Sprintf("0-%d", max(0, info.Size()-1)))
	w.WriteHeader(http.StatusAccepted)
	return nil
}

func (r *Registry) finish(w http.ResponseWriter, repo, part, want string) error {
	f, err := os.Open(part)
	if err != nil {
		return err
	}
	h := sha256.New()
	_, err = io.Copy(h, f)
	if err = errors.Join(err, f.Close()); err != nil {
		return err
	}
	if got := "sha256:" + hex.EncodeToString(h.Sum(nil)); got != want {
		refuse(w, http.StatusBadRequest, "DIGEST_INVALID")
		return os.Remove(part)
	}
	file := r.File(repo, "blobs", want)
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		return err
	}
	if err := os.Rename(part, file); err != nil {
		return err
	}
	r.mu.Lock()
	r.blobs++
	r.mu.Unlock()
	w.Header().Set("Location", "/v2/"+repo+"/blobs/"+want)
	w.Header().Set("Docker-Content-Digest", want)
	w.WriteHeader(http.StatusCreated)
	return nil
}

func (r *Registry) putManifest(w http.ResponseWriter, req *http.Request, repo, name string) error {
	b, err := io.ReadAll(io.LimitReader(req.Body, 16<<20))
	if err != nil {
		return err
	}
	d := digest(b)
	if strings.Contains(name, ":") && (name != d || !sha256Digest.MatchString(name)) {
		refuse(w, http.StatusBadRequest, "DIGEST_INVALID")
		return nil
	}
	for _, n := range []string{d, name} {
		file := r.File(repo, "manifests", n)
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(file, b, 0o644); err != nil {
			return err
		}
	}
	w.Header().Set("Location", "/v2/"+repo+"/manifests/"+d)
	w.Header().Set("Docker-Content-Digest", d)
	w.WriteHeader(http.StatusCreated)
	return nil
}

func digest(b []byte) string {
	h := sha256.Sum256(b)
	return "sha256:" + hex.EncodeToString(h[:])
}
