package jsonata

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/steptrace/steptrace/sandbox/stepfunctions/dataflow/digest"
	"github.com/steptrace/steptrace/sandbox/stepfunctions/dataflow/jsonvalue"
)

// function is one of Step Functions' own functions. It may return the mark undefined.
type function func(args []jsonvalue.Value) (jsonvalue.Value, error)

// functions are those that Step Functions adds to JSONata, and those that depend on a source.
// Source: https://docs.aws.amazon.com/step-functions/latest/dg/transforming-data.html
func (s Sources) functions() map[string]function {
	return map[string]function{
		"parse":     parse,
		"partition": partition,
		"range":     arrayRange,
		"hash":      hash,
		"random":    s.random,
		"now":       s.now,
		"millis":    s.millis,
		"uuid":      func([]jsonvalue.Value) (jsonvalue.Value, error) { return s.NewUUID(), nil },
	}
}

// adapt makes a function take and give gnata's values. An argument that is undefined makes the result undefined, as
// with JSONata's own functions.
func adapt(f function) func(args []any, focus any) (any, error) {
	return func(args []any, _ any) (any, error) {
		values := make([]jsonvalue.Value, len(args))
		for i, arg := range args {
			v, err := fromGnata(arg)
			if errors.Is(err, ErrUndefined) {
				return nil, nil
			}
			if err != nil {
				return nil, fmt.Errorf("argument %d is not a JSON value", i+1)
			}
			values[i] = v
		}
		v, err := f(values)
		if err != nil || v == undefined {
			return nil, err
		}
		return toGnata(v), nil
	}
}

// undefined is what a function returns for JSONata's "no value".
var undefined = &struct{ _ int }{}

func want(args []jsonvalue.Value, least, most int) error {
	if len(args) < least || len(args) > most {
		return fmt.Errorf("wrong number of arguments: %d", len(args))
	}
	return nil
}

// parse reads JSON text: $parse(text).
func parse(args []jsonvalue.Value) (jsonvalue.Value, error) {
	if err := want(args, 1, 1); err != nil {
		return nil, err
	}
	text, ok := args[0].(string)
	if !ok {
		return nil, errors.New("the argument of $parse must be a string")
	}
	return jsonvalue.Decode([]byte(text))
}

// partition cuts an array into pieces: $partition(array, size).
func partition(args []jsonvalue.Value) (jsonvalue.Value, error) {
	if err := want(args, 2, 2); err != nil {
		return nil, err
	}
	array, ok := args[0].([]jsonvalue.Value)
	if !ok {
		array = []jsonvalue.Value{args[0]}
	}
	size, err := whole(args[1])
	if err != nil || size < 1 {
		return nil, errors.New("the size in $partition must be a positive integer")
	}
	pieces := []jsonvalue.Value{}
	for piece := range slices.Chunk(array, int(min(size, math.MaxInt32))) {
		pieces = append(pieces, piece)
	}
	return pieces, nil
}

// maxRange is how many elements $range may make, as with JSONata's own [a..b].
const maxRange = 10_000_000

// arrayRange counts: $range(first, last, step). It gives a JSONata sequence, so one element stands for itself.
func arrayRange(args []jsonvalue.Value) (jsonvalue.Value, error) {
	if err := want(args, 3, 3); err != nil {
		return nil, err
	}
	var bounds [3]float64
	for i, arg := range args {
		f, err := float(arg)
		if err != nil {
			return nil, err
		}
		bounds[i] = f
	}
	first, last, step := bounds[0], bounds[1], bounds[2]
	if step == 0 {
		return nil, errors.New("the step in $range must not be 0")
	}
	count := math.Floor((last-first)/step) + 1
	if count > maxRange {
		return nil, fmt.Errorf("$range would make more than %d elements", maxRange)
	}
	return counted(first, step, int(max(count, 0)))
}

func counted(first, step float64, count int) (jsonvalue.Value, error) {
	values := make([]jsonvalue.Value, count)
	for i := range values {
		v, err := number(first + float64(i)*step)
		if err != nil {
			return nil, err
		}
		values[i] = v
	}
	switch count {
	case 0:
		return undefined, nil
	case 1:
		return values[0], nil
	}
	return values, nil
}

// hash is the hexadecimal digest of a string: $hash(text, algorithm).
func hash(args []jsonvalue.Value) (jsonvalue.Value, error) {
	if err := want(args, 2, 2); err != nil {
		return nil, err
	}
	text, ok := args[0].(string)
	if !ok {
		text = jsonvalue.Text(args[0])
	}
	algorithm, ok := args[1].(string)
	if !ok {
		return nil, errors.New("the algorithm in $hash must be a string")
	}
	return digest.Hex(algorithm, text)
}

// random is a number from 0 up to but not including 1: $random() or, the same every time, $random(seed).
func (s Sources) random(args []jsonvalue.Value) (jsonvalue.Value, error) {
	if len(args) == 0 {
		return number(s.Random())
	}
	seed, err := float(args[0])
	if err != nil || len(args) > 1 {
		return nil, errors.New("$random takes one number at most")
	}
	repeatable := rand.New(rand.NewPCG(math.Float64bits(seed), 0)) //nolint:gosec // repeatable is what is asked for
	return number(repeatable.Float64())
}

func float(v jsonvalue.Value) (float64, error) {
	n, ok := v.(json.Number)
	if !ok {
		return 0, errors.New("the argument must be a number")
	}
	return n.Float64()
}

func whole(v jsonvalue.Value) (int64, error) {
	f, err := float(v)
	return int64(f), err
}

// timestamp is a time as JSONata writes it.
func timestamp(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000Z") }
