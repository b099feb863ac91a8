package s3

import (
	"crypto/rand"
	"encoding/base64"
	"encoding/xml"
	"net/http"
	"strings"

	"github.com/steptrace/steptrace/sandbox/awswire"
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

type errorBody struct {
	XMLName   xml.Name `xml:"Error"`
	Code      string   `xml:"Code"`
	Message   string   `xml:"Message"`
	Resource  string   `xml:"Resource"`
	RequestID string   `xml:"RequestId"`
	HostID    string   `xml:"HostId"`
}

// WriteError answers with err in S3's XML.
func WriteError(w http.ResponseWriter, r *http.Request, err error) {
	e := awswire.AsError(err)
	setIDs(w.Header())
	body := errorBody{
		Code: e.Code, Message: e.Message, Resource: r.URL.Path,
		RequestID: w.Header().Get("X-Amz-Request-Id"), HostID: w.Header().Get("X-Amz-Id-2"),
	}
	status := e.Status
	if status == 0 {
		status = http.StatusBadRequest
	}
	writeXML(w, status, body)
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
	status    int
	body      []byte
}

func newResponse(w http.ResponseWriter, r *http.Request) *response {
	ids := http.Header{}
	setIDs(ids)
	for name, values := range ids {
		w.Header()[name] = values
	}
	asked := r.Header.Get("X-Amz-Checksum-Mode") == "ENABLED" && r.Header.Get("Range") == ""
	return &response{ResponseWriter: w, ids: ids, checksums: asked || r.Method == http.MethodPut}
}

func (w *response) WriteHeader(status int) {
	if w.status != 0 {
		return
	}
	w.status = status
	header := w.Header()
	if etag := header.Get(etagHeader); etag != "" {
		header.Set("ETag", etag)
	}
	for name := range header {
		if w.hidden(name) {
			header.Del(name)
		}
	}
	for name, values := range w.ids {
		header[name] = values
	}
	w.ResponseWriter.WriteHeader(status)
}

func (w *response) hidden(name string) bool {
	return name == etagHeader || (!w.checksums && strings.HasPrefix(name, checksumPrefix)) ||
		strings.HasPrefix(name, "Access-Control-")
}

func (w *response) Write(p []byte) (int, error) {
	w.WriteHeader(http.StatusOK)
	if w.capture && len(w.body)+len(p) <= maxCapture {
		w.body = append(w.body, p...)
	}
	return w.ResponseWriter.Write(p)
}

func (w *response) succeeded() bool { return w.status >= 200 && w.status < 300 }
