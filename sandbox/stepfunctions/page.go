package stepfunctions

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"slices"

	"github.com/steptrace/steptrace/sandbox/awswire"
)

const (
	defaultPage = 100
	maxPage     = 1000
)

// paging is what listing operations have in common.
type paging struct {
	MaxResults int    `json:"maxResults"`
	NextToken  string `json:"nextToken"`
}

// token is what nextToken says: the position of the last item given, and the query for which that holds.
type token struct {
	Query [sha256.Size]byte
	Last  int64
}

// page is the page of items that p asks for, and the token of the next one. position is an item's place in the order
// of the listing, which must grow from item to item and not change while others come and go. query is everything that
// must stay the same from page to page.
func page[T any](p paging, query any, items []T, position func(T) int64) ([]T, string, error) {
	size, err := p.size()
	if err != nil {
		return nil, "", err
	}
	start := token{Query: queryHash(query)}
	if p.NextToken != "" {
		given, ok := decodeToken(p.NextToken)
		if !ok || given.Query != start.Query {
			return nil, "", awswire.Errorf("InvalidToken", "Invalid Token: '%s'", p.NextToken)
		}
		first := slices.IndexFunc(items, func(item T) bool { return position(item) > given.Last })
		if first < 0 {
			return nil, "", nil
		}
		items = items[first:]
	}
	if len(items) <= size {
		return items, "", nil
	}
	start.Last = position(items[size-1])
	return items[:size], start.encode(), nil
}

func (p paging) size() (int, error) {
	if p.MaxResults < 0 || p.MaxResults > maxPage {
		return 0, awswire.Errorf("ValidationException", "1 validation error detected: Value '%d' at 'maxResults' failed "+
			"to satisfy constraint: Member must have value between 0 and %d", p.MaxResults, maxPage)
	}
	if p.MaxResults == 0 {
		return defaultPage, nil
	}
	return p.MaxResults, nil
}

func queryHash(query any) [sha256.Size]byte {
	text, _ := json.Marshal(query) // queries are strings and flags
	return sha256.Sum256(text)
}

func (t token) encode() string {
	text, _ := json.Marshal(t) // numbers always marshal
	return base64.StdEncoding.EncodeToString(text)
}

func decodeToken(text string) (t token, ok bool) {
	raw, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		return t, false
	}
	return t, json.Unmarshal(raw, &t) == nil
}
