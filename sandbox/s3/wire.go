package s3

import (
	"crypto/rand"
	"encoding/base64"
	"encoding/xml"
	"maps"
	"net/http"
	"strings"
)

const namespace = "http://s3.amazonaws.com/doc/2006-03-01/"

// newRequestID is an x-amz-request-id: 16 letters and digits, as S3's are.
func newRequestID() string { return rand.Text()[:16] }

func newHostID() string {
	random := make([]byte, 56)
	_, _ = rand.Read(random) // never fails (crypto/rand)
	return base64.StdEncoding.EncodeToString(random)
}

// setIDs sets the two ids that every S3 answer has, unless they are there.
func setIDs(header http.Header) {
	if header.Get("X-Amz-Request-Id") == "" {
		header.Set("X-Amz-Request-Id", newRequestID())
		header.Set("X-Amz-Id-2", newHostID())
	}
}

func writeXML(w http.ResponseWriter, status int, body any) {
	text, err := xml.Marshal(body)
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/xml")
	w.WriteHeader(status)
	_, _ = w.Write(append([]byte(xml.Header), text...)) // the client has gone: nobody is left to tell
}

// etagHeader carries a multipart upload's ETag through the library, which knows only MD5s.
const etagHeader = "X-Steptrace-Etag"

// maxCapture bounds what of an answer is kept to know the outcome (copy, complete, delete results are far smaller).
const maxCapture = 1 << 20

// response sits between gofakes3 and the client: it keeps the request's ids, hides headers that are not S3's and
// remembers the outcome.
type response struct {
	http.ResponseWriter
	ids       http.Header
	checksums bool // the client asked for the stored checksum
	capture   bool
	library   bool // gofakes3 is answering: its errors are held back, to be put into S3's words
	held      bool
	status    int
	body      []byte
}

func newResponse(w http.ResponseWriter, r *http.Request) *response {
	ids := http.Header{}
	setIDs(ids)
	maps.Copy(w.Header(), ids)
	asked := r.Header.Get("X-Amz-Checksum-Mode") == "ENABLED" && r.Header.Get("Range") == ""
	return &response{ResponseWriter: w, ids: ids, checksums: asked || r.Method == http.MethodPut}
}

func (w *response) WriteHeader(status int) {
	if w.status != 0 {
		return
	}
	w.status = status
	if w.library && status >= http.StatusBadRequest {
		w.held = true
		return
	}
	header := w.Header()
	if etag := header.Get(etagHeader); etag != "" {
		header.Set("ETag", etag)
	}
	for name := range header {
		if w.hidden(name) {
			header.Del(name)
		}
	}
	maps.Copy(header, w.ids)
	w.ResponseWriter.WriteHeader(status)
}

func (w *response) hidden(name string) bool {
	return name == etagHeader || (!w.checksums && strings.HasPrefix(name, checksumPrefix)) ||
		strings.HasPrefix(name, "Access-Control-")
}

func (w *response) Write(p []byte) (int, error) {
	w.WriteHeader(http.StatusOK)
	if (w.capture || w.held) && len(w.body)+len(p) <= maxCapture {
		w.body = append(w.body, p...)
	}
	if w.held {
		return len(p), nil
	}
	return w.ResponseWriter.Write(p)
}

func (w *response) succeeded() bool { return w.status >= 200 && w.status < 300 }
