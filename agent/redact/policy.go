package redact

import (
	"encoding/json"
	"fmt"
	"unicode/utf8"

	"github.com/steptrace/steptrace/agent/history"
)

// Policy says what of payloads leaves the agent. The zero value lets all of it.
type Policy struct {
	Off            bool      // no payload does
	MaxBytes       int       // of each payload; 0: no limit
	Redactor       *Redactor // before the limit; nil: nothing is taken out
	NoFingerprints bool      // nor do payloads' fingerprints, which let equal payloads be recognised
}

// metadata are the members of event details without a field in history.Details that are Step Functions' own. Those that
// nobody knows yet count as payloads.
var metadata = map[string]bool{
	"inputDetails": true, "outputDetails": true, "assignedVariablesDetails": true, "timeoutInSeconds": true,
	"heartbeatInSeconds": true, "roleArn": true, "stateMachineAliasArn": true, "stateMachineVersionArn": true,
	"taskCredentials": true, "workerName": true, "location": true,
}

// Expose is the details as they may leave. The given ones stay as they are.
func (p Policy) Expose(d history.Details) history.Details {
	for _, payload := range []*string{&d.Input, &d.Output, &d.Parameters, &d.Cause} {
		*payload = p.text(*payload)
	}
	d.Rest = p.rest(d.Rest)
	return d
}

func (p Policy) text(payload string) string {
	if p.Off || payload == "" {
		return ""
	}
	return p.cut(p.Redactor.Text(payload))
}

func (p Policy) rest(members []history.Member) []history.Member {
	if len(members) == 0 {
		return nil
	}
	exposed := make([]history.Member, 0, len(members))
	for _, m := range members {
		switch {
		case metadata[m.Name]:
			exposed = append(exposed, m)
		case !p.Off:
			exposed = append(exposed, history.Member{Name: m.Name, Value: p.value(m.Name, m.Value)})
		}
	}
	return exposed
}

// value exposes a member that is JSON itself. What is cut becomes a string.
func (p Policy) value(name string, value json.RawMessage) json.RawMessage {
	redacted := p.Redactor.member(name, string(value))
	if cut := p.cut(redacted); cut != redacted {
		return json.RawMessage(quote(cut))
	}
	return json.RawMessage(redacted)
}

// cut shortens a payload to the limit, between characters, and says by how much.
func (p Policy) cut(s string) string {
	if p.MaxBytes <= 0 || len(s) <= p.MaxBytes {
		return s
	}
	most := p.MaxBytes
	for most > 0 && !utf8.RuneStart(s[most]) {
		most--
	}
	return s[:most] + fmt.Sprintf("…[%d bytes cut]", len(s)-most)
}
