package history

import (
	"encoding/json"
	"slices"
	"strings"

	"github.com/tidwall/gjson"
)

// textNames are the string members in the order in which JSON writes them.
var textNames = [...]string{
	"name", "state", "resourceType", "resource", "region", "mapRunArn", "parameters", "input", "output", "error", "cause",
}

// text is the string member of the name; nil when there is none.
func (d *Details) text(name string) *string {
	switch name {
	case "name":
		return &d.Name
	case "state":
		return &d.State
	case "resourceType":
		return &d.ResourceType
	case "resource":
		return &d.Resource
	case "region":
		return &d.Region
	case "mapRunArn":
		return &d.MapRunARN
	case "parameters":
		return &d.Parameters
	case "input":
		return &d.Input
	case "output":
		return &d.Output
	case "error":
		return &d.Error
	case "cause":
		return &d.Cause
	}
	return nil
}

// countNames are the number members in the order in which JSON writes them.
var countNames = [...]string{"index", "length", "redriveCount"}

// count is the number member of the name; nil when there is none.
func (d *Details) count(name string) **int64 {
	switch name {
	case "index":
		return &d.Index
	case "length":
		return &d.Length
	case "redriveCount":
		return &d.RedriveCount
	}
	return nil
}

// notTruncated is how nearly every inputDetails and outputDetails is.
var notTruncated = json.RawMessage(`{"truncated":false}`)

// keep stores another member in its canonical form; null says no more than absence.
func (d *Details) keep(name string, v gjson.Result) {
	if v.Type == gjson.Null {
		d.drop(name)
		return
	}
	value := notTruncated
	if v.Raw != string(notTruncated) {
		value = canonical(json.RawMessage(v.Raw))
	}
	d.Rest = append(d.Rest, Member{strings.ToValidUTF8(strings.Clone(name), "\ufffd"), value})
}

// drop takes back a member kept before.
func (d *Details) drop(name string) {
	if len(d.Rest) > 0 {
		d.Rest = append(d.Rest, Member{strings.ToValidUTF8(strings.Clone(name), "\ufffd"), nil})
	}
}

// arrange puts the other members in order. Of equal names the last counts.
func (d *Details) arrange() {
	if len(d.Rest) < 2 {
		return
	}
	slices.SortStableFunc(d.Rest, func(a, b Member) int { return strings.Compare(a.Name, b.Name) })
	kept := d.Rest[:0]
	for i, m := range d.Rest {
		superseded := i+1 < len(d.Rest) && d.Rest[i+1].Name == m.Name
		if !superseded && m.Value != nil {
			kept = append(kept, m)
		}
	}
	d.Rest = kept
}

// Other is a member that Details has no field for; nil when the event lacks it.
func (d *Details) Other(name string) json.RawMessage {
	for _, m := range d.Rest {
		if m.Name == name {
			return m.Value
		}
	}
	return nil
}
