package plugin

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/backend"
	"github.com/grafana/grafana-plugin-sdk-go/backend/resource/httpadapter"

	"github.com/steptrace/steptrace/grafana-plugin/backend/query"
	"github.com/steptrace/steptrace/store"
)

// resource answers a request out of its parameters.
type resource func(ctx context.Context, parameters url.Values) (any, error)

// resources are what the front end asks for besides queries.
func (i *Instance) resources() backend.CallResourceHandler {
	mux := http.NewServeMux()
	for path, answer := range map[string]resource{
		"/machines": i.machinesResource, "/values": i.valuesResource, "/revisions": i.revisionsResource,
		"/state": i.stateResource, "/history": i.historyResource, "/execution": i.executionResource,
	} {
		mux.Handle("GET "+path, served(answer))
	}
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		write(w, http.StatusNotFound, failure{fmt.Sprintf("there is no %.20s %.200s", r.Method, r.URL.Path)})
	})
	return httpadapter.New(mux)
}

// failure is the body of an answer that is none.
type failure struct {
	Error string `json:"error"`
}

func served(answer resource) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		parameters, err := url.ParseQuery(r.URL.RawQuery)
		if err != nil {
			write(w, http.StatusBadRequest, failure{"the parameters of the request are not well formed"})
			return
		}
		found, err := answer(r.Context(), parameters)
		switch {
		case errors.Is(err, query.ErrInvalid) || errors.Is(err, store.ErrArgument):
			write(w, http.StatusBadRequest, failure{err.Error()})
		case errors.Is(err, store.ErrNotFound):
			write(w, http.StatusNotFound, failure{err.Error()})
		case err != nil:
			write(w, http.StatusBadGateway, failure{err.Error()})
		default:
			write(w, http.StatusOK, found)
		}
	})
}

func write(w http.ResponseWriter, status int, body any) {
	text, err := json.Marshal(body)
	if err != nil {
		status, text = http.StatusInternalServerError, []byte(`{"error":"the answer has no JSON"}`)
		backend.Logger.Error("encode a resource", "error", err)
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(status)
	if _, err := w.Write(text); err != nil {
		backend.Logger.Debug("send a resource", "error", err)
	}
}

// required is a parameter that must be there.
func required(p url.Values, name string) (string, error) {
	if value := p.Get(name); value != "" {
		return value, nil
	}
	return "", fmt.Errorf("%w: the parameter %s is missing", query.ErrInvalid, name)
}

// whole is a number from 0 on; 0 when it is not there.
func whole(p url.Values, name string) (int64, error) {
	text := p.Get(name)
	if text == "" {
		return 0, nil
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || n < 0 {
		return 0, fmt.Errorf("%w: %s: %.100q is not a whole number", query.ErrInvalid, name, text)
	}
	return n, nil
}

// within reads the range from and to, Unix ms; an end that is not there is the zero time.
func within(p url.Values) (since, until time.Time, err error) {
	from, err := whole(p, "from")
	if err != nil {
		return since, until, err
	}
	to, err := whole(p, "to")
	if from > 0 {
		since = time.UnixMilli(from)
	}
	if to > 0 {
		until = time.UnixMilli(to)
	}
	return since, until, err
}
