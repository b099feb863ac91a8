package conversion_test

import (
	"bytes"
	"encoding/json"
	"math"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/plog"
	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/steptrace/steptrace/agent/definition"
	"github.com/steptrace/steptrace/agent/history/historytest"
	"github.com/steptrace/steptrace/cmd/steptrace/conversion"
	"github.com/steptrace/steptrace/cmd/steptrace/render"
	"github.com/steptrace/steptrace/spanid/semconv"
	"github.com/steptrace/steptrace/store"
)

// TestRecordings converts every recorded history, in each form in which people can have it.
func TestRecordings(t *testing.T) {
	for _, name := range historytest.Histories(t) {
		f := conversion.File{Name: name, Body: historytest.Read(t, name)}
		checkRecording(t, f, nil)
		if d := historytest.Definition(t, name); d != nil {
			checkRecording(t, f, d)
		}
	}
}

func checkRecording(t *testing.T, f conversion.File, d *definition.Definition) {
	t.Helper()
	cfg := conversion.Config{Format: conversion.History, Definition: d}
	e := convertOne(t, cfg, f)
	trace := e.Trace()
	events := eventsIn(t, f.Body)
	requireSound(t, trace, len(events))
	require.Equal(t, strings.TrimSuffix(filepath.Base(f.Name), ".history.json"), e.ARN[len(unknown("")):])
	types := typesByID(t, events)
	for _, got := range trace.Events {
		require.Equal(t, types[got.ID], got.Type, f.Name)
	}
	require.Equal(t, statusBy(types), trace.Status, f.Name)
	for _, s := range trace.Spans {
		require.True(t, trace.Status == "RUNNING" || s.Attributes[semconv.Open] == "", "%s: %s is open", f.Name, s.Name)
	}
	checkOTLP(t, e)

	want := outputs(t, e)
	cfg.Execution.ARN = e.ARN
	for name, files := range forms(t, f.Name, events) {
		require.Equal(t, want, outputs(t, convertOne(t, cfg, files...)), "%s, %s", f.Name, name)
	}
}

// outputs are everything that the command can print.
func outputs(t *testing.T, e conversion.Execution) []string {
	t.Helper()
	trace, err := json.Marshal(e.Trace())
	require.NoError(t, err)
	spans, err := conversion.TracesJSON([]conversion.Execution{e})
	require.NoError(t, err)
	logs, err := conversion.LogsJSON([]conversion.Execution{e})
	require.NoError(t, err)
	return []string{render.Trace(e.Trace(), 120), string(trace), string(spans), string(logs)}
}

func eventsIn(t *testing.T, body []byte) []map[string]json.RawMessage {
	t.Helper()
	var page struct{ Events []map[string]json.RawMessage }
	require.NoError(t, json.Unmarshal(body, &page))
	return page.Events
}

func typesByID(t *testing.T, events []map[string]json.RawMessage) map[int64]string {
	t.Helper()
	types := make(map[int64]string)
	for _, e := range events {
		id, err := strconv.ParseInt(string(e["id"]), 10, 64)
		require.NoError(t, err)
		types[id] = strings.Trim(string(e["type"]), `"`)
	}
	return types
}

// statusBy is what the last event says of the execution.
func statusBy(types map[int64]string) string {
	last := int64(0)
	for id := range types {
		last = max(last, id)
	}
	switch types[last] {
	case "ExecutionSucceeded":
		return "SUCCEEDED"
	case "ExecutionFailed":
		return "FAILED"
	case "ExecutionTimedOut":
		return "TIMED_OUT"
	case "ExecutionAborted":
		return "ABORTED"
	}
	return "RUNNING"
}

// forms are the ways in which the same events can come.
func forms(t *testing.T, name string, events []map[string]json.RawMessage) map[string][]conversion.File {
	t.Helper()
	pageOf := func(events []map[string]json.RawMessage) []byte {
		body, err := json.MarshalIndent(map[string]any{"events": events, "nextToken": "t"}, "", "    ")
		require.NoError(t, err)
		return body
	}
	reversed := slices.Clone(events)
	slices.Reverse(reversed)
	half := len(events) / 2
	iso := make([]map[string]json.RawMessage, len(events))
	for i, e := range events {
		iso[i] = map[string]json.RawMessage{}
		for k, v := range e {
			iso[i][k] = v
		}
		seconds, err := strconv.ParseFloat(string(e["timestamp"]), 64)
		require.NoError(t, err)
		at := time.UnixMilli(int64(math.Round(seconds * 1000))).In(time.FixedZone("", 2*60*60))
		iso[i]["timestamp"] = json.RawMessage(at.Format(`"2006-01-02T15:04:05.000000-07:00"`))
	}
	return map[string][]conversion.File{
		"ISO 8601":      {{Name: name, Body: pageOf(iso)}},
		"newest first":  {{Name: name, Body: pageOf(reversed)}},
		"pages":         {{Name: name, Body: append(append(pageOf(events[:half]), '\n'), pageOf(events[half:])...)}},
		"files of each": {{Name: "2.json", Body: pageOf(reversed[:half])}, {Name: "1.json", Body: pageOf(reversed[half:])}},
		"twice":         {{Name: name, Body: pageOf(events)}, {Name: name, Body: pageOf(iso)}},
	}
}

