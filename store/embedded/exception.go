package embedded

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"regexp"
	"strconv"
	"strings"
)

// ClickHouse's error codes that this package raises itself.
const (
	codeUnsupportedMethod    = 1
	codeCannotReadAllData    = 33
	codeBadArguments         = 36
	codeNotImplemented       = 48
	codeSyntaxError          = 62
	codeUnknownSetting       = 115
	codeTooManySimultaneous  = 202
	codeSocketTimeout        = 209
	codeReadonly             = 164
	codeQueryWasCancelled    = 394
	codeAuthenticationFailed = 516
	codeUnknownException     = 1002
)

// exception is an error in ClickHouse's form.
type exception struct {
	code    int
	message string // without the "Code: …" in front
}

func (e *exception) Error() string {
	return fmt.Sprintf("Code: %d. DB::Exception: %s", e.code, e.message)
}

func exceptionf(code int, format string, args ...any) error {
	return &exception{code: code, message: fmt.Sprintf(format, args...)}
}

// enginePrefix matches the engine's "Code: 60. DB::Exception: ", which it sometimes repeats.
var enginePrefix = regexp.MustCompile(`^(?:(?:Error: )?Code: (\d+)\. DB::Exception: )+`)

// asException gives any error of a request ClickHouse's form. The engine's own message is kept.
func asException(err error) *exception {
	var e *exception
	if errors.As(err, &e) {
		return e
	}
	message := strings.TrimSpace(err.Error())
	if m := enginePrefix.FindStringSubmatch(message); m != nil {
		code, _ := strconv.Atoi(m[1]) // the pattern admits digits only
		return &exception{code: code, message: message[len(m[0]):]}
	}
	if errors.Is(err, os.ErrDeadlineExceeded) {
		return &exception{code: codeSocketTimeout, message: "The client sent or took nothing for too long. (SOCKET_TIMEOUT)"}
	}
	if errors.Is(err, io.ErrUnexpectedEOF) {
		return &exception{code: codeCannotReadAllData, message: "The upload was cut off: " + message +
			". (CANNOT_READ_ALL_DATA)"}
	}
	return &exception{code: codeUnknownException, message: message + " (UNKNOWN_EXCEPTION)"}
}

// status is the HTTP status that ClickHouse's server sends for an error code.
func (e *exception) status() int {
	switch e.code {
	case codeAuthenticationFailed, 192, 193, 291, 497:
		return http.StatusForbidden
	case 194:
		return http.StatusUnauthorized
	case 6, 26, 27, 33, 36, 38, 41, 43, 53, 62, 69, 70, 72, 89, 117, 168, 386, 456, 457:
		return http.StatusBadRequest
	case 16, 20, 46, 47, 50, 56, 60, 63, 73, 78, 81, 115, 139:
		return http.StatusNotFound
	case 159, 160, codeSocketTimeout:
		return http.StatusRequestTimeout
	case 202:
		return http.StatusTooManyRequests
	case codeUnsupportedMethod, codeNotImplemented:
		return http.StatusNotImplemented
	}
	return http.StatusInternalServerError
}
