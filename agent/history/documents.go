package history

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"

	"github.com/tidwall/gjson"
)

// eachDocument reads the JSON values that stand one after another in the body. at says in errors where a value begins:
// the name, and the line unless that is the first.
func eachDocument(name string, body []byte, read func(at string, value gjson.Result) error) error {
	body = bytes.TrimPrefix(body, []byte("\ufeff"))
	decoder := json.NewDecoder(bytes.NewReader(body))
	line, counted := 1, 0
	for {
		begin := counted + leadingSpace(body[counted:])
		line += bytes.Count(body[counted:begin], []byte("\n"))
		at := name
		if line > 1 {
			at += ":" + strconv.Itoa(line)
		}
		var value json.RawMessage
		err := decoder.Decode(&value)
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return notJSON(at, err)
		}
		if tooDeep(value) {
			return fmt.Errorf("%s: JSON nested more than %d deep", at, maxNesting)
		}
		if err := read(at, gjson.ParseBytes(value)); err != nil {
			return err
		}
		counted = int(decoder.InputOffset())
		line += bytes.Count(body[begin:counted], []byte("\n"))
	}
}

func leadingSpace(b []byte) int { return len(b) - len(bytes.TrimLeft(b, " \t\r\n")) }

func notJSON(at string, err error) error {
	if errors.Is(err, io.ErrUnexpectedEOF) {
		return fmt.Errorf("%s is not whole: the JSON that begins there does not end", at)
	}
	return fmt.Errorf("%s is not JSON: %w", at, err)
}