// checkOTLP reads the OTLP/JSON as a backend does.
func checkOTLP(t *testing.T, e conversion.Execution) {
	t.Helper()
	text, err := conversion.TracesJSON([]conversion.Execution{e})
	require.NoError(t, err)
	traces, err := (&ptrace.JSONUnmarshaler{}).UnmarshalTraces(text)
	require.NoError(t, err)
	require.Equal(t, len(e.Spans), traces.SpanCount())
	text, err = conversion.LogsJSON([]conversion.Execution{e})
	require.NoError(t, err)
	logs, err := (&plog.JSONUnmarshaler{}).UnmarshalLogs(text)
	require.NoError(t, err)
	require.Equal(t, len(e.Records), logs.LogRecordCount())
}

// TestRecordedLogsGiveTheHistorysTrace compares executions that were recorded both ways: from all lines the same trace,
// from those of a higher log level the same spans as far as they go.
func TestRecordedLogsGiveTheHistorysTrace(t *testing.T) {
	for _, name := range historytest.Recorded(t, "histories/*.vendedlog.jsonl", 14) {
		lines := historytest.Read(t, name)
		body := historytest.Read(t, strings.TrimSuffix(name, ".vendedlog.jsonl")+".history.json")
		logged := convertOne(t, conversion.Config{Format: conversion.VendedLogs}, conversion.File{Name: name, Body: lines})
		cfg := conversion.Config{Format: conversion.History}
		cfg.Execution.ARN = logged.ARN
		whole := convertOne(t, cfg, conversion.File{Name: name, Body: body})
		if bytes.Count(lines, []byte("\n")) == len(whole.Records) {
			require.Equal(t, whole.Trace(), logged.Trace(), name)
			continue
		}
		require.Contains(t, name, "_partial_", "lines are missing")
		requirePart(t, whole.Trace(), logged.Trace())
	}
}

// requirePart wants every span and event of the part in the whole, in the same place.
func requirePart(t *testing.T, whole, part store.Trace) {
	t.Helper()
	require.NotEmpty(t, part.Events)
	parents := make(map[string]string)
	for _, s := range whole.Spans {
		parents[s.SpanID] = s.ParentSpanID
	}
	for _, s := range part.Spans {
		parent, ok := parents[s.SpanID]
		require.True(t, ok, s.Name)
		require.Equal(t, parent, s.ParentSpanID, s.Name)
	}
	for _, e := range part.Events {
		require.True(t, slices.ContainsFunc(whole.Events, func(w store.Event) bool {
			return w.ID == e.ID && w.Type == e.Type && w.TimeUnixNano == e.TimeUnixNano
		}), "event %d", e.ID)
		require.Contains(t, parents, e.SpanID)
	}
	require.Equal(t, whole.Status, part.Status)
}

// TestRecordedLogs converts the lines recorded elsewhere, of Express executions too.
func TestRecordedLogs(t *testing.T) {
	for _, name := range historytest.Recorded(t, "logs/*.jsonl", 5) {
		body := historytest.Read(t, name)
		executions, err := conversion.Convert([]conversion.File{{Name: name, Body: body}},
			conversion.Config{Format: conversion.VendedLogs})
		require.NoError(t, err, name)
		events := 0
		for _, e := range executions {
			requireSound(t, e.Trace(), len(e.Records))
			require.NotEqual(t, "unknown", e.Trace().Spans[0].Service)
			events += len(e.Records)
		}
		require.Equal(t, bytes.Count(bytes.TrimSpace(body), []byte("\n"))+1, events, name)
	}
}

// The one recorded subscription payload has a message that is no JSON.
func TestDamagedMessageIsNamed(t *testing.T) {
	name := filepath.Join(historytest.Recordings(t), "logs", "subscription_payload_datadog.json")
	body := historytest.Read(t, name)
	_, err := conversion.Convert([]conversion.File{{Name: name, Body: body}}, conversion.Config{Format: conversion.VendedLogs})
	require.ErrorContains(t, err, "subscription_payload_datadog.json: message 1: want the JSON of an event, have {\"id\":\"1\"")
}
