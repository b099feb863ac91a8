package jsonata

import (
	"encoding/json"

	"github.com/recolabs/gnata"

	"github.com/steptrace/steptrace/sandbox/stepfunctions/dataflow/jsonvalue"
)

// toGnata converts a value to gnata's own form, in which objects have an order, too.
func toGnata(v jsonvalue.Value) any {
	converted, err := gnata.DecodeJSON(jsonvalue.Encode(v))
	if err != nil {
		panic("jsonata: what Encode wrote is not JSON: " + err.Error())
	}
	return converted
}

// ordered is gnata's object, whose type it does not export.
type ordered interface {
	Range(func(key string, v any) bool)
}

// fromGnata converts a result. Undefined is ErrUndefined; functions and the like are ErrUnsupported.
func fromGnata(v any) (jsonvalue.Value, error) {
	if v == nil {
		return nil, ErrUndefined
	}
	if gnata.IsNull(v) {
		return nil, nil
	}
	switch v := v.(type) {
	case bool, string, json.Number:
		return v, nil
	case float64:
		return number(v)
	case []any:
		return fromArray(v)
	case ordered:
		return fromObject(v)
	}
	return nil, ErrUnsupported
}

// number writes a number as JSON does: without a fraction where it has none.
func number(f float64) (jsonvalue.Value, error) {
	text, err := json.Marshal(f)
	if err != nil { // infinite or not a number
		return nil, ErrUnsupported
	}
	return json.Number(text), nil
}

func fromArray(array []any) (jsonvalue.Value, error) {
	converted := make([]jsonvalue.Value, 0, len(array))
	for _, element := range array {
		v, err := fromGnata(element)
		if err != nil {
			return nil, ErrUnsupported
		}
		converted = append(converted, v)
	}
	return converted, nil
}

func fromObject(object ordered) (jsonvalue.Value, error) {
	converted := jsonvalue.NewObject()
	var failure error
	object.Range(func(key string, member any) bool {
		v, err := fromGnata(member)
		if err != nil {
			failure = ErrUnsupported
			return false
		}
		converted.Set(key, v)
		return true
	})
	return converted, failure
}
