package historytest

import (
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/sfn/types"

	"github.com/steptrace/steptrace/agent/history"
)

// FromSDK is the event that the AWS SDK has as a value.
func FromSDK(t testing.TB, e types.HistoryEvent) history.Event {
	t.Helper()
	sent := members(reflect.ValueOf(e))
	sent["timestamp"] = seconds(e.Timestamp.UnixMilli())
	body, err := json.Marshal(map[string]any{"events": []any{sent}})
	if err != nil {
		t.Fatal(err)
	}
	events, err := history.Decode(fmt.Sprintf("SDK event %d", e.Id), body)
	if err != nil {
		t.Fatal(err)
	}
	return events[0]
}

// members are the fields that are set, by AWS's names: the SDK's, but for the first letter.
func members(v reflect.Value) map[string]any {
	set := make(map[string]any)
	for i := range v.NumField() {
		field, about := v.Field(i), v.Type().Field(i)
		nilable := field.Kind() == reflect.Pointer || field.Kind() == reflect.Map
		if !about.IsExported() || nilable && field.IsNil() {
			continue
		}
		name := strings.ToLower(about.Name[:1]) + about.Name[1:]
		if set[name] = reflect.Indirect(field).Interface(); reflect.Indirect(field).Kind() == reflect.Struct {
			set[name] = members(reflect.Indirect(field))
		}
	}
	return set
}
