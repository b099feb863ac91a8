package plugin

import (
	"encoding/json"
	"testing"

	"github.com/grafana/grafana-plugin-sdk-go/data"
	"github.com/stretchr/testify/require"
)

// What fields say of themselves: the unit, and where a value leads to.
func TestFieldsSayWhatTheyAre(t *testing.T) {
	s := newStored(t)
	s.storeWorld()
	const (
		page  = "/a/steptrace-app/execution?execution=${__data.fields.execution_arn:percentencode}"
		trace = `{"title":"Trace","internal":{"query":{"datasource":{"type":"steptrace-datasource","uid":"steptrace"},` +
			`"execution":"${__value.raw}","queryType":"trace","refId":"A"},"datasourceUid":"steptrace",` +
			`"datasourceName":"Steptrace"}}`
		execution = `{"title":"Execution","url":"` + page + `"}`
	)
	for query, want := range map[string]struct{ units, links map[string]string }{
		`{"queryType":"executions"}`: {
			map[string]string{"duration_ms": "ms"}, map[string]string{"name": execution, "trace_id": trace},
		},
		`{"queryType":"failures"}`: {nil, map[string]string{
			"state": execution, "error": execution, "execution_arn": execution, "trace_id": trace,
		}},
		`{"queryType":"states"}`: {map[string]string{
			"error_rate": "percentunit", "p50_ms": "ms", "p95_ms": "ms", "p99_ms": "ms", "wait_s": "s", "wait_p95_s": "s",
			"backoff_s": "s",
		}, nil},
		`{"queryType":"calls"}`: {map[string]string{
			"error_rate": "percentunit", "p50_ms": "ms", "p95_ms": "ms", "p99_ms": "ms", "max_ms": "ms",
		}, nil},
		`{"queryType":"calls","slowest":true}`: {
			map[string]string{"duration_ms": "ms"}, map[string]string{"trace_id": trace},
		},
		`{"queryType":"functions"}`: {map[string]string{
			"error_rate": "percentunit", "p50_ms": "ms", "p95_ms": "ms", "p99_ms": "ms", "memory_bytes": "bytes",
		}, nil},
		`{"queryType":"map_runs"}`: {
			map[string]string{"duration_ms": "ms", "failed_share": "percentunit"},
			map[string]string{"state": execution, "trace_id": trace},
		},
		`{"queryType":"cost","by":"execution"}`: {
			map[string]string{
				"step_functions_cost": "currencyUSD", "lambda_cost": "currencyUSD", "total_cost": "currencyUSD",
			},
			map[string]string{"name": execution},
		},
		`{"queryType":"machines"}`:                                      {map[string]string{"error_rate": "percentunit"}, nil},
		`{"queryType":"executions","format":"numeric","metric":"p50"}`:  {map[string]string{"p50": "ms"}, nil},
		`{"queryType":"states","format":"time_series","metric":"wait"}`: {map[string]string{"wait": "s"}, nil},
		`{"queryType":"cost","format":"numeric"}`:                       {map[string]string{"total": "currencyUSD"}, nil},
	} {
		t.Run(query, func(t *testing.T) {
			units, links := configured(t, s.ask(query).Frames[0])
			require.Equal(t, orEmpty(want.units), units)
			require.Equal(t, orEmpty(want.links), links)
		})
	}
}

func orEmpty(m map[string]string) map[string]string {
	if m == nil {
		return map[string]string{}
	}
	return m
}

func configured(t *testing.T, f *data.Frame) (units, links map[string]string) {
	t.Helper()
	units, links = map[string]string{}, map[string]string{}
	for _, field := range f.Fields {
		if field.Config == nil {
			continue
		}
		if field.Config.Unit != "" {
			units[field.Name] = field.Config.Unit
		}
		for _, link := range field.Config.Links {
			text, err := json.Marshal(link)
			require.NoError(t, err)
			links[field.Name] = string(text)
		}
	}
	return units, links
}

// A status is told by a sign and a word, not by its colour alone.
func TestStatusesAreShownWithASign(t *testing.T) {
	s := newStored(t)
	for _, query := range []string{`{"queryType":"executions"}`, `{"queryType":"failures"}`, `{"queryType":"map_runs"}`} {
		field, _ := s.ask(query).Frames[0].FieldByName("status")
		require.NotNil(t, field)
		text, err := json.Marshal(field.Config.Mappings)
		require.NoError(t, err)
		for _, want := range []string{
			`"FAILED":{"text":"✕ FAILED","color":"#D55E00"`, `"SUCCEEDED":{"text":"✓ SUCCEEDED","color":"#009E73"`,
			`"RUNNING":{"text":"▶ RUNNING"`, `"TIMED_OUT":{"text":"⧖ TIMED_OUT"`, `"ABORTED":{"text":"⊘ ABORTED"`,
		} {
			require.Contains(t, string(text), want)
		}
	}
}
