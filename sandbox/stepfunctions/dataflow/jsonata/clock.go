package jsonata

import (
	"context"
	"encoding/json"
	"errors"
	"strconv"

	"github.com/recolabs/gnata"

	"github.com/steptrace/steptrace/sandbox/stepfunctions/dataflow/jsonvalue"
)

// millis takes the place of JSONata's $millis, which reads the machine's clock.
func (s Sources) millis([]jsonvalue.Value) (jsonvalue.Value, error) {
	return json.Number(strconv.FormatInt(s.Now().UnixMilli(), 10)), nil
}

// fromMillis is what $now comes down to, by the number of its arguments: a picture and a time zone.
var fromMillis = [...]string{1: "$fromMillis($ms, $a)", 2: "$fromMillis($ms, $a, $b)"}

// now takes the place of JSONata's $now.
func (s Sources) now(args []jsonvalue.Value) (jsonvalue.Value, error) {
	if len(args) >= len(fromMillis) {
		return nil, errors.New("$now takes two arguments at most")
	}
	if len(args) == 0 {
		return timestamp(s.Now()), nil
	}
	e, err := gnata.Compile(fromMillis[len(args)])
	if err != nil {
		return nil, err
	}
	variables := map[string]any{"ms": float64(s.Now().UnixMilli())}
	for i, arg := range args {
		variables[string(rune('a'+i))] = toGnata(arg)
	}
	result, err := e.EvalWithVars(context.Background(), nil, variables)
	if err != nil {
		return nil, err
	}
	return fromGnata(result)
}
