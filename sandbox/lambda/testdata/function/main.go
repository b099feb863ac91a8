// Command function is the Lambda function of the tests: INIT says what it does in its init phase, the event what it
// does with an invocation.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-lambda-go/lambdacontext"
)

type request struct {
	Do   string
	Text string
	Size int
}

// about tells the caller what the function knows of itself.
type about struct {
	PID           int
	RequestID     string
	ARN           string
	Deadline      time.Time
	TraceID       string
	ClientContext lambdacontext.ClientContext
	Variables     []string
	Invocations   int
}

var (
	invocations int
	ext         *extension
)

func main() {
	switch os.Getenv("INIT") {
	case "exit":
		os.Exit(1)
	case "exit-once":
		exitOnce()
	case "hang":
		time.Sleep(time.Hour) // an empty select with no other goroutine is a deadlock, which ends the process
	case "error":
		reportInitError()
		os.Exit(1)
	case "extension":
		ext = register()
		go ext.work()
	}
	if file := os.Getenv("HEARTBEAT"); file != "" {
		go heartbeat(file)
	}
	options := []lambda.Option{}
	if os.Getenv("INIT") == "stubborn" {
		options = append(options, lambda.WithEnableSIGTERM(func() { select {} }))
	}
	if file := os.Getenv("SIGTERM_FILE"); file != "" {
		options = append(options, lambda.WithEnableSIGTERM(func() {
			_ = os.WriteFile(file, []byte("SIGTERM"), 0o600)
			os.Exit(0)
		}))
	}
	lambda.StartWithOptions(handle, options...)
}

// heartbeat tells every millisecond that the process runs.
func heartbeat(file string) {
	for n := 1; ; n++ {
		_ = os.WriteFile(file+".new", fmt.Appendf(nil, "%d %d", os.Getpid(), n), 0o600)
		_ = os.Rename(file+".new", file)
		time.Sleep(time.Millisecond)
	}
}

func exitOnce() {
	marker := os.Getenv("MARKER")
	if _, err := os.Stat(marker); err != nil {
		_ = os.WriteFile(marker, nil, 0o600)
		os.Exit(1)
	}
}

func reportInitError() {
	body := strings.NewReader(`{"errorType":"Init.Broken","errorMessage":"no configuration"}`)
	response, err := http.Post("http://"+os.Getenv("AWS_LAMBDA_RUNTIME_API")+"/2018-06-01/runtime/init/error", "application/json", body)
	if err == nil {
		_ = response.Body.Close()
	}
}

func handle(ctx context.Context, in json.RawMessage) (any, error) {
	invocations++
	var r request
	_ = json.Unmarshal(in, &r)
	switch r.Do {
	case "about":
		return describe(ctx), nil
	case "wait": // for the file of that name
		return nil, waitFor(ctx, r.Text)
	case "hang":
		select {}
	case "panic":
		panic(r.Text)
	case "error":
		return nil, errors.New(r.Text)
	case "exit":
		os.Exit(r.Size)
	case "log":
		fmt.Println(r.Text)
		return nil, nil
	case "big":
		return strings.Repeat("x", r.Size), nil
	case "stream":
		return io.MultiReader(strings.NewReader(`"streamed `), strings.NewReader(r.Text+`"`)), nil
	case "stream-error":
		return io.MultiReader(strings.NewReader(`"stre`), failing{}), nil
	case "after":
		ext.after <- r.Text
	}
	return in, nil
}

type failing struct{}

func (failing) Read([]byte) (int, error) { return 0, errors.New("the source dried up") }

func describe(ctx context.Context) about {
	lc, _ := lambdacontext.FromContext(ctx)
	deadline, _ := ctx.Deadline()
	return about{
		PID: os.Getpid(), RequestID: lc.AwsRequestID, ARN: lc.InvokedFunctionArn, Deadline: deadline,
		TraceID: os.Getenv("_X_AMZN_TRACE_ID"), ClientContext: lc.ClientContext,
		Variables: os.Environ(), Invocations: invocations,
	}
}

// waitFor blocks until a file is there.
func waitFor(ctx context.Context, file string) error {
	for ctx.Err() == nil {
		if _, err := os.Stat(file); err == nil {
			return nil
		}
		time.Sleep(time.Millisecond)
	}
	return ctx.Err()
}

// extension is an internal one that works after the response, until a file is there.
type extension struct {
	base, id string
	after    chan string
}

func register() *extension {
	x := &extension{base: "http://" + os.Getenv("AWS_LAMBDA_RUNTIME_API") + "/2020-01-01/extension", after: make(chan string, 1)}
	r, _ := http.NewRequest(http.MethodPost, x.base+"/register", strings.NewReader(`{"events":["INVOKE"]}`))
	r.Header.Set("Lambda-Extension-Name", "after")
	response, err := http.DefaultClient.Do(r)
	if err != nil || response.StatusCode != http.StatusOK {
		panic(fmt.Sprint(err, response))
	}
	_ = response.Body.Close()
	x.id = response.Header.Get("Lambda-Extension-Identifier")
	return x
}

func (x *extension) work() {
	for {
		r, _ := http.NewRequest(http.MethodGet, x.base+"/event/next", nil)
		r.Header.Set("Lambda-Extension-Identifier", x.id)
		response, err := http.DefaultClient.Do(r)
		if err != nil || response.StatusCode != http.StatusOK {
			return
		}
		_ = response.Body.Close()
		file := <-x.after
		_ = waitFor(context.Background(), file)
		fmt.Println("the extension is done")
	}
}
