package intrinsic

import (
	"encoding/json"
	"errors"
	"math"
	"math/rand/v2"
	"strconv"

	"github.com/steptrace/steptrace/sandbox/stepfunctions/dataflow/jsonvalue"
)

func integer(n int64) json.Number { return json.Number(strconv.FormatInt(n, 10)) }

// mathAdd adds two whole numbers; arguments and sum are 32 bits wide.
func mathAdd(in *invocation) (jsonvalue.Value, error) {
	numbers, err := in.wholes()
	if err != nil {
		return nil, err
	}
	sum := numbers[0] + numbers[1]
	if sum < math.MinInt32 || sum > math.MaxInt32 {
		return nil, errors.New("the sum is not within -2147483648 and 2147483647")
	}
	return integer(sum), nil
}

// mathRandom gives a whole number from the first argument up to but not including the second. With a seed, the third,
// it gives the same number every time, though not the one that AWS gives.
func mathRandom(in *invocation) (jsonvalue.Value, error) {
	numbers, err := in.wholes()
	if err != nil {
		return nil, err
	}
	start, end := numbers[0], numbers[1]
	if start >= end {
		return nil, errors.New("the start must be less than the end")
	}
	random := in.env.Random
	if len(numbers) == 3 {
		random = rand.New(rand.NewPCG(uint64(numbers[2]), 0)).Float64 //nolint:gosec // repeatable is what is asked for
	}
	return integer(start + int64(random()*float64(end-start))), nil
}
