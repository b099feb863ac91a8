package eventbridge

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strings"

	"github.com/theory/jsonpath"

	"github.com/steptrace/steptrace/sandbox/awswire"
)

// input is the JSON that the target receives: the event, a constant, a part of the event, or a filled template.
func (s *Service) input(d delivery) ([]byte, error) {
	switch t := d.target; {
	case t.Input != "":
		return []byte(t.Input), nil
	case t.InputPath != "":
		event, err := decode(d.body)
		if err != nil {
			return nil, err
		}
		return json.Marshal(at(t.InputPath, event))
	case t.InputTransformer != nil:
		return s.transform(d)
	}
	return d.body, nil
}

func checkPath(path string) error {
	if _, err := jsonpath.Parse(path); err != nil {
		return awswire.Errorf("ValidationException", "Invalid path %.80q: %v", path, err)
	}
	return nil
}

// at is the first value at path, nil when there is none. The path was checked when the target was put.
func at(path string, event any) any {
	parsed, err := jsonpath.Parse(path)
	if err != nil {
		return nil
	}
	if found := parsed.Select(event); len(found) > 0 {
		return found[0]
	}
	return nil
}

func (t *InputTransformer) check() error {
	if t.InputTemplate == "" {
		return awswire.Errorf("ValidationException", "InputTemplate must not be empty.")
	}
	for _, path := range t.InputPathsMap {
		if err := checkPath(path); err != nil {
			return err
		}
	}
	for _, name := range placeholders.FindAllStringSubmatch(t.InputTemplate, -1) {
		if _, ok := t.InputPathsMap[name[1]]; !ok && !strings.HasPrefix(name[1], "aws.events.") {
			return awswire.Errorf("ValidationException", "InputTemplate uses <%s>, which is not in InputPathsMap.", name[1])
		}
	}
	return nil
}

var placeholders = regexp.MustCompile(`<([A-Za-z0-9_.\-]+)>`)

// transform fills the template. A placeholder inside a JSON string becomes text of it, elsewhere a JSON value.
func (s *Service) transform(d delivery) ([]byte, error) {
	event, err := decode(d.body)
	if err != nil {
		return nil, err
	}
	t := d.target.InputTransformer
	var out strings.Builder
	rest := 0
	for _, span := range placeholders.FindAllStringSubmatchIndex(t.InputTemplate, -1) {
		out.WriteString(t.InputTemplate[rest:span[0]])
		rest = span[1]
		name := t.InputTemplate[span[2]:span[3]]
		text, err := render(s.variable(d, name, event), insideString(t.InputTemplate[:span[0]]))
		if err != nil {
			return nil, err
		}
		out.WriteString(text)
	}
	out.WriteString(t.InputTemplate[rest:])
	if !json.Valid([]byte(out.String())) {
		return nil, fmt.Errorf("the filled input template is not JSON: %.200s", out.String())
	}
	return []byte(out.String()), nil
}

func (s *Service) variable(d delivery, name string, event any) any {
	switch name {
	case "aws.events.rule-arn":
		return s.ruleARN(d.rule)
	case "aws.events.rule-name":
		return d.rule
	case "aws.events.event", "aws.events.event.json":
		return json.RawMessage(d.body)
	case "aws.events.event.ingestion-time":
		return d.event.Time
	}
	return at(d.target.InputTransformer.InputPathsMap[name], event)
}

// insideString tells whether a JSON text ends within a string.
func insideString(before string) bool {
	inside := false
	for i := 0; i < len(before); i++ {
		switch {
		case before[i] == '\\' && inside:
			i++
		case before[i] == '"':
			inside = !inside
		}
	}
	return inside
}

func render(value any, inside bool) (string, error) {
	text, isText := value.(string)
	if !isText || !inside {
		encoded, err := json.Marshal(value)
		if err != nil || !inside {
			return string(encoded), err
		}
		text = string(encoded)
	}
	quoted, err := json.Marshal(text)
	if err != nil {
		return "", err
	}
	return string(quoted[1 : len(quoted)-1]), nil
}
