package clickhouseexporter

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"go.opentelemetry.io/collector/consumer/consumererror"
	"go.opentelemetry.io/collector/exporter/exporterhelper"
)

const (
	maxMessage  = 1 << 10 // of what is kept of ClickHouse's message, in bytes
	longestWait = 300     // seconds that a server may ask for
)

// hopeless are ClickHouse's error codes (src/Common/ErrorCodes.cpp) that speak of the rows themselves: sent again they
// are refused again. Everything else, a missing table or right included, can be mended while the data waits.
var hopeless = []int{
	6,   // CANNOT_PARSE_TEXT
	26,  // CANNOT_PARSE_QUOTED_STRING
	27,  // CANNOT_PARSE_INPUT_ASSERTION_FAILED
	38,  // CANNOT_PARSE_DATE
	41,  // CANNOT_PARSE_DATETIME
	44,  // ILLEGAL_COLUMN
	53,  // TYPE_MISMATCH
	69,  // ARGUMENT_OUT_OF_BOUND
	70,  // CANNOT_CONVERT_TYPE
	72,  // CANNOT_PARSE_NUMBER
	117, // INCORRECT_DATA
	128, // TOO_LARGE_ARRAY_SIZE
	131, // TOO_LARGE_STRING_SIZE
	153, // ILLEGAL_DIVISION
	321, // VALUE_IS_OUT_OF_RANGE_OF_DATA_TYPE
	349, // CANNOT_INSERT_NULL_IN_ORDINARY_COLUMN
	395, // FUNCTION_THROW_IF_VALUE_IS_NON_ZERO
	407, // DECIMAL_OVERFLOW
	469, // VIOLATED_CONSTRAINT
}

// memoryLimitExceeded says that the statement or the server would need more memory than it may have: half of the rows
// need half as much.
const memoryLimitExceeded = 241

// hints say how to mend the refusals that operators meet.
var hints = map[int]string{
	16:  "the table is older than this steptrace: run `steptrace migrate` or set create_schema",
	60:  "the store has no Steptrace tables: run `steptrace migrate` or set create_schema",
	81:  "the database does not exist: run `steptrace migrate` or set create_schema",
	164: "the endpoint or the exporter's user may only read",
	192: "check the exporter's username",
	242: "the table is read-only on this endpoint, which has lost its Keeper",
	243: "the store's disk is full",
	497: "the exporter's user needs the right to insert",
	516: "check the exporter's username and password",
}

// refusal is nil when ClickHouse has stored the batch, else an error of which consumererror.IsPermanent tells whether
// sending again can help.
func refusal(resp *http.Response) error {
	code, _ := strconv.Atoi(resp.Header.Get("X-ClickHouse-Exception-Code")) // 0 without one
	if resp.StatusCode == http.StatusOK && code == 0 {
		return nil
	}
	text, _ := io.ReadAll(io.LimitReader(resp.Body, maxMessage)) // what could not be read of a message is not missed
	err := errors.New(message(resp.Status, code, strings.TrimSpace(string(text))))
	switch {
	case code == memoryLimitExceeded:
		return muchError{err}
	case slices.Contains(hopeless, code) || code == 0 && resp.StatusCode == http.StatusRequestEntityTooLarge:
		return consumererror.NewPermanent(err)
	case resp.StatusCode == http.StatusTooManyRequests || resp.StatusCode == http.StatusServiceUnavailable:
		return throttled(err, resp.Header.Get("Retry-After"))
	default:
		return err
	}
}

func message(status string, code int, text string) string {
	if text == "" {
		text = "no message"
	}
	if hint := hints[code]; hint != "" {
		return fmt.Sprintf("%s: %s (%s)", hint, text, status)
	}
	return fmt.Sprintf("%s (%s)", text, status)
}

// throttled waits as long as the server asked for, in whole seconds, within reason.
func throttled(err error, retryAfter string) error {
	seconds, parseErr := strconv.Atoi(retryAfter)
	if parseErr != nil || seconds <= 0 {
		return err
	}
	return exporterhelper.NewThrottleRetry(err, time.Duration(min(seconds, longestWait))*time.Second)
}
