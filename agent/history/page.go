package history

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
)

// Page is what one call of GetExecutionHistory returned.
type Page struct {
	// ExecutionARN is the member executionArn: AWS sends none, who keeps pages may have added it.
	ExecutionARN string
	Events       []Event // in the order that the page has
}

// ErrLogLines says that a history was expected where there are lines of CloudWatch Logs (DecodeLogs reads them).
var ErrLogLines = errors.New("these are lines of CloudWatch Logs")

// DecodePages reads pages one after another, as a loop over nextToken leaves them in a file. A page is the body that
// Decode reads, or its list of events alone. Errors name the line at which the page begins.
func DecodePages(name string, body []byte) ([]Page, error) {
	var pages []Page
	err := eachDocument(name, body, func(at string, value json.RawMessage) error {
		page, err := decodePage(at, value)
		pages = append(pages, page)
		return err
	})
	if err != nil {
		return nil, err
	}
	if len(pages) == 0 {
		return nil, fmt.Errorf("history %s is empty: want the JSON that GetExecutionHistory returns", name)
	}
	return pages, nil
}

func decodePage(name string, body []byte) (Page, error) {
	var page struct {
		Events    *[]json.RawMessage `json:"events"`
		ARN       string             `json:"executionArn"`
		LoggedARN json.RawMessage    `json:"execution_arn"`
	}
	var to any = &page
	if bytes.HasPrefix(body, []byte("[")) {
		to = &page.Events
	}
	if err := json.Unmarshal(body, to); err != nil {
		return Page{}, fmt.Errorf("history %s is not the JSON of GetExecutionHistory: %w", name, err)
	}
	if page.Events == nil && page.LoggedARN != nil {
		return Page{}, fmt.Errorf("history %s: %w", name, ErrLogLines)
	}
	if page.Events == nil {
		return Page{}, fmt.Errorf("history %s has no member \"events\": want the body that GetExecutionHistory returns", name)
	}
	events, err := decodeEvents(name, *page.Events)
	return Page{ExecutionARN: page.ARN, Events: events}, err
}
