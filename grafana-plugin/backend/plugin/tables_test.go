package plugin

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// Each query's frames are in testdata, written by hand.
func TestFrames(t *testing.T) {
	s := newStored(t)
	s.storeWorld()
	traces := traceNames(
		account+"execution:orders:a", account+"execution:orders:b", account+"execution:orders:c",
		account+"execution:orders:d", account+"execution:orders:e", account+"execution:orders:m",
		account+"execution:orders:r", account+"express:express:x:id", account+"execution:orders/Each:1",
		account+"execution:orders/Each:2", account+"execution:orders/Each:3",
	)
	for name, query := range map[string]string{
		"executions":            `{"queryType":"executions","stateMachines":["orders"],"statuses":["RUNNING","FAILED"]}`,
		"executions_errors":     `{"queryType":"executions","errors":["States.Timeout","","Bad"],"minDuration":"1s","limit":1}`,
		"executions_count":      `{"queryType":"executions","format":"time_series"}`,
		"executions_ended":      `{"queryType":"executions","format":"time_series","metric":"ended","stateMachines":["orders"],"step":"5m"}`,
		"executions_error_rate": `{"queryType":"executions","format":"time_series","metric":"error_rate"}`,
		"executions_p95":        `{"queryType":"executions","format":"time_series","metric":"p95","stateMachines":["orders","express"]}`,
		"executions_numbers":    `{"queryType":"executions","format":"numeric"}`,
		"executions_rate_now":   `{"queryType":"executions","format":"numeric","metric":"error_rate"}`,
		"executions_running":    `{"queryType":"executions","format":"numeric","metric":"running"}`,
		"executions_redrivable": `{"queryType":"executions","format":"numeric","metric":"redrivable"}`,
		"executions_stuck_none": `{"queryType":"executions","format":"numeric","metric":"stuck"}`,
		"states":                `{"queryType":"states","stateMachines":["orders"]}`,
		"states_visits":         `{"queryType":"states","format":"time_series","step":"5m"}`,
		"states_wait":           `{"queryType":"states","format":"time_series","metric":"wait","states":["Fetch","Store"]}`,
		"states_failed":         `{"queryType":"states","format":"numeric","metric":"failed"}`,
		"failures":              `{"queryType":"failures","caught":true,"errors":["Boom","Odd"]}`,
		"failures_count":        `{"queryType":"failures","format":"time_series","kind":"state","step":"5m"}`,
		"failures_numbers":      `{"queryType":"failures","format":"numeric"}`,
		"failures_each":         `{"queryType":"failures","format":"numeric","metric":"each","kind":"state","caught":true}`,
		"failures_none":         `{"queryType":"failures","format":"numeric","errors":["none"]}`,
		"failures_no_series":    `{"queryType":"failures","format":"time_series","states":["none"]}`,
		"calls":                 `{"queryType":"calls","stateMachines":["orders"]}`,
		"calls_of_none":         `{"queryType":"calls","stateMachines":["express"]}`,
		"calls_slowest":         `{"queryType":"calls","slowest":true,"services":["S3","DynamoDB"]}`,
		"calls_errors":          `{"queryType":"calls","format":"time_series","metric":"errors","step":"5m"}`,
		"calls_p50":             `{"queryType":"calls","format":"numeric","metric":"p50","failedOnly":true}`,
		"functions":             `{"queryType":"functions","stateMachines":["orders"]}`,
		"map_runs":              `{"queryType":"map_runs"}`,
		"map_runs_failed_share": `{"queryType":"map_runs","format":"numeric"}`,
		"cost":                  `{"queryType":"cost"}`,
		"cost_states":           `{"queryType":"cost","by":"state","stateMachines":["orders"]}`,
		"cost_executions":       `{"queryType":"cost","by":"execution","limit":2}`,
		"cost_numbers":          `{"queryType":"cost","format":"numeric","metric":"lambda"}`,
		"cost_series":           `{"queryType":"cost","format":"time_series","stateMachines":["orders"],"step":"5m"}`,
		"machines":              `{"queryType":"machines"}`,
	} {
		t.Run(name, func(t *testing.T) {
			answer := s.ask(query)
			require.NoError(t, answer.Error)
			want, err := os.ReadFile(filepath.Join("testdata", "frames", name+".txt"))
			require.NoError(t, err)
			require.Equal(t, string(want), draw(answer.Frames, traces))
		})
	}
}
