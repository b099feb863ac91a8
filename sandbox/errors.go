package sandbox

import (
	"encoding/json"
	"encoding/xml"
	"net/http"

	"github.com/steptrace/steptrace/sandbox/awswire"
	"github.com/steptrace/steptrace/sandbox/s3"
)

// writeError answers in the protocol that the client speaks.
func writeError(w http.ResponseWriter, r *http.Request, p protocol, err error) {
	switch p {
	case restXML:
		s3.WriteError(w, r, err)
	case json10:
		awswire.WriteError(w, awswire.JSON10, err)
	case json11:
		awswire.WriteError(w, awswire.JSON11, err)
	case restJSON:
		writeRESTError(w, err)
	case query:
		writeQueryError(w, err)
	}
}

func status(e *awswire.Error) int {
	if e.Status == 0 {
		return http.StatusBadRequest
	}
	return e.Status
}

func writeRESTError(w http.ResponseWriter, err error) {
	e := awswire.AsError(err)
	kind := "User"
	if status(e) >= http.StatusInternalServerError {
		kind = "Service"
	}
	body, _ := json.Marshal(map[string]string{"Type": kind, "Message": e.Message}) // two strings always marshal
	awswire.RequestID(w)
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("X-Amzn-Errortype", e.Code)
	w.WriteHeader(status(e))
	_, _ = w.Write(body)
}

type queryError struct {
	XMLName   xml.Name `xml:"ErrorResponse"`
	Type      string   `xml:"Error>Type"`
	Code      string   `xml:"Error>Code"`
	Message   string   `xml:"Error>Message"`
	RequestID string   `xml:"RequestId"`
}

func writeQueryError(w http.ResponseWriter, err error) {
	e := awswire.AsError(err)
	body, _ := xml.Marshal(queryError{ // strings always marshal
		Type: "Sender", Code: e.Code, Message: e.Message, RequestID: awswire.RequestID(w),
	})
	w.Header().Set("Content-Type", "text/xml")
	w.WriteHeader(status(e))
	_, _ = w.Write(body)
}
