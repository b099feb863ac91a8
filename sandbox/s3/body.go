package s3

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"strconv"
	"strings"

	"github.com/steptrace/steptrace/sandbox/awswire"
)

// maxObject bounds the body of one PutObject or UploadPart: it is read whole to compare its checksum before it is
// stored. (AWS takes 5 GiB.)
const maxObject = 256 << 20

// maxDocument bounds the other bodies, which are XML: 10,000 parts or 1,000 keys.
const maxDocument = 4 << 20

// plainBody replaces a request's body by the object's bytes: decoded from aws-chunked and compared with the checksums
// of header or trailer. The request comes out as an old client would have sent it, which is what gofakes3 understands.
func plainBody(r *http.Request) error {
	reader, trailer := io.Reader(r.Body), http.Header{}
	if isChunked(r.Header) {
		chunked := newChunkedReader(r.Body)
		reader, trailer = chunked, chunked.trailer
	}
	body, err := io.ReadAll(io.LimitReader(reader, maxObject+1))
	if err != nil {
		return bodyError(err)
	}
	if len(body) > maxObject {
		return awswire.Errorf("EntityTooLarge", "Your proposed upload exceeds the sandbox's maximum of %d bytes", maxObject)
	}
	for name := range trailer {
		if isChecksum(name) {
			r.Header.Set(name, trailer.Get(name))
		}
	}
	if err := checkLength(r.Header, len(body)); err != nil {
		return err
	}
	setBody(r, body)
	return verifyChecksums(r.Header, body)
}

func isChunked(header http.Header) bool {
	return strings.HasPrefix(header.Get("X-Amz-Content-Sha256"), "STREAMING-") ||
		strings.Contains(header.Get("Content-Encoding"), "aws-chunked")
}

func bodyError(err error) error {
	if errors.Is(err, errChunk) {
		return awswire.Errorf("InvalidRequest", "%v", err)
	}
	return awswire.Errorf("IncompleteBody",
		"You did not provide the number of bytes specified by the Content-Length HTTP header")
}

// checkLength compares with the length of the decoded body, which aws-chunked requests announce.
func checkLength(header http.Header, got int) error {
	want := header.Get("X-Amz-Decoded-Content-Length")
	if want == "" || want == strconv.Itoa(got) {
		return nil
	}
	return awswire.Errorf("IncompleteBody", "The body is %d bytes but x-amz-decoded-content-length is %.20s", got, want)
}

func setBody(r *http.Request, body []byte) {
	r.Body = io.NopCloser(bytes.NewReader(body))
	r.ContentLength = int64(len(body))
	r.TransferEncoding = nil
	r.Header.Set("Content-Length", strconv.Itoa(len(body)))
	if encoding := withoutChunked(r.Header.Get("Content-Encoding")); encoding != "" {
		r.Header.Set("Content-Encoding", encoding)
	} else {
		r.Header.Del("Content-Encoding")
	}
}

func withoutChunked(encoding string) string {
	var kept []string
	for part := range strings.SplitSeq(encoding, ",") {
		if part = strings.TrimSpace(part); part != "aws-chunked" && part != "" {
			kept = append(kept, part)
		}
	}
	return strings.Join(kept, ",")
}

// metadata drops the headers that are not the object's: gofakes3 stores whatever begins with X-Amz-.
func metadata(header http.Header) {
	for name := range header {
		if strings.HasPrefix(name, "X-Amz-") && !keep(name) {
			header.Del(name)
		}
	}
	if header.Get("Content-Type") == "" {
		header.Set("Content-Type", "binary/octet-stream")
	}
}

func keep(name string) bool {
	return isChecksum(name) || name == "X-Amz-Storage-Class" || strings.HasPrefix(name, "X-Amz-Meta-")
}
