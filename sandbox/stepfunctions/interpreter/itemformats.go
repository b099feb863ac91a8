package interpreter

import (
	"bytes"
	"compress/gzip"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/steptrace/steptrace/sandbox/stepfunctions/dataflow"
	"github.com/steptrace/steptrace/sandbox/stepfunctions/dataflow/jsonvalue"
)

// delimiters are the values of CSVDelimiter.
// Source: https://docs.aws.amazon.com/step-functions/latest/dg/input-output-itemreader.html
var delimiters = map[string]rune{"": ',', "COMMA": ',', "PIPE": '|', "SEMICOLON": ';', "SPACE": ' ', "TAB": '\t'}

func gunzip(body []byte) ([]byte, error) {
	r, err := gzip.NewReader(bytes.NewReader(body))
	if err != nil {
		return nil, fmt.Errorf("decompress the object: %w", err)
	}
	return bounded(r)
}

// parseJSON adds the elements of an array: the whole text, or what the ItemsPointer points to.
func (r *itemReader) parseJSON(body []byte, source string) error {
	value, err := jsonvalue.Decode(body)
	if err != nil {
		return fmt.Errorf("the object is not valid JSON: %w", err)
	}
	if value, err = follow(value, r.ItemsPointer); err != nil {
		return err
	}
	array, ok := value.([]dataflow.Value)
	if !ok {
		return errors.New("Attempting to map over non-iterable node.") //nolint:revive,staticcheck // as AWS words it
	}
	for _, element := range array {
		if err := r.add(element, source); err != nil {
			return err
		}
	}
	return nil
}

// follow is what a JSON Pointer (RFC 6901) points to.
func follow(value dataflow.Value, pointer string) (dataflow.Value, error) {
	if pointer == "" {
		return value, nil
	}
	for token := range strings.SplitSeq(strings.TrimPrefix(pointer, "/"), "/") {
		token = strings.NewReplacer("~1", "/", "~0", "~").Replace(token)
		next, ok := member(value, token)
		if !ok {
			return nil, fmt.Errorf("the ItemsPointer %s points to nothing", pointer)
		}
		value = next
	}
	return value, nil
}

func member(value dataflow.Value, token string) (dataflow.Value, bool) {
	switch value := value.(type) {
	case *jsonvalue.Object:
		return value.Get(token)
	case []dataflow.Value:
		n, err := strconv.Atoi(token)
		if err != nil || n < 0 || n >= len(value) {
			return nil, false
		}
		return value[n], true
	}
	return nil, false
}

// parseLines adds the values of JSON Lines.
func (r *itemReader) parseLines(body []byte, source string) error {
	number := 0
	for line := range bytes.Lines(body) {
		number++
		if len(bytes.TrimSpace(line)) == 0 {
			continue
		}
		value, err := jsonvalue.Decode(line)
		if err != nil {
			return fmt.Errorf("line %d is not valid JSON: %w", number, err)
		}
		if err := r.add(value, source); err != nil {
			return err
		}
	}
	return nil
}

// parseCSV adds an object for each row. Fields without a header are left out, those that a row lacks are empty.
func (r *itemReader) parseCSV(body []byte, source string) error {
	delimiter, ok := delimiters[r.CSVDelimiter]
	if !ok {
		return fmt.Errorf("the CSVDelimiter %s is none of COMMA, PIPE, SEMICOLON, SPACE and TAB", r.CSVDelimiter)
	}
	rows := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(body, []byte("\xef\xbb\xbf"))))
	rows.Comma, rows.LazyQuotes, rows.FieldsPerRecord, rows.ReuseRecord = delimiter, true, -1, true
	headers := r.CSVHeaders
	for first := true; ; first = false {
		row, err := rows.Read()
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return fmt.Errorf("the object is not valid CSV: %w", err)
		case first && r.CSVHeaderLocation != "GIVEN":
			headers = append([]string(nil), row...)
			continue
		}
		if err := r.add(record(headers, row), source); err != nil {
			return err
		}
	}
}

func record(headers, row []string) dataflow.Value {
	o := jsonvalue.NewObject()
	for n, header := range headers {
		field := ""
		if n < len(row) {
			field = strings.Clone(row[n]) // the rest of the row may be large
		}
		o.Set(header, field)
	}
	return o
}
