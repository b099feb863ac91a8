package history

import (
	"errors"
	"fmt"

	"github.com/tidwall/gjson"
)

// Page is what one call of GetExecutionHistory returned.
type Page struct {
	// ExecutionARN is the member executionArn: AWS sends none, who keeps pages may have added it.
	ExecutionARN string
	Events       []Event // in the order that the page has
}

// ErrLogLines says that a history was expected where there are lines of CloudWatch Logs (DecodeLogs reads them).
var ErrLogLines = errors.New("these are lines of CloudWatch Logs")

// DecodePages reads pages one after another, as a loop over nextToken leaves them in a file, or a list of them. A page
// is the body that Decode reads, its list of events alone, or a single event, as in JSON lines. Errors name the line at
// which the page begins.
func DecodePages(name string, body []byte) ([]Page, error) {
	var pages []Page
	err := eachDocument(name, body, func(at string, value gjson.Result) error {
		for _, value := range pagesIn(value) {
			page, err := decodePage(at, value)
			if err != nil {
				return err
			}
			pages = append(pages, page)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	if len(pages) == 0 {
		return nil, fmt.Errorf("history %s is empty: want the JSON that GetExecutionHistory returns", name)
	}
	return pages, nil
}

// pagesIn is a page, or the pages in a list of them.
func pagesIn(value gjson.Result) []gjson.Result {
	if value.IsArray() && value.Get("0.events").Exists() {
		return value.Array()
	}
	return []gjson.Result{value}
}

// isEvent is true for an event that stands where a page could.
func isEvent(body gjson.Result) bool {
	return body.IsObject() && body.Get("id").Exists() && body.Get("type").Exists() && body.Get("timestamp").Exists() &&
		!body.Get("events").Exists()
}

func decodePage(name string, body gjson.Result) (Page, error) {
	var page Page
	list := body
	if isEvent(body) {
		page.Events = make([]Event, 1)
		if err := decodeEvent(body, &page.Events[0]); err != nil {
			return Page{}, fmt.Errorf("history %s: event %s: %w", name, idOrNone(page.Events[0].ID), err)
		}
		return page, nil
	}
	if body.IsObject() {
		list = body.Get("events")
		if arn := body.Get("executionArn"); arn.Exists() {
			if err := readText(arn, &page.ExecutionARN); err != nil {
				return Page{}, fmt.Errorf("history %s is not the JSON of GetExecutionHistory: executionArn: %w", name, err)
			}
		}
	} else if !body.IsArray() {
		return Page{}, fmt.Errorf("history %s is not the JSON of GetExecutionHistory: want an object, have %s",
			name, excerpt(body))
	}
	switch {
	case list.Type == gjson.Null && body.Get("execution_arn").Exists():
		return Page{}, fmt.Errorf("history %s: %w", name, ErrLogLines)
	case list.Type == gjson.Null:
		return Page{}, fmt.Errorf("history %s has no member \"events\": want the body that GetExecutionHistory returns", name)
	case !list.IsArray():
		return Page{}, fmt.Errorf("history %s is not the JSON of GetExecutionHistory: events: want a list, have %s",
			name, excerpt(list))
	}
	var err error
	page.Events, err = decodeEvents(name, list)
	return page, err
}
