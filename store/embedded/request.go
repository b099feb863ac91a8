package embedded

import (
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/google/uuid"

	"github.com/steptrace/steptrace/store/embedded/chdb"
)

// request is what a client asks for besides the statement itself.
type request struct {
	user       User
	database   string
	format     string // of the result, unless the statement names one
	queryID    string
	readOnly   string // the readonly setting, "" for none
	whyNot     string // why readOnly is set
	revision   string // client_protocol_version
	settings   []setting
	parameters []chdb.Parameter
	external   []externalTable
}

type setting struct{ name, value string }

// notSettings are URL parameters that the HTTP interface consumes. async_insert is among them because the engine has
// no queue for it: an insert is answered when it is on disk.
var notSettings = map[string]bool{
	"query": true, "database": true, "default_format": true, "query_id": true, "user": true, "password": true,
	"compress": true, "decompress": true, "network_compression_method": true, "network_zstd_compression_level": true,
	"enable_http_compression": true, "http_zlib_compression_level": true, "client_protocol_version": true,
	"wait_end_of_query": true, "buffer_size": true, "send_progress_in_http_headers": true, "add_http_cors_header": true,
	"cancel_http_readonly_queries_on_client_close": true, "http_write_exception_in_output_format": true,
	"async_insert": true, "wait_for_async_insert": true, "quota_key": true, "stacktrace": true, "client_name": true,
}

// unsupported are URL parameters whose silent loss would change what a request means.
var unsupported = []string{"session_id", "session_timeout", "session_check", "role"}

func parseRequest(r *http.Request, v url.Values, user User) (*request, error) {
	q := &request{
		user:     user,
		database: either(v.Get("database"), r.Header.Get("X-ClickHouse-Database")),
		format:   either(v.Get("default_format"), r.Header.Get("X-ClickHouse-Format"), "TabSeparated"),
		queryID:  either(v.Get("query_id"), uuid.NewString()),
		revision: v.Get("client_protocol_version"),
	}
	if r.Method == http.MethodGet || r.Method == http.MethodHead {
		q.readOnly, q.whyNot = "2", "For queries over HTTP, method GET implies readonly; use POST."
	}
	if user.ReadOnly {
		q.readOnly, q.whyNot = "2", "User "+user.Name+" may only read."
	}
	for _, name := range slices.Sorted(maps.Keys(v)) {
		if err := q.add(name, v); err != nil {
			return nil, err
		}
	}
	return q, nil
}

func either(values ...string) string {
	for _, v := range values {
		if v != "" {
			return v
		}
	}
	return ""
}

// add takes a URL parameter for a statement's parameter or a setting.
func (q *request) add(name string, v url.Values) error {
	parameter, isParameter := strings.CutPrefix(name, "param_")
	switch {
	case isParameter:
		q.parameters = append(q.parameters, chdb.Parameter{Name: parameter, Value: v.Get(name)})
	case notSettings[name] || describesExternal(name, v):
	case slices.Contains(unsupported, name):
		return exceptionf(codeNotImplemented, "The embedded ClickHouse has no %s: every request is a session of its own. "+
			"(NOT_IMPLEMENTED)", name)
	case !isSettingName(name):
		return exceptionf(codeUnknownSetting, "Setting %s is neither a builtin setting nor started with the prefix "+
			"'param_'. (UNKNOWN_SETTING)", name)
	case q.user.ReadOnly && (name == "profile" || name == "readonly"):
		return exceptionf(codeReadonly, "Cannot modify '%s' setting in readonly mode. (READONLY)", name)
	case name == "readonly":
		if v.Get(name) != "0" {
			q.readOnly, q.whyNot = v.Get(name), "The request sets readonly."
		}
	default:
		q.settings = append(q.settings, setting{name, v.Get(name)})
	}
	return nil
}

func isSettingName(s string) bool {
	for _, c := range s {
		if c != '_' && (c < '0' || c > '9') && (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') {
			return false
		}
	}
	return s != ""
}

// assignment is the setting as it stands behind SET.
func (s setting) assignment() string { return fmt.Sprintf("%s = %s", s.name, quoteString(s.value)) }

var stringEscapes = strings.NewReplacer(`\`, `\\`, `'`, `\'`)

func quoteString(s string) string { return "'" + stringEscapes.Replace(s) + "'" }

var identifierEscapes = strings.NewReplacer(`\`, `\\`, "`", "\\`")

func quoteIdentifier(s string) string { return "`" + identifierEscapes.Replace(s) + "`" }
