package query

import (
	"encoding/json"
	"maps"
	"reflect"
	"slices"
	"strings"
)

// ofGrafana are the fields that Grafana's front ends, alerting and query service put into queries.
var ofGrafana = []string{
	"adhocFilters", "cacheTimeout", "datasource", "datasourceId", "datasourceUid", "filters", "fromAnnotations",
	"groupByKeys", "hide", "instant", "intervalMs", "key", "maxDataPoints", "orgId", "queryCachingTTL", "range", "refId",
	"relativeTimeRange", "requestId", "resultAssertions", "scopes", "supportingQueryType", "timeRange", "withStreaming",
}

// own are the fields of a query in lower case, for encoding/json takes them whatever their case.
var own = func() map[string]bool {
	names := map[string]bool{}
	for f := range reflect.TypeFor[Query]().Fields() {
		names[strings.ToLower(f.Tag.Get("json"))] = true
	}
	return names
}()

// unknown are the names of a query's fields that are neither its own nor Grafana's.
func unknown(query []byte) []string {
	var fields map[string]json.RawMessage
	if json.Unmarshal(query, &fields) != nil {
		return nil // Decode tells what is wrong
	}
	maps.DeleteFunc(fields, func(name string, _ json.RawMessage) bool {
		return own[strings.ToLower(name)] || slices.Contains(ofGrafana, name)
	})
	return slices.Sorted(maps.Keys(fields))
}
