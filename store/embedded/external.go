package embedded

import (
	"errors"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"net/url"
	"strings"

	"github.com/steptrace/steptrace/store/embedded/sqltext"
)

// maxExternal bounds the external tables of a request, in bytes altogether.
const maxExternal = 64 << 20

// externalTable is a temporary table that comes with the request as a part of a multipart form.
type externalTable struct {
	name, structure, format string
	data                    []byte
}

// describesExternal reports whether a URL parameter describes an external table: <table>_structure, and with it
// <table>_format and <table>_types.
func describesExternal(name string, v url.Values) bool {
	for _, suffix := range []string{"_structure", "_format", "_types"} {
		if table, ok := strings.CutSuffix(name, suffix); ok && (v.Has(table+"_structure") || v.Has(table+"_types")) {
			return true
		}
	}
	return false
}

// readExternal takes external tables and the query out of a multipart body. Any other body it returns as it is.
func (q *request) readExternal(r *http.Request, v url.Values, body io.Reader) (string, io.Reader, error) {
	query := v.Get("query")
	if !strings.HasPrefix(r.Header.Get("Content-Type"), "multipart/form-data") {
		return query, body, nil
	}
	parts, err := r.MultipartReader()
	if err != nil {
		return "", nil, exceptionf(codeBadArguments, "The multipart body is malformed: %s. (BAD_ARGUMENTS)", err)
	}
	left := int64(maxExternal)
	for {
		part, err := parts.NextPart()
		if errors.Is(err, io.EOF) {
			return query, strings.NewReader(""), nil
		}
		if err != nil {
			return "", nil, err
		}
		content, err := readPart(part, &left)
		if err != nil {
			return "", nil, err
		}
		if part.FormName() == "query" {
			query += string(content)
			continue
		}
		if err := q.addExternal(part.FormName(), content, v); err != nil {
			return "", nil, err
		}
	}
}

func readPart(part *multipart.Part, left *int64) ([]byte, error) {
	content, err := io.ReadAll(io.LimitReader(part, *left+1))
	if err != nil {
		return nil, err
	}
	if *left -= int64(len(content)); *left < 0 {
		return nil, exceptionf(codeBadArguments, "External tables hold more than %d bytes. (BAD_ARGUMENTS)", maxExternal)
	}
	return content, nil
}

func (q *request) addExternal(name string, content []byte, v url.Values) error {
	t := externalTable{
		name: name, structure: either(v.Get(name+"_structure"), typesStructure(v.Get(name+"_types"))),
		format: either(v.Get(name+"_format"), "TabSeparated"), data: content,
	}
	if t.structure == "" || !isColumnList(t.structure) {
		return exceptionf(codeBadArguments, "External table %s needs its columns in %s_structure, such as 'id UInt64, "+
			"name String'. (BAD_ARGUMENTS)", name, name)
	}
	q.external = append(q.external, t)
	return nil
}

// typesStructure names the columns of a list of types _1, _2, …
func typesStructure(types string) string {
	if types == "" {
		return ""
	}
	var columns []string
	for i, kind := range splitTopLevel(types) {
		columns = append(columns, fmt.Sprintf("_%d %s", i+1, kind))
	}
	return strings.Join(columns, ", ")
}

func splitTopLevel(list string) []string {
	var parts []string
	start := 0
	for t := range sqltext.Tokens(list) {
		if t.Depth == 0 && list[t.Start:t.End] == "," {
			parts = append(parts, list[start:t.Start])
			start = t.End
		}
	}
	return append(parts, list[start:])
}

// isColumnList refuses a structure that would leave the brackets it is put into.
func isColumnList(structure string) bool {
	for t := range sqltext.Tokens(structure) {
		if t.Depth < 0 || t.Kind == sqltext.Unclosed || structure[t.Start:t.End] == ";" {
			return false
		}
	}
	return true
}

func (s *session) createExternal(t externalTable) error {
	err := s.Exec("CREATE TEMPORARY TABLE " + quoteIdentifier(t.name) + " (" + t.structure + "\n) ENGINE = Memory")
	if err != nil {
		return err
	}
	insert, err := s.Insert("INSERT INTO "+quoteIdentifier(t.name), t.format)
	if err != nil {
		return err
	}
	if _, err := insert.Write(t.data); err != nil {
		return reasonFor(insert, err)
	}
	_, err = insert.Finish()
	return err
}
