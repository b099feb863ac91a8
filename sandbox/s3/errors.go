package s3

import (
	"encoding/xml"
	"maps"
	"net/http"

	"github.com/steptrace/steptrace/sandbox/awswire"
)

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

// messages are S3's, for the errors that gofakes3 only names.
var messages = map[string]string{
	"BadDigest":         "The Content-MD5 you specified did not match what we received.",
	"BucketNotEmpty":    "The bucket you tried to delete is not empty",
	"IncompleteBody":    "You did not provide the number of bytes specified by the Content-Length HTTP header",
	"InvalidBucketName": "The specified bucket is not valid.",
	"InvalidPart": "One or more of the specified parts could not be found.  The part may not have been uploaded, or the " +
		"specified entity tag may not match the part's entity tag.",
	"InvalidPartOrder": "The list of parts was not in ascending order. Parts must be ordered by part number.",
	"InvalidRange":     "The requested range is not satisfiable",
	"KeyTooLongError":  "Your key is too long",
	"MetadataTooLarge": "Your metadata headers exceed the maximum allowed metadata size",
	"MethodNotAllowed": "The specified method is not allowed against this resource.",
	"NoSuchBucket":     noSuchBucket.Message,
	"NoSuchKey":        noSuchKey.Message,
	"NoSuchUpload": "The specified upload does not exist. The upload ID may be invalid, or the upload may have been " +
		"aborted or completed.",
	"NoSuchVersion":      "The specified version does not exist.",
	"PreconditionFailed": "At least one of the pre-conditions you specified did not hold",
}

// release sends an error of the library that was held back. It keeps headers like x-amz-delete-marker.
func (w *response) release(r *http.Request) {
	w.library = false
	if !w.held {
		return
	}
	maps.Copy(w.Header(), w.ids) // the library has written its own
	status, body := w.status, w.body
	w.held, w.status, w.body = false, 0, nil
	if r.Method == http.MethodHead {
		w.WriteHeader(status)
		return
	}
	var e errorBody
	_ = xml.Unmarshal(body, &e) // what the library has just written
	if message, ok := messages[e.Code]; ok {
		e.Message = message
	}
	WriteError(w, r, &awswire.Error{Code: e.Code, Message: e.Message, Status: status})
}
