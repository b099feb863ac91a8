package intrinsic

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/steptrace/steptrace/sandbox/stepfunctions/dataflow/jsonvalue"
)

// function is how many arguments a function takes, and what it does with them.
type function struct {
	least, most int
	run         func(*invocation) (jsonvalue.Value, error)
}

var functions map[string]function

func init() { // Format looks at its own call, which would be a cycle
	functions = map[string]function{
		"States.Format":         {1, math.MaxInt, format},
		"States.StringToJson":   {1, 1, stringToJSON},
		"States.JsonToString":   {1, 1, jsonToString},
		"States.Array":          {0, math.MaxInt, array},
		"States.ArrayPartition": {2, 2, arrayPartition},
		"States.ArrayContains":  {2, 2, arrayContains},
		"States.ArrayRange":     {3, 3, arrayRange},
		"States.ArrayGetItem":   {2, 2, arrayGetItem},
		"States.ArrayLength":    {1, 1, arrayLength},
		"States.ArrayUnique":    {1, 1, arrayUnique},
		"States.Base64Encode":   {1, 1, base64Encode},
		"States.Base64Decode":   {1, 1, base64Decode},
		"States.Hash":           {2, 2, hashData},
		"States.JsonMerge":      {3, 3, jsonMerge},
		"States.MathRandom":     {2, 3, mathRandom},
		"States.MathAdd":        {2, 2, mathAdd},
		"States.StringSplit":    {2, 2, stringSplit},
		"States.UUID":           {0, 0, newUUID},
	}
}

func stringToJSON(in *invocation) (jsonvalue.Value, error) {
	text, err := in.text(0)
	if err != nil {
		return nil, err
	}
	return jsonvalue.Decode([]byte(text))
}

func jsonToString(in *invocation) (jsonvalue.Value, error) {
	return jsonvalue.Text(in.args[0]), nil
}

func array(in *invocation) (jsonvalue.Value, error) { return in.args, nil }

func arrayPartition(in *invocation) (jsonvalue.Value, error) {
	values, err := in.array()
	if err != nil {
		return nil, err
	}
	size, err := in.whole(1)
	if err != nil {
		return nil, err
	}
	if size < 1 {
		return nil, errors.New("the chunk size must be a positive integer")
	}
	chunks := []jsonvalue.Value{}
	for chunk := range slices.Chunk(values, int(min(size, math.MaxInt32))) {
		chunks = append(chunks, chunk)
	}
	return chunks, nil
}

func arrayContains(in *invocation) (jsonvalue.Value, error) {
	values, err := in.array()
	return slices.ContainsFunc(values, func(v jsonvalue.Value) bool { return jsonvalue.Equal(v, in.args[1]) }), err
}

// maxRange is how many elements States.ArrayRange may make.
const maxRange = 1000

func arrayRange(in *invocation) (jsonvalue.Value, error) {
	bounds, err := in.wholes()
	if err != nil {
		return nil, err
	}
	first, last, step := bounds[0], bounds[1], bounds[2]
	if step == 0 {
		return nil, errors.New("the increment must not be 0")
	}
	values := []jsonvalue.Value{}
	for n := first; step > 0 && n <= last || step < 0 && n >= last; n += step {
		if len(values) == maxRange {
			return nil, fmt.Errorf("the array would have more than %d elements", maxRange)
		}
		values = append(values, integer(n))
	}
	return values, nil
}

func arrayGetItem(in *invocation) (jsonvalue.Value, error) {
	values, err := in.array()
	if err != nil {
		return nil, err
	}
	index, err := in.whole(1)
	if err != nil {
		return nil, err
	}
	if index < 0 || index >= int64(len(values)) {
		return nil, fmt.Errorf("index %d is out of bounds of an array of %d", index, len(values))
	}
	return values[index], nil
}

func arrayLength(in *invocation) (jsonvalue.Value, error) {
	values, err := in.array()
	return integer(int64(len(values))), err
}

func arrayUnique(in *invocation) (jsonvalue.Value, error) {
	values, err := in.array()
	if err != nil {
		return nil, err
	}
	unique := []jsonvalue.Value{}
	seen := map[string]bool{}
	for _, v := range values {
		if key := jsonvalue.Text(v); !seen[key] {
			seen[key] = true
			unique = append(unique, v)
		}
	}
	return unique, nil
}

// jsonMerge merges two objects, members of the second before those of the first. Deep merging (the third argument) is
// something that Step Functions does not have yet either.
func jsonMerge(in *invocation) (jsonvalue.Value, error) {
	first, ok1 := in.args[0].(*jsonvalue.Object)
	second, ok2 := in.args[1].(*jsonvalue.Object)
	if !ok1 || !ok2 {
		return nil, errors.New("the first two arguments must be objects")
	}
	if deep, ok := in.args[2].(bool); !ok || deep {
		return nil, errors.New("the third argument must be false: only shallow merging is supported")
	}
	merged := first.Clone()
	second.Range(func(key string, v jsonvalue.Value) bool {
		merged.Set(key, v)
		return true
	})
	return merged, nil
}

// stringSplit splits at every character of the separator and drops empty parts, as Java's StringTokenizer.
func stringSplit(in *invocation) (jsonvalue.Value, error) {
	texts, err := in.texts()
	if err != nil {
		return nil, err
	}
	parts := []jsonvalue.Value{}
	isSeparator := func(r rune) bool { return strings.ContainsRune(texts[1], r) }
	for _, part := range strings.FieldsFunc(texts[0], isSeparator) {
		parts = append(parts, part)
	}
	return parts, nil
}

func newUUID(in *invocation) (jsonvalue.Value, error) { return in.env.NewUUID(), nil }
