package interpreter

import (
	"encoding/json"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/steptrace/steptrace/sandbox/stepfunctions/dataflow"
	"github.com/steptrace/steptrace/sandbox/stepfunctions/dataflow/jsonvalue"
)

// capitalized writes the names of members as integrations do: Step Functions' own API writes "executionArn", a task
// that calls it "ExecutionArn". The members come in alphabetical order.
func capitalized(value dataflow.Value) dataflow.Value {
	return renamed(value, func(name string) string { return strings.ToUpper(name[:1]) + name[1:] })
}

// uncapitalized is the opposite of capitalized.
func uncapitalized(value dataflow.Value) dataflow.Value {
	return renamed(value, func(name string) string { return strings.ToLower(name[:1]) + name[1:] })
}

func renamed(value dataflow.Value, rename func(string) string) dataflow.Value {
	switch value := value.(type) {
	case *jsonvalue.Object:
		names := value.Keys()
		slices.Sort(names)
		o := jsonvalue.NewObject()
		for _, name := range names {
			member, _ := value.Get(name)
			if name != "" {
				name = rename(name)
			}
			o.Set(name, renamed(member, rename))
		}
		return o
	case []dataflow.Value:
		list := make([]dataflow.Value, len(value))
		for n, element := range value {
			list[n] = renamed(element, rename)
		}
		return list
	}
	return value
}

// withMilliseconds replaces dates in seconds by milliseconds, as optimized integrations have them.
func withMilliseconds(value dataflow.Value) dataflow.Value {
	return withDates(value, func(t time.Time) dataflow.Value {
		return json.Number(strconv.FormatInt(t.UnixMilli(), 10))
	})
}

// withISODates replaces dates in seconds by texts, as AWS SDK integrations have them.
func withISODates(value dataflow.Value) dataflow.Value {
	return withDates(value, func(t time.Time) dataflow.Value { return t.UTC().Format(contextTime) })
}

func withDates(value dataflow.Value, format func(time.Time) dataflow.Value) dataflow.Value {
	switch value := value.(type) {
	case *jsonvalue.Object:
		o := jsonvalue.NewObject()
		value.Range(func(name string, member dataflow.Value) bool {
			seconds, isNumber := member.(json.Number)
			if isNumber && (strings.HasSuffix(name, "Date") || name == "Timestamp") {
				o.Set(name, format(fromSeconds(seconds)))
			} else {
				o.Set(name, withDates(member, format))
			}
			return true
		})
		return o
	case []dataflow.Value:
		list := make([]dataflow.Value, len(value))
		for n, element := range value {
			list[n] = withDates(element, format)
		}
		return list
	}
	return value
}

func fromSeconds(n json.Number) time.Time {
	seconds, _ := n.Float64() // dates are numbers
	return time.UnixMilli(int64(math.Round(seconds * 1000)))
}
