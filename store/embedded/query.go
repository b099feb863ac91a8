package embedded

import (
	"context"
	"io"
	"net/http"
	"net/url"
	"strings"

	"github.com/steptrace/steptrace/store/embedded/chdb"
)

func (s *Server) serveQuery(w http.ResponseWriter, r *http.Request) {
	v, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		http.Error(w, "The URL's parameters are malformed: "+err.Error(), http.StatusBadRequest)
		return
	}
	w, r, release := unstalled(w, r, s.config.StallTimeout)
	defer release()
	out := newResponse(w, r, v)
	if err := out.end(s.answer(r, v, out)); err != nil {
		s.log.Debug("the client did not take the whole response", "error", err)
	}
}

// answer runs a request's statement and writes its result.
func (s *Server) answer(r *http.Request, v url.Values, out *response) error {
	user, err := authenticate(s.config.Users, r, v)
	if err != nil {
		return err
	}
	q, err := parseRequest(r, v, user)
	if err != nil {
		return err
	}
	out.describe(q.queryID, q.format)
	body, release, err := upload(r, v)
	if err != nil {
		return err
	}
	defer release()
	query, body, err := q.readExternal(r, v, body)
	if err != nil {
		return err
	}
	st, err := readStatement(query, body)
	if err != nil {
		return err
	}
	if st.Format != "" && !st.TakesData() {
		out.describe(q.queryID, st.Format)
	}
	if st.Keyword == "" {
		return s.answerNothing(r, out)
	}
	if isHello(st, q) {
		return s.hello(out, q.revision)
	}
	return s.run(r.Context(), q, st, out, v.Get("wait_end_of_query") == "1")
}

// answerNothing greets a GET and refuses an empty POST.
func (s *Server) answerNothing(r *http.Request, out *response) error {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		return exceptionf(codeSyntaxError, "Syntax error: Empty query. (SYNTAX_ERROR)")
	}
	_, err := io.WriteString(out, "Ok.\n")
	return err
}

func (s *Server) run(ctx context.Context, q *request, st statement, out *response, whole bool) error {
	session, err := s.engine.session(ctx)
	if err != nil {
		return err
	}
	defer session.close()
	if err := session.prepare(q); err != nil {
		return err
	}
	if err := session.permit(q, st); err != nil {
		return err
	}
	defer session.killWhen(ctx)()
	return session.unmarked(session.execute(q, st, out, whole))
}

func (s *session) execute(q *request, st statement, out *response, whole bool) error {
	switch {
	case st.TakesData():
		return s.insert(st, q.parameters, out)
	case !whole && streams(st.Keyword, either(st.Format, q.format)):
		return s.stream(st, q, out)
	}
	return s.materialize(st.Text, q, out)
}

// streams reports whether a result may be sent piece by piece: the engine streams SELECT only, and formats each piece
// as a document of its own, so that formats with a head or an end would repeat it.
func streams(keyword, format string) bool {
	switch keyword {
	case "SELECT", "WITH", "FROM":
	default:
		return false
	}
	switch format {
	case "Native", "RowBinary", "TabSeparated", "TSV", "TabSeparatedRaw", "TSVRaw", "CSV", "LineAsString", "RawBLOB",
		"JSONEachRow", "JSONLines", "NDJSON", "JSONCompactEachRow", "JSONStringsEachRow", "JSONCompactStringsEachRow":
		return true
	}
	return false
}

// materialize runs a statement whose result has to be made as a whole. Its size is bounded by max_memory_usage.
func (s *session) materialize(text string, q *request, out *response) error {
	result, err := s.Query(s.marked(text), q.format, q.parameters...)
	if err != nil {
		return err
	}
	defer result.Free()
	out.add(result.Statistics())
	_, err = out.Write(result.Bytes())
	return err
}

// stream runs a SELECT and sends its result as it comes.
func (s *session) stream(st statement, q *request, out *response) error {
	stream, err := s.Stream(s.marked(st.Text), q.format, q.parameters...)
	if err != nil && strings.Contains(err.Error(), "Streaming query is not supported") {
		return s.materialize(st.Text, q, out) // WITH … INSERT; refused before anything ran
	}
	if err != nil {
		return err
	}
	defer stream.Free()
	for {
		more, err := s.next(stream, out)
		if err != nil {
			stream.Cancel()
			return err
		}
		if !more {
			return s.headOfEmpty(st, q, out)
		}
	}
}

func (s *session) next(stream *chdb.Stream, out *response) (more bool, err error) {
	piece, err := stream.Next()
	if err != nil {
		return false, err
	}
	defer piece.Free()
	out.add(piece.Statistics())
	n, err := out.Write(piece.Bytes())
	return n > 0, err
}
