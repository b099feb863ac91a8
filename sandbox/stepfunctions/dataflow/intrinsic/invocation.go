package intrinsic

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"

	"github.com/steptrace/steptrace/sandbox/stepfunctions/dataflow/jsonvalue"
)

// invocation is a call with its arguments evaluated.
type invocation struct {
	call *Call
	args []jsonvalue.Value
	env  Environment
}

func (in *invocation) text(i int) (string, error) {
	s, ok := in.args[i].(string)
	if !ok {
		return "", fmt.Errorf("argument %d must be a string", i+1)
	}
	return s, nil
}

func (in *invocation) texts() ([]string, error) {
	var texts []string
	for i := range in.args {
		s, err := in.text(i)
		if err != nil {
			return nil, err
		}
		texts = append(texts, s)
	}
	return texts, nil
}

// array is the first argument, where all functions on arrays have it.
func (in *invocation) array() ([]jsonvalue.Value, error) {
	values, ok := in.args[0].([]jsonvalue.Value)
	if !ok {
		return nil, errors.New("argument 1 must be an array")
	}
	return values, nil
}

// whole is a number rounded as Java's Math.round does, within 32 bits.
func (in *invocation) whole(i int) (int64, error) {
	number, ok := in.args[i].(json.Number)
	if !ok {
		return 0, fmt.Errorf("argument %d must be a number", i+1)
	}
	f, err := number.Float64()
	rounded := math.Floor(f + 0.5)
	if err != nil || rounded < math.MinInt32 || rounded > math.MaxInt32 {
		return 0, fmt.Errorf("argument %d must be within -2147483648 and 2147483647", i+1)
	}
	return int64(rounded), nil
}

func (in *invocation) wholes() ([]int64, error) {
	var numbers []int64
	for i := range in.args {
		n, err := in.whole(i)
		if err != nil {
			return nil, err
		}
		numbers = append(numbers, n)
	}
	return numbers, nil
}
