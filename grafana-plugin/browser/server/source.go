package main

import (
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"strconv"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/backend"
	"github.com/grafana/grafana-plugin-sdk-go/backend/instancemgmt"

	"github.com/steptrace/steptrace/grafana-plugin/backend/plugin"
)

var quiet = slog.New(slog.NewTextHandler(io.Discard, nil))

const sourceUID = "steptrace"

// source is the data source as Grafana configures and asks it.
type source struct {
	instance interface {
		backend.QueryDataHandler
		backend.CheckHealthHandler
		backend.CallResourceHandler
		backend.StreamHandler
		instancemgmt.InstanceDisposer
	}
	context backend.PluginContext
}

func openSource(ctx context.Context, url string) (*source, error) {
	settings := backend.DataSourceInstanceSettings{
		ID: 1, UID: sourceUID, Name: "Steptrace", Type: "steptrace-datasource", URL: url, JSONData: []byte(`{}`),
	}
	made, err := plugin.New(ctx, settings)
	if err != nil {
		return nil, err
	}
	return &source{
		instance: made.(*plugin.Instance),
		context: backend.PluginContext{
			PluginID: "steptrace-datasource", DataSourceInstanceSettings: &settings,
		},
	}, nil
}

func (s *source) dispose() { s.instance.Dispose() }

// asked is the body of a request to /api/ds/query; times are Unix milliseconds.
type asked struct {
	From    string            `json:"from"`
	To      string            `json:"to"`
	Queries []json.RawMessage `json:"queries"`
}

func (a asked) queries() ([]backend.DataQuery, error) {
	from, fromErr := strconv.ParseInt(a.From, 10, 64)
	to, toErr := strconv.ParseInt(a.To, 10, 64)
	if fromErr != nil || toErr != nil {
		return nil, errBadRange
	}
	queries := make([]backend.DataQuery, 0, len(a.Queries))
	for _, raw := range a.Queries {
		var q struct {
			RefID         string `json:"refId"`
			QueryType     string `json:"queryType"`
			MaxDataPoints int64  `json:"maxDataPoints"`
			IntervalMS    int64  `json:"intervalMs"`
		}
		if err := json.Unmarshal(raw, &q); err != nil {
			return nil, err
		}
		queries = append(queries, backend.DataQuery{
			RefID: q.RefID, QueryType: q.QueryType, MaxDataPoints: q.MaxDataPoints, JSON: raw,
			Interval:  time.Duration(q.IntervalMS) * time.Millisecond,
			TimeRange: backend.TimeRange{From: time.UnixMilli(from), To: time.UnixMilli(to)},
		})
	}
	return queries, nil
}

// query is POST /api/ds/query: 400 if one of the queries failed, as Grafana answers.
func (s *source) query(w http.ResponseWriter, r *http.Request) {
	var a asked
	if err := json.NewDecoder(r.Body).Decode(&a); err != nil {
		fail(w, http.StatusBadRequest, err)
		return
	}
	queries, err := a.queries()
	if err != nil {
		fail(w, http.StatusBadRequest, err)
		return
	}
	answer, err := s.instance.QueryData(r.Context(), &backend.QueryDataRequest{PluginContext: s.context, Queries: queries})
	if err != nil {
		fail(w, http.StatusInternalServerError, err)
		return
	}
	status := http.StatusOK
	for _, one := range answer.Responses {
		if one.Error != nil {
			status = http.StatusBadRequest
		}
	}
	reply(w, status, answer)
}

// resource is /api/datasources/uid/UID/resources/PATH.
func (s *source) resource(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		fail(w, http.StatusBadRequest, err)
		return
	}
	path := r.PathValue("path")
	err = s.instance.CallResource(r.Context(), &backend.CallResourceRequest{
		PluginContext: s.context, Path: path, Method: r.Method, URL: path + "?" + r.URL.RawQuery,
		Headers: r.Header, Body: body,
	}, backend.CallResourceResponseSenderFunc(func(answer *backend.CallResourceResponse) error {
		for name, values := range answer.Headers {
			w.Header()[http.CanonicalHeaderKey(name)] = values
		}
		w.WriteHeader(answer.Status)
		_, err := w.Write(answer.Body)
		return err
	}))
	if err != nil {
		fail(w, http.StatusInternalServerError, err)
	}
}

// health is /api/datasources/uid/UID/health.
func (s *source) health(w http.ResponseWriter, r *http.Request) {
	answer, err := s.instance.CheckHealth(r.Context(), &backend.CheckHealthRequest{PluginContext: s.context})
	if err != nil {
		fail(w, http.StatusInternalServerError, err)
		return
	}
	status := http.StatusOK
	if answer.Status != backend.HealthStatusOk {
		status = http.StatusBadRequest
	}
	reply(w, status, map[string]any{
		"status": answer.Status.String(), "message": answer.Message, "details": json.RawMessage(answer.JSONDetails),
	})
}
