package cloudwatchlogs

import (
	"cmp"
	"encoding/base64"
	"encoding/json"
	"slices"
)

// page is what listings take of paging. The token is the last name of the page before.
type page struct {
	Limit     int    `json:"limit"`
	NextToken string `json:"nextToken"`
}

const defaultPage = 50

// cut is a page of names, in the order that they have, and the token of the next.
func (p page) cut(names []string) (part []string, next string, err error) {
	if p.Limit < 0 || p.Limit > defaultPage {
		return nil, "", invalid("1 validation error detected: Value '%d' at 'limit' failed to satisfy constraint: "+
			"Member must have value less than or equal to %d", p.Limit, defaultPage)
	}
	if p.NextToken != "" {
		var last string
		if err := decodeToken(p.NextToken, &last); err != nil {
			return nil, "", err
		}
		names = names[slices.Index(names, last)+1:]
	}
	if limit := cmp.Or(p.Limit, defaultPage); len(names) > limit {
		names = names[:limit]
		next = encodeToken(names[limit-1])
	}
	return names, next, nil
}

func encodeToken(value any) string {
	text, _ := json.Marshal(value) // strings and numbers always marshal
	return base64.URLEncoding.EncodeToString(text)
}

func decodeToken(token string, value any) error {
	text, err := base64.URLEncoding.DecodeString(token)
	if err == nil {
		err = json.Unmarshal(text, value)
	}
	if err != nil {
		return invalid("The specified nextToken is invalid.")
	}
	return nil
}
