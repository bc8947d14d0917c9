package oci

import (
	"bytes"
	"io"
	"net/http"
	"strings"
	"time"
)

// forward asks the registry, once or twice, and passes on the answer, or a part.
func (p *faultProxy) forward(w http.ResponseWriter, r *http.Request, kind string, n uint64) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	switch kind {
	case faultUpload:
		// The registry gets the half of it and then nothing more.
		req := p.request(r, io.MultiReader(bytes.NewReader(body[:len(body)/2]), brokenReader{}), int64(len(body)))
		if resp, err := http.DefaultTransport.RoundTrip(req); err == nil {
			resp.Body.Close()
		}
		reset(w)
		return
	case faultDuplicate:
		if resp, err := http.DefaultTransport.RoundTrip(p.request(r, bytes.NewReader(body), int64(len(body)))); err == nil {
			_, _ = io.Copy(io.Discard, resp.Body)
			resp.Body.Close()
		}
	case faultVanish:
		p.vanish(r, n)
	}
	resp, err := http.DefaultTransport.RoundTrip(p.request(r, bytes.NewReader(body), int64(len(body))))
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(resp.Body)
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	p.note(r, resp.StatusCode)
	switch kind {
	case faultReset:
		reset(w)
		return
	case faultStall:
		stall(r)
	case faultDigest:
		answer = wrong(resp, answer)
	}
	for key, values := range resp.Header {
		w.Header()[key] = values
	}
	if location := w.Header().Get("Location"); strings.Contains(location, "/uploads/") {
		sign := "?"
		if strings.Contains(location, "?") {
			sign = "&"
		}
		w.Header().Set("Location", location+sign+"sig=signed-by-storage")
	}
	w.WriteHeader(resp.StatusCode)
	if kind == faultDownload && len(answer) > 0 {
		_, _ = w.Write(answer[:len(answer)/2])
		_ = http.NewResponseController(w).Flush()
		panic(http.ErrAbortHandler)
	}
	_, _ = w.Write(answer)
}

func (p *faultProxy) request(r *http.Request, body io.Reader, size int64) *http.Request {
	out, err := http.NewRequestWithContext(r.Context(), r.Method, p.target+r.URL.RequestURI(), body)
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	out.Header = r.Header.Clone()
	out.Header.Del("Authorization")
	out.Host, out.ContentLength = r.Host, size
	if size == 0 {
		out.Body = http.NoBody
	}
	return out
}

// emptyDigest is of "{}", the config of documents: all of them share it.
const emptyDigest = "sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"

// note remembers blobs that came.
func (p *faultProxy) note(r *http.Request, status int) {
	digest := r.URL.Query().Get("digest")
	if r.Method != http.MethodPut || status != http.StatusCreated || digest == "" || digest == emptyDigest {
		return
	}
	repo, _, _ := strings.Cut(r.URL.Path, "/uploads/")
	p.mu.Lock()
	defer p.mu.Unlock()
	p.uploaded = append(p.uploaded, repo+"/"+digest)
}

// vanish removes a blob that has come since the proxy was armed: no image that
// was there before has it.
func (p *faultProxy) vanish(r *http.Request, n uint64) {
	p.mu.Lock()
	var at string
	if len(p.uploaded) > 0 {
		at = p.uploaded[n%uint64(len(p.uploaded))]
	}
	p.mu.Unlock()
	if at == "" {
		return
	}
	req, err := http.NewRequestWithContext(r.Context(), http.MethodDelete, p.target+at, http.NoBody)
	if err != nil {
		return
	}
	if resp, err := http.DefaultTransport.RoundTrip(req); err == nil {
		resp.Body.Close()
	}
}

// wrong makes an answer one about something else.
func wrong(resp *http.Response, answer []byte) []byte {
	other := "sha256:" + strings.Repeat("0123456789abcdef", 4)
	resp.Header.Set("Docker-Content-Digest", other)
	if resp.StatusCode == http.StatusOK && resp.Request.Method == http.MethodGet {
		return bytes.Replace(answer, []byte("sha256:"), []byte("sha512:"), 1)
	}
	return answer
}

type brokenReader struct{}

func (brokenReader) Read([]byte) (int, error) {
	time.Sleep(time.Millisecond)
	return 0, io.ErrUnexpectedEOF
}
