package checkpoint

import "time"

// Backfill is how far a backfill has got: first it lists the executions to read into a work list, then it reads them in
// that order.
type Backfill struct {
	Asked    string          `json:"asked"` // for what, so that nobody else goes on with it
	Since    time.Time       `json:"since"`
	Until    time.Time       `json:"until"`
	Listed   map[string]int  `json:"listed"`            // by the ARN of a state machine: how many it has in the work list
	Bytes    int64           `json:"bytes"`             // of the work list that count
	Total    int             `json:"total"`             // executions in there
	Offset   int64           `json:"offset"`            // in the work list: nothing before has to be looked at again
	Taken    int64           `json:"taken"`             // offset in the work list: what is between is being read
	Done     int             `json:"done"`              // executions of the work list that were dealt with
	Nested   int             `json:"nested"`            // further ones, which those led to
	Events   int64           `json:"events"`            // accepted
	Outcomes map[Outcome]int `json:"outcomes"`          // of all that were dealt with
	Gone     []string        `json:"gone,omitempty"`    // ARNs of those that AWS no longer has; not more than some
	Finished time.Time       `json:"finished,omitzero"` // when everything was there
}
