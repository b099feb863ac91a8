package sqs

import (
	"regexp"

	"github.com/steptrace/steptrace/sandbox/awswire"
)

// maxBatch is how many entries a batch may have.
const maxBatch = 10

var entryID = regexp.MustCompile(`^[A-Za-z0-9_-]{1,80}$`)

// batchOutput is the answer to every batch: what went well, and what did not.
type batchOutput struct {
	Successful []any
	Failed     []failedEntry
}

type failedEntry struct {
	ID          string `json:"Id"`
	Code        string
	Message     string
	SenderFault bool
}

// batch serves the entries of a batch one by one. id is an entry's id, one serves it; kind is the entries' type, for
// error messages.
func batch[E any](kind string, entries []E, id func(E) string, one func(E) (any, error)) (any, error) {
	if err := checkBatch(kind, entries, id); err != nil {
		return nil, err
	}
	out := batchOutput{Successful: []any{}, Failed: []failedEntry{}}
	for _, entry := range entries {
		result, err := one(entry)
		if err != nil {
			e := awswire.AsError(err)
			out.Failed = append(out.Failed, failedEntry{
				ID: id(entry), Code: queryCode(e.Code), Message: e.Message, SenderFault: e.Status < 500,
			})
			continue
		}
		out.Successful = append(out.Successful, result)
	}
	return out, nil
}

func checkBatch[E any](kind string, entries []E, id func(E) string) error {
	switch {
	case len(entries) == 0:
		return awswire.Errorf("EmptyBatchRequest", "There should be at least one %s in the request.", kind)
	case len(entries) > maxBatch:
		return awswire.Errorf("TooManyEntriesInBatchRequest",
			"Maximum number of entries per request are %d. You have sent %d.", maxBatch, len(entries))
	}
	seen := map[string]bool{}
	for _, entry := range entries {
		if !entryID.MatchString(id(entry)) {
			return awswire.Errorf("InvalidBatchEntryId", "A batch entry id can only contain alphanumeric characters, "+
				"hyphens and underscores. It can be at most 80 letters long.")
		}
		if seen[id(entry)] {
			return awswire.Errorf("BatchEntryIdsNotDistinct", "Id %s repeated.", id(entry))
		}
		seen[id(entry)] = true
	}
	return nil
}
