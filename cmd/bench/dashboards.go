package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/backend"

	"github.com/steptrace/steptrace/grafana-plugin/backend/plugin"
)

const (
	// dashboardAsked is how often each query is asked.
	dashboardAsked = 11
	// panelInterval is what Grafana makes of 24 hours on a wide panel.
	panelInterval = 2 * time.Minute
)

// dashboardQueries are what panels and alert rules ask, over 24 hours.
var dashboardQueries = []struct{ name, query string }{
	{"executions", `{"queryType":"executions"}`},
	{"executions_failed", `{"queryType":"executions","statuses":["FAILED"],"stateMachines":["image-workflow"]}`},
	{"executions_count", `{"queryType":"executions","format":"time_series"}`},
	{"executions_error_rate", `{"queryType":"executions","format":"time_series","metric":"error_rate"}`},
	{"executions_p95", `{"queryType":"executions","format":"time_series","metric":"p95"}`},
	{"executions_running", `{"queryType":"executions","format":"numeric","metric":"running"}`},
	{"executions_stuck", `{"queryType":"executions","format":"numeric","metric":"stuck"}`},
	{"executions_redrivable", `{"queryType":"executions","format":"numeric","metric":"redrivable"}`},
	{"states", `{"queryType":"states"}`},
	{"states_of_machine", `{"queryType":"states","stateMachines":["orders-a"]}`},
	{"states_visits", `{"queryType":"states","format":"time_series"}`},
	{"states_p95", `{"queryType":"states","format":"time_series","metric":"p95","stateMachines":["image-workflow"]}`},
	{"states_error_rate", `{"queryType":"states","format":"numeric","metric":"error_rate"}`},
	{"failures", `{"queryType":"failures"}`},
	{"failures_count", `{"queryType":"failures","format":"time_series","kind":"state"}`},
	{"failures_numbers", `{"queryType":"failures","format":"numeric"}`},
	{"failures_each", `{"queryType":"failures","format":"numeric","metric":"each"}`},
	{"calls", `{"queryType":"calls"}`},
	{"calls_of_machine", `{"queryType":"calls","stateMachines":["image-workflow"]}`},
	{"calls_slowest", `{"queryType":"calls","slowest":true}`},
	{"calls_rate", `{"queryType":"calls","format":"time_series"}`},
	{"functions", `{"queryType":"functions"}`},
	{"map_runs", `{"queryType":"map_runs"}`},
	{"cost", `{"queryType":"cost"}`},
	{"cost_by_state", `{"queryType":"cost","by":"state"}`},
	{"cost_by_execution", `{"queryType":"cost","by":"execution"}`},
	{"cost_over_time", `{"queryType":"cost","format":"time_series","step":"1h"}`},
	{"machines", `{"queryType":"machines"}`},
}

// dashboardFigures fills a store to each of the sizes and asks the Grafana data source.
func dashboardFigures(ctx context.Context) (figures []figure, err error) {
	server, err := startEngine(ctx)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, server.stop()) }()
	ours, err := oursInto(ctx, server.url+"/ours")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, ours.shutdown(context.WithoutCancel(ctx))) }()
	source, err := plugin.New(ctx, backend.DataSourceInstanceSettings{
		UID: "bench", URL: server.url, JSONData: json.RawMessage(`{"database":"ours"}`),
	})
	if err != nil {
		return nil, err
	}
	instance := source.(*plugin.Instance)
	defer instance.Dispose()
	corpus, stored := newCorpus(sizes[len(sizes)-1]), 0
	for _, size := range sizes {
		for stored < size {
			traces, logs := corpus.Batch(min(loadBatch, size-stored))
			stored += traces.SpanCount()
			if err := errors.Join(ours.traces.ConsumeTraces(ctx, traces), ours.logs.ConsumeLogs(ctx, logs)); err != nil {
				return nil, err
			}
		}
		of, err := askDashboards(ctx, instance, fmt.Sprintf("_%.0e", float64(size)))
		figures = append(figures, of...)
		if err != nil {
			return figures, err
		}
	}
	return figures, nil
}

func askDashboards(ctx context.Context, source *plugin.Instance, suffix string) (figures []figure, err error) {
	for _, q := range dashboardQueries {
		var took []float64
		for range dashboardAsked {
			ms, err := timed(func() error { return askPanel(ctx, source, q.query) })
			if err != nil {
				return figures, fmt.Errorf("%s: %w", q.name, err)
			}
			took = append(took, ms)
		}
		figures = append(figures, figure{"grafana." + q.name + "_p50" + suffix, median(took), math.NaN(), "ms"})
	}
	return figures, nil
}

// askPanel asks as Grafana does, and encodes the frames as they go back to it.
func askPanel(ctx context.Context, source *plugin.Instance, query string) error {
	now := time.Now()
	response, err := source.QueryData(ctx, &backend.QueryDataRequest{Queries: []backend.DataQuery{{
		RefID: "A", JSON: json.RawMessage(query), Interval: panelInterval, MaxDataPoints: 1000,
		TimeRange: backend.TimeRange{From: now.Add(-24 * time.Hour), To: now},
	}}})
	if err != nil {
		return err
	}
	answer := response.Responses["A"]
	if answer.Error != nil {
		return answer.Error
	}
	_, err = answer.Frames.MarshalArrow()
	return err
}
