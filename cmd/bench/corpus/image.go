package corpus

import (
	"fmt"
	"time"

	"github.com/steptrace/steptrace/agent/history"
)

// image is the reference workflow: beside each other a function that reads metadata, and a Wait before one that asks
// Rekognition. One of fifty uploads is no image.
func (e *execution) image() {
	key := fmt.Sprintf("uploads/%s/IMG_%04d.jpg", e.now.Format("2006/01/02"), e.random.IntN(10_000))
	input := fmt.Sprintf(`{"version":"0","id":"%s","detail-type":"AWS API Call via CloudTrail","source":"aws.s3",`+
		`"account":"%s","time":"%s","region":"%s","resources":[],"detail":{"eventVersion":"1.09",`+
		`"eventTime":"%[3]s","eventSource":"s3.amazonaws.com","eventName":"PutObject","awsRegion":"%[4]s",`+
		`"requestParameters":{"bucketName":"images-%[2]s-%[4]s","key":"%[5]s"},"requestID":"%016X",`+
		`"responseElements":{"ETag":"%[7]x"}}}`,
		e.uuid(), account, e.now.Format(time.RFC3339), region, key, e.random.Uint64(), e.bytes(16))
	e.add(0, 0, "ExecutionStarted", history.Details{Input: input})
	parallel := e.add(0, 30*time.Millisecond, "ParallelStateEntered", history.Details{Name: "Parallel", Input: input})
	started := e.add(parallel, 0, "ParallelStateStarted", history.Details{})
	metadata := e.add(started, 5*time.Millisecond, "TaskStateEntered",
		history.Details{Name: "Lambda-Image metadata", Input: input})
	wait := e.add(started, time.Millisecond, "WaitStateEntered", history.Details{Name: "Wait 10s", Input: input})
	broken := e.chance(20)
	failure := history.Details{
		Error: "ImageError", Cause: `{"errorMessage":"image: unknown format","errorType":"ImageError"}`,
	}
	read := function{name: "image-metadata", calls: metadataCalls(key), lasts: 300 * time.Millisecond}
	last := e.lambda(metadata, read, input, failure, broken)
	if broken {
		e.add(last, time.Millisecond, "WaitStateAborted", history.Details{})
		last = e.add(last, time.Millisecond, "ParallelStateFailed", history.Details{})
		e.add(last, time.Millisecond, "ExecutionFailed", failure)
		return
	}
	e.add(last, 0, "TaskStateExited", history.Details{Name: "Lambda-Image metadata", Output: `{"width":4032}`})
	wait = e.add(wait, 10*time.Second, "WaitStateExited", history.Details{Name: "Wait 10s", Output: input})
	entered := e.add(wait, 0, "TaskStateEntered", history.Details{Name: "Lambda-Rekognition", Input: input})
	look := function{name: "image-rekognition", calls: rekognitionCalls(key), lasts: 900 * time.Millisecond}
	last = e.lambda(entered, look, input, failure, false)
	last = e.add(last, 0, "TaskStateExited", history.Details{Name: "Lambda-Rekognition", Output: `[]`})
	e.add(last, time.Millisecond, "ParallelStateSucceeded", history.Details{})
	e.add(last, 0, "ParallelStateExited", history.Details{Name: "Parallel", Output: `[{"width":4032},[]]`})
	e.add(last, 20*time.Millisecond, "ExecutionSucceeded", history.Details{Output: `[{"width":4032},[]]`})
}
